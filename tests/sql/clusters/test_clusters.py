"""Ties, mergers, places, clusters and their cells, worked out by hand; and the rules that guard them."""

from typing import Any

import polars as pl
import pytest

from pipelines.contracts import clusters, geocoding
from pipelines.contracts.model import Table
from pipelines.delineation.names import cluster_economies, cluster_names
from pipelines.delineation.places import output_by_country, places_by_output
from tests.sql.conftest import Broken, Inputs, MakeTable, RunSql, documents_at

A, B, C, OUT = 0x8A, 0x8B, 0x8C, 0x8D
"""Cells: A and B in raw clusters 1 and 2, C on the border of 2, OUT in none."""

CELLS = [
    {"h3_cell": A, "lat": 1.0, "lng": 1.0, "weight": 30, "role": "core", "raw_cluster": 1},
    {"h3_cell": B, "lat": 2.0, "lng": 2.0, "weight": 20, "role": "core", "raw_cluster": 2},
    {"h3_cell": C, "lat": 3.0, "lng": 3.0, "weight": 5, "role": "border", "raw_cluster": 2},
    {"h3_cell": OUT, "lat": 4.0, "lng": 4.0, "weight": 1, "role": "noise", "raw_cluster": None},
]
WEIGHTS = [
    {
        "h3_cell": cell["h3_cell"], "weight": cell["weight"], "patent_addresses": number,
        "publication_addresses": 1, "patent_parts": number * 10, "publication_parts": 100,
    }
    for number, cell in enumerate(CELLS, start=1)
]  # fmt: skip
TOTALS = [
    {"kind": "patent", "first_year": 2014, "last_year": 2018, "documents": 10},
    {"kind": "publication", "first_year": 2014, "last_year": 2018, "documents": 0},
]
RAW = [
    {"raw_cluster": 1, "cluster_number": 1},
    {"raw_cluster": 2, "cluster_number": 1},
]
NAMES = [
    {"cluster_number": 1, "cluster_id": "us-one", "name": "One", "economies": "US",
     "lat": 1.0, "lng": 1.0}
]  # fmt: skip


def place(document: int, cell: int | None, part: int, year: int = 2015) -> dict[str, Any]:
    return {
        "year": year, "kind": "patent", "document_number": document, "h3_cell": cell, "part": part,
    }  # fmt: skip


def ties(make_table: MakeTable, *places: dict[str, Any]) -> list[tuple[Any, ...]]:
    inputs = {
        **documents_at(places),
        clusters.EDITION_CELLS: CELLS,
        clusters.EDITION_TOTALS: TOTALS,
    }
    made = make_table(clusters.CLUSTER_TIES, inputs, partition=2020)
    return [(a, b, int(tie)) for a, b, tie in made.select("cluster_a", "cluster_b", "tie").rows()]


def test_tie_is_the_sum_of_products_of_parts(make_table: MakeTable) -> None:
    half, third = 500_000_000, 333_333_333
    assert ties(
        make_table,
        place(1, A, half), place(1, B, half),
        place(2, A, third + 1), place(2, B, third), place(2, C, third),
        place(3, A, 10**9),
    ) == [(1, 2, half * half + (third + 1) * 2 * third)]  # fmt: skip


def test_ties_with_the_points_outside_and_unlocated_ones(make_table: MakeTable) -> None:
    half = 500_000_000
    assert ties(make_table, place(1, OUT, half), place(1, B, half)) == [(-1, 2, half * half)]
    assert ties(make_table, place(1, None, half), place(1, B, half)) == []


def test_numbers_of_documents_start_anew_each_year(make_table: MakeTable) -> None:
    half = 500_000_000
    assert ties(make_table, place(1, A, half, 2015), place(1, B, half, 2016)) == []
    assert ties(make_table, place(1, A, half, 2013), place(1, B, half, 2013)) == []


def test_locations_may_come_in_any_order(make_table: MakeTable) -> None:
    half = 500_000_000
    at = documents_at([place(1, A, half), place(1, B, half), place(2, OUT, 10**9)])
    inputs = {
        **at,
        geocoding.LOCATIONS: at[geocoding.LOCATIONS][::-1],
        clusters.EDITION_CELLS: CELLS,
        clusters.EDITION_TOTALS: TOTALS,
    }
    made = make_table(clusters.CLUSTER_TIES, inputs, partition=2020)
    assert made.select("cluster_a", "cluster_b").rows() == [(1, 2)]


def test_without_documents_there_are_no_ties(make_table: MakeTable) -> None:
    assert ties(make_table) == []


def test_tie_passes_64_bits(make_table: MakeTable) -> None:
    half = 500_000_000
    documents = [place(n, cell, half) for n in range(100) for cell in (A, B)]
    assert ties(make_table, *documents) == [(1, 2, 100 * half * half)]
    assert 100 * half * half > 2**64


def weight_row(cell: int, country: str | None, place: int | None, parts: int) -> dict[str, Any]:
    return {
        "year": 2016, "kind": "patent", "h3_cell": cell, "country": country, "place_id": place,
        "addresses": 1, "parts": parts,
    }  # fmt: skip


def test_places_of_a_merged_cluster(run_sql: RunSql, broken: Broken) -> None:
    inputs = {
        geocoding.CELL_WEIGHTS: [
            weight_row(A, "US", 7, 10**9),
            weight_row(B, "US", 7, 10**9),
            weight_row(C, "CA", 8, 5 * 10**8),
            weight_row(OUT, "US", 9, 10**9),
            {**weight_row(A, "US", 7, 10**9), "year": 2013},
        ],
        clusters.EDITION_CELLS: CELLS,
        clusters.RAW_CLUSTERS: RAW,
        clusters.EDITION_TOTALS: TOTALS,
    }
    made = run_sql(clusters.CLUSTER_PLACES, inputs, edition=2020)
    # no articles in the world: applications count alone
    assert made.select(
        "cluster_number", "country", "place_id", "patent_parts", "output"
    ).rows() == [
        (1, "CA", 8, 5 * 10**8, 5 * 10**8),
        (1, "US", 7, 2 * 10**9, 2 * 10**9),
    ]
    rows = made.to_dicts()
    assert (
        broken(clusters.CLUSTER_PLACES, "parts_add_up", {**inputs, clusters.CLUSTER_PLACES: rows})
        == []
    )
    assert broken(
        clusters.CLUSTER_PLACES, "parts_add_up", {**inputs, clusters.CLUSTER_PLACES: rows[1:]}
    )


@pytest.mark.parametrize(("patents", "articles"), [(10, 40), (40, 10)])
def test_output_of_places_is_that_of_each_sources_window(
    run_sql: RunSql, patents: int, articles: int
) -> None:
    """Articles' window begins a year earlier: half an application and two articles lie in both."""

    def in_year(kind: str, year: int, parts: int) -> dict[str, Any]:
        return {**weight_row(A, "US", 7, parts), "kind": kind, "year": year}

    inputs = {
        geocoding.CELL_WEIGHTS: [
            *(in_year("patent", year, 25 * 10**7) for year in (2014, 2018)),
            *(in_year("publication", year, 10**9) for year in (2013, 2017)),
            *(in_year("patent", year, 10**9) for year in (2013, 2019)),
            *(in_year("publication", year, 10**9) for year in (2012, 2018)),
        ],
        clusters.EDITION_CELLS: CELLS,
        clusters.RAW_CLUSTERS: RAW,
        clusters.EDITION_TOTALS: [
            {**TOTALS[0], "documents": patents},
            {"kind": "publication", "first_year": 2013, "last_year": 2017, "documents": articles},
        ],
    }
    made = run_sql(clusters.CLUSTER_PLACES, inputs, edition=2020)
    assert made.select("patent_parts", "publication_parts", "output").rows() == [
        (5 * 10**8, 2 * 10**9, 5 * 10**8 * articles + 2 * 10**9 * patents)
    ]


def test_exactly_30_percent_name_and_exactly_1_percent_counts(run_sql: RunSql) -> None:
    """Of 17 applications 10 lie in one place and 3 in another; of 300 a cluster has 99 here and 1 abroad.

    As shares both are fractions without end, which rounded would fall below the figures.
    """

    def output(world: int, *weights: tuple[str, int, int]) -> pl.DataFrame:
        inputs = {
            geocoding.CELL_WEIGHTS: [
                weight_row(A, country, place, applications * 10**9)
                for country, place, applications in weights
            ],
            clusters.EDITION_CELLS: CELLS,
            clusters.RAW_CLUSTERS: RAW,
            clusters.EDITION_TOTALS: [{**TOTALS[0], "documents": world}, TOTALS[1]],
        }
        return run_sql(clusters.CLUSTER_PLACES, inputs, edition=2020)

    gazetteer = pl.DataFrame(
        {
            **{"place_id": [7, 8], "name": ["Seven", "Eight"], "country": ["DE", "DE"]},
            **{"admin1_code": ["01", "01"], "lat": [50.0, 51.0], "lng": [10.0, 10.0]},
        }
    )
    places = places_by_output(output(17, ("DE", 7, 10), ("DE", 8, 3)), gazetteer)
    assert cluster_names(places)["name"].to_list() == ["Seven–Eight"]
    economies = cluster_economies(output_by_country(output(300, ("US", 7, 99), ("CA", 8, 1))))
    assert economies["economies"].to_list() == ["US/CA"]


def test_who_merged_into_whom_is_followed_to_the_end(run_sql: RunSql) -> None:
    """3 into 2 into 1 and 6 into 5; 4 stays alone, and a pair that was rejected is nothing."""
    pairs = [(2, 3, "merged"), (5, 6, "merged"), (1, 2, "merged"), (1, 4, "rejected")]
    inputs = {
        clusters.EDITION_CELLS: [
            {"h3_cell": cell, "role": "core", "raw_cluster": raw}
            for cell, raw in enumerate([1, 2, 2, 3, 4, 5, 6, None])
        ],
        clusters.MERGERS: [
            {"round": number, "cluster_a": a, "cluster_b": b, "verdict": verdict}
            for number, (a, b, verdict) in enumerate(pairs)
        ],
    }
    made = run_sql(clusters.RAW_CLUSTERS, inputs, edition=2020)
    assert made.select("raw_cluster", "cluster_number").rows() == [
        *((1, 1), (2, 1), (3, 1), (4, 2), (5, 3), (6, 3))
    ]
    inputs[clusters.MERGERS] = []
    made = run_sql(clusters.RAW_CLUSTERS, inputs, edition=2020)
    assert made["cluster_number"].to_list() == [1, 2, 3, 4, 5, 6]


def test_clusters_and_cells_after_mergers(run_sql: RunSql, broken: Broken) -> None:
    inputs: dict[Table, Any] = {
        clusters.CLUSTER_NAMES: NAMES,
        clusters.EDITION_CELLS: CELLS,
        clusters.EDITION_WEIGHTS: WEIGHTS,
        clusters.RAW_CLUSTERS: RAW,
    }
    made = run_sql(clusters.CLUSTERS, inputs, edition=2020, simulated=True)
    assert made.select(
        "cluster_id", "cells", "core_cells", "raw_clusters", "patent_addresses",
        "publication_addresses", "patent_parts", "publication_parts", "simulated",
    ).rows() == [("us-one", 3, 2, 2, 6, 3, 60, 300, True)]  # fmt: skip
    cells = run_sql(clusters.CLUSTER_CELLS, inputs, edition=2020)
    assert cells.select("h3_cell", "h3", "lat", "role", "raw_cluster", "weight").rows() == [
        (A, "8a", 1.0, "core", 1, 30),
        (B, "8b", 2.0, "core", 2, 20),
        (C, "8c", 3.0, "border", 2, 5),
    ]
    assert cells.select("patent_parts", "publication_parts").rows() == [
        (10, 100),
        (20, 100),
        (30, 100),
    ]
    inputs |= {clusters.CLUSTERS: made.to_dicts(), clusters.CLUSTER_CELLS: cells.to_dicts()}
    assert broken(clusters.CLUSTERS, "cells_add_up", inputs) == []
    assert broken(clusters.CLUSTER_CELLS, "every_clustered_cell_once", inputs) == []
    for column in ("cells", "patent_addresses", "publication_parts"):
        (row,) = made.to_dicts()
        more = {**inputs, clusters.CLUSTERS: [{**row, column: row[column] + 1}]}
        assert broken(clusters.CLUSTERS, "cells_add_up", more), column
    inputs |= {clusters.CLUSTERS: [], clusters.CLUSTER_CELLS: cells.to_dicts()[1:]}
    assert broken(clusters.CLUSTERS, "cells_add_up", inputs)
    assert broken(clusters.CLUSTER_CELLS, "every_clustered_cell_once", inputs)


def candidate(**more: object) -> dict[str, Any]:
    return {
        "round": 1, "a": 1, "b": 2, "edge_distance_km": 3.5, "tie_patent": 2.0,
        "tie_publication": 0.5, "tie_total": 0.2, "smaller": 2, "runner_up": -1,
        "runner_up_tie": 0.1, "verdict": "merged", "reason": "why", **more,
    }  # fmt: skip


def test_mergers_are_called_by_their_main_places(run_sql: RunSql, broken: Broken) -> None:
    inputs = {
        clusters.EDITION_CELLS: CELLS,
        clusters.EDITION_TOTALS: [
            {**total, "weight_per_address": weight}
            for total, weight in zip(TOTALS, (3, 1), strict=True)
        ],
        geocoding.CELL_WEIGHTS: [
            {**weight_row(B, "US", 8, 10**9), "addresses": 2},
            # a tie: the lower id counts
            *({**weight_row(C, "US", 7, 1), "year": year} for year in (2014, 2018)),
            {**weight_row(B, "US", None, 1), "addresses": 50},  # where no place is known
            {**weight_row(OUT, "US", 6, 1), "addresses": 99},
            # fewer than inventors' by their weight, or of no year of the windows
            {**weight_row(C, "US", 6, 1), "addresses": 5, "kind": "publication"},
            *(
                {**weight_row(C, "US", 6, 1), "addresses": 99, "year": year}
                for year in (2013, 2019)
            ),
        ],
        geocoding.GAZETTEER: [{"place_id": n, "name": f"Place {n}"} for n in (6, 7, 8)],
    }
    frames = {"candidates": pl.DataFrame([candidate()])}
    made = run_sql(clusters.MERGERS, inputs, frames=frames, edition=2020)
    assert made.select("cluster_a", "name_a", "cluster_b", "name_b", "verdict").rows() == [
        (1, None, 2, "Place 7", "merged")
    ]
    evidence = made.select(
        "edge_distance_km", "patent_tie", "publication_tie", "total_tie", "smaller", "runner_up",
        "runner_up_tie", "reason",
    )  # fmt: skip
    assert evidence.rows() == [(3.5, 2.0, 0.5, 0.2, 2, -1, 0.1, "why")]
    rule = "evidence_is_whole"
    rows = made.to_dicts()
    assert broken(clusters.MERGERS, rule, {**inputs, clusters.MERGERS: rows}) == []
    for fault in ({"smaller": 3}, {"cluster_b": 9}, {"edge_distance_km": None}, {"cluster_a": 2}):
        assert broken(clusters.MERGERS, rule, {**inputs, clusters.MERGERS: [{**rows[0], **fault}]})
    far = {**rows[0], "edge_distance_km": None, "reason": "override (force): one city"}
    assert broken(clusters.MERGERS, rule, {**inputs, clusters.MERGERS: [far]}) == []
    unused = {"round": 0, "verdict": "unused", "reason": "an override that met no two clusters"}
    assert broken(clusters.MERGERS, rule, {**inputs, clusters.MERGERS: [unused]}) == []


EVENTS = [
    {"event": "appears", "previous_cluster_id": None, "cluster_id": "us-one", "cluster_number": 1},
    {"event": "disappears", "previous_cluster_id": "us-two", "cluster_id": None},
    {
        "event": "continues",
        "previous_cluster_id": "us-one",
        "cluster_id": "us-one",
        "cluster_number": 1,
    },
]
RULES: list[tuple[Table, str, Inputs, Inputs]] = [
    (
        clusters.EDITION_CELLS,
        "every_cell_once",
        {clusters.EDITION_WEIGHTS: WEIGHTS, clusters.EDITION_CELLS: CELLS},
        {clusters.EDITION_WEIGHTS: WEIGHTS, clusters.EDITION_CELLS: CELLS[:3]},
    ),
    (
        clusters.EDITION_CELLS,
        "every_cluster_has_a_core",
        {clusters.EDITION_CELLS: CELLS},
        {clusters.EDITION_CELLS: [CELLS[0], CELLS[2]]},
    ),
    (
        clusters.RAW_CLUSTERS,
        "every_cluster_once",
        {clusters.EDITION_CELLS: CELLS, clusters.RAW_CLUSTERS: RAW},
        {clusters.EDITION_CELLS: CELLS, clusters.RAW_CLUSTERS: RAW[:1]},
    ),
    (
        clusters.CLUSTER_TIES,
        "between_clusters_that_are",
        {clusters.EDITION_CELLS: CELLS, clusters.CLUSTER_TIES: [
            {"kind": "patent", "cluster_a": -1, "cluster_b": 2, "tie": 1},
            {"kind": "patent", "cluster_a": 1, "cluster_b": 2, "tie": 1},
        ]},
        {clusters.EDITION_CELLS: CELLS, clusters.CLUSTER_TIES: [
            {"kind": "patent", "cluster_a": 1, "cluster_b": 3, "tie": 1}
        ]},
    ),
    (
        clusters.CLUSTER_NAMES,
        "every_cluster_has_a_name",
        {clusters.LINEAGE: [{"cluster_number": 1}, {}], clusters.CLUSTER_NAMES: NAMES},
        {clusters.LINEAGE: [{"cluster_number": 1}, {"cluster_number": 2}],
         clusters.CLUSTER_NAMES: NAMES},
    ),
    (
        clusters.CLUSTER_NAMES,
        "every_cluster_has_a_name",
        {clusters.LINEAGE: [{"cluster_number": 1}], clusters.CLUSTER_NAMES: NAMES},
        {clusters.LINEAGE: [{"cluster_number": 1}, {"cluster_number": 2}],
         clusters.CLUSTER_NAMES: [*NAMES, {**NAMES[0], "cluster_number": 2}]},
    ),
    (
        clusters.CLUSTER_AREAS,
        "every_cluster_has_an_outline",
        {clusters.CLUSTERS: [{"cluster_id": "us-one"}], clusters.CLUSTER_AREAS: [{"cluster_id": "us-one"}]},
        {clusters.CLUSTERS: [{"cluster_id": "us-one"}], clusters.CLUSTER_AREAS: []},
    ),
    (
        clusters.LINEAGE,
        "events_fit_their_ends",
        {clusters.LINEAGE: EVENTS},
        {clusters.LINEAGE: [{**EVENTS[2], "previous_cluster_id": None}]},
    ),
    (
        clusters.LINEAGE,
        "every_cluster_has_a_past",
        {clusters.RAW_CLUSTERS: RAW, clusters.LINEAGE: EVENTS},
        {clusters.RAW_CLUSTERS: RAW, clusters.LINEAGE: EVENTS[1:2]},
    ),
    (
        clusters.LINEAGE,
        "every_cluster_has_a_past",
        {clusters.RAW_CLUSTERS: RAW, clusters.LINEAGE: EVENTS},
        {clusters.RAW_CLUSTERS: RAW, clusters.LINEAGE: [
            *EVENTS, {"cluster_id": "another", "cluster_number": 1, "event": "overlaps"}
        ]},
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "rule", "good", "bad"), RULES, ids=[f"{t.name}-{r}" for t, r, _, _ in RULES]
)
def test_rule_holds_on_good_rows_and_breaks_on_bad(
    broken: Broken, table: Table, rule: str, good: Inputs, bad: Inputs
) -> None:
    assert broken(table, rule, good) == []
    assert len(broken(table, rule, bad)) >= 1
