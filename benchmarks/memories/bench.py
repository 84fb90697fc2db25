"""Measures memories: against libraries whose truth is known, and what one photo costs in a large album.

`make bench-memories` runs it and prints the tables of docs/memories.md.
"""

import platform
import resource
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from memories.grouping import (
    EVENT,
    TRIP,
    Memory,
    memories_of,
    memory_record,
)
from memories.sessions import Session, sessions_of
from memories.steps import Label, Step, Steps, remember
from memories.summary import Entry, as_record, hours_of
from memories.thresholds import EVENT_GAP
from safelight.keys import photo_id
from safelight.transactions import Read, Record, Write
from stored import records_of
from synthetic import LYON, Habits, Life, Shot

ALBUM = "life"
SEEDS = range(5)
LIBRARIES = {
    "home only": Habits(years=4, photos_a_day=12, weekends=False, journeys=False),
    "home and weekends away": Habits(years=4, photos_a_day=12, journeys=False),
    "trips over time zones": Habits(years=4, photos_a_day=12),
    "one holiday, no home": Habits(years=9, photos_a_day=12, home=False, weekends=False, at_most=1),
    "a life with a move": Habits(years=6, photos_a_day=12, moves=True),
    "weddings, three cameras": Habits(years=4, photos_a_day=12, weddings=True),
    "40 % without position": Habits(years=4, photos_a_day=12, weddings=True, without_position=0.4),
    "2 % with a wrong date": Habits(years=4, photos_a_day=12, weddings=True, wrong_dates=0.02),
    "all of it": Habits(
        years=6, photos_a_day=12, weddings=True, moves=True, without_position=0.4, wrong_dates=0.02
    ),
}


def days_of(entries: Mapping[str, Entry]) -> dict[str, Any]:
    """Return the hours' summaries of each day."""
    days: dict[str, dict[str, Entry]] = {}
    for key, entry in entries.items():
        days.setdefault(entry.at[:10], {})[key] = entry
    return {day: hours_of(members) for day, members in sorted(days.items())}


def sessions_from(days: Mapping[str, Any]) -> list[Session]:
    """Return the sessions of an album, in order."""
    return [session for day, hours in days.items() for session in sessions_of(hours, 1)]


def label_of(memories: Sequence[Memory]) -> dict[str, str]:
    """Return the memory that shows each session, by its start: the trip, else the event."""
    labels = {
        it.starts: memory.memory_id for memory in memories if memory.kind == EVENT for it in memory.sessions
    }
    return labels | {
        it.starts: memory.memory_id for memory in memories if memory.kind == TRIP for it in memory.sessions
    }


def pairs(counts: Iterable[int]) -> int:
    """Return how many pairs groups of these sizes have."""
    return sum(count * (count - 1) // 2 for count in counts)


def score(shots: Sequence[Shot]) -> tuple[int, int, int, int]:
    """Return the pairs that are together rightly, as found and in truth, and the number of memories found."""
    memories = memories_of(ALBUM, sessions_from(days_of({shot.key: shot.entry for shot in shots})))
    labels = label_of(memories)
    sessions = sorted(
        (it for memory in memories if memory.kind == EVENT for it in memory.sessions),
        key=lambda it: it.starts,
    )
    found: list[str] = []
    place = 0
    for shot in (ordered := sorted(shots, key=lambda it: it.entry.at)):
        while not sessions[place].holds(shot.entry.at):
            place += 1
        found.append(labels[sessions[place].starts])
    true = [shot.occasion for shot in ordered]
    return (
        pairs(Counter(zip(found, true, strict=True)).values()),
        pairs(Counter(found).values()),
        pairs(Counter(true).values()),
        len(set(labels.values())),
    )


def measure_truth() -> None:
    """Print precision and recall, over pairs of photos, for every kind of library."""
    print("| Library | Photos | Occasions | Memories | Precision | Recall |\n|---|---|---|---|---|---|")
    for name, habits in LIBRARIES.items():
        lives = [list(Life(habits, seed).shots()) for seed in SEEDS]
        right, found, true, memories = (sum(column) for column in zip(*map(score, lives), strict=True))
        photos, occasions = sum(map(len, lives)), sum(len({it.occasion for it in life}) for life in lives)
        print(
            f"| {name} | {photos:,} | {occasions:,} | {memories:,} "
            f"| {right / found:.3f} | {right / true:.3f} |"
        )


@dataclass
class Table:
    """The library's table in memory, that counts what is read and written."""

    records: dict[str, Record] = field(default_factory=dict)
    read: int = 0
    written: int = 0
    round_trips: int = 0

    def carry_out(self, steps: Steps) -> None:
        """Carry out all steps of one photo, and count them."""
        self.read = self.written = self.round_trips = 0
        answer: Any = None
        try:
            while True:
                answer = self._one(steps.send(answer))
        except StopIteration:
            return

    def _one(self, step: Step) -> Any:
        self.round_trips += 1
        match step:
            case Read():
                self.round_trips += (len(step.ids) - 1) // 100  # DynamoDB reads 100 in one request
                self.read += len(step.ids)
                return {id_: self.records[id_] for id_ in step.ids if id_ in self.records}
            case Write():
                self.written += len(step.puts) + len(step.deletes)
                self.records |= {record["id"]: record for record in step.puts}
                for id_ in step.deletes:
                    self.records.pop(id_, None)
                return True
            case Label():
                self.written += 1
        return None


def upload(table: Table, key: str, at: str | None, position: tuple[float, float] | None) -> str:
    """Put one photo's record into the table and group it; return what that read and wrote."""
    gps = {"gps": {"latitude": position[0], "longitude": position[1]}} if position else {}
    table.records[photo_id(key)] = {
        "id": photo_id(key),
        "album": ALBUM,
        "key": key,
        "status": "ACTIVE",
        "taken_at": at,
        "metadata": gps,
    }
    table.carry_out(remember(ALBUM, key))
    return f"{table.read} | {table.written} | {table.round_trips}"


def a_life_of(photos: int) -> dict[str, Entry]:
    """Return `photos` photos of one life, by their keys."""
    habits = Habits(years=20, photos_a_day=25, weddings=True, moves=True, without_position=0.3)
    shots = list(Life(habits, 1).shots())
    while len(shots) < photos:
        habits = Habits(20, habits.photos_a_day * 1.3, weddings=True, moves=True, without_position=0.3)
        shots = list(Life(habits, 1).shots())
    return {shot.key: shot.entry for shot in shots[:photos]}


def measure_recomputing(entries: Mapping[str, Entry]) -> None:
    """Print how long finding all memories of an album from its photos takes, records included."""
    started = time.process_time()
    days = days_of(entries)
    sessions = sessions_from(days)
    memories = memories_of(ALBUM, sessions)
    records = {
        day: {"hours": {hour: as_record(it) for hour, it in hours.items()}} for day, hours in days.items()
    }
    for memory in memories:
        memory_record(ALBUM, memory, records, 1)
    seconds = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    kinds = Counter(memory.kind for memory in memories)
    print(
        f"\nRecomputing {len(entries):,} photos, {len(days):,} days, {len(sessions):,} sessions: "
        f"{kinds[EVENT]:,} events and {kinds[TRIP]:,} trips in {seconds:.1f} s of CPU, "
        f"{peak:.0f} MB at the peak (the synthetic photos included)"
    )


def measure_one_photo(sizes: Sequence[int]) -> None:
    """Print what one photo reads and writes in albums of several sizes."""
    print(
        "\n| Album | One photo more | Items read | Items written | Requests | CPU |"
        "\n|---|---|---|---|---|---|"
    )
    for size in sizes:
        entries = a_life_of(size)
        table = album_of(entries)
        at = sorted(datetime.fromisoformat(entry.at) for entry in entries.values())
        between = next(
            earlier + (later - earlier) / 2
            for earlier, later in pairwise(at[size // 2 :])
            if EVENT_GAP * 1.1 < later - earlier < EVENT_GAP * 1.9
        )
        cases = {
            "inside of an event": (at[size // 2], LYON),
            "alone, on a day of its own": (datetime(1999, 7, 1, 12), None),
            "without a date": (None, None),
            "between two events, which merge": (between, None),
        }
        for number, (name, (moment, position)) in enumerate(cases.items()):
            started = time.process_time()
            cost = upload(table, f"{ALBUM}/new{number}.jpg", moment and moment.isoformat(), position)
            print(f"| {size:,} | {name} | {cost} | {time.process_time() - started:.2f} s |")
        cost = upload(table, f"{ALBUM}/new0.jpg", "1999-08-01T12:00:00", None)
        print(f"| {size:,} | again, its date mended | {cost} | |")


def album_of(entries: Mapping[str, Entry]) -> Table:
    """Return a table with an album that is as it would be after all uploads of `entries`."""
    return Table(records_of(ALBUM, entries))


if __name__ == "__main__":
    print(f"{date.today()}, Python {platform.python_version()}, {platform.machine()}\n")
    measure_truth()
    measure_recomputing(a_life_of(100_000))
    measure_one_photo([1_000, 10_000, 100_000])
