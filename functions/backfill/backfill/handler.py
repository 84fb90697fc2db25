"""Lambda: divides the originals into parts, and sends the events of those that nobody has decided on."""

import os
from typing import Any, Literal, TypedDict

from backfill.parts import Work
from backfill.work import Settings, divided, gone_on
from safelight.observability import foreseen, logger
from safelight.settings import from_environment

_ENDING_SECONDS = 60.0
"""What is left of the function's time when it begins no other page."""


class Divide(TypedDict):
    """Divide what lies below `prefixes`; `dry_run`: only count."""

    step: Literal["divide"]
    prefixes: list[str]
    dry_run: bool


class GoOn(TypedDict):
    """Go on with a part."""

    step: Literal["go on"]
    work: Work


@foreseen
def handler(event: Divide | GoOn, context: Any) -> list[Work] | Work:
    """Carry out `event["step"]`.

    Raises:
        AccessDenied, Misconfigured, ServiceThrottled, ServiceUnavailable
    """
    settings = from_environment(Settings, os.environ)
    if event["step"] == "divide":
        return divided(settings, event["prefixes"], event["dry_run"])
    work = gone_on(
        settings, event["work"], lambda: context.get_remaining_time_in_millis() > _ENDING_SECONDS * 1000
    )
    logger().info("part gone on with", work=work)
    return work
