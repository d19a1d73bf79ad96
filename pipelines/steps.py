"""From a contract and a function to a Dagster asset: `table_asset`, and the `Step` it is handed.

Here: everything that all assets share - inputs as views, the fingerprint that tells whether a step is
done, write aside, validate, rename, and what the UI is told. So an asset is a few lines: read, call,
write. Not here: what a table is made of (`assets/`), its description (`contracts/`).
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Protocol

import dagster as dg
import duckdb
import polars as pl

from pipelines import query
from pipelines.config import Config, load_config
from pipelines.contracts.model import SCHEMA_VERSION, Partition, Table
from pipelines.demo import is_made, make_world
from pipelines.editions import Edition, editions, publication_years
from pipelines.errors import UserError
from pipelines.partitions import asset_key, dependency, input_partitions, partitions_of
from pipelines.snapshots import Snapshot, take_snapshots
from pipelines.staging import Unit, find_units
from pipelines.storage import Record, Workspace, fingerprint_of, sha256_of, write_parquet
from pipelines.validation.rules import rules_of, run_rule
from pipelines.validation.suite import Outcome, validate

OWNER = "team:stclusters"
CONTRACT_CHECK = "contract"
PREVIEW_ROWS = 10
_PACKAGE = Path(__file__).parent

Made = duckdb.DuckDBPyRelation | pl.DataFrame


@dataclass(frozen=True)
class Done:
    """What the command prints of a step."""

    name: str
    partition: int | None
    rows: int
    seconds: float


@dataclass
class Pipeline:
    """What every step works with: the configuration, its workspace, and who wants to be told."""

    config_path: Path
    report: Callable[[Done], None] = lambda _: None
    say: Callable[[str], None] = lambda _: None
    accept_changed_sources: bool = False

    @cached_property
    def config(self) -> Config:
        """The checked configuration."""
        return load_config(self.config_path)

    @cached_property
    def workspace(self) -> Workspace:
        """Where tables and releases lie."""
        return Workspace(self.config.workspace_folder)

    @property
    def needs_world(self) -> bool:
        """Whether the configuration reads a made world that is not made yet, or another one."""
        wanted = self.config.simulation
        return wanted is not None and not is_made(wanted, self.config.base)

    def make_world(self) -> None:
        """Make the simulated world that the configuration reads."""
        if self.config.simulation:
            make_world(self.config.simulation, self.config.base, self.say)

    @cached_property
    def snapshots(self) -> dict[Path, Snapshot]:
        """Snapshot records of the raw files; refuses those that changed."""
        if self.needs_world:
            self.make_world()
        return take_snapshots(
            self.config, self.workspace.snapshots, accept_changed=self.accept_changed_sources
        )

    @cached_property
    def units(self) -> list[Unit]:
        """Units of raw files, in the order in which they are read."""
        return find_units(self.config, self.snapshots, self.workspace.staged, self.limits)

    @cached_property
    def institution_files(self) -> list[Path]:
        """Files of the institutions' table; none where none is configured."""
        table = self.config.institutions
        return self.config.files(table.files, "institutions.files") if table else []

    @cached_property
    def gazetteer_files(self) -> list[Path]:
        """The user's own places."""
        return self.config.files(self.config.gazetteer.places, "gazetteer.places")

    @property
    def years(self) -> list[int]:
        """Every year that some edition reads."""
        return publication_years()

    @property
    def limits(self) -> query.Limits:
        """Memory and threads of a step."""
        return query.Limits(self.config.memory_limit, self.config.threads)


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
    settings: Callable[["Step"], object] = lambda _: None
    """Settings that the table depends on; a change makes it anew."""
    references: tuple[Table, ...] = ()

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
        step = Step(self, pipeline, partition, None)
        return fingerprint_of(
            {
                "table": self.table.name,
                "partition": partition,
                "code": self.code_version,
                "settings": self.settings(step),
                "inputs": records,
            }
        )

    @property
    def code_version(self) -> str:
        """Hash of the text that makes the table: contract, SQL and code. Nobody can forget it."""
        sql = f"{self.table.stage}/{self.table.name}.sql"
        return code_hash(self.code, sql=sql, contract=repr(self.table))

    def is_done(self, pipeline: Pipeline, partition: int | None) -> bool:
        """Whether the table on disk was made from exactly what there is now."""
        record = pipeline.workspace.record(self.table, partition)
        return record is not None and record.fingerprint == self.fingerprint(pipeline, partition)


@cache
def code_hash(code: tuple[str, ...], sql: str = "macros.sql", contract: str = "") -> str:
    """Hash of modules and packages of `pipelines/`, of a file of `sql/` and of a contract."""
    files = [query.SQL / "macros.sql", query.SQL / sql]
    for name in code:
        path = _PACKAGE / name
        files += sorted(path.rglob("*")) if path.is_dir() else [path.with_suffix(".py")]
    hashes = [
        [path.name, sha256_of(path)]
        for path in files
        if path.is_file() and "__pycache__" not in path.parts
    ]
    return fingerprint_of([SCHEMA_VERSION, contract, hashes])[:16]


@dataclass
class Step:
    """One table and partition being made."""

    definition: TableStep
    pipeline: Pipeline
    partition: int | None
    opened: duckdb.DuckDBPyConnection | None

    @property
    def table(self) -> Table:
        """The contract of the table being made."""
        return self.definition.table

    @property
    def config(self) -> Config:
        """The configuration."""
        return self.pipeline.config

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The step's DuckDB, with its inputs as views."""
        if self.opened is None:
            raise RuntimeError("a step has its connection only while it is made")
        return self.opened

    @property
    def edition(self) -> Edition:
        """The edition being made; only for tables by edition."""
        return editions()[self.year]

    @property
    def year(self) -> int:
        """The partition as a number; only for tables with partitions."""
        if self.partition is None:
            raise RuntimeError(f"{self.table.name} has no partitions")
        return self.partition

    def sql(self, **variables: int | str | bool | None) -> duckdb.DuckDBPyRelation:
        """The table's SELECT, with its parameters bound; the partition is always one of them."""
        if self.table.partition:
            variables[self.table.partition] = self.partition
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
    """All steps in the order of their definition: inputs before those that read them."""
    return list(_STEPS.values())


def register(step: PlannedStep) -> None:
    """Add a step to the graph."""
    _STEPS[step.name] = step


def table_asset(
    table: Table,
    *,
    inputs: Sequence[Table] = (),
    after: Sequence[Table] = (),
    references: Sequence[Table] = (),
    code: Sequence[str] = (),
    settings: Callable[[Step], object] = lambda _: None,
    kinds: Sequence[str] = ("duckdb", "parquet"),
) -> Callable[[Callable[[Step], Made]], dg.AssetsDefinition]:
    """Make a function that returns a table's rows into the asset of that table.

    Args:
        table: the contract; gives name, group, partitions, schema and checks.
        inputs: tables that the function reads, offered as views under their names.
        after: tables that must be made first, without being offered as views.
        references: tables that the contract's foreign keys name, where they are not inputs.
        code: packages or modules of `pipelines/` that make the table, besides its SQL file.
        settings: what of the configuration the table depends on.
        kinds: tags for the UI.
    """

    def decorate(make: Callable[[Step], Made]) -> dg.AssetsDefinition:
        step = TableStep(
            table, make, tuple(inputs), tuple(after), tuple(code), settings, tuple(references)
        )
        register(step)
        key = step.key
        rules = rules_of(table)

        @dg.asset(
            key=key,
            group_name=table.stage,
            description=f"Each row is {table.row}.\n\n{make.__doc__ or ''}",
            partitions_def=partitions_of(table),
            deps=[dependency(table, upstream) for upstream in (*inputs, *after, *references)],
            code_version=step.code_version,
            owners=[OWNER],
            kinds=set(kinds),
            metadata={"dagster/column_schema": column_schema(table)},
            check_specs=[
                dg.AssetCheckSpec(
                    CONTRACT_CHECK,
                    asset=key,
                    blocking=True,
                    description="Columns, types, key, values and rules of the table's contract",
                ),
                *(
                    dg.AssetCheckSpec(
                        rule.name, asset=key, blocking=True, description=rule.description
                    )
                    for rule in rules
                ),
            ],
        )
        def asset(
            context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]
        ) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
            partition = int(context.partition_key) if context.has_partition_key else None
            yield from _materialise(step, pipeline, partition)

        return asset

    return decorate


class _CheckFailed(Exception):
    """Carries the outcomes of a table that broke its contract out of the writer."""

    def __init__(self, outcomes: dict[str, list[Outcome]]) -> None:
        super().__init__("a check failed")
        self.outcomes = outcomes


def _materialise(
    step: TableStep, pipeline: Pipeline, partition: int | None
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Make, check and store one table; the last good one stays where a check fails."""
    started = time.perf_counter()
    table, outcomes = step.table, dict[str, list[Outcome]]()
    try:
        record = _make(step, pipeline, partition, outcomes)
    except _CheckFailed as failure:
        yield from _check_results(table, failure.outcomes)
        failed = [o for found in failure.outcomes.values() for o in found if not o.passed]
        raise dg.Failure(
            f"{table.name}: {len(failed)} checks failed; the last good table stays in place. "
            + " | ".join(f"{o.name}: expected {o.expected}, found {o.actual}" for o in failed[:5]),
            allow_retries=False,
        ) from None
    except UserError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    seconds = time.perf_counter() - started
    pipeline.report(Done(table.name, partition, record.rows, seconds))
    yield dg.MaterializeResult(
        metadata=_metadata(step, pipeline, partition, record, seconds),
        data_version=dg.DataVersion(record.sha256),
        check_results=list(_check_results(table, outcomes)),
    )


def _make(
    step: TableStep,
    pipeline: Pipeline,
    partition: int | None,
    outcomes: dict[str, list[Outcome]],
) -> Record:
    table, workspace = step.table, pipeline.workspace
    inputs = {
        upstream.name: _files(workspace, table, partition, upstream)
        for upstream in (*step.inputs, *step.references)
    }
    fingerprint = step.fingerprint(pipeline, partition)
    if fingerprint is None:
        raise RuntimeError(f"{table.name}: an input vanished while the step started")

    def fill(path: Path) -> None:
        made = step.make(Step(step, pipeline, partition, connection))
        if isinstance(made, pl.DataFrame):
            connection.register("made_frame", made)
            made = connection.sql("SELECT * FROM made_frame")
        write_parquet(table, made, path)

    def check(path: Path) -> tuple[dict[str, str], ...]:
        outcomes[CONTRACT_CHECK] = validate(
            table, path, partition, {name: files for name, files in inputs.items() if files}
        )
        query.offer(connection, table.name, [path], table.schema)
        for rule in rules_of(table):
            outcomes[rule.name] = [run_rule(connection, rule)]
        if not all(outcome.passed for found in outcomes.values() for outcome in found):
            raise _CheckFailed(outcomes)
        return tuple(
            {"name": outcome.name, "expected": outcome.expected, "actual": outcome.actual}
            for found in outcomes.values()
            for outcome in found
        )

    with query.connect(pipeline.limits) as connection:
        for upstream in (*step.inputs, *step.references):
            query.offer(connection, upstream.name, inputs[upstream.name], upstream.schema)
        return workspace.write(table, partition, fingerprint, fill, check)


def _files(
    workspace: Workspace, table: Table, partition: int | None, upstream: Table
) -> list[Path]:
    keys = input_partitions(table, partition, upstream)
    for key in keys:
        workspace.require(upstream, key)
    return [workspace.path(upstream, key) for key in keys]


def _check_results(
    table: Table, outcomes: Mapping[str, list[Outcome]]
) -> Iterator[dg.AssetCheckResult]:
    for name, found in outcomes.items():
        failed = [outcome for outcome in found if not outcome.passed]
        yield dg.AssetCheckResult(
            check_name=name,
            asset_key=asset_key(table),
            passed=not failed,
            description=_summary(found, failed),
            metadata={"expectations": dg.MetadataValue.md(_outcome_table(failed or found))},
        )


def _summary(found: list[Outcome], failed: list[Outcome]) -> str:
    if not failed:
        return f"{len(found)} expectations hold"
    return f"{len(failed)} of {len(found)} expectations fail: {failed[0].name}"


def _outcome_table(outcomes: Sequence[Outcome]) -> str:
    lines = ["| expectation | expected | actual | sample |", "|---|---|---|---|"]
    for outcome in outcomes:
        cells = (outcome.name, outcome.expected, outcome.actual, "; ".join(outcome.samples))
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def _metadata(
    step: TableStep, pipeline: Pipeline, partition: int | None, record: Record, seconds: float
) -> dict[str, Any]:
    path = pipeline.workspace.path(step.table, partition)
    return {
        "dagster/row_count": record.rows,
        "seconds": round(seconds, 3),
        "bytes": record.bytes,
        "sha256": record.sha256,
        "file": dg.MetadataValue.path(path),
        "simulated": pipeline.config.simulated,
        "preview": dg.MetadataValue.md(_preview(path)),
    }


def _preview(path: Path) -> str:
    """The first rows as a Markdown table."""
    frame = pl.read_parquet(path, n_rows=PREVIEW_ROWS)
    with pl.Config(
        tbl_formatting="MARKDOWN",
        tbl_hide_dataframe_shape=True,
        tbl_hide_column_data_types=True,
        tbl_cols=-1,
        fmt_str_lengths=60,
        tbl_width_chars=10_000,
    ):
        return str(frame)


def column_schema(table: Table) -> dg.TableSchema:
    """A contract's columns as Dagster shows them."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                type=column.type,
                description=column.meaning + (f" ({column.unit})" if column.unit else ""),
                constraints=dg.TableColumnConstraints(
                    nullable=column.nullable,
                    unique=table.key == (column.name,),
                    other=[f"one of: {', '.join(column.allowed)}"] if column.allowed else [],
                ),
            )
            for column in table.columns
        ]
    )
