"""Groups the photos of an album into events, by gaps in time and place. Pure: no AWS, no clock.

The same photos give the same events, in whatever order they came. Only the ids depend on history:
a memory keeps the id it has while it grows, merges or is split.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import asin, cos, hypot, radians, sin, sqrt

EVENT_GAP = timedelta(hours=36)
"""A pause this long ends an event: it bridges a night and a lazy morning, but not a whole day at home."""

JUMP_KM = 100.0
"""Photos further apart than this were not taken at one place: more than a day's outings from one bed."""

JUMP_GAP = timedelta(hours=6)
"""A jump ends an event only with a pause this long in it: a drive with photos on the way is one trip,
a night between two towns is two."""

NIGHT_ENDS = 5
"""The hour until which a party still belongs to the evening on which it began."""

_EARTH_KM = 6371.0088
_PARTS_OF_DAY = ((5, 12, "Morning"), (12, 17, "Afternoon"), (17, 24, "Evening"))
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)

Position = tuple[float, float]
"""Latitude and longitude in decimal degrees."""


@dataclass(frozen=True)
class DatedPhoto:
    """A photo as grouping sees it; `taken_at` is local wall clock, as it reads in the photo's own day."""

    key: str
    taken_at: datetime
    position: Position | None = None


@dataclass(frozen=True)
class Box:
    """Bounds in decimal degrees; `west` exceeds `east` where they span the antimeridian (RFC 7946, 5.2)."""

    south: float
    west: float
    north: float
    east: float


@dataclass(frozen=True)
class Memory:
    """An event with its name. `photos` are in the order they were taken."""

    memory_id: str
    title: str
    photos: tuple[DatedPhoto, ...]
    cover_key: str
    box: Box | None


def group(album: str, photos: Iterable[DatedPhoto], previous: Mapping[str, str]) -> list[Memory]:
    """Return the memories of `album`, earliest first.

    `previous` says in which memory a photo, by its key, was until now.
    """
    events = events_of(photos)
    ids = _ids_of(album, events, previous)
    return [
        Memory(
            memory_id=memory_id,
            title=title_of(event[0].taken_at, event[-1].taken_at),
            photos=tuple(event),
            cover_key=event[len(event) // 2].key,
            box=_box_of([photo.position for photo in event if photo.position]),
        )
        for memory_id, event in zip(ids, events, strict=True)
    ]


def events_of(photos: Iterable[DatedPhoto]) -> list[list[DatedPhoto]]:
    """Return `photos` split at every pause of `EVENT_GAP`, and at every jump with a pause in it."""
    ordered = sorted(photos, key=_order)
    cuts = {
        index
        for index, (earlier, later) in enumerate(pairwise(ordered), start=1)
        if later.taken_at - earlier.taken_at >= EVENT_GAP
    }
    located = [index for index, photo in enumerate(ordered) if photo.position]
    cuts.update(
        _cut_of_jump(ordered, start, end) for start, end in pairwise(located) if _jumps(ordered, start, end)
    )
    bounds = [0, *sorted(cuts), len(ordered)]
    return [ordered[start:end] for start, end in pairwise(bounds) if start < end]


def _order(photo: DatedPhoto) -> tuple[datetime, str]:
    return photo.taken_at, photo.key


def _jumps(ordered: Sequence[DatedPhoto], start: int, end: int) -> bool:
    here, there = ordered[start].position, ordered[end].position
    if here is None or there is None or distance_km(here, there) <= JUMP_KM:
        return False
    cut = _cut_of_jump(ordered, start, end)
    return ordered[cut].taken_at - ordered[cut - 1].taken_at >= JUMP_GAP


def _cut_of_jump(ordered: Sequence[DatedPhoto], start: int, end: int) -> int:
    """Return where the longest pause between two located photos ends: photos between them lack a place."""
    return max(
        range(start + 1, end + 1),
        key=lambda index: (ordered[index].taken_at - ordered[index - 1].taken_at, -index),
    )


def distance_km(here: Position, there: Position) -> float:
    """Return the great-circle distance between two places (haversine formula)."""
    south, north = radians(here[0]), radians(there[0])
    east = radians(there[1] - here[1])
    chord = hypot(sin((north - south) / 2), sqrt(cos(south) * cos(north)) * sin(east / 2))
    return 2 * _EARTH_KM * asin(min(1.0, chord))


def _ids_of(album: str, events: Sequence[Sequence[DatedPhoto]], previous: Mapping[str, str]) -> list[str]:
    """Return an id for each event: an old one where it has an heir, else a new one.

    The pairs of an event and an old id with the most photos in common are matched first; ties go to
    the earlier event, then to the lower id, so that the answer depends on the photos alone.
    """
    shared = [
        (-count, index, memory_id)
        for index, event in enumerate(events)
        for memory_id, count in Counter(
            previous[photo.key] for photo in event if photo.key in previous
        ).items()
    ]
    ids: dict[int, str] = {}
    for _, index, memory_id in sorted(shared):
        if index not in ids and memory_id not in ids.values():
            ids[index] = memory_id
    taken = {*ids.values(), *previous.values()}
    for index, event in enumerate(events):
        if index not in ids:
            ids[index] = _new_id(album, event[0].key, taken)
            taken.add(ids[index])
    return [ids[index] for index in range(len(events))]


def _new_id(album: str, key: str, taken: set[str]) -> str:
    """Return an id that follows from the album and the earliest photo, other than those `taken`.

    It may be taken: the memory that this photo began may live on without it.
    """
    salt = 0
    while True:
        memory_id = hashlib.sha256(f"{album}\n{key}\n{salt}".encode()).hexdigest()[:20]
        if memory_id not in taken:
            return memory_id
        salt += 1


def _box_of(positions: Sequence[Position]) -> Box | None:
    """Return the smallest box around `positions`: it leaves out the widest gap between longitudes."""
    if not positions:
        return None
    latitudes = [latitude for latitude, _ in positions]
    longitudes = sorted({longitude for _, longitude in positions})
    gaps = [(360 + longitudes[0] - longitudes[-1], -len(longitudes), longitudes[-1], longitudes[0])]
    gaps += [(east - west, -index, west, east) for index, (west, east) in enumerate(pairwise(longitudes))]
    _, _, last, first = max(gaps)
    return Box(south=min(latitudes), west=first, north=max(latitudes), east=last)


def title_of(start: datetime, end: datetime) -> str:
    """Return what a person would write on the back: "3-5 May 2024" with a dash, or the part of a day."""
    first, last = start.date(), max(start.date(), (end - timedelta(hours=NIGHT_ENDS)).date())
    if first == last:
        for begins, ends, part in _PARTS_OF_DAY:
            end_hour = end.hour if end.date() == first else 23
            if begins <= start.hour < ends and begins <= end_hour < ends:
                return f"{part} of {_day(first.day, first.month)} {first.year}"
        return f"{_day(first.day, first.month)} {first.year}"
    until = f"{_day(last.day, last.month)} {last.year}"
    if first.year != last.year:
        return f"{_day(first.day, first.month)} {first.year} \N{EN DASH} {until}"
    if first.month != last.month:
        return f"{_day(first.day, first.month)} \N{EN DASH} {until}"
    return f"{first.day}\N{EN DASH}{until}"


def _day(day: int, month: int) -> str:
    return f"{day} {_MONTHS[month - 1]}"
