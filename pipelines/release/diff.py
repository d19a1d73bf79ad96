"""What differs between two releases: what they were made from, table by table, cluster by cluster.

Here: the comparison, used for `CHANGES.md` of a new revision and for `stclusters diff` of any two
releases. Tables are compared by their keys, as the newer release states them; the column `edition`
is left out, so that two editions can be compared too. Not here: how a difference is shown
(`changes.py`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from pipelines.release.geo import BBOX
from pipelines.release.manifest import Provenance, read_manifest

Value = str | int | float | None

FACTS = (
    "name",
    "rank",
    "patents",
    "publications",
    "patent_share",
    "publication_share",
    "total_share",
)
"""Columns of the ranking that are compared cluster by cluster."""
_AFTER = " after"
"""Suffix that no contract's column has."""


@dataclass(frozen=True)
class Side:
    """One of the two releases, perhaps not yet published."""

    revision: int
    provenance: Provenance
    tables: Mapping[str, Path]
    """Parquet file by released name."""

    @property
    def title(self) -> str:
        """How the release is called in a difference."""
        return f"{self.provenance.edition_name}, revision {self.revision}"


@dataclass(frozen=True)
class StatementChange:
    """A parameter, input or other statement of the manifest; empty where one side lacks it."""

    statement: str
    before: str
    after: str


@dataclass(frozen=True)
class TableChange:
    """What became of a table's rows; numbers are empty where they cannot be told."""

    table: str
    rows_before: int | None
    rows_after: int | None
    added: int | None
    """Rows whose key is new."""
    removed: int | None
    changed: int | None
    """Rows whose key is in both and whose values are not all the same."""
    values_changed: Mapping[str, int]
    """Changed values by column, columns without any left out."""
    columns_added: tuple[str, ...]
    columns_removed: tuple[str, ...]

    @property
    def is_change(self) -> bool:
        """Whether anything differs."""
        return bool(
            None in (self.rows_before, self.rows_after, self.changed)
            or self.added
            or self.removed
            or self.changed
            or self.columns_added
            or self.columns_removed
        )


@dataclass(frozen=True)
class ClusterChange:
    """A cluster that differs; `before` or `after` is empty where there is no such cluster."""

    cluster_id: str
    before: Mapping[str, Value]
    after: Mapping[str, Value]
    cells_gained: int
    cells_lost: int

    @property
    def event(self) -> str:
        """What became of it."""
        if not self.before:
            return "appears"
        return "changes" if self.after else "disappears"


@dataclass(frozen=True)
class Difference:
    """Everything that differs between two releases."""

    before: str
    after: str
    statements: tuple[StatementChange, ...]
    tables: tuple[TableChange, ...]
    """All tables of either release, changed or not, by name."""
    clusters: tuple[ClusterChange, ...]
    """Clusters that differ, by their rank after, then before."""
    clusters_unchanged: int

    @property
    def is_empty(self) -> bool:
        """Whether the two releases say the same."""
        changed = any(table.is_change for table in self.tables)
        return not (self.statements or self.clusters or changed)


def diff(before: Path, after: Path) -> Difference:
    """Compare two releases.

    Args:
        before: folder of the older release.
        after: folder of the newer one; of the same edition or of another.

    Raises:
        UserError: where a folder is not a release or its manifest is damaged.
    """
    return difference(side_of(before), side_of(after))


def side_of(folder: Path) -> Side:
    """A published release as a side of a comparison."""
    manifest = read_manifest(folder)
    tables = {e.table.name: folder / e.file for e in manifest.files if e.table}
    return Side(manifest.revision, manifest, tables)


def difference(before: Side, after: Side) -> Difference:
    """Compare two releases, either of which may not be published yet."""
    clusters, unchanged = _clusters(before, after)
    return Difference(
        before=before.title,
        after=after.title,
        statements=tuple(_statements(before.provenance, after.provenance)),
        tables=tuple(
            _table(name, before.tables.get(name), after.tables.get(name))
            for name in sorted(before.tables.keys() | after.tables.keys())
        ),
        clusters=clusters,
        clusters_unchanged=unchanged,
    )


def _statements(before: Provenance, after: Provenance) -> Iterator[StatementChange]:
    old, new = _flat(before), _flat(after)
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) != new.get(key):
            yield StatementChange(key, old.get(key, ""), new.get(key, ""))


def _flat(provenance: Provenance) -> dict[str, str]:
    """Every statement of a release by a name that stays the same from release to release."""
    says = {
        "simulated": "yes" if provenance.simulated else "no",
        "note": provenance.note or "",
        "code version": provenance.code_version,
        "lock file": provenance.lock_sha256,
    }
    if previous := provenance.previous:
        says["edition before"] = f"{previous.edition}, revision {previous.revision}"
    for name, parameter in provenance.parameters.items():
        says[f"parameter {name}"] = ", ".join(f"{key} {parameter[key]}" for key in parameter)
    for name, value in provenance.gazetteer.items():
        says[f"gazetteer {name}"] = str(value)
    for entry in provenance.inputs:
        says[f"input {entry.source}: {entry.file}"] = (
            f"{entry.format}, {entry.bytes:,} bytes, SHA-256 {entry.sha256}"
        )
        says[f"licence of {entry.source}"] = entry.licence
        says[f"citation of {entry.source}"] = entry.citation
    return says


def _table(name: str, before: Path | None, after: Path | None) -> TableChange:
    if before is None or after is None:
        rows = [pq.read_metadata(path).num_rows if path else None for path in (before, after)]
        return TableChange(name, rows[0], rows[1], rows[1], rows[0], None, {}, (), ())
    old, new = pl.read_parquet(before), pl.read_parquet(after)
    compared = [
        column
        for column in new.columns
        if column not in ("edition", BBOX) and old.schema.get(column) == new.schema[column]
    ]
    removed, added = _only_in(old, new), _only_in(new, old)
    key = [column for column in _key(after) if column != "edition"]
    if not set(key) <= set(compared):
        return TableChange(name, old.height, new.height, None, None, None, {}, added, removed)
    both = old.select(compared).join(
        new.select(compared), on=key, how="inner", nulls_equal=True, suffix=_AFTER
    )
    differs = both.select(
        pl.col(column).ne_missing(pl.col(column + _AFTER))
        for column in compared
        if column not in key
    )
    return TableChange(
        table=name,
        rows_before=old.height,
        rows_after=new.height,
        added=new.height - both.height,
        removed=old.height - both.height,
        changed=differs.filter(pl.any_horizontal(pl.all())).height if differs.width else 0,
        values_changed={column.name: int(column.sum()) for column in differs if column.any()},
        columns_added=added,
        columns_removed=removed,
    )


def _only_in(one: pl.DataFrame, other: pl.DataFrame) -> tuple[str, ...]:
    """Columns of one table that the other has not, or not with the same type."""
    return tuple(name for name, kind in one.schema.items() if other.schema.get(name) != kind)


def _key(path: Path) -> list[str]:
    """A table's key, as its file's metadata state it."""
    metadata = pq.read_schema(path).metadata
    return [str(column) for column in metadata[b"key"].decode().split(", ")]


def _clusters(before: Side, after: Side) -> tuple[tuple[ClusterChange, ...], int]:
    """Clusters that differ, and the number of those that do not."""
    old, new = _facts(before), _facts(after)
    old_cells, new_cells = _cells(before), _cells(after)
    everywhere = sorted(old.keys() | new.keys())
    changes = []
    for key in everywhere:
        had, has = old_cells.get(key, frozenset()), new_cells.get(key, frozenset())
        if old.get(key) != new.get(key) or had != has:
            changes.append(
                ClusterChange(
                    cluster_id=key,
                    before=old.get(key, {}),
                    after=new.get(key, {}),
                    cells_gained=len(has - had),
                    cells_lost=len(had - has),
                )
            )
    return tuple(sorted(changes, key=_order)), len(everywhere) - len(changes)


def _order(change: ClusterChange) -> tuple[bool, Value]:
    """Clusters of the newer release by rank, then those that are gone by theirs."""
    return not change.after, (change.after or change.before)["rank"]


def _facts(side: Side) -> dict[str, dict[str, Value]]:
    rows = pl.read_parquet(side.tables["ranking"], columns=["cluster_id", *FACTS])
    return {row.pop("cluster_id"): row for row in rows.to_dicts()}


def _cells(side: Side) -> dict[str, frozenset[int]]:
    rows = pl.read_parquet(side.tables["cluster_cells"], columns=["cluster_id", "h3_cell"])
    grouped = rows.group_by("cluster_id").agg("h3_cell")
    return {key: frozenset(cells) for key, cells in grouped.iter_rows()}
