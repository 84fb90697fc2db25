"""Decides what a regrouping of an album writes. Pure: records in, writes out; no AWS, no clock.

Many photos of one album are grouped at the same moment, without locks. A grouping reads the album's
version v, reads the album, and claims version v+1; of several that read v one succeeds, the others
start again. Each of its writes then carries v+1, and is refused where a later one has written.

Three things would still go wrong, and the album's journal mends them. It names each record that a
recent grouping set out to write, and with which version.

- The index that lists an album lags behind the table. A record in the journal is read from the table
  itself, so that no grouping overlooks a photo that the one before it has seen.
- A grouping may still be writing, or have died, when the next one reads: what it reads is then
  neither old nor new. A record whose version is below the journal's is *in doubt*, and is written
  again even where it looks right; the late write is then refused.
- A late write could bring back a memory that is gone. So a memory that some grouping has just set out
  to write is not deleted: a record with nothing but its id and version, outside every index, holds its
  place until the journal forgets it, and is deleted then.

A grouping therefore stops writing after `WRITING_SECONDS`, well before the journal forgets it, and
starts again; what it has written by then need not be written twice.

Nothing is skipped where nothing differs: claiming the next version is how a grouping tells one that
runs beside it, and read less, to start again. A photo that is processed once more is ACTIVE before and
after, and nothing differs; but a grouping that read it in between leaves it out. Claiming costs one
small write; the records themselves are written only where they differ or are in doubt.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from memories.events import DatedPhoto, Memory, group
from safelight.keys import memory_record_id, photo_id

Record = dict[str, Any]

JOURNAL_SECONDS = 20.0
"""How long a record stays in the journal: the index lags by a second at most, save in an outage."""

WRITING_SECONDS = 10.0
"""How long after its claim a grouping may begin another write: half of what the journal remembers, so
that a request under way, which is given up after 5 seconds, ends before it too."""

JOURNAL_BYTES = 300_000
"""The longest journal: an item may have 400 KB. This holds 3,000 records with keys of 50 bytes.

Only a merger of longer events has more; the oldest are forgotten, and for those the next grouping of
the album compares with what the index shows by then.
"""
_ENTRY_BYTES = 50


@dataclass(frozen=True)
class Entry:
    """A journal's line: a record was to be written, or deleted if `gone`, with `version`.

    `at` is when, in seconds since 1970.
    """

    version: int
    at: float
    gone: bool = False


@dataclass(frozen=True)
class Album:
    """What is known of an album: its version, its journal, and its records by their id."""

    name: str
    version: int
    journal: Mapping[str, Entry]
    records: Mapping[str, Record]


@dataclass(frozen=True)
class Plan:
    """What to write, all of it with `version`, which is the album's once it is claimed.

    puts: whole memory records. deletes: ids of memory records. places: ids of memories that must stay
    absent. memberships: the memory of a photo, or None, by the id of the photo's record.
    """

    version: int
    journal: dict[str, Entry]
    memory_id: str | None
    puts: list[Record] = field(default_factory=list)
    deletes: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    memberships: dict[str, str | None] = field(default_factory=dict)


def plan_of(album: Album, key: str, now: float) -> Plan:
    """Return how to bring the records of `album` in line with its photos, the one at `key` among them."""
    version = album.version + 1
    photos = {id_: record for id_, record in album.records.items() if id_.startswith("photo/")}
    dated = {id_: photo for id_, record in photos.items() if (photo := _dated(record))}
    previous = {
        photo.key: photos[id_]["memory_id"] for id_, photo in dated.items() if photos[id_].get("memory_id")
    }
    memories = group(album.name, dated.values(), previous)

    def in_doubt(id_: str, stored: int) -> bool:
        return id_ in album.journal and stored < album.journal[id_].version

    member_of = {photo_id(photo.key): memory.memory_id for memory in memories for photo in memory.photos}
    memberships = {
        id_: member_of.get(id_)
        for id_, record in photos.items()
        if record.get("status") != "PROCESSING"
        and (record.get("memory_id") != member_of.get(id_) or in_doubt(id_, record.get("memory_version", 0)))
    }
    wanted = {memory_record_id(memory.memory_id): _record(album.name, memory) for memory in memories}
    stored = {id_: record for id_, record in album.records.items() if id_.startswith("memory/")}
    puts = [
        record | {"version": version}
        for id_, record in wanted.items()
        if _differs(record, stored.get(id_, {})) or in_doubt(id_, stored.get(id_, {}).get("version", 0))
    ]
    places, deletes = [], []
    for id_ in sorted({*stored, *album.journal} - set(wanted)):
        if id_.startswith("memory/"):
            record, entry = stored.get(id_, {}), album.journal.get(id_)
            if entry and not entry.gone and now - entry.at < JOURNAL_SECONDS:
                if "timeline" in record or in_doubt(id_, record.get("version", 0)):
                    places.append(id_)
            elif record:
                deletes.append(id_)
    written = {*memberships, *(record["id"] for record in puts), *places}
    journal = {id_: Entry(version, now, gone=id_ in deletes) for id_ in sorted({*written, *deletes})}
    own = photo_id(key)
    if own not in journal:  # the index may lag behind this photo, even though there is nothing to write
        known = album.journal.get(own, Entry(0, now)).version
        journal[own] = Entry(max(known, photos.get(own, {}).get("memory_version", 0)), now)
    older = [item for item in album.journal.items() if now - item[1].at < JOURNAL_SECONDS]
    for id_, entry in sorted(older, key=lambda item: (-item[1].at, item[0])):
        journal.setdefault(id_, entry)
    return Plan(
        version=version,
        journal=_cut(journal),
        memory_id=member_of.get(photo_id(key)),
        puts=puts,
        deletes=deletes,
        places=places,
        memberships=memberships,
    )


def _cut(journal: Mapping[str, Entry]) -> dict[str, Entry]:
    room = JOURNAL_BYTES
    kept = {}
    for id_, entry in journal.items():
        room -= len(id_.encode()) + _ENTRY_BYTES
        if room < 0:
            break
        kept[id_] = entry
    return kept


def _dated(record: Record) -> DatedPhoto | None:
    """Return the photo for grouping; None unless it is ACTIVE and says when it was taken."""
    if record.get("status") != "ACTIVE" or not record.get("taken_at"):
        return None
    gps = (record.get("metadata") or {}).get("gps") or {}
    located = "latitude" in gps and "longitude" in gps
    try:
        taken_at = datetime.fromisoformat(record["taken_at"]).replace(tzinfo=None)
    except ValueError:  # one record written by other hands must not stop its whole album
        return None
    return DatedPhoto(
        key=record["key"],
        taken_at=taken_at,
        position=(float(gps["latitude"]), float(gps["longitude"])) if located else None,
    )


def _record(album: str, memory: Memory) -> Record:
    starts_at = memory.photos[0].taken_at.isoformat(timespec="seconds")
    return {
        "id": memory_record_id(memory.memory_id),
        "album": album,
        "timeline": f"memory#{starts_at}",
        "memory_id": memory.memory_id,
        "title": memory.title,
        "starts_at": starts_at,
        "ends_at": memory.photos[-1].taken_at.isoformat(timespec="seconds"),
        "photo_count": len(memory.photos),
        "cover_key": memory.cover_key,
        **({"box": vars(memory.box)} if memory.box else {}),
    }


def _differs(wanted: Record, stored: Record) -> bool:
    return wanted != {name: value for name, value in stored.items() if name != "version"}
