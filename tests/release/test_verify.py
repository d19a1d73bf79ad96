"""Every way in which a release can have been changed is found and named."""

import shutil
import subprocess
from pathlib import Path

import pytest

from pipelines.errors import UserError
from pipelines.release.folder import SUMS
from pipelines.release.manifest import read_manifest
from pipelines.release.publish import publish
from pipelines.release.verify import checksums, files_of, verify
from pipelines.storage import sha256_of
from tests.release import factory


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(factory.request(tmp_path_factory.mktemp("published"))).path


@pytest.fixture
def release(published: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    copy = tmp_path / "copy"
    shutil.copytree(published, copy)
    for path in copy.rglob("*"):
        path.chmod(0o644)
    return copy


def test_a_release_as_published_has_no_fault(published: Path, release: Path) -> None:
    assert verify(published) == []
    assert verify(release) == []


def flip(path: Path, position: int) -> None:
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("part", [0.0, 0.5, 1.0])
def test_one_flipped_bit_in_any_file_names_that_file(release: Path, part: float) -> None:
    names = files_of(release)
    assert len(names) > 15
    for name in names:
        path = release / name
        good = path.read_bytes()
        flip(path, int(part * (len(good) - 1)))
        faults = verify(release)
        assert any(fault.startswith(f"{name}:") or f" {name} " in fault for fault in faults), name
        path.write_bytes(good)
    assert verify(release) == []


def test_a_missing_file_is_named(release: Path) -> None:
    for name in files_of(release):
        path = release / name
        good = path.read_bytes()
        path.unlink()
        assert f"{name}: is missing" in verify(release)
        path.write_bytes(good)


def test_a_file_that_was_added_is_named_wherever_it_lies(release: Path) -> None:
    (release / "more").mkdir()
    (release / "more" / "notes.txt").write_text("mine")
    (release / "dangling").symlink_to("nowhere")
    assert verify(release) == [
        "dangling: is not in the manifest; it was added later",
        "more/notes.txt: is not in the manifest; it was added later",
    ]


def test_a_table_exchanged_for_another_is_named(release: Path) -> None:
    shutil.copy(release / "world.parquet", release / "ranking.parquet")
    (fault,) = verify(release)
    assert fault.startswith("ranking.parquet: was changed")


def test_without_a_readable_manifest_the_checksums_still_name_what_changed(release: Path) -> None:
    (release / "manifest.json").write_text("{}")
    flip(release / "world.parquet", 100)
    (release / "README.md").unlink()
    faults = verify(release)
    assert "manifest.json: cannot be read as a manifest" in faults
    assert "world.parquet: differs from SHA256SUMS" in faults
    assert "README.md: differs from SHA256SUMS" in faults
    assert not any("ranking" in fault for fault in faults)


def test_manifest_and_checksums_that_were_written_to_fit_are_found_by_the_pointer(
    tmp_path: Path,
) -> None:
    folder = publish(factory.request(tmp_path)).path
    for path in folder.rglob("*"):
        path.chmod(0o644)
    flip(folder / "world.parquet", 100)
    manifest = read_manifest(folder)
    forged = [
        entry.model_copy(update={"sha256": sha256_of(folder / entry.file)})
        for entry in manifest.files
    ]
    manifest.model_copy(update={"files": tuple(forged)}).write(folder)
    names = [name for name in files_of(folder) if name != SUMS]
    (folder / SUMS).write_text(checksums({name: sha256_of(folder / name) for name in names}))
    (fault,) = verify(folder)
    assert fault.startswith(
        "manifest.json: is not the one that latest.json beside the folder names"
    )
    assert verify(folder.with_name("latest")) == [fault]


def test_an_older_revision_is_whole_beside_the_pointer_to_the_newest(tmp_path: Path) -> None:
    older = publish(factory.request(tmp_path)).path
    rows = factory.ranking()
    rows[0] |= {"name": "Tokyo–Yokohama"}
    newer = publish(factory.request(tmp_path, rows={"ranking": rows})).path
    assert (older.name, newer.name) == ("1", "2")
    assert verify(older) == verify(newer) == []


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="no sha256sum on this machine")
def test_sha256sum_agrees(release: Path) -> None:
    def check() -> int:
        command = ["sha256sum", "-c", "--strict", "--quiet", "SHA256SUMS"]
        return subprocess.run(command, cwd=release, capture_output=True, check=False).returncode

    assert check() == 0
    flip(release / "ranking.parquet", 100)
    assert check() == 1


def test_a_folder_that_is_no_release_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is not a release"):
        verify(tmp_path)
    with pytest.raises(UserError, match="is not a release"):
        verify(tmp_path / "nowhere")
