"""The world map of clusters.

Here: where circles, names and outlines lie in a picture of `WIDTH` by `HEIGHT`. Not here: how it is
drawn (`templates/worldmap.svg`), how it is zoomed (`templates/report.js`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely

from pipelines.contracts.indicators import LEAD_PERCENT
from pipelines.report.geometry import Points, coastlines, eastwards, gall, gall_height, path_of
from pipelines.report.labels import Anchor, Box, Label, place_labels
from pipelines.report.source import Release
from pipelines.report.tables import Ranked

WIDTH = 1200
HEIGHT = round(gall_height(WIDTH))
LABEL_SIZE = 13
_GREATEST_RADIUS = 26.0
_LEAST_RADIUS = 2.2
_LABELS = 20
_GUARDED = 30
"""Circles of the first clusters are not written over."""
_OUTLINE_POINTS = 300
_LEGEND = Box(0, HEIGHT - 130, 235, HEIGHT)
_LEGEND_SHARES = (0.10, 0.02, 0.005)
_LEADS = (
    ("patent-led", f"Patent-led: {LEAD_PERCENT} % or more"),
    ("science-led", f"Science-led: {LEAD_PERCENT} % or more"),
    ("balanced", "Balanced"),
)
_ALONE = {"patent": "PCT applications alone", "publication": "Articles alone"}


@dataclass(frozen=True)
class Spot:
    """A cluster on the map."""

    ranked: Ranked
    x: float
    y: float
    radius: float
    label: Label | None
    outline: str
    """SVG path, in the picture's units, visible where one zooms in."""


@dataclass(frozen=True)
class WorldMap:
    """The picture."""

    land: str
    spots: tuple[Spot, ...]
    """By rank."""
    marks: tuple[tuple[str, str], ...]
    """What each colour means."""
    legend: tuple[tuple[float, float], ...]
    """Shares and the radii of their circles."""


def world_map(release: Release, ranked: Sequence[Ranked]) -> WorldMap:
    """Lay out the world map."""
    project = gall(WIDTH)
    places = {
        row["cluster_id"]: (eastwards(row["lng"]), row["lat"]) for row in release.rows("clusters")
    }
    outlines = {row["cluster_id"]: row["geometry"] for row in release.rows("cluster_areas")}
    shown = [one for one in ranked if one.key in places]
    greatest = max((one.row["total_share"] for one in shown), default=0.0)
    points = project(np.array([places[one.key] for one in shown], dtype=float).reshape(-1, 2))
    radii = [_radius(one.row["total_share"], greatest) for one in shown]
    anchors = [
        Anchor(x, y, radius, one.name)
        for one, (x, y), radius in zip(shown, points.tolist(), radii, strict=True)
    ]
    guarded = [
        Box(a.x - a.radius * 0.7, a.y - a.radius * 0.7, a.x + a.radius * 0.7, a.y + a.radius * 0.7)
        for a in anchors[:_GUARDED]
    ]
    labels = place_labels(
        anchors, Box(0, 0, WIDTH, HEIGHT), LABEL_SIZE, limit=_LABELS, taken=[_LEGEND, *guarded]
    )
    return WorldMap(
        land=_land(),
        spots=tuple(
            Spot(
                ranked=one,
                x=round(anchor.x, 2),
                y=round(anchor.y, 2),
                radius=anchor.radius,
                label=label,
                outline=_outline(outlines.get(one.key)),
            )
            for one, anchor, label in zip(shown, anchors, labels, strict=True)
        ),
        marks=_LEADS if len(release.kinds) > 1 else tuple((k, _ALONE[k]) for k in release.kinds),
        legend=tuple(
            (share, _radius(share, greatest)) for share in _LEGEND_SHARES if share <= greatest
        ),
    )


def _radius(share: float, greatest: float) -> float:
    """Circles whose areas are as the shares; the smallest stay visible."""
    if not greatest:
        return _LEAST_RADIUS
    return round(max(_GREATEST_RADIUS * math.sqrt(share / greatest), _LEAST_RADIUS), 2)


@cache
def _land() -> str:
    projected = shapely.simplify(shapely.transform(coastlines(), gall(WIDTH)), 0.03)
    framed = shapely.clip_by_rect(projected, 0, 0, WIDTH, HEIGHT)
    islands = [part for part in shapely.get_parts(framed) if part.area > 0.05]
    return path_of(shapely.MultiPolygon(islands), decimals=2)


def _outline(well_known_binary: bytes | None) -> str:
    """An outline in at most `_OUTLINE_POINTS` points, where it has more with gaps closed."""
    if not well_known_binary:
        return ""
    shape = shapely.transform(shapely.from_wkb(well_known_binary), _project_outline)
    simple, reach = shape, 0.01
    while shapely.get_num_coordinates(simple) > _OUTLINE_POINTS:
        closed = shape.buffer(reach, join_style="mitre").buffer(-reach, join_style="mitre")
        simple = shapely.simplify(closed, reach / 2)
        reach *= 1.5
    return path_of(simple, decimals=3)


def _project_outline(lng_lat: Points) -> Points:
    # an outline lies around one place: its first point decides on which side of the edge
    turn = eastwards(lng_lat[0, 0]) - lng_lat[0, 0]
    return gall(WIDTH)(lng_lat + np.array([turn, 0.0]))
