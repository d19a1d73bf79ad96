"""A section per cluster: where it lies, what it makes, with whom, and why its rank moved.

Here: the rows and words of a section. Not here: the account of the move (`moves.py`), the map
(`clustermap.py`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import polars as pl

from pipelines.editions import KINDS, Kind
from pipelines.report import formats, moves
from pipelines.report.clustermap import ClusterMap, cluster_map
from pipelines.report.fields import scheme_name
from pipelines.report.moves import Move, standing_of
from pipelines.report.source import Release, Row
from pipelines.report.tables import Ranked

_FIELDS = 6
_ORGANISATIONS = 5
_PARTNERS = 8
_EVENTS = {
    "continues": "Continues",
    "merges": "Takes in",
    "splits": "Splits from",
    "overlaps": "Shares cells with",
    "appears": "Appears",
}
"""What lineage says of a cluster, in the order in which it is told."""

T = TypeVar("T")


@dataclass(frozen=True)
class Year:
    """A year of output by source, in billionths of a document; bars against the best year."""

    year: int
    in_window: Mapping[str, bool]
    parts: Mapping[str, int]
    bars: Mapping[str, float]


@dataclass(frozen=True)
class FieldList:
    """A cluster's first fields in one classification."""

    kind: str
    scheme: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Partner:
    """Another cluster that documents are made with."""

    key: str
    name: str
    documents: Mapping[str, int]
    joint_share: Mapping[str, float]


@dataclass(frozen=True)
class Section:
    """Everything that the page says of a cluster."""

    ranked: Ranked
    slug: str | None
    """Its name as a second anchor, unless something before it has that one."""
    cluster: Row
    map: ClusterMap | None
    years: tuple[Year, ...]
    fields: tuple[FieldList, ...]
    organisations: Mapping[str, tuple[Row, ...]]
    partners: tuple[Partner, ...]
    elsewhere: Mapping[str, Mapping[str, float]]
    """Part of output made with others, by source and `anywhere else` or `anywhere abroad`."""
    history: tuple[str, ...]
    """What became of it since the edition before, in sentences."""
    move: Move | None


@dataclass(frozen=True)
class Names:
    """Names of clusters of two editions: this edition's where it has the cluster."""

    now: Mapping[str, str]
    before: Mapping[str, str]

    def of(self, key: str) -> str:
        """A cluster's name."""
        return self.now.get(key) or self.before.get(key) or key


def names_of(release: Release, previous: Release | None) -> Names:
    """Names of all clusters of an edition and the one before."""
    return Names(_names(release), _names(previous) if previous else {})


def sections(
    release: Release,
    ranked: Sequence[Ranked],
    previous: Release | None,
    reserved: Iterable[str],
) -> list[Section]:
    """Sections of all clusters, by rank.

    Args:
        release: the release.
        ranked: its clusters.
        previous: the edition released before, if any.
        reserved: anchors that the page uses for something else.
    """
    tables = _Tables(release)
    names = names_of(release, previous)
    history = _histories(release, previous, names)
    now = standing_of(release)
    before = standing_of(previous) if previous else None
    slugs = _slugs(ranked, reserved)
    return [
        Section(
            ranked=one,
            slug=slugs.get(one.key),
            cluster=tables.clusters[one.key],
            map=cluster_map(tables.cells.get(one.key, []), now.totals),
            years=_years(tables.years.get(one.key, [])),
            fields=_field_lists(tables.fields.get(one.key, [])),
            organisations=_organisations(tables.organisations.get(one.key, [])),
            partners=_partners(tables.partners.get(one.key, []), names),
            elsewhere=_elsewhere(tables.elsewhere.get(one.key, [])),
            history=tuple(history.get(one.key, [])),
            move=moves.explain(before, now, one.key) if before else None,
        )
        for one in ranked
        if one.key in tables.clusters
    ]


class _Tables:
    """A release's rows by cluster."""

    def __init__(self, release: Release) -> None:
        self.clusters = {row["cluster_id"]: row for row in release.rows("clusters")}
        self.cells = _by_cluster(release.rows("cluster_cells"))
        self.years = _by_cluster(release.rows("cluster_years"))
        self.fields = _by_cluster(release.rows("cluster_fields"))
        self.organisations = _by_cluster(release.rows("cluster_organisations"))
        partners, elsewhere = _collaboration(release)
        self.partners = _by_cluster(partners)
        self.elsewhere = _by_cluster(elsewhere)


def _collaboration(release: Release) -> tuple[Sequence[Row], Sequence[Row]]:
    """Rows of each cluster's first partners, and of what it makes anywhere else: few of many thousands."""
    frame = release.frame("collaboration")
    if frame is None:
        return [], []
    pair = ["cluster_id", "partner_cluster_id"]
    with_others = frame.filter(pl.col("partner_cluster_id").is_not_null())
    first = (
        with_others.group_by(pair)
        .agg(pl.col("documents").sum())
        .filter(pl.col("documents") > 0)
        .sort("documents", "partner_cluster_id", descending=[True, False])
        .group_by("cluster_id", maintain_order=True)
        .head(_PARTNERS)
    )
    elsewhere = frame.filter(pl.col("partner").str.starts_with("anywhere"))
    return with_others.join(first, on=pair, how="semi").to_dicts(), elsewhere.to_dicts()


def _years(rows: Iterable[Row]) -> tuple[Year, ...]:
    by_year: dict[int, dict[Kind, Row]] = defaultdict(dict)
    for row in rows:
        by_year[row["year"]][row["kind"]] = row
    best = {
        kind: max((kinds[kind]["parts"] for kinds in by_year.values() if kind in kinds), default=0)
        for kind in KINDS
    }
    return tuple(
        Year(
            year=year,
            in_window={kind: row["in_window"] for kind, row in by_year[year].items()},
            parts={kind: row["parts"] for kind, row in by_year[year].items()},
            bars={
                kind: round(100 * row["parts"] / best[kind], 1) if best[kind] else 0.0
                for kind, row in by_year[year].items()
            },
        )
        for year in sorted(by_year)
    )


def _field_lists(rows: Iterable[Row]) -> tuple[FieldList, ...]:
    grouped = _grouped(rows, lambda row: (row["kind"], row["scheme"]))
    return tuple(
        FieldList(
            kind=kind,
            scheme=scheme_name(scheme),
            rows=tuple(sorted(grouped[kind, scheme], key=lambda row: row["rank"])[:_FIELDS]),
        )
        for kind, scheme in sorted(grouped)
    )


def _organisations(rows: Iterable[Row]) -> dict[str, tuple[Row, ...]]:
    grouped = _grouped(rows, lambda row: str(row["kind"]))
    return {
        kind: tuple(sorted(grouped[kind], key=lambda row: row["rank"])[:_ORGANISATIONS])
        for kind in KINDS
        if kind in grouped
    }


def _partners(rows: Iterable[Row], names: Names) -> tuple[Partner, ...]:
    grouped = _grouped(rows, lambda row: str(row["partner_cluster_id"]))
    partners = [
        Partner(
            key=key,
            name=names.of(key),
            documents={row["kind"]: row["documents"] for row in found},
            joint_share={row["kind"]: row["joint_share"] for row in found},
        )
        for key, found in grouped.items()
    ]
    return tuple(sorted(partners, key=lambda one: (-sum(one.documents.values()), one.key)))


def _elsewhere(rows: Iterable[Row]) -> dict[str, dict[str, float]]:
    shares: dict[str, dict[str, float]] = defaultdict(dict)
    for row in rows:
        shares[row["kind"]][row["partner"]] = row["joint_share"]
    return {kind: shares[kind] for kind in KINDS if kind in shares}


def _histories(release: Release, previous: Release | None, names: Names) -> dict[str, list[str]]:
    """What lineage and cells say of each cluster since the edition before."""
    told: dict[str, list[str]] = defaultdict(list)
    lineage = [
        row for row in release.rows("lineage") if row["cluster_id"] and row["previous_edition"]
    ]
    for row in sorted(
        lineage,
        key=lambda row: (list(_EVENTS).index(row["event"]), row["previous_cluster_id"] or ""),
    ):
        told[row["cluster_id"]].append(_lineage(row, names))
    if previous:
        had, has = _cells(previous), _cells(release)
        for key in has.keys() & had.keys():
            gained, lost = len(has[key] - had[key]), len(had[key] - has[key])
            told[key].append(
                f"It has {formats.counted(len(has[key]), 'cell')}, {gained:,} of them new; "
                f"{lost:,} former {'cell is' if lost == 1 else 'cells are'} no longer part of it."
                if gained or lost
                else "Its cells are the same as before."
            )
            if (old := names.before.get(key)) != names.now.get(key):
                told[key].append(f"It was called {old}.")
            if previous.kinds != release.kinds and len(previous.kinds) == 1:
                counted = formats.DOCUMENTS[previous.kinds[0]]
                told[key].append(f"Edition {previous.edition} counted {counted} alone.")
    return told


def _lineage(row: Row, names: Names) -> str:
    edition = row["previous_edition"]
    if row["event"] == "appears":
        return (
            f"{_EVENTS['appears']}: it holds most of no cluster of edition {edition}, "
            "and most of it comes from none."
        )
    former = names.before.get(row["previous_cluster_id"], row["previous_cluster_id"])
    return (
        f"{_EVENTS[row['event']]} {former} of edition {edition}: "
        f"{formats.percent(row['share_of_previous'], 0)} of that one’s weight lies in it, "
        f"{formats.percent(row['share_of_current'], 0)} of its own comes from there."
    )


def _slugs(ranked: Iterable[Ranked], reserved: Iterable[str]) -> dict[str, str]:
    """Anchors made of names, the first in the ranking takes one that several would have."""
    ranked = list(ranked)
    taken = {*reserved, *(one.key for one in ranked)}
    slugs = {}
    for one in ranked:
        slug = formats.slug(one.name)
        if slug and slug not in taken:
            slugs[one.key] = slug
            taken.add(slug)
    return slugs


def _names(release: Release) -> dict[str, str]:
    return {row["cluster_id"]: row["name"] for row in release.rows("ranking")}


def _cells(release: Release) -> dict[str, set[int]]:
    cells: dict[str, set[int]] = defaultdict(set)
    for row in release.rows("cluster_cells"):
        cells[row["cluster_id"]].add(row["h3_cell"])
    return cells


def _by_cluster(rows: Iterable[Row]) -> dict[str, list[Row]]:
    return _grouped(rows, lambda row: str(row["cluster_id"]))


def _grouped(rows: Iterable[Row], key: Callable[[Row], T]) -> dict[T, list[Row]]:
    grouped: dict[T, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[key(row)].append(row)
    return grouped
