"""`codebook.csv`: one line per column of every released table, from the contracts.

Here: the codebook's columns. Types and order are taken from the tables as released, so what is
documented is what is there. Not here: the words themselves (`pipelines/contracts/`).
"""

import csv
import io
from collections.abc import Sequence

from pipelines.release.tables import Released

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
