"""Lambda: decodes an original once, where that is dear, into a working master for its renditions."""

import os
import tempfile
from pathlib import Path
from typing import Any, TypedDict

from develop.master import DEVELOPER, develop
from develop.settings import Settings
from safelight.confined import confined
from safelight.contracts import Developed, MasterPlan, Original, Photo
from safelight.keys import filename_of
from safelight.observability import foreseen, logger_of
from safelight.settings import from_environment
from safelight.storage import download, store


class Event(TypedDict):
    """What the workflow sends; `execution` is its ARN."""

    original: Original
    photo: Photo
    master: MasterPlan
    execution: str


@foreseen
def handler(event: Event, context: Any) -> Developed:
    """Develop `event["original"]` as `event["master"]` plans, store the master, and say where it lies.

    Raises:
        TruncatedFile, CorruptFile, UnsupportedFormat, TooCostly
        OriginalMissing, AccessDenied, ServiceThrottled, ServiceUnavailable, Misconfigured
    """
    log = logger_of(event["original"]["key"], event["execution"], context)
    settings = from_environment(Settings, os.environ)
    original, plan = event["original"], event["master"]
    with tempfile.TemporaryDirectory() as folder:
        download(original, path := Path(folder, "original"))
        name, format_ = filename_of(original["key"]), event["photo"]["format"]
        made = confined(context, name, develop, path, name, format_, plan)
    store(settings.renditions_bucket, plan["key"], made.body, made.media_type)
    log.info("master stored", master=plan["key"], source=made.source, bytes=len(made.body))
    master: Original = {
        "bucket": settings.renditions_bucket,
        "key": plan["key"],
        "size": len(made.body),
        "version_id": None,
    }
    return {"master": master, "source": made.source, "version": DEVELOPER}
