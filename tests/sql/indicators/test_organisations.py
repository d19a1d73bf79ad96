"""`named_output` and `cluster_organisations`: who is named, where, with which part."""

import polars as pl
import pytest

from pipelines.contracts import clusters, geocoding, indicators
from pipelines.indicators.organisations import groups_of, organisations_of
from tests.sql.conftest import Broken, Rows, RunSql
from tests.sql.indicators import world

TENTH = 10**8
HUNDREDTH = 10**16
CELLS = [
    {"cluster_id": "jp-one", "h3_cell": 11},
    {"cluster_id": "jp-one", "h3_cell": 12},
    {"cluster_id": "jp-two", "h3_cell": 21},
]


def _named(
    kind: str, cell: int, name: str, hundredths: int, mentions: int = 1, **other: object
) -> dict[str, object]:
    return {
        "year": 2018,
        "kind": kind,
        "h3_cell": cell,
        "name": name,
        "is_identified": False,
        "mentions": mentions,
        "parts": hundredths * HUNDREDTH,
        **other,
    }


INPUTS = {
    **world.INPUTS,
    clusters.EDITION_TOTALS: [*world.TOTALS, {**world.TOTALS[0], "kind": "publication"}],
    clusters.CLUSTER_CELLS: CELLS,
    geocoding.CELL_NAMES: [
        _named("patent", 11, "Acme Inc.", 10),
        _named("patent", 12, "Acme Inc.", 20, mentions=0, year=2014),
        _named("patent", 11, "DOE, Jane", 30),
        _named("patent", 21, "Acme Inc.", 20),
        _named("patent", 21, "DOE, Jane", 20),
        _named("patent", 21, "ACME, INC", 90),
        _named("publication", 11, "University of Tokyo", 60, is_identified=True),
        _named("publication", 12, "University of Tokyo", 5),
        # outside clusters; the years before and after the window
        _named("publication", 99, "University of Tokyo", 7),
        _named("publication", 11, "University of Tokyo", 8, year=2013),
        _named("publication", 11, "University of Tokyo", 9, year=2019),
    ],
}


def test_output_by_names_as_written(run_sql: RunSql) -> None:
    made = run_sql(indicators.NAMED_OUTPUT, INPUTS, edition=2020)
    rows = {
        (row["kind"], row["cluster_number"], row["name"]): (
            row["is_identified"],
            row["mentions"],
            int(row["parts"]) // HUNDREDTH,
        )
        for row in made.iter_rows(named=True)
    }
    assert rows == {
        ("patent", 1, "Acme Inc."): (False, 1, 30),
        ("patent", 1, "DOE, Jane"): (False, 1, 30),
        ("patent", 2, "Acme Inc."): (False, 1, 20),
        ("patent", 2, "DOE, Jane"): (False, 1, 20),
        ("patent", 2, "ACME, INC"): (False, 1, 90),
        ("publication", 1, "University of Tokyo"): (True, 2, 65),
    }


def _organisations(
    run_sql: RunSql, named: pl.DataFrame, clusters_there: Rows = world.CLUSTERS
) -> pl.DataFrame:
    names = named.group_by("kind", "name").agg(
        pl.col("mentions").sum(), pl.col("is_identified").any()
    )
    nobody = groups_of(
        pl.DataFrame(schema=dict.fromkeys(("organisation", "name", "match"), pl.String))
    )
    return run_sql(
        indicators.CLUSTER_ORGANISATIONS,
        {indicators.NAMED_OUTPUT: named.rows(named=True), clusters.CLUSTERS: clusters_there},
        frames={"organisations": organisations_of(names, nobody)},
        edition=2020,
    )


def test_spellings_are_one_and_persons_are_none(run_sql: RunSql, broken: Broken) -> None:
    named = run_sql(indicators.NAMED_OUTPUT, INPUTS, edition=2020)
    made = _organisations(run_sql, named.filter(pl.col("kind") == "patent"))
    assert made.select("cluster_id", "rank", "organisation", "spellings", "documents").rows() == [
        ("jp-one", 1, "Acme Inc.", 1, 0.3),
        ("jp-two", 1, "Acme Inc.", 2, 1.1),
    ]
    # of all that the cluster put out, named or not
    assert made["share"].to_list() == [pytest.approx(0.3 / 2.3), pytest.approx(1.1 / 1.3)]
    checked = {indicators.CLUSTER_ORGANISATIONS: made.rows(named=True)}
    assert broken(indicators.CLUSTER_ORGANISATIONS, "ranks_without_gaps", checked) == []
    first = {"cluster_id": "jp-one", "kind": "patent", "rank": 1, "parts": 5}
    for second in ({"rank": 3, "parts": 4}, {"rank": 2, "parts": 6}):
        bad = {indicators.CLUSTER_ORGANISATIONS: [first, {**first, **second}]}
        assert len(broken(indicators.CLUSTER_ORGANISATIONS, "ranks_without_gaps", bad)) == 1


def test_each_source_has_its_first_organisation(run_sql: RunSql) -> None:
    rows = [
        _named("patent", 11, "Acme Inc.", 30),
        _named("patent", 11, "Beta Ltd", 60),
        _named("publication", 11, "Beta Ltd", 90),
        _named("publication", 11, "University of Tokyo", 65, is_identified=True),
    ]
    named = run_sql(indicators.NAMED_OUTPUT, {**INPUTS, geocoding.CELL_NAMES: rows}, edition=2020)
    made = _organisations(run_sql, named)
    assert made.select("kind", "rank", "organisation", "documents").rows() == [
        ("patent", 1, "Beta Ltd", 0.6),
        ("patent", 2, "Acme Inc.", 0.3),
        ("publication", 1, "Beta Ltd", 0.9),
        ("publication", 2, "University of Tokyo", 0.65),
    ]


def test_of_spellings_as_frequent_the_first_by_letters_is_the_name(run_sql: RunSql) -> None:
    rows = [_named("patent", 11, "Acme Inc.", 90), _named("patent", 11, "ACME, INC", 10)]
    named = run_sql(indicators.NAMED_OUTPUT, {**INPUTS, geocoding.CELL_NAMES: rows}, edition=2020)
    assert _organisations(run_sql, named)["organisation"].to_list() == ["ACME, INC"]


@pytest.mark.parametrize("kind", ["patent", "publication"])
def test_the_whole_output_is_a_share_of_one_to_the_last_digit(run_sql: RunSql, kind: str) -> None:
    """Which a product in floating point would make 1.0000000000000002."""
    whole = 25_000_000_175
    named = pl.DataFrame(
        {
            "edition": [2020], "kind": [kind], "cluster_number": [1], "name": ["Acme Inc."],
            "is_identified": [False], "mentions": [25], "parts": [whole * 10**9],
        }
    )  # fmt: skip
    made = _organisations(run_sql, named, [{**world.CLUSTERS[0], f"{kind}_parts": whole}])
    assert made["share"].to_list() == [1.0]


def test_a_cluster_shows_twenty_and_ties_go_to_the_key(run_sql: RunSql) -> None:
    named = pl.DataFrame(
        [
            {
                "edition": 2020,
                "kind": "patent",
                "cluster_number": 1,
                "name": f"Firm {number} Ltd",
                "is_identified": False,
                "mentions": 1,
                "parts": 10**16,
            }
            for number in range(130, 100, -1)
        ]
    )
    made = _organisations(run_sql, named)
    assert made["rank"].to_list() == list(range(1, 21))
    assert made["organisation"].to_list() == [f"Firm {number} Ltd" for number in range(101, 121)]


def test_naming_more_than_there_is_is_noticed(run_sql: RunSql, broken: Broken) -> None:
    named = run_sql(indicators.NAMED_OUTPUT, INPUTS, edition=2020).filter(
        pl.col("kind") == "patent"
    )
    inputs = {clusters.CLUSTERS: world.CLUSTERS, indicators.NAMED_OUTPUT: named.rows(named=True)}
    assert broken(indicators.NAMED_OUTPUT, "no_more_than_the_cluster", inputs) == []
    small = [{**row, "patent_parts": 5 * TENTH} for row in world.CLUSTERS]
    found = broken(
        indicators.NAMED_OUTPUT, "no_more_than_the_cluster", {**inputs, clusters.CLUSTERS: small}
    )
    assert sorted(str(row[0]) for row in found) == ["jp-one", "jp-two"]
