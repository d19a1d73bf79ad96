"""What lies between neighbours: sub-centres that merge with a cluster, and cities that grow together.

Here: the published mergers, and the places that lay two dense areas within the method's 5 km of each
other without joining them. Add here a merger that the world must show. Not here: ties between
neighbours (`collaboration`).

Rule: method section 6. Two clusters may merge when cells of the two lie within 5 km. Between core
cells of two clusters there are always more than 15 km, so that their nearest cells are border cells.
The chain here is: dense city, core place (hold), border place (edge) | edge, hold, dense city.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipelines.simulation.calibration import Calibration, Cluster, read_rows
from pipelines.simulation.gazetteer import Gazetteer
from pipelines.simulation.geography import DENSE, Ground, find_way

CLEAR_KM = 16.1
"""Distance at which a dense place no longer makes another one core, wherever in its cell it lies."""

EDGE_THRESHOLDS = 0.15
"""Weight of a border place and of the place that holds it, in thresholds: few enough to stay sparse,
enough to be there at a small scale."""

CENTRE_PART = 0.82
"""Part of a sub-centre's output that its city makes: the lesser the whole, the denser its middle."""

JOINED_THRESHOLDS = DENSE
"""Weight of the two border places in the years in which they join their neighbours, in thresholds: half
in each, so that neither becomes large enough for the cluster's name. At 1.1 Worcester fell off Boston
at the demo's scale."""

_CORRIDOR_KM = 60.0


@dataclass(frozen=True)
class Border:
    """Four places between neighbours, as rows of the gazetteer.

    Attributes:
        edge: border place of the cluster.
        hold: core place of the cluster that makes `edge` its border.
        other_edge: border place of the sub-centre.
        other_hold: core place of the sub-centre.
    """

    edge: int
    hold: int
    other_edge: int
    other_hold: int


@dataclass(frozen=True)
class Subcentre:
    """A part of a published cluster that is dense by itself.

    Attributes:
        parent: the published cluster without it.
        centre: the part.
        border: what lies between the two.
        joined: whether the two are one dense area until 2018 and from 2019. Where they are not, they
            are neighbours that merge by their ties.
    """

    parent: Cluster
    centre: Cluster
    border: Border
    joined: tuple[bool, bool]


def subcentre_of(gazetteer: Gazetteer, cluster: Cluster) -> Subcentre | None:
    """The published sub-centre of a cluster, if it has one."""
    for row in read_rows("subcentres.csv"):
        if cluster.cities[0] != gazetteer.row_of(int(row["parent_id"])):
            continue
        centre = gazetteer.row_of(int(row["place_id"]))
        share = float(row["share"])
        rest, part = (
            replace(cluster, applications=cluster.applications * s, articles=cluster.articles * s)
            for s in (1 - share, share)
        )
        places = ("edge_id", "hold_id", "other_edge_id", "other_hold_id")
        return Subcentre(
            replace(rest, cities=tuple(city for city in cluster.cities if city != centre)),
            replace(part, name=row["name"], cities=(centre,), countries=cluster.countries[:1]),
            Border(*(gazetteer.row_of(int(row[place])) for place in places)),
            (row["joined_until_2018"] == "yes", row["joined_from_2019"] == "yes"),
        )
    return None


def grown_together(gazetteer: Gazetteer, world: Calibration) -> list[tuple[int, int]]:
    """Pairs of published clusters that become one dense area from 2019, as numbers in the ranking."""
    number = {cluster.cities[0]: i for i, cluster in enumerate(world.clusters)}
    pairs = [
        (gazetteer.row_of(int(row["place_id"])), gazetteer.row_of(int(row["other_place_id"])))
        for row in read_rows("grown_together.csv")
    ]
    return [(number[a], number[b]) for a, b in pairs if a in number and b in number]


def corridor(ground: Ground, start: Cluster, goal: Cluster, weight: float) -> dict[int, float]:
    """Places between two clusters and the parts of the first one's output that make them dense.

    Every second place of the way is dense, the others are core by lying beside one.

    Args:
        ground: what the corridor may stand on.
        start: the cluster that makes the output.
        goal: the other cluster.
        weight: output of `start` in the years in which the corridor must become dense.
    """
    first, last = start.cities[0], goal.cities[0]
    usable = ground.usable([first, last], _CORRIDOR_KM, {*start.countries, *goal.countries}, 0)
    way = find_way(ground.gazetteer, first, last, usable)[:-1]
    heavy = DENSE * ground.threshold / weight
    return {row: heavy if i % 2 else 0.05 * heavy for i, row in enumerate(way)}


def keep_off(
    gazetteer: Gazetteer, rows: Collection[int], but: Collection[int]
) -> NDArray[np.int64]:
    """Rows of the places that lie too near to some places, those named in `but` left out."""
    return np.setdiff1d(gazetteer.within(list(rows), CLEAR_KM), list(but))
