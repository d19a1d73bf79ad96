"""Steps side by side: begun when those before them are done, and what a failure leaves undone."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event
from time import sleep

import dagster as dg
import pytest
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run

from pipelines.errors import UserError
from pipelines.executor import AT_ONCE, _Threads, at_once, side_by_side
from pipelines.pipeline import Done, Pipeline
from pipelines.query import Limits
from pipelines.storage import Workspace


class Settings:
    """All that the executor asks of a pipeline."""

    def __init__(self, folder: Path, threads: int = AT_ONCE) -> None:
        self.workspace = Workspace(folder)
        self.limits = Limits(threads=threads)


NEEDED = {"pipeline"}


def execute(settings: Settings, *assets: dg.AssetsDefinition) -> dg.JobExecutionResult:
    """Run assets with the executor."""
    definitions = dg.Definitions(
        assets=assets,
        jobs=[dg.define_asset_job("all", selection="*")],
        resources={"pipeline": settings},
        executor=side_by_side,
    )
    job = definitions.resolve_job_def("all")
    with dg.DagsterInstance.ephemeral() as instance:
        run = instance.create_run_for_job(job)
        return execute_run(InMemoryJob(job), run, instance)


def events_of(
    folder: Path, *assets: dg.AssetsDefinition, threads: int = AT_ONCE
) -> dict[str, list[str]]:
    """Run assets with the executor; what happened to the steps, in order, by kind of event."""
    result = execute(Settings(folder, threads), *assets)
    found: dict[str, list[str]] = {}
    for event in result.all_events:
        if event.is_step_event:
            found.setdefault(event.event_type_value, []).append(str(event.step_key))
    return found


def test_steps_that_do_not_depend_on_each_other_run_at_the_same_time(tmp_path: Path) -> None:
    both = Barrier(2, timeout=30)  # broken where one step waits for the end of the other

    @dg.asset(required_resource_keys=NEEDED)
    def left() -> None:
        both.wait()

    @dg.asset(required_resource_keys=NEEDED)
    def right() -> None:
        both.wait()

    @dg.asset(deps=[left, right], required_resource_keys=NEEDED)
    def after() -> None:
        pass

    done = events_of(tmp_path, after, left, right)["STEP_SUCCESS"]
    assert sorted(done[:2]) == ["left", "right"]
    assert done[2:] == ["after"]


def test_an_urgent_step_goes_before_what_could_begin_earlier(tmp_path: Path) -> None:
    urgent = {"dagster/priority": 1}

    @dg.asset(required_resource_keys=NEEDED)
    def aside() -> None:
        pass

    @dg.asset(required_resource_keys=NEEDED, op_tags=urgent)
    def first() -> None:
        pass

    @dg.asset(deps=[first], required_resource_keys=NEEDED, op_tags=urgent)
    def second() -> None:
        pass

    events = events_of(tmp_path, aside, first, second, threads=1)
    assert events["STEP_START"] == ["first", "second", "aside"]


def test_steps_of_the_run_that_began_first_go_first() -> None:
    threads, begin, done = _Threads(1), Event(), list[str]()
    threads.submit(0, begin.wait)
    threads.submit(2, lambda: done.append("last"))
    threads.submit(1, lambda: done.append("later"))
    threads.submit(0, lambda: done.append("first"))
    threads.submit(0, lambda: done.append("second"))
    all_done = Event()
    threads.submit(3, all_done.set)
    begin.set()
    assert all_done.wait(timeout=30)
    assert done == ["first", "second", "later", "last"]


def test_what_depends_on_a_failed_step_is_not_begun_and_the_rest_is_done(tmp_path: Path) -> None:
    @dg.asset(required_resource_keys=NEEDED)
    def broken() -> None:
        raise dg.Failure("no such file", allow_retries=False)

    @dg.asset(deps=[broken], required_resource_keys=NEEDED)
    def after() -> None:
        pytest.fail("its input was never made")

    @dg.asset(required_resource_keys=NEEDED)
    def sound() -> None:
        pass

    @dg.asset(deps=[sound], required_resource_keys=NEEDED)
    def after_sound() -> None:
        pass

    events = events_of(tmp_path, broken, after, sound, after_sound)
    assert events["STEP_FAILURE"] == ["broken"]
    assert events["STEP_SUCCESS"] == ["sound", "after_sound"]
    assert sorted(events["STEP_START"]) == ["after_sound", "broken", "sound"]


def test_a_run_holds_the_workspace_or_is_refused(tmp_path: Path) -> None:
    """Whoever launched it: a single asset from the UI, too."""

    @dg.asset(required_resource_keys=NEEDED)
    def table() -> None:
        with (
            pytest.raises(UserError, match="Another run is working"),
            Workspace(tmp_path).exclusively(),
        ):
            pass

    assert execute(Settings(tmp_path), table).success
    with Workspace(tmp_path).exclusively():
        refused = execute(Settings(tmp_path), table)
    assert not refused.success
    assert not [event for event in refused.all_events if event.is_step_start]
    (failure,) = [event for event in refused.all_events if event.is_run_failure]
    error = failure.job_failure_data.error
    assert error
    assert "Another run is working" in error.message


def test_a_run_within_one_that_holds_the_workspace_is_not_refused(tmp_path: Path) -> None:
    settings = Settings(tmp_path)

    @dg.asset(required_resource_keys=NEEDED)
    def table() -> None:
        pass

    with settings.workspace.exclusively():
        assert execute(settings, table).success
        with pytest.raises(UserError), Workspace(tmp_path).exclusively():
            pass  # it is held still
    with Workspace(tmp_path).exclusively():
        pass


@pytest.mark.parametrize(("threads", "steps"), [(1, 1), (2, 2), (64, AT_ONCE)])
def test_no_more_steps_than_threads(threads: int, steps: int) -> None:
    assert at_once(Limits(threads=threads)) == steps


def test_who_prints_is_told_of_one_step_at_a_time() -> None:
    """Lines of two steps would run into each other."""
    under_way, most = 0, 0

    def report(_: Done) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        sleep(0.01)
        under_way -= 1

    pipeline = Pipeline(Path("unread.toml"), report=report)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: pipeline.done(Done("points", n, 1, 0.1)), range(8)))
    assert most == 1
