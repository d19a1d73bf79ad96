"""`named_output` and `cluster_organisations`: who is named, where, with which part."""

import polars as pl
import pytest

from pipelines.contracts import clusters, extracts, geocoding, indicators
from pipelines.indicators.organisations import groups_of, organisations_of
from tests.sql.conftest import Broken, RunSql
from tests.sql.indicators import world

TENTH = 10**8
TOTALS = [*world.TOTALS, {**world.TOTALS[0], "kind": "publication"}]
CELLS = [{"cluster_id": "jp-one", "h3_cell": 11}, {"cluster_id": "jp-two", "h3_cell": 21}]


def _applicant(document: int, number: int, name: str, tenths: int) -> dict[str, object]:
    return {
        "year": 2018,
        "document_number": document,
        "applicant_number": number,
        "name": name,
        "part": tenths * TENTH,
    }


def _text(key: int, tenths: int, **fields: object) -> dict[str, object]:
    return {
        "year": 2018,
        "address_key": key,
        "author_addresses": 1,
        "author_parts": tenths * TENTH,
        **fields,
    }


INPUTS = {
    **world.INPUTS,
    clusters.EDITION_TOTALS: TOTALS,
    clusters.CLUSTER_CELLS: CELLS,
    extracts.APPLICANTS: [
        _applicant(world.A, 1, "Acme Inc.", 5),
        _applicant(world.A, 2, "DOE, Jane", 5),
        _applicant(world.E, 1, "ACME, INC", 10),
    ],
    geocoding.DISTINCT_ADDRESSES: [
        _text(101, 6, institution="Univ Tokyo", institution_id="https://ror.org/1"),
        _text(102, 4, address="Dept. of Physics, Univ. of Ulm, 89081 Ulm, Germany"),
        _text(103, 5, address="Kyoto Hospital, Kyoto; Department of Odd Jobs"),
        _text(104, 5, address="Jane Doe, Main Street 1, Kyoto"),
        _text(105, 3, institution="Dr. Jane Doe, Ward 7, Hospital Ulm, Tel. 123", address="x"),
        _text(106, 2, institution="Max Planck Society"),
        {**_text(107, 0, institution="Named by inventors alone"), "author_addresses": 0},
        {**_text(101, 10, institution="Univ Tokyo"), "year": 2013},
    ],
    geocoding.ADDRESS_DICTIONARY: [
        {"year": year, "address_key": key, "h3_cell": cell}
        for year, key, cell in [
            (2018, 101, 11),
            (2018, 102, 21),
            (2018, 103, 11),
            (2018, 104, 11),
            (2018, 105, 21),
            (2018, 106, 21),
            (2018, 107, 11),
            (2013, 101, 11),
        ]
    ],
    geocoding.INSTITUTIONS: [
        {"institution_id": "https://ror.org/1", "name": "University of Tokyo"}
    ],
}


def test_output_by_names_as_written(run_sql: RunSql) -> None:
    made = run_sql(indicators.NAMED_OUTPUT, INPUTS, edition=2020)
    rows = {
        (row["kind"], row["cluster_number"], row["name"]): (
            row["is_identified"],
            row["mentions"],
            int(row["parts"]) // 10**16,
        )
        for row in made.iter_rows(named=True)
    }
    assert rows == {
        # A lies with 0.6 in cluster 1 and 0.4 in cluster 2, and each applicant holds half of it
        ("patent", 1, "Acme Inc."): (False, 1, 30),
        ("patent", 1, "DOE, Jane"): (False, 1, 30),
        ("patent", 2, "Acme Inc."): (False, 1, 20),
        ("patent", 2, "DOE, Jane"): (False, 1, 20),
        ("patent", 2, "ACME, INC"): (False, 1, 90),
        ("publication", 1, "University of Tokyo"): (True, 1, 60),
        ("publication", 2, "Univ. of Ulm"): (False, 1, 40),
        ("publication", 1, "Kyoto Hospital"): (False, 1, 50),
        ("publication", 2, "Hospital Ulm"): (False, 1, 30),
        ("publication", 2, "Max Planck Society"): (False, 1, 20),
    }


def _organisations(run_sql: RunSql, named: pl.DataFrame) -> pl.DataFrame:
    names = named.group_by("kind", "name").agg(
        pl.col("mentions").sum(), pl.col("is_identified").any()
    )
    nobody = groups_of(
        pl.DataFrame(schema=dict.fromkeys(("organisation", "name", "match"), pl.String))
    )
    return run_sql(
        indicators.CLUSTER_ORGANISATIONS,
        {indicators.NAMED_OUTPUT: named.rows(named=True), clusters.CLUSTERS: world.CLUSTERS},
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
