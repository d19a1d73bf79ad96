"""Files of delimited text (CSV, TSV, `|`) as DuckDB tables of text, with their unreadable lines.

Here: the header and separator sniffed, names compared without case, every field kept as text, rows
that break the form handed out as rejects. Used by all formats that are tables.
Not here: what the columns mean.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.errors import UserError
from pipelines.readers.engine import faults_of, scalar, text
from pipelines.readers.opening import PlainFile, beginning, decode, for_duckdb, require_text
from pipelines.readers.records import RAW_TEXT_CHARACTERS, Batch, account, batch
from pipelines.readers.source import SourceFiles

SEPARATORS = "|\t;,"
MAX_LINE_BYTES = 1 << 24
FILE_STRIDE = 1 << 40
"""Positions that a file may take up: more rows than any has."""


@dataclass(frozen=True)
class Header:
    """The first line of a delimited file.

    Attributes:
        separator: the character between fields.
        names: the file's column names, lower case, outer blanks and quotes off.
    """

    separator: str
    names: tuple[str, ...]


def parse_header(text: str) -> Header:
    """Separator and names of the first line: the separator is the one that makes most fields."""
    line = next(iter(text.splitlines()), "")
    separator = max(SEPARATORS, key=lambda mark: (len(_fields(line, mark)), mark == ","))
    names = [name.strip().strip('"').lower() for name in _fields(line, separator)]
    return Header(separator, tuple(_distinct(names)))


def _fields(line: str, separator: str) -> list[str]:
    return next(csv.reader(io.StringIO(line), delimiter=separator), [])


def _distinct(names: Sequence[str]) -> Iterator[str]:
    seen: dict[str, int] = {}
    for position, name in enumerate(names):
        seen[name] = seen.get(name, 0) + 1
        yield f"{name or 'column'}_{position}" if seen[name] > 1 or not name else name


def read_header(path: Path) -> Header:
    """The header of a delimited file (of the first member of an archive).

    Raises:
        UserError: the file is empty, binary or in another encoding.
    """
    start = beginning(path)
    require_text(start, path)
    return parse_header(decode(start))


@dataclass(frozen=True)
class RawTable:
    """A table of a format, and what of it is loaded.

    Attributes:
        role: role of its files, and its name in DuckDB.
        intended_table: the table of records that each row is one of; the books then get the rows
            read and those excluded. None for a table that is only looked up.
        required: columns that every file must have, lower case.
        optional: columns that a file may have; null throughout where none has.
        keep: SQL condition on these columns and on tables loaded before; other rows are not loaded.
        otherwise: why rows that are not loaded are excluded.
    """

    role: str
    intended_table: str | None
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    keep: str = "true"
    otherwise: str = ""


def load(
    connection: duckdb.DuckDBPyConnection, source: SourceFiles, table: RawTable
) -> Iterator[Batch]:
    """Load the files of a raw table into DuckDB as text; yield rejects and books.

    The table gets `file`, `line` (number of the record in its file, the readable ones counted from
    1), `position` (ascending over all files, whatever their order in the configuration) and the
    columns, outer blanks off, empty fields null. Without files it is empty.

    Raises:
        UserError: a required column is missing, or a file is damaged, binary or not UTF-8.
    """
    definitions = ", ".join(f'"{name}" varchar' for name in (*table.required, *table.optional))
    connection.execute(
        f'create table "{table.role}" (file varchar, line bigint, position bigint, {definitions})'
    )
    number = 0
    for path in sorted(source.files.get(table.role, ()), key=source.label):
        with for_duckdb(path, source.label(path), source.limits.scratch) as plain_files:
            for plain in plain_files:
                with faults_of(plain.label):
                    yield from _load_file(connection, plain, table, number * FILE_STRIDE)
                number += 1


def _load_file(
    connection: duckdb.DuckDBPyConnection, plain: PlainFile, table: RawTable, position: int
) -> Iterator[Batch]:
    header = read_header(plain.path)
    missing = [name for name in table.required if name not in header.names]
    if missing:
        raise UserError(
            f"{plain.label}: as {table.role} it needs the column(s) {', '.join(missing)}; its"
            f" header has {', '.join(header.names[:40])}. Check the file's role and format."
        )
    columns = ", ".join(
        (text(f'"{name}"') if name in header.names else "null") + f' as "{name}"'
        for name in (*table.required, *table.optional)
    )
    scan = scan_sql(plain, header)
    kept = scalar(
        connection,
        f'insert into "{table.role}" select $label, line, line + $position, * exclude (line)'
        f" from (select row_number() over () as line, {columns} from {scan}) where {table.keep}",
        label=plain.label,
        position=position,
    )
    everything = table.keep == "true"
    read = kept if everything else scalar(connection, f"select count(*) from {scan}")
    rejects = unreadable(connection, plain.label, table.intended_table or table.role)
    yield rejects
    if table.intended_table is not None:
        yield account(table.intended_table, "read", read + rejects.data.num_rows)
        yield account(table.intended_table, "excluded", read - kept, table.otherwise)


def scan_sql(plain: PlainFile, header: Header) -> str:
    """SQL that reads a delimited file as text and keeps what it cannot in `unreadable_lines`."""
    quoted = {name: name.replace("'", "''") for name in header.names}
    columns = ", ".join(f"'{quoted[name]}': 'varchar'" for name in header.names)
    path = str(plain.path).replace("'", "''")
    return (
        f"read_csv('{path}', auto_detect=false, header=true, columns={{{columns}}},"
        f" delim='{header.separator}', quote='\"', escape='\"', max_line_size={MAX_LINE_BYTES},"
        f" compression='{plain.compression}', store_rejects=true,"
        " rejects_table='unreadable_lines', rejects_scan='unreadable_scans')"
    )


def unreadable(connection: duckdb.DuckDBPyConnection, label: str, table: str) -> Batch:
    """The lines that the scans since the last call could not read, as one batch of rejects."""
    if not scalar(
        connection, "select count(*) from duckdb_tables() where table_name = 'unreadable_lines'"
    ):
        return batch("rejects", [])
    lines = connection.execute(
        "select line, min(lower(error_type)), any_value(left(csv_line, $longest))"
        " from unreadable_lines group by line order by line",
        {"longest": RAW_TEXT_CHARACTERS},
    ).fetchall()
    connection.execute("drop table unreadable_lines; drop table unreadable_scans")
    return batch(
        "rejects",
        [
            {
                "file": label,
                "line": line,
                "reason": f"not a row of the table: {kind}",
                "raw_text": raw.strip("\r\n"),
                "intended_table": table,
            }
            for line, kind, raw in lines
        ],
    )
