"""Precision of addresses over the windows, and that no cluster lacks its population."""

import pytest

from pipelines.contracts import clusters, geocoding, indicators
from tests.sql.conftest import Broken, RunSql

TOTALS = [
    {"kind": "patent", "first_year": 2014, "last_year": 2018},
    {"kind": "publication", "first_year": 2013, "last_year": 2017},
]


def quality(
    kind: str, year: int, country: str | None, precision: str, addresses: int
) -> dict[str, object]:
    return {
        "kind": kind,
        "year": year,
        "country": country,
        "precision": precision,
        "addresses": addresses,
        "parts": addresses * 10,
    }


def test_precisions_add_up_over_each_sources_window(run_sql: RunSql) -> None:
    years = [
        quality("patent", 2013, "JP", "city", 1000),  # before its window
        quality("patent", 2019, "JP", "city", 1000),  # after it
        quality("patent", 2014, "JP", "city", 2),
        quality("patent", 2018, "JP", "city", 1),
        quality("patent", 2018, "JP", "admin1", 1),
        quality("patent", 2015, None, "none", 7),
        quality("publication", 2012, "JP", "city", 1000),  # before its window
        quality("publication", 2013, "JP", "city", 2),
        quality("publication", 2017, "JP", "city", 3),
        quality("publication", 2018, "JP", "city", 1000),  # after its window
    ]
    inputs = {geocoding.GEOCODING_QUALITY: years, clusters.EDITION_TOTALS: TOTALS}
    made = run_sql(indicators.EDITION_GEOCODING_QUALITY, inputs, edition=2020)
    assert made.drop("edition").rows() == [
        ("patent", None, "none", 7, 70, 1.0),
        ("patent", "JP", "admin1", 1, 10, 0.25),
        ("patent", "JP", "city", 3, 30, 0.75),
        ("publication", "JP", "city", 5, 50, 1.0),
    ]


@pytest.mark.parametrize(("rows", "lacking"), [(["a", "b"], []), (["b"], [("a",)])])
def test_a_cluster_without_population_is_noticed(
    broken: Broken, rows: list[str], lacking: list[tuple[str]]
) -> None:
    inputs = {
        clusters.CLUSTERS: [{"cluster_id": cluster} for cluster in ("a", "b")],
        indicators.CLUSTER_POPULATION: [
            {"cluster_id": cluster, "population": 0} for cluster in rows
        ],
    }
    assert broken(indicators.CLUSTER_POPULATION, "every_cluster", inputs) == lacking
