"""Stage a unit of raw files: its records split by year of publication, on disk, with the books.

Here: `stage`, which writes `<destination>/<table>/year=YYYY.parquet`, `rejects.parquet` and
`counts.json`. Documents and address texts are known by hashes of 64 bits, DuckDB's `hash`: later steps
join and group whole numbers, and a text that stands in a thousand records lies on disk once. Row order
is the file's order and row groups have a fixed size, so equal inputs give equal bytes whatever the
threads. A year's files of all units together are that year's partition; no raw file is read twice.
Not here: which files are units (`Reader.units`), inclusion rules, snapshots.
"""

import json
import shutil
import tempfile
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines import query
from pipelines.readers.numbering import Values
from pipelines.readers.records import (
    ADDRESS_KEY,
    DOCUMENT_KEY,
    LOOKUPS,
    SCHEMAS,
    STAGED_SCHEMAS,
    YEARLY_TABLES,
    Batch,
    key_columns,
)
from pipelines.readers.source import Reader, SourceFiles

ROW_GROUP_ROWS = 1 << 16
_ONE_THREAD = query.Limits("1GB", 1)
"""Of keys; the other threads are the readers'."""
BATCHES_BEHIND = 4
"""How many batches writing may lie behind reading."""
OUTSIDE_YEARS = "year outside the source's years"
REPETITIVE = ["year", "country", "region", "document_type", "scheme", "file"]
"""Columns worth a dictionary in Parquet; for the others it costs time and saves nothing."""


class _Writer:
    """One Parquet file that is filled in row groups of a fixed size."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = pq.ParquetWriter(
            path,
            schema,
            compression="lz4",  # read a few times and never handed out: speed before size
            use_dictionary=[name for name in REPETITIVE if name in schema.names],
            write_statistics=[field.name for field in schema if not pa.types.is_string(field.type)],
            store_schema=False,
        )
        self._waiting: list[pa.Table] = []
        self._rows = 0

    def write(self, rows: pa.Table) -> None:
        self._waiting.append(rows)
        self._rows += rows.num_rows
        if self._rows >= ROW_GROUP_ROWS:
            table = pa.concat_tables(self._waiting)
            full = self._rows - self._rows % ROW_GROUP_ROWS
            self._file.write_table(table.slice(0, full), ROW_GROUP_ROWS)
            self._waiting = [table.slice(full)]
            self._rows -= full

    def close(self) -> None:
        if self._rows:
            self._file.write_table(pa.concat_tables(self._waiting), ROW_GROUP_ROWS)
        self._file.close()


@dataclass
class Counts:
    """The books of a unit, by table: what was read and what became of it.

    Attributes:
        read: raw records met.
        rows: rows staged by year.
        rejects: records that could not be read.
        excluded: records that a rule of the format or the source's years left out, by reason.
        repaired: values set to null, by reason.
    """

    read: Counter[str] = field(default_factory=Counter)
    rows: defaultdict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    rejects: Counter[str] = field(default_factory=Counter)
    excluded: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    repaired: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def as_dict(self) -> dict[str, Any]:
        """By table: read (null where no raw record is one such row), rows, rejects and the rest.

        Raw rows that are only looked up, such as persons of a relational format, stand behind ours.
        """
        return {
            table: {
                "read": self.read.get(table),
                "rows": {str(year): count for year, count in sorted(self.rows[table].items())},
                "rejects": self.rejects[table],
                "excluded": dict(sorted(self.excluded[table].items())),
                "repaired": dict(sorted(self.repaired[table].items())),
            }
            for table in (*YEARLY_TABLES, LOOKUPS)
        }

    def require_balance(self) -> None:
        """Every raw record became a row, a reject or a counted exclusion.

        Raises:
            AssertionError: a reader lost or doubled records; a mistake of ours, not of the user.
        """
        for table, read in self.read.items():
            rows = sum(self.rows[table].values())
            excluded = sum(self.excluded[table].values())
            if read != rows + self.rejects[table] + excluded:
                raise AssertionError(
                    f"{table}: {read} records read, but {rows} rows,"
                    f" {self.rejects[table]} rejects, {excluded} excluded"
                )


def stage(
    reader: Reader, unit: SourceFiles, destination: Path, years: Collection[int] | None = None
) -> dict[str, Any]:
    """Read a unit once and write its records by year.

    The folder is written aside (as `.<name>.*.partial` in the same parent) and renamed when it is
    complete and its books balance; an earlier one of that name is replaced.

    Args:
        reader: the format.
        unit: one of `reader.units(source)`.
        destination: folder to make. Tables without rows have no files.
        years: years to stage; rows of other years are counted as excluded. All where None.

    Returns:
        The counts, as `counts.json` has them: see `Counts`.

    Raises:
        UserError: a fault of a whole file.
    """
    destination.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(
        tempfile.mkdtemp(dir=destination.parent, prefix=f".{destination.name}.", suffix=".partial")
    )
    try:
        counts = _write(reader.read(unit), aside, years)
        counts.require_balance()
        text = json.dumps(counts.as_dict(), indent=1, ensure_ascii=False) + "\n"
        (aside / "counts.json").write_text(text, encoding="utf-8")
        if destination.exists():
            shutil.rmtree(destination)
        aside.chmod(0o755)
        aside.rename(destination)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return counts.as_dict()


class _Files:
    """The files of a unit: rows go to their year's, keys in place of what they stand for."""

    def __init__(self, folder: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self._folder, self._connection = folder, connection
        self._writers = {"rejects": _Writer(folder / "rejects.parquet", STAGED_SCHEMAS["rejects"])}
        self._texts: defaultdict[int, Values] = defaultdict(Values)

    def write_rejects(self, rows: pa.Table) -> None:
        self._writers["rejects"].write(rows)

    def write(self, table: str, year: int, rows: pa.Table) -> None:
        """Write rows of a table of one year; of addresses each text only once a year."""
        if DOCUMENT_KEY not in rows.column_names:
            rows = self._keyed(table, rows)
        self._write(table, year, rows)
        if table == "addresses":
            is_new = self._texts[year].claim(rows[ADDRESS_KEY].to_numpy())
            texts = rows.select(STAGED_SCHEMAS["texts"].names)
            self._write("texts", year, texts.filter(pa.array(is_new)))

    def _keyed(self, table: str, rows: pa.Table) -> pa.Table:
        """The rows with their keys, where their reader did not give them."""
        self._connection.register("rows", rows)
        keys = key_columns(table, SCHEMAS[table].names)
        found = self._connection.sql(f"SELECT {keys} FROM rows").to_arrow_table()
        for name in found.column_names:
            rows = rows.append_column(name, found[name])
        return rows

    def _write(self, table: str, year: int, rows: pa.Table) -> None:
        name = f"{table}/year={year}.parquet"
        schema = STAGED_SCHEMAS[table]
        if name not in self._writers:
            self._writers[name] = _Writer(self._folder / name, schema)
        self._writers[name].write(rows.select(schema.names))

    def close(self) -> None:
        for writer in self._writers.values():
            writer.close()


class _Behind:
    """Does the writing in a thread of its own, one piece after the other, while reading goes on."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._waiting: deque[Future[None]] = deque()

    def do(self, work: Callable[..., None], *arguments: object) -> None:
        self._waiting.append(self._thread.submit(work, *arguments))
        if len(self._waiting) > BATCHES_BEHIND:
            self._waiting.popleft().result()

    def finish(self) -> None:
        """Wait until all is written, and raise what went wrong there."""
        while self._waiting:
            self._waiting.popleft().result()

    def stop(self) -> None:
        """End the thread, with what it has begun."""
        self._thread.shutdown(cancel_futures=True)


def _write(batches: Iterator[Batch], folder: Path, years: Collection[int] | None) -> Counts:
    counts, behind = Counts(), _Behind()
    with query.connect(_ONE_THREAD) as connection:
        files = _Files(folder, connection)
        try:
            for batch in batches:
                rows = _with_keys(batch)
                if batch.table == "accounts":
                    _book(counts, rows)
                elif batch.table == "rejects":
                    counts.rejects.update(rows["intended_table"].to_pylist())
                    behind.do(files.write_rejects, rows)
                else:
                    for year, part in _by_year(rows):
                        if years is not None and year not in years:
                            counts.excluded[batch.table][OUTSIDE_YEARS] += part.num_rows
                            continue
                        behind.do(files.write, batch.table, year, part)
                        counts.rows[batch.table][year] += part.num_rows
            behind.finish()
        finally:
            behind.stop()
            files.close()
    return counts


def _with_keys(batch: Batch) -> pa.Table:
    """The rows, and the keys that their reader gave."""
    rows = batch.data if isinstance(batch.data, pa.Table) else pa.Table.from_batches([batch.data])
    for name, keys in batch.keys.items():
        rows = rows.append_column(name, keys)
    return rows


def _by_year(rows: pa.Table) -> Iterator[tuple[int, pa.Table]]:
    years = pc.unique(rows["year"]).to_pylist()
    if len(years) == 1:
        yield years[0], rows
        return
    for year in sorted(years):
        yield year, rows.filter(pc.equal(rows["year"], year))


def _book(counts: Counts, rows: pa.Table) -> None:
    for row in rows.to_pylist():
        table, records = row["intended_table"], row["records"]
        if records == 0:
            continue
        if row["outcome"] == "read":
            counts.read[table] += records
        elif row["outcome"] == "excluded":
            counts.excluded[table][row["reason"]] += records
        else:
            counts.repaired[table][row["reason"]] += records
