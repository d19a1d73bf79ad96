"""Records: the tables that every reader hands out, whatever the raw format.

Here: the Arrow schema of each table, as readers hand it out and as it lies staged, the bounds of a
believable year, and `Batch`, a piece of one of these tables. Add a column here when every later stage
may count on it; what one format alone knows stays in that format's module. Not here: reading, writing,
inclusion rules.

Persons' names are not in these tables and are never taken over. A person without any address still
gives one `addresses` row with everything null, so that it is counted.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

YEARS = range(1500, 2101)
"""Publication years that are believed; a record with another year is a reject."""

RAW_TEXT_CHARACTERS = 2_000
"""How much of an unreadable record a reject keeps."""

_TEXT, _NUMBER, _FLAG, _DEGREES = pa.string(), pa.int32(), pa.bool_(), pa.float64()


def _schema(*fields: tuple[str, pa.DataType]) -> pa.Schema:
    return pa.schema([pa.field(name, type_) for name, type_ in fields])


SCHEMAS: Mapping[str, pa.Schema] = {
    "documents": _schema(
        ("document_id", _TEXT),
        ("year", _NUMBER),  # of publication
        (
            "document_type",
            _TEXT,
        ),  # as the source writes it: 'article', 'A1', 'Article; Early Access'
        ("is_retracted", _FLAG),
        ("is_paratext", _FLAG),
        ("is_science", _FLAG),  # null: the source cannot tell science from the humanities
        ("issns", _TEXT),  # joined with ';'
        ("file", _TEXT),  # relative to the configuration's folder
        ("line", pa.int64()),  # number of the record in its file, from 1
    ),
    "addresses": _schema(
        ("document_id", _TEXT),
        ("year", _NUMBER),
        ("person_number", _NUMBER),  # null where the extract does not tell persons apart
        ("address_number", _NUMBER),  # from 1 within the document, in the file's order
        ("address", _TEXT),  # this and the next four as written
        ("city", _TEXT),
        ("region", _TEXT),
        ("postcode", _TEXT),
        ("country", _TEXT),
        ("institution", _TEXT),
        ("institution_id", _TEXT),  # ROR URL where known, else the source's own identifier
        ("lat", _DEGREES),
        ("lng", _DEGREES),
        ("share", _DEGREES),  # REGPAT: inv_share x reg_share
    ),
    "applicants": _schema(
        ("document_id", _TEXT),
        ("year", _NUMBER),
        ("applicant_number", _NUMBER),
        ("name", _TEXT),
        ("country", _TEXT),
    ),
    "fields": _schema(
        ("document_id", _TEXT),
        ("year", _NUMBER),
        (
            "scheme",
            _TEXT,
        ),  # 'ipc', 'wipo35', 'openalex_concept', 'openalex_field', 'wos_category', ...
        ("code", _TEXT),
    ),
    "rejects": _schema(
        ("file", _TEXT),
        ("line", pa.int64()),  # line or number of the record, as the format allows
        ("year", _NUMBER),
        ("reason", _TEXT),
        ("raw_text", _TEXT),
        ("intended_table", _TEXT),  # the table that the record would have gone to
    ),
    # The books of a unit: 'read' counts raw records, 'excluded' those that a rule of the format
    # leaves out, 'repaired' values set to null because they cannot be. For each intended table
    # that is read: read = rows + rejects + excluded.
    "accounts": _schema(
        ("intended_table", _TEXT),
        ("outcome", _TEXT),
        ("reason", _TEXT),
        ("records", pa.int64()),
    ),
}

ADDRESS_TEXTS = (
    "address",
    "city",
    "region",
    "postcode",
    "country",
    "institution",
    "institution_id",
    "lat",
    "lng",
)
"""What an address is written as: equal texts have one key, by which they lie on disk once."""

DOCUMENT_KEY, ADDRESS_KEY = STAGED_KEYS = ("document_key", "address_key")
"""By which staged records know their document and their text: `key_columns`."""

_DOCUMENT_KEY, _ADDRESS_KEY = (DOCUMENT_KEY, pa.uint64()), (ADDRESS_KEY, pa.uint64())

STAGED_SCHEMAS: Mapping[str, pa.Schema] = {
    "documents": _schema(_DOCUMENT_KEY, *((f.name, f.type) for f in SCHEMAS["documents"])),
    "addresses": _schema(
        _DOCUMENT_KEY,
        ("person_number", _NUMBER),
        ("address_number", _NUMBER),
        ("share", _DEGREES),
        _ADDRESS_KEY,
    ),
    "texts": _schema(
        _ADDRESS_KEY, *((name, SCHEMAS["addresses"].field(name).type) for name in ADDRESS_TEXTS)
    ),
    "applicants": _schema(
        _DOCUMENT_KEY, ("applicant_number", _NUMBER), ("name", _TEXT), ("country", _TEXT)
    ),
    "fields": _schema(_DOCUMENT_KEY, ("scheme", _TEXT), ("code", _TEXT)),
    "rejects": SCHEMAS["rejects"],
}
"""The tables as they lie staged, by unit and year. Other records know their document by its key, and
addresses their text."""

LOOKUPS = "lookups"
"""Intended table of raw rows that are no records by themselves, such as PATSTAT's persons: other
rows look them up. The books have their rows as excluded."""

OF_NO_DOCUMENT = "document is excluded or cannot be read"
"""Why rows that belong to a document are excluded where it is not among the records."""

YEARLY_TABLES = ("documents", "addresses", "applicants", "fields")
"""Tables that are split by year of publication."""


def key_columns(table: str, given: Container[str]) -> str:
    """SQL for the keys of a table's rows, over those of its columns that are given."""
    keys = f"hash(document_id) AS {DOCUMENT_KEY}"
    if table == "addresses":
        texts = ", ".join(name if name in given else "NULL" for name in ADDRESS_TEXTS)
        keys += f", address_key({texts}) AS {ADDRESS_KEY}"
    return keys


@dataclass(frozen=True)
class Batch:
    """Some rows of one table of `SCHEMAS`, in the order of the file.

    Attributes:
        table: name of the table.
        data: rows with exactly the schema of that table.
        keys: of the rows, by their names in `STAGED_SCHEMAS`, where the reader's own SELECT gave
            them; staging counts the others.
    """

    table: str
    data: pa.Table | pa.RecordBatch
    keys: Mapping[str, pa.Array | pa.ChunkedArray] = field(default_factory=dict)


def batch(table: str, rows: Iterable[Mapping[str, Any]]) -> Batch:
    """A batch from Python rows; columns that a row does not name are null."""
    return Batch(table, pa.Table.from_pylist(list(rows), schema=SCHEMAS[table]))


def account(intended_table: str, outcome: str, records: int, reason: str = "") -> Batch:
    """One line in the books: so many records of a table were read, excluded or repaired."""
    return batch(
        "accounts",
        [
            {
                "intended_table": intended_table,
                "outcome": outcome,
                "reason": reason,
                "records": records,
            }
        ],
    )
