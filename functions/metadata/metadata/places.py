"""Names the place of a position from GeoNames' towns, without a service: reverse geocoding.

The table `places.sqlite` holds GeoNames' `cities500` (places of 500 people or more, and seats of
administration; CC BY 4.0, geonames.org) with the codes of ISO 3166-1 and 3166-2. `make places` makes it.
It is read by pages of 4 KiB: nothing is loaded, and a position costs one to six short range scans.
"""

import sqlite3
from functools import cache
from math import asin, cos, degrees, floor, radians, sin
from pathlib import Path
from typing import NamedTuple, NotRequired, TypedDict

from safelight.geo import EARTH_KM, distance_km

TOWN_KM = 12
"""Within this distance the most populous place of the country gives the name: Vanves is Paris."""

LOCALITY_KM = 25
"""Beyond this distance from the nearest place, nobody would say that a photo was taken there."""

COUNTRY_KM = 100
"""Beyond this distance not even the country of the nearest place is given: it is the sea, or a desert."""

_CELLS_PER_DEGREE = 2
_ROW = 360 * _CELLS_PER_DEGREE
_TABLE = Path(__file__).with_name("places.sqlite")


class Place(TypedDict):
    """In English; codes of ISO 3166-1 alpha-2 and ISO 3166-2. `locality` is absent far from any town."""

    locality: NotRequired[str]
    region: NotRequired[str]
    region_code: NotRequired[str]
    country: str
    country_code: str


class _Town(NamedTuple):
    km: float
    population: int
    name: str
    region: int | None
    country: int


def place_of(latitude: float, longitude: float) -> Place | None:
    """Return the place of a position in degrees, or None where no place is near: at sea, in a desert.

    The country is that of the nearest place, so that a border is kept; the locality is the most populous
    of that country within `TOWN_KM`, or else the nearest.
    """
    # Most photos have a town within a few km; the wide search is for those that have none.
    near = _towns(latitude, longitude, TOWN_KM) or _towns(latitude, longitude, COUNTRY_KM)
    if not near:
        return None
    nearest = min(near)
    if nearest.km <= TOWN_KM:
        named = max(
            (town for town in near if town.country == nearest.country),
            key=lambda town: (town.population, -town.km),
        )
    else:
        named = nearest
    country_code, country = (
        _table().execute("SELECT code, name FROM country WHERE id = ?", (named.country,)).fetchone()
    )
    place: Place = {"country": country, "country_code": country_code}
    if nearest.km <= LOCALITY_KM:
        place["locality"] = named.name
    region = _table().execute("SELECT code, name FROM region WHERE id = ?", (named.region,)).fetchone()
    if region:
        place["region"] = region[1]
        if region[0]:
            place["region_code"] = region[0]
    return place


@cache
def _table() -> sqlite3.Connection:
    return sqlite3.connect(f"file:{_TABLE}?mode=ro&immutable=1", uri=True, check_same_thread=False)


def _towns(latitude: float, longitude: float, within_km: float) -> list[_Town]:
    """Return the places at most `within_km` from a position."""
    reach = degrees(within_km / EARTH_KM)
    south, north = max(latitude - reach, -90.0), min(latitude + reach, 89.999)
    # A cap that holds a pole spans every meridian; asin is the exact half width of any other.
    wide = abs(latitude) + reach >= 90
    across = 180.0 if wide else degrees(asin(sin(radians(reach)) / cos(radians(latitude))))
    west, east = _column(longitude - across), _column(longitude + across)
    if wide or east - west >= _ROW - 1:
        columns = [(0, _ROW - 1)]
    elif west < 0:
        columns = [(west + _ROW, _ROW - 1), (0, east)]
    elif east >= _ROW:
        columns = [(west, _ROW - 1), (0, east - _ROW)]
    else:
        columns = [(west, east)]
    found = []
    for row in range(_row(south), _row(north) + 1):
        for first, last in columns:
            for place in _table().execute(
                "SELECT latitude, longitude, population, name, region, country FROM place "
                "WHERE cell BETWEEN ? AND ?",
                (row * _ROW + first, row * _ROW + last),
            ):
                km = distance_km((latitude, longitude), (place[0] / 1000, place[1] / 1000))
                if km <= within_km:
                    found.append(_Town(km, *place[2:]))
    return found


def _row(latitude: float) -> int:
    return floor((latitude + 90) * _CELLS_PER_DEGREE)


def _column(longitude: float) -> int:
    return floor((longitude + 180) * _CELLS_PER_DEGREE)
