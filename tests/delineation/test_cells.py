"""H3 cells against H3's own documented examples and by round trip."""

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.delineation import cells
from pipelines.errors import UserError


def test_a_documented_cell():
    """The example of H3's quick start, in San Francisco, and its parent."""
    point = pl.Series([37.775938728915946]), pl.Series([-122.41795063018799])
    found = cells.points_to_cells(*point, 9)
    assert found.dtype == pl.UInt64
    assert cells.cells_to_text(found).to_list() == ["8928308280fffff"]
    assert cells.cells_to_text(cells.points_to_cells(*point)).to_list() == ["8828308281fffff"]


def test_repeats_nulls_and_order():
    lat, lng = pl.Series([48.85, None, 10.0, 48.85]), pl.Series([2.35, 2.35, None, 2.35])
    found = cells.points_to_cells(lat, lng)
    assert found.is_null().to_list() == [False, True, True, False]
    assert found[0] == found[3]
    assert len(cells.points_to_cells(pl.Series([], dtype=pl.Float64), lng[:0])) == 0


@given(st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), min_size=1, max_size=20))
def test_a_centre_is_near_and_its_cell_is_the_same(points):
    lat, lng = (pl.Series(c, dtype=pl.Float64) for c in zip(*points, strict=True))
    found = cells.points_to_cells(lat, lng)
    centres = cells.cell_centres(found)
    assert cells.points_to_cells(centres["lat"], centres["lng"]).to_list() == found.to_list()
    for (a, b), (c, d) in zip(points, centres.iter_rows(), strict=True):
        p, q, r, s = map(math.radians, (a, b, c, d))
        half = math.sin((p - r) / 2) ** 2 + math.cos(p) * math.cos(r) * math.sin((q - s) / 2) ** 2
        # Edges of resolution 8 are 0.53 km on average and at most 0.66 km (H3's table of areas).
        assert 2 * 6371.0088 * math.asin(math.sqrt(half)) < 0.75


@given(st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), min_size=1, max_size=5))
def test_text_and_back(points):
    lat, lng = (pl.Series(c, dtype=pl.Float64) for c in zip(*points, strict=True))
    found = cells.points_to_cells(lat, lng)
    assert cells.text_to_cells(cells.cells_to_text(found)).to_list() == found.to_list()


def test_nulls_in_text():
    assert cells.text_to_cells(
        cells.cells_to_text(pl.Series([None], dtype=pl.UInt64))
    ).to_list() == [None]


@pytest.mark.parametrize(
    ("lat", "lng"),
    [(90.1, 0.0), (-90.1, 0.0), (0.0, 180.1), (0.0, -180.1), (float("nan"), 0.0)],
)
def test_points_off_the_globe(lat, lng):
    with pytest.raises(UserError, match="expected degrees"):
        cells.points_to_cells(pl.Series([lat]), pl.Series([lng]))


@pytest.mark.parametrize("text", ["", "xyz", "0", "8928308280ffff"])
def test_texts_that_are_no_cell(text):
    with pytest.raises(UserError, match="no H3 cell"):
        cells.text_to_cells(pl.Series([text]))
