"""The record of every raw file: taken when it is first read, held against the file ever after.

Here: `snapshots.jsonl` in the workspace, and the refusal of files that changed. Clock times stay in
this record; tables and releases have the hashes only. Not here: reading the files (`readers/`).
"""

import json
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.config import Config, Source
from pipelines.errors import UserError
from pipelines.readers.opening import verify
from pipelines.storage import sha256_of, written_aside

SourceFile = tuple[str, Path]
"""Name of a source and a file of its: two sources may have one file, each for its years or its kind."""
_SIDE_BY_SIDE = 4
"""Files that are hashed side by side: beside an import one waits for Python's lock after each block."""


@dataclass(frozen=True)
class Snapshot:
    """A raw file as it was when it was first read, or accepted as changed."""

    source: str
    kind: str
    file: str
    """Relative to the configuration's folder."""
    format: str
    bytes: int
    sha256: str
    licence: str
    citation: str
    modified_ns: int
    first_read: str
    """Clock time, UTC."""
    replaces: str | None = None
    """SHA-256 of the file's earlier content, where a change was accepted."""


def take_snapshots(
    config: Config, record: Path, *, accept_changed: bool = False
) -> dict[SourceFile, Snapshot]:
    """Record the raw files of all sources, and refuse those that changed since they were recorded.

    What a source is - kind, format, licence, citation - is as the configuration has it now; the record
    keeps what it was when the file was first read.

    Args:
        config: the configuration, whose sources' files are recorded.
        record: the JSON Lines file that holds all snapshots, in the order in which they were taken.
        accept_changed: record changed files anew instead of refusing them.

    Raises:
        UserError: naming each changed file with both hashes; or a line of the record is damaged.
    """
    known = {(snapshot.source, snapshot.file): snapshot for snapshot in _read(record)}
    files = [
        (source, path, known.get((source.name, _relative(path, config.base))))
        for source in config.sources
        for path in sorted({p for paths in config.source_files(source).values() for p in paths})
    ]
    current: dict[SourceFile, Snapshot] = {}
    taken: list[Snapshot] = []
    changed: list[str] = []
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        snapshots = pool.map(lambda file: _snapshot(*file, base=config.base), files)
        for (source, path, before), snapshot in zip(files, snapshots, strict=True):
            is_other = before is None or before.sha256 != snapshot.sha256
            if before and is_other and not accept_changed:
                changed.append(f"{snapshot.file}: was {before.sha256}, is {snapshot.sha256}")
                continue
            current[source.name, path] = snapshot
            if is_other:
                taken.append(snapshot)
    if changed:
        raise UserError(
            "Raw files changed since they were first read: "
            + "; ".join(changed)
            + ". Put the files back, or record the change with --accept-changed-sources."
        )
    if taken:
        _append(record, taken)
    return current


def _snapshot(source: Source, path: Path, before: Snapshot | None, *, base: Path) -> Snapshot:
    """A file as it is; where its content is as recorded before, the record, of the source as it is now."""
    status = path.stat()
    described: dict[str, Any] = {
        "kind": source.kind,
        "format": source.format,
        "licence": source.licence,
        "citation": source.citation,
    }
    if before and (before.bytes, before.modified_ns) == (status.st_size, status.st_mtime_ns):
        return replace(before, **described)
    verify(path)  # DuckDB reads a damaged gzip file without a word
    digest = sha256_of(path)
    if before and before.sha256 == digest:
        return replace(before, **described)
    return Snapshot(
        source=source.name,
        file=_relative(path, base),
        bytes=status.st_size,
        sha256=digest,
        modified_ns=status.st_mtime_ns,
        first_read=datetime.now(UTC).isoformat(timespec="seconds"),
        replaces=before.sha256 if before else None,
        **described,
    )


def _relative(path: Path, base: Path) -> str:
    """A path from the configuration's folder, never absolute: releases name files, not machines."""
    return Path(os.path.relpath(path, base)).as_posix()


def _read(record: Path) -> list[Snapshot]:
    if not record.exists():
        return []
    snapshots = []
    for number, line in enumerate(record.read_bytes().splitlines(), start=1):
        try:
            snapshots.append(Snapshot(**json.loads(line)))
        except (ValueError, TypeError):
            raise UserError(
                f"{record}, line {number}: not the record of a raw file; the file was cut off or "
                "edited. Put it back from a copy, or remove that line: its raw file is then "
                "recorded again, as it is now."
            ) from None
    return snapshots


def _append(record: Path, taken: Iterable[Snapshot]) -> None:
    lines = [json.dumps(asdict(snapshot)) for snapshot in (*_read(record), *taken)]
    with written_aside(record) as aside:
        aside.write_text("\n".join(lines) + "\n")
