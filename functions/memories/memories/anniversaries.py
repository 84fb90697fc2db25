"""*On this day*: what was photographed on the same day of earlier years, by the calendar there. Pure."""

import hashlib
from calendar import isleap
from collections.abc import Generator, Sequence
from datetime import date, datetime
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from memories.grouping import (
    ANNIVERSARY,
    album_from,
    box_fields,
    highlights_of,
    hours_within,
    score_of,
)
from memories.sessions import Session
from memories.steps import Albums, Step, commit
from memories.summary import total
from memories.thresholds import WORTH_SHOWING
from memories.titles import anniversary_title
from safelight.keys import album_record_id, day_record_id, memory_record_id, year_record_id
from safelight.transactions import Read, Record, Write

_SPECIAL = 0.5


class Reminder(TypedDict):
    """The day's best memory, in words."""

    memory_id: str
    album: str
    title: str
    photo_count: int
    cover_key: str


def day_of(moment: str, timezone: str) -> date:
    """Return the calendar day of a `moment` in UTC, ISO 8601, in a time zone of the IANA database."""
    return datetime.fromisoformat(moment).astimezone(ZoneInfo(timezone)).date()


def remind(today: date) -> Generator[Step, Any, Reminder | None]:
    """Make the memory of `today` in each album that has one; return the best, if it is worth showing."""
    best: Record | None = None
    for name in (yield Albums()):
        record = yield from _remind(name, today)
        if record and record["score"] >= WORTH_SHOWING:
            rank = (record["score"], record["photo_count"], record["memory_id"])
            if best is None or rank > (best["score"], best["photo_count"], best["memory_id"]):
                best = record
    return (
        Reminder(
            memory_id=best["memory_id"],
            album=best["album"],
            title=best["title"],
            photo_count=best["photo_count"],
            cover_key=best["cover_key"],
        )
        if best
        else None
    )


def _remind(name: str, today: date) -> Generator[Step, Any, Record | None]:
    root_id = album_record_id(name)
    root = (yield Read((root_id,))).get(root_id, {"version": 0, "years": []})
    ids = {year: year_record_id(name, year) for year in root["years"] if int(year) < today.year}
    found = yield Read(tuple(ids.values()))
    album = album_from(name, root["version"], {year: found[id_] for year, id_ in ids.items() if id_ in found})
    sessions = on_this_day(album.sessions, today)
    if not sessions:
        return None
    largest = max(sessions, key=lambda it: (it.count, it.starts))
    event_id = memory_record_id(largest.event or "")
    day_ids = {it.day: day_record_id(name, it.day) for it in sessions}
    records = yield Read((event_id, *day_ids.values()))
    days = {day: records[id_] for day, id_ in day_ids.items() if id_ in records}
    hours = hours_within(sessions, days)
    if not hours or event_id not in records:
        return None
    summary = total(hours)
    keys = highlights_of(summary)
    memory_id = hashlib.sha256(f"{name}\n{ANNIVERSARY}\n{today:%m-%d}".encode()).hexdigest()[:20]
    years = sorted({it.start.year for it in sessions})
    record = {
        "id": memory_record_id(memory_id),
        "album": name,
        "timeline": f"anniversary#{today:%m-%d}",
        "memory_id": memory_id,
        "kind": ANNIVERSARY,
        "title": anniversary_title(today, years, records[event_id]["title"]),
        "starts_at": sessions[0].start.isoformat(timespec="seconds"),
        "ends_at": sessions[-1].end.isoformat(timespec="seconds"),
        "days": sorted(day_ids),
        "photo_count": sum(it.count for it in sessions),
        "cover_key": keys[0],
        "highlights": keys,
        "score": score_of(summary, special=_SPECIAL),
        **box_fields(summary),
        "version": today.toordinal(),
    }
    yield from commit(Write((record,)))
    return record


def on_this_day(sessions: Sequence[Session], today: date) -> list[Session]:
    """Return the sessions of earlier years on the calendar day of `today`, in order.

    In a year without a 29 February, its photos are remembered on the 28th.
    """
    days = {f"{today:%m-%d}"}
    if days == {"02-28"} and not isleap(today.year):
        days.add("02-29")
    return [it for it in sessions if it.day[5:] in days and it.start.year < today.year]
