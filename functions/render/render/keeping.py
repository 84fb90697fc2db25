"""Makes a rendition, in a process of its own, and stores it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from render.rendition import made_by, render
from render.settings import Settings
from safelight.confined import confined
from safelight.keys import url_of
from safelight.observability import logger
from safelight.storage import store

if TYPE_CHECKING:
    from safelight.contracts import Rendition, RenditionPlan


def made_and_kept(
    source: Path, filename: str, plan: "RenditionPlan", settings: Settings, context: Any
) -> "Rendition":
    """Return what became of `plan`, made of the file `source`; `filename` is for the messages.

    `context` is Lambda's, or None where a test calls.

    Raises:
        TruncatedFile, CorruptFile, UnsupportedFormat, TooCostly
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    made = confined(context, filename, render, source, filename, plan)
    store(settings.renditions_bucket, plan["key"], made.body, made.media_type, held=settings.held)
    logger().info("rendition stored", rendition=plan["name"], width=made.width, height=made.height)
    return {
        "name": plan["name"],
        "key": plan["key"],
        "url": url_of(settings.renditions_base_url, plan["key"]),
        "version": made_by(plan),
        **made.described,
    }
