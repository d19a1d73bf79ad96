"""Inhabitants near a cluster's points, from places and from small rasters made here."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import from_origin

from pipelines.errors import UserError
from pipelines.indicators.population import population_near, population_of_places


def _points(*points: tuple[str, float, float]) -> pl.DataFrame:
    return pl.DataFrame(points, schema=["cluster_id", "lat", "lng"], orient="row")


def _places(*places: tuple[float, float, int]) -> pl.DataFrame:
    return pl.DataFrame(places, schema=["lat", "lng", "population"], orient="row")


def test_a_place_counts_whole_up_to_the_reach_and_once() -> None:
    points = _points(("a", 50.0, 10.0), ("a", 50.01, 10.0), ("b", 60.0, 10.0))
    places = _places(
        (50.0, 10.0, 1000),  # near both points
        (50.0, 10.05, 200),  # exactly at the reach
        (50.0, 10.0501, 7),  # just beyond
        (50.0, 9.951, 30),
        (50.05, 10.05, 5),  # in the corner: within 0.05 of each axis, not of a point
        (60.0, 10.0, 0),
    )
    assert population_of_places(points, places).rows() == [("a", 1230), ("b", 0)]


@pytest.mark.parametrize(("lat", "lng"), [(0, 1), (0, -1), (1, 0), (-1, 0)])
def test_what_lies_at_the_reach_counts_on_every_side_of_every_point(lat: int, lng: int) -> None:
    """52.06 - 0.05 is a hair above 52.01 in floating point, and so are many differences of degrees."""
    hundredths = range(-8500, 8500, 97)
    points = _points(*((f"{n:+}", n / 100, n / 50) for n in hundredths))
    places = _places(*((n / 100 + lat * 0.05, n / 50 + lng * 0.05, 1) for n in hundredths))
    written = places.with_columns(pl.col("lat", "lng").round(2))
    assert population_of_places(points, written)["population"].to_list() == [1] * len(hundredths)


def test_degrees_are_degrees_at_any_latitude() -> None:
    points = _points(("north", 69.0, 20.0), ("south", 0.0, 20.0))
    places = _places((69.0, 20.049, 1), (69.0, 20.051, 10), (0.0, 20.049, 100), (0.0, 20.051, 1000))
    assert population_of_places(points, places).rows() == [("north", 1), ("south", 100)]


def test_the_date_line_divides_nobody() -> None:
    points = _points(("a", -17.0, 179.99), ("a", -17.0, -179.99))
    places = _places((-17.0, 179.95, 1), (-17.0, -179.95, 10), (-17.0, 179.93, 100))
    assert population_of_places(points, places).rows() == [("a", 11)]
    beside = _points(("a", -17.0, 179.99))
    assert population_of_places(beside, places).rows() == [("a", 1)]
    assert population_of_places(beside, _places((-17.0, -179.97, 10))).rows() == [("a", 10)]


def test_greenwich_divides_nobody() -> None:
    """As London, on both sides of longitude 0."""
    points = _points(("a", 51.5, 0.1), ("a", 51.5, -0.1))
    places = _places((51.5, -0.12, 1), (51.5, 0.12, 10), (51.5, 0.0, 100), (51.49, 0.06, 1000))
    assert population_of_places(points, places).rows() == [("a", 1011)]


@given(
    st.lists(
        st.tuples(st.floats(-0.2, 0.2), st.floats(-0.2, 0.2), st.integers(0, 10**7)), min_size=1
    ),
    st.sampled_from([0, 90, 179.9, -180]),
    st.randoms(use_true_random=False),
)
@settings(deadline=None)
def test_order_and_place_on_the_globe_change_nothing(
    places: list[tuple[float, float, int]], lng: float, random: object
) -> None:
    points = _points(("a", 10.0, lng), ("a", 10.1, lng))
    found = population_of_places(
        points, _places(*((10 + lat, lng + east, people) for lat, east, people in places))
    )
    near = sum(
        people
        for lat, east, people in places
        if min(np.hypot(lat, east), np.hypot(lat - 0.1, east)) <= 0.05
    )
    on_the_edge = any(
        abs(np.hypot(lat - north, east) - 0.05) < 1e-6
        for lat, east, _ in places
        for north in (0, 0.1)
    )
    assert on_the_edge or found["population"].to_list() == [near]
    shuffled = list(places)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    again = population_of_places(
        points, _places(*((10 + lat, lng + east, people) for lat, east, people in shuffled))
    )
    assert again.equals(found)


@pytest.fixture
def raster(tmp_path: Path):
    """Writes a GeoTIFF of a band of people, with the upper left corner and pixel size given."""

    def write(
        people: np.ndarray, west: float, north: float, size: float, crs: str | None = "EPSG:4326"
    ) -> Path:
        path = tmp_path / "population.tif"
        height, width = people.shape
        with rasterio.open(
            path,
            "w",
            driver="GTiff",
            width=width,
            height=height,
            count=1,
            dtype="float64",
            crs=crs,
            transform=from_origin(west, north, size, size),
            nodata=-200,
        ) as file:
            file.write(people, 1)
        return path

    return write


def test_pixels_whose_centres_are_near(raster) -> None:
    # the point is a corner of four pixels of 0.01 degrees; of their neighbours' centres, at odd
    # multiples of 0.005, 80 lie within 0.05
    path = raster(np.full((40, 40), 2.0), 10.0, 50.0, 0.01)
    assert population_near(_points(("a", 49.8, 10.2)), path).rows() == [("a", 160)]


@pytest.mark.parametrize("north", np.arange(49.8, 49.81, 0.00125).tolist())
@pytest.mark.parametrize("east", [10.2, 10.2025, 10.2075])
def test_no_pixel_is_missed_at_the_edges_of_what_is_read(raster, north: float, east: float) -> None:
    """Wherever the point lies within a pixel."""
    path = raster(np.full((40, 40), 1.0), 10.0, 50.0, 0.01)
    lat, lng = 49.995 - 0.01 * np.arange(40), 10.005 + 0.01 * np.arange(40)
    apart = np.hypot(lat[:, None] - north, lng - east)
    assert not np.isclose(apart, 0.05, atol=1e-7).any(), "no pixel is at the reach itself"
    ((_, found),) = population_near(_points(("a", north, east)), path).rows()
    assert found == (apart < 0.05).sum()


def test_no_data_counts_nobody_and_fractions_add_up(raster) -> None:
    people = np.full((40, 40), 0.25)
    people[:20] = -200
    people[20, 20] = np.nan
    assert population_near(_points(("a", 49.8, 10.2)), raster(people, 10.0, 50.0, 0.01)).rows() == [
        ("a", round(39 * 0.25))
    ]


def test_beyond_the_rasters_edge_lives_nobody(raster) -> None:
    path = raster(np.full((40, 40), 1.0), 10.0, 50.0, 0.01)
    off = (("off", 0.0, 100.0), ("off east", 49.8, 100.0), ("off south", 0.0, 10.2))
    found = population_near(_points(("corner", 50.0, 10.0), *off), path)
    assert found.rows() == [("corner", 20), *((name, 0) for name, *_ in off)]


def test_a_raster_across_the_date_line(raster) -> None:
    # a belt around the globe of a degree's pixels but for 0.05 near the line
    path = raster(np.full((20, 18000), 1.0), -180.0, 0.2, 0.02)
    across = population_near(_points(("a", 0.0, 179.99), ("a", 0.0, -179.99)), path)
    inland = population_near(_points(("a", 0.0, 9.99), ("a", 0.0, 10.01)), path)
    assert across.equals(inland)
    assert across["population"][0] > 0
    # from one side too, whichever it is
    for lng in (179.99, -179.99):
        beside = population_near(_points(("a", 0.0, lng)), path)
        assert beside.equals(population_near(_points(("a", 0.0, 10.01)), path))


def test_a_projected_raster_gives_what_the_same_people_give_in_degrees(raster) -> None:
    # Mollweide, as GHS-POP comes: one person a square of 100 m; about 0.05 degrees around a point
    # on the equator, where Mollweide's scale is 0.9 along it and 1.1 across: area is true
    path = raster(np.full((400, 400), 1.0), -20_000, 20_000, 100, "ESRI:54009")
    (found,) = population_near(_points(("a", 0.0, 0.0)), path)["population"].to_list()
    # the authalic sphere is not the ellipsoid: within 2 % of the circle's area
    assert found == pytest.approx(np.pi * (0.05 * 111_320 / 100) ** 2, rel=0.02)


def test_a_file_that_is_no_raster_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "people.tif"
    path.write_text("no raster")
    with pytest.raises(UserError, match=r"people\.tif cannot be read as a raster"):
        population_near(_points(("a", 0.0, 0.0)), path)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_raster_without_a_reference_system_is_refused(raster) -> None:
    path = raster(np.ones((4, 4)), 0.0, 0.0, 1.0, None)
    with pytest.raises(UserError, match="coordinate reference system"):
        population_near(_points(("a", 0.0, 0.0)), path)
