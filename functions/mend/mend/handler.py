"""Lambda: looks at what ended badly in an hour, and records it or begins it again."""

import os
from datetime import UTC, datetime
from typing import Any

from mend.executions import oldest_running
from mend.repair import Settings, Work, age_of, gone_on
from safelight.metering import count
from safelight.observability import foreseen, logger
from safelight.settings import from_environment

_ENDING_SECONDS = 60.0
"""What is left of the function's time when it begins no other page."""


@foreseen
def handler(work: Work, context: Any) -> Work:
    """Go on with `work`, and return what is left of it; at its beginning count how old the oldest photo is.

    Raises:
        AccessDenied, Misconfigured, ServiceThrottled, ServiceUnavailable
    """
    settings = from_environment(Settings, os.environ)
    if "left" not in work:
        count(settings.stack, age_of(oldest_running(settings.photo_workflow), datetime.now(UTC)))
    work = gone_on(settings, work, lambda: context.get_remaining_time_in_millis() > _ENDING_SECONDS * 1000)
    logger().info("hour gone on with", work=work)
    return work
