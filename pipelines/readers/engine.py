"""DuckDB as the readers use it: one connection per unit, results as a stream of batches.

Here: the connection with its limits, the stream that sorts rows into records and rejects, and the
SQL expressions that clean a raw column. Not here: any format's SQL.

A reader's SELECT for a table yields columns of that table's schema, those that it leaves out being
null. Where rows can be bad it has beside them `reject` (reason, null for a good row) with `file`,
`line` and `raw_text`, where rows of the format do not count `excluded` (reason), and where values
are set to null `repaired` (reason).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines import query
from pipelines.errors import UserError
from pipelines.readers.numbering import Hashes, Numbers, Values
from pipelines.readers.records import (
    DOCUMENT_KEY,
    RAW_TEXT_CHARACTERS,
    SCHEMAS,
    STAGED_KEYS,
    YEARS,
    Batch,
    account,
)
from pipelines.readers.source import Limits

Records = Callable[[pa.Table], Iterable[Batch]]
"""What good rows of a format give: batches of one table or of several."""

BATCH_ROWS = 1 << 16
STREAMED_AHEAD = "64MB"
"""How far DuckDB reads on while Python looks at a batch: several batches."""
DATA_FAULTS = (
    duckdb.IOException,
    duckdb.InvalidInputException,
    duckdb.ConversionException,
    duckdb.OutOfRangeException,
    duckdb.SerializationException,
)
"""What DuckDB raises where the file is at fault; its other errors are mistakes of our SQL."""
FAULTS_IN_A_STREAM = {
    "IO Error": duckdb.IOException,
    "Invalid Input Error": duckdb.InvalidInputException,
    "Conversion Error": duckdb.ConversionException,
    "Out of Range Error": duckdb.OutOfRangeException,
    "Serialization Error": duckdb.SerializationException,
    "Out of Memory Error": duckdb.OutOfMemoryException,
}
"""How these begin where PyArrow hands them on as errors of its own."""


@contextmanager
def connect(limits: Limits) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory DuckDB that keeps the order of rows and spills beyond its memory limit.

    Raises:
        UserError: a DuckDB error inside the context, which at this place is the data's.
    """
    # DuckDB removes there what runs that were killed left; no source is called so
    spill = limits.scratch / ".spill" if limits.scratch else query.spill_folder()
    settings: query.Settings = query.SETTINGS | {"temp_directory": str(spill)}
    if limits.memory is not None:
        settings["memory_limit"] = limits.memory
    if limits.threads is not None:
        settings["threads"] = limits.threads
    with duckdb.connect(config=settings) as connection:
        connection.execute(query.macros())
        connection.execute(f"set streaming_buffer_size = '{STREAMED_AHEAD}'")
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
        if "state machine" in first_line:
            raise UserError(
                f"{label}: its lines end in different ways (CR LF, LF, CR), as where files were put "
                "together. Make them end alike, such as with `tr -s '\\r' '\\n' < FILE > NEW`."
            ) from error
        raise UserError(
            f"{label}: cannot be read to its end ({first_line}). Fetch the file again or mend it."
        ) from error


def text(column: str) -> str:
    """SQL for a raw column as text: outer blanks off, empty as null.

    Only what may have them is trimmed, as a trim copies every text: what begins or ends with a
    blank, and what has letters beyond ASCII, whose blanks are trimmed too.
    """
    value = f"{column}::varchar"
    has_blanks = f"{value} like ' %' or {value} like '% ' or strlen({value}) <> length({value})"
    return f"nullif(case when {has_blanks} then trim({value}) else {value} end, '')"


def as_written(column: str) -> str:
    """SQL for a raw column as text as it is, null where it is empty or blank.

    Where text begins with two blanks or more, outer blanks are off. It costs next to nothing;
    trimming every field would cost as much as all else that is done with a row.
    """
    return f"case when {column} < ' !' then nullif(trim({column}), '') else {column} end"


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


def degrees(column: str, most: int) -> str:
    """SQL for a raw column as a latitude or longitude; null where it is none."""
    number = f"try_cast({column} as double)"
    return f"case when abs({number}) <= {most} then {number} end"


def stream(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    batch_rows: int = BATCH_ROWS,
    **parameters: object,
) -> Iterator[pa.RecordBatch]:
    """The result of a SELECT, batch by batch; until its end the connection is busy.

    Raises:
        duckdb.Error: of the kind that DuckDB met, also where it meets it in the midst of the rows.
    """
    batches = connection.sql(sql, params=parameters).to_arrow_reader(batch_rows)
    while True:
        try:
            batch = next(batches, None)
        except (OSError, pa.ArrowInvalid) as error:
            kind = FAULTS_IN_A_STREAM.get(str(error).partition(":")[0])
            if kind is None:
                raise
            raise kind(str(error)) from error
        if batch is None:
            return
        yield batch


def scalar(connection: duckdb.DuckDBPyConnection, sql: str, **parameters: object) -> int:
    """The single number that a statement gives, such as a count."""
    return int(connection.execute(sql, parameters).fetchall()[0][0])


def located(batches: Iterable[pa.RecordBatch], label: str) -> Iterator[pa.Table]:
    """The rows of a file with `file` and `line`, which is the number of the row from 1.

    Numbered here and not by a window in SQL, which would take the scan's threads away.
    """
    done = 0
    for rows in batches:
        lines = pa.array(np.arange(done + 1, done + rows.num_rows + 1))
        done += rows.num_rows
        files = pa.DictionaryArray.from_arrays(np.zeros(rows.num_rows, np.int8), [label])
        yield (
            pa.Table.from_batches([rows]).append_column("line", lines).append_column("file", files)
        )


def whole_groups(batches: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The same rows, cut so that rows of one `key` that stand together come in one batch.

    Only a group longer than a batch is parted, so that memory stays bounded.
    """
    held: list[pa.Table] = []
    for rows in filter(len, batches):
        keys = keys_of(rows)
        of_last_key = int(np.argmax(keys[::-1] != keys[-1])) or len(rows)
        if of_last_key == len(rows) and sum(map(len, held)) < BATCH_ROWS:
            held.append(rows)
        else:
            begin = len(rows) - of_last_key
            yield pa.concat_tables([*held, rows.slice(0, begin)])
            held = [rows.slice(begin)]
    yield from held


def keys_of(rows: pa.Table, column: str = "key") -> Hashes:
    """A column of hashes as an array."""
    keys: Hashes = rows[column].to_numpy()
    return keys


class Lookup:
    """Rows found by a key, the first of those that share one.

    Args:
        rows: the rows, with their key.
        column: name of the column of keys, here and in the rows that are looked up.
    """

    def __init__(self, rows: pa.Table, column: str) -> None:
        self._rows, self._column = rows.combine_chunks(), column
        self._places = Values()
        self._places.add(keys_of(rows, column), np.arange(1, len(rows) + 1, dtype=np.int32))

    def find(self, rows: pa.Table) -> pa.Table:
        """The row that belongs to each of the rows; nulls where there is none."""
        places = self._places.of_rows(keys_of(rows, self._column))
        return self._rows.take(pa.array(places - 1, mask=places == 0))


def sort_out(
    batches: Iterable[pa.RecordBatch | pa.Table],
    table: str,
    records: Records | None = None,
    *,
    is_raw: bool = False,
) -> Iterator[Batch]:
    """Send good rows to `table`, bad ones to `rejects`, what was left out or mended to the books.

    Args:
        batches: rows with the columns that this module's docstring names.
        table: the intended table.
        records: what good rows give; where None each is a row of the table.
        is_raw: each row is a raw record, which the books count as read.
    """
    read, excluded, repaired = 0, Counter[str](), Counter[str]()
    for rows in batches:
        read += rows.num_rows
        bad, good = _parted(rows, "reject")
        if bad is not None:
            yield rejects_of(bad, table)
        left_out, good = _parted(good, "excluded")
        if left_out is not None:
            excluded += _by_reason(left_out["excluded"])
        if "repaired" in good.schema.names:
            repaired += _by_reason(good["repaired"])
        if good.num_rows:
            yield from records(good) if records else [batch_of(good, table)]
    if is_raw:
        yield account(table, "read", read)
    for outcome, counts in (("excluded", excluded), ("repaired", repaired)):
        for reason, number in sorted(counts.items()):
            yield account(table, outcome, number, reason)


def _parted(
    rows: pa.RecordBatch | pa.Table, reason: str
) -> tuple[pa.RecordBatch | pa.Table | None, pa.RecordBatch | pa.Table]:
    """The rows that have a reason, None where there are none, and the others."""
    if reason not in rows.schema.names or rows[reason].null_count == rows.num_rows:
        return None, rows
    return rows.filter(pc.is_valid(rows[reason])), rows.filter(pc.is_null(rows[reason]))


def _by_reason(reasons: pa.Array | pa.ChunkedArray) -> Counter[str]:
    if reasons.null_count == len(reasons):
        return Counter()
    counts = pc.value_counts(reasons.drop_null())
    return Counter({each["values"]: each["counts"] for each in counts.to_pylist()})


def to_schema(rows: pa.RecordBatch | pa.Table, table: str) -> pa.Table:
    """The columns of a table's schema, in its order and types; null where there are none."""
    schema = SCHEMAS[table]
    return pa.table(
        [
            rows[field.name].cast(field.type)
            if field.name in rows.schema.names
            else _nulls(rows.num_rows, field.type)
            for field in schema
        ],
        schema=schema,
    )


def batch_of(rows: pa.RecordBatch | pa.Table, table: str) -> Batch:
    """Rows as a batch of a table, with the keys that their SELECT gave under their staged names."""
    keys = {name: rows[name] for name in STAGED_KEYS if name in rows.schema.names}
    return Batch(table, to_schema(rows, table), keys)


@lru_cache(maxsize=64)
def _nulls(rows: int, of_type: pa.DataType) -> pa.Array:
    """Kept, as batches are mostly of one length and every table lacks columns."""
    return pa.nulls(rows, of_type)


def numbered(rows: pa.Table, table: str, **numbers: Numbers) -> Batch:
    """Rows of a table with columns of numbers, each of shape (n,)."""
    for name, values in numbers.items():
        rows = rows.append_column(name, pa.array(values))
    return batch_of(rows, table)


def first_rows_as_documents(rows: pa.Table, numbers: Numbers, *, is_science: bool | None) -> Batch:
    """The document of each row that is its document's first, by the numbers of rows within them."""
    named = (*SCHEMAS["documents"].names, DOCUMENT_KEY)
    ours = [name for name in named if name in rows.column_names]
    new = rows.select(ours).filter(pa.array(numbers == 1))
    flags = {"is_retracted": False, "is_paratext": False, "is_science": is_science}
    for name, value in flags.items():
        new = new.append_column(name, pa.array([value] * len(new), pa.bool_()))
    return batch_of(new, "documents")


def unnested(rows: pa.Table, column: str) -> tuple[pa.Array, pa.Array]:
    """The items of a column of lists, and for each the row that it is of."""
    lists = rows[column].combine_chunks()
    return pc.list_parent_indices(lists), pc.list_flatten(lists)


def rejects_of(rows: pa.RecordBatch | pa.Table, table: str) -> Batch:
    """Bad rows, which have `reject`, `file`, `line` and `raw_text`, as rejects."""
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
