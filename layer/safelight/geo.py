"""Places on the globe: distances, centres and boxes. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import asin, atan2, cos, degrees, hypot, radians, sin, sqrt

EARTH_KM = 6371.0088
"""The mean radius of the Earth (IUGG)."""

Position = tuple[float, float]
"""Latitude and longitude in decimal degrees."""

Vector = tuple[int, int, int]
"""A sum of points on the unit sphere, in millionths: whole numbers, which add up in any order."""

_UNIT = 1_000_000


@dataclass(frozen=True)
class Box:
    """Bounds in decimal degrees; `west` exceeds `east` where they span the antimeridian (RFC 7946, 5.2)."""

    south: float
    west: float
    north: float
    east: float


def distance_km(here: Position, there: Position) -> float:
    """Return the great-circle distance between two places (haversine formula)."""
    south, north = radians(here[0]), radians(there[0])
    east = radians(there[1] - here[1])
    chord = hypot(sin((north - south) / 2), sqrt(cos(south) * cos(north)) * sin(east / 2))
    return 2 * EARTH_KM * asin(min(1.0, chord))


def vector_of(position: Position) -> Vector:
    """Return the point on the unit sphere at `position`, in millionths."""
    latitude, longitude = radians(position[0]), radians(position[1])
    flat = cos(latitude)
    return (
        round(_UNIT * flat * cos(longitude)),
        round(_UNIT * flat * sin(longitude)),
        round(_UNIT * sin(latitude)),
    )


def centre_of(vector: Vector) -> Position:
    """Return the place in the middle of points whose sum is `vector`, to 5 decimals of a degree."""
    x, y, z = vector
    return round(degrees(atan2(z, hypot(x, y))), 5), round(degrees(atan2(y, x)), 5)


def box_of(south: float, north: float, spans: Mapping[str, tuple[float, float]]) -> Box:
    """Return the smallest box around `spans` of longitudes: it leaves out the widest gap between them."""
    ordered = sorted(spans.values())
    gaps = [(360 + ordered[0][0] - ordered[-1][1], -len(ordered), ordered[-1][1], ordered[0][0])]
    gaps += [(b[0] - a[1], -index, a[1], b[0]) for index, (a, b) in enumerate(pairwise(ordered))]
    _, _, last, first = max(gaps)
    return Box(south=south, west=first, north=north, east=last)
