"""The codebook, from the contracts: `codebook.csv` of a release, and the documentation page.

Here: the codebook's columns, one line per column of every released table, with types and order as
released, so that what is documented is what is there; and the page of all tables of all stages. Not
here: the words themselves (`pipelines/contracts/`).
"""

import csv
import io
from collections.abc import Sequence

from pipelines.contracts import SCHEMA_VERSION, TABLES
from pipelines.contracts.model import Column, Table
from pipelines.release.tables import VALIDATION, Released, released_name, released_tables
from pipelines.validation.rules import rules_of

HEADER = (
    "table",
    "each_row_is",
    "position",
    "column",
    "type",
    "unit",
    "meaning",
    "nullable",
    "position_in_key",
    "allowed",
    "minimum",
    "maximum",
    "references",
)


def codebook(tables: Sequence[Released]) -> str:
    """The codebook as CSV text; `type` is Arrow's name of the type."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for table in tables:
        contract = {column.name: column for column in table.contract.columns}
        key = table.contract.key
        for position, field in enumerate(table.rows.schema, start=1):
            column = contract.get(field.name)
            writer.writerow(
                (
                    table.name,
                    table.contract.row,
                    position,
                    field.name,
                    field.type,
                    (field.metadata or {}).get(b"unit", b"").decode(),
                    field.metadata[b"description"].decode(),
                    "yes" if field.nullable else "no",
                    key.index(field.name) + 1 if field.name in key else "",
                    "; ".join(column.allowed) if column else "",
                    column.minimum if column else None,
                    column.maximum if column else None,
                    column.references if column else None,
                )
            )
    return text.getvalue()


def codebook_page() -> str:
    """All tables and columns as a Markdown page, in the order in which they are made."""
    released = [*released_tables(), VALIDATION]
    lines = [
        "# Codebook",
        "",
        f"Every table and column, from the contracts in `pipelines/contracts/`, version {SCHEMA_VERSION}. "
        "Tables that are released stand in `releases/<edition>/<revision>/`; the others stay in the "
        "workspace.",
        "",
    ]
    stage = ""
    for table in (*TABLES.values(), VALIDATION):
        if table.stage != stage:
            stage = table.stage
            lines += [f"## Stage {stage}", ""]
        lines += _table_section(table, is_released=table in released)
    return "\n".join(lines).rstrip("\n") + "\n"


def _table_section(table: Table, *, is_released: bool) -> list[str]:
    facts = [
        f"key `{', '.join(table.key)}`",
        f"by {table.partition}" if table.partition else "one table",
        f"released as `{released_name(table)}.parquet`" if is_released else "not released",
    ]
    lines = [f"### {table.name}", "", f"Each row is {table.row}.", "", "; ".join(facts) + ".", ""]
    lines += ["| column | type | unit | meaning | values |", "|---|---|---|---|---|"]
    lines += [_column_line(column) for column in table.columns]
    rules = [(rule.name, rule.meaning) for rule in table.rules]
    rules += [(rule.name, rule.description) for rule in rules_of(table)]
    if rules:
        lines += ["", "What must hold:", ""]
        lines += [f"- `{name}`: {meaning}" for name, meaning in rules]
    return [*lines, ""]


def _column_line(column: Column) -> str:
    written = "g" if column.unit == "year" else ",g"
    values = [
        ", ".join(f"`{value}`" for value in column.allowed),
        f"from {column.minimum:{written}}" if column.minimum is not None else "",
        f"to {column.maximum:{written}}" if column.maximum is not None else "",
        f"in `{column.references}`" if column.references else "",
        "may be empty" if column.nullable else "",
    ]
    said = "; ".join(value for value in values if value)
    cells = (f"`{column.name}`", column.type, column.unit or "", column.meaning, said)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
