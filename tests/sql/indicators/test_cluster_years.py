"""`cluster_years`: the window, and the years before it that growth is measured against."""

from pipelines.contracts import clusters, geocoding, indicators
from tests.sql.conftest import Broken, Inputs, RunSql
from tests.sql.indicators.ranked import WHOLE


def test_years_reach_back_to_the_last_editions_window(run_sql: RunSql, broken: Broken) -> None:
    # as in 2023, whose patents moved on by two years
    inputs: Inputs = {
        clusters.CLUSTERS: [
            {
                "cluster_id": "a",
                "patent_parts": 10 * WHOLE,
                "publication_parts": 0,
                "patent_addresses": 10,
                "publication_addresses": 0,
            }
        ],
        clusters.CLUSTER_CELLS: [{"cluster_id": "a", "h3_cell": 11}],
        clusters.EDITION_TOTALS: [
            {"kind": "patent", "first_year": 2018, "last_year": 2022},
            {"kind": "publication", "first_year": 2017, "last_year": 2021},
        ],
        geocoding.CELL_WEIGHTS: [
            {"kind": "patent", "year": year, "h3_cell": cell, "addresses": 1, "parts": WHOLE}
            for year in range(2015, 2023)
            for cell in (11, 11, 99)
        ],
    }
    made = run_sql(
        indicators.CLUSTER_YEARS,
        inputs,
        edition=2023,
        patent_first_year_before=2016,
        publication_first_year_before=2015,
    )
    # two places of a cell each year; as if articles had moved on by two years as well
    assert made.select("kind", "year", "in_window", "addresses", "parts").rows() == [
        *(("patent", year, year >= 2018, 2, 2 * WHOLE) for year in range(2016, 2023)),
        *(("publication", year, year >= 2017, 0, 0) for year in range(2015, 2022)),
    ]
    found = {**inputs, indicators.CLUSTER_YEARS: made.rows(named=True)}
    assert broken(indicators.CLUSTER_YEARS, "add_up_to_clusters", found) == []
    lost = {**inputs, indicators.CLUSTER_YEARS: made.rows(named=True)[:6]}
    assert [row[0] for row in broken(indicators.CLUSTER_YEARS, "add_up_to_clusters", lost)] == ["a"]


def test_the_first_edition_has_the_year_before_its_window_too(run_sql: RunSql) -> None:
    made = run_sql(
        indicators.CLUSTER_YEARS,
        {
            clusters.CLUSTERS: [{"cluster_id": "a"}],
            clusters.CLUSTER_CELLS: [{"cluster_id": "a", "h3_cell": 11}],
            clusters.EDITION_TOTALS: [{"kind": "patent", "first_year": 2011, "last_year": 2015}],
            geocoding.CELL_WEIGHTS: [],
        },
        edition=2017,
        patent_first_year_before=None,
        publication_first_year_before=None,
    )
    assert made.select("kind", "year", "in_window", "addresses", "parts").rows() == [
        ("patent", year, year > 2010, 0, 0) for year in range(2010, 2016)
    ]
