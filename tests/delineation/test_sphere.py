"""Distances on the sphere, from nothing to half its circumference."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.delineation.sphere import EARTH_RADIUS_KM, great_circle_km, quantise


@pytest.mark.parametrize(
    ("one", "other", "degrees"),
    [
        ((0, 0), (0, 1), 1),
        ((0, 179.5), (0, -179.5), 1),
        ((89.5, 20), (89.5, -160), 1),
        ((90, 0), (90, 77), 0),
        ((0, 0), (90, 0), 90),
        ((60, 0), (60, 180), 60),
    ],
)
def test_distances_in_degrees_of_arc(
    one: tuple[float, float], other: tuple[float, float], degrees: float
) -> None:
    lat, lng = np.array([one, other], float).T
    points = quantise(lat, lng)
    (found,) = great_circle_km(points[:, :1], points[:, 1:])
    assert found == pytest.approx(np.radians(degrees) * EARTH_RADIUS_KM, abs=1e-6)


@given(st.floats(-90, 90), st.floats(-180, 0))
def test_the_antipode_is_half_the_circumference_away(lat: float, lng: float) -> None:
    """Where rounding can put the chord a hair beyond the diameter."""
    points = quantise(np.array([lat, -lat]), np.array([lng, lng + 180]))
    (found,) = great_circle_km(points[:, :1], points[:, 1:])
    assert found == pytest.approx(np.pi * EARTH_RADIUS_KM, abs=1)
