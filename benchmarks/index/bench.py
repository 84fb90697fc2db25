"""Measures the index of a large library: its size, its changes, and every question that is asked of it.

`make bench-index` runs it and prints the tables of docs/search.md. The records are real ones of the demo's
roll, in records.json, with other keys, times, places, people, labels and words.
"""

import argparse
import json
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from safelight.index import lists, schema, search
from safelight.index.changes import apply
from safelight.index.lists import Filter
from safelight.keys import album_of, filename_of, memory_record_id, person_record_id, photo_id
from safelight.scope import Scope

ROUNDS = 40
AT_ONCE = 500

SYLLABLES = (
    "ba bel can dor el fa gar ho is ka lan mar na or pe ra sa tel un vi wa zo".split()  # noqa: SIM905 (readable)
)
THINGS = [
    "Beach",
    "Mountain",
    "Dog",
    "Cat",
    "Car",
    "Bicycle",
    "Tree",
    "Flower",
    "Food",
    "Cake",
    "Receipt",
    "Document",
    "Tram",
    "Bridge",
    "Castle",
    "Church",
    "Boat",
    "Lake",
    "River",
    "Snow",
    "Sunset",
    "Portrait",
    "Crowd",
    "Wedding",
    "Birthday",
    "Concert",
    "Stage",
    "Guitar",
    "Horse",
    "Sheep",
    "Bird",
    "Turtle",
    "Fish",
    "Tent",
    "Campfire",
    "Garden",
    "Kitchen",
    "Table",
    "Book",
    "Phone",
    "Computer",
    "Museum",
    "Painting",
    "Statue",
    "Airplane",
    "Train",
    "Station",
    "Road",
]
COLORS = ["#553523", "#1040c0", "#209030", "#c01020", "#808080", "#e0e0e0", "#202020", "#ffe000", "#6080b0"]


def words(chance: random.Random, count: int) -> list[str]:
    """Return invented words; a few are frequent, as words are."""
    return [
        "".join(chance.choices(SYLLABLES, k=chance.choice((2, 2, 3, 3, 4)))).capitalize()
        for _ in range(count)
    ]


def library(count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Yield the records of a library of so many photos, people first: 15 years, in order of time."""
    chance = random.Random(seed)
    seeds = json.loads(Path(__file__).with_name("records.json").read_text())
    people = [f"{chance.getrandbits(48):012x}" for _ in range(200)]
    names, towns = words(chance, 400), words(chance, 300)
    albums = [f"{2010 + at % 15}/{' '.join(words(chance, 2))}" for at in range(count // 250 + 1)]
    vocabulary = words(chance, 20_000)
    labels = THINGS + [" ".join(words(chance, 1 + at % 2)) for at in range(500)]
    cameras = [(make, f"{make} {model}") for make in words(chance, 6) for model in words(chance, 4)]
    for at, person in enumerate(people):
        yield {
            "id": person_record_id(person), "album": "people", "timeline": f"person#{person}",
            "person_id": person, "face_count": 3, "not_same": [], "absorbing": [], "told": {}, "version": 1,
            **({"name": f"{names[at]} {names[-at - 1]}"} if at < 120 else {}),
        }  # fmt: skip
    at, step = datetime(2010, 1, 1, 8), timedelta(days=15 * 365) / count
    for number in range(count):
        at += step * chance.expovariate(1)
        record = json.loads(json.dumps(chance.choice(seeds)))
        key = f"{albums[number // 250]}/IMG_{number:06}.JPG"
        taken = at.isoformat(timespec="seconds") if chance.random() > 0.02 else None
        record |= {
            "id": photo_id(key), "key": key, "album": album_of(key), "filename": filename_of(key),
            "timeline": f"photo#{taken or 'undated'}", "taken_at": taken,
            "memory_id": f"{number // 40:020x}",
        }  # fmt: skip
        version = f"{chance.getrandbits(131):022x}"[:22]
        for rendition in record["renditions"].values():
            rendition["key"] = f"renditions/{key}/{version}/{rendition['key'].rpartition('/')[2]}"
        record["facts"]["dominant_color"] = chance.choice(COLORS)
        metadata = record["metadata"]
        metadata["taken_at"] = taken
        if chance.random() < 0.6:
            town = min(int(chance.expovariate(1 / 40)), 299)
            metadata["place"] = {
                "locality": towns[town],
                "region": towns[town % 30],
                "country": towns[town % 12],
                "country_code": f"{town % 12:02}",
            }
            metadata["gps"] = {"latitude": chance.uniform(-60, 70), "longitude": chance.uniform(-180, 180)}
        make, model = chance.choice(cameras)
        metadata["camera"], metadata["lens"] = (
            {"make": make, "model": model},
            {"model": f"{make} 24-70mm f/2.8"},
        )
        if chance.random() < 0.1:
            metadata["title"] = " ".join(chance.choices(vocabulary, k=3))
            metadata["keywords"] = chance.choices(vocabulary, k=4)
        found = {
            labels[min(int(chance.expovariate(1 / 60)), len(labels) - 1)]
            for _ in range(chance.randint(2, 14))
        }
        record["tags"]["labels"] = [
            {
                "name": name,
                "confidence": 80.0,
                "parents": ["Nature"] if len(name) % 3 else [],
                "categories": [],
                "instances": [],
            }
            for name in sorted(found)
        ]
        record["tags"]["text"] = chance.choices(vocabulary, k=12) if chance.random() < 0.08 else []
        record["people"] = sorted(
            {
                people[min(int(chance.expovariate(1 / 25)), 199)]
                for _ in range(chance.choice((0, 0, 0, 1, 2, 3)))
            }
        )
        yield record
        if number % 40 == 0 and taken:
            yield {
                "id": memory_record_id(f"{number // 40:020x}"), "album": record["album"],
                "timeline": f"memory#{taken}", "memory_id": f"{number // 40:020x}", "kind": "event",
                "title": "Three days in Koror, August 2025", "starts_at": taken, "ends_at": taken,
                "photo_count": 40, "cover_key": key, "highlights": [key], "score": 0.6, "version": 1,
            }  # fmt: skip


def made(path: Path, count: int) -> tuple[sqlite3.Connection, float]:
    """Return a file of so many photos, and how long it took without making up the records."""
    index, seconds, batch = schema.created(path), 0.0, dict[str, Any]()
    for record in library(count):
        batch[record["id"]] = record
        if len(batch) == AT_ONCE:
            seconds += timed(partial(apply, index, batch))
            batch = {}
    return index, seconds + timed(partial(apply, index, batch))


def timed(ask: Callable[[], Any]) -> float:
    """Return how many seconds something takes."""
    started = time.perf_counter()
    ask()
    return time.perf_counter() - started


def questions(index: sqlite3.Connection) -> dict[str, Callable[[], Any]]:
    """Return what is asked of a library, by its name."""
    album = index.execute("SELECT album FROM photo LIMIT 1 OFFSET 3000").fetchone()[0]
    year = album.partition("/")[0]
    (person, name), (place, town) = (
        index.execute(f"SELECT id, name FROM {table} WHERE name > '' ORDER BY id LIMIT 1").fetchone()
        for table in ("person", "place")
    )
    deep = lists.photos(index, Filter(month="2012-06"), None, None, 100).next
    guest, some = Scope(album=year), Scope(keys=frozenset(
        key for (key,) in index.execute("SELECT key FROM photo LIMIT 500 OFFSET 4000")))  # fmt: skip

    def photos(scope: Scope | None = None, cursor: str | None = None, **which: str) -> Callable[[], Any]:
        return lambda: lists.photos(index, Filter(**which), scope, cursor, 100)

    first = name.split()[0].lower()
    return {
        "timeline": lambda: lists.timeline(index, Filter(), None),
        "timeline of an album with 1/15 of all": lambda: lists.timeline(index, Filter(album=year), None),
        "timeline of a guest": lambda: lists.timeline(index, Filter(), guest),
        "timeline of a search": lambda: lists.timeline(index, Filter(q="beach"), None),
        "photos, first page": photos(),
        "photos of a month": photos(month="2016-03"),
        "photos, deep in a month": photos(month="2012-06", cursor=deep),
        "photos of an album": photos(album=album),
        "photos of an album with 1/15 of all": photos(album=year),
        "photos of a person": photos(person=person),
        "photos of a place": photos(place=place),
        "photos of a memory": photos(memory=f"{70:020x}"),
        "photos of a guest, an album": photos(scope=guest),
        "photos of a guest, 500 photos": photos(scope=some),
        "albums": lambda: lists.albums(index, None, None, 100),
        "memories": lambda: lists.memories(index, None, 100),
        "people": lambda: lists.people(index, None, 100),
        "places": lambda: lists.places(index, None, 100),
        "statuses": lambda: lists.statuses(index),
        "search: a name": photos(q=first),
        "search: a name and a thing": photos(q=f"{first} beach"),
        "search: a town and a year": photos(q=f"{town} 2016"),
        "search: a label": photos(q="receipt"),
        "search: the first letters": photos(q="bea"),
        "search: two letters": photos(q="be"),
        "search: a year": photos(q="2016"),
        "search: a day": photos(q="2016-03-04"),
        "search: a colour": photos(q="blue"),
        "search: a colour and a thing": photos(q="red car"),
        "search: mistyped": photos(q="recepit"),
        "search: mistyped, two words": photos(q="brigde wedidng"),
        "search: nothing": photos(q="qqqxqq"),
        "search: what all photos have": photos(q="jpg"),
        "search of a guest": photos(scope=guest, q="beach"),
        "suggestions, one letter": lambda: search.suggestions(index, "b"),
        "suggestions, three letters": lambda: search.suggestions(index, "bea"),
        "suggestions, a second word": lambda: search.suggestions(index, f"{first} be"),
    }


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--photos", type=int, default=100_000)
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        path = asked.keep or Path(directory) / "index.sqlite"
        index, seconds = made(path, asked.photos)
        changes = [record for record in library(1000, seed=1) if record["id"].startswith("photo/")]
        print(f"| {asked.photos:,} photos | |\n|---|---|")
        print(f"| size of the file | {path.stat().st_size / 1e6:.0f} MB |")
        print(f"| made of records | {seconds:.0f} s |")
        for count in (1, 100):
            some = [{it["id"]: it for it in changes[at : at + count]} for at in range(0, 900, 100)]
            slowest = sorted(timed(partial(apply, index, batch)) for batch in some)[-1]
            print(f"| {count} changes applied, slowest of {len(some)} | {slowest * 1000:.0f} ms |")
        index.close()
        reader = schema.readable(path)
        print("\n| Question | median | p95 |\n|---|---|---|")
        for name, ask in questions(reader).items():
            ask()
            took = sorted(timed(ask) * 1000 for _ in range(ROUNDS))
            print(
                f"| {name} | {took[len(took) // 2]:.1f} ms | {took[int(len(took) * 0.95)]:.1f} ms |",
                flush=True,
            )


if __name__ == "__main__":
    main()
