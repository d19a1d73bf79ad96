"""`rank_sensitivity`, worked out by hand: the ranking without each year of the windows."""

from collections.abc import Mapping, Sequence

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.contracts import clusters, extracts, indicators
from pipelines.editions import KINDS
from tests.sql.conftest import Broken, Inputs, RunSql

WHOLE = 10**9
FIRST = {"patent": 2013, "publication": 2014}
"""The windows of the two sources begin a year apart, as in the edition of 2020."""
WORLD = {"patent": 100, "publication": 1000}
"""Documents of the world in each year."""


def _inputs(
    output: Mapping[str, Mapping[str, Sequence[int]]], world: Mapping[str, int] = WORLD
) -> Inputs:
    """Clusters with the documents of each kind in the five years of its window."""
    window = {kind: range(FIRST[kind], FIRST[kind] + 5) for kind in world}
    return {
        clusters.EDITION_TOTALS: [
            {"kind": kind, "first_year": years[0], "last_year": years[-1]}
            for kind, years in window.items()
        ],
        extracts.DOCUMENT_COUNTS: [
            {"kind": kind, "year": year, "documents": world[kind]}
            for kind, years in window.items()
            for year in (years[0] - 1, *years, years[-1] + 1)
        ],
        indicators.CLUSTER_YEARS: [
            {
                "cluster_id": cluster,
                "kind": kind,
                "year": year,
                "in_window": year in years,
                "parts": documents * WHOLE,
            }
            for cluster, kinds in output.items()
            for kind, years in window.items()
            # what lies before the window is there for growth, and counts nowhere here
            for year, documents in zip((years[0] - 1, *years), (999, *kinds[kind]), strict=True)
        ],
    }


def _made(run_sql: RunSql, inputs: Inputs, threads: int = 2) -> pl.DataFrame:
    return run_sql(indicators.RANK_SENSITIVITY, inputs, threads=threads, edition=2020)


def test_a_rank_that_one_year_holds_up_falls_without_it(run_sql: RunSql) -> None:
    # over all five years a has 50 of 500 and b 45: a is first, but all that it has is of one year
    steady, once = {"patent": [9] * 5, "publication": [0] * 5}, [0, 0, 50, 0, 0]
    made = _made(run_sql, _inputs({"a": {"patent": once, "publication": [0] * 5}, "b": steady}))
    first = made.filter(pl.col("rank") == 1).sort("window_year")
    assert first["cluster_id"].to_list() == ["a", "a", "b", "a", "a"]
    shares = made.filter(pl.col("cluster_id") == "a").sort("window_year")["total_share"]
    # 50 of the 400 that are left, or nothing
    assert shares.to_list() == [0.125, 0.125, 0.0, 0.125, 0.125]


def test_each_source_loses_the_same_year_of_its_own_window(run_sql: RunSql) -> None:
    # the oldest year of patents is 2013, of articles 2014
    inputs = _inputs({"a": {"patent": [8, 4, 4, 4, 4], "publication": [80, 40, 40, 40, 40]}})
    [row] = _made(run_sql, inputs).filter(pl.col("window_year") == 1).rows(named=True)
    assert row["patent_share"] == pytest.approx(16 / 400)
    assert row["publication_share"] == pytest.approx(160 / 4000)
    assert row["total_share"] == pytest.approx(0.08)


def test_the_world_loses_the_year_too(run_sql: RunSql) -> None:
    """Without a year in which the world put out little, what a cluster has of others is less."""
    inputs = _inputs({"a": {"patent": [10] * 5, "publication": [0] * 5}})
    counts = [
        {**row, "documents": 20} if (row["kind"], row["year"]) == ("patent", 2017) else row
        for row in inputs[extracts.DOCUMENT_COUNTS]
    ]
    made = _made(run_sql, {**inputs, extracts.DOCUMENT_COUNTS: counts})
    by_year = made.sort("window_year")["patent_share"].to_list()
    assert by_year == pytest.approx([40 / 320] * 4 + [40 / 400])


def test_the_sum_of_shares_is_ranked_and_not_of_documents(run_sql: RunSql) -> None:
    # 0.04 + 0.03, 0.05 and 0.06 of 100 applications and 1,000 articles
    outputs = {
        "a": {"patent": [4] * 5, "publication": [30] * 5},
        "b": {"patent": [5] * 5, "publication": [0] * 5},
        "c": {"patent": [0] * 5, "publication": [60] * 5},
    }
    made = _made(run_sql, _inputs(outputs))
    assert made["cluster_id"].to_list() == ["a", "c", "b"] * 5


def test_a_tie_goes_to_the_lower_identifier(run_sql: RunSql) -> None:
    same = {"patent": [1] * 5, "publication": [10] * 5}
    made = _made(run_sql, _inputs({"b": same, "a": same}))
    assert made["cluster_id"].to_list() == ["a", "b"] * 5


@pytest.mark.parametrize(("kind", "other"), [KINDS, KINDS[::-1]])
def test_an_edition_of_one_source_has_its_ranks_from_that(
    run_sql: RunSql, kind: str, other: str
) -> None:
    made = _made(run_sql, _inputs({"a": {kind: [1] * 5}, "b": {kind: [2] * 5}}, world={kind: 100}))
    assert made["cluster_id"].to_list() == ["b", "a"] * 5
    assert made[f"{other}_share"].to_list() == [0.0] * 10


def test_without_the_only_year_of_the_sources_every_cluster_keeps_its_row(run_sql: RunSql) -> None:
    """An extract of one year: left out, it leaves no document of the world, and nobody a share."""
    inputs = _inputs({"a": {"patent": [0, 0, 7, 0, 0]}}, world={"patent": 100})
    counts = [row for row in inputs[extracts.DOCUMENT_COUNTS] if row["year"] == FIRST["patent"] + 2]
    made = _made(run_sql, {**inputs, extracts.DOCUMENT_COUNTS: counts}).sort("window_year")
    assert made["rank"].to_list() == [1] * 5
    assert made["patent_share"].to_list() == [0.07, 0.07, 0.0, 0.07, 0.07]


def test_an_edition_without_clusters_has_no_rows(run_sql: RunSql, broken: Broken) -> None:
    inputs = _inputs({})
    made = _made(run_sql, inputs)
    assert made.is_empty()
    found = {**inputs, indicators.RANK_SENSITIVITY: []}
    assert broken(indicators.RANK_SENSITIVITY, "every_cluster_in_each_year", found) == []


@given(
    outputs=st.lists(
        st.lists(st.tuples(st.integers(0, 100), st.integers(0, 1000)), min_size=5, max_size=5),
        min_size=1,
        max_size=6,
    ),
    data=st.data(),
)
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_in_each_year_ranks_are_a_permutation_and_shares_add_up(
    run_sql: RunSql, broken: Broken, outputs: list[list[tuple[int, int]]], data: st.DataObject
) -> None:
    inputs = _inputs(
        {
            f"c{n}": {"patent": [p for p, _ in years], "publication": [a for _, a in years]}
            for n, years in enumerate(outputs)
        }
    )
    made = _made(run_sql, inputs)
    found = {**inputs, indicators.RANK_SENSITIVITY: made.rows(named=True)}
    assert broken(indicators.RANK_SENSITIVITY, "every_cluster_in_each_year", found) == []
    assert broken(indicators.RANK_SENSITIVITY, "order_is_the_total", found) == []
    # the world is the same in each year, so the mean over the five is the share of the whole window
    for number, years in enumerate(outputs):
        whole = sum(p for p, _ in years) / 500 + sum(a for _, a in years) / 5000
        mean = made.filter(pl.col("cluster_id") == f"c{number}")["total_share"].mean()
        assert mean == pytest.approx(whole)
    shuffled = {table: data.draw(st.permutations(list(rows))) for table, rows in inputs.items()}
    assert _made(run_sql, shuffled, threads=1).equals(made)


def test_a_lost_cluster_and_a_wrong_order_are_noticed(run_sql: RunSql, broken: Broken) -> None:
    inputs = _inputs(
        {
            "a": {"patent": [3] * 5, "publication": [0] * 5},
            "b": {"patent": [2] * 5, "publication": [0] * 5},
        }
    )
    made = _made(run_sql, inputs).rows(named=True)
    lost = {**inputs, indicators.RANK_SENSITIVITY: [row for row in made if row is not made[3]]}
    noticed = broken(indicators.RANK_SENSITIVITY, "every_cluster_in_each_year", lost)
    assert [row[0] for row in noticed] == [2]
    year_lost = {**inputs, indicators.RANK_SENSITIVITY: made[:8]}
    noticed = broken(indicators.RANK_SENSITIVITY, "every_cluster_in_each_year", year_lost)
    assert [row[0] for row in noticed] == [5]
    swapped = [{**made[0], "rank": 2}, {**made[1], "rank": 1}, *made[2:]]
    found = {**inputs, indicators.RANK_SENSITIVITY: swapped}
    noticed = broken(indicators.RANK_SENSITIVITY, "order_is_the_total", found)
    assert [row[:2] for row in noticed] == [(1, 2)]
