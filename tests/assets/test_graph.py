"""The asset graph, its jobs, its schedule: a change of the graph shows as a text difference."""

import inspect
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph
from syrupy.assertion import SnapshotAssertion

from pipelines.contracts import TABLES
from pipelines.definitions import build_definitions
from pipelines.editions import editions
from pipelines.partitions import EDITIONS, EDITIONS_OF_YEAR, YEARS
from pipelines.pipeline import Pipeline
from pipelines.schedules import annual_recompute
from pipelines.steps import PlannedStep, TableStep, steps, texts_of
from tests.conftest import ROOT
from tests.world import made


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    return build_definitions()


@pytest.fixture(scope="module")
def graph(definitions: dg.Definitions) -> AssetGraph:
    return definitions.resolve_asset_graph()


def partitions_name(definition: dg.PartitionsDefinition | None) -> str:
    return {YEARS: "by year", EDITIONS: "by edition", None: "once"}[definition]


def test_asset_graph(graph: AssetGraph, snapshot: SnapshotAssertion) -> None:
    lines = []
    for key in sorted(graph.get_all_asset_keys(), key=lambda key: key.path):
        node = graph.get(key)
        lines.append(f"{key.to_user_string()} ({partitions_name(node.partitions_def)})")
        lines += [f"  < {parent.to_user_string()}" for parent in sorted(node.parent_keys)]
        checks = sorted(check.name for check in node.check_keys)
        lines += [f"  ! {check}" for check in checks]
    assert "\n".join(lines) == snapshot


def test_jobs(definitions: dg.Definitions, snapshot: SnapshotAssertion) -> None:
    lines = []
    for job in sorted(definitions.resolve_all_job_defs(), key=lambda job: job.name):
        if job.name.startswith("__"):
            continue
        lines.append(f"{job.name} ({partitions_name(job.partitions_def)}): {job.description}")
        keys = sorted(key.to_user_string() for key in job.asset_layer.executable_asset_keys)
        lines += [f"  {key}" for key in keys]
    assert "\n".join(lines) == snapshot


def test_schedule(snapshot: SnapshotAssertion) -> None:
    facts = (
        annual_recompute.name,
        annual_recompute.job_name,
        annual_recompute.cron_schedule,
        annual_recompute.execution_timezone,
    )
    assert facts == snapshot


def test_map_between_years_and_editions() -> None:
    for edition in editions().values():
        upstream = EDITIONS_OF_YEAR.get_upstream_mapped_partitions_result_for_partitions(
            EDITIONS.subset_with_partition_keys([str(edition.edition)]), EDITIONS, YEARS
        )
        keys = upstream.partitions_subset.get_partition_keys()
        assert sorted(keys) == [str(year) for year in edition.years_read]


def test_every_asset_says_what_it_is(graph: AssetGraph) -> None:
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.description
        assert node.owners == ["team:stclusters"]
        assert node.kinds
        assert node.group_name == key.path[0]
        if key.path[-1] in TABLES:
            schema = node.metadata["dagster/column_schema"]
            names = [column.name for column in schema.columns]
            assert names == TABLES[key.path[-1]].column_names


def test_every_table_has_one_asset_and_one_step(graph: AssetGraph) -> None:
    made_by = [key.path[-1] for key in graph.get_all_asset_keys()]
    assert sorted(made_by) == sorted([*TABLES, "release"])
    assert sorted(step.name for step in steps()) == sorted(made_by)


def test_steps_come_after_what_they_read_in_their_partition() -> None:
    seen: set[str] = set()
    partition_set = {step.name: step.partition_set for step in steps()}
    for step in steps():
        same = {name for name in step.upstream if partition_set[name] == step.partition_set}
        assert same <= seen, step.name
        seen.add(step.name)


SCIENCE = ("delineation", "indicators", "geocoder")
"""Packages of what a table is made by."""


def modules_called(function: Callable[..., object]) -> Iterator[str]:
    """Modules of the functions that a function calls, also through helpers beside it."""
    for called in inspect.getclosurevars(function).globals.values():
        if inspect.isfunction(called):
            if called.__module__ == function.__module__:
                yield from modules_called(called)
            else:
                yield called.__module__


def modules_used(module: str, known: set[str]) -> set[str]:
    """A module and, of the packages of science, those that it imports, and that these import."""
    if module in known:
        return known
    known = known | {module}
    source = inspect.getsource(import_module(module))
    for package in SCIENCE:
        for imported in re.findall(
            rf"^from (pipelines\.{package}\.\w+) import", source, re.MULTILINE
        ):
            known = modules_used(imported, known)
    return known


@pytest.mark.parametrize("step", steps(), ids=lambda step: step.name)
def test_the_science_that_a_table_is_made_by_counts_in_its_version(step: PlannedStep) -> None:
    if isinstance(step, TableStep):
        used: set[str] = set()
        for module in modules_called(step.make):
            used = modules_used(module, used)
        paths = [name.replace(".", "/") for name in used]
        science = [path for path in paths if path.split("/")[1] in SCIENCE]
        named = tuple(f"pipelines/{code}" for code in step.code)
        assert all(path.startswith(named) for path in science), science


def test_helpers_beside_an_asset_count_in_its_version() -> None:
    def texts(name: str) -> str:
        (step,) = (step for step in steps() if step.name == name)
        assert isinstance(step, TableStep)
        return "".join(texts_of(step.make))

    assert "def inventors(" in texts("inventors")
    assert "offer_staged(" in texts("inventors")
    assert "def _overrides(" in texts("mergers")


def test_every_check_blocks(definitions: dg.Definitions) -> None:
    for asset in definitions.assets or []:
        assert isinstance(asset, dg.AssetsDefinition)
        assert all(check.blocking for check in asset.check_specs)


def evaluate(configuration: Path) -> dg.SkipReason | dg.RunRequest:
    context = dg.build_schedule_context(
        scheduled_execution_time=datetime(2027, 6, 1, 6, tzinfo=UTC),
        resources={"pipeline": Pipeline(configuration)},
    )
    found = annual_recompute(context)
    assert isinstance(found, dg.SkipReason | dg.RunRequest)
    return found


def test_schedule_skips_where_a_year_is_missing(tmp_path: Path) -> None:
    found = evaluate(made.write_world(tmp_path))
    assert isinstance(found, dg.SkipReason)
    assert found.skip_message is not None
    assert re.search(r"edition 2024 needs patents of 2019-2023.*2019, 2020", found.skip_message)


def test_schedule_launches_the_newest_edition(tmp_path: Path) -> None:
    configuration = made.write_world(tmp_path)
    text = configuration.read_text().replace('"2011-2016"', '"2011-2023"')
    configuration.write_text(text)
    found = evaluate(configuration)
    assert isinstance(found, dg.RunRequest)
    assert found.run_key == "2024-2027"
    assert found.run_config["ops"] == {"recompute_editions": {"config": {"editions": [2024]}}}


def test_dg_check_defs(tmp_path: Path) -> None:
    configuration = made.write_world(tmp_path)
    dg_command = Path(sys.executable).with_name("dg")
    if not dg_command.exists():
        pytest.skip("dg is not installed beside the interpreter")
    done = subprocess.run(
        [sys.executable, "-c", "from pipelines.cli import main; main()",
         "env", "--config", str(configuration), "--", str(dg_command), "check", "defs"],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "PATH": f"{dg_command.parent}{os.pathsep}{os.environ['PATH']}"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
