"""Names the place of a position from GeoNames' towns, without a service: reverse geocoding.

The table `places.sqlite` holds GeoNames' `cities500` (places of 500 people or more, and seats of
administration; CC BY 4.0, geonames.org) with the codes of ISO 3166-1 and 3166-2, and the countries of the
time zones. `make places` makes it. It is read by pages of 4 KiB: nothing is loaded.
"""

import sqlite3
from collections.abc import Container
from functools import cache
from math import asin, cos, degrees, floor, radians, sin
from pathlib import Path
from typing import NamedTuple, NotRequired, TypedDict

from safelight.geo import EARTH_KM, Position, distance_km

TOWN_KM = 12
"""How far a town reaches at most where others are near, and how far the city around a town may be."""

LOCALITY_KM = 25
"""Beyond this distance from the nearest place, nobody would say that a photo was taken there."""

REGION_KM = 100
"""Beyond this distance from the nearest place the region is not known: it is the sea, or a desert."""

CITY_PEOPLE, CITY_TIMES = 100_000, 4
"""A city around a town has this many people at least, and this many times those of the town."""

_VILLAGE = 1000
"""What a place without known inhabitants counts as when towns are compared."""

_CELLS_PER_DEGREE = 4
_ROW = 360 * _CELLS_PER_DEGREE
_UNIT = 100_000
_TABLE = Path(__file__).with_name("places.sqlite")


class Place(TypedDict):
    """In English; codes of ISO 3166-1 alpha-2 and ISO 3166-2.

    locality: the town, absent far from any. district: the part of it. city: the much larger one around it.
    """

    locality: NotRequired[str]
    district: NotRequired[str]
    city: NotRequired[str]
    region: NotRequired[str]
    region_code: NotRequired[str]
    country: str
    country_code: str


class _Town(NamedTuple):
    km: float
    middle: Position
    country: int
    population: int
    name: str
    region: int | None
    district: int

    def off(self, power: float) -> tuple[float, int, str]:
        """Return what sorts places by how far off they are for their size: people to the `power`."""
        return self.km / max(self.population, _VILLAGE) ** power, -self.population, self.name


def place_of(latitude: float, longitude: float, zone: str) -> Place | None:
    """Return the place of a position in degrees, in the time zone `zone` of the tz database.

    The zone settles the country, the nearest place of that country the region, and the towns of that region
    the name. None on the high seas, whose zones are no country's.
    """
    countries = dict(_table().execute("SELECT country, main FROM zone WHERE name = ?", (zone,)).fetchall())
    if not countries:
        return None
    near = _towns((latitude, longitude), LOCALITY_KM, countries)
    around = near or _towns((latitude, longitude), REGION_KM, countries)
    # Beside administrative boundaries the nearest place is right more often than any measure with weights;
    # people count as much as decides between two that are about as near.
    nearest = min(around, key=lambda town: town.off(0.2), default=None)
    country = nearest.country if nearest else next(each for each, main in countries.items() if main)
    code, name = _table().execute("SELECT code, name FROM country WHERE id = ?", (country,)).fetchone()
    place: Place = {"country": name, "country_code": code}
    if nearest is None:
        return place
    region = _table().execute("SELECT code, name FROM region WHERE id = ?", (nearest.region,)).fetchone()
    if region:
        place["region"] = region[1]
        if region[0]:
            place["region_code"] = region[0]
    town = _town(near, nearest)
    if town is None:
        return place
    place["locality"] = town.name
    if nearest.district and nearest.name != town.name and _has(town, nearest):
        place["district"] = nearest.name
    people = max(CITY_PEOPLE, CITY_TIMES * town.population)
    cities = [
        each
        for each in near
        if each.km <= TOWN_KM and each.population >= people and each.country == country and not each.district
    ]
    if cities:
        place["city"] = max(cities, key=lambda each: (each.population, each.name)).name
    return place


def _town(near: list[_Town], nearest: _Town) -> _Town | None:
    """Return the town in which the place `nearest` lies, of those that are `near`.

    A town's width grows like the root of its people: the Eiffel Tower is in Paris, whose middle is farther
    off than that of Neuilly. Where nothing but districts is known, `nearest` is the town itself.
    """
    towns = [
        town
        for town in near
        if not town.district and (town.region, town.country) == (nearest.region, nearest.country)
    ]
    close = [town for town in towns if town.km <= TOWN_KM]
    if close:
        return min(close, key=lambda town: town.off(0.5))
    return min(towns, key=lambda town: town.off(0), default=nearest if nearest in near else None)


def _has(town: _Town, district: _Town) -> bool:
    """Return whether the middle of `district` lies in `town`, too, and not in the next one."""
    near = _towns(district.middle, LOCALITY_KM, {district.country})
    around = _town(near, district)
    return around is not None and around.name == town.name


@cache
def _table() -> sqlite3.Connection:
    return sqlite3.connect(f"file:{_TABLE}?mode=ro&immutable=1", uri=True, check_same_thread=False)


def _towns(position: Position, within_km: float, countries: Container[int]) -> list[_Town]:
    """Return the places of `countries` at most `within_km` from a position."""
    latitude, longitude = position
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
            for country, here, there, *rest in _table().execute(
                "SELECT country, latitude, longitude, population, name, region, district FROM place "
                "WHERE cell BETWEEN ? AND ? AND latitude BETWEEN ? AND ?",
                (row * _ROW + first, row * _ROW + last, south * _UNIT, north * _UNIT),
            ):
                middle = (here / _UNIT, there / _UNIT)
                if country in countries and (km := distance_km(position, middle)) <= within_km:
                    found.append(_Town(km, middle, country, *rest))
    return found


def _row(latitude: float) -> int:
    return floor((latitude + 90) * _CELLS_PER_DEGREE)


def _column(longitude: float) -> int:
    return floor((longitude + 180) * _CELLS_PER_DEGREE)
