"""From the sphere to the picture: projections, paths, coastlines.

Here: Gall's stereographic projection for the world (cylindrical: north is up everywhere, so that
outlines keep their shape when one zooms in; true to scale at 45 degrees, near which most clusters
lie), a local one in kilometres for a cluster's map, SVG paths, Natural Earth's coastlines. Not here:
what is drawn (`worldmap.py`, `clustermap.py`).
"""

import json
import math
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import shapely.affinity
from numpy.typing import NDArray

from pipelines.delineation.sphere import EARTH_RADIUS_KM

DATA = Path(__file__).parent / "data"
SOUTH_DEG, NORTH_DEG = -57.0, 78.0
"""Edges of the world's picture: beyond lies ice."""
WEST_DEG = -169.0
"""Its left edge, in the Bering Strait, where the cut meets no land but ice."""

Points = np.ndarray[Any, np.dtype[np.float64]]
Projection = Callable[[Points], Points]
"""From longitudes and latitudes in degrees to x and y of the picture, y downwards."""


def gall(width: float) -> Projection:
    """Gall's stereographic projection of the world into a picture of a given width.

    Longitudes run from `WEST_DEG` on (`eastwards`).

    Source: J. P. Snyder, Map Projections - A Working Manual, USGS 1395 (1987), cylindrical
    stereographic with standard parallel 45 degrees.
    """
    scale = width / 360

    def project(lng_lat: Points) -> Points:
        x = (lng_lat[:, 0] - WEST_DEG) * scale
        return np.column_stack([x, (_gall_y(NORTH_DEG) - _gall_y(lng_lat[:, 1])) * scale])

    return project


def eastwards(lng_deg: float) -> float:
    """A longitude counted from the picture's left edge on, up to 191 degrees east."""
    return (lng_deg - WEST_DEG) % 360 + WEST_DEG


def gall_height(width: float) -> float:
    """Height of the world's picture of a given width."""
    return float((_gall_y(NORTH_DEG) - _gall_y(SOUTH_DEG)) * width / 360)


def _gall_y(lat_deg: float | Points) -> Any:
    """In degrees of longitude on the map."""
    half = np.tan(np.radians(lat_deg) / 2)
    return np.degrees((1 + math.sqrt(2) / 2) * half) * math.sqrt(2)


def local(lng: float, lat: float) -> Projection:
    """Equirectangular around a place: x and y in kilometres, right to a few per cent nearby."""
    km_per_degree = math.radians(EARTH_RADIUS_KM)

    def project(lng_lat: Points) -> Points:
        east = (lng_lat[:, 0] - lng + 180) % 360 - 180
        x = east * math.cos(math.radians(lat)) * km_per_degree
        return np.column_stack([x, (lat - lng_lat[:, 1]) * km_per_degree])

    return project


def path_of(shape: shapely.Geometry, decimals: int) -> str:
    """The rings of polygons as an SVG path: relative, whole steps of the last decimal.

    Rings that shrink to less than three points at that precision are left out.
    """
    rings = (
        shapely.get_coordinates(ring)
        for polygon in shapely.get_parts(shape)
        if polygon.geom_type == "Polygon"
        for ring in (polygon.exterior, *polygon.interiors)
    )
    return "".join(_ring_path(ring, decimals) for ring in rings)


def _ring_path(ring: Points, decimals: int) -> str:
    steps = np.round(ring * 10**decimals).astype(np.int64)
    kept = np.concatenate([[True], np.any(np.diff(steps, axis=0) != 0, axis=1)])
    steps = steps[kept][:-1] if np.array_equal(steps[0], steps[-1]) else steps[kept]
    if len(steps) < 3:
        return ""
    start, moves = steps[0], np.diff(steps, axis=0)
    return f"M{_joined(start, decimals)}l{_joined(moves, decimals)}z"


def _joined(pairs: NDArray[np.int64], decimals: int) -> str:
    text = " ".join(_short(steps, decimals) for steps in pairs.ravel().tolist())
    return text.replace(" -", "-")


def _short(steps: int, decimals: int) -> str:
    """Whole steps of a decimal place as a short decimal number: -25 at 2 decimals is `-.25`."""
    if decimals == 0 or steps == 0:
        return str(steps)
    whole, fraction = divmod(abs(steps), 10**decimals)
    digits = f"{fraction:0{decimals}d}".rstrip("0")
    sign = "-" if steps < 0 else ""
    return f"{sign}{whole or ''}.{digits}" if digits else f"{sign}{whole}"


@cache
def coastlines() -> shapely.Geometry:
    """The world's land in degrees from `WEST_DEG` eastwards, Antarctica left out."""
    topology = json.loads((DATA / "land-50m.json").read_bytes())
    scale, shift = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    arcs = [np.cumsum(arc, axis=0) * scale + shift for arc in topology["arcs"]]

    def ring(indices: list[int]) -> Points:
        # a negative index is the arc of its complement, backwards; arcs share their end points
        pieces = [arcs[index] if index >= 0 else arcs[~index][::-1] for index in indices]
        return np.concatenate([pieces[0], *(piece[1:] for piece in pieces[1:])])

    pieces = [
        piece
        for geometry in topology["objects"]["land"]["geometries"]
        for rings in _polygons(geometry)
        for piece in _cut([ring(indices) for indices in rings])
    ]
    return shapely.MultiPolygon(pieces)


def _polygons(geometry: dict[str, Any]) -> list[list[list[int]]]:
    arcs: list[Any] = geometry["arcs"]
    return [arcs] if geometry["type"] == "Polygon" else arcs


def _cut(rings: list[Points]) -> list[shapely.Polygon]:
    """A polygon that may run across the date line, cut at the picture's edge; no Antarctica."""
    if rings[0][:, 1].max() < SOUTH_DEG:
        return []
    whole = shapely.make_valid(
        shapely.Polygon(_unrolled(rings[0]), [_unrolled(hole) for hole in rings[1:]])
    )
    turns = (shapely.affinity.translate(whole, turn) for turn in (-360, 0, 360))
    cut = (shapely.clip_by_rect(turned, WEST_DEG, -90, WEST_DEG + 360, 90) for turned in turns)
    return [
        part for piece in cut for part in shapely.get_parts(piece) if part.geom_type == "Polygon"
    ]


def _unrolled(ring: Points) -> Points:
    """Longitudes without a jump at the date line, around the meridian nearest to their mean."""
    lng = np.unwrap(ring[:, 0], period=360)
    return np.column_stack([lng - 360 * np.round(lng.mean() / 360), ring[:, 1]])
