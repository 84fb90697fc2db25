"""Lambda: makes one rendition of an original and stores it."""

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from render.rendition import made_by, render
from render.settings import Settings
from safelight.confined import confined
from safelight.keys import filename_of, url_of
from safelight.observability import foreseen, logger_of
from safelight.settings import from_environment
from safelight.storage import download, store

if TYPE_CHECKING:
    from safelight.contracts import Original, Rendition, RenditionPlan


class Event(TypedDict):
    """What the workflow sends: `source` is the original at `key`, or its working master."""

    source: "Original"
    key: str
    execution: str
    rendition: "RenditionPlan"


@foreseen
def handler(event: Event, context: Any) -> "Rendition":
    """Make `event["rendition"]` of `event["source"]`, store it, and return it.

    Raises:
        TruncatedFile, CorruptFile, UnsupportedFormat, TooCostly
        OriginalMissing, AccessDenied, ServiceThrottled, ServiceUnavailable, Misconfigured
    """
    log = logger_of(event["key"], event["execution"], context)
    plan, settings = event["rendition"], from_environment(Settings, os.environ)
    with tempfile.TemporaryDirectory() as folder:
        download(event["source"], path := Path(folder, "source"))
        made = confined(context, name := filename_of(event["key"]), render, path, name, plan)
    store(settings.renditions_bucket, plan["key"], made.body, made.media_type, held=settings.held)
    log.info("rendition stored", rendition=plan["name"], width=made.width, height=made.height)
    return {
        "name": plan["name"],
        "key": plan["key"],
        "url": url_of(settings.renditions_base_url, plan["key"]),
        "version": made_by(plan),
        **made.described,
    }
