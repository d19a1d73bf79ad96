"""Recompute editions: which steps are out of date, and their runs in Dagster, in order.

Here: the plan (a step is done again when its inputs, code or settings changed, or when a step before it
in the same partition is done again) and its execution in one process through Dagster's own API, so
that runs, metadata and lineage are in the UI afterwards. An edition is made as soon as its years are, beside
the years that later ones need. Not here: what a step does, which steps go side by side (`executor.py`).
"""

import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from graphlib import TopologicalSorter

import dagster as dg
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run
from dagster._core.storage.tags import PARTITION_NAME_TAG

from pipelines.collector import collect_seldom
from pipelines.contracts.model import Partition
from pipelines.editions import editions
from pipelines.errors import StepError, UserError
from pipelines.executor import at_once
from pipelines.pipeline import Pipeline
from pipelines.steps import PlannedStep, steps

PartitionKey = tuple[Partition | None, int | None]
"""A partition set and one of its partitions; None and None for what has no partitions."""

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
    collect_seldom()
    close_dead_runs(instance)
    jobs = {name: definitions.resolve_job_def(name) for name in JOBS.values()}

    def run_partition(key: PartitionKey) -> PlannedRun:
        run = plan_run(pipeline, *key, fresh=fresh)
        if run.steps:
            _execute(jobs[run.job], instance, pipeline, run)
        return run

    pool = ThreadPoolExecutor(at_once(pipeline.limits))
    order = TopologicalSorter(_needs(wanted))
    order.prepare()
    ready: list[PartitionKey] = []
    under_way: dict[Future[PlannedRun], PartitionKey] = {}
    try:
        while order.is_active():
            ready = sorted([*ready, *order.get_ready()], key=_editions_first)
            while ready and len(under_way) < at_once(pipeline.limits):
                key = ready.pop(0)
                under_way[pool.submit(run_partition, key)] = key
            for ended in wait(under_way, return_when=FIRST_COMPLETED).done:
                run = ended.result()
                order.done(under_way.pop(ended))
                if run.steps:
                    yield run
    finally:
        # who interrupts does not wait for steps that are under way: what they write aside is left behind
        pool.shutdown(wait=not isinstance(sys.exception(), KeyboardInterrupt), cancel_futures=True)


def _needs(wanted: Iterable[int]) -> dict[PartitionKey, list[PartitionKey]]:
    """What must be made before each partition: an edition carries on the identities of the one before."""
    needs: dict[PartitionKey, list[PartitionKey]] = {(None, None): []}
    before: list[PartitionKey] = []
    for edition in sorted(set(wanted)):
        years: list[PartitionKey] = [("year", year) for year in editions()[edition].years_read]
        needs |= {year: [(None, None)] for year in years}
        needs["edition", edition] = [*years, *before]
        before = [("edition", edition)]
    return needs


def _editions_first(key: PartitionKey) -> tuple[bool, int]:
    """Of what can be made an edition comes first: the next one waits for it. Years go by their number."""
    partition_set, partition = key
    return partition_set != "edition", partition or 0


def close_dead_runs(instance: dg.DagsterInstance) -> None:
    """Write down the end of runs whose process was killed; Dagster would wait for them for ever.

    Only while the workspace is held: then no run of `recompute` can still be at work.
    """
    under_way = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]
    for run in instance.get_runs(dg.RunsFilter(statuses=under_way)):
        if _CONFIGURATION in run.tags:
            instance.report_run_canceled(run, message="Its process ended before the run did")


def order_of_partitions(wanted: Iterable[int]) -> list[PartitionKey]:
    """Partitions, each after those that it needs."""
    return list(TopologicalSorter(_needs(wanted)).static_order())


def plan_run(
    pipeline: Pipeline,
    partition_set: Partition | None,
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
    selected = frozenset(step.key for step in run.steps)
    tags = {_CONFIGURATION: pipeline.config_path.name}
    if run.partition is not None:
        tags[PARTITION_NAME_TAG] = str(run.partition)
    planned = instance.create_run_for_job(
        job.get_subset(asset_selection=selected),
        asset_selection=selected,
        # the events are in Dagster's records; the terminal shows what people need
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        tags=tags,
    )
    result = execute_run(InMemoryJob(job), planned, instance)
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
        if event.is_run_failure:
            error = event.job_failure_data.error
            raise StepError(f"{run.job} {run.partition or ''}: {error and error.to_string()}")
    raise StepError(f"{run.job} {run.partition or ''} failed; its log is in Dagster's UI")
