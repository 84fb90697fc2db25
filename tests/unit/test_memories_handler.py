"""Grouping against the table of template.yaml: what is written, when it is refused, and twice over."""

import random
from datetime import datetime
from typing import Any

import boto3
import pytest
from boto3.dynamodb.types import TypeDeserializer

from memories import carrier, daily
from memories.handler import handler
from memories.steps import Label, remember
from safelight import clients, transactions
from safelight.attributes import attribute_value
from safelight.errors import MemoriesChanged, Misconfigured
from safelight.keys import day_record_id
from safelight.transactions import Read, Write

ALBUM = "trips/Rome 2024"
NOON = "2024-05-03T12:00:00"


@pytest.fixture(autouse=True)
def _table(library_table: str) -> None:
    """Each test has a table of its own."""


def put_photo(
    name: str,
    taken_at: str | None,
    place: tuple[float, float] | None = None,
    status: str = "ACTIVE",
    album: str = ALBUM,
    **more: Any,
) -> str:
    key = f"{album}/{name}.jpg"
    record: dict[str, Any] = {
        "id": f"photo/{key}",
        "album": album,
        "key": key,
        "status": status,
        "timeline": f"photo#{taken_at or 'undated'}",
        "taken_at": taken_at,
        "execution_arn": f"arn:{random.random()}",
        "metadata": {"gps": {"latitude": place[0], "longitude": place[1]}} if place else {},
        "tags": {"labels": ["x" * 100]},
        **more,
    }
    item = {field: attribute_value(value) for field, value in record.items()}
    boto3.client("dynamodb").put_item(TableName="library", Item=item)
    return key


def group(key: str, album: str = ALBUM) -> str | None:
    return handler({"album": album, "key": key, "execution": "arn:one"}, None)["memory_id"]


def records(kind: str = "") -> dict[str, dict[str, Any]]:
    items = boto3.client("dynamodb").scan(TableName="library")["Items"]
    read = TypeDeserializer().deserialize
    return {
        item["id"]["S"]: {name: read(value) for name, value in item.items()}
        for item in items
        if item["id"]["S"].startswith(kind)
    }


def memories() -> list[dict[str, Any]]:
    return sorted(records("memory/").values(), key=lambda record: record["timeline"])


def test_one_photo_makes_a_memory() -> None:
    key = put_photo(
        "a",
        NOON,
        (41.9, 12.5),
        metadata={
            "gps": {"latitude": 41.9, "longitude": 12.5},
            "place": {"locality": "Rome", "region": "Lazio", "country": "Italy", "country_code": "IT"},
        },
    )
    memory_id = group(key)
    assert records()[f"photo/{key}"]["memory_id"] == memory_id
    [memory] = memories()
    box = memory.pop("box")
    assert 0 < memory.pop("score") < 1
    assert memory == {
        "id": f"memory/{memory_id}",
        "album": ALBUM,
        "timeline": f"memory#{NOON}",
        "memory_id": memory_id,
        "kind": "event",
        "title": "Afternoon in Rome, 3 May 2024",
        "starts_at": NOON,
        "ends_at": NOON,
        "photo_count": 1,
        "cover_key": key,
        "highlights": [key],
        "version": 1,
    }
    assert {side: float(value) for side, value in box.items()} == {
        "south": 41.9,
        "west": 12.5,
        "north": 41.9,
        "east": 12.5,
    }


def test_grouping_again_changes_nothing_but_who_says_so() -> None:
    keys = [put_photo(name, f"2024-05-0{day}T10:00:00") for name, day in (("a", 1), ("b", 2), ("c", 7))]
    for key in keys:
        group(key)
    before = records()
    group(keys[0])
    after = records()
    assert after[f"photo/{keys[0]}"].pop("memory_version") >= before[f"photo/{keys[0]}"].pop("memory_version")
    assert after == before


@pytest.mark.parametrize(
    ("taken_at", "status"), [(None, "ACTIVE"), ("soon", "ACTIVE"), (NOON, "REJECTED"), (NOON, "PROCESSING")]
)
def test_what_is_not_a_dated_active_photo_is_in_no_memory(taken_at: str | None, status: str) -> None:
    assert group(put_photo("a", taken_at, status=status)) is None
    assert memories() == []


def test_a_photo_that_was_deleted_leaves_its_memory_and_is_not_written_again() -> None:
    first, second = put_photo("a", NOON), put_photo("b", NOON)
    group(first)
    group(second)
    boto3.client("dynamodb").delete_item(TableName="library", Key={"id": {"S": f"photo/{second}"}})
    assert group(second) is None
    assert f"photo/{second}" not in records()
    assert [memory["photo_count"] for memory in memories()] == [1]
    assert not records(f"member/{second}")


@pytest.mark.parametrize("change", [{"taken_at": None}, {"taken_at": NOON, "status": "REJECTED"}])
def test_a_memory_without_photos_goes(change: dict[str, Any]) -> None:
    key = put_photo("a", NOON)
    group(key)
    put_photo("a", **change)
    assert group(key) is None
    assert memories() == []
    assert "memory_id" not in records()[f"photo/{key}"]


def test_a_photo_whose_date_was_mended_moves() -> None:
    stays, moves = put_photo("a", NOON), put_photo("b", NOON)
    before = [group(stays), group(moves)]
    put_photo("b", "2024-06-01T09:00:00")
    assert group(moves) != before[1] == before[0]
    assert [memory["photo_count"] for memory in memories()] == [1, 1]


def test_a_photo_between_two_memories_joins_them() -> None:
    keys = [put_photo(name, f"2024-05-0{day}T10:00:00") for name, day in (("a", 1), ("b", 3), ("c", 4))]
    ids = [group(key) for key in keys]
    assert ids[0] != ids[1] == ids[2]
    assert group(put_photo("d", "2024-05-02T10:00:00")) == ids[1]
    [memory] = memories()
    assert (memory["photo_count"], memory["title"]) == (4, "1\u20134 May 2024")
    assert {record["memory_id"] for record in records("photo/").values()} == {ids[1]}


def test_albums_do_not_mix() -> None:
    here, there = put_photo("a", NOON), put_photo("a", NOON, album="other")
    assert group(here) != group(there, "other")


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_uploads_does_not_change_the_memories(seed: int) -> None:
    chance = random.Random(seed)
    taken = {f"{index}": f"2024-05-{1 + index * 7 % 20:02}T{index * 5 % 24:02}:00:00" for index in range(12)}
    names = list(taken)
    chance.shuffle(names)
    for name in names:
        group(put_photo(name, taken[name]))
    at = sorted(datetime.fromisoformat(moment) for moment in taken.values())
    groups = [[at[0]]]
    for moment in at[1:]:
        if (moment - groups[-1][-1]).total_seconds() >= 36 * 3600:
            groups.append([])
        groups[-1].append(moment)
    found = [(memory["starts_at"], memory["ends_at"], memory["photo_count"]) for memory in memories()]
    assert found == [(its[0].isoformat(), its[-1].isoformat(), len(its)) for its in groups]


def stop_before(key: str, kind: type, nth: int = 1) -> tuple[Any, Any]:
    """Carry out the steps of `key` up to the `nth` write of a kind, and return them with that write."""
    steps, answer = remember(ALBUM, key), None
    while True:
        step = steps.send(answer)
        if isinstance(step, kind):
            nth -= 1
            if not nth:
                return steps, step
        answer = carrier.perform("library", step)


@pytest.mark.parametrize("nth", [1, 2])
def test_of_two_groupings_at_once_one_starts_again(nth: int) -> None:
    first, second = put_photo("a", NOON), put_photo("b", NOON)
    steps, write = stop_before(first, Write, nth)
    group(second)
    before = records()
    assert carrier.perform("library", write) is False
    assert records() == before, "a refused transaction writes nothing"
    with pytest.raises(MemoriesChanged, match="groups again"):
        steps.send(False)
    group(first)
    assert [memory["photo_count"] for memory in memories()] == [2]


def test_a_photo_that_is_processed_again_meanwhile_is_not_counted_as_it_was() -> None:
    key = put_photo("a", NOON)
    _, write = stop_before(key, Write)
    put_photo("a", "2024-06-01T09:00:00")
    assert carrier.perform("library", write) is False
    _, label = stop_before(key, Label)
    put_photo("a", None)
    carrier.perform("library", label)
    assert "memory_id" not in records()[f"photo/{key}"]


def test_a_late_label_of_an_older_grouping_is_refused() -> None:
    key = put_photo("a", NOON)
    memory_id = group(key)
    carrier.perform("library", Label(f"photo/{key}", "older", version=0))
    carrier.perform("library", Label(f"photo/{key}", "same", version=1))
    carrier.perform("library", Label("photo/nobody", "x", version=9))
    assert records()[f"photo/{key}"]["memory_id"] == memory_id
    assert "photo/nobody" not in records()
    carrier.perform("library", Label(f"photo/{key}", "newer", version=2))
    assert records()[f"photo/{key}"]["memory_id"] == "newer"


def test_a_grouping_that_died_on_the_way_is_mended_by_the_next() -> None:
    first, second = put_photo("a", NOON), put_photo("b", NOON)
    _, write = stop_before(first, Write, nth=2)
    assert records(day_record_id(ALBUM, "2024-05-03"))
    assert memories() == []
    assert group(second) is not None
    assert [memory["photo_count"] for memory in memories()] == [2]
    assert carrier.perform("library", write) is False


def test_work_that_takes_too_long_is_given_up_for_another_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transactions, "PATIENCE_SECONDS", -1.0)
    with pytest.raises(MemoriesChanged):
        group(put_photo("a", NOON))


def test_more_records_than_one_request_reads_are_all_read(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [put_photo(str(number), NOON) for number in range(3)]
    client = clients.dynamodb()
    whole = client.batch_get_item

    def one_at_a_time(RequestItems: Any) -> Any:  # noqa: N803
        wanted = RequestItems["library"]["Keys"]
        answer = whole(RequestItems={"library": {**RequestItems["library"], "Keys": wanted[:1]}})
        left = {"library": {"Keys": wanted[1:]}} if wanted[1:] else {}
        return {**answer, "UnprocessedKeys": left}

    monkeypatch.setattr(client, "batch_get_item", one_at_a_time)
    ids = tuple(f"photo/{key}" for key in keys)
    assert set(carrier.perform("library", Read((*ids, "photo/none")))) == set(ids)


def remind(day: str, timezone: str = "Etc/UTC", hour: int = 8) -> daily.Reminded:
    return daily.handler({"scheduled_for": f"{day}T{hour:02}:00:00Z", "timezone": timezone}, None)


def test_on_this_day_remembers_earlier_years() -> None:
    for number in range(12):
        group(put_photo(f"{number}", f"2023-05-03T12:{number:02}:00"))
    group(put_photo("other day", "2023-05-04T23:00:00"))
    other = put_photo("x", NOON, album="other")
    group(other, "other")

    answer = remind("2026-05-03")

    assert answer["day"] == "2026-05-03"
    assert answer["memory"] is not None
    assert (answer["memory"]["album"], answer["memory"]["photo_count"]) == (ALBUM, 12)
    assert answer["memory"]["title"].startswith("Three years ago today: ")
    made = [memory for memory in memories() if memory["kind"] == "on this day"]
    assert {memory["album"] for memory in made} == {ALBUM, "other"}
    assert {memory["timeline"] for memory in made} == {"anniversary#05-03"}
    assert remind("2026-05-03") == answer, "it may be asked twice"
    assert len(memories()) == 4


def test_a_day_without_photos_brings_nothing() -> None:
    group(put_photo("a", NOON))
    assert remind("2024-05-03")["memory"] is None, "this year is no anniversary"
    assert remind("2026-05-04")["memory"] is None
    assert remind("2026-05-03")["memory"] is None, "one photo is not worth a message"


def test_the_day_is_that_of_the_morning_where_people_live() -> None:
    assert remind("2026-05-02", "Pacific/Auckland", hour=20)["day"] == "2026-05-03"
    assert remind("2026-05-03", "America/Los_Angeles", hour=15)["day"] == "2026-05-03"


def test_the_29_of_february_is_remembered_on_the_28() -> None:
    for number in range(12):
        group(put_photo(f"{number}", f"2024-02-29T12:{number:02}:00"))
    assert remind("2026-02-28")["memory"] is not None
    assert remind("2028-02-28")["memory"] is None
    assert remind("2028-02-29")["memory"] is not None


def test_the_setting_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIBRARY_TABLE")
    with pytest.raises(Misconfigured, match="LIBRARY_TABLE"):
        group("k")
