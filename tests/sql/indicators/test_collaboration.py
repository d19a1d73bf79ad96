"""Ties, joint output and totals of `collaboration`, worked out by hand on five applications."""

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.contracts import clusters, indicators
from pipelines.contracts.model import Table
from tests.sql.conftest import Broken, MakeTable, Rows, RunSql, documents_at
from tests.sql.indicators import world

TENTH, HUNDREDTH = 10**8, 10**16


def _of(made: pl.DataFrame, cluster: str) -> dict[tuple[str, str | None], tuple[int, int, int]]:
    """(partner, partner cluster) -> documents, joint parts in tenths, tie in hundredths."""
    rows = made.filter(pl.col("cluster_id") == cluster)
    return {
        (partner, other): (documents, joint // TENTH, int(tie) // HUNDREDTH)
        for partner, other, documents, joint, tie in rows.select(
            "partner", "partner_cluster_id", "documents", "joint_parts", "tie"
        ).iter_rows()
    }


def test_ties_of_a_cluster_with_everybody(make_table: MakeTable) -> None:
    made = make_table(indicators.COLLABORATION, world.INPUTS, partition=2020)
    assert _of(made, "jp-one") == {
        ("own cluster", None): (4, 23, 36 + 25 + 100 + 4),
        ("other cluster", "jp-two"): (1, 6, 24),
        ("other cluster", "kr-one"): (1, 2, 14),
        ("outside clusters, same economies", None): (1, 5, 15),
        ("outside clusters, abroad", None): (1, 5, 10),
        ("unlocated", None): (1, 2, 2),
        # D's address known only as American lies elsewhere too
        ("anywhere else", None): (3, 13, 24 + 25 + 14 + 2),
        ("anywhere abroad", None): (2, 7, 10 + 14 + 2),
    }


def test_an_address_known_to_be_nowhere_in_particular_is_not_elsewhere(
    make_table: MakeTable,
) -> None:
    made = make_table(indicators.COLLABORATION, world.INPUTS, partition=2020)
    assert _of(made, "jp-two") == {
        ("own cluster", None): (2, 13, 16 + 81),
        ("other cluster", "jp-one"): (1, 4, 24),
        ("unlocated", None): (1, 9, 9),
        ("anywhere else", None): (1, 4, 24),
    }


def test_shares_are_of_the_clusters_own_output(make_table: MakeTable) -> None:
    made = make_table(indicators.COLLABORATION, world.INPUTS, partition=2020)
    (row,) = made.filter(
        pl.col("cluster_id") == "jp-one", pl.col("partner") == "anywhere else"
    ).iter_rows(named=True)
    assert row["joint_share"] == pytest.approx(1.3 / 2.3, rel=1e-15)
    assert row["tie_share"] == pytest.approx(0.65 / 2.3, rel=1e-15)


@pytest.mark.parametrize("kind", ["patent", "publication"])
def test_the_whole_output_is_a_share_of_one_to_the_last_digit(run_sql: RunSql, kind: str) -> None:
    """2,363 documents of one cluster alone: two divisions would give 1.0000000000000002."""
    whole = 2363 * 10**9
    (cluster,) = [{**row, "patent_parts": 7, f"{kind}_parts": whole} for row in world.CLUSTERS[:1]]
    partner = {
        "kind": kind, "cluster_number": 1, "partner": "own cluster", "partner_number": None,
        "documents": 2363, "joint_parts": whole, "tie": Decimal(whole * 10**9),
    }  # fmt: skip
    schema = {"partner_number": pl.Int64, "tie": pl.Decimal(38, 0)}
    made = run_sql(
        indicators.COLLABORATION,
        {clusters.CLUSTERS: [cluster]},
        frames={"partners": pl.DataFrame([partner], schema_overrides=schema)},
        edition=2020,
    )
    assert made.select("joint_share", "tie_share").rows() == [(1.0, 1.0)]


def test_abroad_is_where_no_economy_is_shared(make_table: MakeTable) -> None:
    across = [
        {**row, "economies": "KR/JP"} if row["cluster_id"] == "kr-one" else row
        for row in world.CLUSTERS
    ]
    made = make_table(
        indicators.COLLABORATION, {**world.INPUTS, clusters.CLUSTERS: across}, partition=2020
    )
    partners = made.filter(
        pl.col("cluster_id") == "jp-one", pl.col("partner") == "other cluster"
    ).select("partner_cluster_id", "is_abroad")
    assert partners.rows() == [("jp-two", False), ("kr-one", False)]
    assert _of(made, "jp-one")[("anywhere abroad", None)] == (2, 7, 10 + 2)


def test_a_point_in_an_unknown_country_is_elsewhere_but_not_abroad(make_table: MakeTable) -> None:
    rows = [world.placed(world.A, 6, 1), world.placed(world.A, 4, None, None)]
    made = make_table(
        indicators.COLLABORATION,
        {**world.INPUTS, **documents_at(rows)},
        partition=2020,
    )
    assert _of(made, "jp-one") == {
        ("own cluster", None): (1, 6, 36),
        ("unlocated", None): (1, 6, 24),
        ("anywhere else", None): (1, 6, 24),
    }


def test_two_countries_abroad_are_one_partner_of_a_document(make_table: MakeTable) -> None:
    rows = [
        world.placed(world.A, 6, 1),
        world.placed(world.A, 3, None, "US"),
        world.placed(world.A, 1, None, "FR"),
    ]
    made = make_table(
        indicators.COLLABORATION,
        {**world.INPUTS, **documents_at(rows)},
        partition=2020,
    )
    assert _of(made, "jp-one")[("outside clusters, abroad", None)] == (1, 6, 24)


@pytest.mark.parametrize(
    "without",
    [{clusters.CLUSTERS: [], clusters.CLUSTER_CELLS: []}, documents_at([])],
    ids=["clusters", "documents"],
)
def test_without_clusters_or_documents_there_are_no_partners(
    make_table: MakeTable, without: dict[Table, Rows]
) -> None:
    inputs = {**world.INPUTS, **without}
    assert make_table(indicators.COLLABORATION, inputs, partition=2020).is_empty()


def test_a_document_whole_outside_of_clusters_is_nobodys(make_table: MakeTable) -> None:
    outside = [world.placed(6, 10, None, "JP"), world.placed(7, 10, None, "US", is_located=False)]
    inputs = {**world.INPUTS, **documents_at([*world.PLACED, *outside])}
    made = make_table(indicators.COLLABORATION, inputs, partition=2020)
    assert made.equals(make_table(indicators.COLLABORATION, world.INPUTS, partition=2020))


def test_checks_hold_and_notice(make_table: MakeTable, broken: Broken) -> None:
    made = make_table(indicators.COLLABORATION, world.INPUTS, partition=2020)
    good = {**world.INPUTS, indicators.COLLABORATION: made.rows(named=True)}
    assert broken(indicators.COLLABORATION, "partners_add_up", good) == []
    assert broken(indicators.COLLABORATION, "ties_are_mutual", good) == []
    articles = [
        {**row, "kind": "publication", "tie": 2 * row["tie"]} for row in made.iter_rows(named=True)
    ]
    both = {**good, indicators.COLLABORATION: [*made.iter_rows(named=True), *articles]}
    assert broken(indicators.COLLABORATION, "ties_are_mutual", both) == []
    changed = [
        {**row, "tie": row["tie"] + Decimal(1)} if row["partner_cluster_id"] == "kr-one" else row
        for row in made.iter_rows(named=True)
    ]
    bad = {**world.INPUTS, indicators.COLLABORATION: changed}
    assert [row[0] for row in broken(indicators.COLLABORATION, "partners_add_up", bad)] == [
        "jp-one"
    ]
    assert len(broken(indicators.COLLABORATION, "ties_are_mutual", bad)) == 2


@st.composite
def _documents(draw: st.DrawFn) -> list[dict[str, object]]:
    """Documents in tenths over clusters and countries, each with an address in a cluster."""
    places = [(1, None, True), (2, None, True), (3, None, True)]
    places += [
        (None, country, located) for country in ("JP", "US", None) for located in (True, False)
    ]
    rows = []
    for document in range(1, draw(st.integers(1, 5)) + 1):
        chosen = draw(
            st.lists(st.sampled_from(range(9)), min_size=1, max_size=5, unique=True).filter(
                lambda picked: min(picked) < 3
            )
        )
        cuts = sorted(
            draw(
                st.lists(
                    st.integers(1, 9),
                    min_size=len(chosen) - 1,
                    max_size=len(chosen) - 1,
                    unique=True,
                )
            )
        )
        tenths = [end - start for start, end in zip([0, *cuts], [*cuts, 10], strict=True)]
        for (cluster, country, located), part in zip(
            (places[number] for number in chosen), tenths, strict=True
        ):
            rows.append(world.placed(document, part, cluster, country, is_located=located))
    return rows


@given(rows=_documents(), data=st.data())
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_the_documents_partners_add_up_and_order_is_nothing(
    make_table: MakeTable, broken: Broken, rows: list[dict[str, object]], data: st.DataObject
) -> None:
    output: dict[object, int] = {}
    for row in rows:
        if row["h3_cell"] in (1, 2, 3):
            number = row["h3_cell"]
            output[number] = output.get(number, 0) + int(str(row["part"]))
    sized = [
        {**row, "patent_parts": output[row["cluster_number"]]}
        for row in world.CLUSTERS
        if row["cluster_number"] in output
    ]
    inputs = {
        **world.INPUTS,
        clusters.CLUSTERS: sized,
        clusters.CLUSTER_CELLS: [row for row in world.CELLS if row["h3_cell"] in output],
        **documents_at(rows),
    }
    made = make_table(indicators.COLLABORATION, inputs, partition=2020)
    found = {**inputs, indicators.COLLABORATION: made.rows(named=True)}
    assert broken(indicators.COLLABORATION, "partners_add_up", found) == []
    assert broken(indicators.COLLABORATION, "ties_are_mutual", found) == []
    # documents lie in the order of their numbers, whatever the order of their places
    shuffled_rows = sorted(data.draw(st.permutations(rows)), key=lambda row: row["document_number"])
    shuffled = {**inputs, **documents_at(shuffled_rows)}
    assert make_table(indicators.COLLABORATION, shuffled, threads=1, partition=2020).equals(made)
