"""Recompute editions: which steps are out of date, and their runs in Dagster, in order.

Here: the plan (a step is done again when its inputs, code or settings changed, or when a step before it
in the same partition is done again) and its execution in one process through Dagster's own API, so
that runs, metadata and lineage are in the UI afterwards. Not here: what a step does.
"""

import os
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Literal

import dagster as dg

from pipelines.contracts.model import Partition
from pipelines.editions import editions
from pipelines.errors import StepError, UserError
from pipelines.pipeline import Pipeline
from pipelines.steps import PlannedStep, steps

YEARS_AT_ONCE = 2
"""Years that are made side by side, where there are as many threads: most of a step's time is spent
where Python's lock is not held."""

_CONFIGURATION = "stclusters/configuration"
"""Tag of the runs that are begun here, while the workspace is held."""

JOBS: dict[Partition | None, str] = {
    None: "read_sources",
    "year": "load_year",
    "edition": "recompute_edition",
}
"""The job that makes the tables of each partition set."""


@dataclass(frozen=True)
class PlannedRun:
    """One run of a job: the steps of one partition that are out of date."""

    job: str
    partition: int | None
    steps: tuple[PlannedStep, ...]


def recompute(
    definitions: dg.Definitions,
    instance: dg.DagsterInstance,
    pipeline: Pipeline,
    wanted: Iterable[int],
    *,
    fresh: bool = False,
) -> Iterator[PlannedRun]:
    """Recompute editions, oldest first, doing again only what is out of date.

    Only while the workspace is held (`Workspace.exclusively`).

    Args:
        definitions: the asset graph with its jobs, built for this pipeline.
        instance: where Dagster keeps its records.
        pipeline: configuration and workspace.
        wanted: editions to recompute.
        fresh: do every step again.

    Yields:
        Each run that was done, after it ended.

    Raises:
        UserError: a step failed, with the step's own message.
    """
    close_dead_runs(instance)
    partitions = groupby(order_of_partitions(wanted), key=itemgetter(0))
    for partition_set, group in partitions:
        at_once = _years_at_once(pipeline) if partition_set == "year" else 1
        planned = (plan_run(pipeline, *partition, fresh=fresh) for partition in group)
        job = definitions.resolve_job_def(JOBS[partition_set])
        yield from _execute_all(job, instance, pipeline, planned, at_once)


def _years_at_once(pipeline: Pipeline) -> int:
    """Years know nothing of each other, and while one writes its table another can read its own."""
    return min(YEARS_AT_ONCE, pipeline.limits.threads or os.cpu_count() or 1)


def _execute_all(
    job: dg.JobDefinition,
    instance: dg.DagsterInstance,
    pipeline: Pipeline,
    planned: Iterable[PlannedRun],
    at_once: int,
) -> Iterator[PlannedRun]:
    """Execute runs that do not depend on each other, each planned just before it begins."""
    pool = ThreadPoolExecutor(at_once)
    under_way: deque[tuple[PlannedRun, Future[None]]] = deque()
    try:
        for run in planned:
            if not run.steps:
                continue
            under_way.append((run, pool.submit(_execute, job, instance, pipeline, run)))
            if len(under_way) == at_once:
                yield _ended(*under_way.popleft())
        while under_way:
            yield _ended(*under_way.popleft())
    finally:
        # who interrupts does not wait for steps that are under way: what they write aside is left behind
        pool.shutdown(wait=not isinstance(sys.exception(), KeyboardInterrupt), cancel_futures=True)


def _ended(run: PlannedRun, execution: Future[None]) -> PlannedRun:
    execution.result()
    return run


def close_dead_runs(instance: dg.DagsterInstance) -> None:
    """Write down the end of runs whose process was killed; Dagster would wait for them for ever.

    Only while the workspace is held: then no run of `recompute` can still be at work.
    """
    under_way = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]
    for run in instance.get_runs(dg.RunsFilter(statuses=under_way)):
        if _CONFIGURATION in run.tags:
            instance.report_run_canceled(run, message="Its process ended before the run did")


def order_of_partitions(wanted: Iterable[int]) -> Iterator[tuple[Partition | None, int | None]]:
    """Partitions in the order in which they are made: files, years, editions."""
    chosen = sorted(set(wanted))
    yield None, None
    for year in sorted({year for edition in chosen for year in editions()[edition].years_read}):
        yield "year", year
    for edition in chosen:
        yield "edition", edition


def plan_run(
    pipeline: Pipeline,
    partition_set: Literal["year", "edition"] | None,
    partition: int | None,
    *,
    fresh: bool = False,
) -> PlannedRun:
    """The steps of one partition that are out of date, in the order of the graph."""
    planned: list[PlannedStep] = []
    stale: set[str] = set()
    for step in steps():
        if step.partition_set != partition_set:
            continue
        again = (
            fresh or not stale.isdisjoint(step.upstream) or not step.is_done(pipeline, partition)
        )
        if again:
            planned.append(step)
            stale.add(step.name)
    return PlannedRun(JOBS[partition_set], partition, tuple(planned))


def _execute(
    job: dg.JobDefinition, instance: dg.DagsterInstance, pipeline: Pipeline, run: PlannedRun
) -> None:
    result = job.execute_in_process(
        instance=instance,
        partition_key=None if run.partition is None else str(run.partition),
        asset_selection=[step.key for step in run.steps],
        raise_on_error=False,
        # the events are in Dagster's records; the terminal shows what people need
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        tags={_CONFIGURATION: pipeline.config_path.name},
    )
    if result.success:
        return
    for event in result.all_events:
        if event.is_step_failure:
            data = event.step_failure_data
            failure = data.user_failure_data
            message = failure.description if failure and failure.description else None
            if message is None:
                raise StepError(f"{event.step_key}: {data.error_display_string}")
            raise UserError(message)
    raise StepError(f"{run.job} {run.partition or ''} failed; its log is in Dagster's UI")
