"""Which documents count: every inclusion rule, repetitions, and the funnel that counts them."""

import polars as pl
import pytest

from pipelines import query
from pipelines.contracts import extracts
from tests.sql.conftest import Broken, RunSql, staged


def records(*rows: dict[str, object]) -> pl.DataFrame:
    """Document records as `offer_staged` hands them out."""
    return staged(
        "documents",
        [
            {
                "year": 2015,
                "is_retracted": False,
                "is_paratext": False,
                "file": "raw",
                "line": line,
                "kind": "publication",
                **row,
            }
            for line, row in enumerate(rows, start=1)
        ],
    )


def journals(*pairs: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame(pairs, schema={"source": pl.String, "issn": pl.String}, orient="row")


def screen(
    run_sql: RunSql, *documents: dict[str, object], counted: pl.DataFrame | None = None
) -> pl.DataFrame:
    frames = {
        "staged_documents": records(*documents),
        "counted_journals": journals() if counted is None else counted,
    }
    return run_sql(extracts.SCREENING, {}, frames=frames, year=2015)


PATENT = {"kind": "patent", "document_id": "WO1"}
ARTICLE = {"document_id": "W1"}


@pytest.mark.parametrize(
    ("document", "rule"),
    [
        ({**PATENT, "document_type": "A1"}, None),
        ({**PATENT, "document_type": "A2"}, None),
        ({**PATENT}, None),
        ({**PATENT, "document_type": "A3"}, 1),
        ({**PATENT, "document_type": "A4"}, 1),
        ({**PATENT, "document_type": "a8"}, 1),
        ({**PATENT, "document_type": " A9 "}, 1),
        ({**ARTICLE, "document_type": "article"}, None),
        ({**ARTICLE, "document_type": "Article"}, None),
        ({**ARTICLE, "document_type": "Article; Early Access"}, None),
        ({**ARTICLE, "document_type": "Journal Article"}, None),
        ({**ARTICLE}, None),
        ({**ARTICLE, "document_type": "review"}, 3),
        ({**ARTICLE, "document_type": "Review; Article"}, 3),
        *(
            ({**ARTICLE, "document_type": f"Article; {other}"}, 3)
            for other in (
                *("Systematic Review", "Letter", "Editorial", "Editorial Material", "Comment"),
                *("News", "Correction", "Published Erratum"),
            )
        ),
        *(
            ({**ARTICLE, "document_type": f"Data Paper; {other}"}, 3)
            for other in ("Letter", "Editorial Material", "Correction", "Published Erratum")
        ),
        ({**ARTICLE, "document_type": "Meeting Abstract"}, 4),
        ({**ARTICLE, "document_type": "Article; Meeting Abstract"}, 4),
        ({**ARTICLE, "document_type": "Proceedings Paper"}, 4),
        ({**ARTICLE, "document_type": "Data Paper; Early Access"}, 4),
        ({**ARTICLE, "document_type": "Review; Proceedings Paper"}, 3),
        ({**ARTICLE, "document_type": "Article; Proceedings Paper"}, None),
        ({**ARTICLE, "document_type": "book-chapter"}, 3),
        ({**ARTICLE, "document_type": "article", "is_retracted": True}, 2),
        ({**ARTICLE, "document_type": "Article; Retracted Publication"}, 2),
        ({**ARTICLE, "document_type": "article", "is_paratext": True}, 1),
        ({**ARTICLE, "document_type": "article", "is_science": False}, 5),
        ({**ARTICLE, "document_type": "article", "is_science": True}, None),
    ],
)
def test_rule_that_leaves_a_document_out(
    run_sql: RunSql, document: dict[str, object], rule: int | None
) -> None:
    assert screen(run_sql, document)["excluded_by"].to_list() == [rule]


def test_the_first_broken_rule_counts(run_sql: RunSql) -> None:
    everything = {
        **ARTICLE,
        "document_type": "review",
        "is_retracted": True,
        "is_paratext": True,
        "is_science": False,
    }
    assert screen(run_sql, everything)["excluded_by"].to_list() == [1]


@pytest.mark.parametrize(
    ("issns", "rule"), [("1111-111X", None), ("9;1111-111X", None), ("2222-2222", 6), (None, 6)]
)
def test_journals_of_the_list(run_sql: RunSql, issns: str | None, rule: int | None) -> None:
    made = screen(run_sql, {**ARTICLE, "issns": issns}, counted=journals(("made", "1111-111X")))
    assert made["excluded_by"].to_list() == [rule]


@pytest.mark.parametrize("listed", ["1111-111X", "1111111x"])
@pytest.mark.parametrize("issns", ["9;1111-111x", "1111111X"])
def test_an_issn_is_the_same_with_a_hyphen_and_without(
    run_sql: RunSql, listed: str, issns: str
) -> None:
    """Scopus writes 00280836, everybody else 0028-0836."""
    made = screen(run_sql, {**ARTICLE, "issns": issns}, counted=journals(("made", listed)))
    assert made["excluded_by"].to_list() == [None]


def test_a_list_of_journals_binds_its_own_source_only(run_sql: RunSql) -> None:
    made = screen(run_sql, ARTICLE, counted=journals(("other", "1111-1111")))
    assert made["excluded_by"].to_list() == [None]


def test_repetitions_over_files_and_units_count_once(run_sql: RunSql) -> None:
    made = screen(
        run_sql,
        {**ARTICLE, "unit_number": 2, "file": "b"},
        {**ARTICLE, "unit_number": 1, "file": "a"},
        {**ARTICLE, "unit_number": 1, "file": "a"},
    )
    assert made.select("occurrence", "unit_number", "line", "excluded_by").rows() == [
        (1, 1, 2, None),
        (2, 1, 3, 7),
        (3, 2, 1, 7),
    ]


def test_a_record_that_breaks_no_rule_stands_for_its_repetitions(run_sql: RunSql) -> None:
    made = screen(run_sql, {**PATENT, "document_type": "A3"}, {**PATENT, "document_type": "A1"})
    assert made.select("occurrence", "document_type", "excluded_by").rows() == [
        (1, "A1", None),
        (2, "A3", 1),
    ]


def test_same_identifier_in_both_kinds_is_two_documents(run_sql: RunSql) -> None:
    patent, article = {**PATENT, "document_id": "1"}, {**ARTICLE, "document_id": "1"}
    made = screen(run_sql, patent, article, patent)
    assert made.select("kind", "excluded_by").rows() == [
        ("patent", None),
        ("patent", 2),
        ("publication", None),
    ]


def check(rule: str, screened: pl.DataFrame, documents: pl.DataFrame) -> list[tuple[object, ...]]:
    text = (query.SQL / "checks" / "screening" / f"{rule}.sql").read_text(encoding="utf-8")
    with query.connect(query.Limits("1GB", 1)) as connection:
        connection.register("screening", screened)
        connection.register("staged_documents", documents)
        return connection.sql(text).fetchall()


def test_lost_doubled_and_mixed_up_records_are_noticed(run_sql: RunSql) -> None:
    rows = [{**ARTICLE, "document_id": name} for name in ("a", "a", "b")]
    made, documents = screen(run_sql, *rows), records(*rows)
    for rule in ("every_staged_document_once", "counted_once", "a_key_is_one_document"):
        assert check(rule, made, documents) == [], rule
    lost = check("every_staged_document_once", made[1:], documents)
    assert lost == [("made", 1, 3, "made", 1, 2)]
    counted = made.with_columns(excluded_by=None)
    assert check("counted_once", counted, documents) == [("publication", "a", 2)]
    mixed_up = made.with_columns(document_key=pl.lit(1, pl.UInt64))
    assert check("a_key_is_one_document", mixed_up, documents) == [(1, "a", "b")]


def rules() -> list[dict[str, object]]:
    with query.connect(query.Limits("1GB", 1)) as connection:
        made = connection.sql(query.sql_text("extracts", "inclusion_rules"))
        return made.pl().to_dicts()


def test_funnel_counts_what_each_rule_removed(run_sql: RunSql, broken: Broken) -> None:
    screened = screen(
        run_sql,
        {"document_id": "a", "document_type": "article"},
        {"document_id": "a", "document_type": "article"},
        {"document_id": "b", "document_type": "review"},
        {"document_id": "c", "document_type": "article", "is_retracted": True},
        {"document_id": "d", "document_type": "article", "is_science": False},
        {"document_id": "e", "document_type": "article"},
        {"document_id": "f", "document_type": "Proceedings Paper"},
        {**PATENT, "document_type": "A1"},
    ).to_dicts()
    inputs = {extracts.SCREENING: screened, extracts.INCLUSION_RULES: rules()}
    funnel = run_sql(extracts.INCLUSION_FUNNEL, inputs, year=2015)
    assert funnel.select("kind", "rule", "documents_in", "documents_out").rows() == [
        ("patent", 1, 1, 1),
        ("patent", 2, 1, 1),
        ("publication", 1, 7, 7),
        ("publication", 2, 7, 6),
        ("publication", 3, 6, 5),
        ("publication", 4, 5, 4),
        ("publication", 5, 4, 3),
        ("publication", 6, 3, 3),
        ("publication", 7, 3, 2),
    ]
    check = "steps_follow_each_other"
    whole = {**inputs, extracts.INCLUSION_FUNNEL: funnel.to_dicts()}
    assert broken(extracts.INCLUSION_FUNNEL, check, whole) == []
    leaking = [
        {**row, "documents_out": 0} if row["rule"] == 7 else row for row in funnel.to_dicts()
    ]
    assert broken(extracts.INCLUSION_FUNNEL, check, {**inputs, extracts.INCLUSION_FUNNEL: leaking})
    assert broken(extracts.INCLUSION_FUNNEL, check, {**inputs, extracts.INCLUSION_FUNNEL: []})


def test_rules_of_the_method_are_numbered_without_gaps() -> None:
    for kind, most in (("patent", 2), ("publication", 7)):
        numbers = [rule["rule"] for rule in rules() if rule["kind"] == kind]
        assert numbers == list(range(1, most + 1))
