"""The areas among which the world's output is divided, and their documents by year.

Here: clusters, the background of each country and the addresses that cannot be located, with places
and quotas laid out as flat arrays. Add here a new kind of area. Not here: how the places were
chosen (`geography`) or how quotas are rounded (`quotas`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pipelines.editions import KINDS, Kind
from pipelines.simulation.calibration import Calibration, Cluster, country_shares, units
from pipelines.simulation.gazetteer import Gazetteer
from pipelines.simulation.geography import MIN_POINTS
from pipelines.simulation.landscape import Background, Placed, lay_out, spread_background
from pipelines.simulation.quotas import (
    APPLICATIONS,
    ARTICLES,
    OWN_GROWTH,
    dealt,
    rounded_by_year,
    world_by_year,
    year_weights,
)

LAST_EARLY_YEAR = 2018
"""Neighbours that are one until this year, or grow together after it, change then."""

# Part of a country's addresses that name no town. Real samples of US patents have 17 % for Japan
# and 22 % for Korea; WIPO located 98.8 and 87.8 % of them (GII 2020, SA-1.1). These documents come
# on top of the clusters'.
UNLOCATED = {"patent": {"JP": 0.03, "KR": 0.05}, "publication": {}}
UNLOCATED_ELSEWHERE = {"patent": 0.012, "publication": 0.005}


@dataclass(frozen=True)
class Areas:
    """All areas: clusters first, then backgrounds by country, then unlocated addresses by country.

    Attributes:
        gazetteer: the usable places.
        clusters: the clusters with their places; area i < len(clusters) is cluster i.
        partner: sub-centre -> the area of the cluster that it is part of.
        names: name of each area.
        countries: leading country of each area.
        is_located: whether addresses of the area can be located.
        places: rows of the gazetteer, of all areas one after another.
        place_area: area of each place.
        place_share: parts of its area's output until 2018 and from 2019, sums 1, (places, 2).
        years: consecutive years of `documents`.
        documents: by kind, whole documents of each area and year, at the scale asked for.
        min_points: density threshold for this world at this scale.
    """

    gazetteer: Gazetteer
    clusters: list[Placed]
    partner: dict[int, int]
    names: list[str]
    countries: list[str]
    is_located: NDArray[np.bool_]
    places: NDArray[np.int64]
    place_area: NDArray[np.int64]
    place_share: NDArray[np.float64]
    years: range
    documents: dict[Kind, NDArray[np.int64]]
    min_points: int

    def shares_in(self, year: int) -> NDArray[np.float64]:
        """Part of its area's output that each place makes in a year, (places,)."""
        return self.place_share[:, int(year > LAST_EARLY_YEAR)]

    @cached_property
    def country_codes(self) -> list[str]:
        """All countries that occur, sorted."""
        found = set(self.countries) | set(self.gazetteer.table["country"].gather(self.places))
        return sorted(found)


def _growth(names: list[str], countries: list[str], n_clusters: int, kind: Kind) -> np.ndarray:
    source = "applications" if kind == "patent" else "articles"
    table = country_shares()
    columns = table.select(f"{source}_growth_to_2018", f"{source}_growth_from_2018").rows()
    by_country = dict(zip(table["country"], columns, strict=True))
    growth = [by_country.get(country, (0.02, 0.02)) for country in countries]
    for i, name in enumerate(names[:n_clusters]):
        if name in OWN_GROWTH:
            growth[i] = (OWN_GROWTH[name][KINDS.index(kind)],) * 2
    return np.array(growth)


def _unlocated(kind: Kind, clusters: Sequence[Cluster], background: Background) -> dict[str, float]:
    total = dict(zip(background.countries, background.counts[:, KINDS.index(kind)], strict=True))
    for cluster in clusters:
        count = cluster.applications if kind == "patent" else cluster.articles
        total[cluster.countries[0]] = total.get(cluster.countries[0], 0.0) + count
    return {
        country: count * UNLOCATED[kind].get(country, UNLOCATED_ELSEWHERE[kind])
        for country, count in sorted(total.items())
    }


def _of_clusters(
    counts: NDArray[np.float64],
    weights: NDArray[np.float64],
    scale: float,
    partner: dict[int, int],
    years: range,
) -> NDArray[np.int64]:
    """Whole documents of each cluster and year. A cluster is rounded whole, its sub-centre out of it."""
    whole = counts.copy()
    for centre, parent in partner.items():
        whole[parent] += whole[centre]
    rounded = rounded_by_year(whole[:, None] * weights * scale, years)
    for centre, parent in partner.items():
        # In a world of a few documents the two may be rounded apart.
        rounded[centre] = np.minimum(rounded[centre], rounded[parent])
        rounded[parent] -= rounded[centre]
    return rounded


def build_areas(gazetteer: Gazetteer, world: Calibration, scale: float, years: range) -> Areas:
    """Lay out the world at a scale: 1 is full size.

    `years` must be consecutive and include 2014-2018, the window of the calibration.
    """
    lightest = min(units(c.applications, c.articles, world) for c in world.clusters)
    # A user's table may hold clusters below the method's threshold, as WIPO's African one does.
    threshold = min(MIN_POINTS, 0.42 * lightest)
    placed, is_free = lay_out(gazetteer, world, threshold)
    clusters = [p.cluster for p in placed]
    background = spread_background(gazetteer, world, clusters, is_free, threshold)
    unlocated = {kind: _unlocated(kind, clusters, background) for kind in KINDS}
    lost_in = sorted(set().union(*unlocated.values()))
    names = [c.name for c in clusters]
    names += [f"elsewhere in {c}" for c in background.countries]
    names += [f"unlocated in {c}" for c in lost_in]
    countries = [c.countries[0] for c in clusters] + background.countries + lost_in
    spreads = [p.spread for p in placed] + background.spreads
    partner = {i: p.parent for i, p in enumerate(placed) if p.parent >= 0}
    documents = {}
    for kind in KINDS:
        is_patent = kind == "patent"
        growth = _growth(names, countries, len(clusters), kind) * world.grows
        weights = year_weights(growth[:, 0], growth[:, 1], years)
        own = np.array([c.applications if is_patent else c.articles for c in clusters])
        of_clusters = _of_clusters(own, weights[: len(own)], scale, partner, years)
        by_year = world_by_year(
            APPLICATIONS if is_patent else ARTICLES,
            world.applications if is_patent else world.articles,
            years,
            world.grows,
        )
        of_world = rounded_by_year(by_year[None, :] * scale, years)[0]
        left = np.maximum(of_world - of_clusters.sum(axis=0), 0)
        lost = [unlocated[kind].get(country, 0.0) for country in lost_in]
        rest = np.concatenate([background.counts[:, KINDS.index(kind)], lost])
        of_rest = dealt(rest[:, None] * weights[len(own) :], left)
        documents[kind] = np.vstack([of_clusters, of_rest])
    return Areas(
        gazetteer=gazetteer,
        clusters=placed,
        partner=partner,
        names=names,
        countries=countries,
        is_located=np.arange(len(names)) < len(spreads),
        places=np.concatenate([s.rows for s in spreads]),
        place_area=np.repeat(np.arange(len(spreads)), [len(s.rows) for s in spreads]),
        place_share=np.concatenate([s.shares for s in spreads]),
        years=years,
        documents=documents,
        min_points=max(round(threshold * scale), 2),
    )
