"""How Dagster's own records are written: runs and events in SQLite, quickly.

Here: the instance and the storage that `dagster.yaml` names, Dagster's own but for what stands in their
way here. Dagster opens a database
anew for each of the hundred statements of a step and compiles each anew; here an open database is kept.
And SQLite waits for the disk at each commit; without that a process that is killed loses nothing, only
a machine that loses its power may lose the last events of the UI. Tables and releases do not depend on
these records (`storage.py` keeps its own).
"""

import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import dagster as dg
import sqlalchemy
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.runs.sqlite.sqlite_run_storage import SqliteRunStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._core.storage.sqlite_storage import (
    DagsterSqliteStorage,
    _event_logs_directory,
    _runs_directory,
)


@sqlalchemy.event.listens_for(sqlalchemy.Engine, "connect")
def do_not_wait_for_the_disk(connection: object, _: object) -> None:
    """Leave it to the operating system when SQLite's pages reach the disk."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")


@lru_cache(maxsize=32)  # there is a database for each run: the UI's process would keep them all
def _engine(address: str) -> sqlalchemy.Engine:
    """The engine of a database, with its pool of connections and its compiled statements."""
    return sqlalchemy.create_engine(address, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS})


class EventLog(SqliteEventLogStorage):
    """Dagster's event log on databases that stay open."""

    def __init__(self, base_dir: str) -> None:
        super().__init__(base_dir)
        self._found = set[tuple[str, str]]()

    @contextmanager
    def _connect(self, shard: str) -> Iterator[sqlalchemy.Connection]:
        with self._db_lock:
            engine = _engine(self.conn_string_for_shard(shard))
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection

    def has_table(self, table_name: str) -> bool:
        """Whether there is a table."""
        return self._has("table", table_name, super().has_table)

    def has_asset_key_col(self, column_name: str) -> bool:
        """Whether what is known of assets has a column."""
        return self._has("column", column_name, super().has_asset_key_col)

    def has_secondary_index(self, name: str) -> bool:
        """Whether the database was brought to a later form."""
        return self._has("index", name, super().has_secondary_index)

    def _has(self, kind: str, name: str, ask: Callable[[str], bool]) -> bool:
        """What was found stays; Dagster asks the database a dozen times in a step."""
        if (kind, name) not in self._found and ask(name):
            self._found.add((kind, name))
        return (kind, name) in self._found


class Runs(SqliteRunStorage):
    """Dagster's list of runs on a database that stays open."""

    @contextmanager
    def connect(self) -> Iterator[sqlalchemy.Connection]:
        """A transaction."""
        with _engine(self._conn_string).begin() as connection:
            yield connection


class Records(DagsterSqliteStorage):
    """Dagster's records, where and as its SQLite storage keeps them."""

    def __init__(self, base_dir: str, inst_data: Any = None) -> None:
        super().__init__(base_dir, inst_data)
        self._run_storage = Runs.from_local(_runs_directory(base_dir))
        self._event_log_storage = EventLog(_event_logs_directory(base_dir))

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> "Records":
        """As Dagster makes it from `dagster.yaml`."""
        return cls.from_local(inst_data=inst_data, **config_value)


class Instance(dg.DagsterInstance):
    """Dagster's instance, which sets up no handlers of Python's logging: `dagster.yaml` names none.

    Dagster's own does so at the start of each run even then, through a call that locks all logging until
    every handler is free: with two runs side by side each waits for the other for ever.
    """

    @classmethod
    def config_schema(cls) -> Mapping[str, Any]:
        """Nothing to be set in `dagster.yaml`."""
        return {}

    @staticmethod
    def config_defaults(base_dir: str) -> Mapping[str, Any]:
        """As Dagster's own."""
        return InstanceRef.config_defaults(base_dir)

    def get_yaml_python_handlers(self) -> Sequence[logging.Handler]:
        """None."""
        return []
