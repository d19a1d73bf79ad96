"""Density clustering of weighted points on the sphere (DBSCAN), exact and in any order of rows.

Here: which points are core, which core points are connected, which cluster a border point goes to.
How neighbours are found quickly lives in `boxes.py`; H3 cells, names and mergers have their own
modules.

Rule: method section 5, after Ester, Kriegel, Sander, Xu 1996. A point is core if the weight within
the radius of it, its own included, is at least the threshold; clusters are the connected components
of core points; a border point goes to its nearest core point's cluster (DBSCAN itself leaves that
to the order of rows).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from pipelines.arrays import Bools, Floats, Ints
from pipelines.delineation.boxes import Level, Pairs, build_levels, morton_key, ranges, walk
from pipelines.delineation.sphere import MARGIN, Reach, quantise
from pipelines.errors import UserError

NOISE = -1
"""Label of points that belong to no cluster, as in scikit-learn."""
MOST_CLUSTERS = 5_000
"""Ties between each two of so many take 1 GB; the published editions have some 260."""


class PointError(UserError, ValueError):
    """A point, weight or setting that density clustering cannot take; names the row."""


@dataclass(frozen=True)
class Density:
    """Result of density clustering, one entry per input row.

    Attributes:
        label: cluster of each point, -1 for noise; clusters are numbered from 0 by their core point
            of the lowest index, (n,).
        is_core: whether the weight around the point reaches the threshold, (n,).
    """

    label: Ints
    is_core: Bools

    @property
    def role(self) -> NDArray[np.str_]:
        """'core', 'border' of a cluster, or 'noise', (n,)."""
        return np.select([self.is_core, self.label != NOISE], ["core", "border"], "noise")


def require_few_clusters(density: Density, *, edition: int, min_points: int) -> None:
    """Refuse a threshold that is far too low, before what is held of each two clusters fills the memory.

    Raises:
        UserError: there are more than MOST_CLUSTERS.
    """
    clusters = int(density.label.max(initial=NOISE)) + 1
    if clusters > MOST_CLUSTERS:
        raise UserError(
            f"Edition {edition}: a threshold of {min_points:,} inventor addresses makes {clusters:,} "
            f"clusters, more than the {MOST_CLUSTERS:,} that can be held against each other. Raise the "
            "key `min_points` of the configuration (the method's own is 4,500 for the whole world)."
        )


def density_clusters(
    lat_deg: ArrayLike,
    lng_deg: ArrayLike,
    weight: ArrayLike,
    *,
    radius_km: float,
    min_weight: int,
) -> Density:
    """Cluster weighted points by density, with great-circle distances on a sphere of 6371.0088 km.

    Labels of core points and the set of core points equal scikit-learn's
    `DBSCAN(eps=radius_km / 6371.0088, min_samples=min_weight, metric="haversine")` fitted with
    `sample_weight`; border points may differ, since there the first cluster takes them and here the
    nearest core point does (ties to the lowest index). The result does not depend on the order of
    rows but for the numbers of the clusters and those ties.

    Args:
        lat_deg: latitudes in degrees, -90 to 90, (n,). Equal points may repeat.
        lng_deg: longitudes in degrees, -180 to 180, (n,).
        weight: whole numbers from 0 up, (n,); their sum must fit 63 bits.
        radius_km: radius of the neighbourhood, inclusive (a pair counts as within the radius up to
            50 nanometres beyond, since degrees are not more precise).
        min_weight: threshold, a whole number from 1 up, on the weight of the neighbourhood.

    Raises:
        PointError: a value is missing or out of range, with the first such row (from 0).
    """
    lat, lng, mass = _checked(lat_deg, lng_deg, weight, radius_km, min_weight)
    n = len(lat)
    if n == 0:
        return Density(np.empty(0, np.int64), np.empty(0, bool))
    reach = Reach.of_km(radius_km)
    points = quantise(lat, lng)
    key = morton_key(points)
    order = np.argsort(key, kind="stable")
    points, key = points[:, order], key[order]
    # Equal points become one, which stands at its lowest index.
    is_new = np.concatenate([[True], (points[:, 1:] != points[:, :-1]).any(axis=0)])
    site = np.cumsum(is_new) - 1
    at = np.flatnonzero(is_new)
    index = order[at]
    points, key, mass = points[:, at], key[at], np.add.reduceat(mass[order], at)

    core = _core_points(build_levels(points, key), mass, reach, min_weight)
    label = np.full(len(at), NOISE)
    if core.any():
        cores = build_levels(points[:, core], key[core])
        component = _connected(cores, reach)
        lowest = np.full(component.max() + 1, n)
        np.minimum.at(lowest, component, index[core])
        number = np.empty_like(lowest)
        number[np.argsort(lowest)] = np.arange(len(lowest))
        label[core] = number[component]
        if not core.all():
            others = build_levels(points[:, ~core], key[~core])
            nearest = _nearest(others, cores, reach, index[core])
            label[~core] = np.where(nearest >= 0, label[core][nearest], NOISE)
    result = Density(np.empty(n, np.int64), np.empty(n, bool))
    result.label[order] = label[site]
    result.is_core[order] = core[site]
    return result


def _checked(
    lat_deg: ArrayLike, lng_deg: ArrayLike, weight: ArrayLike, radius_km: float, min_weight: int
) -> tuple[Floats, Floats, Ints]:
    """The arguments as arrays, or a clear error."""
    lat = np.asarray(lat_deg, np.float64)
    lng = np.asarray(lng_deg, np.float64)
    mass = np.asarray(weight)
    if not lat.ndim == lng.ndim == mass.ndim == 1 or not len(lat) == len(lng) == len(mass):
        raise PointError(
            "latitudes, longitudes and weights must be three columns of the same length, "
            f"not of shapes {lat.shape}, {lng.shape} and {mass.shape}"
        )
    if not radius_km > 0:
        raise PointError(f"the radius must be above 0 km, not {radius_km}")
    if not min_weight >= 1:
        raise PointError(f"the threshold must be a weight of at least 1, not {min_weight}")
    for name, degrees, limit in (("latitude", lat, 90), ("longitude", lng, 180)):
        bad = np.flatnonzero(~(np.abs(degrees) <= limit))
        if len(bad):
            raise PointError(
                f"row {bad[0]}: {name} {degrees[bad[0]]} is not a number of degrees "
                f"from -{limit} to {limit}"
            )
    bad = np.flatnonzero(~((mass >= 0) & (mass < 2**63) & (mass % 1 == 0)))
    if len(bad):
        raise PointError(f"row {bad[0]}: weight {mass[bad[0]]} is not a whole number from 0 up")
    mass = mass.astype(np.int64)
    # The float sum is off by far less than the factor two that it leaves.
    if mass.sum(dtype=np.float64) > 2.0**62:
        raise PointError("the weights add up to more than 2**62: divide them by a common factor")
    return lat, lng, mass


def _core_points(levels: list[Level], mass: Ints, reach: Reach, min_weight: int) -> Bools:
    """Which points have at least `min_weight` within reach, their own weight included, (n,)."""
    total = np.concatenate([[0], np.cumsum(mass)])
    masses = [np.diff(total[level.begin]) for level in levels]
    core = np.zeros(len(mass), bool)

    def count(pairs: Pairs) -> Pairs:
        inside, undecided = pairs.classify(reach)
        source_mass = masses[pairs.source_level].take(pairs.source)
        sure = pairs.carry + pairs.run_sums(source_mass * inside)
        most = sure + pairs.run_sums(source_mass * undecided)
        is_core = sure >= min_weight
        begin = pairs.query_boxes.begin
        found = pairs.query[is_core]
        core[ranges(begin[found], begin[found + 1] - begin[found])] = True
        is_open = ~is_core & (most >= min_weight)
        return replace(pairs, carry=sure).keep(undecided & np.repeat(is_open, pairs.count))

    walk([Pairs.all(levels, levels, 0)], count)
    return core


def _connected(levels: list[Level], reach: Reach) -> NDArray[np.int32]:
    """Connected component of each point, where points within reach of each other are connected."""
    # Nodes are boxes so small that all their points are within reach of each other.
    node_level = next(i for i, level in enumerate(levels) if 2 * level.ball[3].max() < reach.inside)
    nodes = levels[node_level]
    edges: list[tuple[Ints, Ints]] = []
    doubtful: list[Pairs] = []

    def join_nodes(pairs: Pairs) -> Pairs:
        inside, undecided = pairs.classify(reach)
        query = np.repeat(pairs.query, pairs.count)
        if pairs.query_level < node_level or pairs.source_level < node_level:
            one_way = pairs.query_level != pairs.source_level
            return pairs.keep((inside | undecided) & (one_way | (query <= pairs.source)))
        apart = query < pairs.source
        edges.append((query[inside & apart], pairs.source[inside & apart]))
        doubtful.append(pairs.keep(undecided & apart))
        return pairs.keep(np.zeros_like(apart))

    def components() -> NDArray[np.int32]:
        a, b = (np.concatenate(side) for side in zip(*edges, strict=True))
        graph = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(len(nodes.parts),) * 2)
        return connected_components(graph, directed=False)[1]

    walk([Pairs.all(levels, levels, 0)], join_nodes)
    component = components()
    node_of = [np.searchsorted(nodes.begin, level.begin[:-1], side="right") - 1 for level in levels]

    def join_parts(pairs: Pairs) -> Pairs:
        a = np.repeat(node_of[pairs.query_level].take(pairs.query), pairs.count)
        b = node_of[pairs.source_level].take(pairs.source)
        apart = component[a] != component[b]
        pairs, a, b = pairs.keep(apart), a[apart], b[apart]
        inside, undecided = pairs.classify(reach)
        edges.append((a[inside], b[inside]))
        return pairs.keep(undecided)

    walk(doubtful, join_parts)
    return np.repeat(components(), np.diff(nodes.begin))


def _nearest(queries: list[Level], cores: list[Level], reach: Reach, index: Ints) -> Ints:
    """The nearest core point of each query point, -1 where none is within reach.

    Args:
        queries: tree of the points that ask.
        cores: tree of the core points.
        reach: the radius.
        index: index of each core point in the input, which breaks ties.
    """
    nearest = np.full(len(queries[-1].begin) - 1, -1)

    def approach(pairs: Pairs) -> Pairs:
        squared, radii = pairs.squared_distance()
        distance = np.sqrt(squared)
        # Some core point is certainly this near to every point of the query box.
        bound = np.minimum(
            pairs.carry, np.minimum.reduceat(distance + radii, pairs.start) * (1 + MARGIN)
        )
        near = distance - radii <= np.repeat(bound, pairs.count)
        left = replace(pairs, carry=bound).keep(near)
        if not pairs.are_points:
            return left
        sure = (left.count == 1) & (distance[near][left.start] <= reach.inside)
        nearest[left.query[sure]] = left.source[left.start[sure]]
        rivals = left.keep(np.repeat(~sure, left.count))
        exact = rivals.exact_squared_distance(np.arange(len(rivals.source))).tolist()
        source = rivals.source.tolist()
        query = np.repeat(rivals.query, rivals.count).tolist()
        # The best comes last, so it is what stays.
        ranking = zip(exact, index[rivals.source].tolist(), query, source, strict=True)
        for squared_chord, _, asking, core in sorted(ranking, reverse=True):
            if squared_chord <= reach.chord**2:
                nearest[asking] = core
        return left.keep(np.zeros(len(left.source), bool))

    walk([Pairs.all(queries, cores, reach.outside)], approach)
    return nearest
