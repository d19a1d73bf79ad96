"""Inhabitants in and around clusters, from a population raster or from the gazetteer's places.

Here: what counts as near a cluster and the two ways to add people up. Add another source of population
here. Not here: intensity itself (`sql/indicators/ranking.sql`).

WIPO counts inhabitants within 0.05 degrees of a cluster's points (method 8 [V]). Degrees are taken as
they stand, one of longitude for one of latitude, so the belt narrows towards the poles as WIPO's does.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from pipelines.errors import UserError

if TYPE_CHECKING:
    from rasterio import DatasetReader
    from rasterio.windows import Window

REACH_DEG = 0.05
"""How far around a cluster's points its inhabitants live [V]."""

DEGREES = "EPSG:4326"
"""Longitudes and latitudes of WGS 84, as of the points."""

_INCLUSIVE_REACH_DEG = REACH_DEG * (1 + 1e-9)
"""What lies at the reach lies within it, whatever the last bit of a difference of degrees says."""

Floats = NDArray[np.float64]


class _Belt:
    """A cluster's points with the reach around them, on longitudes that do not break at 180."""

    def __init__(self, lat_deg: Floats, lng_deg: Floats) -> None:
        if np.ptp(lng_deg) > 180:
            lng_deg = lng_deg % 360
        reach = _INCLUSIVE_REACH_DEG
        self.south, self.north = lat_deg.min() - reach, lat_deg.max() + reach
        self.west, self.east = lng_deg.min() - reach, lng_deg.max() + reach
        self._tree = cKDTree(np.column_stack([lng_deg, lat_deg]))

    def people(self, lat_deg: Floats, lng_deg: Floats, people: Floats) -> float:
        """Sum of the people at those of some locations that lie within reach."""
        east_of_edge = (lng_deg - self.west) % 360
        near = (
            (people > 0)
            & (lat_deg >= self.south)
            & (lat_deg <= self.north)
            & (east_of_edge <= self.east - self.west)
        )
        locations = np.column_stack([self.west + east_of_edge[near], lat_deg[near]])
        distance, _ = self._tree.query(locations, distance_upper_bound=_INCLUSIVE_REACH_DEG)
        return float(people[near][np.isfinite(distance)].sum())


def population_of_places(points: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Inhabitants of the places that lie near each cluster's points.

    A place counts whole or not at all, so figures are rough: a city whose centre lies outside is
    missing, and districts that the gazetteer lists count beside their city. On the made world of 2020 the
    figures are 0.85 of WIPO's in the median, 0.43 to 1.53 for four fifths of the clusters.

    Args:
        points: columns cluster_id, lat, lng in degrees; one row per cell of a cluster.
        places: columns lat, lng in degrees, population.

    Returns:
        Columns cluster_id, population; one row per cluster, by cluster_id.
    """
    settled = places.filter(pl.col("population") > 0).sort("lat", "lng", "population")
    lat, lng, people = (
        settled[column].cast(pl.Float64).to_numpy() for column in ("lat", "lng", "population")
    )

    def people_near(belt: _Belt) -> float:
        # places lie in the order of latitudes: only those of the belt are looked at
        first = np.searchsorted(lat, belt.south, side="left")
        last = np.searchsorted(lat, belt.north, side="right")
        return belt.people(lat[first:last], lng[first:last], people[first:last])

    return _by_cluster((cluster, people_near(belt)) for cluster, belt in _belts(points))


def population_near(points: pl.DataFrame, raster: Path) -> pl.DataFrame:
    """Inhabitants of the raster's pixels whose centres lie near each cluster's points.

    Args:
        points: columns cluster_id, lat, lng in degrees; one row per cell of a cluster.
        raster: a raster of inhabitants per pixel, such as a GeoTIFF of GHS-POP, in any reference
            system. The first band is read, in windows; pixels without data count nobody.

    Returns:
        Columns cluster_id, population (whole persons); one row per cluster, by cluster_id.

    Raises:
        UserError: where the file is no raster or does not say where on Earth its pixels lie.
    """
    # GDAL comes with it: only where a raster is given
    import rasterio  # noqa: PLC0415
    from rasterio.errors import RasterioIOError  # noqa: PLC0415

    try:
        with rasterio.open(raster) as opened:
            if opened.crs is None:
                raise UserError(
                    f"population.raster: {raster.name} names no coordinate reference system. "
                    "Give a georeferenced raster of inhabitants per pixel, such as GHS-POP."
                )
            return _by_cluster(
                (cluster, _people_of_pixels(belt, opened)) for cluster, belt in _belts(points)
            )
    except RasterioIOError as error:
        raise UserError(
            f"population.raster: {raster.name} cannot be read as a raster ({error}). "
            "Give a georeferenced raster of inhabitants per pixel, such as a GeoTIFF of GHS-POP."
        ) from None


def _belts(points: pl.DataFrame) -> Iterator[tuple[str, _Belt]]:
    groups = points.sort("cluster_id", "lat", "lng").partition_by("cluster_id", maintain_order=True)
    for group in groups:
        yield group["cluster_id"][0], _Belt(group["lat"].to_numpy(), group["lng"].to_numpy())


def _by_cluster(people: Iterator[tuple[str, float]]) -> pl.DataFrame:
    return pl.DataFrame(
        [(cluster, round(persons)) for cluster, persons in people],
        schema={"cluster_id": pl.String, "population": pl.Int64},
        orient="row",
    )


def _people_of_pixels(belt: _Belt, raster: "DatasetReader") -> float:
    """People within a belt, which may go on beyond the date line."""
    from rasterio.transform import xy  # noqa: PLC0415
    from rasterio.warp import transform, transform_bounds  # noqa: PLC0415

    found = 0.0
    for turn in (-360, 0, 360):
        west, east = max(belt.west + turn, -180), min(belt.east + turn, 180)
        if west >= east:
            continue
        box = transform_bounds(DEGREES, raster.crs, west, belt.south, east, belt.north)
        window = _pixels_of(box, raster)
        if window is None:
            continue
        people = raster.read(1, window=window, masked=True).filled(0).astype(np.float64)
        row, column = np.nonzero(people > 0)
        x, y = xy(raster.transform, row + window.row_off, column + window.col_off)
        lng, lat = transform(raster.crs, DEGREES, x, y)
        found += belt.people(np.asarray(lat), np.asarray(lng), people[row, column])
    return found


def _pixels_of(box: tuple[float, ...], raster: "DatasetReader") -> "Window | None":
    """The raster's pixels in a box, one more on each side; None where it lies beside the raster."""
    from rasterio.windows import Window, from_bounds  # noqa: PLC0415

    wanted = from_bounds(*box, transform=raster.transform)
    first_row = max(math.floor(wanted.row_off) - 1, 0)
    first_column = max(math.floor(wanted.col_off) - 1, 0)
    rows = min(math.ceil(wanted.row_off + wanted.height) + 1, raster.height) - first_row
    columns = min(math.ceil(wanted.col_off + wanted.width) + 1, raster.width) - first_column
    return Window(first_column, first_row, columns, rows) if rows > 0 and columns > 0 else None
