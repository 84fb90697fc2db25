"""One structured logger for every function; the service name comes from POWERTOOLS_SERVICE_NAME."""

from functools import cache

from aws_lambda_powertools import Logger


@cache
def logger() -> Logger:
    """Return the JSON logger, made at first use; LOG_LEVEL sets its level."""
    return Logger()
