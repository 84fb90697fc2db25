"""Lambda: makes one rendition of an original and stores it."""

import os
import tempfile
from pathlib import Path
from typing import Any, TypedDict

from render.rendition import render
from render.settings import Settings
from safelight.contracts import Original, Rendition, RenditionPlan
from safelight.keys import url_of
from safelight.observability import logger
from safelight.settings import from_environment
from safelight.storage import download, store


class Event(TypedDict):
    """What the workflow sends: `source` is the original or its working master, `filename` the original's."""

    source: Original
    filename: str
    rendition: RenditionPlan


def handler(event: Event, context: Any) -> Rendition:
    """Make `event["rendition"]` of `event["source"]`, store it, and return it.

    Raises:
        TruncatedFile, CorruptFile, UnsupportedFormat
        OriginalMissing, AccessDenied, ServiceThrottled, ServiceUnavailable, Misconfigured
    """
    settings = from_environment(Settings, os.environ)
    plan = event["rendition"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "source")
        download(event["source"], path)
        made = render(path, event["filename"], plan)
    store(settings.renditions_bucket, plan["key"], made.body, made.media_type, held=settings.held)
    logger().info("rendition stored", key=plan["key"], width=made.width, height=made.height)
    rendition: Rendition = {
        "name": plan["name"],
        "key": plan["key"],
        "url": url_of(settings.base_url, plan["key"]),
        "width": made.width,
        "height": made.height,
        "bytes": len(made.body),
        "media_type": made.media_type,
        "version": made.version,
    }
    return {**rendition, **made.extras}
