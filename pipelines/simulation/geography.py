"""Where a cluster stands: the places around its cities that make it one dense component.

Here: choosing the places of one cluster under the method's rule of density, with a margin, and
dividing its output over them. Add here rules about the inside of a cluster. Not here: what lies
between clusters (`neighbours`), the map as a whole (`landscape`), gazetteer look-ups (`gazetteer`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from pipelines.delineation.density import density_clusters
from pipelines.simulation.calibration import Cluster
from pipelines.simulation.gazetteer import TOWN_POPULATION, Gazetteer, chord

# The method's rule (section 5) is 15 km and 4,500; the world keeps a margin on either side, because
# cells move a point by up to 0.6 km and a small scale makes counts coarse.
MIN_POINTS = 4_500
LINK_KM = 13.9
APART_KM = 17.0
DENSE = 1.45
"""Weight that makes a place of this world dense, in thresholds: at the demo's scale a threshold is 22
addresses, and the bridge between San Jose and San Francisco fell at 1.25."""

STEP_KM = 13.7
"""Longest step on a way between two cities of a cluster."""

CITY_WEIGHTS = (1.0, 0.62, 0.5)
"""Output of a cluster's first, second and further named cities, relative to the first."""

NAMED_PARTS = (0.62, 0.75, 0.8)
"""Part of a cluster's output that its one, two, or three and more named cities make."""

MOST_UNNAMED = 0.22
"""No other place makes more than this part of the first city's output, so that names come out."""

NAMED_APART_KM, MOST_UNNAMED_NEARBY = 18.0, 0.5
"""Nearer to the first city than this no other place is named, so that it may make more."""

MOST_BOUND = 0.6
"""Part of a cluster that may be bound to making the ways between its cities dense."""

FOREIGN_SHARE = 0.04
"""Part of a cluster that each further economy holds; 1 % makes it count (method 7)."""

_UNITS_PER_PLACE = 2_500
_FEWEST_PLACES, _MOST_PLACES = 4, 40
_FOREIGN_WITHIN_KM, _WAY_WITHIN_KM = 45.0, 75.0


@dataclass(frozen=True)
class Spread:
    """Places of one area and how its output divides over them.

    Attributes:
        rows: rows of the gazetteer, (n,).
        shares: parts of the area's output until 2018 and from 2019, each column of sum 1, (n, 2).
    """

    rows: NDArray[np.int64]
    shares: NDArray[np.float64]


@dataclass(frozen=True)
class Ground:
    """What a cluster may stand on.

    Attributes:
        gazetteer: the usable places.
        is_free: whether a place keeps clear of every other cluster, by row of the gazetteer.
        threshold: the density threshold of this world at full size.
    """

    gazetteer: Gazetteer
    is_free: NDArray[np.bool_]
    threshold: float

    def usable(
        self,
        around: Collection[int],
        distance_km: float,
        countries: Collection[str],
        least_population: int = TOWN_POPULATION,
    ) -> NDArray[np.int64]:
        """Rows of free places with clear names within a distance, in some countries."""
        rows = self.gazetteer.within(list(around), distance_km)
        keep = self.is_free[rows] & self.gazetteer.is_clear[rows]
        keep &= self.gazetteer.population[rows] >= least_population
        keep &= np.isin(self.gazetteer.country[rows], list(countries))
        return rows[keep]


def reach_km(weight: float) -> float:
    """How far a cluster's places lie from its cities: wider the more it makes."""
    return float(min(42.0, 12.0 * (weight / 10_000) ** 0.33))


def _shares(
    gazetteer: Gazetteer,
    cluster: Cluster,
    rows: list[int],
    fixed: dict[int, float],
    *,
    weight: float,
    named_part: float,
) -> NDArray[np.float64]:
    """Divide a cluster over its places: named cities first, others by population and distance."""
    cities = [row for row in cluster.cities if row in rows]
    named = np.array(CITY_WEIGHTS + CITY_WEIGHTS[-1:] * len(cities))[: len(cities)]
    named[[i for i, row in enumerate(cities) if row in fixed]] = 0.0
    others = [row for row in rows if row not in cities]
    free = [row for row in others if row not in fixed]
    left = 1.0 - sum(fixed.values())
    share = dict(fixed)
    if free:
        km = np.min([gazetteer.distances_km(c, np.array(free)) for c in cities], axis=0)
        pull = np.maximum(gazetteer.population[free], 100.0) ** 0.6 * np.exp(-km / reach_km(weight))
        first = left * named_part / named.sum()
        for row, part in zip(free, pull / pull.sum(), strict=True):
            share[row] = min(left * (1 - named_part) * part, MOST_UNNAMED * first)
    rest = (1.0 - sum(share.values())) * named / named.sum()
    for row, part in zip(cities, rest, strict=True):
        share[row] = share.get(row, 0.0) + part
    return np.array([share[row] for row in rows])


def find_way(gazetteer: Gazetteer, start: int, goal: int, usable: NDArray[np.int64]) -> list[int]:
    """Places from one city to another in short steps, few and populous; empty if there is none.

    The goal is the last of them, the start is left out.
    """
    nodes = np.unique(np.concatenate([usable, [start, goal]]))
    points = gazetteer.xyz[nodes]
    gaps = np.linalg.norm(points[:, None, :] - points[None, :, :], axis=2)
    cost = 1.0 + 30.0 / np.sqrt(np.maximum(gazetteer.population[nodes], 100.0))
    linked = (gaps <= chord(STEP_KM)) & (gaps > 0)
    graph = csr_array(np.where(linked, cost[None, :], 0.0))
    at = {int(row): i for i, row in enumerate(nodes)}
    _, before = dijkstra(graph, indices=at[start], return_predecessors=True)
    way, node = [], at[goal]
    while node >= 0 and node != at[start]:
        way.append(int(nodes[node]))
        node = before[node]
    return way[::-1] if node == at[start] else []


def _foreign_places(ground: Ground, cluster: Cluster) -> list[int]:
    """For each further economy of a cluster, the place that stands for it.

    Places that one other place links to the first city come before all others.
    """
    gazetteer = ground.gazetteer
    first = list(cluster.cities[:1])
    near = ground.usable(first, _FOREIGN_WITHIN_KM, cluster.countries, least_population=0)
    linked = gazetteer.within([*ground.usable(first, STEP_KM, cluster.countries), *first], STEP_KM)
    present = set(gazetteer.country[list(cluster.cities)])
    chosen = []
    for economy in cluster.countries:
        rows = near[gazetteer.country[near] == economy]
        rows = np.intersect1d(rows, linked) if len(np.intersect1d(rows, linked)) else rows
        if economy not in present and len(rows):
            km = np.maximum(gazetteer.distances_km(cluster.cities[0], rows), 5.0)
            chosen.append(int(rows[np.argmax(np.sqrt(gazetteer.population[rows]) / km**3)]))
    return chosen


def _lacking(gazetteer: Gazetteer, row: int, share_of: dict[int, float], threshold: float) -> float:
    """What a place and those around it lack of making it core, as a part of the output."""
    rows = np.array(list(share_of))
    shares = np.array(list(share_of.values()))
    around = gazetteer.distances_km(row, rows) <= LINK_KM
    return 1.01 * DENSE * threshold - float(shares[around].sum())


def _most_bound(gazetteer: Gazetteer, cluster: Cluster, row: int, first_share: float) -> float:
    """Greatest part that one place of a way may be given without changing the cluster's name."""
    if row in cluster.cities:
        return MOST_BOUND
    far = gazetteer.distances_km(cluster.cities[0], np.array([row]))[0] > NAMED_APART_KM
    return first_share * (1.25 * MOST_UNNAMED if far else MOST_UNNAMED_NEARBY)


def _dense_around(
    gazetteer: Gazetteer, rows: list[int], weights: NDArray[np.float64], threshold: float
) -> tuple[set[int], set[int]]:
    """Places in one dense component with the first of them, and those of them that are core.

    By the method's rule, with this world's margins.
    """
    found = density_clusters(
        gazetteer.lat[rows],
        gazetteer.lng[rows],
        np.rint(weights * 1_000).astype(np.int64),
        radius_km=LINK_KM,
        min_weight=round(DENSE * threshold * 1_000),
    )
    is_inside = (found.label == found.label[0]) & (found.label >= 0)
    places = np.array(rows)
    return set(places[is_inside].tolist()), set(places[is_inside & found.is_core].tolist())


def _weak_place(
    gazetteer: Gazetteer,
    cluster: Cluster,
    way: list[int],
    share_of: dict[int, float],
    *,
    core: set[int],
    light: Collection[int],
    threshold: float,
) -> tuple[int, float] | None:
    """The first place of a way that is not dense and may be made so, with the share that it needs.

    What holds a border stays light, or the border would be dense too: the place before it bears more.
    """
    first = cluster.cities[0]
    needed: dict[int, float] = {}
    for before, row in pairwise([first, *way]):
        bearer = before if row in light and before not in cluster.cities else row
        if row in core or not {row, bearer} <= share_of.keys():
            continue
        lack = _lacking(gazetteer, row, share_of, threshold)
        if lack > 0:
            needed[bearer] = share_of[bearer] + lack
    for row, share in needed.items():
        if share < _most_bound(gazetteer, cluster, row, share_of[first]):
            return row, share
    return None


def spread_cluster(
    ground: Ground,
    cluster: Cluster,
    weight: float,
    *,
    must_hold: dict[int, float] | None = None,
    named_part: float | None = None,
) -> Spread:
    """Places around a cluster's cities that form one dense component.

    Args:
        ground: what it may stand on.
        cluster: its cities and economies. A city that no way of places leads to is left out.
        weight: its output in units of the density clustering (`calibration.units`).
        must_hold: further places that it must reach, with their parts of its output.
        named_part: part of the output that its cities make; `NAMED_PARTS` where None.
    """
    gazetteer = ground.gazetteer
    threshold = min(ground.threshold, 0.4 * weight)
    first = cluster.cities[0]
    named_part = named_part or NAMED_PARTS[min(len(cluster.cities), len(NAMED_PARTS)) - 1]
    must_hold = must_hold or {}
    fixed = dict.fromkeys(_foreign_places(ground, cluster), FOREIGN_SHARE) | must_hold
    near = ground.usable(cluster.cities, reach_km(weight), cluster.countries)
    most = int(np.clip(weight / _UNITS_PER_PLACE, _FEWEST_PLACES, _MOST_PLACES))
    populous = near[np.lexsort((near, -gazetteer.population[near]))][:most].tolist()
    rows = list(dict.fromkeys([*cluster.cities, *fixed, *populous]))
    waiting = [row for row in (*cluster.cities, *fixed) if row != first]
    wide: NDArray[np.int64] | None = None
    while True:
        shares = _shares(gazetteer, cluster, rows, fixed, weight=weight, named_part=named_part)
        inside, core = _dense_around(gazetteer, rows, shares * weight, threshold)
        # Places that hold a border must be core themselves.
        linked = inside - must_hold.keys() | core
        anchor = next((row for row in waiting if row not in linked), None)
        if anchor is None:
            break
        # One more place on the way to the anchor, or one of them made dense: at most two turns a
        # step.
        if wide is None:
            around = [first, *waiting]
            wide = ground.usable(around, _WAY_WITHIN_KM, cluster.countries, least_population=0)
        way = find_way(gazetteer, first, anchor, wide)
        missing = [row for row in way if row not in rows]
        share_of = dict(zip(rows, shares.tolist(), strict=True))
        weak = _weak_place(
            gazetteer,
            cluster,
            way,
            share_of,
            core=core,
            light=must_hold,
            threshold=threshold / weight,
        )
        if missing:
            rows += missing
            fixed |= {row: fixed.get(row, 0.01) for row in missing}
        elif weak and sum(fixed.values()) + weak[1] < MOST_BOUND:
            fixed[weak[0]] = weak[1]
        else:
            waiting.remove(anchor)
            fixed.pop(anchor, None)
    rows = [row for row in rows if row in linked or row == first]
    fixed = {row: share for row, share in fixed.items() if row in rows}
    shares = _shares(gazetteer, cluster, rows, fixed, weight=weight, named_part=named_part)
    return Spread(np.array(rows, dtype=np.int64), np.column_stack([shares, shares]))
