"""A photo as lists of the library show it: what a page of many photos needs to know of each. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from safelight.keys import public_id, url_of
from safelight.record import PhotoRecord, Status, StoredRendition


@dataclass(frozen=True)
class Image:
    """A picture of a photo: its URL, its size in pixels and its type; of a HELD photo these are not known.

    The URL is a path at the library's own address; of a HELD photo it is S3's own, and ends soon.
    """

    url: str
    width: int | None
    height: int | None
    media_type: str | None


@dataclass(frozen=True)
class Playback:
    """What plays a film of so many seconds: a playlist of HLS, and a short silent loop for lists."""

    seconds: float
    playlist: str
    preview: str


@dataclass(frozen=True)
class Photo:
    """A photo in a list; `film` is what plays one that moves.

    Of a Live Photo `moving` is the id of its film, which the index alone knows: see `safelight.live`; of a
    motion photo, which has its film within it, its own.

    `taken_at` is a wall clock; `width` and `height` are the original's in pixels as displayed; `thumbhash` is
    base64; `color` is `#rrggbb`; `images` go from small to large.
    """

    id: str
    album: str
    filename: str
    status: Status
    taken_at: str | None
    width: int | None
    height: int | None
    thumbhash: str | None
    color: str | None
    images: list[Image]
    film: Playback | None
    moving: str | None


def listed(record: PhotoRecord) -> Photo:
    """Return the photo of `record` as lists show it; one that may not be served has no images."""
    photo, facts = record.get("photo"), record.get("facts")
    return Photo(
        id=public_id(record["key"]),
        album=record["album"],
        filename=record["filename"],
        status=record["status"],
        taken_at=record.get("taken_at"),
        width=photo["width"] if photo else None,
        height=photo["height"] if photo else None,
        thumbhash=facts["thumbhash"] if facts else None,
        color=facts["dominant_color"] if facts else None,
        images=images_of(record["renditions"].values()) if is_served(record) else [],
        film=playback_of(record) if is_served(record) else None,
        moving=public_id(record["key"]) if is_served(record) and _is_motion_photo(record) else None,
    )


def is_served(record: PhotoRecord) -> bool:
    """Tell whether everybody who may see the album sees the photo.

    One that is processed again, or failed at that, is seen as before: its renditions are on the record until
    others take their place, or it is held, rejected or removed.
    """
    return "renditions" in record and record["status"] in {"ACTIVE", "PROCESSING", "FAILED"}


def playback_of(record: PhotoRecord) -> Playback | None:
    """Return what plays a film, or the moving part of a motion photo; None of what does not move."""
    copy, photo = record.get("web_copy"), record.get("photo")
    film = photo and (photo["motion"]["film"] if "motion" in photo else photo.get("film"))
    if not copy or not film:
        return None
    return Playback(film["duration"], url_of("", copy["playlist"]), url_of("", copy["preview"]))


def _is_motion_photo(record: PhotoRecord) -> bool:
    return "web_copy" in record and "motion" in record.get("photo", {})


def images_of(renditions: Iterable[StoredRendition]) -> list[Image]:
    """Return renditions as pictures, from small to large."""
    return [
        Image(url_of("", each["key"]), each["width"], each["height"], each["media_type"])
        for each in sorted(renditions, key=lambda it: it["width"] * it["height"])
    ]
