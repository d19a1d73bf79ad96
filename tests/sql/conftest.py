"""Run one SQL file on tiny tables: rows as dictionaries in, rows as the contract has them out."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import polars as pl
import pyarrow as pa
import pytest

from pipelines import query
from pipelines.contracts.model import Table
from pipelines.readers.records import STAGED_SCHEMAS

Rows = Sequence[Mapping[str, object]]
Inputs = Mapping[Table, Rows]
Value = int | str | None


class RunSql(Protocol):
    """Runs the SELECT of a table."""

    def __call__(
        self,
        table: Table,
        inputs: Inputs,
        *,
        frames: Mapping[str, pl.DataFrame] | None = None,
        threads: int = 2,
        **variables: Value,
    ) -> pl.DataFrame: ...


class Broken(Protocol):
    """Runs a rule of `sql/checks/` and returns the rows that break it."""

    def __call__(
        self, table: Table, rule: str, inputs: Inputs, **variables: query.Variable
    ) -> list[tuple[object, ...]]: ...


STAGED_OF = {"source": pl.String, "kind": pl.String, "unit_number": pl.Int32}


def key_of(document_id: str) -> int:
    """A key for a short identifier."""
    return int.from_bytes(document_id.encode())


def staged(table: str, rows: Rows) -> pl.DataFrame:
    """Staged records as `offer_staged` hands them out; what a row leaves out is null.

    A row may name its document by `document_id` where the table knows only its key.
    """
    empty = pl.from_arrow(STAGED_SCHEMAS[table].empty_table())
    assert isinstance(empty, pl.DataFrame)
    schema = {**empty.schema, **STAGED_OF}
    filled = [{"source": "made", "kind": "patent", "unit_number": 1, **row} for row in rows]
    for row in filled:
        if "document_id" in row:
            row["document_key"] = key_of(str(row["document_id"]))
    known = [{key: row.get(key) for key in schema} for row in filled]
    return pl.DataFrame(known, schema=schema, orient="row")


def offered(rows: Rows, table: Table) -> pa.Table:
    """Rows in the types of a contract; columns that a test leaves out are null."""
    unknown = {key for row in rows for key in row} - set(table.column_names)
    assert not unknown, f"{table.name} has no columns {unknown}"
    return pa.Table.from_pylist([dict(row) for row in rows], schema=table.schema)


@pytest.fixture
def run_sql() -> RunSql:
    def run(
        table: Table,
        inputs: Inputs,
        *,
        frames: Mapping[str, pl.DataFrame] | None = None,
        threads: int = 2,
        **variables: Value,
    ) -> pl.DataFrame:
        with query.connect(query.Limits("1GB", threads)) as connection:
            for upstream, rows in inputs.items():
                connection.register(upstream.name, offered(rows, upstream))
            for name, frame in (frames or {}).items():
                connection.register(name, frame)
            query.set_variables(connection, variables)
            made = connection.sql(query.sql_text(table.stage, table.name)).to_arrow_table()
        assert sorted(made.column_names) == sorted(table.column_names)
        cast = made.select(table.column_names).cast(table.schema)
        return pl.DataFrame(cast).sort(table.key, nulls_last=False)

    return run


@pytest.fixture
def broken() -> Broken:
    def run(
        table: Table, rule: str, inputs: Inputs, **variables: query.Variable
    ) -> list[tuple[object, ...]]:
        text = (query.SQL / "checks" / table.name / f"{rule}.sql").read_text(encoding="utf-8")
        with query.connect(query.Limits("1GB", 2)) as connection:
            for upstream, rows in inputs.items():
                connection.register(upstream.name, offered(rows, upstream))
            query.set_variables(connection, variables)
            return connection.sql(text).fetchall()

    return run
