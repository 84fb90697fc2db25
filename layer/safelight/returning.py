"""How a photo comes back whose processing ended badly, or whose event was lost. Pure.

What lies at its key now, and its record, go in; the event that its workflow is started with comes out.
"""

from dataclasses import dataclass
from typing import Literal

from safelight.record import (
    UNVERSIONED,
    DeletionEvent,
    PhotoRecord,
    UploadedObject,
    UploadEvent,
    event_again,
)

How = Literal["redrive", "start again", "gone"]

_NEVER = "0"
"""A sequencer before any of S3's: the event itself, where it comes late, is taken after it."""


@dataclass(frozen=True)
class Current:
    """The original that lies at a key now; `version_id` is UNVERSIONED in a bucket that keeps none."""

    bucket: str
    key: str
    size: int
    etag: str
    version_id: str


def way_back(photo: PhotoRecord, current: Current | None) -> How:
    """Return how a photo comes back: an execution resumes only if it was of the original that is there."""
    if current is None:
        return "gone"
    return "redrive" if photo["status"] == "FAILED" and is_of(photo, current) else "start again"


def is_judged(photo: PhotoRecord | None, current: Current) -> bool:
    """Tell whether it is decided what becomes of the original that lies there: it is in, held or out."""
    if photo is None or not is_of(photo, current):
        return False
    return photo["status"] in {"ACTIVE", "HELD", "REJECTED"} and "processed_at" in photo


def upload_event(photo: PhotoRecord | None, current: Current) -> UploadEvent:
    """Return the event that processes the original at a key, whatever its record is, if there is one.

    Where the event comes twice, the second does nothing, unless the first is unfinished. Only S3 knows the
    sequencer of an upload whose event was lost: this one is the next after what has claimed the photo, so
    that the event itself is later, should it still come.
    """
    if photo and photo["status"] != "REMOVED" and is_of(photo, current):
        event = event_again(photo)
        if photo["status"] == "FAILED":
            del event["reprocess"]
        return event
    uploaded: UploadedObject = {
        "key": current.key,
        "size": current.size,
        "etag": current.etag,
        "sequencer": _after(photo["sequencer"]) if photo and "sequencer" in photo else _NEVER,
    }
    if current.version_id != UNVERSIONED:
        uploaded["version-id"] = current.version_id
    return {"detail": {"bucket": {"name": current.bucket}, "object": uploaded}}


def deletion_event(photo: PhotoRecord) -> DeletionEvent:
    """Return the event that removes a photo whose original is gone: the next after what has claimed it."""
    sequencer = _after(photo.get("sequencer", _NEVER))
    return {
        "detail-type": "Object Deleted",
        "detail": {"object": {"key": photo["key"], "sequencer": sequencer}},
    }


def _after(sequencer: str) -> str:
    """Return a sequencer after this one, and before any later one of S3's: those differ in earlier digits."""
    return f"{sequencer.ljust(40, '0')}1"


def is_of(photo: PhotoRecord, current: Current) -> bool:
    """Tell whether a record is that of the original that lies there now."""
    original = photo.get("original")
    if original is None or "sequencer" not in photo:
        return False
    if original["version_id"] != UNVERSIONED:
        return original["version_id"] == current.version_id
    return original["etag"] in {"", current.etag}
