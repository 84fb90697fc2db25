"""What is kept of a photo, and of many: summaries of bounded size that can be added up in any order. Pure.

Adding summaries is associative and commutative, and equals summarising all their photos at once. That is what
lets one photo be counted without reading the others of its day.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import reduce
from math import log1p
from typing import Any, NamedTuple

from memories.thresholds import SHARP
from safelight.geo import Position, Vector, vector_of
from safelight.live import live_id_of, moves
from safelight.record import Gps, Metadata, PhotoRecord, Place
from safelight.transactions import Record

COVERS = 8
"""How many of its best photos a summary names, as candidates for the cover."""

POOR = 0.1
"""A screenshot is at most this good as a cover, of 1; what is no better is no highlight beside the cover."""

PLACES = 16
"""How many photos a summary asks for the place: those whose keys hash lowest, a fair sample of all."""

SPAN_DEGREES = 30
"""Longitudes are kept as their bounds within sectors this wide, so that a box may span the antimeridian."""

_UNJUDGED, _FACE = 0.5, 0.2


@dataclass(frozen=True)
class Entry:
    """A photo as memories see it.

    at: the wall clock where it was taken, ISO 8601 without offset, so that it sorts. place: locality, region
    and country, where known. quality: 0 to 1. phash: 64 bits in hexadecimal.
    """

    at: str
    position: Position | None = None
    place: tuple[str, str, str] | None = None
    quality: float = _UNJUDGED
    phash: str | None = None
    screenshot: bool = False


def entry_of(photo: PhotoRecord | None) -> Entry | None:
    """Return what memories keep of a photo's record; None unless it is ACTIVE and says when it was taken.

    Of a Live Photo the still alone is remembered, whichever half came first.
    """
    if not photo or photo["status"] != "ACTIVE" or (moves(photo) and live_id_of(photo)):
        return None
    try:
        at = datetime.fromisoformat(photo.get("taken_at") or "").replace(tzinfo=None).isoformat()
    except (TypeError, ValueError):  # one record written by other hands must not stop its whole album
        return None
    metadata = photo.get("metadata", Metadata())
    gps, place = metadata.get("gps", Gps()), metadata.get("place", Place())
    located = "latitude" in gps and "longitude" in gps
    names = [place.get("locality", ""), place.get("region", ""), place.get("country", "")]
    return Entry(
        at=at,
        position=(round(gps["latitude"], 5), round(gps["longitude"], 5)) if located else None,
        place=(names[0][:80], names[1][:80], names[2][:80]) if any(names) else None,
        quality=quality_of(photo),
        phash=photo["facts"]["perceptual_hash"] if "facts" in photo else None,
        screenshot=_is_screenshot(photo),
    )


def _is_screenshot(photo: PhotoRecord) -> bool:
    return "screenshot" in photo.get("metadata", Metadata()).get("kinds", ())


def quality_of(photo: PhotoRecord) -> float:
    """Return how good a photo is as a cover, 0 to 1: sharp, well exposed, with people, and no screenshot.

    Sharpness counts by its logarithm, as blur is seen; what nobody has judged is in the middle.
    """
    quality = _UNJUDGED
    if facts := photo.get("facts"):
        sharp = min(1.0, log1p(max(0.0, facts["sharpness"])) / log1p(SHARP))
        clipped = facts["clipped_shadows"] + facts["clipped_highlights"]
        quality = 0.6 * sharp + 0.2 * max(0.0, 1 - 2 * clipped)
    if "tags" in photo and photo["tags"].get("faces"):
        quality += _FACE
    if _is_screenshot(photo):
        quality *= POOR
    return round(min(1.0, quality), 3)


class Cover(NamedTuple):
    """A photo as a candidate for the cover, the best first.

    loss: 1 - quality. rank: a hash of the key. phash: 64 bits in hexadecimal, or empty. at: the wall clock.
    """

    loss: float
    rank: str
    key: str
    phash: str
    at: str = ""

    @property
    def moment(self) -> str:
        """The ten seconds in which it was taken; its key where it has a date alone."""
        return self.key if self.at[11:] in ("", "00:00:00") else self.at[:18]


@dataclass(frozen=True)
class Summary:
    """Photos, added up.

    starts, ends: the earliest and the latest wall clock. first, last: the same of photos with a position:
    wall clock, key, latitude, longitude. south, north, spans: bounds in degrees. located: how many have a
    position, and vector their sum on the sphere. covers: the best, each of another moment.
    places: a sample, as (hash, locality, region, country).
    """

    count: int
    screenshots: int
    starts: str
    ends: str
    located: int = 0
    vector: Vector = (0, 0, 0)
    first: tuple[str, str, float, float] | None = None
    last: tuple[str, str, float, float] | None = None
    south: float = 0.0
    north: float = 0.0
    spans: Mapping[str, tuple[float, float]] | None = None
    covers: tuple[Cover, ...] = ()
    places: tuple[tuple[str, str, str, str], ...] = ()


def summary_of(key: str, entry: Entry) -> Summary:
    """Return the summary of one photo."""
    rank = hashlib.sha256(key.encode()).hexdigest()[:8]
    cover = Cover(round(1 - entry.quality, 3), rank, key, entry.phash or "", entry.at)
    places = ((rank, *entry.place),) if entry.place else ()
    shots = int(entry.screenshot)
    if entry.position is None:
        return Summary(1, shots, entry.at, entry.at, covers=(cover,), places=places)
    latitude, longitude = entry.position
    fix = (entry.at, key, latitude, longitude)
    return Summary(
        count=1,
        screenshots=shots,
        starts=entry.at,
        ends=entry.at,
        located=1,
        vector=vector_of(entry.position),
        first=fix,
        last=fix,
        south=latitude,
        north=latitude,
        spans={str(int((longitude + 180) // SPAN_DEGREES)): (longitude, longitude)},
        covers=(cover,),
        places=places,
    )


def add(one: Summary, other: Summary) -> Summary:
    """Return the summary of the photos of both; they must have none in common."""
    fixed = [each for each in (one, other) if each.located]
    spans: dict[str, tuple[float, float]] = {}
    for each in fixed:
        for sector, (west, east) in (each.spans or {}).items():
            known = spans.get(sector, (west, east))
            spans[sector] = (min(west, known[0]), max(east, known[1]))
    return Summary(
        count=one.count + other.count,
        screenshots=one.screenshots + other.screenshots,
        starts=min(one.starts, other.starts),
        ends=max(one.ends, other.ends),
        located=one.located + other.located,
        vector=(
            one.vector[0] + other.vector[0],
            one.vector[1] + other.vector[1],
            one.vector[2] + other.vector[2],
        ),
        first=min((each.first for each in fixed if each.first), default=None),
        last=max((each.last for each in fixed if each.last), default=None),
        south=min((each.south for each in fixed), default=0.0),
        north=max((each.north for each in fixed), default=0.0),
        spans=spans or None,
        covers=_best((*one.covers, *other.covers)),
        places=tuple(sorted((*one.places, *other.places))[:PLACES]),
    )


def _best(covers: Iterable[Cover]) -> tuple[Cover, ...]:
    """Return the best of each moment, and of these the `COVERS` best."""
    best: dict[str, Cover] = {}
    for cover in sorted(covers):
        best.setdefault(cover.moment, cover)
    return tuple(best.values())[:COVERS]


def total(summaries: Iterable[Summary]) -> Summary:
    """Return the sum of at least one summary."""
    return reduce(add, summaries)


def hours_of(entries: Mapping[str, Entry]) -> dict[str, Summary]:
    """Return the photos of one day, by key, summarised by the hour: "00" to "23"."""
    hours: dict[str, Summary] = {}
    for key, entry in entries.items():
        one, hour = summary_of(key, entry), entry.at[11:13]
        hours[hour] = add(hours[hour], one) if hour in hours else one
    return hours


def as_record(value: Entry | Summary) -> Record:
    """Return `value` as plain values to store, without what is empty."""
    return {name: each for name, each in asdict(value).items() if each not in (None, ())}


def entry_from(record: Record) -> Entry:
    """Return the entry that `as_record` stored."""
    return Entry(**{name: _frozen(each) for name, each in record.items()})


def summary_from(record: Record) -> Summary:
    """Return the summary that `as_record` stored."""
    fields = {name: _frozen(each) for name, each in record.items()}
    fields["covers"] = tuple(Cover(*each) for each in record["covers"])
    if "spans" in record:
        fields["spans"] = {sector: tuple(span) for sector, span in record["spans"].items()}
    return Summary(**fields)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(member) for member in value) if isinstance(value, list | tuple) else value
