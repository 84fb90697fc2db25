"""Groupings of one album, interleaved at every step, over an index that lags and with crashes.

A model of the table in memory stands in for DynamoDB; `test_memories_handler` checks that the real
requests carry the same conditions. Every schedule must end with the same groups of photos.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from memories.events import DatedPhoto, events_of
from memories.grouping import WRITING_SECONDS, Album, Entry, Plan, Record, plan_of

START = datetime(2024, 5, 3, 12)
ALBUM = "trip"
Steps = Iterator[None]


class Table:
    """Records by id, with the past of each, so that an index can be shown as it was."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.now = 0.0
        self.past: dict[str, list[tuple[float, Record | None]]] = {}

    def get(self, id_: str) -> Record | None:
        return self.past[id_][-1][1] if self.past.get(id_) else None

    def set(self, id_: str, record: Record | None) -> None:
        self.past.setdefault(id_, []).append((self.now, record))

    def update(self, id_: str, **changes: Any) -> None:
        self.set(id_, {**(self.get(id_) or {}), **changes})

    def index(self, lag: float) -> dict[str, Record]:
        shown = {}
        for id_, past in self.past.items():
            then = self.now - self.chance.uniform(0, lag)
            seen = [record for at, record in past if at <= then]
            if seen and seen[-1] and "timeline" in seen[-1]:
                shown[id_] = seen[-1]
        return shown


def grouping(table: Table, key: str, lag: float, crash: float) -> Steps:
    """One invocation after another until one ends well, a step at a time."""
    while True:
        counter = table.get(f"album/{ALBUM}") or {"version": 0, "journal": {}}
        journal: dict[str, Entry] = counter["journal"]
        yield
        records = table.index(lag)
        yield
        for id_ in [f"photo/{key}", *journal]:
            records.pop(id_, None)
            record = table.get(id_)
            if record:
                records[id_] = record
        yield
        claimed_at = table.now
        plan = plan_of(Album(ALBUM, counter["version"], journal, records), key, claimed_at)
        if (table.get(f"album/{ALBUM}") or {"version": 0})["version"] != counter["version"]:
            continue
        table.set(f"album/{ALBUM}", {"version": plan.version, "journal": plan.journal})
        yield
        writes = list(writes_of(plan))
        table.chance.shuffle(writes)
        for write in writes:
            if table.now - claimed_at > WRITING_SECONDS or table.chance.random() < crash:
                break
            apply(table, plan.version, *write)
            yield
        else:
            return


def writes_of(plan: Plan) -> Iterator[tuple[str, str, Any]]:
    for record in plan.puts:
        yield "put", record["id"], record
    for id_ in plan.places:
        yield "put", id_, {"id": id_, "version": plan.version}
    for id_ in plan.deletes:
        yield "delete", id_, None
    for id_, memory_id in plan.memberships.items():
        yield "join", id_, memory_id


def apply(table: Table, version: int, kind: str, id_: str, value: Any) -> None:
    record = table.get(id_)
    if kind == "join":
        if record and record.get("memory_version", 0) < version:
            table.update(id_, memory_id=value, memory_version=version)
    elif (record or {}).get("version", 0) < version:
        table.set(id_, value)


def uploads(table: Table, key: str, hours: list[float | None], lag: float, crash: float) -> Steps:
    """A photo that is processed once for each of `hours`: it may come back with another date."""
    for hour in hours:
        id_ = f"photo/{key}"
        table.update(id_, id=id_, album=ALBUM, key=key, status="PROCESSING", timeline="photo#undated")
        yield
        taken_at = (START + timedelta(hours=hour)).isoformat() if hour is not None else None
        table.update(id_, status="ACTIVE", timeline=f"photo#{taken_at}", taken_at=taken_at)
        yield
        yield from grouping(table, key, lag, crash)


@pytest.mark.parametrize("batch", range(15))
def test_every_schedule_ends_with_the_same_groups(batch: int) -> None:
    for seed in range(batch * 100, batch * 100 + 100):
        run_schedule(seed)


def run_schedule(seed: int) -> None:
    chance = random.Random(seed)
    table = Table(chance)
    pace = chance.choice([0.01, 0.5])
    lag = chance.choice([0.0, 1.0, 6.0])
    crash = chance.choice([0.0, 0.15])
    uploaded = {
        key: [chance.choice([None, 0, 30, 60, 90, 120, 150]) for _ in range(chance.choice([1, 2, 3]))]
        for key in "abcdef"[: chance.randint(2, 6)]
    }
    running = [uploads(table, key, hours, lag, crash) for key, hours in uploaded.items()]
    while running:
        process = chance.choice(running)
        for _ in range(chance.choice([1, 1, 1, 3, 30])):  # the others stall meanwhile
            table.now += chance.uniform(0, 2 * pace)
            try:
                next(process)
            except StopIteration:
                running.remove(process)
                break

    dated = [
        DatedPhoto(key, START + timedelta(hours=hours[-1]))
        for key, hours in uploaded.items()
        if hours[-1] is not None
    ]
    photos = {key: table.get(f"photo/{key}") or {} for key in uploaded}
    members: dict[str, list[str]] = {}
    for key, record in photos.items():
        if record.get("memory_id"):
            members.setdefault(record["memory_id"], []).append(key)
    expected = [[one.key for one in event] for event in events_of(dated)]
    assert sorted(sorted(keys) for keys in members.values()) == sorted(sorted(keys) for keys in expected)

    shown = [record for id_ in table.past if id_.startswith("memory/") and (record := table.get(id_))]
    memories = {record["memory_id"]: record for record in shown if "timeline" in record}
    assert set(memories) == set(members)
    for event in events_of(dated):
        record = memories[photos[event[0].key]["memory_id"]]
        assert record["photo_count"] == len(event)
        assert record["starts_at"] == event[0].taken_at.isoformat()
        assert record["ends_at"] == event[-1].taken_at.isoformat()
