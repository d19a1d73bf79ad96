"""What an edition needs of a year by cell: `document_places`, `cell_fields`, `cell_names`, by hand."""

from pipelines.contracts import extracts, geocoding
from tests.sql.conftest import Broken, MakeTable, RunSql, documents_at, located

TENTH = 10**8
HUNDREDTH = 10**16


def _point(
    document: int, address: int, tenths: int, cell: int | None, country: str | None = "JP"
) -> dict[str, object]:
    return {
        "kind": "patent",
        "year": 2018,
        "document_number": document,
        "address_number": address,
        "h3_cell": cell,
        "country": country,
        "part": tenths * TENTH,
    }


def _place(
    document: int,
    tenths: int,
    cell: int | None,
    country: str | None = "JP",
    kind: str = "patent",
) -> dict[str, object]:
    return {
        "kind": kind,
        "year": 2018,
        "document_number": document,
        "h3_cell": cell,
        "country": country,
        "part": tenths * TENTH,
    }


POINTS = [
    _point(1, 1, 2, 11),
    _point(1, 2, 3, 11),
    _point(1, 3, 1, 21),
    _point(1, 4, 2, 21, "KR"),
    _point(1, 5, 2, None, "US"),
    _point(2, 1, 10, 99),
    # a share of nought is no place
    _point(2, 2, 0, 11),
]
PLACES = [
    _place(1, 5, 11),
    _place(1, 1, 21),
    _place(1, 2, 21, "KR"),
    _place(1, 2, None, "US"),
    _place(2, 10, 99),
]


def test_locations_are_numbered_by_cell_and_country(run_sql: RunSql) -> None:
    columns = ("h3_cell", "country", "place_id", "precision")
    spots = [
        (21, "KR", 5, "city"),
        (11, "JP", 6, "city"),
        (None, "US", None, "country"),
        (21, "JP", 5, "city"),
        (11, "JP", 6, "city"),
        (11, "JP", 6, "point"),
        (11, "JP", None, "point"),
        (None, None, None, "none"),
    ]
    texts = [
        {"address_key": key, **dict(zip(columns, spot, strict=True))}
        for key, spot in enumerate(spots)
    ]
    held = ("inventor_addresses", "inventor_parts", "author_addresses", "author_parts")
    counts = [
        {"address_key": key, **dict(zip(held, (1, 10 * key, 2, 100 * key), strict=True))}
        for key in range(len(spots))
    ]
    inputs = {geocoding.ADDRESS_DICTIONARY: texts, geocoding.DISTINCT_ADDRESSES: counts}
    made = run_sql(geocoding.LOCATIONS, inputs, year=2018)
    assert made.select("location_number", *columns, *held).rows() == [
        (1, None, None, None, "none", 1, 70, 2, 700),
        (2, None, "US", None, "country", 1, 20, 2, 200),
        (3, 11, "JP", None, "point", 1, 60, 2, 600),
        (4, 11, "JP", 6, "city", 2, 50, 4, 500),
        (5, 11, "JP", 6, "point", 1, 50, 2, 500),
        (6, 21, "JP", 5, "city", 1, 30, 2, 300),
        (7, 21, "KR", 5, "city", 1, 0, 2, 0),
    ]


def test_addresses_of_one_place_are_one_row(make_table: MakeTable) -> None:
    points = located(geocoding.POINTS, POINTS)
    made = make_table(geocoding.DOCUMENT_PLACES, points, partition=2018)
    assert made.rows(named=True) == documents_at(PLACES)[geocoding.DOCUMENT_PLACES]


def test_lost_places_and_documents_are_noticed(broken: Broken) -> None:
    table, rule = geocoding.DOCUMENT_PLACES, "parts_make_whole_documents"
    points = located(geocoding.POINTS, POINTS)
    places = documents_at(PLACES)[table]
    assert broken(table, rule, {**points, table: places}) == []
    assert broken(table, rule, {**points, table: places[1:]}) == [("patent", 2, 2, 1)]
    assert broken(table, rule, {**points, table: places[:-1]}) == [("patent", 2, 1, 0)]
    twice = [*places, {**places[-1], "location_number": 1}]
    assert broken(table, rule, {**points, table: twice}) == [("patent", 2, 3, 0)]


def _field(document: int, number: int, tenths: int) -> dict[str, object]:
    return {
        "year": 2018,
        "document_number": document,
        "field_number": number,
        "part": tenths * TENTH,
    }


FIELDS = {
    **documents_at([*PLACES, _place(1, 10, 11, kind="publication"), _place(7, 10, 99)]),
    extracts.IPC_FIELDS: [
        {"field_number": 8, "field": "Semiconductors", "ipc_subclass": "H01L"},
        {"field_number": 8, "field": "Semiconductors", "ipc_subclass": "H10D"},
        {"field_number": 9, "field": "Optics", "ipc_subclass": "G02B"},
    ],
    # 3 has no address at all; 7 has no field
    extracts.PATENT_FIELDS: [_field(1, 8, 5), _field(1, 9, 5), _field(2, 9, 10), _field(3, 8, 10)],
    extracts.ARTICLE_FIELDS: [
        {"year": 2018, "document_number": 1, "scheme": "own", "field": "Optics", "part": 10**9}
    ],
}


def test_fields_are_products_of_parts_and_none_is_lost(run_sql: RunSql, broken: Broken) -> None:
    made = run_sql(geocoding.CELL_FIELDS, FIELDS, year=2018)
    rows = {
        (row["kind"], row["h3_cell"], row["field"]): int(row["parts"]) // HUNDREDTH
        for row in made.iter_rows(named=True)
    }
    assert rows == {
        ("patent", 11, "Semiconductors"): 25,
        ("patent", 11, "Optics"): 25,
        ("patent", 21, "Semiconductors"): 15,
        ("patent", 21, "Optics"): 15,
        ("patent", None, "Semiconductors"): 10 + 100,
        ("patent", None, "Optics"): 10,
        ("patent", 99, "Optics"): 100,
        ("publication", 11, "Optics"): 100,
    }
    rule = "add_up_to_fields_of_documents"
    found = made.rows(named=True)
    assert broken(geocoding.CELL_FIELDS, rule, {**FIELDS, geocoding.CELL_FIELDS: found}) == []
    lost = {**FIELDS, geocoding.CELL_FIELDS: [row for row in found if row["h3_cell"] != 99]}
    assert [row[:2] for row in broken(geocoding.CELL_FIELDS, rule, lost)] == [("patent", "wipo35")]


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


NAMES = {
    **documents_at(
        [
            *PLACES,
            *[
                _place(number, 10, cell, kind="publication")
                for number, cell in enumerate([11, 11, 21, 21], start=1)
            ],
        ]
    ),
    extracts.APPLICANTS: [
        _applicant(1, 1, "Acme Inc.", 5),
        _applicant(1, 2, "DOE, Jane", 5),
        _applicant(2, 1, "ACME, INC", 10),
    ],
    geocoding.DISTINCT_ADDRESSES: [
        _text(101, 6, institution="Univ Tokyo", institution_id="https://ror.org/1"),
        _text(102, 4, address="Dept. of Physics, Univ. of Ulm, 89081 Ulm, Germany"),
        _text(103, 5, address="Kyoto Hospital, Kyoto; Department of Odd Jobs"),
        _text(104, 5, address="Jane Doe, Main Street 1, Kyoto"),
        _text(105, 3, institution="Dr. Jane Doe, Ward 7, Hospital Ulm, Tel. 123", address="x"),
        _text(106, 2, institution="Max Planck Society"),
        {**_text(107, 0, institution="Named by inventors alone"), "author_addresses": 0},
        _text(108, 9, institution="University of Nowhere"),
    ],
    geocoding.ADDRESS_DICTIONARY: [
        {"year": 2018, "address_key": 101 + number, "h3_cell": cell}
        for number, cell in enumerate([11, 21, 11, 11, 21, 21, 11, None])
    ],
    geocoding.INSTITUTIONS: [
        {"institution_id": "https://ror.org/1", "name": "University of Tokyo"}
    ],
}


def test_names_as_written_with_what_a_cell_put_out(run_sql: RunSql, broken: Broken) -> None:
    made = run_sql(geocoding.CELL_NAMES, NAMES, year=2018)
    rows = {
        (row["kind"], row["h3_cell"], row["name"]): (
            row["is_identified"],
            row["mentions"],
            int(row["parts"]) // HUNDREDTH,
        )
        for row in made.iter_rows(named=True)
    }
    assert rows == {
        # an application is one mention, where most of it lies
        ("patent", 11, "Acme Inc."): (False, 1, 25),
        ("patent", 11, "DOE, Jane"): (False, 1, 25),
        ("patent", 21, "Acme Inc."): (False, 0, 15),
        ("patent", 21, "DOE, Jane"): (False, 0, 15),
        ("patent", 99, "ACME, INC"): (False, 1, 100),
        ("publication", 11, "University of Tokyo"): (True, 1, 60),
        ("publication", 21, "Univ. of Ulm"): (False, 1, 40),
        ("publication", 11, "Kyoto Hospital"): (False, 1, 50),
        ("publication", 21, "Hospital Ulm"): (False, 1, 30),
        ("publication", 21, "Max Planck Society"): (False, 1, 20),
    }
    found = {**NAMES, geocoding.CELL_NAMES: made.rows(named=True)}
    assert broken(geocoding.CELL_NAMES, "no_more_than_the_cell", found) == []
    fewer = {**found, geocoding.DOCUMENT_PLACES: NAMES[geocoding.DOCUMENT_PLACES][:-2]}
    assert [row[:2] for row in broken(geocoding.CELL_NAMES, "no_more_than_the_cell", fewer)] == [
        ("publication", 21)
    ]


def test_an_application_is_mentioned_where_most_of_it_lies_on_both_sides_of_a_border(
    run_sql: RunSql,
) -> None:
    inputs = {
        **NAMES,
        **documents_at([_place(1, 3, 11), _place(1, 3, 11, "KR"), _place(1, 4, 21)]),
        extracts.APPLICANTS: [_applicant(1, 1, "Acme Inc.", 10)],
    }
    made = run_sql(geocoding.CELL_NAMES, inputs, year=2018).filter(kind="patent")
    assert made.select("h3_cell", "mentions", "parts").rows() == [
        (11, 1, 60 * HUNDREDTH),
        (21, 0, 40 * HUNDREDTH),
    ]
    halves = {**inputs, **documents_at([_place(1, 5, 21), _place(1, 5, 11)])}
    made = run_sql(geocoding.CELL_NAMES, halves, year=2018).filter(kind="patent")
    assert made.select("h3_cell", "mentions").rows() == [(11, 1), (21, 0)], "of equals the lower"
