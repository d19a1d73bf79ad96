"""Steps side by side: Dagster's executor on threads of this process.

Here: `side_by_side`, which starts a step as soon as those that it reads are done, urgent ones first. All runs
of a process share its threads, so that the cores have work whatever a single step leaves unused, and never
more than that; the run that began first goes first. Dagster's own executors know one step at a time or a
process for each, which would import everything anew. Not here: which runs there are (`chain.py`).
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from itertools import count
from queue import PriorityQueue, SimpleQueue

import dagster as dg
from dagster._core.events import DagsterEvent
from dagster._core.execution.api import ExecuteRunWithPlanIterable
from dagster._core.execution.context.system import (
    PlanExecutionContext,
    PlanOrchestrationContext,
    StepExecutionContext,
)
from dagster._core.execution.context_creation_job import PlanExecutionContextManager
from dagster._core.execution.plan.execute_plan import dagster_event_sequence_for_step
from dagster._core.execution.plan.plan import ExecutionPlan
from dagster._core.execution.retries import RetryMode

from pipelines.query import Limits

AT_ONCE = 2
"""Steps, and runs, that are done side by side: half of a step's time is spent on one core, and each has its
rows in memory."""


def at_once(limits: Limits) -> int:
    """How many steps to do side by side: not more than there are threads."""
    return min(AT_ONCE, limits.threads or os.cpu_count() or 1)


class _Threads:
    """The threads on which all steps of this process are done."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="step")
        self._waiting: PriorityQueue[tuple[int, int, Callable[[], object]]] = PriorityQueue()
        self._numbers = count()

    def submit(self, run: int, step: Callable[[], object]) -> None:
        """Do a step, before those of later runs that wait."""
        self._waiting.put((run, next(self._numbers), step))
        self._pool.submit(self._do_first)

    def _do_first(self) -> None:
        *_, step = self._waiting.get_nowait()
        step()


_threads = cache(_Threads)
_runs = count()


class SideBySide(dg.Executor):
    """Does the steps of a run on the process's threads."""

    retries = RetryMode.DISABLED

    def execute(
        self, plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan
    ) -> Iterator[DagsterEvent]:
        """Do the steps of a plan.

        Yields:
            What happens, as Dagster records it.
        """
        yield from ExecuteRunWithPlanIterable(
            execution_plan=plan_context.execution_plan,
            iterator=_events,
            execution_context_manager=PlanExecutionContextManager(
                job=plan_context.job,
                retry_mode=self.retries,
                execution_plan=plan_context.execution_plan,
                run_config=plan_context.run_config,
                dagster_run=plan_context.dagster_run,
                instance=plan_context.instance,
                raise_on_error=plan_context.raise_on_error,
                output_capture=plan_context.output_capture,
            ),
        )


@dg.executor(name="side_by_side")
def side_by_side(_: dg.InitExecutorContext) -> SideBySide:
    """Steps side by side, on threads."""
    return SideBySide()


def _events(
    job_context: PlanExecutionContext, execution_plan: ExecutionPlan
) -> Iterator[DagsterEvent]:
    """What happens in the steps of a run, each begun when those before it are done.

    The run holds the workspace, whoever launched it.
    """
    pipeline = job_context.scoped_resources_builder.build({"pipeline"}).pipeline
    most = at_once(pipeline.limits)
    threads, run = _threads(most), next(_runs)
    happened: SimpleQueue[tuple[str, DagsterEvent | BaseException | None]] = SimpleQueue()

    def do(step: StepExecutionContext) -> None:
        """One step in a thread; at its end comes a None, or what broke Dagster itself."""
        try:
            for event in dagster_event_sequence_for_step(step):
                happened.put((step.step.key, event))
            happened.put((step.step.key, None))
        except BaseException as error:  # raised below, in the thread of the run
            happened.put((step.step.key, error))

    with (
        pipeline.workspace.exclusively(),
        # what could begin beyond these waits here, where something more urgent may come to it
        execution_plan.start(job_context.retry_mode, max_concurrent=most) as active,
    ):
        while not active.is_complete:
            for step in active.get_steps_to_execute():
                context = job_context.for_step(step, active.get_known_state())
                threads.submit(run, partial(do, context))
            yield from active.plan_events_iterator(job_context)
            if active.is_complete:
                return
            key, event = happened.get()
            if isinstance(event, BaseException):
                raise event
            if event:
                yield event
                active.handle_event(event)
            else:
                active.verify_complete(job_context, key)
