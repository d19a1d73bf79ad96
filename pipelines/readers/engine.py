"""DuckDB as the readers use it: one connection per unit, results as a stream of batches.

Here: the connection with its limits, the stream that sorts rows into records and rejects, and the
SQL expressions that clean a raw column. Not here: any format's SQL.

A reader's SELECT for a table yields columns of that table's schema, those that it leaves out being
null. Where rows can be bad it has beside them `reject` (reason, null for a good row) with `file`,
`line` and `raw_text`, and where values are set to null, `repaired` (reason).
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import UserError
from pipelines.readers.records import RAW_TEXT_CHARACTERS, SCHEMAS, YEARS, Batch, account
from pipelines.readers.source import Limits

BATCH_ROWS = 1 << 16
DATA_FAULTS = (
    duckdb.IOException,
    duckdb.InvalidInputException,
    duckdb.ConversionException,
    duckdb.OutOfRangeException,
    duckdb.SerializationException,
    pa.ArrowInvalid,
)
"""What DuckDB raises where the file is at fault; its other errors are mistakes of our SQL."""


@contextmanager
def connect(limits: Limits) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory DuckDB that keeps the order of rows and spills beyond its memory limit.

    Raises:
        UserError: a DuckDB error inside the context, which at this place is the data's.
    """
    with TemporaryDirectory(prefix="spill-", dir=limits.scratch) as spill:
        settings: dict[str, str | bool | int | float | list[str]] = {"temp_directory": spill}
        if limits.memory is not None:
            settings["memory_limit"] = limits.memory
        if limits.threads is not None:
            settings["threads"] = limits.threads
        with duckdb.connect(config=settings) as connection:
            try:
                yield connection
            except duckdb.OutOfMemoryException as error:
                raise UserError(
                    f"Reading needs more than {limits.memory} of memory. Raise `memory_limit`."
                ) from error


@contextmanager
def faults_of(label: str | Path) -> Iterator[None]:
    """Turn DuckDB's errors on a raw file into one that names the file."""
    try:
        yield
    except DATA_FAULTS as error:
        first_line = str(error).strip().splitlines()[0]
        raise UserError(
            f"{label}: cannot be read to its end ({first_line}). Fetch the file again or mend it."
        ) from error


def text(column: str) -> str:
    """SQL for a raw column as text: outer blanks off, empty as null."""
    return f"nullif(trim({column}::varchar), '')"


def whole_number(column: str) -> str:
    """SQL for a raw column as a whole number; null where it is none."""
    return f"try_cast({column} as integer)"


def year(column: str) -> str:
    """SQL for a year of publication out of a year or a date; null where it is not believed."""
    found = (
        f"coalesce(try_cast({column} as integer),"
        f" year(try_cast({column}::varchar as date)))::integer"
    )
    return f"case when {found} between {YEARS.start} and {YEARS.stop - 1} then {found} end"


def stream(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    batch_rows: int = BATCH_ROWS,
    **parameters: object,
) -> Iterator[pa.RecordBatch]:
    """The result of a SELECT, batch by batch; until its end the connection is busy."""
    return iter(connection.sql(sql, params=parameters).to_arrow_reader(batch_rows))


def scalar(connection: duckdb.DuckDBPyConnection, sql: str, **parameters: object) -> int:
    """The single number that a statement gives, such as a count."""
    return int(connection.execute(sql, parameters).fetchall()[0][0])


def sort_out(batches: Iterable[pa.RecordBatch], table: str) -> Iterator[Batch]:
    """Send good rows to `table`, the others to `rejects`, repairs to the books.

    Args:
        batches: rows with the columns that this module's docstring names.
        table: the intended table.
    """
    repairs: Counter[str] = Counter()
    for rows in batches:
        good = rows
        if "reject" in rows.schema.names and rows["reject"].null_count < rows.num_rows:
            yield _rejects(rows.filter(pc.is_valid(rows["reject"])), table)
            good = rows.filter(pc.is_null(rows["reject"]))
        if "repaired" in good.schema.names and good["repaired"].null_count < good.num_rows:
            repairs.update(good["repaired"].drop_null().to_pylist())
        if good.num_rows:
            yield Batch(table, to_schema(good, table))
    for reason, records in sorted(repairs.items()):
        yield account(table, "repaired", records, reason)


def to_schema(rows: pa.RecordBatch | pa.Table, table: str) -> pa.Table:
    """The columns of a table's schema, in its order and types; null where there are none."""
    schema = SCHEMAS[table]
    return pa.table(
        [
            rows[field.name].cast(field.type)
            if field.name in rows.schema.names
            else pa.nulls(rows.num_rows, field.type)
            for field in schema
        ],
        schema=schema,
    )


def _rejects(rows: pa.RecordBatch, table: str) -> Batch:
    cut = pc.utf8_slice_codeunits(rows["raw_text"].cast(pa.string()), 0, RAW_TEXT_CHARACTERS)
    columns = {
        "file": rows["file"],
        "line": rows["line"],
        "year": rows["year"] if "year" in rows.schema.names else pa.nulls(len(rows), pa.int32()),
        "reason": rows["reject"],
        "raw_text": cut,
        "intended_table": pa.repeat(table, len(rows)),
    }
    return Batch("rejects", pa.table(columns).cast(SCHEMAS["rejects"]))
