"""Outlines of clusters: the union of their H3 cells as one valid geometry.

Here: from cells to polygons and bounding boxes. Single cells live in `cells.py`; writing outlines
as GeoParquet or GeoJSON belongs to `pipelines/release/`.
"""

import h3.api.numpy_int as h3
import numpy as np
import polars as pl
import shapely

_PRECISION_DEG = 1e-7
"""Grid of the coordinates: a centimetre, far below a cell, and short in text."""

_GLOBE = shapely.box(-180, -90, 180, 90)

OUTLINES_SCHEMA = {
    "cluster": pl.Int64,
    "outline": pl.Binary,
    "west": pl.Float64,
    "south": pl.Float64,
    "east": pl.Float64,
    "north": pl.Float64,
}


def cluster_outlines(cells: pl.DataFrame) -> pl.DataFrame:
    """Outline and bounding box of each cluster.

    Args:
        cells: columns h3_cell (u64), cluster (i64), all cells of one resolution.

    Returns:
        One row per cluster, sorted by it: `outline` is a MultiPolygon as little-endian WKB in
        longitude and latitude (degrees, WGS 84), cut at the date line, outer rings anticlockwise
        (RFC 7946), in normal form, so that equal cells give equal bytes. `west` > `east` where the
        cluster lies across the date line (RFC 7946, 5.2).
    """
    rows = []
    by_cluster = cells.sort("cluster", "h3_cell").group_by("cluster", maintain_order=True)
    for cluster, own in by_cluster.agg("h3_cell").iter_rows():
        outline = outline_of(own)
        west, south, east, north = outline.bounds
        if (west, east) == (-180, 180):
            west, east = _across_date_line(outline)
        rows.append((cluster, shapely.to_wkb(outline, byte_order=1), west, south, east, north))
    return pl.DataFrame(rows, schema=OUTLINES_SCHEMA, orient="row")


def outline_of(cells: list[int]) -> shapely.MultiPolygon:
    """The union of H3 cells of one resolution, as `cluster_outlines` describes it."""
    parts = []
    for polygon in h3.cells_to_h3shape(cells, tight=False):
        part = _area_within(polygon.outer)
        holes = shapely.union_all([_area_within(hole) for hole in polygon.holes])
        parts.append(shapely.difference(part, holes))
    union = shapely.set_precision(shapely.union_all(parts), _PRECISION_DEG)
    polygons = [p for p in shapely.get_parts(union) if isinstance(p, shapely.Polygon)]
    return shapely.orient_polygons(shapely.normalize(shapely.MultiPolygon(polygons)))


def _area_within(ring: tuple[tuple[float, float], ...]) -> shapely.Geometry:
    """What a ring of (lat, lng) encloses, cut at the date line into longitudes -180 to 180."""
    lat, lng = np.array([*ring, ring[0]]).T
    if np.ptp(lng) < 180:
        return _valid(lng, lat)
    lng = np.unwrap(lng, period=360)
    if abs(lng[-1] - lng[0]) > 180:  # The ring goes around a pole: lead it there and back.
        pole = np.sign(lat.mean()) * 90
        lng, lat = np.append(lng, [lng[-1], lng[0]]), np.append(lat, [pole, pole])
    else:  # Unwrapping may put the last corner a hair beside the first.
        lng, lat = lng[:-1], lat[:-1]
    return shapely.union_all(
        [shapely.intersection(_valid(lng + turn, lat), _GLOBE) for turn in (-360, 0, 360)]
    )


def _valid(lng: np.ndarray, lat: np.ndarray) -> shapely.Geometry:
    """The polygon of a ring; within a few cells of a pole, straight edges on the map may cross."""
    return shapely.make_valid(shapely.Polygon(np.column_stack([lng, lat])))


def _across_date_line(outline: shapely.MultiPolygon) -> tuple[float, float]:
    """West and east of what lies across the date line: the edges of the widest gap."""
    spans = sorted(polygon.bounds[0::2] for polygon in outline.geoms)
    end, gap = -180.0, (0.0, -180.0, 180.0)
    for west, east in spans:
        gap = max(gap, (west - end, west, end))
        end = max(end, east)
    return gap[1], gap[2]
