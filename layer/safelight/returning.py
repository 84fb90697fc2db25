"""How a photo comes back whose processing ended badly, or whose event was lost. Pure.

What lies at its key now, and its record, go in; the event that its workflow is started with comes out.
"""

from dataclasses import dataclass
from typing import Literal

from safelight.record import UNVERSIONED, DeletionEvent, PhotoRecord, UploadEvent, event_again

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
    return "redrive" if photo["status"] == "FAILED" and _is_of(photo, current) else "start again"


def upload_event(photo: PhotoRecord | None, current: Current) -> UploadEvent:
    """Return the event that processes the original at a key, whatever its record is, if there is one.

    Only S3 knows the sequencer of an upload whose event was lost. The record's is taken, so that the event
    itself is later, should it still come; of a photo that was removed, the next after its removal.
    """
    if photo and photo["status"] != "REMOVED" and _is_of(photo, current):
        return event_again(photo)
    sequencer = _NEVER if photo is None else photo.get("sequencer", _NEVER)
    removed = photo is not None and photo["status"] == "REMOVED"
    event: UploadEvent = {
        "detail": {
            "bucket": {"name": current.bucket},
            "object": {
                "key": current.key,
                "size": current.size,
                "etag": current.etag,
                "sequencer": _after(sequencer) if removed else sequencer,
            },
        }
    }
    if current.version_id != UNVERSIONED:
        event["detail"]["object"]["version-id"] = current.version_id
    if not removed:
        event["reprocess"] = True
    return event


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


def _is_of(photo: PhotoRecord, current: Current) -> bool:
    """Tell whether a record is that of the original that lies there now."""
    original = photo.get("original")
    if original is None or "sequencer" not in photo:
        return False
    if original["version_id"] != UNVERSIONED:
        return original["version_id"] == current.version_id
    return original["etag"] in {"", current.etag}
