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
import numpy as np
import pyarrow as pa

from pipelines.errors import UserError
from pipelines.readers.engine import faults_of, scalar, stream, text
from pipelines.readers.opening import PlainFile, beginning, decode, for_duckdb, require_text
from pipelines.readers.records import RAW_TEXT_CHARACTERS, Batch, account, batch
from pipelines.readers.source import SourceFiles

SEPARATORS = "|\t;,"
MAX_LINE_BYTES = 1 << 24


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
    _, start = beginning(path)
    require_text(start, path)
    return parse_header(decode(start))


def load(
    connection: duckdb.DuckDBPyConnection,
    source: SourceFiles,
    role: str,
    *,
    table: str | None,
    required: Sequence[str],
    optional: Sequence[str] = (),
    keep: tuple[str, str] | None = None,
) -> Iterator[Batch]:
    """Load a role's delimited files into a table `role` of text; yield the rejects.

    The table has `file`, `line` (number of the record in its file, the readable ones counted from
    1) and the required and optional columns; an optional column that no file has is null
    throughout. Outer blanks are off, empty fields null.

    Args:
        connection: receives the table.
        source: the unit; a role without files makes an empty table.
        role: the role, and the name of the table.
        table: the table of records that each row is one of: the books then get the rows read and
            those excluded. None for a table that is only looked up.
        required: columns that every file must have, lower case.
        optional: columns that a file may have.
        keep: (SQL condition on the columns and on roles loaded before, why the other rows are
            excluded).

    Raises:
        UserError: a required column is missing, or a file is damaged, binary or not UTF-8.
    """
    wanted = [*required, *optional]
    definitions = ", ".join(f'"{name}" varchar' for name in wanted)
    connection.execute(f'create table "{role}" (file varchar, line bigint, {definitions})')
    condition, reason = keep or ("true", "")
    for path in source.files.get(role, ()):
        with for_duckdb(path, source.label(path), source.limits.scratch) as plain_files:
            for plain in plain_files:
                header = read_header(plain.path)
                _require(header, required, plain.label, role)
                scanner = connection.cursor()
                with faults_of(plain.label):
                    rows = stream(scanner, _select(plain, header, wanted, condition))
                    read, kept = _insert(connection, role, rows, plain.label)
                rejects = unreadable(scanner, plain.label, table or role)
                yield rejects
                if table is not None:
                    yield account(table, "read", read + rejects.data.num_rows)
                    yield account(table, "excluded", read - kept, reason)


def _select(plain: PlainFile, header: Header, wanted: Sequence[str], condition: str) -> str:
    columns = ", ".join(
        f'{text(chr(34) + name + chr(34))} as "{name}"'
        if name in header.names
        else f'null::varchar as "{name}"'
        for name in wanted
    )
    return (
        f"select *, coalesce({condition}, false) as kept"
        f" from (select {columns} from {scan_sql(plain, header)})"
    )


def _insert(
    connection: duckdb.DuckDBPyConnection, role: str, batches: Iterator[pa.RecordBatch], label: str
) -> tuple[int, int]:
    """Add the rows that are to be kept; how many rows were read, and how many kept."""
    read = kept = 0
    for rows in batches:
        lines = pa.array(np.arange(read + 1, read + 1 + rows.num_rows))
        some = pa.table(rows).append_column("line", lines).filter(rows["kept"])
        read += rows.num_rows
        kept += some.num_rows
        columns = ", ".join(f'"{name}"' for name in rows.schema.names if name != "kept")
        connection.register("incoming", some)
        connection.execute(
            f'insert into "{role}" select $label, line, {columns} from incoming', {"label": label}
        )
        connection.unregister("incoming")
    return read, kept


def _require(header: Header, required: Sequence[str], label: str, role: str) -> None:
    missing = [name for name in required if name not in header.names]
    if missing:
        raise UserError(
            f"{label}: as {role} it needs the column(s) {', '.join(missing)}; "
            f"its header has {', '.join(header.names[:40])}. Check the file's role and format."
        )


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
