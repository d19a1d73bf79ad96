"""Tabular extracts: anyone's own CSV, TSV or Parquet files with a mapping of columns.

Here: the mapping, checked, and the SELECT per role. The configuration names files by role and, by
role, our column = the file's column; a value that begins with '=' is a constant:

    files = { addresses = "inventors.tsv.gz", documents = "patents.tsv.gz" }
    columns.addresses = { document_id = "patent_id", city = "inventor_city", country = "=US" }
    columns.documents = { document_id = "patent_id", year = "grant_year", document_type = "=B1" }

A role without a mapping takes the columns that bear our names. Without a `documents` file the
documents are the distinct pairs of document_id and year of the addresses. Files of addresses alone
are read each by itself; files of several roles belong together, and a document may go on from one
file of a role to the next. A role without a `year` has its years from `documents`, and a row whose
document is not among them is a reject.

What the source tells is what the mapping names: without `document_type` no rule on types can
apply, without `person_number` persons cannot be told apart. Formats with a reader of their own are
better read by that.
"""

from collections.abc import Iterator, Mapping

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import UserError
from pipelines.readers.delimited import Header, parse_header, read_header, scan_sql, unreadable
from pipelines.readers.engine import (
    batch_of,
    connect,
    degrees,
    faults_of,
    first_rows_as_documents,
    keys_of,
    located,
    numbered,
    sort_out,
    stream,
    text,
    whole_number,
    year,
)
from pipelines.readers.numbering import SPREAD, Hashes, Numbering, Numbers, Values
from pipelines.readers.opening import PlainFile, for_duckdb
from pipelines.readers.records import (
    DOCUMENT_KEY,
    SCHEMAS,
    STAGED_KEYS,
    Batch,
    account,
    key_columns,
)
from pipelines.readers.source import Head, Reader, SourceFiles, each_file, group_as_one

ROLES = {"addresses": True, "documents": False, "applicants": False, "fields": False}
REQUIRED = {
    "documents": ("document_id", "year"),
    "addresses": ("document_id",),
    "applicants": ("document_id", "name"),
    "fields": ("document_id", "scheme", "code"),
}
NEEDED_TEXT = {"name", "scheme", "code"}
NUMBERED = {"addresses": "address_number", "applicants": "applicant_number"}
WHOLE_NUMBERS = ("person_number", "address_number", "applicant_number")
OWN = {"file", "line"}
FLAG_DEFAULTS = {"is_retracted": "false", "is_paratext": "false"}
REPAIRS = {"lat": "no latitude", "lng": "no longitude", "share": "no share of an address"}

TEXT = "nullif({}::varchar, '')"
FLAG = "try_cast({} as boolean)"
CLEANING = {
    "document_id": text("{0}"),
    "year": year("{0}"),
    "is_retracted": FLAG,
    "is_paratext": FLAG,
    "is_science": FLAG,
    "issns": "nullif(replace(replace({}::varchar, ' ', ''), ',', ';'), '')",
    "lat": degrees("{0}", 90),
    "lng": degrees("{0}", 180),
    "share": "case when try_cast({0} as double) between 0 and 1 then try_cast({0} as double) end",
} | {name: whole_number("{0}") for name in WHOLE_NUMBERS}
"""SQL that turns a raw column into ours; columns not named here are text as written."""


def _mapping(source: SourceFiles, role: str, header: Header, label: str) -> dict[str, str]:
    """Our column to SQL over the file's columns, for one file; constants as SQL literals."""
    ours = [name for name in SCHEMAS[role].names if name not in OWN]
    wanted = source.columns.get(role) or {name: name for name in ours if name in header.names}
    found = {}
    for name, column in wanted.items():
        if name not in ours:
            raise UserError(
                f"Source {source.name}: columns.{role} names '{name}', which is no column of ours. "
                f"Possible: {', '.join(ours)}."
            )
        if column.startswith("="):
            found[name] = "'" + column[1:].replace("'", "''") + "'"
        elif column.lower() in header.names:
            found[name] = '"' + column.replace('"', '""') + '"'
        else:
            raise UserError(
                f"{label}: columns.{role}.{name} of source {source.name} names the column "
                f"'{column}', which is not there. The file has: {', '.join(header.names[:40])}."
            )
    missing = [name for name in REQUIRED[role] if name not in found]
    if missing:
        raise UserError(
            f"{label}: columns.{role} of source {source.name} must name {', '.join(missing)}. "
            f"The file has: {', '.join(header.names[:40])}."
        )
    return found


def _header(plain: PlainFile, connection: duckdb.DuckDBPyConnection) -> Header:
    if not plain.is_parquet:
        return read_header(plain.path)
    with faults_of(plain.label):
        described = connection.execute(
            "select name from (describe from read_parquet($path)) as columns(name)",
            {"path": str(plain.path)},
        ).fetchall()
    return Header("", tuple(name.lower() for (name,) in described))


def _select(plain: PlainFile, header: Header, columns: Mapping[str, str], role: str) -> str:
    """SELECT of a role's rows, in the file's order, with what `engine.sort_out` wants.

    Where the mapping names no year, year and that reason to reject a row are left to `_dated`.
    """
    path = str(plain.path).replace("'", "''")
    scanned = f"read_parquet('{path}')" if plain.is_parquet else scan_sql(plain, header)
    raw = ", ".join(f'{sql} as "{name}"' for name, sql in columns.items())
    values = {
        name: CLEANING.get(name, TEXT).format(f'raw."{name}"') if name in columns else "null"
        for name in SCHEMAS[role].names
        if name not in OWN
    }
    for name, default in FLAG_DEFAULTS.items():
        if name in values:
            values[name] = f"coalesce({values[name]}, {default})"
    faults = {"document_id is null": "no document_id"}
    if "year" in columns:
        faults["year is null"] = "no believable year of publication"
    else:
        del values["year"]
    faults |= {f"{name} is null": f"no {name}" for name in REQUIRED[role] if name in NEEDED_TEXT}
    faults |= {
        f'{name} is null and raw."{name}" is not null': f"no whole number as {name}"
        for name in WHOLE_NUMBERS
        if name in columns and name in values
    }
    repairs = {
        f'{name} is null and raw."{name}" is not null': f"{name}: {reason}"
        for name, reason in REPAIRS.items()
        if name in columns
    }
    values = {name: sql for name, sql in values.items() if sql != "null"}
    picked = ", ".join(f'{sql} as "{name}"' for name, sql in values.items())
    return (
        f"select * exclude (raw), {key_columns(role, values)},"
        f" {_first_that_holds(faults)} as reject,"
        " case when reject is not null then to_json(raw)::varchar end as raw_text,"
        f" {_first_that_holds(repairs)} as repaired"
        f" from (select {picked}, raw from (select {raw} from {scanned}) as raw)"
    )


def _first_that_holds(cases: Mapping[str, str]) -> str:
    """SQL for the text of the first condition that holds; null where none does."""
    whens = " ".join(f"when {condition} then '{text}'" for condition, text in cases.items())
    return f"case {whens} end" if whens else "null::varchar"


class _Years:
    """Years of documents; put in order when a file asks for the first time, which few do."""

    def __init__(self) -> None:
        self._known = Values()
        self._waiting: list[tuple[Hashes, Numbers]] = []

    def add(self, keys: Hashes, years: Numbers) -> None:
        """Of a document that comes twice the first year counts."""
        self._waiting.append((keys, years))

    def of_rows(self, keys: Hashes) -> Numbers:
        """The year of each row's document, 0 where it is not known."""
        for some in self._waiting:
            self._known.add(*some)
        self._waiting = []
        return self._known.of_rows(keys)


def read(source: SourceFiles) -> Iterator[Batch]:
    """All records of the unit's files, role by role, documents first.

    Raises:
        UserError: the mapping does not fit a file; a role that needs `documents` lacks it; a file
            is damaged, binary or not UTF-8.
    """
    years = _Years()
    with connect(source.limits) as connection:
        for role in sorted(source.files, key=list(SCHEMAS).index):
            numbering = Numbering()
            for path in source.files[role]:
                with for_duckdb(path, source.label(path), source.limits.scratch) as plain_files:
                    for plain in plain_files:
                        with faults_of(plain.label):
                            yield from _read_file(
                                connection, source, plain, role, numbering=numbering, years=years
                            )


def _read_file(
    connection: duckdb.DuckDBPyConnection,
    source: SourceFiles,
    plain: PlainFile,
    role: str,
    *,
    numbering: Numbering,
    years: _Years,
) -> Iterator[Batch]:
    """The records of a file, rejects and books.

    Args:
        connection: DuckDB.
        source: the unit.
        plain: the file.
        role: its role.
        numbering: of the rows of each document in all files of the role.
        years: of the documents; files of documents add to it, the others look it up.
    """
    header = _header(plain, connection)
    columns = _mapping(source, role, header, plain.label)
    gives_documents = role == "addresses" and "documents" not in source.files
    number = NUMBERED.get(role, "")
    must_number = bool(number) and number not in columns

    def records(rows: pa.Table) -> Iterator[Batch]:
        keys, of_row = keys_of(rows, DOCUMENT_KEY), rows["year"].to_numpy()
        if role == "documents":
            years.add(keys, of_row)
        if not (gives_documents or must_number):
            yield batch_of(rows, role)
            return
        # Keys of a document in several years have nothing in common.
        of_years = keys ^ of_row.astype(np.uint64) * SPREAD
        numbers = numbering.number(of_years, rows["document_id"])
        if gives_documents:
            yield first_rows_as_documents(rows, numbers, is_science=None)
        yield numbered(rows, role, **({number: numbers} if must_number else {}))

    rows = located(stream(connection, _select(plain, header, columns, role)), plain.label)
    if "year" not in columns:
        if "documents" not in source.files:
            raise UserError(
                f"{plain.label}: columns.{role} of source {source.name} names no year, and there is"
                " no documents file to take it from. Map `year`, or add a documents file."
            )
        rows = (_dated(connection, some, years) for some in rows)
    yield from sort_out(rows, role, records, is_raw=True)
    rejects = unreadable(connection, plain.label, role)
    yield rejects
    yield account(role, "read", rejects.data.num_rows)


def _dated(connection: duckdb.DuckDBPyConnection, rows: pa.Table, years: _Years) -> pa.Table:
    """Rows with the years of their documents; rejected where a document is not known."""
    found = years.of_rows(keys_of(rows, DOCUMENT_KEY))
    is_known = pa.array(found > 0)
    is_lost = pc.and_(pc.invert(is_known), pc.is_null(rows["reject"].combine_chunks()))
    ours = {*STAGED_KEYS, "reject", "raw_text", "repaired", "file"}
    lost = rows.select([name for name in rows.column_names if name not in ours]).filter(is_lost)
    as_text = connection.cursor().sql("select to_json(lost)::varchar as raw_text from lost")
    texts = as_text.to_arrow_table()["raw_text"].combine_chunks()
    reasons = pa.repeat("document_id is not among the documents", len(lost))
    rows = rows.append_column("year", pa.array(found, mask=found == 0))
    for name, values in (("raw_text", texts), ("reject", reasons)):
        replaced = pc.replace_with_mask(rows[name].combine_chunks(), is_lost, values)
        rows = rows.set_column(rows.schema.get_field_index(name), name, replaced)
    return rows


def _units(source: SourceFiles) -> Iterator[SourceFiles]:
    """Files of addresses alone one by one; else all together, as documents need their addresses."""
    return each_file(source) if set(source.files) == {"addresses"} else group_as_one(source)


def _recognises(head: Head) -> bool:
    is_markup = head.text.lstrip()[:1] in ("<", "{", "[")
    return head.is_parquet or (not is_markup and len(parse_header(head.text).names) > 1)


READER = Reader(
    name="tabular",
    kinds=frozenset({"patent", "publication"}),
    read=read,
    recognises=_recognises,
    roles=ROLES,
    units=_units,
)
