"""Why a cluster's rank moved between two editions: an exact account from both releases' tables.

Here: the account in counts, in places and in rivals. All three add up without remainder, in integers
and fractions:

- **Counts**, per source. A year that both windows hold differs only because the edition draws the
  cluster otherwise (its boundary; with it the geocoding and the rules of the edition); a year that
  only the older window holds is dropped, one that only the newer holds is new:
  `now = before + boundary - dropped + new`.
- **Places**, in three steps, each against the ranking of the edition before: the count changed by the
  boundary alone; then the cluster's whole new share of the world, the others still as they were;
  then the others. The order of the steps is a convention: another order would share out the same
  sum differently.
- **Rivals**: who passed it, whom it passed, who came above it or went from there.

Not here: what is said of it on the page (`clusters.py`).
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from pipelines.editions import KINDS
from pipelines.report.source import Release, Row

Counts = Mapping[str, Mapping[int, int]]
"""Parts of documents by kind and year of the window."""


@dataclass(frozen=True)
class CountMove:
    """How a cluster's count in one source came about; all in billionths of a document."""

    kind: str
    before: int
    boundary: int
    dropped: int
    new: int
    now: int
    dropped_years: tuple[int, ...]
    new_years: tuple[int, ...]
    share_before: Fraction
    share_now: Fraction


@dataclass(frozen=True)
class Move:
    """How a cluster's rank came about. Places are positive where they were gained."""

    rank_before: int
    rank_now: int
    boundary_places: int
    own_places: int
    others_places: int
    counts: tuple[CountMove, ...]
    passed: tuple[str, ...]
    """Clusters that were above and are below, by their rank before."""
    passed_by: tuple[str, ...]
    """Clusters that were below and are above, by their rank now."""
    gone: tuple[str, ...]
    """Clusters that were above and are no longer, by their rank before."""
    came: tuple[str, ...]
    """Clusters that are new and above, by their rank now."""


class Standing:
    """Counts of an edition's clusters over its windows, and the order that follows from them."""

    def __init__(self, counts: Mapping[str, Counts], totals: Mapping[str, int]) -> None:
        """Put clusters in order.

        Args:
            counts: by cluster, kind and year of the window; every cluster has every year.
            totals: the world's output by kind, in billionths of a document.
        """
        self.counts = counts
        self.totals = totals
        self._shares = {
            key: sum(self.share(kind, sum(years.values())) for kind, years in kinds.items())
            for key, kinds in counts.items()
        }
        self._order = sorted((-share, key) for key, share in self._shares.items())

    @cached_property
    def ranks(self) -> dict[str, int]:
        """Rank by cluster."""
        return {key: number for number, (_, key) in enumerate(self._order, start=1)}

    def share(self, kind: str, parts: int) -> Fraction:
        """Parts as a share of the world's output of a source."""
        return Fraction(parts, self.totals[kind]) if self.totals.get(kind) else Fraction(0)

    def total_share(self, key: str) -> Fraction:
        """Sum of a cluster's two shares."""
        return Fraction(self._shares[key])

    def rank_with(self, key: str, share: Fraction) -> int:
        """Rank that a cluster would have with another share, the other clusters as they are."""
        place = (-share, key)
        own_is_above = (-self._shares[key], key) < place
        return 1 + bisect_left(self._order, place) - own_is_above


def standing_of(release: Release) -> Standing:
    """Counts and order of a release's clusters."""
    return Standing(_counts(release.rows("cluster_years")), _totals(release.rows("world")))


def explain(before: Standing, now: Standing, key: str) -> Move | None:
    """Account for a cluster's move between two editions.

    Args:
        before: the edition before.
        now: this edition.
        key: identifier of the cluster.

    Returns:
        None where either edition has no such cluster.
    """
    if key not in before.counts or key not in now.counts:
        return None
    counts = tuple(
        _count_move(before, now, key, kind)
        for kind in KINDS
        if before.totals.get(kind) or now.totals.get(kind)
    )
    redrawn = sum(
        (before.share(move.kind, move.before + move.boundary) for move in counts), Fraction(0)
    )
    rank_before, rank_now = before.ranks[key], now.ranks[key]
    rank_redrawn = before.rank_with(key, redrawn)
    rank_grown = before.rank_with(key, now.total_share(key))
    above_before = [other for other, rank in before.ranks.items() if rank < rank_before]
    above_now = [other for other, rank in now.ranks.items() if rank < rank_now]
    return Move(
        rank_before=rank_before,
        rank_now=rank_now,
        boundary_places=rank_before - rank_redrawn,
        own_places=rank_redrawn - rank_grown,
        others_places=rank_grown - rank_now,
        counts=counts,
        passed=_only(above_before, above_now, now.ranks),
        passed_by=_only(above_now, above_before, before.ranks),
        gone=tuple(other for other in above_before if other not in now.ranks),
        came=tuple(other for other in above_now if other not in before.ranks),
    )


def _only(above: list[str], excluded: list[str], known: Mapping[str, int]) -> tuple[str, ...]:
    without = set(excluded)
    return tuple(other for other in above if other in known and other not in without)


def _count_move(before: Standing, now: Standing, key: str, kind: str) -> CountMove:
    old, new = before.counts[key].get(kind, {}), now.counts[key].get(kind, {})
    dropped, added = sorted(old.keys() - new.keys()), sorted(new.keys() - old.keys())
    count_before, count_now = sum(old.values()), sum(new.values())
    return CountMove(
        kind=kind,
        before=count_before,
        boundary=sum(new[year] - old[year] for year in old.keys() & new.keys()),
        dropped=sum(old[year] for year in dropped),
        new=sum(new[year] for year in added),
        now=count_now,
        dropped_years=tuple(dropped),
        new_years=tuple(added),
        share_before=before.share(kind, count_before),
        share_now=now.share(kind, count_now),
    )


def _counts(rows: Iterable[Row]) -> dict[str, dict[str, dict[int, int]]]:
    counts: dict[str, dict[str, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        if row["in_window"]:
            counts[row["cluster_id"]][row["kind"]][row["year"]] = row["parts"]
    return {key: dict(kinds) for key, kinds in counts.items()}


def _totals(rows: Iterable[Row]) -> dict[str, int]:
    totals: dict[str, int] = defaultdict(int)
    for row in rows:
        totals[row["kind"]] += row["parts"]
    return dict(totals)
