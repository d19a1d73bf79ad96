"""The sphere: points as exact whole numbers, radii as chords, distances along great circles.

Here: what every other module of the package knows of the Earth's shape. Searching for neighbours
belongs to `boxes.py`.

Coordinates are whole numbers of quanta of 2**-50 of the sphere's radius (6 nanometres on Earth),
held in float64, which holds them and their differences exactly.
"""

import math
from dataclasses import dataclass

import numpy as np

from pipelines.arrays import Floats

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth (IUGG), as the method prescribes."""

QUANTA = 2.0**50
"""Quanta in the sphere's radius."""

MARGIN = 1e-12
"""Relative distance at which floating point is trusted to tell one length from another."""

# Degrees, sines and rounding put each point off by at most 1.5 quanta: what is meant to be exactly
# at the radius then always counts as within it, whatever the orientation (8 quanta are 45 nm).
_SLACK_QUANTA = 8


@dataclass(frozen=True)
class Reach:
    """A radius as a chord: exact in quanta, and the float bounds below and above it."""

    chord: int
    inside: float
    outside: float

    @classmethod
    def of_km(cls, radius_km: float) -> "Reach":
        """The chord under an arc of `radius_km`; half the circumference reaches everything."""
        arc = min(radius_km / EARTH_RADIUS_KM, math.pi)
        chord = round(2 * math.sin(arc / 2) * QUANTA) + _SLACK_QUANTA
        return cls(chord, chord * (1 - MARGIN), chord * (1 + MARGIN))


def unit_vectors(lat_deg: Floats, lng_deg: Floats) -> Floats:
    """Points on the unit sphere, (n, 3)."""
    return np.ascontiguousarray(_axes(lat_deg, lng_deg).T)


def quantise(lat_deg: Floats, lng_deg: Floats) -> Floats:
    """Points on the sphere as whole quanta: float64 of shape (3, n)."""
    return np.rint(_axes(lat_deg, lng_deg) * QUANTA)


def _axes(lat_deg: Floats, lng_deg: Floats) -> Floats:
    """Coordinates of points on the unit sphere, (3, n)."""
    lat, lng = np.radians(lat_deg), np.radians(lng_deg)
    across = np.cos(lat)
    return np.stack([across * np.cos(lng), across * np.sin(lng), np.sin(lat)])


def arc_km(squared_chord: Floats) -> Floats:
    """Great-circle distances in km from squared chords in quanta."""
    half = np.sqrt(squared_chord) / (2 * QUANTA)
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(half, 1.0))


def great_circle_km(points: Floats, other: Floats) -> Floats:
    """Distances in km between quantised points, pairwise or broadcast: shape (3, n) or (3, 1)."""
    return arc_km(((points - other) ** 2).sum(axis=0))
