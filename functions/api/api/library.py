"""What the routes read of the stack: records, and URLs by which S3 itself answers."""

from collections.abc import Iterable
from typing import cast

from api.settings import settings
from safelight.aws_errors import named_errors
from safelight.clients import dynamodb, presigning, sqs
from safelight.keys import memory_record_id, photo_id
from safelight.people.showing import people_in
from safelight.record import PhotoRecord
from safelight.table import read_photo, read_records
from safelight.transactions import Record

HELD_SECONDS = 15 * 60
"""How long the URL of a held photo's picture is good."""


def records(ids: Iterable[str]) -> dict[str, Record]:
    """Return the records that exist, as they are now, by their ids.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    return read_records(dynamodb(), settings().library_table, ids, "Reading the library")


def photo(key: str) -> PhotoRecord | None:
    """Return the record of the photo at `key`, as it is now."""
    return read_photo(dynamodb(), settings().library_table, key)


def photos(keys: Iterable[str]) -> dict[str, PhotoRecord]:
    """Return the records of photos that exist, as they are now, by their keys."""
    found = cast(dict[str, PhotoRecord], records(photo_id(key) for key in keys))
    return {record["key"]: record for record in found.values()}


def people_on(record: PhotoRecord) -> list[Record]:
    """Return who is on a photo: `person_id`, `name`, and the `box` of the best face."""
    return people_in([record], lambda ids: list(records(ids).values()))


def memory_of(record: PhotoRecord) -> Record | None:
    """Return the event that a photo belongs to."""
    if not (memory_id := record.get("memory_id")):
        return None
    return records([memory_record_id(memory_id)]).get(memory_record_id(memory_id))


def held_url(key: str) -> str:
    """Return a URL by which whoever has it sees a held rendition for a while."""
    return presigning().generate_presigned_url(
        "get_object",
        Params={"Bucket": settings().renditions_bucket, "Key": key},
        ExpiresIn=HELD_SECONDS,
    )


def waiting() -> int:
    """Return about how many uploads wait for their place in the workflow."""
    with named_errors("Counting what waits"):
        told = sqs().get_queue_attributes(
            QueueUrl=settings().waiting_uploads_queue,
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )
    return sum(int(number) for number in told["Attributes"].values())
