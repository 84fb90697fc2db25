"""One photo: all that is known of it."""

from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from api import library
from api.answers import etagged
from api.reading import index
from api.viewer import asking, who
from safelight.index.lists import photo_at
from safelight.keys import key_of
from safelight.listing import Image, Photo, is_served, listed
from safelight.live import live_id_of
from safelight.record import PhotoRecord

router = Router()

_NOT_FOR_GUESTS = frozenset({"gps", "place", "regions", "sources", "warnings"})
"""Where a photo was taken, and who is named on it: who was shown a photo was not told that."""


@dataclass(frozen=True)
class Original:
    """What was uploaded; the size in pixels is as displayed."""

    bytes: int
    media_type: str | None
    width: int | None
    height: int | None


@dataclass(frozen=True)
class Face:
    """Somebody on the photo; `box` is in fractions of its width and height."""

    id: str
    name: str | None
    box: dict[str, float]


@dataclass(frozen=True)
class MemoryOf:
    """The event that a photo belongs to."""

    id: str
    title: str


@dataclass(frozen=True)
class Detail(Photo):
    """All that is known of a photo; docs/architecture.md explains the record that it comes from."""

    original: Original | None
    metadata: dict[str, Any]
    labels: list[str]
    text: list[str]
    people: list[Face]
    memory: MemoryOf | None
    rejection: dict[str, Any] | None
    failure: dict[str, Any] | None
    moderation: dict[str, Any] | None
    processed_at: str | None


@router.get(
    "/api/photos/<photo_id>",
    summary="One photo",
    middlewares=[etagged],
    compress=True,
    openapi_extensions=who("guest", "viewer", "owner"),
)
def photo(photo_id: str) -> Detail:
    """Return all that is known of a photo."""
    return _detail(visible(photo_id))


def visible(photo_id: str) -> PhotoRecord:
    """Return the record of a photo, if who asks may see it.

    Raises:
        NotFoundError: there is none, or it is not for their eyes, which sound the same.
    """
    viewer, key = asking(), key_in_url(photo_id)
    record = library.photo(key) if viewer.sees(key) else None
    if record is None or record["status"] == "REMOVED":
        raise _missing()
    if viewer.role != "owner" and not is_served(record):
        raise _missing()
    return record


def key_in_url(photo_id: str) -> str:
    """Return the key of the photo of that id.

    Raises:
        NotFoundError: there is none.
    """
    try:
        return key_of(photo_id)
    except ValueError:
        raise _missing() from None


def _missing() -> NotFoundError:
    return NotFoundError("There is no such photo here.")


def _detail(record: PhotoRecord) -> Detail:
    is_guest, is_owner = asking().role == "guest", asking().role == "owner"
    photo, stored, tags = record.get("photo"), record.get("original"), record.get("tags", {})
    shown = vars(listed(record)) | {"images": pictures(record)} | _half(record)
    metadata: dict[str, Any] = {**record.get("metadata", {})}
    original = stored and Original(
        stored["bytes"],
        photo["media_type"] if photo else None,
        photo["width"] if photo else None,
        photo["height"] if photo else None,
    )
    people = [] if is_guest else library.people_on(record)
    memory = None if is_guest else library.memory_of(record)
    return Detail(
        **shown,
        original=original,
        metadata={name: it for name, it in metadata.items() if not (is_guest and name in _NOT_FOR_GUESTS)},
        labels=[label["name"] for label in tags.get("labels", [])],
        text=list(tags.get("text", [])),
        people=[Face(each["person_id"], each["name"], each["box"]) for each in people],
        memory=MemoryOf(memory["memory_id"], memory["title"]) if memory else None,
        rejection={**record["rejection"]} if "rejection" in record else None,
        failure={**record["failure"]} if is_owner and "failure" in record else None,
        moderation={**tags["moderation"]} if is_owner and "moderation" in tags else None,
        processed_at=record.get("processed_at"),
    )


def _half(record: PhotoRecord) -> dict[str, Any]:
    """Return what moves a still, as the index knows: records tell of their own files alone."""
    found = photo_at(index(), record["key"]) if live_id_of(record) else None
    if found is None or found.moving is None:
        return {}
    return {"film": found.film, "moving": found.moving}


def pictures(record: PhotoRecord) -> list[Image]:
    """Return the pictures of a photo; of a held one URLs for this caller, an owner, which end soon."""
    if record["status"] != "HELD" or asking().role != "owner":
        return listed(record).images
    return [Image(library.held_url(key), None, None, None) for key in record.get("held_renditions", [])]
