"""Hold a release's folder against its own manifest and checksums.

Here: `verify`, used by `stclusters verify` and by publishing itself before a folder becomes
visible. Every file is hashed again; the manifest lists the files, `SHA256SUMS` the manifest as
well, and the pointer beside the newest revision names the manifest too. Not here: whether the
numbers are right (the stages' checks).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pyarrow as pa

from pipelines.errors import UserError
from pipelines.release.folder import MANIFEST, POINTER, SUMS
from pipelines.release.manifest import FileEntry, Manifest, read_manifest
from pipelines.storage import sha256_of


def files_of(folder: Path) -> list[str]:
    """Names of all files of a folder and its subfolders, sorted."""
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()
    )


def checksums(sha256_by_file: Mapping[str, str]) -> str:
    """The text of `SHA256SUMS`, as `sha256sum -c` reads it, in the order of the names."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(sha256_by_file.items()))


def verify(folder: Path) -> list[str]:
    """Find every way in which a release differs from what was published.

    Args:
        folder: a revision's folder, anywhere: `releases/2024/1`, or a copy of it.

    Returns:
        One sentence per fault that starts with the file's name; empty where all is well.

    Raises:
        UserError: where the folder is not a release at all.
    """
    if not (folder / MANIFEST).is_file() and not (folder / SUMS).is_file():
        raise UserError(
            f"{folder} is not a release: it has neither {MANIFEST} nor {SUMS}. "
            "Give the folder of a revision, as in releases/2024/1."
        )
    present = files_of(folder)
    actual = {name: sha256_of(folder / name) for name in present if (folder / name).is_file()}
    manifest, faults = _manifest(folder)
    if manifest:
        listed = {entry.file for entry in manifest.files}
        faults += _entry_faults(folder, manifest.files, actual)
        faults += [
            f"{name}: is not in the manifest; it was added later"
            for name in present
            if name not in listed | {MANIFEST, SUMS}
        ]
    return faults + _sums_faults(folder, actual, manifest) + _pointer_faults(folder, actual)


@contextmanager
def blaming_damage(*releases: Path) -> Iterator[None]:
    """Where reading releases fails and one of them is damaged, say what is, not what failed.

    Raises:
        UserError: naming the release and its first faults.
    """
    try:
        yield
    except (pl.exceptions.PolarsError, pa.ArrowException, FileNotFoundError):
        for release in releases:
            if faults := verify(release):
                raise UserError(
                    f"{release} was changed since it was published: {'; '.join(faults[:5])}. Put it "
                    "back from a copy, or remove the folder and run again."
                ) from None
        raise


def _pointer_faults(folder: Path, actual: Mapping[str, str]) -> list[str]:
    """Whether the pointer beside the newest revision names another manifest than is there.

    So is found who wrote manifest and checksums anew to fit what he changed.
    """
    release = folder.resolve()
    try:
        pointer = json.loads(release.with_name(POINTER).read_text(encoding="utf-8"))
        names_this = str(pointer["revision"]) == release.name
        named = pointer["manifest_sha256"]
    except (OSError, ValueError, TypeError, KeyError):
        return []
    if names_this and actual.get(MANIFEST) not in (None, named):
        return [f"{MANIFEST}: is not the one that {POINTER} beside the folder names ({named})"]
    return []


def _manifest(folder: Path) -> tuple[Manifest | None, list[str]]:
    if not (folder / MANIFEST).is_file():
        return None, [f"{MANIFEST}: is missing"]
    try:
        return read_manifest(folder), []
    except UserError:
        return None, [f"{MANIFEST}: cannot be read as a manifest"]


def _entry_faults(
    folder: Path, entries: Iterable[FileEntry], actual: Mapping[str, str]
) -> list[str]:
    faults = []
    for entry in entries:
        if entry.file not in actual:
            faults.append(f"{entry.file}: is missing")
        elif actual[entry.file] != entry.sha256:
            size = (folder / entry.file).stat().st_size
            faults.append(
                f"{entry.file}: was changed; the manifest says SHA-256 {entry.sha256} "
                f"({entry.bytes:,} bytes), the file has {actual[entry.file]} ({size:,} bytes)"
            )
    return faults


def _sums_faults(folder: Path, actual: Mapping[str, str], manifest: Manifest | None) -> list[str]:
    """Faults of `SHA256SUMS` and, through it, of the manifest, or of all files without one."""
    if not (folder / SUMS).is_file():
        return [f"{SUMS}: is missing"]
    text = (folder / SUMS).read_bytes()
    lines = text.decode(errors="replace").splitlines()
    says = {name: digest for digest, separator, name in (line.partition("  ") for line in lines)}
    faults = []
    if MANIFEST in actual and says.get(MANIFEST) != actual[MANIFEST]:
        faults.append(
            f"{MANIFEST}: its SHA-256 is {actual[MANIFEST]}, {SUMS} says {says.get(MANIFEST)}; "
            "one of the two files was changed"
        )
    if manifest is None:
        return faults + [
            f"{name}: differs from {SUMS}"
            for name in sorted(says.keys() | actual.keys())
            if name not in (MANIFEST, SUMS) and says.get(name) != actual.get(name)
        ]
    expected = {entry.file: entry.sha256 for entry in manifest.files}
    if text != checksums({**expected, MANIFEST: says.get(MANIFEST, "")}).encode():
        faults.append(f"{SUMS}: does not list what the manifest lists")
    return faults
