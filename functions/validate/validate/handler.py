"""Lambda: says what an original really is, or why it cannot be processed, and plans its renditions."""

import os
import tempfile
from pathlib import Path
from typing import Any, TypedDict

from safelight.confined import confined
from safelight.contracts import Original, Validated
from safelight.keys import filename_of
from safelight.observability import foreseen, logger_of
from safelight.settings import from_environment
from safelight.storage import download, shutting_malware_away, tags_of
from validate.photo import check_bytes, describe, summed
from validate.plan import planned
from validate.scan import check_clean, check_verdict
from validate.settings import Settings
from validate.size import READER


class Event(TypedDict):
    """What the workflow sends: the version is the claim's; `execution` is its ARN."""

    original: Original
    version: str
    execution: str


@foreseen
def handler(event: Event, context: Any) -> Validated:
    """Return what `event["original"]` is, and the renditions to make of it.

    Raises:
        EmptyFile, FileTooLarge, UnsupportedFormat, TruncatedFile, CorruptFile, TooManyPixels, TooCostly
        MalwareFound, OriginalMissing, AccessDenied, ServiceThrottled, ServiceUnavailable, Misconfigured
    """
    original, settings = event["original"], from_environment(Settings, os.environ)
    log = logger_of(original["key"], event["execution"], context)
    filename = filename_of(original["key"])
    check_bytes(original["size"], settings.max_file_bytes, filename)
    with tempfile.TemporaryDirectory() as folder, shutting_malware_away(original):
        if settings.malware_protection == "on":
            check_verdict(tags_of(original), filename)
        download(original, path := Path(folder, "original"))
        check_clean(path, filename, settings.scanner_socket)
        photo = summed(path, confined(context, filename, describe, path, filename, *settings.limits))
    log.info("original validated", photo=photo)
    plan = planned(photo, settings.preset, original["key"], event["version"], event["execution"])
    return {"photo": photo, **plan, "version": READER}
