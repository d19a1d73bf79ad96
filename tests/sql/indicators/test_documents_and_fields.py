"""`document_clusters` and `cluster_fields`, worked out by hand."""

import polars as pl
import pytest

from pipelines.contracts import clusters, extracts, geocoding, indicators
from tests.sql.conftest import Broken, RunSql
from tests.sql.indicators import world

TENTH = 10**8
WINDOW = {"kind": "patent", "first_year": 2014, "last_year": 2018, "documents": 2, "addresses": 5}
CELLS = [
    {"cluster_id": "jp-one", "h3_cell": 11},
    {"cluster_id": "jp-one", "h3_cell": 12},
    {"cluster_id": "jp-two", "h3_cell": 21},
]


def _point(
    document: int, address: int, tenths: int, cell: int | None, country: str | None = "JP"
) -> dict[str, object]:
    return {
        "kind": "patent",
        "year": 2018,
        "document_number": document,
        "address_number": address,
        "country": country,
        "precision": "city" if cell else "none",
        "h3_cell": cell,
        "part": tenths * TENTH,
    }


POINTS = [
    _point(1, 1, 2, 11),
    _point(1, 2, 3, 12),
    _point(1, 3, 1, 21),
    _point(1, 4, 2, 99),
    _point(1, 5, 2, None, "US"),
    # touches no cluster: of no interest to any
    _point(2, 1, 10, 99),
    # the year before the window
    {**_point(3, 1, 10, 11), "year": 2013},
]


def test_parts_of_a_document_by_cluster_or_country(run_sql: RunSql) -> None:
    made = run_sql(
        indicators.DOCUMENT_CLUSTERS,
        {
            geocoding.POINTS: POINTS,
            clusters.CLUSTER_CELLS: CELLS,
            clusters.CLUSTERS: world.CLUSTERS,
            clusters.EDITION_TOTALS: [WINDOW],
        },
        edition=2020,
    )
    columns = ("document_number", "cluster_number", "is_located", "country", "addresses", "part")
    assert set(made.select(columns).iter_rows()) == {
        (1, 1, True, None, 2, 5 * TENTH),
        (1, 2, True, None, 1, 1 * TENTH),
        (1, None, True, "JP", 1, 2 * TENTH),
        (1, None, False, "US", 1, 2 * TENTH),
    }


def test_a_document_that_is_not_whole_is_noticed(broken: Broken) -> None:
    inputs = {indicators.DOCUMENT_CLUSTERS: world.PLACED}
    assert broken(indicators.DOCUMENT_CLUSTERS, "documents_are_whole", inputs) == []
    short = {indicators.DOCUMENT_CLUSTERS: world.PLACED[1:]}
    assert broken(indicators.DOCUMENT_CLUSTERS, "documents_are_whole", short) == [
        ("patent", 2018, world.A, 4 * TENTH)
    ]


def test_documents_are_held_against_the_clusters_counts(broken: Broken) -> None:
    assert broken(indicators.DOCUMENT_CLUSTERS, "add_up_to_clusters", world.INPUTS) == []
    less = {**world.INPUTS, indicators.DOCUMENT_CLUSTERS: world.PLACED[1:]}
    assert [row[0] for row in broken(indicators.DOCUMENT_CLUSTERS, "add_up_to_clusters", less)] == [
        "jp-one"
    ]


def _field(document: int, number: int, tenths: int) -> dict[str, object]:
    return {
        "year": 2018,
        "document_number": document,
        "field_number": number,
        "part": tenths * TENTH,
    }


FIELDS = {
    **world.INPUTS,
    extracts.IPC_FIELDS: [
        {"field_number": 8, "field": "Semiconductors", "ipc_subclass": "H01L"},
        {"field_number": 8, "field": "Semiconductors", "ipc_subclass": "H10D"},
        {"field_number": 9, "field": "Optics", "ipc_subclass": "G02B"},
    ],
    # E has no field; 6 lies in no cluster but is part of the world
    extracts.PATENT_FIELDS: [
        _field(world.A, 8, 5),
        _field(world.A, 9, 5),
        _field(world.B, 8, 10),
        _field(world.C, 9, 10),
        _field(world.D, 8, 10),
        _field(6, 9, 10),
        {**_field(6, 8, 10), "year": 2013},
    ],
    extracts.ARTICLE_FIELDS: [],
}


def test_fields_are_products_of_parts_and_held_against_the_world(run_sql: RunSql) -> None:
    made = run_sql(indicators.CLUSTER_FIELDS, FIELDS, edition=2020)
    rows = {
        (row["cluster_id"], row["field"]): (row["rank"], int(row["parts"]) // 10**16)
        for row in made.iter_rows(named=True)
    }
    assert rows == {
        # 0.6 x 0.5 + 0.5 + 0.2 against 0.6 x 0.5 + 1
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
    # in the world 2.5 of 5 documents, the year before the window left out
    assert optics["share"] == pytest.approx(1.3 / 2.3, rel=1e-15)
    assert optics["world_share"] == 0.5
    assert optics["specialisation"] == pytest.approx(1.3 / 2.3 / 0.5, rel=1e-15)
    assert optics["documents"] == 1.3


def test_each_classification_is_a_world_of_its_own(run_sql: RunSql) -> None:
    articles = [
        {
            "year": 2018,
            "document_number": 1,
            "scheme": scheme,
            "field": "Chemistry",
            "part": 10 * TENTH,
        }
        for scheme in ("openalex_concept", "openalex_field")
    ]
    made = run_sql(
        indicators.CLUSTER_FIELDS,
        {
            **FIELDS,
            indicators.DOCUMENT_CLUSTERS: [world.placed(1, 10, 1, kind="publication")],
            clusters.EDITION_TOTALS: [{**WINDOW, "kind": "publication"}],
            extracts.ARTICLE_FIELDS: articles,
        },
        edition=2020,
    )
    assert made.select("scheme", "rank", "share", "specialisation").rows() == [
        ("openalex_concept", 1, 1.0, 1.0),
        ("openalex_field", 1, 1.0, 1.0),
    ]


def test_fields_that_do_not_add_up_are_noticed(run_sql: RunSql, broken: Broken) -> None:
    made = run_sql(indicators.CLUSTER_FIELDS, FIELDS, edition=2020).rows(named=True)
    rule = "add_up_to_documents_with_fields"
    assert (
        broken(indicators.CLUSTER_FIELDS, rule, {**FIELDS, indicators.CLUSTER_FIELDS: made}) == []
    )
    lost = {**FIELDS, indicators.CLUSTER_FIELDS: made[:-1]}
    assert [row[0] for row in broken(indicators.CLUSTER_FIELDS, rule, lost)] == ["kr-one"]
