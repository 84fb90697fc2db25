"""The steps by which one photo gets into its memories, or out of them. Pure: steps out, answers in.

Each function is a generator that yields what it wants read or written and is sent the answer; `carrier`
carries the steps out on DynamoDB, and the tests carry them out one by one, those of many photos among one
another.

All of it rests on three habits. A write is a transaction on the versions that were read. Records are read by
their ids and consistently, never from an index, which may lag. And what a transaction leaves to be done is
written in it, so that after a crash whoever comes next does it.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from memories.grouping import Album, Plan, album_from, memory_record, plan_of
from memories.sessions import Session, inherit, sessions_of
from memories.summary import (
    Entry,
    add,
    as_record,
    entry_from,
    entry_of,
    hours_of,
    summary_from,
    summary_of,
)
from safelight.errors import MemoriesChanged
from safelight.keys import (
    album_entry_id,
    album_record_id,
    day_record_id,
    member_record_id,
    memory_record_id,
    page_record_id,
    page_record_ids,
    photo_id,
    timeline_of,
    year_record_id,
)
from safelight.record import PhotoRecord
from safelight.transactions import Read, Record, Write

ALBUMS = "albums"
"""The partition of the index in which every album is listed."""

MEMORIES_AT_ONCE = 60
"""How many memories one transaction writes: DynamoDB takes 100 items, and some years go with them."""

_PHOTO_FIELDS = ("status", "taken_at", "execution_arn", "published_at")


@dataclass(frozen=True)
class Label:
    """Write on a photo's record, if it exists, which memory it is in, unless a later version has.

    photo: fields that the record must still have, where the photo itself is what was looked at; then the
    same version may be written again.
    """

    photo_id: str
    memory_id: str | None
    version: int
    photo: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Albums:
    """List the names of all albums that have memories."""


Step = Read | Write | Label | Albums
Steps = Generator[Step, Any, str | None]


def remember(album: str, key: str) -> Steps:
    """Bring the memories of `album` in line with the photo at `key`, and return the id of its memory.

    Raises:
        MemoriesChanged: another photo changed the same records at the same moment; start again.
    """
    photo, touched = yield from _count(album, key)
    return (yield from _group(album, key, photo, touched))


def _count(album: str, key: str) -> Generator[Step, Any, tuple[PhotoRecord | None, set[str]]]:
    """See that the photo is counted on its day alone; return its record, and the days to look at."""
    member_id = member_record_id(key)
    records = yield Read((photo_id(key), member_id))
    photo, member = records.get(photo_id(key)), records.get(member_id, {"version": 0})
    entry = entry_of(photo)
    days = {day for day in (entry.at[:10] if entry else None, member.get("day")) if day}
    touched = days | set(member.get("left", []))
    pages = {day: page_record_id(album, day, key) for day in days}
    found = yield Read(tuple(id_ for day in sorted(days) for id_ in (day_record_id(album, day), pages[day])))
    was = {day: _entries(found.get(pages[day])).get(key) for day in days}
    puts: list[Record] = []
    versions = {member_id: member["version"]}
    for day in sorted(days):
        wanted = entry if entry and entry.at[:10] == day else None
        if was[day] == wanted:
            continue
        day_id = day_record_id(album, day)
        stored = found.get(day_id, {"version": 0, "hours": {}})
        page = {each: entry for each, entry in _entries(found.get(pages[day])).items() if each != key}
        if wanted:
            page[key] = wanted
        if wanted and not was[day]:
            hours, hour, one = dict(stored["hours"]), wanted.at[11:13], summary_of(key, wanted)
            hours[hour] = as_record(add(summary_from(hours[hour]), one) if hour in hours else one)
        else:  # what one photo adds to a summary cannot be taken away again
            others = yield Read(tuple(id_ for id_ in page_record_ids(album, day) if id_ != pages[day]))
            entries = dict(page)
            for other in others.values():
                entries |= _entries(other)
            hours = {hour: as_record(summary) for hour, summary in hours_of(entries).items()}
        versions[day_id] = stored["version"]
        puts.append({"id": day_id, "version": stored["version"] + 1, "hours": hours})
        puts.append({"id": pages[day], "entries": {each: as_record(entry) for each, entry in page.items()}})
    if puts:
        left = sorted(touched - ({entry.at[:10]} if entry else set()))
        day_field = {"day": entry.at[:10]} if entry else {}
        puts.append({"id": member_id, "version": member["version"] + 1, "left": left, **day_field})
        seen, absent = ({photo_id(key): _seen(photo)}, ()) if photo else ({}, (photo_id(key),))
        yield from commit(Write(tuple(puts), versions=versions, seen=seen, absent=absent))
    return photo, touched


def _seen(photo: PhotoRecord) -> Record:
    """Return what changes about a photo's record when it is processed once more."""
    return {name: photo.get(name) for name in _PHOTO_FIELDS}


def _entries(page: Record | None) -> dict[str, Entry]:
    return {key: entry_from(entry) for key, entry in (page or {"entries": {}})["entries"].items()}


def commit(write: Write) -> Generator[Step, Any, None]:
    """Write, or start again.

    Raises:
        MemoriesChanged: what was read has changed since.
    """
    if not (yield write):
        raise MemoriesChanged(
            "Another photo of the album was grouped at the same moment. The workflow groups again."
        )


def _group(album: str, key: str, photo: PhotoRecord | None, touched: set[str]) -> Steps:
    """Fold the `touched` days into the album, write what follows from it, and label the photo."""
    entry = entry_of(photo)
    if not touched:  # it is in no memory, and never was
        if photo:
            yield Label(photo_id(key), None, photo.get("memory_version", 0), _seen(photo))
        return None
    labelled: tuple[int, frozenset[str]] = (0, frozenset())
    looked_at = set(touched)
    while True:
        read, years = yield from _album(album, looked_at)
        fresh = yield from _fold(read, looked_at)
        if labelled[0] == read.version:
            fresh = replace(
                fresh,
                sessions=tuple(
                    replace(it, stale=it.stale and it.starts not in labelled[1]) for it in fresh.sessions
                ),
            )
        plan = plan_of(fresh, read, MEMORIES_AT_ONCE)
        version = read.version
        if plan.years:
            days = yield from _days_of(plan)
            newer = {day for day, it in days.items() if it["version"] > plan.album.version_of(day)}
            if newer:  # others have counted photos there: their days go into the same grouping
                looked_at |= newer
                continue
            yield from commit(_transaction(read, plan, years, days))
            version = plan.album.version
        stale = [session for session in plan.album.sessions if session.stale]
        for session in stale:
            yield from _relabel(album, session, version)
        labelled = (version, frozenset(session.starts for session in stale))
        if plan.complete and not stale:
            break
    own = plan.album.session_at(entry.at) if entry else None
    memory_id = own.event if own else None
    if photo:
        yield Label(photo_id(key), memory_id, version, _seen(photo))
    yield from _forget_left_days(key, touched)
    return memory_id


def _album(album: str, touched: set[str]) -> Generator[Step, Any, tuple[Album, set[str]]]:
    root_id = album_record_id(album)
    root = (yield Read((root_id,))).get(root_id, {"version": 0, "years": []})
    years = {*root["years"], *(day[:4] for day in touched)}
    found = yield Read(tuple(year_record_id(album, year) for year in sorted(years)))
    records = {year: found[id_] for year in years if (id_ := year_record_id(album, year)) in found}
    return album_from(album, root["version"], records), set(root["years"])


def _fold(read: Album, touched: set[str]) -> Generator[Step, Any, Album]:
    days = yield Read(tuple(day_record_id(read.name, day) for day in sorted(touched)))
    album = read
    for day in sorted(touched):
        record = days.get(day_record_id(read.name, day), {"version": 0, "hours": {}})
        if record["version"] > read.version_of(day):
            old = [session for session in read.sessions if session.day == day]
            hours = {hour: summary_from(it) for hour, it in record["hours"].items()}
            album = album.with_day(day, inherit(sessions_of(hours, record["version"]), old))
    return album


def _days_of(plan: Plan) -> Generator[Step, Any, dict[str, Record]]:
    needed = sorted({session.day for memory in plan.changed for session in memory.sessions})
    ids = {day: day_record_id(plan.album.name, day) for day in needed}
    found = yield Read(tuple(ids.values()))
    return {day: found[id_] for day, id_ in ids.items()}


def _transaction(read: Album, plan: Plan, known_years: set[str], days: Mapping[str, Record]) -> Write:
    album = plan.album
    root_id = album_record_id(album.name)
    root = {"id": root_id, "version": album.version, "years": sorted({*known_years, *plan.years})}
    entry = {
        "id": album_entry_id(album.name),
        "album": ALBUMS,
        "timeline": timeline_of("album", album.name),
        "name": album.name,
    }
    return Write(
        puts=(
            root,
            *([] if read.version else [entry]),
            *plan.years.values(),
            *(memory_record(album.name, memory, days, album.version) for memory in plan.changed),
        ),
        deletes=tuple(memory_record_id(id_) for id_ in plan.gone),
        versions={root_id: read.version},
    )


def _relabel(album: str, session: Session, version: int) -> Generator[Step, Any, None]:
    """Tell the photos of a session that they belong to another event now."""
    pages = yield Read(page_record_ids(album, session.day))
    for page in pages.values():
        for key, entry in _entries(page).items():
            if session.holds(entry.at):
                yield Label(photo_id(key), session.event, version)


def _forget_left_days(key: str, touched: set[str]) -> Generator[Step, Any, None]:
    """The days that a photo has left are in order now, and need not be looked at again."""
    member_id = member_record_id(key)
    member = (yield Read((member_id,))).get(member_id)
    if not member or not member.get("left") or not set(member["left"]) <= touched:
        return
    if "day" in member:
        kept = {**member, "version": member["version"] + 1, "left": []}
        yield Write((kept,), versions={member_id: member["version"]})
    else:
        yield Write(deletes=(member_id,), versions={member_id: member["version"]})
