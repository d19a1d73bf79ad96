"""The map as a whole: every cluster in its place, and the towns of the background.

Here: keeping clusters clear of one another, and the sites of the background, none of which is dense.
Add here rules about the map between areas. Not here: the inside of a cluster (`geography`), borders
between neighbours (`neighbours`), counts by year (`quotas`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipelines.editions import profiles
from pipelines.simulation.calibration import Calibration, Cluster, country_shares, units
from pipelines.simulation.gazetteer import TOWN_POPULATION, Gazetteer, chord
from pipelines.simulation.geography import APART_KM, Ground, Spread, spread_cluster
from pipelines.simulation.neighbours import (
    CENTRE_PART,
    EDGE_THRESHOLDS,
    JOINED_THRESHOLDS,
    Subcentre,
    corridor,
    grown_together,
    keep_off,
    subcentre_of,
)

SPARSE = 0.35
"""Most weight of a background site, in thresholds."""

AFRICAN_SPARSE_UNITS = 100.0
"""Africa is also delineated with a threshold of 300 (method 1), below which its background stays."""

AFRICA = profiles()["african"].economies

_OUTPUT_BY_WHEN_JOINED = 0.55
"""Output of the first two years of growing together, 2019 and 2020, against that of 2014-2018."""

_FREE, _CONTESTED = -1, -2


@dataclass(frozen=True)
class Placed:
    """A cluster, or a part of one, with its places.

    Attributes:
        cluster: its name, cities and counts.
        spread: its places.
        parent: number of the placed cluster that it is a sub-centre of; -1 for whole clusters.
    """

    cluster: Cluster
    spread: Spread
    parent: int = -1


def _with_border(spread: Spread, edge: int, shares: tuple[float, float]) -> Spread:
    """A spread with one more place that holds so much until 2018 and from 2019."""
    rest = spread.shares * (1 - np.array(shares))[None, :]
    return Spread(np.append(spread.rows, edge), np.vstack([rest, shares]))


class _Map:
    """Who holds which ground while clusters are laid out one after another."""

    def __init__(self, gazetteer: Gazetteer, world: Calibration, threshold: float) -> None:
        self.gazetteer, self.world, self.threshold = gazetteer, world, threshold
        self.held_by = np.full(gazetteer.table.height, _FREE)
        self.placed: list[Placed] = []
        for number, cluster in enumerate(world.clusters):
            self.claim(number, np.array(cluster.cities))

    def claim(self, number: int, rows: NDArray[np.int64]) -> None:
        """Give a cluster the ground around some places; what others hold is contested."""
        around = self.gazetteer.within(rows, APART_KM)
        holder = self.held_by[around]
        self.held_by[around] = np.where(np.isin(holder, (_FREE, number)), number, _CONTESTED)

    def ground(self, number: int, off: NDArray[np.int64] | None = None) -> Ground:
        """What a cluster may stand on, places in `off` left out."""
        is_free = np.isin(self.held_by, (_FREE, number))
        if off is not None:
            is_free[off] = False
        return Ground(self.gazetteer, is_free, self.threshold)

    def weight(self, cluster: Cluster) -> float:
        return units(cluster.applications, cluster.articles, self.world)

    def place(self, number: int, cluster: Cluster) -> None:
        """Lay out one cluster, with its sub-centre where it has one and the ground allows it."""
        part = subcentre_of(self.gazetteer, cluster)
        pair = self._with_centre(number, part) if part else []
        if not pair:
            spread = spread_cluster(self.ground(number), cluster, self.weight(cluster))
            pair = [Placed(cluster, spread)]
        for placed in pair:
            self.placed.append(placed)
            self.claim(number, placed.spread.rows)

    def _with_centre(self, number: int, part: Subcentre) -> list[Placed]:
        """A cluster and its sub-centre on either side of their border; empty if one misses it."""
        border = part.border
        edges = [border.edge, border.other_edge]
        sides = (
            (part.parent, border.hold, border.edge, [*part.centre.cities, border.other_hold]),
            (part.centre, border.other_hold, border.other_edge, [border.hold]),
        )
        pair: list[Placed] = []
        for cluster, hold, edge, others in sides:
            weight = self.weight(cluster)
            light = EDGE_THRESHOLDS * self.threshold / weight
            others += [row for placed in pair for row in placed.spread.rows[:-1]]
            off = keep_off(self.gazetteer, edges + others, [hold, *cluster.cities])
            spread = spread_cluster(
                self.ground(number, off),
                cluster,
                weight,
                must_hold={hold: light},
                named_part=CENTRE_PART if pair else None,
            )
            if hold not in spread.rows:
                return []
            heavy = JOINED_THRESHOLDS / 2 * self.threshold / weight
            until_2018, from_2019 = (heavy if joined else light for joined in part.joined)
            spread = _with_border(spread, edge, (until_2018, from_2019))
            pair.append(Placed(cluster, spread, len(self.placed) if pair else -1))
        return pair

    def grow_together(self, first: int, second: int) -> None:
        """Lay a corridor between two placed clusters, empty until 2018 and dense from 2019."""
        start, goal = self.placed[first], self.placed[second]
        others = [p.spread.rows for i, p in enumerate(self.placed) if i not in {first, second}]
        is_free = np.ones(len(self.held_by), dtype=bool)
        is_free[self.gazetteer.within(np.concatenate(others), APART_KM)] = False
        ground = Ground(self.gazetteer, is_free, self.threshold)
        weight = self.weight(start.cluster) * _OUTPUT_BY_WHEN_JOINED
        dense = corridor(ground, start.cluster, goal.cluster, weight)
        spread = start.spread
        new = [row for row in dense if row not in spread.rows and row not in goal.spread.rows]
        rows = np.append(spread.rows, np.array(new, dtype=np.int64))
        added = np.array([dense.get(int(row), 0.0) for row in rows])
        shares = np.vstack([spread.shares, np.zeros((len(new), 2))])
        shares[:, 1] = shares[:, 1] * (1 - added.sum()) + added
        spread = Spread(rows, shares)
        self.placed[first] = replace(start, spread=spread)
        self.claim(first, spread.rows)


def lay_out(
    gazetteer: Gazetteer, world: Calibration, threshold: float
) -> tuple[list[Placed], NDArray[np.bool_]]:
    """Places of every cluster, no two clusters but neighbours within `APART_KM` of each other.

    Lesser clusters whose cities stand too near to another one are left out.

    Args:
        gazetteer: the usable places.
        world: the clusters.
        threshold: density threshold of this world at full size.

    Returns:
        The clusters with their places, published ones first and in order, each followed by its
        sub-centre; and which places are still free for the background.
    """
    map_ = _Map(gazetteer, world, threshold)
    number_of_place = {}
    for number, cluster in enumerate(world.clusters):
        number_of_place[number] = len(map_.placed)
        map_.place(number, cluster)
    for first, second in grown_together(gazetteer, world):
        map_.grow_together(number_of_place[first], number_of_place[second])
    for number, cluster in enumerate(world.lesser, start=len(world.clusters)):
        if (map_.held_by[list(cluster.cities)] == _FREE).all():
            map_.place(number, cluster)
    return map_.placed, map_.held_by == _FREE


def _thinned(gazetteer: Gazetteer, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The most populous places, each farther than `APART_KM` from those already kept."""
    order = rows[np.lexsort((rows, -gazetteer.population[rows]))]
    near = gazetteer.tree.query_ball_point(gazetteer.xyz[order], chord(APART_KM))
    blocked = np.zeros(gazetteer.table.height, dtype=bool)
    kept = []
    for row, around in zip(order.tolist(), near, strict=True):
        if not blocked[row]:
            kept.append(row)
            blocked[around] = True
    return np.array(sorted(kept), dtype=np.int64)


def _filled(pull: NDArray[np.float64], most: float, total: float) -> NDArray[np.float64]:
    """Deal a total out in proportion to `pull`, at most so much for each, as far as that goes."""
    given = np.zeros(len(pull))
    is_open = pull > 0
    while total > 1e-9 and is_open.any():
        step = np.where(is_open, pull, 0.0)
        new = np.minimum(given + step * (total / step.sum()), most)
        total -= float((new - given).sum())
        given = new
        is_open &= given < most * (1 - 1e-9)
    return given


@dataclass(frozen=True)
class Background:
    """Output outside clusters, by country.

    Attributes:
        countries: ISO 3166 alpha-2 codes, (n,).
        counts: applications and articles of the window, (n, 2).
        spreads: sites of each country.
    """

    countries: list[str]
    counts: NDArray[np.float64]
    spreads: list[Spread]


def spread_background(
    gazetteer: Gazetteer,
    world: Calibration,
    clusters: Sequence[Cluster],
    is_free: NDArray[np.bool_],
    threshold: float,
) -> Background:
    """What the world makes beside its clusters, over towns none of which is dense.

    A country has what its share of the world leaves after its clusters, as far as its towns can hold
    it at `SPARSE` thresholds each; what they cannot hold goes to the towns of other countries.
    """
    shares = country_shares()
    known = shares["country"].to_list()
    is_town = gazetteer.is_clear & (gazetteer.population >= TOWN_POPULATION)
    usable = np.flatnonzero(is_free & is_town & np.isin(gazetteer.country, known))
    sites = _thinned(gazetteer, usable)
    totals = np.array([world.applications, world.articles])
    of_clusters = dict.fromkeys(known, np.zeros(2))
    for c in clusters:
        home = of_clusters.get(c.countries[0], np.zeros(2))
        of_clusters[c.countries[0]] = home + np.array([c.applications, c.articles])
    percents = shares.select("applications_percent", "articles_percent").to_numpy()
    rows = [sites[gazetteer.country[sites] == country] for country in known]
    kept = [i for i, r in enumerate(rows) if len(r)]
    whole = totals * percents[kept] / 100
    counts = np.maximum(whole - [of_clusters[known[i]] for i in kept], 0.03 * whole)
    counts *= (totals - np.sum(list(of_clusters.values()), axis=0)) / counts.sum(axis=0)
    heavy = np.array([units(1, 0, world), units(0, 1, world)])
    sparse = SPARSE * threshold
    most = [min(AFRICAN_SPARSE_UNITS, sparse) if known[i] in AFRICA else sparse for i in kept]
    room = np.array([m * len(rows[i]) for m, i in zip(most, kept, strict=True)])
    wanted = counts @ heavy
    held = np.minimum(wanted, room)
    over = counts * (1 - held / wanted)[:, None]
    counts += over.sum(axis=0) * ((room - held) / (room - held).sum())[:, None] - over
    spreads = []
    for i, cap, total in zip(kept, most, counts @ heavy, strict=True):
        given = _filled(gazetteer.population[rows[i]] ** 0.75, cap, float(total))
        spreads.append(Spread(rows[i], np.column_stack([given, given]) / given.sum()))
    return Background([known[i] for i in kept], counts, spreads)
