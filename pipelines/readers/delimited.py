"""Files of delimited text (CSV, TSV, `|`) as DuckDB tables of text, with their unreadable lines.

Here: the header and separator sniffed, names compared without case, every field kept as text, rows
that break the form handed out as rejects. Used by all formats that are tables.
Not here: what the columns mean.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.encoding import NOT_UTF8
from pipelines.errors import UserError
from pipelines.readers.engine import (
    Records,
    as_written,
    faults_of,
    located,
    scalar,
    sort_out,
    stream,
    text,
    whole_groups,
)
from pipelines.readers.opening import PlainFile, beginning, decode, for_duckdb, require_text
from pipelines.readers.records import LOOKUPS, RAW_TEXT_CHARACTERS, SCHEMAS, Batch, account, batch
from pipelines.readers.source import SourceFiles

SEPARATORS = "|\t;,"
MAX_LINE_BYTES = 1 << 24
KEPT_BYTES = 10_000
"""How much DuckDB keeps of what it cannot read."""
QUOTED = "quote='\"', escape='\"'"
LETTERS = "quote='', escape=''"
"""Quotation marks are letters."""
UNQUOTED = f"{LETTERS}, null_padding=true, nullstr='\x01'"
"""Empty fields are no nulls then: fields that a row lacks are."""
SURPLUS = "surplus field"
BARE = "|"
"""The separator of files that mostly do without quotation marks, as hardly any text has it."""
A_QUOTED_FIELD = re.compile(r'(?:^|\|)"[^"\r\n]*(?:""[^"\r\n]*)*"(?:\||\r?$)', re.MULTILINE)


@dataclass(frozen=True)
class Header:
    """The first line of a delimited file.

    Attributes:
        separator: the character between fields.
        names: the file's column names, lower case, outer blanks and quotes off.
        is_quoted: fields may stand in quotation marks. Not so in a file of `|` at whose beginning
            none does: a mark that opens a street's name would take all lines up to the next one.
    """

    separator: str
    names: tuple[str, ...]
    is_quoted: bool = True


def parse_header(text: str) -> Header:
    """What the beginning of a file tells: the separator is the one that makes most fields."""
    line = next(iter(text.splitlines()), "")
    separator = max(SEPARATORS, key=lambda mark: (len(_fields(line, mark)), mark == ","))
    names = [name.strip().strip('"').lower() for name in _fields(line, separator)]
    is_quoted = separator != BARE or A_QUOTED_FIELD.search(text) is not None
    return Header(separator, tuple(_distinct(names)), is_quoted)


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
    """A table of a format, and what of it is read.

    Attributes:
        role: role of its files, and its name in DuckDB.
        intended_table: the table of records that each row is one of; `LOOKUPS` where rows are only
            looked up.
        required: columns that every file must have, lower case; read with outer blanks off.
        optional: columns that a file may have; null throughout where none has. Read as written.
        is_quoted: fields may stand in quotation marks. Where they do not, quotation marks are
            letters, rows may end with a separator more than the header or a field less, and the
            column `is_whole` tells the rows that have neither more nor fewer fields than that.
        renamed: what an edition calls a column, to its name in the others.
    """

    role: str
    intended_table: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    is_quoted: bool = True
    renamed: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, the required ones first."""
        return (*self.required, *self.optional)


def scan(
    connection: duckdb.DuckDBPyConnection,
    source: SourceFiles,
    table: RawTable,
    select: str,
    *,
    is_grouped: bool = False,
    look_up: Callable[[pa.Table], pa.Table] | None = None,
    records: Records | None = None,
) -> Iterator[Batch]:
    """Stream the files of a raw table through a SELECT; yield records, rejects and books.

    Args:
        connection: nothing else may run on it meanwhile.
        source: the unit. Its files are read by name, whatever their order in the configuration.
        table: the raw table.
        select: a SELECT from `raw`, the table's columns as text, empty and blank fields null. It
            neither sorts nor groups, so that rows keep their order, and
            gives the columns that `engine.sort_out` wants, without `file` and `line`.
        is_grouped: rows have a `key`, and those of one come together: see `engine.whole_groups`.
        look_up: completes rows by what was read before.
        records: what good rows give; where None each is a row of the intended table.

    Raises:
        UserError: a required column is missing, or a file is damaged, binary or not UTF-8.
    """
    for plain in each_plain(source, table.role):
        with faults_of(plain.label):
            sql = f"with raw as ({_raw_sql(plain, table)}) {select}"
            rows: Iterable[pa.Table] = located(stream(connection, sql), plain.label)
            if is_grouped:
                rows = whole_groups(rows)
            if look_up:
                rows = map(look_up, rows)
            yield from sort_out(rows, table.intended_table, records, is_raw=True)
            rejects = unreadable(connection, plain.label, table.intended_table)
            yield rejects
            yield account(table.intended_table, "read", rejects.data.num_rows)


def load(
    connection: duckdb.DuckDBPyConnection,
    source: SourceFiles,
    table: RawTable,
    *,
    keep: str = "true",
    otherwise: str = "",
    reject: str | None = None,
) -> Iterator[Batch]:
    """Load the files of a raw table into DuckDB; yield rejects and books.

    The table is named after the role, has the columns as `scan` gives them, `line` (number of the
    record in its file, the readable ones counted from 1), `file`, and in `rowid` the order of all
    its rows. Without files it is empty.

    Args:
        connection: where the table is made.
        source: the unit.
        table: the raw table.
        keep: SQL condition on its columns and on tables loaded before; other rows are not loaded.
        otherwise: why rows that are not loaded are excluded.
        reject: SQL for the reason why one of the others cannot be read, null where it can.

    Raises:
        UserError: as `scan`.
    """
    columns = [f'"{name}"' for name in table.columns]
    definitions = ", ".join(f"{name} varchar" for name in columns)
    connection.execute(f'create table "{table.role}" ({definitions}, line bigint, file varchar)')
    inserting = connection.cursor()

    def insert(rows: pa.Table) -> Iterator[Batch]:
        inserting.register("loaded", rows)
        inserting.execute(
            f'insert into "{table.role}" select {", ".join(columns)}, line, file from loaded'
        )
        if table.intended_table == LOOKUPS:
            yield account(LOOKUPS, "excluded", len(rows), "looked up by other records")

    select = f"select *, case when not coalesce({keep}, false) then '{otherwise}' end as excluded from raw"
    if reject:
        select = (
            f"select *, case when excluded is null then {reject} end as reject,"
            f" case when reject is not null then to_json(kept)::varchar end as raw_text"
            f" from ({select}) as kept"
        )
    yield from scan(connection, source, table, select, records=insert)


def each_plain(source: SourceFiles, role: str) -> Iterator[PlainFile]:
    """The files of a role as DuckDB reads them, in the order of their names."""
    for path in sorted(source.files.get(role, ()), key=source.label):
        with for_duckdb(path, source.label(path), source.limits.scratch) as plain_files:
            yield from plain_files


def _raw_sql(plain: PlainFile, table: RawTable) -> str:
    header = read_header(plain.path)
    ours = {name: old for name, old in table.renamed.items() if old not in header.names}
    header = replace(header, names=tuple(ours.get(name, name) for name in header.names))
    missing = [name for name in table.required if name not in header.names]
    if missing:
        raise UserError(
            f"{plain.label}: as {table.role} it needs the column(s) {', '.join(missing)}; its"
            f" header has {', '.join(header.names[:40])}. Check the file's role and format."
        )
    cleaning = dict.fromkeys(table.required, text) | dict.fromkeys(
        table.optional, as_written if table.is_quoted else _without_outer_quotes
    )
    written = str if header.is_quoted else _without_marks_around
    columns = ", ".join(
        (clean(written(f'"{name}"')) if name in header.names else "null::varchar") + f' as "{name}"'
        for name, clean in cleaning.items()
    )
    if table.is_quoted:
        return f"select {columns} from {scan_sql(plain, header)}"
    last_needed = header.names[max(len(header.names) - 2, 0)].replace('"', '""')
    is_whole = f"\"{last_needed}\" is not null and trim(coalesce(\"{SURPLUS}\", '')) = ''"
    surplus = Header(header.separator, (*header.names, SURPLUS))
    scanned = scan_sql(plain, surplus, UNQUOTED)
    return f"select {columns}, {is_whole} as is_whole from {scanned}"


def _without_outer_quotes(column: str) -> str:
    return as_written(
        f"(case when {column} like '\"%' then trim({column}, '\"') else {column} end)"
    )


def _without_marks_around(column: str) -> str:
    """SQL for a field where marks are letters: of one that stands in them as a whole they are none.

    Such are empty fields that a program wrote as two marks, far behind the beginning of a file.
    """
    is_quoted = f'{column} like \'"%"\' and regexp_full_match({column}, \'"([^"]|"")*"\')'
    return f"(case when {is_quoted} then replace({column}[2:-2], '\"\"', '\"') else {column} end)"


def scan_sql(plain: PlainFile, header: Header, quoting: str | None = None) -> str:
    """SQL that reads a delimited file as text and keeps what it cannot in `unreadable_lines`."""
    quoting = quoting or (QUOTED if header.is_quoted else LETTERS)
    quoted = {name: name.replace("'", "''") for name in header.names}
    columns = ", ".join(f"'{quoted[name]}': 'varchar'" for name in header.names)
    path = str(plain.path).replace("'", "''")
    return (
        f"read_csv('{path}', auto_detect=false, header=true, columns={{{columns}}},"
        f" delim='{header.separator}', {quoting}, max_line_size={MAX_LINE_BYTES},"
        f" compression='{plain.compression}', store_rejects=true,"
        " rejects_table='unreadable_lines', rejects_scan='unreadable_scans')"
    )


def unreadable(connection: duckdb.DuckDBPyConnection, label: str, table: str) -> Batch:
    """The lines that the scans since the last call could not read, as one batch of rejects."""
    if not scalar(
        connection, "select count(*) from duckdb_tables() where table_name = 'unreadable_lines'"
    ):
        return batch("rejects", [])
    lines = connection.sql(
        "select $file as file, line, null::integer as year,"
        " if(bool_or(error_type = 'INVALID ENCODING'), $not_utf8,"
        " 'not a row of the table: ' || min(lower(error_type))"
        " || if(max(lines) > 1, ' (quotation marks hold ' || max(lines) || ' lines'"
        " || if(bool_or(is_cut), ' or more)', ')'), '')) as reason,"
        " any_value(left(written, $longest)) as raw_text, $intended_table as intended_table"
        " from (select *, trim(csv_line, chr(13) || chr(10)) as written,"
        " len(string_split(written, chr(10))) as lines, strlen(csv_line) >= $kept as is_cut"
        " from unreadable_lines) group by line order by line",
        params={
            "file": label,
            "not_utf8": NOT_UTF8,
            "kept": KEPT_BYTES,
            "longest": RAW_TEXT_CHARACTERS,
            "intended_table": table,
        },
    ).to_arrow_table()
    connection.execute("drop table unreadable_lines; drop table unreadable_scans")
    return Batch("rejects", lines.cast(SCHEMAS["rejects"]))
