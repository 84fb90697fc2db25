"""Lambda: reads the metadata of an original from its header, by ranged reads."""

from typing import TYPE_CHECKING, Any, TypedDict

from metadata.bounded import Header
from metadata.record import Asked, read_record
from metadata.settings import settings
from metadata.sidecar import read_sidecar
from safelight import __version__
from safelight.keys import filename_of
from safelight.observability import foreseen, logger_of
from safelight.storage import RangedFile

if TYPE_CHECKING:
    from safelight.contracts import MetadataRead, Original, Photo


class Event(TypedDict):
    """What the workflow sends; `execution` is its ARN."""

    original: "Original"
    photo: "Photo"
    execution: str


@foreseen
def handler(event: Event, context: Any) -> "MetadataRead":
    """Return what the header of `event["original"]` says, and the sidecar beside it.

    Raises:
        OriginalMissing, AccessDenied, Misconfigured, ServiceThrottled, ServiceUnavailable
    """
    log = logger_of(event["original"]["key"], event["execution"], context)
    original, file = event["original"], RangedFile(event["original"])
    size, precision = (event["photo"]["width"], event["photo"]["height"]), settings().gps_precision
    asked = Asked(filename_of(original["key"]), *size, read_sidecar(original), precision)
    record = read_record(Header(file), asked)
    log.info("metadata read", bytes_read=file.bytes_fetched)
    return {
        "metadata": record,
        "bytes_read": file.bytes_fetched,
        "version": f"safelight {__version__}",
    }
