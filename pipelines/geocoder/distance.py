"""Distances on the sphere, for single pairs of points.

Here: the great-circle distance and the one distance that several modules share. Not here: distances
between arrays of points (`pipelines.delineation`).
"""

import math

# that of `delineation/sphere.py`, whose every change would make all geocoding anew
EARTH_RADIUS_KM = 6371.0088
# Two points nearer than this are one town to whoever wrote the address.
SAME_PLACE_KM = 25.0


def distance_km(a_lat: float, a_lng: float, b_lat: float, b_lng: float) -> float:
    """Great-circle distance in km between two points in degrees."""
    lat1, lat2 = math.radians(a_lat), math.radians(b_lat)
    half_lat = math.sin((lat2 - lat1) / 2)
    half_lng = math.sin(math.radians(b_lng - a_lng) / 2)
    square = half_lat * half_lat + math.cos(lat1) * math.cos(lat2) * half_lng * half_lng
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(square)))
