"""Lambda: reads the metadata of an original from its header, by ranged reads."""

from typing import Any, TypedDict

from metadata.bounded import Header
from metadata.exif import READER
from metadata.record import Asked, read_record
from metadata.settings import settings
from metadata.sidecar import read_sidecar
from safelight import __version__
from safelight.attributes import AttributeValue, attribute_value
from safelight.contracts import Original, Photo
from safelight.keys import filename_of
from safelight.observability import logger
from safelight.storage import RangedFile


class Event(TypedDict):
    """What the workflow sends."""

    original: Original
    photo: Photo


class Metadata(TypedDict):
    """`taken_at`: wall clock, ISO. `attributes`: the record for DynamoDB. `bytes_read`: of the original."""

    taken_at: str | None
    attributes: AttributeValue
    bytes_read: int
    version: str


def handler(event: Event, context: Any) -> Metadata:
    """Return what the header of `event["original"]` says, and the sidecar beside it.

    Raises:
        OriginalMissing, AccessDenied, Misconfigured, ServiceThrottled, ServiceUnavailable
    """
    original, file = event["original"], RangedFile(event["original"])
    size, precision = (event["photo"]["width"], event["photo"]["height"]), settings().gps_precision
    asked = Asked(filename_of(original["key"]), *size, read_sidecar(original), precision)
    record = read_record(Header(file), asked)
    logger().info("metadata read", key=original["key"], bytes_read=file.bytes_fetched)
    return {
        "taken_at": record.get("taken_at"),
        "attributes": attribute_value(record),
        "bytes_read": file.bytes_fetched,
        "version": f"safelight {__version__}, {READER}",
    }
