"""Lambda: makes renditions of an original and stores them."""

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from render.keeping import made_and_kept
from render.settings import Settings
from safelight.keys import filename_of
from safelight.observability import foreseen, logger_of
from safelight.settings import from_environment
from safelight.storage import download

if TYPE_CHECKING:
    from safelight.contracts import Original, Rendition, RenditionPlan


class Event(TypedDict):
    """What the workflow sends: `source` is the original at `key`, or its working master."""

    source: "Original"
    key: str
    execution: str
    renditions: "list[RenditionPlan]"


class Made(TypedDict):
    """What was made, in the order of the plans."""

    renditions: "list[Rendition]"


@foreseen
def handler(event: Event, context: Any) -> Made:
    """Make `event["renditions"]` of `event["source"]`, store them, and return them.

    Raises:
        TruncatedFile, CorruptFile, UnsupportedFormat, TooCostly
        OriginalMissing, AccessDenied, ServiceThrottled, ServiceUnavailable, Misconfigured
    """
    logger_of(event["key"], event["execution"], context)
    name, settings = filename_of(event["key"]), from_environment(Settings, os.environ)
    with tempfile.TemporaryDirectory() as folder:
        download(event["source"], path := Path(folder, "source"))
        return {
            "renditions": [made_and_kept(path, name, it, settings, context) for it in event["renditions"]]
        }
