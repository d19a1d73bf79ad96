"""Where output stands: places of each cluster, and of the rest of the world.

Here: choosing a cluster's places around its cities so that they are one dense component under the
method's rule and keep clear of every other cluster, and the sites of the background, none of which
is dense. Add here rules about space. Not here: counts (`calibration`, `quotas`), gazetteer look-ups
(`gazetteer`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from pipelines.delineation.density import density_clusters
from pipelines.simulation.calibration import Calibration, Cluster, country_shares, units
from pipelines.simulation.gazetteer import Gazetteer, chord

# The method's rule (section 5) is 15 km and 4,500; the world keeps a margin on either side, because
# cells move a point by up to a kilometre and a small scale makes counts coarse.
MIN_POINTS = 4_500
LINK_KM = 13.5
APART_KM = 17.0
DENSE_UNITS = 1.25 * MIN_POINTS
SPARSE_UNITS = 0.35 * MIN_POINTS
AFRICAN_SPARSE_UNITS = 100.0
"""Africa is also delineated with a threshold of 300 (method 1), below which its background stays."""

AFRICA = frozenset(
    [
        "DZ",
        "AO",
        "BJ",
        "BW",
        "BF",
        "BI",
        "CV",
        "CM",
        "CF",
        "TD",
        "KM",
        "CG",
        "CD",
        "CI",
        "DJ",
        "EG",
        "GQ",
        "ER",
        "SZ",
        "ET",
        "GA",
        "GM",
        "GH",
        "GN",
        "GW",
        "KE",
        "LS",
        "LR",
        "LY",
        "MG",
        "MW",
        "ML",
        "MR",
        "MU",
        "MA",
        "MZ",
        "NA",
        "NE",
        "NG",
        "RW",
        "ST",
        "SN",
        "SC",
        "SL",
        "SO",
        "ZA",
        "SS",
        "SD",
        "TZ",
        "TG",
        "TN",
        "UG",
        "ZM",
        "ZW",
    ]
)

CITY_WEIGHTS = (1.0, 0.62, 0.5)
"""Output of a cluster's first, second and further named cities, relative to the first."""

MOST_UNNAMED = 0.22
"""No other place makes more than this part of the first city's output, so that names come out."""

MOST_FIXED = 0.6
"""Part of a cluster that may be bound to the ways between its cities."""

FOREIGN_SHARE = 0.04
"""Part of a cluster that each further economy holds; 1 % makes it count (method 7)."""


@dataclass(frozen=True)
class Spread:
    """Places of one area and how its output divides over them.

    Attributes:
        rows: rows of the gazetteer, (n,).
        shares: parts of the area's output, sum 1, (n,).
    """

    rows: NDArray[np.int64]
    shares: NDArray[np.float64]


def _reach_km(weight: float) -> float:
    """How far a cluster's places lie from its cities: wider the more it makes."""
    return float(min(42.0, 12.0 * (weight / 10_000) ** 0.33))


def _shares(
    gazetteer: Gazetteer, cluster: Cluster, rows: list[int], fixed: dict[int, float], weight: float
) -> NDArray[np.float64]:
    """Divide a cluster over its places: named cities first, others by population and distance."""
    cities = list(cluster.cities)
    population = gazetteer.table["population"].to_numpy()
    named = np.array([CITY_WEIGHTS[min(i, 2)] for i in range(len(cities))])
    others = [row for row in rows if row not in cities]
    free = [row for row in others if row not in fixed]
    left = 1.0 - sum(fixed[row] for row in others if row in fixed)
    part_of_named = {1: 0.62, 2: 0.75}.get(len(cities), 0.8)
    share = dict(fixed)
    if free:
        km = np.min([gazetteer.distances_km(c, np.array(free)) for c in cities], axis=0)
        pull = population[free] ** 0.6 * np.exp(-km / _reach_km(weight))
        first = left * part_of_named / named.sum()
        for row, part in zip(free, pull / pull.sum(), strict=True):
            share[row] = min(left * (1 - part_of_named) * part, MOST_UNNAMED * first)
    rest = 1.0 - sum(share[row] for row in others)
    share.update(zip(cities, rest * named / named.sum(), strict=True))
    return np.array([share[row] for row in rows])


def _components(
    gazetteer: Gazetteer, rows: list[int], shares: NDArray[np.float64], weight: float, dense: float
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    table = gazetteer.table
    found = density_clusters(
        table["lat"].to_numpy()[rows],
        table["lng"].to_numpy()[rows],
        np.rint(shares * weight).astype(np.int64),
        radius_km=LINK_KM,
        min_weight=int(dense),
    )
    return found.label, found.is_core


def _path(gazetteer: Gazetteer, start: int, goal: int, usable: NDArray[np.int64]) -> list[int]:
    """Places from one city to another in steps of at most `LINK_KM`, few and populous; [] if none."""
    nodes = np.unique(np.concatenate([usable, [start, goal]]))
    tree = gazetteer.xyz[nodes]
    gaps = np.linalg.norm(tree[:, None, :] - tree[None, :, :], axis=2)
    cost = 1.0 + 30.0 / np.sqrt(gazetteer.table["population"].to_numpy()[nodes])
    linked = (gaps <= chord(LINK_KM - 1.0)) & (gaps > 0)
    graph = csr_array(np.where(linked, cost[None, :], 0.0))
    at = {int(row): i for i, row in enumerate(nodes)}
    _, before = dijkstra(graph, indices=at[start], return_predecessors=True)
    path, node = [], at[goal]
    while node >= 0 and node != at[start]:
        path.append(int(nodes[node]))
        node = before[node]
    return path[::-1] if node == at[start] else []


def _foreign_places(
    gazetteer: Gazetteer, cluster: Cluster, near: NDArray[np.int64], countries: list[str]
) -> list[int]:
    """For each further economy of a cluster, the place that stands for it."""
    present = {countries[row] for row in cluster.cities}
    chosen = []
    population = gazetteer.table["population"].to_numpy()
    for economy in cluster.countries:
        rows = np.array([row for row in near if countries[row] == economy], dtype=np.int64)
        if economy in present or not len(rows):
            continue
        km = gazetteer.distances_km(cluster.cities[0], rows)
        chosen.append(int(rows[np.argmax(np.sqrt(population[rows]) / np.maximum(km, 5.0) ** 3)]))
    return chosen


def spread_cluster(
    gazetteer: Gazetteer,
    cluster: Cluster,
    weight: float,
    dense: float,
    is_free: NDArray[np.bool_],
) -> Spread:
    """Places around a cluster's cities that form one dense component.

    Args:
        gazetteer: the usable places.
        cluster: its cities and economies.
        weight: its output in units of the density clustering (`calibration.units`).
        dense: weight within `LINK_KM` that makes a place core, margin included.
        is_free: whether a place keeps clear of every other cluster, by row of the gazetteer.
    """
    dense = min(dense, 0.5 * weight)
    countries = gazetteer.country
    population = gazetteer.table["population"].to_numpy()
    clear = gazetteer.table["is_clear"].to_numpy()
    cities = list(cluster.cities)

    def usable(distance_km: float) -> NDArray[np.int64]:
        rows = gazetteer.within(cities, distance_km)
        keep = [
            is_free[r] and clear[r] and countries[r] in cluster.countries for r in rows.tolist()
        ]
        return rows[np.array(keep, dtype=bool)]

    foreign = _foreign_places(gazetteer, cluster, usable(45.0), countries)
    fixed = dict.fromkeys(foreign, FOREIGN_SHARE)
    near = usable(_reach_km(weight))
    most = int(np.clip(weight / 2_500, 4, 40))
    populous = near[np.lexsort((near, -population[near]))][:most].tolist()
    rows = list(dict.fromkeys([*cities, *foreign, *populous]))
    wide: NDArray[np.int64] | None = None
    # Each turn links one more anchor or makes one more place of the way dense: few turns are
    # needed.
    for _ in range(40):
        shares = _shares(gazetteer, cluster, rows, fixed, weight)
        label, is_core = _components(gazetteer, rows, shares, weight, dense)
        main = label[0]
        cut_off = [row for i, row in enumerate(rows) if label[i] != main or label[i] < 0]
        anchor = next((row for row in (*cities, *foreign) if row in cut_off), None)
        if anchor is None or main < 0:
            break
        wide = usable(75.0) if wide is None else wide
        way = _path(gazetteer, cities[0], anchor, wide)
        if not way:
            break
        missing = [row for row in way if row not in rows]
        if missing:
            rows += missing
            fixed |= {r: fixed.get(r, 0.01) for r in missing}
            continue
        core = dict(zip(rows, is_core & (label == main), strict=True))
        weak = next((row for row in way if not core[row] and row not in cities), None)
        if weak is None or sum(fixed.values()) + dense / weight > MOST_FIXED:
            break
        fixed[weak] = dense / weight
    if main >= 0:
        rows = [row for row in rows if row not in cut_off or row in cities]
    shares = _shares(gazetteer, cluster, rows, fixed, weight)
    return Spread(np.array(rows, dtype=np.int64), shares)


def spread_clusters(
    gazetteer: Gazetteer, world: Calibration, dense: float
) -> tuple[list[tuple[Cluster, Spread]], NDArray[np.bool_]]:
    """Places of every cluster, no two clusters within `APART_KM` of each other.

    Lesser clusters whose cities stand too near to another one are left out.

    Returns:
        The clusters with their places, in order; and which places are still free for the
        background.
    """
    everyone = [*world.clusters, *world.lesser]
    taken_by = np.full(gazetteer.table.height, -1)  # -1 free, -2 near several
    for number, cluster in enumerate(everyone):
        claim = gazetteer.within(list(cluster.cities), APART_KM)
        clash = (taken_by[claim] != -1) & (taken_by[claim] != number)
        if number >= len(world.clusters) and (taken_by[list(cluster.cities)] != -1).any():
            continue
        taken_by[claim] = np.where(clash, -2, number)
    done = []
    for number, cluster in enumerate(everyone):
        if number >= len(world.clusters) and (taken_by[list(cluster.cities)] != number).any():
            continue
        is_free = (taken_by == -1) | (taken_by == number)
        weight = units(cluster.applications, cluster.articles, world)
        spread = spread_cluster(gazetteer, cluster, weight, dense, is_free)
        around = gazetteer.within(spread.rows, APART_KM)
        taken_by[around] = np.where((taken_by[around] == -1), number, taken_by[around])
        clash = ~np.isin(taken_by[around], (number, -2))
        taken_by[around[clash]] = -2
        done.append((cluster, spread))
    return done, taken_by == -1


def _thinned(gazetteer: Gazetteer, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The most populous places, each farther than `APART_KM` from those already kept."""
    population = gazetteer.table["population"].to_numpy()[rows]
    order = rows[np.lexsort((rows, -population))]
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
    open_ = pull > 0
    while total > 1e-9 and open_.any():
        step = np.where(open_, pull, 0.0)
        step *= total / step.sum()
        new = np.minimum(given + step, most)
        total -= float((new - given).sum())
        given = new
        open_ &= given < most * (1 - 1e-9)
    return given


@dataclass(frozen=True)
class Background:
    """Output outside clusters, by country.

    Attributes:
        countries: ISO 3166 alpha-2 codes.
        applications: of the window, by country.
        articles: of the window, by country.
        spreads: sites of each country.
    """

    countries: list[str]
    applications: NDArray[np.float64]
    articles: NDArray[np.float64]
    spreads: list[Spread]


def spread_background(
    gazetteer: Gazetteer,
    world: Calibration,
    clusters: Sequence[Cluster],
    is_free: NDArray[np.bool_],
    sparse: float,
) -> Background:
    """What the world makes beside its clusters, over towns none of which is dense.

    A country has what its share of the world leaves after its clusters, as far as its towns can
    hold it at `sparse` units each; what they cannot hold goes to the towns of other countries.
    """
    shares = country_shares()
    table = gazetteer.table
    usable = table.filter(
        pl.Series(is_free) & pl.col("is_clear") & pl.col("country").is_in(shares["country"])
    )["row"].to_numpy()
    sites = _thinned(gazetteer, usable.astype(np.int64))
    site_country = table["country"].gather(sites)
    totals = np.array([world.applications, world.articles])
    of_clusters = {c: np.zeros(2) for c in shares["country"]}
    for cluster in clusters:
        home = of_clusters.setdefault(cluster.countries[0], np.zeros(2))
        home += (cluster.applications, cluster.articles)
    left_world = totals - np.sum(list(of_clusters.values()), axis=0)
    countries, left, pulls, most = [], [], [], []
    population = table["population"].to_numpy()
    for country, *percent in shares.select(
        "country", "applications_percent", "articles_percent"
    ).iter_rows():
        rows = sites[(site_country == country).to_numpy()]
        if not len(rows):
            continue
        whole = totals * np.array(percent) / 100
        countries.append(country)
        left.append(np.maximum(whole - of_clusters[country], 0.03 * whole))
        pulls.append((rows, population[rows] ** 0.75))
        most.append(min(AFRICAN_SPARSE_UNITS, sparse) if country in AFRICA else sparse)
    counts = np.array(left)
    counts *= left_world / counts.sum(axis=0)
    heavy = units(1, 0, world), units(0, 1, world)
    wanted = counts @ np.array(heavy)
    room = np.array([m * len(p[0]) for m, p in zip(most, pulls, strict=True)])
    held = np.minimum(wanted, room)
    over = counts - counts * (held / wanted)[:, None]
    counts = counts - over + over.sum(axis=0) * ((room - held) / (room - held).sum())[:, None]
    spreads = []
    for (rows, pull), cap, total in zip(pulls, most, counts @ np.array(heavy), strict=True):
        given = _filled(pull, cap, float(total))
        spreads.append(Spread(rows, given / given.sum()))
    return Background(countries, counts[:, 0], counts[:, 1], spreads)
