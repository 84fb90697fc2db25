"""One structured logger for every function, and a name for every error that leaves one.

The service name comes from POWERTOOLS_SERVICE_NAME.
"""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

from aws_lambda_powertools import Logger

from safelight.errors import SafelightError, Unforeseen

P = ParamSpec("P")
T = TypeVar("T")


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


def foreseen(handler: Callable[P, T]) -> Callable[P, T]:
    """Return `handler`, from which no error comes without a name that the workflow knows.

    Raises:
        Unforeseen: in place of any other error than Safelight's, with its name and its stack trace.
    """

    @wraps(handler)
    def named(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return handler(*args, **kwargs)
        except SafelightError:
            raise
        except Exception as error:
            unforeseen = Unforeseen(f"{type(error).__name__}: {error}")
            raise unforeseen.with_traceback(error.__traceback__) from error

    return named
