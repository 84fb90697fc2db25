"""Goes through a part of the bucket, and sends the events of what nobody has decided on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from backfill import bucket
from backfill.parts import Part, Work, parts_of, work_on
from safelight.clients import dynamodb
from safelight.errors import TransientError
from safelight.keys import has_record, photo_id
from safelight.record import PhotoRecord
from safelight.returning import is_judged, upload_event
from safelight.table import read_records

_FIELDS = ("id", "status", "key", "sequencer", "original", "processed_at")
"""What of a record tells what to send."""

_LEAST_ROOM = 10_000
_ROOM_A_PLACE = 200
"""So many events may wait for each place, half an hour's: what is uploaded meanwhile waits behind them."""


@dataclass(frozen=True)
class Settings:
    """The bucket, the table and the queue of the stack, and how many photos are at work at once."""

    originals_bucket: str
    library_table: str
    waiting_uploads_queue: str
    photos_at_once: int


def divided(settings: Settings, prefixes: list[str], dry_run: bool) -> list[Work]:
    """Return the work on what lies below each of `prefixes`, in parts.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    found = [bucket.folders_below(settings.originals_bucket, prefix) for prefix in prefixes]
    return [work_on(part, dry_run) for prefix, folders in found for part in parts_of(prefix, folders)]


def gone_on(settings: Settings, work: Work, has_time: Callable[[], bool]) -> Work:
    """Return what came of going on with a part, a page at a time, until the time, the room or the part ends.

    What came of earlier pages is not lost to an error: it ends the work of this time, and is met again next.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable: it was met at the first page.
    """
    room = max(_LEAST_ROOM, _ROOM_A_PLACE * settings.photos_at_once)
    work = {**work, "is_full": False}
    done = 0
    while work["part"] and (has_time() or not done):
        try:
            if not work["dry_run"] and bucket.waiting(settings.waiting_uploads_queue) >= room:
                return {**work, "is_full": True}
            work = _one_page(settings, work, work["part"])
        except TransientError:
            if not done:
                raise
            return work
        done += 1
    return work


def _one_page(settings: Settings, work: Work, part: Part) -> Work:
    originals, rest = bucket.page_of(settings.originals_bucket, part)
    photos = [each for each in originals if has_record(each.key)]
    ids = [photo_id(each.key) for each in photos]
    records = read_records(dynamodb(), settings.library_table, ids, "Reading the records", _FIELDS)
    known = [cast(PhotoRecord | None, records.get(id_)) for id_ in ids]
    todo = [
        (record, current)
        for record, current in zip(known, photos, strict=True)
        if not is_judged(record, current)
    ]
    if not work["dry_run"]:
        bucket.send(settings.waiting_uploads_queue, [upload_event(*each) for each in todo])
    return {
        **work,
        "part": rest,
        "seen": work["seen"] + len(photos),
        "sent": work["sent"] + len(todo),
        "sent_bytes": work["sent_bytes"] + sum(current.size for _, current in todo),
    }
