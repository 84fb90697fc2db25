"""Decides what a grouping of an album writes. Pure: records in, writes out; no AWS, no clock."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from memories.clusters import events_of, homes_of, is_home, trips_of
from memories.heirs import ids_of, share_of
from memories.sessions import Session, session_from, session_record
from memories.summary import POOR, Cover, Summary, summary_from, total
from memories.thresholds import HIGHLIGHTS
from memories.titles import days_of, title_of
from safelight.alike import bits_of, distance, is_near
from safelight.geo import box_of
from safelight.keys import memory_record_id, year_record_id
from safelight.transactions import Record

METHOD = 2
"""Raise this when the same photos are to give other records: each grouping then writes its memories anew."""

EVENT, TRIP, ANNIVERSARY = "event", "trip", "on this day"


@dataclass(frozen=True)
class Memory:
    """An event or a trip. at_home: whether it is known to have been at home. trip: that of an event."""

    memory_id: str
    kind: str
    sessions: tuple[Session, ...]
    at_home: bool = False
    trip: str | None = None

    @property
    def year(self) -> str:
        """The year whose record lists it."""
        return self.sessions[0].day[:4]

    @property
    def fingerprint(self) -> str:
        """What its record follows from: while this stays the same, so does the record."""
        parts = [(it.day, it.version, it.starts, it.ends) for it in self.sessions]
        facts = json.dumps([METHOD, self.kind, self.at_home, self.trip, parts])
        return hashlib.sha256(facts.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Album:
    """An album: its version, its sessions in order, and by year the fingerprint of each memory."""

    name: str
    version: int
    sessions: tuple[Session, ...] = ()
    memories: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def session_at(self, at: str) -> Session | None:
        """Return the session that holds a photo taken `at`."""
        return next((session for session in self.sessions if session.holds(at)), None)

    def version_of(self, day: str) -> int:
        """Return the version of the day that the sessions were read from; 0 where it has none."""
        return next((session.version for session in self.sessions if session.day == day), 0)

    def with_day(self, day: str, fresh: Sequence[Session]) -> "Album":
        """Return the album with the sessions of `day` read anew."""
        others = [session for session in self.sessions if session.day != day]
        return replace(self, sessions=tuple(sorted([*others, *fresh], key=lambda it: it.starts)))


@dataclass(frozen=True)
class Plan:
    """What a grouping changes.

    album: as it is to be. changed, gone: the memories to write, and the ids of those to delete. years: the
    records of years that change. complete: whether nothing is left to be written after it.
    """

    album: Album
    changed: tuple[Memory, ...]
    gone: tuple[str, ...]
    years: Mapping[str, Record]
    complete: bool


def album_from(name: str, version: int, years: Mapping[str, Record]) -> Album:
    """Return the album whose years' records are `years`."""
    sessions = [session_from(record) for _, year in sorted(years.items()) for record in year["sessions"]]
    memories = {year: record["memories"] for year, record in years.items()}
    return Album(name, version, tuple(sorted(sessions, key=lambda it: it.starts)), memories)


def memories_of(name: str, sessions: Sequence[Session]) -> list[Memory]:
    """Return the events and trips of an album whose `sessions` are in order, each under its id."""
    homes = homes_of(sessions)
    trips, events = trips_of(sessions, homes), events_of(sessions, homes)
    trip_ids = _ids(name, TRIP, trips)
    trip_at = {session.starts: id_ for id_, trip in zip(trip_ids, trips, strict=True) for session in trip}
    memories = [Memory(id_, TRIP, tuple(trip)) for id_, trip in zip(trip_ids, trips, strict=True)]
    for id_, event in zip(_ids(name, EVENT, events), events, strict=True):
        where = {is_home(session, homes) for session in event}
        inside = {trip_at.get(session.starts) for session in event}
        memories.append(
            Memory(
                id_,
                EVENT,
                tuple(event),
                at_home=True in where and False not in where,
                trip=inside.pop() if len(inside) == 1 else None,
            )
        )
    return memories


def _ids(name: str, kind: str, groups: Sequence[Sequence[Session]]) -> list[str]:
    shares = [
        share_of(
            (event if kind == EVENT else trip, count)
            for session in group
            for event, trip, count in _past(session)
        )
        for group in groups
    ]
    taken = {id_ for share in shares for id_ in share}
    return ids_of([f"{name}\n{kind}\n{group[0].starts}" for group in groups], shares, taken)


def _past(session: Session) -> tuple[tuple[str | None, str | None, int], ...]:
    """Return the event, the trip and the number of photos of what `session` was until now."""
    return session.was or ((session.event, session.trip, session.count),)


def plan_of(album: Album, read: Album, most: int) -> Plan:
    """Return how to bring an album to what its sessions now say.

    `album` has the days that were read anew, and `read` is the album as it is stored. At most `most` memories
    are written or deleted at once; the others follow when the plan is not `complete`.
    """
    memories = memories_of(album.name, album.sessions)
    event_of = {it.starts: memory for memory in memories if memory.kind == EVENT for it in memory.sessions}
    trip_of = {it.starts: memory for memory in memories if memory.kind == TRIP for it in memory.sessions}
    sessions = tuple(
        replace(
            session,
            event=event_of[session.starts].memory_id,
            trip=trip_of[session.starts].memory_id if session.starts in trip_of else None,
            stale=session.stale
            or any(old not in (None, event_of[session.starts].memory_id) for old, _, _ in _past(session)),
            was=(),
        )
        for session in album.sessions
    )
    stored = {id_: print_ for year in read.memories.values() for id_, print_ in year.items()}
    wanted = {memory.memory_id: memory for memory in memories}
    changed = [memory for memory in memories if stored.get(memory.memory_id) != memory.fingerprint]
    gone = sorted(set(stored) - set(wanted))
    now, removed = changed[:most], gone[: max(0, most - len(changed))]
    written = {memory.memory_id for memory in now}
    listed: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for memory in memories:
        known = stored.get(memory.memory_id)
        if memory.memory_id in written or known:
            listed[memory.year][memory.memory_id] = (
                memory.fingerprint if memory.memory_id in written else str(known)
            )
    for year, prints in read.memories.items():
        listed[year] |= {id_: it for id_, it in prints.items() if id_ in gone and id_ not in removed}
    after = replace(album, version=read.version + 1, sessions=sessions, memories=dict(listed))
    before, then = _years(read), _years(after)
    return Plan(
        album=after,
        changed=tuple(now),
        gone=tuple(removed),
        years={
            year: {"id": year_record_id(album.name, year), "version": after.version, **content}
            for year in sorted({*before, *then})
            if (content := then.get(year, _NOTHING)) != before.get(year, _NOTHING)
        },
        complete=len(now) == len(changed) and len(removed) == len(gone),
    )


_NOTHING: Record = {"sessions": [], "memories": {}}


def _years(album: Album) -> dict[str, Record]:
    years: dict[str, Record] = {
        year: {"sessions": [], "memories": dict(memories)} for year, memories in album.memories.items()
    }
    for session in album.sessions:
        year = years.setdefault(session.day[:4], {"sessions": [], "memories": {}})
        year["sessions"].append(session_record(session))
    return years


def hours_within(sessions: Iterable[Session], days: Mapping[str, Record]) -> list[Summary]:
    """Return the hours of `sessions`, from the records of their days."""
    return [
        summary
        for session in sessions
        for record in days.get(session.day, {"hours": {}})["hours"].values()
        if (summary := summary_from(record)).starts <= session.ends and summary.ends >= session.starts
    ]


def memory_record(album: str, memory: Memory, days: Mapping[str, Record], version: int) -> Record:
    """Return the record of `memory`, from the records of its days."""
    summary = total(hours_within(memory.sessions, days))
    starts, ends = memory.sessions[0].start, max(session.end for session in memory.sessions)
    places = [] if memory.at_home else [(place[1], place[2], place[3]) for place in summary.places]
    keys = highlights_of(summary)
    return {
        "id": memory_record_id(memory.memory_id),
        "album": album,
        "timeline": f"memory#{_seconds(starts)}",
        "memory_id": memory.memory_id,
        "kind": memory.kind,
        "title": title_of(starts, ends, places, trip=memory.kind == TRIP),
        "starts_at": _seconds(starts),
        "ends_at": _seconds(ends),
        "photo_count": sum(session.count for session in memory.sessions),
        "cover_key": keys[0],
        "highlights": keys,
        "score": score_of(summary, special=_special(memory, starts, ends)),
        **box_fields(summary),
        **({"trip_id": memory.trip} if memory.trip else {}),
        "version": version,
    }


def box_fields(summary: Summary) -> Record:
    """Return `box`, where positions are known."""
    return {"box": vars(box_of(summary.south, summary.north, summary.spans))} if summary.spans else {}


def highlights_of(summary: Summary) -> list[str]:
    """Return the keys of the best photos, the cover first; none is a neighbour of a better one."""
    chosen = list(summary.covers[:1])
    for cover in summary.covers[1:]:
        poor = cover.loss >= 1 - POOR
        if len(chosen) < HIGHLIGHTS and not poor and not any(_alike(cover, other) for other in chosen):
            chosen.append(cover)
    return [cover.key for cover in chosen]


def _alike(one: Cover, other: Cover) -> bool:
    apart = distance(bits_of(one.phash), bits_of(other.phash))
    return apart is not None and is_near(apart, one.at, other.at)


def score_of(summary: Summary, special: float) -> float:
    """Return whether a memory is worth showing, 0 to 1: many photos, good ones, and no screenshots.

    `special`, 0 to 1, is what else speaks for it.
    """
    real = summary.count - summary.screenshots
    richness = real / (real + 10)
    quality = 1 - summary.covers[0].loss
    return round((0.5 * richness + 0.3 * quality + 0.2 * special) * real / summary.count, 3)


def _special(memory: Memory, starts: datetime, ends: datetime) -> float:
    first, last = days_of(starts, ends)
    if memory.kind == TRIP:
        return 1.0
    return 0.0 if memory.at_home else 0.7 if last > first else 0.5


def _seconds(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
