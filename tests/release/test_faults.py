"""Killed, starved, locked out, spoiled: never a half-written release, never a wrong one."""

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.errors import UserError
from pipelines.release.folder import latest, revisions
from pipelines.release.publish import publish
from pipelines.release.verify import verify
from pipelines.storage import Workspace
from tests.conftest import ROOT
from tests.permissions import read_only
from tests.release import factory


def forked(tasks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Run tasks in processes of their own; see `forked.py`."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.release.forked"],
        input="".join(json.dumps(task) + "\n" for task in tasks),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a first revision, and stage tables whose numbers are new since then."""
    folder = tmp_path_factory.mktemp("prepared")
    publish(factory.request(folder))
    ranking = factory.ranking()
    ranking[0]["patents"] = 101.0
    factory.request(folder, rows={"ranking": ranking})
    return folder


def copies(prepared: Path, folder: Path, number: int) -> list[Path]:
    return [shutil.copytree(prepared, folder / str(copy), symlinks=True) for copy in range(number)]


def assert_only_whole_releases(folder: Path, wanted: set[int]) -> None:
    """What can be seen is whole, and every query sees the same of it."""
    releases = folder / "releases"
    found = revisions(releases, 2024)
    assert {int(path.name) for path in found} == wanted
    assert [fault for path in found for fault in verify(path)] == []
    query = f"SELECT count(*) FROM '{releases}/*/*/ranking.parquet'"
    assert duckdb.sql(query).fetchall() == [(3 * len(found) + 3,)]  # the link counts once more
    pointer = json.loads((releases / "2024" / "latest.json").read_text())
    assert pointer["revision"] in wanted


def test_killed_at_any_step_it_leaves_the_old_or_the_new_release_and_the_next_run_goes_on(
    prepared: Path, tmp_path: Path
) -> None:
    (whole,) = copies(prepared, tmp_path / "whole", 1)
    (end,) = forked([{"folder": str(whole)}])
    steps = [*range(1, end["steps"] - 8, end["steps"] // 5), *range(end["steps"] - 8, end["steps"])]
    folders = copies(prepared, tmp_path, len(steps))
    ends = forked(
        {"folder": str(folder), "kill_at": step}
        for folder, step in zip(folders, steps, strict=True)
    )
    assert all(end["killed"] for end in ends)
    seen = set()
    for folder in folders:
        visible = {int(path.name) for path in revisions(folder / "releases", 2024)}
        seen.add(max(visible))
        assert_only_whole_releases(folder, visible)
        assert visible in ({1}, {1, 2})
    assert seen == {1, 2}
    for folder in folders:
        assert publish(factory.request_for_tables(folder)).revision == 2
        assert_only_whole_releases(folder, {1, 2})
        left = {path.name for path in (folder / "releases").rglob(".*")}
        assert left - {".lock"} == set(), "what a killed run left is cleared away"
        assert (folder / "releases" / "2024" / "latest").readlink() == Path("2")


def test_a_full_disk_is_said_and_leaves_nothing(prepared: Path, tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk: the system refuses to write on."""
    limits = (0, 5_000, 20_000)
    folders = copies(prepared, tmp_path, len(limits))
    ends = forked(
        {"folder": str(folder), "file_bytes": limit}
        for folder, limit in zip(folders, limits, strict=True)
    )
    for folder, end in zip(folders, ends, strict=True):
        assert end["says"].startswith("UserError: Cannot write to ")
        assert_only_whole_releases(folder, {1})
        assert not (folder / "releases" / ".aside").exists()
        assert publish(factory.request_for_tables(folder)).revision == 2


def test_a_full_disk_leaves_the_last_good_table(tmp_path: Path) -> None:
    limits: list[dict[str, Any]] = [{"file_bytes": bytes_} for bytes_ in (0, 1_000, 100_000)]
    tasks = [{"table": 1}, *({"table": 2, **limit} for limit in limits)]
    first, *later = forked({"folder": str(tmp_path), **task} for task in tasks)
    assert first["says"] == "written"
    for end in later:
        assert end["says"].startswith("UserError: Cannot write ")
    path = Workspace(tmp_path).path(factory.KILLS_TABLE)
    assert Workspace(tmp_path).require(factory.KILLS_TABLE).fingerprint == "1"
    assert {file.name for file in path.parent.iterdir()} == {"killed.parquet", "killed.json"}


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO])
def test_an_error_of_the_system_at_the_last_file_is_said_and_leaves_nothing(
    tmp_path: Path, number: int
) -> None:
    def fail(folder: Path) -> None:
        assert (folder / "ranking.parquet").exists()
        raise OSError(number, os.strerror(number))

    with pytest.raises(UserError, match=os.strerror(number)):
        publish(replace(factory.request(tmp_path), extras=[fail]))
    assert latest(tmp_path / "releases", 2024) is None
    assert {path.name for path in (tmp_path / "releases").rglob("*")} == {".lock"}


def test_a_mistake_of_ours_is_no_release_either(tmp_path: Path) -> None:
    def fail(_: Path) -> None:
        raise KeyError("a mistake")

    with pytest.raises(KeyError):
        publish(replace(factory.request(tmp_path), extras=[fail]))
    assert {path.name for path in (tmp_path / "releases").rglob("*")} == {".lock"}


def test_a_read_only_folder_is_said(tmp_path: Path) -> None:
    request = factory.request(tmp_path)
    request.releases.mkdir()
    with (
        read_only(request.releases),
        pytest.raises(UserError, match=r"Cannot write .*Permission denied"),
    ):
        publish(request)


def test_a_file_in_the_place_of_the_folder_is_said(tmp_path: Path) -> None:
    request = factory.request(tmp_path)
    request.releases.write_text("not a folder")
    with pytest.raises(UserError, match="Cannot write"):
        publish(request)


def test_runs_at_once_release_one_after_the_other_and_nothing_twice(
    prepared: Path, tmp_path: Path
) -> None:
    same, different = copies(prepared, tmp_path, 2)
    ends = forked(
        [
            *({"folder": str(same), "at_once": True} for _ in range(3)),
            *(
                {"folder": str(different), "at_once": True, "changed": {"note": note}}
                for note in ("one", "two", "three")
            ),
        ]
    )
    says = [end["says"] for end in ends]
    assert sorted(says[:3]) == ["2 created", "2 there already", "2 there already"]
    assert sorted(says[3:]) == ["2 created", "3 created", "4 created"]
    assert_only_whole_releases(same, {1, 2})
    assert_only_whole_releases(different, {1, 2, 3, 4})
    assert json.loads((different / "releases/2024/latest.json").read_text())["revision"] == 4


@pytest.mark.parametrize("how", ["cut", "overwritten", "removed"])
def test_a_spoiled_stage_table_is_named(tmp_path: Path, how: str) -> None:
    request = factory.request(tmp_path)
    path = request.tables["economies"]
    content = path.read_bytes()
    if how == "removed":
        path.unlink()
    else:
        path.write_bytes(content[: len(content) // 2] if how == "cut" else b"x" * len(content))
    with pytest.raises(UserError, match="The table economies cannot be read"):
        publish(request)
    assert not (tmp_path / "releases").exists()


def test_a_newest_revision_that_was_changed_is_never_built_upon(tmp_path: Path) -> None:
    request = factory.request(tmp_path)
    folder = publish(request).path
    ranking = folder / "ranking.parquet"
    ranking.chmod(0o644)
    ranking.write_bytes(ranking.read_bytes()[:-1])
    with pytest.raises(UserError, match=r"was changed since it was published: ranking\.parquet"):
        publish(request)
    shutil.rmtree(folder)
    again = publish(request)
    assert (again.revision, again.created, verify(again.path)) == (1, True, [])
