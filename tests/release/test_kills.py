"""A hundred kills at random moments, one after the other on the same folder: what is visible is whole.

Half of them strike at a step that touches the disk (Python's audit events), half after a random time,
wherever the process then is. Nothing is cleared between them; only the run after the last may.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from pipelines.release.publish import publish
from pipelines.release.verify import verify
from pipelines.storage import Workspace
from tests.conftest import ROOT
from tests.release import factory
from tests.release.test_faults import assert_only_whole_releases, revisions

KILLS = 56
"""Of publishing, and as many of writing a table."""
ATTEMPTS = 4 * KILLS
"""A random time may come too late: the process has ended then, and the attempt does not count."""

Task = dict[str, Any]


@pytest.fixture
def fork() -> Iterator[Callable[[Task], dict[str, Any]]]:
    """Does one task in a process of its own and says how that ended."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.release.forked"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        stdin, stdout = process.stdin, process.stdout

        def run(task: Task) -> dict[str, Any]:
            stdin.write(json.dumps(task) + "\n")
            stdin.flush()
            ended: dict[str, Any] = json.loads(stdout.readline())
            return ended

        yield run
        stdin.close()


def moments(random: Random, whole: dict[str, Any]) -> Iterator[Task]:
    """Moments of a task that ended like `whole` where nobody killed it."""
    for _ in range(ATTEMPTS // 2):
        yield {"kill_at": random.randint(1, whole["steps"])}
        yield {"kill_after_seconds": random.uniform(0, whole["seconds"])}


def test_publishing_is_killed_again_and_again(
    fork: Callable[[Task], dict[str, Any]], tmp_path: Path
) -> None:
    publish(factory.request(tmp_path))
    releases = tmp_path / "releases"
    whole = fork({"folder": str(tmp_path), "changed": {"note": "whole"}})
    assert whole["says"] == "2 created"
    visible, killed = {1, 2}, 0
    for attempt, moment in enumerate(moments(Random(7), whole)):  # noqa: S311
        end = fork({"folder": str(tmp_path), "changed": {"note": f"attempt {attempt}"}, **moment})
        killed += end["killed"]
        now = {int(path.name) for path in revisions(releases, 2024)}
        assert now - visible in (set(), {max(visible) + 1}), "one more revision at most"
        assert now >= visible, "none is lost"
        for revision in now - visible:
            assert verify(releases / "2024" / str(revision)) == []
        visible = now
        assert json.loads((releases / "2024/latest.json").read_text())["revision"] in visible
        if killed == KILLS:
            break
    assert killed == KILLS
    last = publish(factory.request_for_tables(tmp_path, note="the last"))
    assert last.revision == max(visible) + 1
    assert_only_whole_releases(tmp_path, {*visible, last.revision})
    assert {path.name for path in releases.rglob(".*")} == {".lock"}, "what was left is cleared"


def test_writing_a_table_is_killed_again_and_again(
    fork: Callable[[Task], dict[str, Any]], tmp_path: Path
) -> None:
    workspace, table = Workspace(tmp_path), factory.KILLS_TABLE
    whole = fork({"folder": str(tmp_path), "table": 0})
    assert whole["says"] == "written"
    killed, seen = 0, set()
    for attempt, moment in enumerate(moments(Random(8), whole), start=1):  # noqa: S311
        killed += fork({"folder": str(tmp_path), "table": attempt, **moment})["killed"]
        record, path = workspace.record(table), workspace.path(table)
        rows = pq.read_table(path)
        assert rows.num_rows == factory.KILLS_ROWS
        (number,) = pc.unique(rows["number"]).to_pylist()
        if record:
            assert record.fingerprint == str(number), "a record speaks of the table beside it"
        seen.add((number == attempt, record is not None))
        if killed == KILLS:
            break
    assert killed == KILLS
    assert {(False, True), (True, True)} <= seen, "old and new tables were left"
    assert fork({"folder": str(tmp_path), "table": 1_000})["says"] == "written"
    assert workspace.require(table).fingerprint == "1000"
    assert [path.name for path in path.parent.iterdir() if path.suffix == ".part"] == []
