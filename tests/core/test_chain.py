"""Runs of the chain in Dagster's records."""

import dagster as dg
from dagster import DagsterRunStatus
from dagster._core.test_utils import create_run_for_test

from pipelines.chain import close_dead_runs


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
