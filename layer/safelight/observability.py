"""One structured logger for every function; the service name comes from POWERTOOLS_SERVICE_NAME."""

from functools import cache
from typing import Any

from aws_lambda_powertools import Logger


@cache
def logger() -> Logger:
    """Return the JSON logger, made at first use; LOG_LEVEL sets its level."""
    return Logger()


def logger_of(key: str, execution: str, context: Any) -> Logger:
    """Return the logger, each line of which now names the photo, the execution and the request.

    `execution` is the ARN; `context` is Lambda's, or None where a test calls.
    """
    request = context.aws_request_id if context else None
    logger().append_keys(key=key, execution=execution, request=request)
    return logger()
