"""Runs of the chain in Dagster's records."""

from threading import Event
from types import SimpleNamespace
from typing import cast

import dagster as dg
import pytest
from dagster import DagsterRunStatus
from dagster._core.test_utils import create_run_for_test

from pipelines import chain
from pipelines.chain import (
    PlannedRun,
    close_dead_runs,
    order_of_partitions,
    plan_run,
    recompute,
)
from pipelines.contracts.model import Partition
from pipelines.editions import editions
from pipelines.pipeline import Pipeline


def test_runs_whose_process_was_killed_are_closed() -> None:
    ours = {"stclusters/configuration": "mine.toml"}
    with dg.DagsterInstance.ephemeral() as instance:
        runs = {
            name: create_run_for_test(instance, status=status, tags=tags)
            for name, status, tags in (
                ("killed", DagsterRunStatus.STARTED, ours),
                ("killed at the start", DagsterRunStatus.STARTING, ours),
                ("launched in the UI", DagsterRunStatus.STARTED, {}),
                ("done", DagsterRunStatus.SUCCESS, ours),
            )
        }
        close_dead_runs(instance)
        found = {name: instance.get_run_by_id(run.run_id) for name, run in runs.items()}
    assert {name: run.status for name, run in found.items() if run} == {
        "killed": DagsterRunStatus.CANCELED,
        "killed at the start": DagsterRunStatus.CANCELED,
        "launched in the UI": DagsterRunStatus.STARTED,
        "done": DagsterRunStatus.SUCCESS,
    }


def test_an_edition_follows_its_years_and_the_edition_before() -> None:
    order = order_of_partitions([2020, 2018])
    place = {partition: number for number, partition in enumerate(order)}
    assert place[None, None] == 0
    assert place["edition", 2018] < place["edition", 2020] == len(order) - 1
    for edition in (2018, 2020):
        years = [("year", year) for year in editions()[edition].years_read]
        assert all(place[year] < place["edition", edition] for year in years)
    assert len(order) == len(set(order))


def test_an_edition_waits_for_the_wanted_one_before_it_though_its_years_are_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each edition is at work until another one joins it, which nobody may, or a moment is over."""
    at_work: list[int | None] = []
    begun: list[tuple[int | None, ...]] = []
    another = Event()

    def plan(
        _: Pipeline, of: Partition | None, partition: int | None, *, fresh: bool
    ) -> PlannedRun:
        if of == "edition":
            at_work.append(partition)
            begun.append(tuple(at_work))
            if len(at_work) > 1:
                another.set()
            another.wait(0.1)
            at_work.remove(partition)
        return PlannedRun("", partition, ())

    monkeypatch.setattr(chain, "plan_run", plan)
    monkeypatch.setattr(chain, "at_once", lambda _: 2)
    definitions = SimpleNamespace(resolve_job_def=lambda _: None)
    pipeline = cast(Pipeline, SimpleNamespace(limits=None))
    with dg.DagsterInstance.ephemeral() as instance:
        wanted = [2020, 2018, 2019]
        assert list(recompute(cast(dg.Definitions, definitions), instance, pipeline, wanted)) == []
    assert begun == [(2018,), (2019,), (2020,)]


def test_what_follows_on_a_step_that_is_out_of_date_is_done_again_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Though its own inputs are still as they were; other partition sets have runs of their own."""

    def step(name: str, *upstream: str, is_done: bool = True, of: str = "year") -> SimpleNamespace:
        return SimpleNamespace(
            name=name,
            upstream=frozenset(upstream),
            partition_set=of,
            is_done=lambda _pipeline, _partition: is_done,
        )

    listed = [
        *(step("texts"), step("places", "texts", is_done=False), step("points", "places", "texts")),
        *(
            step("weights", "points"),
            step("fields", "texts"),
            step("edition", "weights", of="edition"),
        ),
    ]
    monkeypatch.setattr(chain, "steps", lambda: listed)
    pipeline = cast(Pipeline, None)
    planned = plan_run(pipeline, "year", 2015)
    assert (planned.job, planned.partition) == ("load_year", 2015)
    assert [step.name for step in planned.steps] == ["places", "points", "weights"]
    assert len(plan_run(pipeline, "year", 2015, fresh=True).steps) == 5
