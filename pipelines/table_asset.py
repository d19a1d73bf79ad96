"""From a contract and a function to a Dagster asset: the decorator `table_asset`.

Here: what Dagster and its UI are told - partitions, dependencies, checks, column schema, row counts,
preview. So an asset is a few lines: read, call, write. Not here: making and storing (`steps.py`).
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
from dagster._core.storage.tags import PRIORITY_TAG

from pipelines.contracts.model import Column, Table
from pipelines.errors import UserError
from pipelines.markdown import markdown_table
from pipelines.partitions import asset_key, dependency, partitions_of
from pipelines.pipeline import Done, Pipeline
from pipelines.steps import (
    CONTRACT_CHECK,
    ChecksFailedError,
    Made,
    Step,
    TableStep,
    Target,
    make_table,
    register,
)
from pipelines.storage import Record
from pipelines.validation.rules import rules_of
from pipelines.validation.suite import Outcome

OWNER = "team:stclusters"
PREVIEW_ROWS = 10
PREVIEW_CHARACTERS = 60


def table_asset(
    table: Table,
    *,
    inputs: Sequence[Table] = (),
    after: Sequence[Table] = (),
    references: Sequence[Table] = (),
    code: Sequence[str] = (),
    settings: Callable[[Target], object] = lambda _: None,
    intact: Callable[[Pipeline], bool] = lambda _: True,
    kinds: Sequence[str] = ("duckdb", "parquet"),
    urgent: bool = False,
    picture: Callable[[Path], str] | None = None,
) -> Callable[[Callable[[Step], Made]], dg.AssetsDefinition]:
    """Make a function that returns a table's rows into the asset of that table.

    Args:
        table: the contract; gives name, group, partitions, schema and checks.
        inputs: tables that the function reads, offered as views under their names.
        after: tables that must be made first, without being offered as views.
        references: tables that the contract's foreign keys name, where they are not inputs.
        code: packages or modules of `pipelines/` that make the table, besides its SQL file.
        settings: what of the configuration the table depends on.
        intact: whether what the step leaves besides its table is still there.
        kinds: tags for the UI.
        urgent: whether the rest of its partition waits for it longest; of the steps that could begin it
            goes first.
        picture: makes Markdown with a picture of the table's file, for the UI.
    """

    def decorate(make: Callable[[Step], Made]) -> dg.AssetsDefinition:
        step = TableStep(
            table,
            make,
            inputs=tuple(inputs),
            after=tuple(after),
            code=tuple(code),
            settings=settings,
            references=tuple(references),
            intact=intact,
        )
        register(step)
        key = step.key

        @dg.asset(
            key=key,
            group_name=table.stage,
            description=f"Each row is {table.row}.\n\n{make.__doc__ or ''}",
            partitions_def=partitions_of(table),
            deps=[dependency(table, upstream) for upstream in (*inputs, *after, *references)],
            code_version=step.code_version,
            owners=[OWNER],
            kinds=set(kinds),
            op_tags={PRIORITY_TAG: int(urgent)},
            metadata={"dagster/column_schema": column_schema(table)},
            check_specs=_check_specs(table),
        )
        def asset(
            context: dg.AssetExecutionContext, pipeline: dg.ResourceParam[Pipeline]
        ) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
            partition = int(context.partition_key) if context.has_partition_key else None
            yield from _materialise(step, pipeline, partition, picture)

        return asset

    return decorate


def _check_specs(table: Table) -> list[dg.AssetCheckSpec]:
    """The contract as one check, then each rule of the table; what reads it waits until they hold."""
    told = {CONTRACT_CHECK: "Columns, types, key, values and rules of the table's contract"}
    told |= {rule.name: rule.description for rule in rules_of(table)}
    return [
        dg.AssetCheckSpec(name, asset=asset_key(table), blocking=True, description=description)
        for name, description in told.items()
    ]


def _materialise(
    step: TableStep,
    pipeline: Pipeline,
    partition: int | None,
    picture: Callable[[Path], str] | None,
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Make, check and store one table; the last good one stays where a check fails."""
    started = time.perf_counter()
    table = step.table
    try:
        record, outcomes = make_table(step, pipeline, partition)
    except ChecksFailedError as failure:
        yield from _check_results(pipeline, table, failure.outcomes)
        failed = [o for found in failure.outcomes.values() for o in found if not o.passed]
        raise dg.Failure(
            f"{table.name}: {len(failed)} checks failed; the last good table stays in place. "
            + " | ".join(
                f"{o.name}: expected {o.expected}, found {o.actual}"
                + (f", such as {o.samples[0]}" if o.samples else "")
                for o in failed[:5]
            ),
            allow_retries=False,
        ) from None
    except UserError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    seconds = time.perf_counter() - started
    pipeline.done(Done(table.name, partition, record.rows, seconds))
    path = pipeline.workspace.path(table, partition)
    yield dg.MaterializeResult(
        metadata=_metadata(step, pipeline, partition, record, seconds)
        | ({"map": dg.MetadataValue.md(picture(path))} if picture else {}),
        data_version=dg.DataVersion(record.sha256),
    )
    # apart: of results within the other Dagster looks up twice what they are about
    yield from _check_results(pipeline, table, outcomes)


def _check_results(
    pipeline: Pipeline, table: Table, outcomes: Mapping[str, list[Outcome]]
) -> Iterator[dg.AssetCheckResult]:
    for name, found in outcomes.items():
        failed = [outcome for outcome in found if not outcome.passed]
        yield dg.AssetCheckResult(
            check_name=name,
            asset_key=asset_key(table),
            passed=not failed,
            description=_summary(found, failed),
            metadata={
                "expectations": dg.MetadataValue.md(_outcome_table(failed or found)),
                "held": len(found) - len(failed),
                "failed": len(failed),
                "data_docs": dg.MetadataValue.text(_data_docs(pipeline)),
            },
        )


def _summary(found: list[Outcome], failed: list[Outcome]) -> str:
    if not failed:
        return "1 expectation holds" if len(found) == 1 else f"{len(found)} expectations hold"
    return f"{len(failed)} of {len(found)} expectations fail: {failed[0].name}"


def _outcome_table(outcomes: Sequence[Outcome]) -> str:
    rows = [(o.name, o.expected, o.actual, "; ".join(o.samples)) for o in outcomes]
    return "\n".join(markdown_table(("expectation", "expected", "actual", "sample"), rows))


def _metadata(
    step: TableStep, pipeline: Pipeline, partition: int | None, record: Record, seconds: float
) -> dict[str, Any]:
    path = pipeline.workspace.path(step.table, partition)
    hidden = "not shown: names of persons may stand in it"
    return {
        "dagster/row_count": record.rows,
        "seconds": round(seconds, 3),
        "bytes": record.bytes,
        "sha256": record.sha256,
        "file": dg.MetadataValue.path(path),
        "simulated": pipeline.config.simulated,
        "data_docs": dg.MetadataValue.text(_data_docs(pipeline)),
        "preview": dg.MetadataValue.md(hidden if step.table.personal else _preview(path)),
    }


def _data_docs(pipeline: Pipeline) -> str:
    page = pipeline.workspace.folder / "data_docs" / pipeline.run / "index.html"
    return f"{page} (built by: stclusters docs {pipeline.run})"


def _preview(path: Path) -> str:
    """The first rows as a Markdown table.

    Not by Polars' own form of a frame: its settings are variables of the environment, and to set one in a
    thread while another one's library looks one up ends the process now and then.
    """
    frame = pl.read_parquet(path, n_rows=PREVIEW_ROWS)
    rows = ([_shown(value) for value in row] for row in frame.iter_rows())
    return "\n".join(markdown_table(frame.columns, rows))


def _shown(value: object) -> str:
    """A value in one line, cut where it is long; nothing for none."""
    text = "" if value is None else " ".join(str(value).split())
    return text if len(text) <= PREVIEW_CHARACTERS else f"{text[: PREVIEW_CHARACTERS - 1]}…"


def _unit(column: Column) -> str:
    """The unit in brackets; shares and other pure numbers have none to show."""
    return f" ({column.unit})" if column.unit and column.unit != "1" else ""


def column_schema(table: Table) -> dg.TableSchema:
    """A contract's columns as Dagster shows them."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                type=column.type,
                description=column.meaning + _unit(column),
                constraints=dg.TableColumnConstraints(
                    nullable=column.nullable,
                    unique=table.key == (column.name,),
                    other=[f"one of: {', '.join(column.allowed)}"] if column.allowed else [],
                ),
            )
            for column in table.columns
        ]
    )
