"""Lambda: asks Rekognition and Textract what a photo shows, or whether it may be shown at all."""

import os
from typing import Any

from safelight.contracts import Moderated, Tagged
from safelight.errors import OriginalMissing, RequestRefused
from safelight.metering import count
from safelight.observability import foreseen, logger_of
from safelight.settings import from_environment
from tag.ledger import check_owner
from tag.measures import spent_on
from tag.results import moderated, tagged
from tag.settings import Settings
from tag.steps import Moderate, Tag, image_of
from tag.tagging import moderate, tag


@foreseen
def handler(event: Moderate | Tag, context: Any) -> Tagged | Moderated:
    """Moderate or tag the photo at `event["key"]` by the rendition whose key is `event["look_at"]`.

    Raises:
        Superseded: another execution has the photo; it may have deleted what was to be looked at.
        AccessDenied, Misconfigured, OriginalMissing, RequestRefused, ServiceThrottled, ServiceUnavailable
    """
    log = logger_of(event["key"], event["execution"], context)
    settings = from_environment(Settings, os.environ)
    image = image_of(event, settings.renditions_bucket)
    try:
        if event["step"] == "moderate":
            verdict, calls = moderate(event, image, settings)
            count(settings.stack, spent_on(calls), key=event["key"], execution=event["execution"])
            log.info("photo moderated", verdict=verdict["verdict"], calls=calls)
            return moderated(verdict, calls)
        found = tag(event["key"], image, settings, event.get("half", False))
    except (OriginalMissing, RequestRefused):
        check_owner(settings.library_table, event["key"], event["execution"])
        raise
    count(settings.stack, spent_on(found.calls), key=event["key"], execution=event["execution"])
    log.info("photo tagged", labels=len(found.labels), calls=found.calls)
    return tagged(found, event["moderation"])
