"""Run the project's SQL: find `sql/<stage>/<name>.sql`, offer its input tables as views, bind values.

One SQL file is one table and one SELECT. It names its inputs as plain tables, which are views on
Parquet files here, and its parameters as `getvariable('name')`. Each step has its own connection to the
process's in-memory DuckDB: there is no database file to lock. Not here: writing the result
(`storage.py`).
"""

import atexit
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock

import duckdb
import pyarrow as pa

from pipelines.errors import UserError

SQL = Path(__file__).parent.parent / "sql"

Settings = dict[str, str | bool | int | float | list[str]]

SETTINGS: Settings = {"autoinstall_known_extensions": False, "TimeZone": "UTC"}
"""Of every DuckDB: nothing is fetched from the network, and a moment lies in the same year on every
machine."""

Variable = int | str | bool | list[int] | None
"""What a parameter of an SQL file may be."""


@dataclass(frozen=True)
class Limits:
    """What a step may take of the machine; beyond its memory DuckDB spills to disk."""

    memory_limit: str = "8GB"
    threads: int | None = None


@cache
def sql_text(stage: str, name: str) -> str:
    """The SELECT that makes a table (or a check, for stage `checks`)."""
    return (SQL / stage / f"{name}.sql").read_text(encoding="utf-8").strip().removesuffix(";")


@cache
def macros() -> str:
    """The statements that make the functions which several tables share."""
    return (SQL / "macros.sql").read_text(encoding="utf-8")


_OPENING = Lock()


@contextmanager
def connect(limits: Limits) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with views, variables and frames of its own, which are gone afterwards.

    Raises:
        UserError: where the memory that it is allowed is too little even with spilling.
    """
    with _OPENING:
        connection = _database(limits).cursor()
    try:
        yield connection
    except duckdb.OutOfMemoryException as error:
        says = str(error).partition("\n")[0]
        raise UserError(
            f"memory_limit: {limits.memory_limit} is too little ({says}). "
            "Raise this key of the configuration, or lower `threads`."
        ) from error
    finally:
        connection.close()


@cache
def _database(limits: Limits) -> duckdb.DuckDBPyConnection:
    """The process's in-memory DuckDB: to open one takes longer than many a step's work."""
    settings = SETTINGS | {
        "memory_limit": limits.memory_limit,
        "temp_directory": str(spill_folder()),
    }
    if limits.threads:
        settings["threads"] = limits.threads
    database = _opened.enter_context(duckdb.connect(":memory:", config=settings))
    database.execute(macros())
    return database


def spill_folder() -> Path:
    """Where all runs of this user spill: DuckDB removes what killed ones left when the next one spills.

    Raises:
        UserError: where another user has taken its name, who could read what is spilled.
    """
    folder = Path(tempfile.gettempdir()) / f"stclusters-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise UserError(f"{folder} is another user's. Set TMPDIR to a folder of your own.")
    return folder


_opened = ExitStack()


@atexit.register
def close() -> None:
    """Close the process's databases, with which what they spilled is removed."""
    _database.cache_clear()
    # who interrupts a run does not wait for the queries that are under way
    with suppress(duckdb.ResourceInUseException):
        _opened.close()


def offer(
    connection: duckdb.DuckDBPyConnection, name: str, files: Sequence[Path], schema: pa.Schema
) -> None:
    """Make Parquet files readable under a table's name; no files give an empty table."""
    if not files:
        connection.register(name, schema.empty_table())
        return
    connection.execute(f'CREATE OR REPLACE TEMP VIEW "{name}" AS SELECT * FROM {parquet(files)}')


def parquet(files: Sequence[Path]) -> str:
    """Parquet files as what an SQL FROM names.

    A folder `year=2015` in a path is no column: it would stand in for what the file has in its own.
    """
    listed = ", ".join(quoted(str(path)) for path in files)
    return f"read_parquet([{listed}], hive_partitioning=false)"


def set_variables(connection: duckdb.DuckDBPyConnection, variables: Mapping[str, Variable]) -> None:
    """Bind the parameters that SQL files read with `getvariable`."""
    for name, value in variables.items():
        connection.execute(f'SET VARIABLE "{name}" = ?', [value])


def quoted(text: str) -> str:
    """A text as an SQL literal, for what cannot be bound: names of files and sources."""
    return "'" + text.replace("'", "''") + "'"
