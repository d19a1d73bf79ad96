"""A release's folder, read for the report.

Here: reading the tables. A table that the release never had is empty: older releases have fewer tables,
and the report leaves out what it cannot show; one that was lost or damaged since is told. Not here: what is
made of the rows (`tables.py`, `clusters.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.editions import KINDS, Kind
from pipelines.release.manifest import Manifest, Provenance, read_manifest
from pipelines.release.verify import blaming_damage

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Release:
    """A release as the report sees it."""

    folder: Path
    provenance: Provenance
    _read: dict[str, list[dict[str, Any]]] = field(default_factory=dict, compare=False)

    @property
    def revision(self) -> str:
        """Name of the revision's folder."""
        return self.folder.resolve().name

    @property
    def edition(self) -> int:
        """The edition."""
        return self.provenance.edition

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        """Sources whose documents count in the edition: both, or the one that it has."""
        counted = {row["kind"] for row in self.rows("world") if row["parts"]}
        return tuple(kind for kind in KINDS if kind in counted) or KINDS

    def frame(self, table: str) -> pl.DataFrame | None:
        """A table; None where the release has no such table.

        Raises:
            UserError: where the release was damaged since it was published.
        """
        path = self.folder / f"{table}.parquet"
        if isinstance(self.provenance, Manifest):
            has_table = any(entry.file == path.name for entry in self.provenance.files)
        else:
            has_table = path.is_file()  # while it is being published
        if not has_table:
            return None
        with blaming_damage(self.folder):
            return pl.read_parquet(path)

    def rows(self, table: str) -> Sequence[Row]:
        """Rows of a table in its own order; none where the release has no such table."""
        if table not in self._read:
            frame = self.frame(table)
            self._read[table] = [] if frame is None else frame.to_dicts()
        return self._read[table]


def read_release(folder: Path, provenance: Provenance | None = None) -> Release:
    """Read a release; its tables are read when they are first asked for.

    Args:
        folder: folder of a revision; while it is being published it has no manifest yet.
        provenance: what the release was made from; read from the manifest where not given.

    Raises:
        UserError: where there is neither.
    """
    return Release(folder, provenance or read_manifest(folder))
