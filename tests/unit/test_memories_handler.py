"""Grouping against the table of template.yaml: what is written, when it is refused, and twice over."""

import random
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import boto3
import pytest
from boto3.dynamodb.types import TypeDeserializer

from memories import library
from memories.events import DatedPhoto, events_of
from memories.grouping import WRITING_SECONDS, plan_of
from memories.handler import handler
from safelight.attributes import attribute_value
from safelight.errors import MemoriesChanged, Misconfigured

ALBUM = "trips/Rome 2024"
NOON = "2024-05-03T12:00:00"


@pytest.fixture(autouse=True)
def _fresh_client(library_table: str) -> Iterator[None]:
    library.dynamodb.cache_clear()
    yield
    library.dynamodb.cache_clear()


def put_photo(
    name: str,
    taken_at: str | None,
    place: tuple[float, float] | None = None,
    status: str = "ACTIVE",
    album: str = ALBUM,
) -> str:
    key = f"{album}/{name}.jpg"
    record: dict[str, Any] = {
        "id": f"photo/{key}",
        "album": album,
        "key": key,
        "status": status,
        "timeline": f"photo#{taken_at or 'undated'}",
        "taken_at": taken_at,
        "metadata": {"gps": {"latitude": place[0], "longitude": place[1]}} if place else {},
        "tags": {"labels": ["x" * 100]},
    }
    item = {field: attribute_value(value) for field, value in record.items()}
    boto3.client("dynamodb").put_item(TableName="library", Item=item)
    return key


def group(key: str, album: str = ALBUM) -> str | None:
    return handler({"album": album, "key": key}, None)["memory_id"]


def records() -> dict[str, dict[str, Any]]:
    items = boto3.client("dynamodb").scan(TableName="library")["Items"]
    read = TypeDeserializer().deserialize
    return {item["id"]["S"]: {name: read(value) for name, value in item.items()} for item in items}


def memories() -> dict[str, dict[str, Any]]:
    return {id_: record for id_, record in records().items() if id_.startswith("memory/")}


def test_one_photo_makes_a_memory() -> None:
    key = put_photo("a", NOON, (41.9, 12.5))
    memory_id = group(key)
    assert records()[f"photo/{key}"]["memory_id"] == memory_id
    [memory] = memories().values()
    box = memory.pop("box")
    assert memory == {
        "id": f"memory/{memory_id}",
        "album": ALBUM,
        "timeline": f"memory#{NOON}",
        "memory_id": memory_id,
        "title": "Afternoon of 3 May 2024",
        "starts_at": NOON,
        "ends_at": NOON,
        "photo_count": 1,
        "cover_key": key,
        "version": 1,
    }
    assert {side: float(value) for side, value in box.items()} == {
        "south": 41.9,
        "west": 12.5,
        "north": 41.9,
        "east": 12.5,
    }


def test_grouping_again_changes_nothing_but_the_count() -> None:
    keys = [put_photo(name, f"2024-05-0{day}T10:00:00") for name, day in (("a", 1), ("b", 2), ("c", 7))]
    for key in keys:
        group(key)
    before = records()
    group(keys[0])
    after = records()
    counter = f"album/{ALBUM}"
    assert after.pop(counter)["version"] == before.pop(counter)["version"] + 1
    assert after == before


@pytest.mark.parametrize(
    ("taken_at", "status"), [(None, "ACTIVE"), ("soon", "ACTIVE"), (NOON, "REJECTED"), (NOON, "PROCESSING")]
)
def test_what_is_not_a_dated_active_photo_is_in_no_memory(taken_at: str | None, status: str) -> None:
    assert group(put_photo("a", taken_at, status=status)) is None
    assert memories() == {}


def test_a_photo_that_was_deleted_leaves_its_memory_and_is_not_written_again() -> None:
    first, second = put_photo("a", NOON), put_photo("b", NOON)
    group(first)
    memory_id = group(second)
    boto3.client("dynamodb").delete_item(TableName="library", Key={"id": {"S": f"photo/{second}"}})
    assert group(second) is None
    assert f"photo/{second}" not in records()
    assert memories()[f"memory/{memory_id}"]["photo_count"] == 1


def test_a_memory_without_photos_goes() -> None:
    key = put_photo("a", NOON)
    group(key)
    put_photo("a", None)
    assert group(key) is None
    assert [record for record in memories().values() if "timeline" in record] == []
    assert "memory_id" not in records()[f"photo/{key}"]


def test_a_photo_between_two_memories_joins_them() -> None:
    keys = [put_photo(name, f"2024-05-0{day}T10:00:00") for name, day in (("a", 1), ("b", 3), ("c", 4))]
    ids = [group(key) for key in keys]
    assert ids[0] != ids[1] == ids[2]
    assert group(put_photo("d", "2024-05-02T10:00:00")) == ids[1]
    [memory] = [record for record in memories().values() if "timeline" in record]
    assert (memory["photo_count"], memory["title"]) == (4, "1\u20134 May 2024")
    assert {record["memory_id"] for id_, record in records().items() if id_.startswith("photo/")} == {ids[1]}


def test_albums_do_not_mix() -> None:
    here, there = put_photo("a", NOON), put_photo("a", NOON, album="other")
    assert group(here) != group(there, "other")


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_uploads_does_not_change_the_groups(seed: int) -> None:
    chance = random.Random(seed)
    taken = {
        f"{index}": f"2024-05-{chance.randint(1, 20):02}T{chance.randint(0, 23):02}:00:00"
        for index in range(12)
    }
    names = list(taken)
    chance.shuffle(names)
    for name in names:
        group(put_photo(name, taken[name]))
    wanted = events_of(DatedPhoto(name, datetime.fromisoformat(at)) for name, at in taken.items())
    found: dict[str, set[str]] = {}
    for id_, record in records().items():
        if id_.startswith("photo/"):
            found.setdefault(record["memory_id"], set()).add(id_.rpartition("/")[2].removesuffix(".jpg"))
    assert sorted(map(sorted, found.values())) == sorted(sorted(one.key for one in event) for event in wanted)
    shown = [record for record in memories().values() if "timeline" in record]
    assert sorted(record["photo_count"] for record in shown) == sorted(len(event) for event in wanted)


def test_of_two_groupings_at_once_one_starts_again() -> None:
    first, second = put_photo("a", NOON), put_photo("b", NOON)
    album = library.read_album("library", ALBUM, first)
    group(second)
    with pytest.raises(MemoriesChanged, match="groups again"):
        library.claim("library", album, plan_of(album, first, 0))


def test_of_two_groupings_after_the_first_one_starts_again() -> None:
    group(put_photo("a", NOON))
    album = library.read_album("library", ALBUM, f"{ALBUM}/a.jpg")
    group(put_photo("b", NOON))
    with pytest.raises(MemoriesChanged):
        library.claim("library", album, plan_of(album, f"{ALBUM}/a.jpg", 0))


def test_a_late_write_of_an_older_grouping_is_refused() -> None:
    first = put_photo("a", NOON)
    clock = time.time()
    album = library.read_album("library", ALBUM, first)
    plan = plan_of(album, first, clock)
    library.claim("library", album, plan)
    put_photo("a", None)  # the photo comes back without a date, before the first grouping has written
    assert group(first) is None
    settled = records()
    library.write("library", plan, lambda: clock, clock)
    assert records() == settled
    assert [record for record in memories().values() if "timeline" in record] == []


def test_a_grouping_that_died_before_it_wrote_is_mended_by_the_next() -> None:
    first = put_photo("a", NOON)
    album = library.read_album("library", ALBUM, first)
    plan = plan_of(album, first, time.time())
    library.claim("library", album, plan)
    assert memories() == {}
    assert group(first) == plan.memory_id
    assert memories()[f"memory/{plan.memory_id}"]["photo_count"] == 1


def test_writing_stops_while_it_is_safe() -> None:
    first = put_photo("a", NOON)
    album = library.read_album("library", ALBUM, first)
    plan = plan_of(album, first, 0)
    library.claim("library", album, plan)
    with pytest.raises(MemoriesChanged):
        library.write("library", plan, lambda: WRITING_SECONDS + 1, 0)
    assert memories() == {}


def test_a_photo_that_the_index_does_not_show_yet_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    first = put_photo("a", NOON)
    group(first)
    second, third = put_photo("b", NOON), put_photo("c", NOON)
    stale = library._query("library", ALBUM)
    stale = [record for record in stale if record["id"] not in (f"photo/{second}", f"photo/{third}")]
    monkeypatch.setattr(library, "_query", lambda table, album: stale)
    group(second)
    memory_id = group(third)
    assert memories()[f"memory/{memory_id}"]["photo_count"] == 3


def test_a_long_album_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = library.dynamodb().get_paginator("query")
    paginate = pages.paginate
    monkeypatch.setattr(
        pages, "paginate", lambda **given: paginate(**given, PaginationConfig={"PageSize": 2})
    )
    monkeypatch.setattr(library.dynamodb(), "get_paginator", lambda name: pages)
    for name in "abcde":
        key = put_photo(name, NOON)
    memory_id = group(key)
    assert memories()[f"memory/{memory_id}"]["photo_count"] == 5


def test_the_setting_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIBRARY_TABLE")
    with pytest.raises(Misconfigured, match="LIBRARY_TABLE"):
        group("k")
