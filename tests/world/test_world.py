"""The chain on a world counted by hand, through the command: results, repetition, change, harm."""

import json
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.command import COMMAND
from tests.conftest import ROOT
from tests.names import names_in
from tests.world import made
from tests.world.story import flip_byte

Story = dict[str, Any]
BY_FILES = 8
BY_YEAR = 19
BY_EDITION = 25
"""Steps of each partition set: what a whole run does."""


@pytest.fixture(scope="session")
def first_release(world_folder: Path) -> Path:
    return world_folder / "one" / "workspace" / "releases" / str(made.EDITION) / "1"


def partitions(chapter: dict[str, Any]) -> Counter[int | None]:
    return Counter(partition for _, partition in chapter["steps"])


def names(chapter: dict[str, Any]) -> list[str]:
    return [name for name, _ in chapter["steps"]]


def documents(count: Any, per_city: dict[str, int], year: int) -> int:
    """Documents of a year: the cities' own and the joint one."""
    return sum(count(city, year) for city in per_city) + 1


def test_every_step_once_in_the_first_run(story: Story) -> None:
    assert story["first"]["error"] is None
    years = dict.fromkeys(made.YEARS, BY_YEAR)
    assert partitions(story["first"]) == {None: BY_FILES, **years, made.EDITION: BY_EDITION}
    assert names(story["first"])[-1] == "release"


def test_ranking_by_hand(story: Story, first_release: Path) -> None:
    # one application a year has no place: it counts for the world, and for no cluster
    applications = sum(
        documents(made.applications, made.APPLICATIONS, year) + 1 for year in made.WINDOW
    )
    articles = sum(documents(made.articles, made.ARTICLES, year) for year in made.WINDOW)
    assert (applications, articles) == (115, 100)
    expected = {
        "Tokyo": (5 * 8, 5 * 4.75),
        "Boston, MA": (5 * 5.5, 5 * 6),
        "Seoul": (5 * 2 + 15, 5 * 2.25 + 15),
        "Munich": (5 * 3.5, 5 * 4),
    }
    ranking = pl.read_parquet(first_release / "ranking.parquet").sort("rank")
    assert ranking.select("name", "patents", "publications").rows() == [
        (name, *counts) for name, counts in expected.items()
    ]
    shares = [patents / 115 + papers / 100 for patents, papers in expected.values()]
    assert ranking["total_share"].to_list() == pytest.approx(shares, abs=1e-12)
    assert ranking["economies"].to_list() == ["JP", "US", "KR", "DE"]


def test_world_by_hand(story: Story, first_release: Path) -> None:
    world = pl.read_parquet(first_release / "world.parquet")
    parts = {(kind, place): parts for kind, place, parts in
             world.select("kind", "place", "parts").iter_rows()}  # fmt: skip
    assert sum(n for (kind, _), n in parts.items() if kind == "patent") == 115 * 10**9
    assert sum(n for (kind, _), n in parts.items() if kind == "publication") == 100 * 10**9
    assert parts["patent", "unlocated"] == 5 * 10**9
    assert parts["patent", "top 100"] == 110 * 10**9
    assert parts["publication", "top 100"] == 100 * 10**9


def test_growth_of_seoul_by_hand(story: Story, first_release: Path) -> None:
    ranking = pl.read_parquet(first_release / "ranking.parquet")
    growth = dict(ranking.select("name", "patent_growth").iter_rows())
    assert growth == {"Tokyo": 0, "Boston, MA": 0, "Munich": 0, "Seoul": 7 / 2 - 1}


def test_no_step_changes_the_environment(story: Story) -> None:
    """Variables move in memory where one is set, while another thread's library may be looking one up."""
    assert story["changes_of_environment"] == []


def test_second_run_does_nothing(story: Story) -> None:
    assert story["second"] == {**story["first"], "steps": []}
    assert story["settled"]["steps"] == []


def test_equal_bytes_whatever_threads_order_of_files_and_processes(story: Story) -> None:
    killed = [story["elsewhere_1"], story["elsewhere_2"]]
    assert [run["error"] for run in killed] == ["-9", "-9"]
    assert all(len(run["steps"]) >= 45 for run in killed)
    assert story["elsewhere"]["error"] is None
    assert "release" in names(story["elsewhere"])
    assert story["tables"]["deeper/two"] == story["tables"]["one"]
    assert len(story["tables"]["one"]) == len(names(story["first"])) - 1, "all but the release"
    assert story["elsewhere"]["releases"] == story["first"]["releases"]


def test_damaged_and_missing_tables_are_made_again_and_released_as_they_were(
    story: Story,
) -> None:
    assert sorted(names(story["flipped"])) == ["concentration", "release", "world"]
    assert story["flipped"]["releases"] == story["first"]["releases"]


def test_another_threshold_redoes_clusters_and_later_only(story: Story) -> None:
    killed, resumed = story["killed"], story["resumed"]
    assert killed["error"] == "-9"
    assert killed["releases"] == story["first"]["releases"]
    assert resumed["error"] is None
    assert {partition for _, partition in killed["steps"] + resumed["steps"]} == {made.EDITION}
    done = names(killed) + names(resumed)
    assert len(set(done)) == BY_EDITION
    assert len(done) <= BY_EDITION + 1, "at most the step that was killed is done twice"
    assert names(resumed)[-1] == "release"
    assert list(resumed["releases"]) == ["1", "2"]


def test_a_changed_raw_file_is_refused(story: Story) -> None:
    refused = story["refused"]
    assert refused["steps"] == []
    assert f"raw/articles_{made.YEARS[-1]}.csv" in refused["error"]
    assert len(re.findall(r"\b[0-9a-f]{64}\b", refused["error"])) == 2


def test_an_accepted_change_redoes_its_year_and_editions(story: Story) -> None:
    accepted = story["accepted"]
    assert accepted["error"] is None
    assert partitions(accepted) == {None: 3, made.YEARS[-1]: BY_YEAR, made.EDITION: BY_EDITION}
    assert list(accepted["releases"]) == ["1", "2", "3"]


def test_a_release_once_made_never_changes(story: Story) -> None:
    for chapter in ("resumed", "accepted", "settled"):
        for revision, files in story[chapter]["releases"].items():
            assert story["settled"]["releases"][revision] == files
    assert story["settled"]["releases"]["1"] == story["first"]["releases"]["1"]


def test_new_numbers_are_a_new_revision_with_its_differences(
    story: Story, world_folder: Path
) -> None:
    releases = world_folder / "one" / "workspace" / "releases" / str(made.EDITION)
    assert json.loads((releases / "latest.json").read_text())["revision"] == 3
    assert "Munich" in (releases / "3" / "CHANGES.md").read_text()


def test_no_path_and_no_clock_time_in_a_release(
    story: Story, first_release: Path, world_folder: Path
) -> None:
    for path in sorted(file for file in first_release.rglob("*") if file.is_file()):
        content = path.read_bytes()
        for secret in (str(world_folder), str(ROOT), str(Path.home())):
            assert secret.encode() not in content, path.name
        if path.suffix != ".parquet":
            assert not re.search(rb"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}", content), path.name


def test_no_persons_name_is_kept_or_released(story: Story, world_folder: Path) -> None:
    raw = world_folder / "one" / "raw"
    used = set(made.PERSONS[1:])
    assert names_in(raw, used) == used, "persons are named in the raw files"
    for folder in ("tables", "staged", "releases", "validations"):
        assert names_in(world_folder / "one" / "workspace" / folder, used) == set(), folder


def test_every_raw_row_is_accounted_for(story: Story, world_folder: Path) -> None:
    tables = world_folder / "deeper" / "two" / "workspace" / "tables"
    for year in made.YEARS:
        points = pl.read_parquet(
            tables / "geocoding" / "points" / f"year={year}" / "points.parquet"
        )
        by_kind = dict(points.group_by("kind").len().iter_rows())
        assert by_kind == {
            "patent": len(made.patent_rows(year)),
            "publication": len(made.publication_rows(year)),
        }


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_show_as_csv(story: Story, world_folder: Path) -> None:
    configuration = str(world_folder / "deeper" / "two" / "stclusters.toml")
    shown = command("show", str(made.EDITION), "--csv", "--top", "2", "--config", configuration)
    assert shown.returncode == 0, shown.stderr
    rows = pl.read_csv(shown.stdout.encode())
    assert rows.select("rank", "name").rows() == [(1, "Tokyo"), (2, "Boston, MA")]
    missing = command("show", "2020", "--config", configuration)
    assert missing.returncode == 2
    assert "Edition 2020 is not released" in missing.stderr
    assert "Traceback" not in missing.stderr


def test_verify_finds_one_flipped_byte(story: Story, first_release: Path, tmp_path: Path) -> None:
    good = command("verify", str(first_release))
    assert (good.returncode, good.stderr) == (0, "")
    harmed = Path(shutil.copytree(first_release, tmp_path / "1"))
    path = harmed / "cluster_years.parquet"
    path.chmod(0o644)
    flip_byte(path)
    bad = command("verify", str(harmed))
    assert bad.returncode == 1
    assert "cluster_years.parquet" in bad.stderr
    assert command("verify", str(tmp_path / "nowhere")).returncode == 2


def test_data_docs_of_the_newest_run(story: Story, world_folder: Path) -> None:
    assert story["elsewhere"]["error"] is None
    workspace = world_folder / "deeper" / "two" / "workspace"
    *_, run = sorted((workspace / "validations").iterdir())
    built = command("docs", "--config", str(workspace.parent / "stclusters.toml"))
    assert built.returncode == 0, built.stderr
    first = (workspace / "data_docs" / run.name / "index.html").read_text()
    validated = len(list(run.glob("*.json")))
    assert validated == len(story["elsewhere"]["steps"]) - 1, "all but the release"
    assert f"{validated} tables validated, 0 failed" in first
