"""`cluster_fields`, worked out by hand: sums over cells against the world."""

import polars as pl
import pytest

from pipelines.contracts import clusters, geocoding, indicators
from tests.sql.conftest import Broken, RunSql
from tests.sql.indicators import world

HUNDREDTH = 10**16


def _cell(cell: int | None, field: str, hundredths: int, **other: object) -> dict[str, object]:
    return {
        "kind": "patent",
        "year": 2018,
        "h3_cell": cell,
        "scheme": "wipo35",
        "field": field,
        "parts": hundredths * HUNDREDTH,
        **other,
    }


INPUTS = {
    **world.INPUTS,
    clusters.CLUSTER_CELLS: [*world.CELLS, {"cluster_id": "jp-one", "h3_cell": 12}],
    geocoding.CELL_FIELDS: [
        _cell(1, "Optics", 100),
        _cell(12, "Optics", 30, year=2014),
        _cell(1, "Semiconductors", 100),
        _cell(2, "Optics", 20),
        _cell(2, "Semiconductors", 20),
        _cell(3, "Semiconductors", 70),
        # outside clusters, and without a cell, but part of the world
        _cell(world.ELSEWHERE, "Optics", 60),
        _cell(None, "Optics", 40),
        _cell(None, "Semiconductors", 60),
        # the years before and after the window
        _cell(1, "Semiconductors", 100, year=2013),
        _cell(1, "Semiconductors", 100, year=2019),
    ],
}


def test_cells_add_up_to_clusters_and_are_held_against_the_world(run_sql: RunSql) -> None:
    made = run_sql(indicators.CLUSTER_FIELDS, INPUTS, edition=2020)
    rows = {
        (row["cluster_id"], row["field"]): (row["rank"], int(row["parts"]) // HUNDREDTH)
        for row in made.iter_rows(named=True)
    }
    assert rows == {
        ("jp-one", "Optics"): (1, 130),
        ("jp-one", "Semiconductors"): (2, 100),
        # a tie goes to the name
        ("jp-two", "Optics"): (1, 20),
        ("jp-two", "Semiconductors"): (2, 20),
        ("kr-one", "Semiconductors"): (1, 70),
    }
    (optics,) = made.filter(
        pl.col("cluster_id") == "jp-one", pl.col("field") == "Optics"
    ).iter_rows(named=True)
    assert optics["share"] == pytest.approx(1.3 / 2.3, rel=1e-15)
    assert optics["world_share"] == 0.5
    assert optics["specialisation"] == pytest.approx(1.3 / 2.3 / 0.5, rel=1e-15)
    assert optics["documents"] == 1.3


def test_each_classification_is_a_world_of_its_own(run_sql: RunSql) -> None:
    made = run_sql(
        indicators.CLUSTER_FIELDS,
        {
            **INPUTS,
            clusters.EDITION_TOTALS: [{**world.TOTALS[0], "kind": "publication"}],
            geocoding.CELL_FIELDS: [
                _cell(1, "Chemistry", 100, kind="publication", scheme=scheme)
                for scheme in ("openalex_concept", "openalex_field")
            ],
        },
        edition=2020,
    )
    assert made.select("scheme", "rank", "share", "specialisation").rows() == [
        ("openalex_concept", 1, 1.0, 1.0),
        ("openalex_field", 1, 1.0, 1.0),
    ]


def test_more_fields_than_the_cluster_put_out_are_noticed(run_sql: RunSql, broken: Broken) -> None:
    made = run_sql(indicators.CLUSTER_FIELDS, INPUTS, edition=2020).rows(named=True)
    found = {**INPUTS, indicators.CLUSTER_FIELDS: made}
    assert broken(indicators.CLUSTER_FIELDS, "no_more_than_the_cluster", found) == []
    small = [{**row, "patent_parts": 10**9} for row in world.CLUSTERS]
    rows = broken(
        indicators.CLUSTER_FIELDS,
        "no_more_than_the_cluster",
        {**found, clusters.CLUSTERS: small},
    )
    assert [row[0] for row in rows] == ["jp-one"]
