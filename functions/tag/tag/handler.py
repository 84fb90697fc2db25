"""Lambda: asks Rekognition and Textract what a photo shows, or whether it may be shown at all."""

import os
from typing import Any, Literal, NotRequired, TypedDict

from safelight.contracts import StoredImage
from safelight.observability import logger
from safelight.settings import from_environment
from tag.results import Moderated, Tags, moderated, tagged
from tag.settings import Settings
from tag.tagging import moderate, tag


class Event(TypedDict):
    """What the workflow sends: `key` is the original's.

    To `moderate` come the keys of all `renditions`, and whether someone has said to `release` the photo; to
    `tag` what moderation has said, None where it is off.
    """

    step: Literal["moderate", "tag"]
    key: str
    image: StoredImage
    renditions: NotRequired[list[str]]
    release: NotRequired[bool]
    moderation: NotRequired[Moderated | None]


def handler(event: Event, context: Any) -> Tags | Moderated:
    """Moderate or tag the photo by the stored rendition at `event["image"]`.

    Raises:
        AccessDenied, Misconfigured, RequestRefused, ServiceThrottled, ServiceUnavailable
    """
    settings = from_environment(Settings, os.environ)
    if event["step"] == "moderate":
        verdict, calls = moderate(
            event["image"], event["renditions"], settings, release=event.get("release", False)
        )
        logger().info("photo moderated", key=event["key"], verdict=verdict["verdict"], calls=calls)
        return moderated(verdict, calls)
    found = tag(event["key"], event["image"], settings)
    logger().info("photo tagged", key=event["key"], labels=len(found.labels), calls=found.calls)
    return tagged(found, event.get("moderation"))
