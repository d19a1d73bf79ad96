"""Tables on disk: Parquet written aside, cast to their contract, sorted by key, hashed, renamed.

Here: where a table lies, how it is written so that equal rows give equal bytes, and the record beside
it (rows, bytes, SHA-256, fingerprint of what it was made from) by which later steps know it. A table
without a matching record does not exist for the pipeline, so a process killed at any moment leaves
either the last good table or none. Not here: what a table contains (`contracts/`), whether it is right
(`validation/`), releases (`release/`).
"""

import fcntl
import hashlib
import json
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.contracts.model import Table
from pipelines.errors import UserError

ROW_GROUP_ROWS = 262_144
"""Rows per row group: fixed, so that equal rows give equal bytes."""
_HASHED_AT_ONCE = 1 << 24
"""Bytes that are hashed without Python's lock."""

Made = duckdb.DuckDBPyRelation | pl.DataFrame | Iterator[pl.DataFrame]
"""Rows of a table in any order, or in the order of its key frame by frame."""


@dataclass(frozen=True)
class Record:
    """What is known of a table on disk."""

    rows: int
    bytes: int
    sha256: str
    fingerprint: str
    modified_ns: int
    """Modification time when the hash was taken: while it stands, the file is taken as unchanged."""
    checks: tuple[dict[str, str], ...] = ()
    """Every check that the table passed: name, what was expected, what was found."""


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes.

    `hashlib.file_digest` takes a sixty-fourth at a time, and beside busy threads waits for each block.
    """
    digest = hashlib.sha256()
    block = memoryview(bytearray(min(path.stat().st_size, _HASHED_AT_ONCE)))
    with path.open("rb", buffering=0) as file:
        while size := file.readinto(block):
            digest.update(block[:size])
    return digest.hexdigest()


def is_unchanged(path: Path, size: int, modified_ns: int, sha256: str) -> bool:
    """Whether a file is as recorded; one whose time changed is hashed again."""
    try:
        status = path.stat()
    except OSError:
        return False
    if status.st_size != size:
        return False
    return status.st_mtime_ns == modified_ns or sha256_of(path) == sha256


def fingerprint_of(parts: object) -> str:
    """SHA-256 of anything that JSON can hold, in a canonical form."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def written_aside(target: Path) -> Iterator[Path]:
    """A path beside `target` to write to; renamed to it on success, removed on failure.

    Raises:
        UserError: where the folder cannot be written to or the disk is full.
    """
    aside = target.with_name(f".{target.name}.{uuid.uuid4().hex}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield aside
        if target.is_dir() and aside.is_dir():
            raise FileExistsError(target)
        aside.replace(target)
    except OSError as error:
        raise UserError(
            f"Cannot write {target}: {error.strerror or error}. Nothing was changed there; "
            "free space or mend the folder's permissions, then run again."
        ) from error
    finally:
        if aside.is_dir():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            with suppress(OSError):  # never made, where a file stands in the folder's place
                aside.unlink(missing_ok=True)


class Workspace:
    """The folder that holds tables, staged records and releases.

    What is made by edition lies apart for each profile, so that no release or table of one can be taken for
    another's; what is read and geocoded by year serves them all.
    """

    def __init__(self, folder: Path, profile: str | None = None) -> None:
        self.folder = folder
        self.of_editions = folder / "profiles" / profile if profile else folder
        self._held = False

    @contextmanager
    def exclusively(self) -> Iterator[None]:
        """Hold the workspace for one run; the lock ends with the process, however it ends.

        The runs of which a run consists hold it with that one, which outlasts them.

        Raises:
            UserError: where another run holds it, or the folder cannot be written to.
        """
        if self._held:
            yield
            return
        with self._lock_file() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise UserError(
                    f"Another run is working in {self.folder}. Wait until it ends, "
                    "or give this one a workspace of its own."
                ) from None
            for left_over in [*self._left_over()]:
                if left_over.is_dir():
                    shutil.rmtree(left_over)
                else:
                    left_over.unlink()
            self._held = True
            try:
                yield
            finally:
                self._held = False

    def _left_over(self) -> Iterator[Path]:
        """What runs were writing when they were killed."""
        for folder in {self.folder, self.of_editions}:
            yield from (folder / "tables").rglob(".*.part")
        yield from self.staged.glob("*/.*.partial")
        yield from self.staged.glob("unpacked-*")

    def _lock_file(self) -> IO[str]:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            return (self.folder / ".lock").open("w")
        except OSError as error:
            raise UserError(
                f"The workspace {self.folder} cannot be written to: {error.strerror or error}. "
                "Nothing was done; mend the folder's permissions, or name another folder with the "
                "key `workspace` of the configuration."
            ) from error

    @property
    def releases(self) -> Path:
        """Folder of the releases."""
        return self.of_editions / "releases"

    @property
    def staged(self) -> Path:
        """Folder of the records read from raw files, by content of the files."""
        return self.folder / "staged"

    @property
    def validations(self) -> Path:
        """Folder of what the validations of each run found."""
        return self.folder / "validations"

    @property
    def snapshots(self) -> Path:
        """The record of every raw file, as first read and as accepted since."""
        return self.folder / "snapshots.jsonl"

    def path(self, table: Table, partition: int | None = None) -> Path:
        """Where a table's Parquet file lies."""
        base = self.of_editions if table.partition == "edition" else self.folder
        folder = base / "tables" / table.stage / table.name
        if table.partition:
            folder /= f"{table.partition}={partition}"
        return folder / f"{table.name}.parquet"

    def record(self, table: Table, partition: int | None = None) -> Record | None:
        """The record of a table on disk, or None where there is no whole table.

        A file whose time changed since it was hashed is hashed again; where its bytes differ from
        its record, it counts as missing and is made again.
        """
        path = self.path(table, partition)
        try:
            entries = json.loads(_record_path(path).read_text())
            record = Record(**{**entries, "checks": tuple(entries["checks"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None
        same = is_unchanged(path, record.bytes, record.modified_ns, record.sha256)
        return record if same else None

    def require(self, table: Table, partition: int | None = None) -> Record:
        """The record of a table that must be there."""
        record = self.record(table, partition)
        if record is None:
            where = f" of {partition}" if table.partition else ""
            raise UserError(
                f"The table {table.name}{where} is missing or was changed from outside "
                f"({self.path(table, partition)}). Run `stclusters run` for the edition that needs "
                f"it: missing tables are made again."
            )
        return record

    def write(
        self,
        table: Table,
        partition: int | None,
        fingerprint: str,
        fill: Callable[[Path], None],
        check: Callable[[Path], tuple[dict[str, str], ...]],
    ) -> Record:
        """Write a table aside, check it, and only then put it in place.

        Args:
            table: its contract.
            partition: year or edition; None for tables without partition.
            fingerprint: identifies everything the table is made from.
            fill: writes the Parquet file at the path it is given.
            check: says what it checked; raises where the file breaks its contract, and the last
                good table then stays.
        """
        path = self.path(table, partition)
        with written_aside(path) as aside:
            fill(aside)
            checks = check(aside)
            rows = pq.read_metadata(aside).num_rows
            digest, status = sha256_of(aside), aside.stat()
        record = Record(rows, status.st_size, digest, fingerprint, status.st_mtime_ns, checks)
        with written_aside(_record_path(path)) as aside:
            aside.write_text(json.dumps(asdict(record)))
        return record


def _record_path(path: Path) -> Path:
    return path.with_suffix(".json")


def write_parquet(table: Table, rows: Made, path: Path) -> None:
    """Write rows as the contract says: its columns, types, order and descriptions.

    The rows are sorted by the contract's key (nulls first), cast to its types and written in row
    groups of fixed size, without clock times: equal rows give equal bytes on any number of threads.

    Raises:
        ValueError: where the rows' columns are not the contract's columns.
    """
    schema = table.schema
    texts = [column.name for column in table.columns if column.type == "string"]
    # texts are told apart by their least and greatest only where rows lie in their order
    told_apart = [name for name in table.column_names if name not in texts or name == table.key[0]]
    with pq.ParquetWriter(
        path,
        schema,
        compression="lz4",  # for the next steps, speed before size; a release packs tighter
        use_dictionary=texts,
        write_statistics=told_apart,
    ) as writer:
        for batch in _regrouped(_in_order(table, rows)):
            writer.write_table(_cast(table, batch, schema), row_group_size=ROW_GROUP_ROWS)


def _in_order(table: Table, rows: Made) -> Iterable[pa.RecordBatch]:
    """The contract's columns in the order of its key, batch by batch."""
    if isinstance(rows, duckdb.DuckDBPyRelation):
        _require_columns(table, rows.columns)
        columns = ", ".join(f'"{name}"' for name in table.column_names)
        order = ", ".join(f'"{name}" NULLS FIRST' for name in table.key)
        yield from rows.project(columns).order(order).to_arrow_reader(ROW_GROUP_ROWS)
        return
    frames = [rows.sort(table.key, nulls_last=False)] if isinstance(rows, pl.DataFrame) else rows
    for frame in frames:
        _require_columns(table, frame.columns)
        yield from frame.select(table.column_names).to_arrow().to_batches()


def _require_columns(table: Table, columns: list[str]) -> None:
    if sorted(columns) != sorted(table.column_names):
        raise ValueError(
            f"{table.name}: made columns {sorted(columns)}, "
            f"the contract has {sorted(table.column_names)}"
        )


def _regrouped(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Batches of exactly ROW_GROUP_ROWS rows, whatever sizes the engine hands out."""
    held: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        held.append(batch)
        rows += batch.num_rows
        while rows >= ROW_GROUP_ROWS:
            whole = pa.Table.from_batches(held)
            yield whole.slice(0, ROW_GROUP_ROWS)
            held = whole.slice(ROW_GROUP_ROWS).to_batches()
            rows -= ROW_GROUP_ROWS
    if rows:
        yield pa.Table.from_batches(held)


def _cast(table: Table, batch: pa.Table, schema: pa.Schema) -> pa.Table:
    try:
        return batch.cast(schema)
    except (pa.ArrowInvalid, ValueError) as error:
        raise ValueError(f"{table.name}: a value does not fit its column's type: {error}") from None
