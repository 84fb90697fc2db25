"""What the file keeps of a record. Pure: records in, values out.

A record that lacks what the product writes raises KeyError, TypeError or ValueError.
"""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from safelight.index.colors import color_name
from safelight.index.dates import marks_of
from safelight.index.schema import COLUMNS
from safelight.index.words import folded, tokens
from safelight.keys import composed, public_id
from safelight.listing import Image, Photo, Playback, is_served, listed
from safelight.live import live_id_of, moves
from safelight.record import Metadata, PhotoRecord, Place, Status

_MOST_WORDS = 500
"""So many words of one field are found; the text of a scanned page goes on longer."""


@dataclass(frozen=True)
class Found:
    """By what a photo is found; `taken` is empty where it has no date, `place` is the id of one.

    `live` is what both halves of a Live Photo tell, of which one `moves`; a `half` is not shown by itself.
    """

    key: str
    album: str
    status: Status
    at: str
    shown: bool
    taken: str
    memory: str | None
    place: str | None
    latitude: float | None
    longitude: float | None
    live: str | None
    moves: bool
    half: bool = False


def found_by(record: PhotoRecord) -> Found:
    """Return by what the photo of `record` is found."""
    metadata = record.get("metadata", {})
    place, gps = metadata.get("place"), metadata.get("gps", {})
    failure = record.get("failure")
    return Found(
        key=record["key"],
        album=record["album"],
        status=record["status"],
        at=failure["at"] if failure else record.get("processed_at") or record.get("claimed_at", ""),
        shown=is_served(record),
        taken=record.get("taken_at") or "",
        memory=record.get("memory_id"),
        place=place_id(place) if place else None,
        latitude=gps.get("latitude"),
        longitude=gps.get("longitude"),
        live=live_id_of(record),
        moves=moves(record),
    )


def content_of(record: PhotoRecord) -> str:
    """Return what `photo_from` makes the photo in lists of, briefly."""
    photo = listed(record)
    folders = {each.url.rpartition("/")[0] for each in photo.images}
    start = folders.pop() if len(folders) == 1 else ""
    images = [[it.url.removeprefix(start), it.width, it.height, it.media_type] for it in photo.images]
    content: list[Any] = [
        photo.taken_at,
        photo.width,
        photo.height,
        photo.thumbhash,
        photo.color,
        start,
        images,
    ]
    if film := photo.film:
        ends = [it.removeprefix(start) for it in (film.playlist, film.preview)]
        content.append([film.seconds, *ends, *([1] if photo.moving else [])])
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def photo_from(key: str, album: str, status: Status, content: str) -> Photo:
    """Return the photo in lists, as `listed` would of its record."""
    taken_at, width, height, thumbhash, color, start, images, *film = json.loads(content)
    return Photo(
        id=public_id(key),
        album=album,
        filename=composed(key.rpartition("/")[2]),
        status=status,
        taken_at=taken_at,
        width=width,
        height=height,
        thumbhash=thumbhash,
        color=color,
        images=[Image(start + end, *rest) for end, *rest in images],
        film=Playback(film[0][0], start + film[0][1], start + film[0][2]) if film else None,
        moving=public_id(key) if film and film[0][3:] else None,
    )


def place_id(place: Place) -> str | None:
    """Return the id of a place: its country, region and name; None where it has no name."""
    name = place_name(place)
    return "/".join((place.get("country_code", ""), place.get("region", ""), name)) if name else None


def place_name(place: Place) -> str | None:
    """Return what a place is called among others: the town, or what is known in place of it."""
    return place.get("locality") or place.get("city") or place.get("region") or place.get("country")


def label_names(record: PhotoRecord) -> list[str]:
    """Return the labels of a photo, and what they are kinds of."""
    labels = record.get("tags", {}).get("labels", [])
    return list(dict.fromkeys(name for each in labels for name in (each["name"], *each["parents"])))


def camera_name(metadata: Metadata) -> str | None:
    """Return what the camera is called: the model, with its maker where the model does not begin with it."""
    camera = metadata.get("camera", {})
    make, model = camera.get("make", "").strip(), camera.get("model", "").strip()
    if make and model.lower().startswith(make.split()[0].lower()):
        make = ""
    return " ".join(filter(None, (make, model))) or None


def words_of(record: PhotoRecord, people: Iterable[str]) -> list[str]:
    """Return the words of a photo by the columns of the search, with the names of `people` on it."""
    metadata, place = record.get("metadata", {}), record.get("metadata", {}).get("place", {})
    facts = record.get("facts")
    lens = metadata.get("lens", {})
    taken = record.get("taken_at")
    marks = marks_of(taken, metadata.get("taken_at_precision")) if taken else []
    text: dict[str, Iterable[str | None]] = {
        "people": people,
        "title": [metadata.get("title")],
        "place": [
            place.get("locality"),
            place.get("district"),
            place.get("city"),
            place.get("region"),
            place.get("country"),
        ],
        "album": [record["album"]],
        "keywords": metadata.get("keywords", []),
        "labels": label_names(record),
        "description": [metadata.get("description"), metadata.get("creator")],
        "filename": [record["filename"]],
        "text": record.get("tags", {}).get("text", []),
        "camera": [camera_name(metadata), lens.get("model")],
        "marks": [*marks, color_mark(color_name(facts["dominant_color"])) if facts else None],
    }
    return [_joined(text[column]) for column in COLUMNS]


def color_mark(color: str) -> str:
    """Return the mark of photos of one dominant colour."""
    return f"c0{color}"


def _joined(texts: Iterable[str | None]) -> str:
    words = [word for text in texts if text for word in tokens(text)]
    return " ".join(words[:_MOST_WORDS])


def packed(words: Sequence[str]) -> bytes:
    """Return `words_of` a photo in few bytes."""
    return zlib.compress("\n".join(words).encode())


def unpacked(content: bytes) -> list[str]:
    """Return what was `packed`."""
    return zlib.decompress(content).decode().split("\n")


def memory_row(record: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the row of a memory."""
    return (
        record["memory_id"],
        record["kind"],
        record["album"],
        record["title"],
        record["starts_at"],
        record["ends_at"],
        record["photo_count"],
        record["cover_key"],
        json.dumps(record.get("days", [])),
    )


def place_row(place: Place) -> tuple[Any, ...]:
    """Return the row of a place that has a name."""
    name = place_name(place)
    region = place.get("region")
    country = place.get("country")
    parts = [name, region if region != name else None, country if country != name else None]
    return (place_id(place), *parts, " ".join(tokens(name or "")))


def person_row(person_id: str, name: str | None, cover: Mapping[str, Any] | None) -> tuple[Any, ...]:
    """Return the row of a person."""
    return (
        person_id,
        name,
        folded(name) if name else None,
        cover["key"] if cover else None,
        json.dumps(cover["box"]) if cover else None,
    )
