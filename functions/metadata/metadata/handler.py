"""Lambda: reads the metadata of an original from its header, by ranged reads."""

from typing import Any, TypedDict

from metadata.exif import READER
from metadata.header import Header
from metadata.record import read_record
from safelight import __version__
from safelight.attributes import AttributeValue, attribute_value
from safelight.contracts import Original, Photo
from safelight.observability import logger
from safelight.storage import RangedFile


class Event(TypedDict):
    """What the workflow sends."""

    original: Original
    photo: Photo


class Metadata(TypedDict):
    """`taken_at`: local wall clock, ISO. `attributes`: the record for DynamoDB. `bytes_read`: from S3."""

    taken_at: str | None
    attributes: AttributeValue
    bytes_read: int
    version: str


def handler(event: Event, context: Any) -> Metadata:
    """Return what the header of `event["original"]` says.

    Raises:
        OriginalMissing, AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    file = RangedFile(event["original"])
    record = read_record(Header(file))
    logger().info("metadata read", key=event["original"]["key"], bytes_read=file.bytes_fetched)
    return {
        "taken_at": record.get("taken_at"),
        "attributes": attribute_value(record),
        "bytes_read": file.bytes_fetched,
        "version": f"safelight {__version__}, {READER}",
    }
