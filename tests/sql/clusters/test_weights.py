"""Windows, thresholds in integers and weights by cell, worked out by hand."""

from math import gcd
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.contracts import clusters, extracts, geocoding
from pipelines.editions import KINDS
from tests.sql.conftest import Broken, RunSql

WINDOWS = {
    "edition": 2020,
    "patent_first_year": 2014,
    "patent_last_year": 2018,
    "publication_first_year": 2013,
    "publication_last_year": 2017,
}
CELL = 0x87283472BFFFFFF


def counts(kind: str, by_year: dict[int, tuple[int, int]]) -> list[dict[str, Any]]:
    return [
        {"year": year, "kind": kind, "documents": documents, "addresses": addresses}
        for year, (documents, addresses) in by_year.items()
    ]


def every_year(documents: int, addresses: int) -> dict[int, tuple[int, int]]:
    return dict.fromkeys(range(2012, 2019), (documents, addresses))


def totals(run_sql: RunSql, rows: list[dict[str, Any]], **more: int | None) -> list[dict[str, Any]]:
    variables = {**WINDOWS, "min_points": 7, **more}
    made = run_sql(clusters.EDITION_TOTALS, {extracts.DOCUMENT_COUNTS: rows}, **variables)
    return made.to_dicts()


def test_each_source_has_its_own_window_and_both_weigh_the_same(
    run_sql: RunSql, broken: Broken
) -> None:
    rows = [*counts("patent", every_year(10, 40)), *counts("publication", every_year(30, 60))]
    rows[0]["documents"] = 999  # patents of 2012, in no window
    made = totals(run_sql, rows)
    assert [(t["kind"], t["first_year"], t["documents"], t["addresses"]) for t in made] == [
        ("patent", 2014, 50, 200),
        ("publication", 2013, 150, 300),
    ]
    # 200 inventor and 300 author addresses: weights 3 and 2, so 600 each; 7 inventors weigh 21
    assert [(t["weight_per_address"], t["threshold_weight"]) for t in made] == [(3, 21), (2, 21)]
    inputs = {extracts.DOCUMENT_COUNTS: rows, clusters.EDITION_TOTALS: made}
    for rule in ("sources_weigh_the_same", "years_of_the_window_add_up"):
        assert broken(clusters.EDITION_TOTALS, rule, inputs) == []
    made[0]["weight_per_address"] = 1
    assert broken(clusters.EDITION_TOTALS, "sources_weigh_the_same", inputs)
    inputs[extracts.DOCUMENT_COUNTS] = rows[:-3]
    assert broken(clusters.EDITION_TOTALS, "years_of_the_window_add_up", inputs)


def test_a_window_without_one_of_its_years_is_noticed(run_sql: RunSql, broken: Broken) -> None:
    rows = [row for row in counts("patent", every_year(10, 40)) if row["year"] != 2016]
    alone = {"publication_first_year": None, "publication_last_year": None}
    inputs = {
        extracts.DOCUMENT_COUNTS: rows,
        clusters.EDITION_TOTALS: totals(run_sql, rows, **alone),
    }
    (found,) = broken(clusters.EDITION_TOTALS, "years_of_the_window_add_up", inputs)
    assert found == ("patent", 40, 160, 40, 160, 4)


@pytest.mark.parametrize(("kind", "other"), [KINDS, KINDS[::-1]])
def test_a_source_alone_weighs_one(run_sql: RunSql, kind: str, other: str) -> None:
    rows = [*counts("patent", every_year(10, 40)), *counts("publication", every_year(30, 60))]
    no_window = {f"{other}_first_year": None, f"{other}_last_year": None}
    alone = totals(run_sql, rows, **no_window)
    assert [(t["kind"], t["weight_per_address"], t["threshold_weight"]) for t in alone] == [
        (kind, 1, 7)
    ]


@pytest.mark.parametrize("empty", ["patent", "publication"])
def test_a_source_without_addresses_leaves_the_threshold_in_the_others_addresses(
    run_sql: RunSql, empty: str
) -> None:
    other = "publication" if empty == "patent" else "patent"
    rows = [*counts(empty, every_year(5, 0)), *counts(other, every_year(10, 40))]
    made = {t["kind"]: t for t in totals(run_sql, rows)}
    assert made[other]["weight_per_address"] == 1
    assert made[other]["threshold_weight"] == 7


def test_a_source_without_any_year_has_no_documents(run_sql: RunSql) -> None:
    patent, publication = totals(run_sql, counts("patent", every_year(10, 40)))
    assert (patent["weight_per_address"], patent["threshold_weight"]) == (1, 7)
    assert (publication["documents"], publication["addresses"]) == (0, 0)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(1, 10**7), st.integers(1, 7 * 10**7), st.integers(1, 4500))
def test_weights_are_the_least_integers_in_proportion(
    run_sql: RunSql, inventors: int, authors: int, min_points: int
) -> None:
    rows = [
        *counts("patent", every_year(1, inventors)),
        *counts("publication", every_year(1, authors)),
    ]
    patent, publication = totals(run_sql, rows, min_points=min_points)
    assert patent["weight_per_address"] * inventors == publication["weight_per_address"] * authors
    assert gcd(patent["weight_per_address"], publication["weight_per_address"]) == 1
    assert patent["threshold_weight"] == min_points * patent["weight_per_address"]


def weights(kind: str, year: int, cell: int, addresses: int, parts: int) -> dict[str, Any]:
    return {
        "year": year, "kind": kind, "h3_cell": cell, "country": "US", "place_id": 1,
        "addresses": addresses, "parts": parts,
    }  # fmt: skip


TOTALS = [
    {"kind": "patent", "first_year": 2014, "last_year": 2018, "weight_per_address": 3},
    {"kind": "publication", "first_year": 2013, "last_year": 2017, "weight_per_address": 2},
]
CELL_WEIGHTS = [
    weights("patent", 2013, CELL, 100, 10**9),  # before its window
    weights("patent", 2014, CELL, 1, 10),
    weights("patent", 2018, CELL, 2, 20),
    {**weights("patent", 2018, CELL, 5, 50), "country": "CA"},
    weights("publication", 2013, CELL, 4, 7),
    weights("publication", 2018, CELL, 100, 10**9),  # after its window
    weights("publication", 2017, CELL + 1, 1, 1),
]


def test_weights_of_cells_by_hand(run_sql: RunSql, broken: Broken) -> None:
    inputs = {geocoding.CELL_WEIGHTS: CELL_WEIGHTS, clusters.EDITION_TOTALS: TOTALS}
    made = run_sql(clusters.EDITION_WEIGHTS, inputs, edition=2020)
    assert made.drop("edition").rows() == [
        (CELL, "US", 8, 4, 80, 7, 8 * 3 + 4 * 2),
        (CELL + 1, "US", 0, 1, 0, 1, 2),
    ]
    rule, rows = "years_of_the_window_add_up", made.to_dicts()
    assert broken(clusters.EDITION_WEIGHTS, rule, {**inputs, clusters.EDITION_WEIGHTS: rows}) == []
    rows[1]["weight"] += 1
    assert broken(clusters.EDITION_WEIGHTS, rule, {**inputs, clusters.EDITION_WEIGHTS: rows})


@pytest.mark.parametrize(("in_canada", "country"), [(3, "US"), (4, "CA"), (5, "CA")])
def test_a_cell_is_the_country_of_most_of_its_weight(
    run_sql: RunSql, in_canada: int, country: str
) -> None:
    cells = [
        weights("patent", 2018, CELL, 4, 1),
        {**weights("patent", 2018, CELL, in_canada, 1), "country": "CA"},
        {**weights("patent", 2018, CELL, 1, 1), "country": None},
    ]
    inputs = {geocoding.CELL_WEIGHTS: cells, clusters.EDITION_TOTALS: TOTALS}
    assert run_sql(clusters.EDITION_WEIGHTS, inputs, edition=2020)["country"].to_list() == [country]


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    drawn=st.lists(
        st.tuples(
            st.sampled_from(["patent", "publication"]),
            st.integers(2012, 2019),
            st.sampled_from([CELL, CELL + 1]),
            st.sampled_from(["CA", "US", None]),
            st.integers(1, 5),
        ),
        max_size=12,
    ),
    rng=st.randoms(use_true_random=False),
)
def test_an_address_weighs_the_same_in_whatever_row(
    run_sql: RunSql, drawn: list[tuple[str, int, int, str | None, int]], rng: Random
) -> None:
    """Rows of many addresses, or one for each address, in another order and on one thread."""
    together = [
        {**weights(kind, year, cell, addresses, 7 * addresses), "country": country}
        for kind, year, cell, country, addresses in drawn
    ]
    apart = [
        {**weights(kind, year, cell, 1, 7), "country": country}
        for kind, year, cell, country, addresses in drawn
        for _ in range(addresses)
    ]
    rng.shuffle(apart)
    totals_of = {clusters.EDITION_TOTALS: TOTALS}
    made, made_apart = (
        run_sql(
            clusters.EDITION_WEIGHTS,
            {**totals_of, geocoding.CELL_WEIGHTS: rows},
            threads=threads,
            edition=2020,
        )
        for rows, threads in ((together, 2), (apart, 1))
    )
    assert made.equals(made_apart)
    counted = [
        (addresses, (3, 2)[kind == "publication"])
        for kind, year, *_, addresses in drawn
        if (2014 <= year <= 2018 if kind == "patent" else 2013 <= year <= 2017)
    ]
    assert made["weight"].sum() == sum(addresses * weight for addresses, weight in counted)
    parts = made.select(pl.sum("patent_parts", "publication_parts")).row(0)
    assert sum(parts) == 7 * sum(addresses for addresses, _ in counted)
