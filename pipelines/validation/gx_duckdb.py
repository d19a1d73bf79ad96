"""Great Expectations on DuckDB: the data source that GX 1.24 does not bring.

Here: only what GX needs to talk to an in-memory DuckDB through duckdb-engine. GX takes seconds to
import, so this module is imported where a table is validated, once per process, and nowhere else.
Not here: what is expected of a table (`suite.py`).
"""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Literal

import great_expectations as gx
import sqlalchemy
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.datasource.fluent import SQLDatasource
from great_expectations.execution_engine import SqlAlchemyExecutionEngine

from pipelines.query import Limits, quoted, spill_folder

# what an expectation ended with is in its outcome; the log would have a page of traceback of it
logging.getLogger("great_expectations").setLevel(logging.CRITICAL)


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
    """SQLAlchemy engine that keeps one connection open.

    The stock engine closes the connection before the rows are fetched, and an in-memory DuckDB is
    gone with its connection (GX issue 10738).
    """

    @contextmanager
    def get_connection(self) -> Generator[sqlalchemy.Connection, None, None]:
        """Hand out the one connection, outside any older transaction, and leave it open."""
        if not self._connection:
            self._connection = self.engine.connect()
        if self._connection.in_transaction():
            self._connection.rollback()  # an open snapshot would still see the table before
        yield self._connection


# a named in-memory database is one database for all connections of the process
_URL = "duckdb:///:memory:validation"
_EngineClass = type[SqlAlchemyExecutionEngine]  # inside the class below `type` is a field


class DuckDBDatasource(SQLDatasource):
    """A data source of type `duckdb`, which gives the context `data_sources.add_duckdb`."""

    type: Literal["duckdb"] = "duckdb"  # type: ignore[assignment]

    @property
    def execution_engine_type(self) -> _EngineClass:
        """The engine that keeps its connection."""
        return DuckDBExecutionEngine


def new_context() -> gx.data_context.EphemeralDataContext:
    """A context of GX that keeps nothing on disk and draws no progress bars."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


class Session:
    """One GX context over one in-memory DuckDB, kept for the life of the process."""

    def __init__(self) -> None:
        self._connection = sqlalchemy.create_engine(_URL).connect()
        add: Any = new_context().data_sources.add_duckdb
        self.source: Any = add("tables", connection_string=_URL)
        self._definition: Any = None
        self.execute(f"SET temp_directory = {quoted(str(spill_folder()))}")
        self._kept: Limits | None = None

    def keep_to(self, limits: Limits) -> None:
        """Take no more of the machine; beyond its memory DuckDB spills to disk."""
        if limits != self._kept:
            self.execute(f"SET memory_limit = {quoted(limits.memory_limit)}")
            self.execute(f"SET threads = {limits.threads}" if limits.threads else "RESET threads")
            self._kept = limits

    def batch(self) -> Any:
        """Whatever the view `batch` holds now, as GX's batch."""
        if self._definition is None:
            asset = self.source.add_table_asset("batch", table_name="batch")
            self._definition = asset.add_batch_definition_whole_table("whole")
        return self._definition.get_batch()

    def execute(self, statement: str) -> None:
        """Run a statement in the database that validations read."""
        self._connection.execute(sqlalchemy.text(statement))
        self._connection.commit()

    def rows(self, query: str, most: int) -> list[dict[str, Any]]:
        """The first rows of a query on the view `batch`."""
        limited = sqlalchemy.text(f"SELECT * FROM ({query}) LIMIT {most}")
        found = [dict(row) for row in self._connection.execute(limited).mappings()]
        self._connection.rollback()
        return found

    def close(self) -> None:
        """Close every connection; DuckDB complains at exit about those left open."""
        self._connection.close()
        self._connection.engine.dispose()
        engine = self.source.get_execution_engine()
        engine.close()
        engine.engine.dispose()
        self.source.get_engine().dispose()
