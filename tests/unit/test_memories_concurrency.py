"""Photos of one album on their way at once: every step of each among those of the others, with crashes.

The steps are the ones that run in production; a table in memory stands in for DynamoDB, and
`test_memories_handler` checks that the real requests carry the same conditions. Whatever the schedule, the
memories must be those that all photos would have made at once.
"""

import random
from collections.abc import Generator, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from memories import steps
from memories.grouping import EVENT, memories_of, memory_record
from memories.sessions import sessions_of
from memories.steps import Label, remember
from memories.summary import as_record, entry_of, hours_of
from safelight.errors import MemoriesChanged
from safelight.keys import photo_id
from safelight.transactions import Read, Record, Write
from schedules import Process, Table, interleave

START = datetime(2024, 5, 3, 12)
ALBUM = "trip"
ROME, FLORENCE, OSTIA = (41.9028, 12.4964), (43.7696, 11.2558), (41.7319, 12.2766)


class Album(Table):
    """The records of an album, and of its photos."""

    def carry_out(self, step: Any) -> Generator[None, None, Any]:
        match step:
            case Read():
                return (yield from self.read(step))
            case Write():
                return self.write(step)
            case Label():
                return self.label(step)

    def label(self, step: Label) -> None:
        known = self.records.get(step.photo_id, {}).get("memory_version", 0)
        if step.photo is None:
            allowed = step.photo_id in self.records and known < step.version
        else:
            allowed = self.has(step.photo_id, step.photo) and known <= step.version
        if allowed:
            self.update(step.photo_id, memory_id=step.memory_id, memory_version=step.version)


def grouping(table: Album, key: str, chance: random.Random, crash: float) -> Process:
    """One invocation after another until one ends well, a step at a time."""
    while True:
        asked, answer = remember(ALBUM, key), None
        try:
            while True:
                step = asked.send(answer)
                if chance.random() < crash:
                    break
                answer = yield from table.carry_out(step)
                yield
        except StopIteration:
            return
        except MemoriesChanged:
            continue


def life(
    table: Album,
    key: str,
    states: list[Any],
    chance: random.Random,
    crash: float,
    running: list[Process] | None = None,
) -> Process:
    """A photo that is uploaded, perhaps again with another date or place, and perhaps deleted.

    Given those that are `running`, its executions go among them: a later may overtake an earlier.
    """
    for number, state in enumerate(states):
        if state == "deleted":
            table.records.pop(photo_id(key), None)
        else:
            table.update(photo_id(key), status="PROCESSING", execution_arn=f"{key}{number}")
            yield
            table.update(photo_id(key), id=photo_id(key), album=ALBUM, key=key, **state)
        yield
        execution = grouping(table, key, chance, crash)
        if running is None:
            yield from execution
        else:
            running.append(execution)


def a_state(chance: random.Random) -> Any:
    if chance.random() < 0.15:
        return "deleted"
    hour = chance.choice([None, 0, 1, 8, 14, 30, 60, 90, 120, 150])
    place = chance.choice([None, None, ROME, FLORENCE, OSTIA])
    return {
        "status": chance.choice(["ACTIVE"] * 7 + ["REJECTED"]),
        "published_at": str(chance.random()),
        "taken_at": (START + timedelta(hours=hour)).isoformat() if hour is not None else None,
        "metadata": {"gps": {"latitude": place[0], "longitude": place[1]}} if place else {},
    }


@pytest.mark.parametrize("batch", range(10))
def test_every_schedule_ends_with_the_memories_of_all_photos_at_once(batch: int) -> None:
    for seed in range(batch * 60, batch * 60 + 60):
        run_schedule(seed)


def test_what_does_not_fit_into_one_transaction_follows_in_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "MEMORIES_AT_ONCE", 1)
    for seed in range(60):
        run_schedule(seed)


def active(hour: float) -> Any:
    return {"status": "ACTIVE", "taken_at": (START + timedelta(hours=hour)).isoformat(), "metadata": {}}


def memory_ids(table: Album, keys: str) -> set[str]:
    return {table.records[photo_id(key)]["memory_id"] for key in keys}


@pytest.mark.parametrize("seed", range(40))
def test_ids_last_while_memories_grow_merge_and_are_split(seed: int) -> None:
    chance = random.Random(seed)
    table = Album()

    def upload(hours: Mapping[str, Any]) -> None:
        states = {key: hour if hour == "deleted" else active(hour) for key, hour in hours.items()}
        interleave([life(table, key, [state], chance, 0.03) for key, state in states.items()], chance)

    upload({"a": 0, "b": 60, "c": 61, "d": 62})
    (small,), (large,) = memory_ids(table, "a"), memory_ids(table, "bcd")
    upload({"e": -1, "f": 59, "g": 63, "h": 2})
    assert memory_ids(table, "aeh") == {small}, "it grows"
    assert memory_ids(table, "bcdfg") == {large}
    upload({"i": 30, "j": 31})
    assert memory_ids(table, "abcdefghij") == {large}, "the larger heir keeps its id"
    upload({"i": "deleted", "j": "deleted"})
    assert memory_ids(table, "bcdfg") == {large}, "and again where it is split"
    (other,) = memory_ids(table, "aeh")
    assert other != large
    assert {id_ for id_ in table.records if id_.startswith("memory/")} == {
        f"memory/{large}",
        f"memory/{other}",
    }
    check(table)


def run_schedule(seed: int) -> None:
    chance = random.Random(seed)
    table = Album()
    crash = chance.choice([0.0, 0.0, 0.05])
    stubborn = chance.choice([1, 3, 40])
    running: list[Process] = []
    overtaking = running if chance.random() < 0.5 else None
    running += [
        life(
            table, key, [a_state(chance) for _ in range(chance.choice([1, 2, 3]))], chance, crash, overtaking
        )
        for key in "abcdef"[: chance.randint(2, 6)]
    ]
    interleave(running, chance, stubborn)
    check(table)


def check(table: Album) -> None:
    photos = {id_: it for id_, it in table.records.items() if id_.startswith("photo/")}
    entries = {it["key"]: entry for it in photos.values() if (entry := entry_of(it))}
    wanted = from_scratch(entries)
    stored = {id_: it for id_, it in table.records.items() if id_.startswith("memory/")}

    def content(record: Record) -> Record:
        return {
            name: it for name, it in record.items() if name not in ("id", "memory_id", "trip_id", "version")
        }

    order = lambda record: (record["kind"], record["starts_at"])  # noqa: E731
    assert sorted(map(content, stored.values()), key=order) == sorted(map(content, wanted), key=order)
    for id_, photo in photos.items():
        entry = entries.get(photo["key"])
        mine = [
            record["memory_id"]
            for record in stored.values()
            if entry and record["kind"] == EVENT and record["starts_at"] <= entry.at <= record["ends_at"]
        ]
        assert [photo["memory_id"]] == (mine or [None]), id_
    assert {id_[len("member/") :] for id_ in table.records if id_.startswith("member/")} == set(entries)


def from_scratch(entries: Mapping[str, Any]) -> list[Record]:
    days: dict[str, dict[str, Any]] = {}
    for key, entry in entries.items():
        days.setdefault(entry.at[:10], {})[key] = entry
    hours = {day: hours_of(members) for day, members in days.items()}
    sessions = [session for day in sorted(days) for session in sessions_of(hours[day], 1)]
    records = {day: {"hours": {hour: as_record(it) for hour, it in hours[day].items()}} for day in days}
    return [memory_record(ALBUM, memory, records, 1) for memory in memories_of(ALBUM, sessions)]
