"""Lambda: reads the metadata of an original from its header, by ranged reads."""

import os
from typing import Any, TypedDict

from metadata.exif import READER
from metadata.header import Header
from metadata.record import Asked, read_record
from metadata.settings import Settings
from safelight import __version__
from safelight.attributes import AttributeValue, attribute_value
from safelight.contracts import Original, Photo
from safelight.keys import filename_of
from safelight.observability import logger
from safelight.settings import from_environment
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
        OriginalMissing, AccessDenied, Misconfigured, ServiceThrottled, ServiceUnavailable
    """
    settings = from_environment(Settings, os.environ)
    key, photo, file = event["original"]["key"], event["photo"], RangedFile(event["original"])
    asked = Asked(filename_of(key), photo["width"], photo["height"], gps_precision=settings.gps_precision)
    record = read_record(Header(file), asked)
    logger().info("metadata read", key=key, bytes_read=file.bytes_fetched)
    return {
        "taken_at": record.get("taken_at"),
        "attributes": attribute_value(record),
        "bytes_read": file.bytes_fetched,
        "version": f"safelight {__version__}, {READER}",
    }
