"""What a release says of itself: `manifest.json`, typed, with a line per file.

Here: the manifest's shape, reading and writing it, and the identity by which one release names
another. Not here: holding a folder against its manifest (`verify.py`).
"""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from pipelines.errors import UserError
from pipelines.release.folder import MANIFEST
from pipelines.storage import sha256_of


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Identity(_Frozen):
    """A release, named so that nobody can take another for it."""

    edition: int
    revision: int
    manifest_sha256: str


class Input(_Frozen):
    """A raw file that the release was made from; a row of the table `source_files`."""

    source: str
    kind: str
    file: str
    """Relative to the folder that holds all files of the source."""
    format: str
    bytes: int
    sha256: str
    licence: str
    citation: str


class Provenance(_Frozen):
    """What a release was made from and by."""

    edition: int
    simulated: bool
    note: str | None = None
    """What a reader must know of simulated or partial sources."""
    parameters: dict[str, dict[str, Any]]
    """By name: value and certainty, as in `editions.toml`; certainty U is a user's own setting."""
    inputs: tuple[Input, ...]
    gazetteer: dict[str, str | int]
    """What identifies the gazetteer: source, version, hashes of its tables."""
    code_version: str
    lock_sha256: str
    """SHA-256 of the lock file with every dependency's version and hash."""
    previous: Identity | None = None
    """The earlier edition's release that identities and changes of rank refer to."""

    @property
    def profile(self) -> str | None:
        """The profile under which the edition was run; None for its main ranking."""
        value = self.parameters.get("profile", {}).get("value")
        return None if value is None else str(value)

    @property
    def edition_name(self) -> str:
        """The edition as titles call it; a profile's never passes for the main ranking."""
        named = f"edition {self.edition}"
        return f"{named}, {self.profile.capitalize()} profile" if self.profile else named


class TableEntry(_Frozen):
    """What holds for a file that is a table."""

    name: str
    rows: int
    content_hash: str
    """See `content.content_hash`: independent of how Parquet encodes the table."""
    schema_version: str


class FileEntry(_Frozen):
    """A file of the release; `manifest.json` and `SHA256SUMS` cannot list themselves."""

    file: str
    bytes: int
    sha256: str
    table: TableEntry | None = None


class Manifest(Provenance):
    """A release's provenance, its files, and its place among the edition's revisions."""

    revision: int
    replaces: Identity | None = None
    """The edition's revision before this one."""
    content_hash: str
    """Of everything that makes a new revision necessary; see `publish.content_of`."""
    files: tuple[FileEntry, ...]

    def write(self, folder: Path) -> None:
        """Write `manifest.json`; what is empty is left out."""
        text = self.model_dump_json(indent=2, exclude_none=True)
        (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Read a release's manifest.

    Raises:
        UserError: where there is none, or it cannot be read.
    """
    path = folder / MANIFEST
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UserError(
            f"{folder} is not a release: {MANIFEST} cannot be read ({error.strerror}). "
            "Give the folder of a revision, as in releases/2024/1."
        ) from None
    except ValidationError as error:
        raise UserError(
            f"{path} is damaged or was written by another version of the project: "
            f"{error.error_count()} entries are not as expected. Run `stclusters verify {folder}`."
        ) from None


def identity_of(folder: Path) -> Identity:
    """The identity of a release."""
    manifest = read_manifest(folder)
    return Identity(
        edition=manifest.edition,
        revision=manifest.revision,
        manifest_sha256=sha256_of(folder / MANIFEST),
    )
