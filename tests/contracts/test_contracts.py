"""Contracts as text: a change of a column shows as a difference, and every table has what it needs."""

import pyarrow as pa
import pytest
from syrupy.assertion import SnapshotAssertion

from pipelines.contracts import SCHEMA_VERSION, TABLES
from pipelines.contracts.model import Column, Table
from pipelines.query import SQL
from pipelines.release.codebook import codebook_page
from pipelines.validation.rules import rules_of


def as_text(table: Table) -> str:
    """A contract as a page of text."""
    lines = [
        f"{table.name}: each row is {table.row}",
        f"  stage {table.stage}, by {table.partition or 'nothing'}, key {', '.join(table.key)}"
        + (", never empty" if table.filled else "")
        + (", released" if table.released else ""),
    ]
    for column in table.columns:
        limits = [
            f"at least {column.minimum:g}" if column.minimum is not None else "",
            f"at most {column.maximum:g}" if column.maximum is not None else "",
            f"one of {', '.join(column.allowed)}" if column.allowed else "",
            f"in {column.references}" if column.references else "",
            "may be empty" if column.nullable else "",
        ]
        facts = "; ".join([column.unit or "", *limits]).strip("; ")
        lines.append(f"  {column.name} {column.type}: {column.meaning} [{facts}]")
    lines += [f"  rule {rule.name}: {rule.meaning}" for rule in table.rules]
    return "\n".join(lines)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_contract(name: str, snapshot: SnapshotAssertion) -> None:
    assert as_text(TABLES[name]) == snapshot


def test_schema_version(snapshot: SnapshotAssertion) -> None:
    assert snapshot == SCHEMA_VERSION


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_contract_is_whole(table: Table) -> None:
    for column in table.columns:
        assert column.meaning
        if column.references:
            other, _, other_column = column.references.partition(".")
            assert other_column in TABLES[other].column_names
        if column.allowed:
            assert column.type == "string"
    if table.partition:
        partition = next(column for column in table.columns if column.name == table.partition)
        assert not partition.nullable
    if table.released:
        assert table.partition == "edition"
        assert table.columns[0].name == "edition"


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_schema_says_what_each_column_means(table: Table) -> None:
    for field, column in zip(table.schema, table.columns, strict=True):
        assert field.metadata[b"description"].decode() == column.meaning
        assert field.metadata.get(b"unit", b"").decode() == (column.unit or "")
        assert field.nullable == column.nullable


def test_where_names_of_persons_may_stand_nothing_is_released() -> None:
    personal = {table.name for table in TABLES.values() if table.personal}
    # raw rows, texts of addresses, names of applicants
    assert personal >= {"rejects", "distinct_addresses", "applicants", "cell_names", "named_output"}
    assert not any(TABLES[name].released for name in personal)


def test_every_sql_file_makes_a_table_of_its_stage() -> None:
    for path in SQL.glob("*/*.sql"):
        if path.parent.name != "checks":
            assert TABLES[path.stem].stage == path.parent.name
            assert path.read_text().startswith("-- One row per"), path.name


def test_tie_columns_are_wide_integers() -> None:
    assert TABLES["cluster_ties"].schema.field("tie").type == pa.decimal128(38, 0)


@pytest.mark.parametrize(
    ("key", "columns"),
    [
        (("missing",), (Column("a", "int64", "A"),)),
        (("a",), (Column("a", "int64", "A"), Column("a", "int64", "A again"))),
    ],
)
def test_contract_without_its_key_is_refused(
    key: tuple[str, ...], columns: tuple[Column, ...]
) -> None:
    with pytest.raises(ValueError, match="contract made"):
        Table("made", "extracts", "a row", key=key, columns=columns)


def test_contract_without_its_partition_is_refused() -> None:
    with pytest.raises(ValueError, match="contract made"):
        Table(
            "made", "extracts", "a row", key=("a",), partition="year",
            columns=(Column("a", "int64", "A"),),
        )  # fmt: skip


def test_the_page_of_the_codebook_has_every_table_column_and_rule() -> None:
    page = codebook_page()
    sections = dict(part.split("\n", 1) for part in page.split("\n### ")[1:])
    assert list(sections) == [*TABLES, "validation"]
    for name, table in TABLES.items():
        for column in table.columns:
            assert f"| `{column.name}` | {column.type} | {column.unit or ''} |" in sections[name]
        for rule in (*table.rules, *rules_of(table)):
            assert f"- `{rule.name}`: " in sections[name]
    assert "released as `geocoding_quality.parquet`" in sections["edition_geocoding_quality"]
    assert "not released" in sections["points"]
    assert "| Edition of the ranking | from 2017; to 2100 |" in sections["ranking"]
