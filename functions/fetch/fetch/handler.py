"""Lambda: brings what changes in a Dropbox to the originals, a step at a time."""

import os
from collections.abc import Callable
from typing import Any

from fetch import steps
from fetch.steps import Event, Settings
from safelight.observability import foreseen, logger
from safelight.settings import from_environment

_STEPS: dict[str, Callable[[Settings, Any], Any]] = {
    "list": steps.list_changes,
    "fetch": steps.fetch,
    "leave": steps.leave,
    "keep": steps.keep,
}


@foreseen
def handler(event: Event, context: Any) -> Any:
    """Carry out `event["step"]`.

    Raises:
        AccessDenied, Misconfigured, ServiceThrottled, ServiceUnavailable, Unforeseen
    """
    settings = from_environment(Settings, os.environ)
    logger().append_keys(request=context.aws_request_id if context else None)
    came_of_it = _STEPS[event["step"]](settings, event)
    logger().info("dropbox gone on with", step=event["step"])
    return came_of_it
