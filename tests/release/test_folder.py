"""Where releases lie, and the pointers that move."""

import json
from pathlib import Path

import pytest

from pipelines.release.folder import (
    earlier_releases,
    latest,
    point_to_latest,
    released_before,
    revisions,
)
from pipelines.storage import sha256_of


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    """2020 with eleven revisions, 2022 with one, 2023 begun and never finished."""
    for release in [
        *(f"2020/{n}" for n in range(1, 12)),
        "2022/1",
        "2023/.1.abc.part",
        "2022/note",
    ]:
        (tmp_path / release).mkdir(parents=True)
        (tmp_path / release / "manifest.json").write_text(release)
    (tmp_path / "2020" / "12").write_text("a file, not a folder")
    return tmp_path


def test_revisions_are_in_the_order_of_their_numbers(releases: Path) -> None:
    assert [path.name for path in revisions(releases, 2020)] == [str(n) for n in range(1, 12)]
    assert latest(releases, 2020) == releases / "2020" / "11"


def test_a_number_is_written_without_noughts_before_it(releases: Path) -> None:
    for name in ("0", "012"):
        (releases / "2020" / name).mkdir()
    assert latest(releases, 2020) == releases / "2020" / "11"
    assert len(revisions(releases, 2020)) == 11


def test_what_was_never_finished_is_no_release(releases: Path) -> None:
    assert revisions(releases, 2023) == []
    assert latest(releases, 2023) is None
    assert latest(releases, 1999) is None


def test_released_before_is_the_newest_revision_of_the_greatest_edition_below(
    releases: Path,
) -> None:
    assert released_before(releases, 2024) == releases / "2022" / "1"
    assert released_before(releases, 2022) == releases / "2020" / "11"
    assert released_before(releases, 2020) is None
    assert released_before(releases / "nowhere", 2024) is None


def test_earlier_releases_are_the_newest_revisions_oldest_first(releases: Path) -> None:
    assert earlier_releases(releases, 2024) == [releases / "2020/11", releases / "2022/1"]
    assert earlier_releases(releases, 2022) == [releases / "2020/11"]
    assert earlier_releases(releases, 2020) == []


def test_both_pointers_name_the_newest_revision(releases: Path) -> None:
    assert point_to_latest(releases, 2020)
    manifest = releases / "2020" / "11" / "manifest.json"
    assert json.loads((releases / "2020" / "latest.json").read_text()) == {
        "revision": 11,
        "manifest_sha256": sha256_of(manifest),
    }
    link = releases / "2020" / "latest"
    assert link.readlink() == Path("11")
    assert (link / "manifest.json").read_text() == "2020/11"


def test_pointers_move_on_and_leave_nothing_beside_them(releases: Path) -> None:
    point_to_latest(releases, 2022)
    (releases / "2022" / "2").mkdir()
    (releases / "2022" / "2" / "manifest.json").write_text("second")
    assert point_to_latest(releases, 2022)
    assert (releases / "2022" / "latest").readlink() == Path("2")
    assert {path.name for path in (releases / "2022").iterdir()} == {
        "1", "2", "latest", "latest.json", "note",
    }  # fmt: skip


def test_pointers_that_are_right_are_not_written_again(releases: Path) -> None:
    point_to_latest(releases, 2022)
    pointer, link = releases / "2022" / "latest.json", releases / "2022" / "latest"
    before = (pointer.stat().st_ino, link.lstat().st_ino)
    point_to_latest(releases, 2022)
    assert (pointer.stat().st_ino, link.lstat().st_ino) == before


def test_without_symbolic_links_the_old_link_goes_and_the_pointer_says_all(
    releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_to_latest(releases, 2022)
    (releases / "2022" / "2").mkdir()
    (releases / "2022" / "2" / "manifest.json").write_text("second")

    def refuse(*_: object, **__: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    assert not point_to_latest(releases, 2022)
    assert not (releases / "2022" / "latest").is_symlink()
    assert json.loads((releases / "2022" / "latest.json").read_text())["revision"] == 2


def test_an_edition_without_revisions_has_nothing_to_point_to(releases: Path) -> None:
    with pytest.raises(ValueError, match="no revision"):
        point_to_latest(releases, 2023)
