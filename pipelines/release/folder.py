"""Where releases lie: `releases/<edition>/<revision>/`, and two pointers to the newest revision.

Here: listing revisions, finding the latest, making a new one visible, moving `latest.json`
(revision and manifest hash) and the relative symbolic link `latest` beside it, which lets consumers
join editions by globbing `releases/*/latest/`. A folder under a revision's number is whole and
never changes: it was renamed into place. So the folders are the truth and both pointers only repeat
it; a run that was killed between renaming and pointing is put right by the next. Not here: what is
in a release (`publish.py`).
"""

import fcntl
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.errors import UserError
from pipelines.storage import sha256_of

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
POINTER = "latest.json"
LINK = "latest"
_LOCK = ".lock"
_ASIDE = ".aside"


def revisions(releases: Path, edition: int) -> list[Path]:
    """Folders of an edition's revisions, oldest first; empty where nothing was released."""
    return [folder for _, folder in _numbered(releases / str(edition))]


def latest(releases: Path, edition: int) -> Path | None:
    """Folder of an edition's newest revision, or None."""
    found = revisions(releases, edition)
    return found[-1] if found else None


def earlier_releases(releases: Path, edition: int) -> list[Path]:
    """Newest revisions of all editions released that are below `edition`, oldest first."""
    earlier = [number for number, _ in _numbered(releases) if number < edition]
    return [found for number in earlier if (found := latest(releases, number))]


def released_before(releases: Path, edition: int) -> Path | None:
    """The last of these, or None."""
    earlier = earlier_releases(releases, edition)
    return earlier[-1] if earlier else None


@contextmanager
def publishing(releases: Path) -> Iterator[None]:
    """Publish alone: another run that wants to publish waits; a killed one holds nobody up.

    Raises:
        UserError: where the folder cannot be written to.
    """
    try:
        releases.mkdir(parents=True, exist_ok=True)
        lock = (releases / _LOCK).open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
    except OSError as error:
        raise _cannot_write(releases, error) from error
    with lock:
        yield


@contextmanager
def new_revision(releases: Path, edition: int, revision: int) -> Iterator[Path]:
    """A folder to build a revision in; visible under its number on success, gone otherwise.

    Only inside `publishing`.

    Raises:
        UserError: where the folder cannot be written to or the disk is full.
    """
    target = releases / str(edition) / str(revision)
    with _aside(releases, edition) as aside:
        part = aside / target.name
        part.mkdir()
        yield part
        target.parent.mkdir(exist_ok=True)
        part.rename(target)


def point_to_latest(releases: Path, edition: int) -> bool:
    """Make `latest.json` and the link `latest` name an edition's newest revision.

    Only inside `publishing`.

    Returns:
        Whether there is a link; False on file systems without symbolic links, where consumers read
        the revision from `latest.json` instead.

    Raises:
        UserError: where the folder cannot be written to.
        ValueError: where nothing was released.
    """
    release = latest(releases, edition)
    if release is None:
        raise ValueError(f"edition {edition} has no revision to point to")
    with _aside(releases, edition) as aside:
        _write_pointer(release, aside)
        return _link(release, aside)


@contextmanager
def _aside(releases: Path, edition: int) -> Iterator[Path]:
    """An empty folder for what is not ready; whatever a killed run left there is removed.

    It lies so deep that `releases/*/*/ranking.parquet` cannot find what is in it: DuckDB's globs
    look into hidden folders too.
    """
    aside = releases / _ASIDE
    shutil.rmtree(aside, ignore_errors=True)
    try:
        (aside / str(edition)).mkdir(parents=True)
        yield aside / str(edition)
    except OSError as error:
        raise _cannot_write(releases / str(edition), error) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _cannot_write(folder: Path, error: OSError) -> UserError:
    return UserError(
        f"Cannot write to {folder}: {error.strerror or error}. What is released there is whole; "
        "free space or mend the folder's permissions, then run again."
    )


def _numbered(folder: Path) -> list[tuple[int, Path]]:
    if not folder.is_dir():
        return []
    return sorted(
        (int(path.name), path)
        for path in folder.iterdir()
        if re.fullmatch(r"[1-9][0-9]*", path.name) and path.is_dir()
    )


def _write_pointer(release: Path, aside: Path) -> None:
    pointer = release.with_name(POINTER)
    says = {"revision": int(release.name), "manifest_sha256": sha256_of(release / MANIFEST)}
    text = json.dumps(says, indent=2) + "\n"
    if pointer.is_file() and pointer.read_text(encoding="utf-8") == text:
        return
    (aside / POINTER).write_text(text, encoding="utf-8")
    (aside / POINTER).replace(pointer)


def _link(release: Path, aside: Path) -> bool:
    link = release.with_name(LINK)
    if link.is_symlink() and link.readlink() == Path(release.name):
        return True
    try:
        (aside / LINK).symlink_to(release.name, target_is_directory=True)
        (aside / LINK).replace(link)
    except (OSError, NotImplementedError):
        # a link that cannot be moved must not go on naming an older revision
        link.unlink(missing_ok=True)
        return False
    return True
