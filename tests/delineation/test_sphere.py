"""Distances on the sphere, from nothing to half its circumference."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.delineation.sphere import (
    EARTH_RADIUS_KM,
    QUANTA,
    Reach,
    great_circle_km,
    quantise,
    unit_vectors,
)


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


def test_a_degree_is_111_195_km() -> None:
    """Pi x 6371.0088 / 180."""
    points = quantise(np.array([0.0, 1.0]), np.zeros(2))
    (found,) = great_circle_km(points[:, :1], points[:, 1:])
    assert found == pytest.approx(111.195080, abs=1e-6)


@pytest.mark.parametrize(
    ("lat", "lng", "expected"),
    [
        (0, 0, (1, 0, 0)),
        (0, 90, (0, 1, 0)),
        (-90, 50, (0, 0, -1)),
        (30, -60, (3**0.5 / 4, -0.75, 0.5)),
    ],
)
def test_vectors_of_points(lat: float, lng: float, expected: tuple[float, float, float]) -> None:
    place = np.array([lat], float), np.array([lng], float)
    assert unit_vectors(*place)[0] == pytest.approx(expected, abs=1e-15)
    assert (quantise(*place)[:, 0] / QUANTA) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize(
    ("degrees", "chord"), [(60, 1), (90, 2**0.5), (180, 2), (270, 2), (0.001, 1.7453292519921e-5)]
)
def test_a_radius_is_the_chord_under_its_arc(degrees: float, chord: float) -> None:
    """More than half the circumference reaches no further; what is added is nanometres, never less."""
    reach = Reach.of_km(np.radians(degrees) * EARTH_RADIUS_KM)
    assert reach.chord == pytest.approx(chord * QUANTA, abs=20)
    assert reach.inside < reach.chord < reach.outside
    assert (reach.inside, reach.outside) == pytest.approx((reach.chord,) * 2, rel=1e-11)


@given(st.floats(-90, 90), st.floats(-180, 0))
def test_the_antipode_is_half_the_circumference_away(lat: float, lng: float) -> None:
    """Where rounding can put the chord a hair beyond the diameter."""
    points = quantise(np.array([lat, -lat]), np.array([lng, lng + 180]))
    (found,) = great_circle_km(points[:, :1], points[:, 1:])
    assert found == pytest.approx(np.pi * EARTH_RADIUS_KM, abs=1)
