"""Rows of the page's tables, ready to be written.

Here: ranking, economies, where the world's output lies, geocoding by country. Not here: a cluster's
own section (`clusters.py`), pictures (`worldmap.py`, `charts.py`).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.contracts.common import LOCATED, PRECISIONS
from pipelines.contracts.indicators import PLACES
from pipelines.editions import KINDS, Kind
from pipelines.report import formats
from pipelines.report.source import Release, Row


@dataclass(frozen=True)
class Ranked:
    """A cluster's line in the ranking."""

    row: Row
    mark: str
    """What colours it in pictures: its lead, or the source where the edition has only one."""
    bars: Mapping[Kind, float]
    """By source, in per cent of the greatest share of either."""
    ranks_without_a_year: Mapping[str, int]
    """Its rank where each year of the windows is left out, from the oldest; none in older releases."""

    @property
    def span(self) -> tuple[int, int] | None:
        """Best and worst of its rank and the ranks without a year."""
        if not self.ranks_without_a_year:
            return None
        ranks = (self.row["rank"], *self.ranks_without_a_year.values())
        return min(ranks), max(ranks)

    @property
    def sensitivity(self) -> str | None:
        """How far its rank depends on a single year, and on which, in a sentence."""
        if self.span is None:
            return None
        best, worst = self.span
        whichever = "whichever year of its windows is left out"
        if best == worst:
            return f"Its rank stays {best} {whichever}."
        return f"Its rank lies between {best} and {worst} {whichever}: {self.hinges}."

    @property
    def hinges(self) -> str:
        """On which years the ends of its range hang: `17 without 2019, 21 without 2021 or 2022`."""
        years = {
            rank: [year for year, other in self.ranks_without_a_year.items() if other == rank]
            for rank in self.span or ()
            if rank != self.row["rank"]
        }
        return ", ".join(f"{rank} without {' or '.join(found)}" for rank, found in years.items())

    @property
    def key(self) -> str:
        """Identifier of the cluster."""
        return str(self.row["cluster_id"])

    @property
    def name(self) -> str:
        """Name of the cluster."""
        return str(self.row["name"])


@dataclass(frozen=True)
class Economy:
    """An economy's line."""

    row: Row
    name: str
    total_share: float
    bars: Mapping[Kind, float]
    """By source, in per cent of the greatest sum of both shares."""


@dataclass(frozen=True)
class Stack:
    """A whole and its parts, in a fixed order."""

    label: str
    parts: tuple[tuple[str, float], ...]
    """Name and share of each."""


@dataclass(frozen=True)
class Quality:
    """How exactly a country's addresses are known, by source."""

    code: str
    country: str
    addresses: Mapping[Kind, int]
    located_share: Mapping[Kind, float]
    """By source that has addresses there."""
    stacks: Mapping[str, Stack]


def ranking(release: Release) -> list[Ranked]:
    """All clusters by rank."""
    rows = sorted(release.rows("ranking"), key=lambda row: row["rank"])
    greatest = max(
        (max(row["patent_share"], row["publication_share"]) for row in rows), default=0.0
    )
    years = _years_left_out(release)
    without_a_year: dict[str, dict[str, int]] = defaultdict(dict)
    for row in sorted(release.rows("rank_sensitivity"), key=lambda row: row["window_year"]):
        without_a_year[row["cluster_id"]][years[row["window_year"] - 1]] = row["rank"]
    return [
        Ranked(
            row=row,
            mark=row.get("lead") or release.kinds[0],
            bars=_bars(row, greatest),
            ranks_without_a_year=without_a_year[row["cluster_id"]],
        )
        for row in rows
    ]


def windows(release: Release) -> dict[Kind, tuple[int, ...]]:
    """Years that count, by source."""
    years = {
        (row["kind"], row["year"]) for row in release.rows("cluster_years") if row["in_window"]
    }
    return {kind: tuple(sorted(year for one, year in years if one == kind)) for kind in KINDS}


def _years_left_out(release: Release) -> list[str]:
    """The years of the windows from the oldest on: `2019`, or `2019 (articles: 2018)` where they differ."""
    counted = windows(release)
    patents, publications = (counted[kind] if kind in release.kinds else () for kind in KINDS)
    if not patents or not publications or patents == publications:
        return [str(year) for year in patents or publications]
    return [
        f"{patent} ({formats.DOCUMENTS['publication']}: {publication})"
        for patent, publication in zip(patents, publications, strict=True)
    ]


def economies(release: Release) -> list[Economy]:
    """Economies with clusters in the top 100, by the sum of their shares."""
    rows = sorted(release.rows("economies"), key=lambda row: (-_total(row), row["country"]))
    greatest = max((_total(row) for row in rows), default=0.0)
    return [
        Economy(
            row=row,
            name=formats.country(row["country"]),
            total_share=_total(row),
            bars=_bars(row, greatest),
        )
        for row in rows
    ]


def world(release: Release) -> list[Stack]:
    """Where each source's output lies."""
    shares = {(row["kind"], row["place"]): row["share"] for row in release.rows("world")}
    return [
        Stack(kind, tuple((place, shares.get((kind, place), 0.0)) for place in PLACES))
        for kind in KINDS
        if any((kind, place) in shares for place in PLACES)
    ]


def geocoding(release: Release) -> list[Quality]:
    """Countries by their number of addresses, and how exactly these are known."""
    counts: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for row in release.rows("geocoding_quality"):
        counts[row["country"] or ""][row["kind"]][row["precision"]] = row["addresses"]
    found = [_quality(code, kinds) for code, kinds in counts.items()]
    return sorted(found, key=lambda quality: (-sum(quality.addresses.values()), quality.country))


def _quality(code: str, kinds: Mapping[str, Mapping[str, int]]) -> Quality:
    addresses = {kind: sum(kinds.get(kind, {}).values()) for kind in KINDS}
    known = [kind for kind in KINDS if addresses[kind]]
    return Quality(
        code=code,
        country=formats.country(code),
        addresses=addresses,
        located_share={
            kind: sum(kinds[kind].get(precision, 0) for precision in LOCATED) / addresses[kind]
            for kind in known
        },
        stacks={kind: _stack(kind, kinds[kind], PRECISIONS, addresses[kind]) for kind in known},
    )


def _stack(label: str, counts: Mapping[str, int], order: Sequence[str], total: int) -> Stack:
    return Stack(label, tuple((name, counts[name] / total) for name in order if counts.get(name)))


def _total(row: Row) -> float:
    return float(row["patent_share"] + row["publication_share"])


def _bars(row: Row, greatest: float) -> dict[Kind, float]:
    return {
        kind: round(100 * row[f"{kind}_share"] / greatest, 1) if greatest else 0.0 for kind in KINDS
    }
