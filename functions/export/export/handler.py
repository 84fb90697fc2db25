"""Lambda: makes ZIP archives of photos, a step at a time, and their parts side by side."""

import os
from collections.abc import Callable
from typing import Any

from export import steps
from export.steps import Event, Settings
from safelight.observability import foreseen, logger
from safelight.settings import from_environment

_STEPS: dict[str, Callable[[Settings, Any], Any]] = {
    "choose": steps.choose,
    "checksum": steps.checksum,
    "plan": steps.plan,
    "write": steps.write,
    "complete": steps.complete,
    "deliver": steps.deliver,
    "abandon": steps.abandon,
}


@foreseen
def handler(event: Event, context: Any) -> Any:
    """Carry out `event["step"]`.

    Raises:
        OriginalMissing, AccessDenied, Misconfigured, ServiceThrottled, ServiceUnavailable, Unforeseen
    """
    settings = from_environment(Settings, os.environ)
    request = context.aws_request_id if context else None
    logger().append_keys(export=event["export"], request=request)
    came_of_it = _STEPS[event["step"]](settings, event)
    logger().info("export gone on with", step=event["step"])
    return came_of_it
