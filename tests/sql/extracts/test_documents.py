"""Applications, articles, applicants, fields and totals on tables worked out by hand."""

import polars as pl
import pytest

from pipelines import query
from pipelines.contracts import extracts
from pipelines.contracts.model import Table
from tests.sql.conftest import Broken, RunSql, key_of, offered, staged

OF = {"source": "made", "unit_number": 1}


def screened(kind: str, document_id: str, excluded_by: int | None = None, **more: object) -> dict:
    return {
        "kind": kind,
        "document_id": document_id,
        "document_key": key_of(document_id),
        "occurrence": 1,
        "excluded_by": excluded_by,
        **OF,
        **more,
    }


def application(number: int, document_id: str) -> dict[str, object]:
    return {
        "document_number": number,
        "document_id": document_id,
        "document_key": key_of(document_id),
        **OF,
    }


@pytest.mark.parametrize(
    ("table", "kind"), [(extracts.APPLICATIONS, "patent"), (extracts.ARTICLES, "publication")]
)
def test_documents_that_count_are_numbered_by_identifier(
    run_sql: RunSql, broken: Broken, table: Table, kind: str
) -> None:
    # in the order of its key, as the table lies
    of_kind = [screened(kind, "a"), screened(kind, "b", excluded_by=1), screened(kind, "c")]
    others = [screened("patent" if kind == "publication" else "publication", "d")]
    inputs = {extracts.SCREENING: [*of_kind, *others] if kind == "patent" else [*others, *of_kind]}
    made = run_sql(table, inputs, year=2015)
    assert made.select("document_number", "document_id").rows() == [(1, "a"), (2, "c")]
    rows = made.to_dicts()
    assert broken(table, "all_that_count", {**inputs, table: rows}) == []
    [(counted, _, here, _)] = broken(table, "all_that_count", {**inputs, table: rows[:1]})
    assert (counted, here) == (2, 1)
    other = [rows[0], {**rows[1], "document_id": "b"}]
    assert broken(table, "all_that_count", {**inputs, table: other})
    assert broken(table, "numbered_by_identifier", {table: rows}) == []
    assert broken(table, "numbered_by_identifier", {table: rows[::-1]}) == [(1, "a", "c")]


def test_applicants_are_named_once_and_share_equally(run_sql: RunSql, broken: Broken) -> None:
    applicants = staged(
        "applicants",
        [
            {"document_id": "a", "applicant_number": 2, "name": "Alpha", "country": "JP"},
            {"document_id": "a", "applicant_number": 1, "name": "Beta", "country": "US"},
            {"document_id": "a", "applicant_number": 5, "name": None, "country": "FR"},
            {"document_id": "a", "applicant_number": 3, "name": "Alpha", "country": "DE"},
            {"document_id": "a", "applicant_number": 4, "name": "Gamma", "country": None},
            {"document_id": "other", "applicant_number": 1, "name": "Delta"},
        ],
    )
    inputs = {extracts.APPLICATIONS: [application(7, "a")]}
    made = run_sql(extracts.APPLICANTS, inputs, frames={"staged_applicants": applicants}, year=2015)
    assert made.select("document_number", "applicant_number", "name", "country", "part").rows() == [
        (7, 1, "Beta", "US", 333_333_334),
        (7, 2, "Alpha", "DE", 333_333_333),
        (7, 3, "Gamma", None, 333_333_333),
    ]
    rule, rows = "parts_make_whole_documents", made.to_dicts()
    assert broken(extracts.APPLICANTS, rule, {**inputs, extracts.APPLICANTS: rows}) == []
    assert broken(extracts.APPLICANTS, rule, {**inputs, extracts.APPLICANTS: rows[1:]}) == [
        (7, 666_666_666)
    ]


FIELDS = [
    {"ipc_subclass": "H01L", "ipc_main_group": "", "field_number": 8},
    {"ipc_subclass": "A61K", "ipc_main_group": "", "field_number": 16},
    {"ipc_subclass": "A61K", "ipc_main_group": "8", "field_number": 14},
]


@pytest.mark.parametrize(
    ("scheme", "codes", "fields"),
    [
        ("ipc", ["H01L21/00"], [8]),
        ("ipc", ["H01L  21/02", "h01l 31/00"], [8]),
        ("ipc", ["A61K 8/00"], [14]),
        ("ipc", ["A61K 9/00", "A61K 8/19"], [14, 16]),
        ("ipc", ["A61K 80/00"], [16]),
        ("ipc", ["Z99Z 1/00"], []),
        ("ipc", ["nonsense"], []),
        ("wipo35", ["8", "35", "36", "0", "text"], [8, 35]),
        ("other", ["8"], []),
    ],
)
def test_technology_fields(
    run_sql: RunSql, scheme: str, codes: list[str], fields: list[int]
) -> None:
    staged_fields = staged(
        "fields", [{"document_id": "a", "scheme": scheme, "code": code} for code in codes]
    )
    inputs = {extracts.APPLICATIONS: [application(1, "a")], extracts.IPC_FIELDS: FIELDS}
    made = run_sql(
        extracts.PATENT_FIELDS, inputs, frames={"staged_fields": staged_fields}, year=2015
    )
    assert made["field_number"].to_list() == fields
    assert made["part"].sum() == (1_000_000_000 if fields else 0)


def test_article_fields_are_the_sources_own(run_sql: RunSql, broken: Broken) -> None:
    codes = ["Physics", "Physics", "Chemistry"]
    of_article = {"document_id": "a", "kind": "publication", "scheme": "wos_category"}
    staged_fields = staged("fields", [{**of_article, "code": code} for code in codes])
    inputs = {extracts.ARTICLES: [application(1, "a")]}
    made = run_sql(
        extracts.ARTICLE_FIELDS, inputs, frames={"staged_fields": staged_fields}, year=2015
    )
    assert made.select("field", "part").rows() == [
        ("Chemistry", 500_000_000),
        ("Physics", 500_000_000),
    ]
    rule, rows = "parts_make_whole_documents", made.to_dicts()
    assert broken(extracts.ARTICLE_FIELDS, rule, {**inputs, extracts.ARTICLE_FIELDS: rows}) == []
    rows[0]["scheme"] = "another"
    rows.append({"document_number": 2, "scheme": "another", "part": 1_000_000_000})
    found = broken(extracts.ARTICLE_FIELDS, rule, {**inputs, extracts.ARTICLE_FIELDS: rows})
    assert sorted(found) == [
        (1, "another", 500_000_000),
        (1, "wos_category", 500_000_000),
        (2, "another", 1_000_000_000),
    ]


def test_totals_count_documents_without_any_address(run_sql: RunSql, broken: Broken) -> None:
    addresses = [{"document_number": 1, "address_number": number} for number in (1, 2, 3)]
    inputs = {
        extracts.SCREENING: [screened("patent", "a"), screened("patent", "b")],
        extracts.APPLICATIONS: [application(1, "a"), application(2, "b")],
        extracts.INVENTORS: addresses,
        extracts.ARTICLES: [],
        extracts.AUTHOR_ADDRESSES: [],
    }
    made = run_sql(extracts.DOCUMENT_COUNTS, inputs, year=2015)
    assert made.select("kind", "documents", "addresses").rows() == [
        ("patent", 2, 3),
        ("publication", 0, 0),
    ]
    rule, rows = "all_that_count", made.to_dicts()
    assert broken(extracts.DOCUMENT_COUNTS, rule, {**inputs, extracts.DOCUMENT_COUNTS: rows}) == []
    rows[0]["documents"] = 1
    assert broken(extracts.DOCUMENT_COUNTS, rule, {**inputs, extracts.DOCUMENT_COUNTS: rows})


@pytest.mark.parametrize(
    ("table", "parent", "kind"),
    [
        (extracts.INVENTORS, extracts.APPLICATIONS, "patent"),
        (extracts.AUTHOR_ADDRESSES, extracts.ARTICLES, "publication"),
    ],
)
def test_a_staged_address_that_got_lost_is_noticed(table: Table, parent: Table, kind: str) -> None:
    addresses = staged(
        "addresses",
        [
            {"document_id": "a", "kind": kind, "address_number": 1},
            {"document_id": "a", "kind": kind, "address_number": 1},
            {"document_id": "a", "kind": kind, "address_number": 2},
            {"document_id": "out", "kind": kind, "address_number": 1},
        ],
    )
    text = (query.SQL / "checks" / table.name / "every_staged_address_once.sql").read_text()
    rows = [{"document_number": 1, "address_number": number} for number in (1, 2)]
    with query.connect(query.Limits("1GB", 1)) as connection:
        connection.register("staged_addresses", addresses)
        connection.register(parent.name, offered([application(1, "a")], parent))
        connection.register(table.name, offered(rows, table))
        assert connection.sql(text).fetchall() == []
        connection.register(table.name, offered(rows[:1], table))
        assert connection.sql(text).fetchall() == [(2, 1)]


def test_rejects_are_numbered_within_their_source(run_sql: RunSql, broken: Broken) -> None:
    rejects = pl.DataFrame(
        [
            ("b.csv", 2, None, "why", "documents", "raw", "two", "patent", 1),
            ("a.csv", 9, None, "why", "documents", "raw", "one", "patent", 1),
            ("a.csv", None, 2015, "why", "addresses", None, "one", "patent", 1),
        ],
        schema={
            "file": pl.String, "line": pl.Int64, "year": pl.Int32, "reason": pl.String,
            "intended_table": pl.String, "raw_text": pl.String, "source": pl.String,
            "kind": pl.String, "unit_number": pl.Int32,
        },
        orient="row",
    )  # fmt: skip
    made = run_sql(extracts.REJECTS, {}, frames={"staged_rejects": rejects})
    assert made.select("source", "reject_number", "file", "line").rows() == [
        ("one", 1, "a.csv", 9),
        ("one", 2, "a.csv", None),
        ("two", 1, "b.csv", 2),
    ]
    counted = [
        {"source": source, "record": record, "outcome": "rejected", "records": 1, "unit_number": 1}
        for source, record in (("one", "documents"), ("one", "addresses"), ("two", "documents"))
    ]
    rule, rows = "as_many_as_counted", made.to_dicts()
    inputs = {extracts.READING: counted, extracts.REJECTS: rows}
    assert broken(extracts.REJECTS, rule, inputs) == []
    assert broken(extracts.REJECTS, rule, {**inputs, extracts.REJECTS: rows[:2]}) == [
        ("two", "documents", 1, None, None, None)
    ]


@pytest.mark.parametrize(("rows", "holds"), [(7, True), (8, False), (6, False)])
def test_books_of_reading(broken: Broken, rows: int, holds: bool) -> None:
    of = {"source": "made", "unit_number": 1, "unit": "raw", "record": "documents"}
    reading = [
        {**of, "outcome": "read", "records": 10},
        {**of, "outcome": "rows", "year": 2015, "records": rows - 2},
        {**of, "outcome": "rows", "year": 2016, "records": 2},
        {**of, "outcome": "rejected", "records": 1},
        {**of, "outcome": "excluded", "reason": "why", "records": 2},
        {**of, "outcome": "repaired", "reason": "why", "records": 5},
        {**of, "record": "fields", "outcome": "rows", "year": 2015, "records": 99},
    ]
    assert (broken(extracts.READING, "books_balance", {extracts.READING: reading}) == []) == holds


@pytest.mark.parametrize(
    ("table", "kind"), [(extracts.APPLICATIONS, "patent"), (extracts.ARTICLES, "publication")]
)
def test_an_address_without_its_document_is_noticed(table: Table, kind: str) -> None:
    addresses = staged(
        "addresses",
        [
            {"document_id": "a", "kind": kind},
            {"document_id": "out", "kind": kind},
            {"document_id": "a", "kind": kind, "unit_number": 2},
            {"document_id": "nowhere", "kind": kind},
            {"document_id": "nowhere", "kind": kind},
        ],
    )
    screening = [screened(kind, "a"), screened(kind, "out", excluded_by=1)]
    text = (query.SQL / "checks" / table.name / "every_address_has_its_document.sql").read_text()
    with query.connect(query.Limits("1GB", 1)) as connection:
        connection.register("staged_addresses", addresses)
        connection.register("screening", offered(screening, extracts.SCREENING))
        assert sorted(connection.sql(text).fetchall()) == [
            ("made", 1, key_of("nowhere"), 2),
            ("made", 2, key_of("a"), 1),
        ]
