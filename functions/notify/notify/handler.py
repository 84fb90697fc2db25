"""Lambda: announces one photo, finished, held or rejected, in words, or many at once, in a digest."""

import os
from typing import Any, Literal, TypedDict

from notify.announcing import Digested, Notified, announce, announce_together
from notify.settings import Settings
from safelight.observability import foreseen, logger, logger_of
from safelight.settings import from_environment

_ENDING_SECONDS = 20.0
"""What is left of the function's time when it says what it has read: it forgets about as fast as it reads."""


class Event(TypedDict):
    """What the workflow sends: of the photo, of the execution (its ARN), and when S3 had it, if S3 told."""

    key: str
    execution: str
    uploaded_at: str | None


class Digest(TypedDict):
    """Say what waits to be said."""

    step: Literal["digest"]


@foreseen
def handler(event: Event | Digest, context: Any) -> Notified | Digested:
    """Announce the photo at `event["key"]`, or let it wait for a digest; or say what waits.

    Raises:
        AccessDenied, Misconfigured, ServiceThrottled, ServiceUnavailable
    """
    settings = from_environment(Settings, os.environ)
    if "step" not in event:
        log = logger_of(event["key"], event["execution"], context)
        return announce(settings, log, **event)
    done = announce_together(
        settings, lambda: context.get_remaining_time_in_millis() > _ENDING_SECONDS * 1000
    )
    logger().remove_keys(["key", "execution"])  # of the photo that came before
    logger().info("photos announced", photos=done["photos"])
    return done
