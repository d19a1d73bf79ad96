"""A release's folder, read for the report.

Here: reading the tables, finding the editions released before. A table that the folder lacks is
empty: older releases have fewer tables, and the report leaves out what it cannot show. Not here:
what is made of the rows (`tables.py`, `clusters.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.release.folder import released_before
from pipelines.release.manifest import Provenance, read_manifest

Row = Mapping[str, Any]

_TABLES = (
    "cluster_areas",
    "cluster_cells",
    "cluster_fields",
    "cluster_organisations",
    "cluster_years",
    "clusters",
    "collaboration",
    "concentration",
    "economies",
    "geocoding_quality",
    "lineage",
    "ranking",
    "world",
)


@dataclass(frozen=True)
class Release:
    """A release as the report sees it."""

    revision: str
    """Name of the revision's folder."""
    provenance: Provenance
    tables: Mapping[str, pl.DataFrame]

    @property
    def edition(self) -> int:
        """The edition."""
        return self.provenance.edition

    def rows(self, table: str) -> Sequence[Row]:
        """Rows of a table in its own order; none where the release has no such table."""
        return self._rows.get(table, ())

    @cached_property
    def _rows(self) -> dict[str, list[dict[str, Any]]]:
        return {name: frame.to_dicts() for name, frame in self.tables.items()}


def read_release(folder: Path, provenance: Provenance | None = None) -> Release:
    """Read a release.

    Args:
        folder: folder of a revision; while it is being published it has no manifest yet.
        provenance: what the release was made from; read from the manifest where not given.

    Raises:
        UserError: where there is neither.
    """
    return Release(
        revision=folder.resolve().name,
        provenance=provenance or read_manifest(folder),
        tables={
            name: pl.read_parquet(path)
            for name in _TABLES
            if (path := folder / f"{name}.parquet").is_file()
        },
    )


def earlier_releases(releases: Path, edition: int) -> list[Path]:
    """Newest revisions of all editions released before one, oldest first.

    Args:
        releases: folder of all releases.
        edition: the edition that they come before.
    """
    found: list[Path] = []
    before = released_before(releases, edition)
    while before:
        found.insert(0, before)
        before = released_before(releases, int(before.parent.name))
    return found
