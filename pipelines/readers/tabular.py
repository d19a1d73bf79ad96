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
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.errors import UserError
from pipelines.readers.delimited import (
    Header,
    parse_header,
    read_header,
    scan_sql,
    unreadable,
)
from pipelines.readers.engine import (
    connect,
    faults_of,
    scalar,
    sort_out,
    stream,
    text,
    to_schema,
    whole_number,
    year,
)
from pipelines.readers.numbering import numbers_within
from pipelines.readers.opening import PlainFile, for_duckdb
from pipelines.readers.records import SCHEMAS, Batch, account
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
DEGREES = "case when abs(try_cast({0} as double)) <= %d then try_cast({0} as double) end"
CLEANING = {
    "document_id": text("{0}"),
    "year": year("{0}"),
    "is_retracted": FLAG,
    "is_paratext": FLAG,
    "is_science": FLAG,
    "issns": "nullif(replace(replace({}::varchar, ' ', ''), ',', ';'), '')",
    "lat": DEGREES % 90,
    "lng": DEGREES % 180,
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


def _present(
    connection: duckdb.DuckDBPyConnection, plain: PlainFile, header: Header, columns: dict[str, str]
) -> None:
    """Make `raw`: the mapped columns under our names, with `line`; text is parsed only once."""
    picked = ", ".join(f'{sql} as "{name}"' for name, sql in columns.items())
    connection.execute("drop view if exists raw; drop table if exists raw_text_rows")
    if plain.is_parquet:
        path = str(plain.path).replace("'", "''")
        connection.execute(
            f"create temp view raw as select file_row_number + 1 as line, {picked}"
            f" from read_parquet('{path}', file_row_number=true)"
        )
        return
    connection.execute(
        f"create temp table raw_text_rows as select row_number() over () as line, {picked}"
        f" from {scan_sql(plain, header)};"
        " create temp view raw as from raw_text_rows"
    )


def _cleaned(columns: Mapping[str, str], role: str, *, joined: bool) -> str:
    """SELECT of a role's rows out of `raw`, with `reject` (null for a good row) and `raw_row`."""
    values = {
        name: CLEANING.get(name, TEXT).format(f'raw."{name}"') if name in columns else "null"
        for name in SCHEMAS[role].names
        if name not in OWN
    }
    join = ""
    if joined:
        values["year"] = "years.year"
        join = f"left join years on years.document_id = {values['document_id']}"
    for name, default in FLAG_DEFAULTS.items():
        if name in values:
            values[name] = f"coalesce({values[name]}, {default})"
    checks = ["when document_id is null then 'no document_id'"]
    if joined:
        checks.append("when year is null then 'document_id is not among the documents'")
    else:
        checks.append("when year is null then 'no believable year of publication'")
    checks += [
        f"when {name} is null then 'no {name}'" for name in REQUIRED[role] if name in NEEDED_TEXT
    ]
    checks += [
        f"when {name} is null and raw_row.\"{name}\" is not null then 'no whole number as {name}'"
        for name in WHOLE_NUMBERS
        if name in columns and name in values
    ]
    picked = ", ".join(f'{sql} as "{name}"' for name, sql in values.items())
    return (
        f"select *, case {' '.join(checks)} end as reject"
        f" from (select raw.line, {picked}, raw as raw_row from raw {join})"
    )


def _repaired(columns: Mapping[str, str]) -> str:
    """SQL for the reason why a value of a row was set to null; null where none was."""
    cases = [
        f"when {name} is null and raw_row.\"{name}\" is not null then '{name}: {reason}'"
        for name, reason in REPAIRS.items()
        if name in columns
    ]
    return f"case {' '.join(cases)} end" if cases else "null::varchar"


def _rows(
    connection: duckdb.DuckDBPyConnection,
    role: str,
    columns: Mapping[str, str],
    label: str,
    *,
    joined: bool,
    with_documents: bool,
) -> Iterator[Batch]:
    """The records of the file in `raw`, in its order.

    Args:
        connection: with `raw` and, where joined, `years`.
        role: role of the file.
        columns: its mapping.
        label: its name in records.
        joined: the years come from `years`.
        with_documents: the first row of each document gives the document too.
    """
    cleaned = _cleaned(columns, role, joined=joined)
    order = " order by line" if joined else ""
    number = NUMBERED.get(role)
    must_number = number is not None and number not in columns
    ordinals = None
    if must_number or with_documents:
        # A reject has a key of its own, so that the numbers of good rows have no gaps.
        keys = connection.sql(
            "select case when reject is null then hash(document_id, year) else hash(-line) end as k"
            f" from ({cleaned}){order}"
        )
        ordinals = _numbered_on(connection, role, keys.fetchnumpy()["k"])
    sql = (
        f"select * exclude (raw_row), {_repaired(columns)} as repaired, $file as file,"
        " case when reject is not null then to_json(raw_row)::varchar end as raw_text"
        f" from ({cleaned}){order}"
    )
    batches = stream(connection, sql, file=label)
    if ordinals is None:
        yield from sort_out(batches, role)
        return
    done = 0
    for rows in batches:
        numbers = pa.array(ordinals[done : done + rows.num_rows])
        done += rows.num_rows
        if with_documents:
            is_first = pc.and_(pc.equal(numbers, 1), pc.is_null(rows["reject"]))
            yield Batch("documents", _documents_of(rows.filter(is_first)))
        if must_number:
            position = rows.schema.get_field_index(number)
            yield from sort_out([rows.set_column(position, number, numbers)], role)
        else:
            yield from sort_out([rows], role)


def _numbered_on(
    connection: duckdb.DuckDBPyConnection, role: str, keys: NDArray[np.uint64]
) -> NDArray[np.int32]:
    """Number the rows of each document, on from the role's earlier files."""
    numbers = numbers_within(keys)
    connection.register("numbered_now", pa.table({"key": keys}))
    earlier = connection.sql(
        "select key, max(rows) as rows from numbered"
        " where role = $role and key in (select key from numbered_now) group by key order by key",
        params={"role": role},
    ).fetchnumpy()
    if len(earlier["key"]):
        at = np.minimum(np.searchsorted(earlier["key"], keys), len(earlier["key"]) - 1)
        numbers += np.where(earlier["key"][at] == keys, earlier["rows"][at], 0)
    connection.register("numbered_now", pa.table({"key": keys, "number": numbers}))
    connection.execute(
        "insert into numbered select $role, key, max(number) from numbered_now group by key",
        {"role": role},
    )
    connection.unregister("numbered_now")
    return numbers


def _documents_of(rows: pa.RecordBatch) -> pa.Table:
    known = rows.select(["document_id", "year", "file", "line"])
    flags = ("is_retracted", "is_paratext")
    for name in flags:
        known = known.append_column(name, pa.repeat(False, rows.num_rows))
    return to_schema(known, "documents")


def _remember_years(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> None:
    connection.execute(
        "insert into years select document_id, arg_min(year, line)"
        f" from ({_cleaned(columns, 'documents', joined=False)})"
        " where reject is null and document_id not in (select document_id from years)"
        " group by document_id"
    )


def read(source: SourceFiles) -> Iterator[Batch]:
    """All records of the unit's files, role by role, documents first.

    Raises:
        UserError: the mapping does not fit a file; a role that needs `documents` lacks it; a file
            is damaged, binary or not UTF-8.
    """
    alone = "documents" not in source.files
    # Where every role has its years nothing is joined, and no table of documents is kept.
    needs_years = not all(_has_year(source, role, path) for role, path in source.all_files())
    with connect(source.limits) as connection:
        connection.execute(
            "create temp table years (document_id varchar, year integer);"
            " create temp table numbered (role varchar, key ubigint, rows integer)"
        )
        for role in sorted(source.files, key=list(SCHEMAS).index):
            for path in source.files[role]:
                with for_duckdb(path, source.label(path), source.limits.scratch) as plain_files:
                    for plain in plain_files:
                        yield from _read_file(
                            connection,
                            source,
                            role,
                            plain,
                            alone=alone,
                            needs_years=needs_years,
                        )


def _read_file(
    connection: duckdb.DuckDBPyConnection,
    source: SourceFiles,
    role: str,
    plain: PlainFile,
    *,
    alone: bool,
    needs_years: bool,
) -> Iterator[Batch]:
    header = _header(plain, connection)
    columns = _mapping(source, role, header, plain.label)
    joined = "year" not in columns
    if joined and alone:
        raise UserError(
            f"{plain.label}: columns.{role} of source {source.name} names no year, and there is no "
            "documents file to take it from. Map `year`, or add a documents file."
        )
    with faults_of(plain.label):
        _present(connection, plain, header, columns)
        unread = unreadable(connection, plain.label, role)
        counted = scalar(connection, "select count(*) from raw")
        yield account(role, "read", counted + unread.data.num_rows)
        yield unread
        if role == "documents" and needs_years:
            _remember_years(connection, columns)
        yield from _rows(
            connection,
            role,
            columns,
            plain.label,
            joined=joined,
            with_documents=role == "addresses" and alone,
        )


def _units(source: SourceFiles) -> Iterator[SourceFiles]:
    """Files of addresses alone one by one; else all together, as documents need their addresses."""
    return each_file(source) if set(source.files) == {"addresses"} else group_as_one(source)


def _has_year(source: SourceFiles, role: str, path: Path) -> bool:
    if role in source.columns:
        return "year" in source.columns[role]
    with (
        connect(source.limits) as connection,
        for_duckdb(path, source.label(path), source.limits.scratch) as plain_files,
    ):
        return all("year" in _header(plain, connection).names for plain in plain_files)


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
