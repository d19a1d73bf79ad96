"""Run one SQL file on tiny tables: rows as dictionaries in, rows as the contract has them out."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Protocol, cast

import duckdb
import polars as pl
import pyarrow as pa
import pytest

import pipelines.definitions  # noqa: F401 - registers the steps
from pipelines import parts, query
from pipelines.config import Config
from pipelines.contracts import extracts, geocoding
from pipelines.contracts.model import Table
from pipelines.pipeline import Pipeline
from pipelines.readers.records import STAGED_SCHEMAS
from pipelines.steps import Step, TableStep, steps

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


class MakeTable(Protocol):
    """Makes a table as its step does, of a year or an edition, from rows of the tables that it reads."""

    def __call__(
        self,
        table: Table,
        inputs: Inputs,
        *,
        partition: int,
        threads: int = 2,
        profile: str | None = None,
    ) -> pl.DataFrame: ...


class Broken(Protocol):
    """Runs a rule of `sql/checks/` and returns the rows that break it."""

    def __call__(
        self, table: Table, rule: str, inputs: Inputs, **variables: query.Variable
    ) -> list[tuple[object, ...]]: ...


PARTS = {
    extracts.INVENTORS: parts.of_inventors,
    extracts.AUTHOR_ADDRESSES: parts.of_author_addresses,
    extracts.ARTICLE_FIELDS: parts.of_article_fields,
}
"""What gives the rows of a SELECT their parts, as the table's asset does."""

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


_OF_LOCATIONS = ("h3_cell", "country", "place_id", "precision")


def located(table: Table, rows: Rows) -> dict[Table, Rows]:
    """A table that names locations by number, and `locations`, from rows that name them themselves.

    What lies at a location is counted from the rows.
    """
    spots = [(row["year"], *(row.get(column) for column in _OF_LOCATIONS)) for row in rows]
    numbers: dict[tuple[object, ...], int] = {}
    for spot in dict.fromkeys(spots):
        numbers[spot] = 1 + sum(other[0] == spot[0] for other in numbers)
    return {
        geocoding.LOCATIONS: [
            dict(zip(("year", *_OF_LOCATIONS, "location_number"), (*spot, number), strict=True))
            | _counts([row for row, of_row in zip(rows, spots, strict=True) if of_row == spot])
            for spot, number in numbers.items()
        ],
        table: [
            {key: value for key, value in row.items() if key not in _OF_LOCATIONS}
            | {"location_number": numbers[spot]}
            for row, spot in zip(rows, spots, strict=True)
        ],
    }


def _counts(rows: Rows) -> dict[str, int]:
    """Addresses and parts of inventors and authors."""
    parts_of = {
        who: [cast("int", row["part"]) for row in rows if row["kind"] == kind]
        for who, kind in (("inventor", "patent"), ("author", "publication"))
    }
    return {f"{who}_addresses": len(held) for who, held in parts_of.items()} | {
        f"{who}_parts": sum(held) for who, held in parts_of.items()
    }


def documents_at(rows: Rows) -> dict[Table, Rows]:
    """`locations` and `document_places` from rows that name cell and country."""
    return located(geocoding.DOCUMENT_PLACES, rows)


def _as_contracted(table: Table, made: pa.Table) -> pl.DataFrame:
    assert sorted(made.column_names) == sorted(table.column_names)
    return pl.DataFrame(made.select(table.column_names).cast(table.schema)).sort(
        table.key, nulls_last=False
    )


@pytest.fixture
def make_table() -> MakeTable:
    def make(
        table: Table,
        inputs: Inputs,
        *,
        partition: int,
        threads: int = 2,
        profile: str | None = None,
    ) -> pl.DataFrame:
        (definition,) = (step for step in steps() if step.name == table.name)
        assert isinstance(definition, TableStep)
        config = Config.model_construct(simulated=True, profile=profile, min_points={})
        pipeline = SimpleNamespace(config=config)
        with query.connect(query.Limits("1GB", threads)) as connection:
            for upstream, rows in inputs.items():
                connection.register(upstream.name, offered(rows, upstream))
            step = Step(definition, cast(Pipeline, pipeline), partition, connection)
            made = definition.make(step)
            if isinstance(made, duckdb.DuckDBPyRelation):
                return _as_contracted(table, made.to_arrow_table())
            frames = [made] if isinstance(made, pl.DataFrame) else made
            return _as_contracted(table, pl.concat(frames).to_arrow())

    return make


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
            selected = connection.sql(query.sql_text(table.stage, table.name))
            counted = PARTS.get(table)
            made = counted(selected.pl()).to_arrow() if counted else selected.to_arrow_table()
        return _as_contracted(table, made)

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
