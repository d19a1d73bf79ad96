"""Outlines: validity, area, orientation, holes, date line and poles."""

import h3.api.numpy_int as h3
import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.delineation.areas import cluster_outlines, outline_of


def disk(lat, lng, rings=4, resolution=8):
    return h3.grid_disk(h3.latlng_to_cell(lat, lng, resolution), rings).tolist()


def ring(lat, lng, rings=4, resolution=8):
    return h3.grid_ring(h3.latlng_to_cell(lat, lng, resolution), rings).tolist()


def frame(cells_by_cluster):
    rows = [(cell, c) for c, cells in cells_by_cluster.items() for cell in cells]
    return pl.DataFrame(rows, schema={"h3_cell": pl.UInt64, "cluster": pl.Int64}, orient="row")


def area_km2(outline):
    """Area on the sphere (authalic radius, as H3 has it), in the equal-area cylindrical projection."""
    flat = shapely.transform(
        outline, lambda p: np.column_stack([p[:, 0], np.sin(np.radians(p[:, 1]))])
    )
    return flat.area * np.radians(1) * 6371.0071809**2


def cells_km2(cells):
    return sum(h3.cell_area(cell, unit="km^2") for cell in cells)


def assert_sound(outline):
    assert isinstance(outline, shapely.MultiPolygon)
    assert outline.is_valid
    assert all(p.exterior.is_ccw for p in outline.geoms)
    assert not any(hole.is_ccw for p in outline.geoms for hole in p.interiors)
    west, south, east, north = outline.bounds
    assert -180 <= west <= east <= 180
    assert -90 <= south <= north <= 90


def test_a_disk_is_one_polygon_with_the_area_of_its_cells():
    cells = disk(48.85, 2.35)
    outline = outline_of(cells)
    assert_sound(outline)
    assert len(outline.geoms) == 1
    assert area_km2(outline) == pytest.approx(cells_km2(cells), rel=1e-4)


def test_a_ring_keeps_its_hole_and_two_towns_stay_two_parts():
    outline = outline_of(ring(48.85, 2.35) + disk(48.85, 3))
    assert_sound(outline)
    assert sorted(len(p.interiors) for p in outline.geoms) == [0, 1]


@pytest.mark.parametrize("lng", [180, 179.98, -179.98])
@pytest.mark.parametrize("shape", [disk, ring])
def test_the_date_line_cuts_and_the_box_says_so(shape, lng):
    cells = shape(-17, lng)
    outline = outline_of(cells)
    assert_sound(outline)
    assert area_km2(outline) == pytest.approx(cells_km2(cells), rel=1e-4)
    row = cluster_outlines(frame({0: cells})).row(0, named=True)
    assert 179.9 < row["west"] < 180
    assert -180 < row["east"] < -179.9
    assert -17.1 < row["south"] < row["north"] < -16.9


def test_the_box_across_the_date_line_holds_all_parts() -> None:
    """A part that lies before the end of another one in longitude, but not in latitude."""
    cells = disk(-17, 180, 12)
    alone = cluster_outlines(frame({0: cells})).row(0, named=True)
    both = cluster_outlines(frame({0: cells + disk(-16, -179.97, 1)})).row(0, named=True)
    assert (both["west"], both["east"]) == (alone["west"], alone["east"])
    assert both["north"] > alone["north"]


def test_a_box_up_to_the_date_line_from_one_side_is_an_ordinary_one():
    row = cluster_outlines(frame({0: disk(-17, 179.9)})).row(0, named=True)
    assert 179 < row["west"] < row["east"] < 180


@pytest.mark.parametrize("lat", [90, -90])
@pytest.mark.parametrize("shape", [disk, ring])
def test_the_poles(lat, shape):
    cells = shape(lat, 0, resolution=5)
    outline = outline_of(cells)
    assert_sound(outline)
    # edges of 8 km are straight on the map, not on the sphere
    assert area_km2(outline) == pytest.approx(cells_km2(cells), rel=5e-3)
    row = cluster_outlines(frame({0: cells})).row(0, named=True)
    assert (row["west"], row["east"]) == (-180, 180)
    pole = shapely.Point(10, lat * 0.99999)
    assert outline.contains(pole) == (shape is disk)


@settings(max_examples=40, deadline=None)
@given(st.floats(-90, 90), st.floats(-180, 180), st.integers(0, 2**32))
def test_any_cells_make_a_sound_outline_whatever_their_order(lat, lng, seed):
    rng = np.random.default_rng(seed)
    cells = rng.choice(disk(lat, lng), 25, replace=False).tolist()
    outline = outline_of(sorted(cells))
    assert_sound(outline)
    mixed = cluster_outlines(frame({0: cells}))["outline"][0]
    assert mixed == shapely.to_wkb(outline, byte_order=1)


def test_the_table_has_one_row_per_cluster():
    """Of many, in their order."""
    table = cluster_outlines(frame({9 - n: disk(5 * n, 20, 1) for n in range(9)}))
    assert table["cluster"].to_list() == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    shapes = shapely.from_wkb(table["outline"].to_list())
    for row, shape in zip(table.iter_rows(named=True), shapes, strict=True):
        assert (row["west"], row["south"], row["east"], row["north"]) == shape.bounds
    assert cluster_outlines(frame({})).is_empty()
