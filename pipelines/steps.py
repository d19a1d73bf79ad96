"""A step of the pipeline: how a table is made, whether it is done, and making it.

Here: `TableStep` (contract, inputs, code and settings that count), its fingerprint, `Target` (what its
settings are told by), `Step` (what the making function is handed), and `make_table`: write aside, check,
rename. Not here: how Dagster sees a step (`table_asset.py`), what a table is made of (`assets/`, `sql/`).
"""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Protocol

import dagster as dg
import duckdb
import polars as pl

from pipelines import query
from pipelines.config import Config
from pipelines.contracts.model import SCHEMA_VERSION, Partition, Table
from pipelines.editions import Edition
from pipelines.partitions import asset_key, input_partitions
from pipelines.pipeline import Pipeline
from pipelines.storage import Made, Record, Workspace, fingerprint_of, sha256_of, write_parquet
from pipelines.validation import data_docs
from pipelines.validation.rules import rules_of, run_rule
from pipelines.validation.suite import Outcome, validate, without_samples

CONTRACT_CHECK = "contract"
Outcomes = dict[str, list[Outcome]]
"""What each check of a table found, by name of the check."""
_PACKAGE = Path(__file__).parent


class PlannedStep(Protocol):
    """What the plan needs to know of a step, be its outcome a table or a release."""

    @property
    def name(self) -> str:
        """Name of the asset."""

    @property
    def key(self) -> dg.AssetKey:
        """Key of the asset."""

    @property
    def partition_set(self) -> Partition | None:
        """Partition set of the asset."""

    @property
    def upstream(self) -> frozenset[str]:
        """Names of the assets that it reads."""

    def is_done(self, pipeline: "Pipeline", partition: int | None) -> bool:
        """Whether its outcome was made from exactly what there is now."""


@dataclass(frozen=True)
class TableStep:
    """How a table is made: its contract, its inputs, the code and settings that count."""

    table: Table
    make: Callable[["Step"], Made]
    inputs: tuple[Table, ...] = ()
    after: tuple[Table, ...] = ()
    """Tables that must be there, but of which `settings` tells what counts."""
    code: tuple[str, ...] = ()
    """Packages or modules of `pipelines/` whose text makes the table, besides its SQL."""
    settings: Callable[["Target"], object] = lambda _: None
    """Settings that the table depends on; a change makes it anew."""
    references: tuple[Table, ...] = ()
    """Tables that the contract's foreign keys name, where they are not inputs."""
    intact: Callable[[Pipeline], bool] = lambda _: True
    """Whether what the step leaves besides its table is still there."""

    @property
    def name(self) -> str:
        """Name of the table and of its asset."""
        return self.table.name

    @property
    def key(self) -> dg.AssetKey:
        """Key of the asset."""
        return asset_key(self.table)

    @property
    def partition_set(self) -> Partition | None:
        """Partition set of the table."""
        return self.table.partition

    @property
    def upstream(self) -> frozenset[str]:
        """Names of the tables that it reads."""
        return frozenset(table.name for table in (*self.inputs, *self.after, *self.references))

    def fingerprint(self, pipeline: Pipeline, partition: int | None) -> str | None:
        """Identifies everything the table is made from; None where an input is missing."""
        records: list[object] = []
        for upstream in (*self.after, *self.references):
            if any(
                pipeline.workspace.record(upstream, key) is None
                for key in input_partitions(self.table, partition, upstream)
            ):
                return None
        for upstream in self.inputs:
            for key in input_partitions(self.table, partition, upstream):
                record = pipeline.workspace.record(upstream, key)
                if record is None:
                    return None
                records.append([upstream.name, key, record.sha256])
        return fingerprint_of(
            {
                "table": self.table.name,
                "partition": partition,
                "code": self.code_version,
                "settings": self.settings(Target(self, pipeline, partition)),
                "inputs": records,
            }
        )

    @cached_property
    def code_version(self) -> str:
        """Hash of the text that makes the table, so that nobody can forget to raise a version.

        That is its contract, its SQL, the rules that it must fulfil, the function of its asset with
        its helpers beside it, and the code that the asset names.
        """
        sql = f"{self.table.stage}/{self.table.name}.sql"
        texts = [repr(self.table), *texts_of(self.make)]
        texts += [rule.sql for rule in rules_of(self.table)]
        return code_hash(self.code, sql=sql, texts=tuple(texts))

    def is_done(self, pipeline: Pipeline, partition: int | None) -> bool:
        """Whether the table on disk was made from exactly what there is now."""
        record = pipeline.workspace.record(self.table, partition)
        return (
            record is not None
            and record.fingerprint == self.fingerprint(pipeline, partition)
            and self.intact(pipeline)
        )


def texts_of(function: Callable[..., object]) -> Iterator[str]:
    """The text of a function, and of those of its own module that it calls."""
    yield inspect.getsource(function)
    for called in inspect.getclosurevars(function).globals.values():
        if inspect.isfunction(called) and called.__module__ == function.__module__:
            yield from texts_of(called)


@cache
def code_hash(code: tuple[str, ...], sql: str = "macros.sql", texts: tuple[str, ...] = ()) -> str:
    """Hash of modules and packages of `pipelines/`, of a file of `sql/` and of further texts."""
    files = [query.SQL / "macros.sql", query.SQL / sql]
    for name in code:
        path = _PACKAGE / name
        files += sorted(path.rglob("*")) if path.is_dir() else [path.with_suffix(".py")]
    hashes = [
        [path.name, sha256_of(path)]
        for path in files
        if path.is_file() and "__pycache__" not in path.parts
    ]
    return fingerprint_of([SCHEMA_VERSION, texts, hashes])[:16]


@dataclass
class Target:
    """A table and partition that is to be made: all that its settings are told by."""

    definition: TableStep
    pipeline: Pipeline
    partition: int | None

    @property
    def table(self) -> Table:
        """The contract of the table."""
        return self.definition.table

    @property
    def config(self) -> Config:
        """The configuration."""
        return self.pipeline.config

    @property
    def edition(self) -> Edition:
        """The edition, as the configuration runs it; only for tables by edition."""
        return self.config.edition(self.year)

    @property
    def year(self) -> int:
        """The partition as a number; only for tables with partitions."""
        if self.partition is None:
            raise RuntimeError(f"{self.table.name} has no partitions")
        return self.partition


@dataclass
class Step(Target):
    """A table and partition being made."""

    connection: duckdb.DuckDBPyConnection
    """The step's DuckDB, with its inputs as views."""

    def sql(self, **variables: query.Variable) -> duckdb.DuckDBPyRelation:
        """The table's SELECT, with its parameters bound; the partition is always one of them."""
        if self.table.partition:
            variables[self.table.partition] = self.partition
        variables["simulated"] = self.config.simulated
        query.set_variables(self.connection, variables)
        return self.connection.sql(query.sql_text(self.table.stage, self.table.name))

    def offer_frame(self, name: str, frame: pl.DataFrame) -> None:
        """Make a frame readable under a name in the table's SELECT."""
        self.connection.register(name, frame)

    def frame(self, table: Table) -> pl.DataFrame:
        """An input as a Polars frame, in the order of its key."""
        return self.connection.sql(f'SELECT * FROM "{table.name}"').pl()


_STEPS: dict[str, PlannedStep] = {}


def steps() -> list[PlannedStep]:
    """All steps, inputs before those that read them."""
    order = TopologicalSorter({name: step.upstream for name, step in _STEPS.items()})
    return [_STEPS[name] for name in order.static_order()]


def register(step: PlannedStep) -> None:
    """Add a step to the graph."""
    _STEPS[step.name] = step


class ChecksFailedError(Exception):
    """Carries the outcomes of a table that broke its contract out of the writer."""

    def __init__(self, outcomes: Outcomes) -> None:
        super().__init__("a check failed")
        self.outcomes = outcomes


def make_table(
    step: TableStep, pipeline: Pipeline, partition: int | None
) -> tuple[Record, Outcomes]:
    """Make one table of a partition, check it, and put it in place.

    Args:
        step: how the table is made.
        pipeline: configuration and workspace.
        partition: year or edition; None for tables without partition.

    Returns:
        The table's record, and what its checks found.

    Raises:
        ChecksFailedError: a check failed; the last good table stays in place.
        UserError: an input is missing, or something else that the user can mend.
    """
    table, workspace = step.table, pipeline.workspace
    inputs = {
        upstream.name: _files(workspace, table, partition, upstream)
        for upstream in (*step.inputs, *step.references)
    }
    fingerprint = step.fingerprint(pipeline, partition)
    if fingerprint is None:
        raise RuntimeError(f"{table.name}: an input vanished while the step started")
    outcomes: Outcomes = {}

    def fill(path: Path) -> None:
        write_parquet(table, step.make(making), path)

    def check(path: Path) -> tuple[dict[str, str], ...]:
        outcomes.update(_check(making, path, inputs))
        data_docs.store(
            workspace.validations / pipeline.run,
            table,
            partition,
            outcomes,
            simulated=pipeline.config.simulated,
        )
        found = [outcome for of_check in outcomes.values() for outcome in of_check]
        if not all(outcome.passed for outcome in found):
            raise ChecksFailedError(outcomes)
        return tuple({"name": o.name, "expected": o.expected, "actual": o.actual} for o in found)

    with query.connect(pipeline.limits) as connection:
        for upstream in (*step.inputs, *step.references):
            query.offer(connection, upstream.name, inputs[upstream.name], upstream.schema)
        making = Step(step, pipeline, partition, connection)
        return workspace.write(table, partition, fingerprint, fill, check), outcomes


def _check(step: Step, path: Path, inputs: dict[str, list[Path]]) -> Outcomes:
    """Hold a table's file against its contract, then against each of its rules beside its inputs."""
    table = step.table
    given = {name: files for name, files in inputs.items() if files}
    contract = validate(table, path, step.partition, given, step.pipeline.limits)
    outcomes = {CONTRACT_CHECK: contract}
    query.offer(step.connection, table.name, [path], table.schema)
    for rule in rules_of(table):
        outcomes[rule.name] = [run_rule(step.connection, rule)]
    if table.personal:
        return {name: [*map(without_samples, found)] for name, found in outcomes.items()}
    return outcomes


def _files(
    workspace: Workspace, table: Table, partition: int | None, upstream: Table
) -> list[Path]:
    keys = input_partitions(table, partition, upstream)
    for key in keys:
        workspace.require(upstream, key)
    return [workspace.path(upstream, key) for key in keys]
