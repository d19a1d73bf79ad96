"""Publish: from validated tables and their provenance to an immutable folder, or to nothing new.

Here: the request, when a new revision is due, and the order of work: build aside, manifest and
checksums last, verify, make read-only, rename, point. Nothing is visible before the rename, and a
folder that is visible never changes. Not here: what the files are made of (their own modules).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.contracts import SCHEMA_VERSION
from pipelines.errors import UserError
from pipelines.release import geo
from pipelines.release.changes import first_revision, markdown
from pipelines.release.codebook import codebook
from pipelines.release.datapackage import datapackage
from pipelines.release.dcat import dcat
from pipelines.release.diff import Side, difference, side_of
from pipelines.release.folder import SUMS, latest, new_revision, point_to_latest, publishing
from pipelines.release.manifest import (
    FileEntry,
    Manifest,
    Provenance,
    TableEntry,
    identity_of,
    read_manifest,
)
from pipelines.release.readme import readme
from pipelines.release.tables import (
    Check,
    Released,
    load,
    released_tables,
    validation_table,
)
from pipelines.release.verify import checksums, files_of, verify
from pipelines.storage import fingerprint_of, sha256_of

_READ_ONLY = 0o444


@dataclass(frozen=True)
class ReleaseRequest:
    """Everything that a release is made of."""

    releases: Path
    """Folder of all releases."""
    tables: Mapping[str, Path]
    """The validated stage table of every contract that is marked as released, by contract name."""
    provenance: Provenance
    checks: Sequence[Check]
    """What the checks found on these tables and those that they were made from."""
    extras: Sequence[Callable[[Path], None]] = ()
    """Write further files into the folder they are handed, which holds the tables already."""


@dataclass(frozen=True)
class Published:
    """A published release."""

    path: Path
    revision: int
    created: bool
    """False where the newest revision says all this already."""
    linked: bool
    """False where the file system has no symbolic links: only `latest.json` names the newest."""


def publish(request: ReleaseRequest) -> Published:
    """Publish a release, unless the edition's newest revision has the same content.

    Args:
        request: what to publish.

    Raises:
        UserError: where a check did not pass, a table cannot be read, the newest revision was
            changed since it was published, or the folder cannot be written to. Nothing is visible
            then that was not before.
        ValueError: where the request's tables are not those that the contracts release.
    """
    _refuse_failed(request)
    tables = _load(request)
    content = content_of(request.provenance, tables)
    edition = request.provenance.edition
    with publishing(request.releases):
        before = latest(request.releases, edition)
        if before and _intact_content(before) == content:
            linked = point_to_latest(request.releases, edition)
            return Published(before, int(before.name), created=False, linked=linked)
        revision = int(before.name) + 1 if before else 1
        with new_revision(request.releases, edition, revision) as folder:
            _build(folder, _Draft(request, tables, content, revision, before))
        linked = point_to_latest(request.releases, edition)
        path = request.releases / str(edition) / str(revision)
        return Published(path, revision, created=True, linked=linked)


def content_of(provenance: Provenance, tables: Sequence[Released]) -> str:
    """Hash of everything that makes a new revision necessary.

    That is the tables' values, the version of their contracts, and what the release says of its
    inputs, parameters and gazetteer. Not the code's version, the lock file and the outcomes of the
    checks: other code that comes to the same numbers has nothing new to tell.
    """
    says = provenance.model_dump(
        mode="json", include={"simulated", "note", "parameters", "inputs", "gazetteer"}
    )
    values = {table.name: table.content_hash for table in tables}
    return fingerprint_of({"schema_version": SCHEMA_VERSION, "tables": values, **says})


def _refuse_failed(request: ReleaseRequest) -> None:
    failed = [check for check in request.checks if not check.passed]
    if failed:
        listed = "; ".join(
            f"{check.table}, {check.check}: expected {check.expected}, found {check.actual}"
            for check in failed[:5]
        )
        raise UserError(
            f"Edition {request.provenance.edition} is not released: {len(failed)} checks did not "
            f"pass ({listed}). Mend what they found and run again."
        )


def _intact_content(release: Path) -> str:
    """Content hash of a release that is still as it was published."""
    faults = verify(release)
    if faults:
        raise UserError(
            f"The newest revision {release} was changed since it was published: "
            f"{'; '.join(faults[:5])}. Put it back from a copy, or remove the folder, "
            "then run again."
        )
    return read_manifest(release).content_hash


def _load(request: ReleaseRequest) -> list[Released]:
    contracts = released_tables()
    wanted = {contract.name for contract in contracts}
    if wanted != request.tables.keys():
        raise ValueError(
            f"tables to release are {sorted(wanted)}, the request has {sorted(request.tables)}"
        )
    edition, simulated = request.provenance.edition, request.provenance.simulated
    return [
        load(contract, request.tables[contract.name], edition=edition, simulated=simulated)
        for contract in contracts
    ]


@dataclass(frozen=True)
class _Draft:
    """A release about to be written."""

    request: ReleaseRequest
    tables: Sequence[Released]
    content_hash: str
    revision: int
    before: Path | None


def _build(folder: Path, draft: _Draft) -> None:
    """Write a whole release into a folder that nobody sees yet."""
    provenance, revision = draft.request.provenance, draft.revision
    checks = validation_table(
        draft.request.checks, edition=provenance.edition, simulated=provenance.simulated
    )
    tables = [*draft.tables, checks]
    for table in tables:
        table.write(folder)
        if geo.has_outlines(table.contract):
            path = folder / f"{table.name}.geojson"
            geo.write_geojson(table.rows, path, simulated=provenance.simulated)
    data = _entries(folder, tables)
    _write(folder / "codebook.csv", codebook(tables))
    _write_json(folder / "datapackage.json", datapackage(provenance, revision, tables, data))
    _write_json(folder / "dcat.jsonld", dcat(provenance, revision, data))
    _write(folder / "README.md", readme(provenance, revision, tables))
    _write(folder / "CHANGES.md", _changes(draft, folder, tables))
    for extra in draft.request.extras:
        extra(folder)
    Manifest(
        **dict(provenance),
        revision=revision,
        replaces=identity_of(draft.before) if draft.before else None,
        content_hash=draft.content_hash,
        files=tuple(_entries(folder, tables).values()),
    ).write(folder)
    _seal(folder)


def _changes(draft: _Draft, folder: Path, tables: Sequence[Released]) -> str:
    provenance = draft.request.provenance
    if draft.before is None:
        return first_revision(provenance.edition_name)
    now = Side(draft.revision, provenance, {table.name: folder / table.file for table in tables})
    return markdown(difference(side_of(draft.before), now))


def _seal(folder: Path) -> None:
    """Write the checksums of all files, hold the folder against its manifest, close it."""
    _write(folder / SUMS, checksums({name: sha256_of(folder / name) for name in files_of(folder)}))
    faults = verify(folder)
    if faults:
        raise UserError(f"The disk does not give back what was written: {'; '.join(faults[:5])}.")
    for name in files_of(folder):
        (folder / name).chmod(_READ_ONLY)


def _entries(folder: Path, tables: Sequence[Released]) -> dict[str, FileEntry]:
    """An entry per file that is there, by name."""
    by_file = {table.file: table for table in tables}
    return {
        name: FileEntry(
            file=name,
            bytes=(folder / name).stat().st_size,
            sha256=sha256_of(folder / name),
            table=_table_entry(by_file[name]) if name in by_file else None,
        )
        for name in files_of(folder)
    }


def _table_entry(table: Released) -> TableEntry:
    return TableEntry(
        name=table.name,
        rows=table.rows.num_rows,
        content_hash=table.content_hash,
        schema_version=SCHEMA_VERSION,
    )


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _write_json(path: Path, content: object) -> None:
    _write(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
