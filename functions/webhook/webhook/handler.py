"""Lambda: answers Dropbox, and starts the workflow that looks what has changed."""

import os
from typing import Any

from safelight.observability import foreseen, logger
from safelight.settings import from_environment
from webhook import begin, hook
from webhook.settings import Settings


@foreseen
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer a request to the function's URL, or take messages of the queue.

    Raises:
        AccessDenied, Misconfigured, ServiceThrottled, ServiceUnavailable
    """
    settings = from_environment(Settings, os.environ)
    logger().append_keys(request=context.aws_request_id if context else None)
    if "Records" in event:
        return begin.taken(settings, event["Records"])
    return hook.answered(settings, event)
