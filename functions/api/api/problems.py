"""What went wrong, as problem details (RFC 9457)."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.exceptions import ServiceError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from safelight.errors import SafelightError, TransientError
from safelight.observability import logger

_RETRY_AFTER_SECONDS = 2


def problem(
    status: int, detail: str, *, headers: dict[str, Any] | None = None, **extensions: Any
) -> Response[str]:
    """Return an answer that says what is wrong, and what to do, in `detail`."""
    about = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": int(status)}
    body = json.dumps({**about, "detail": detail, **extensions})
    return Response(status, "application/problem+json", body, headers={**_UNCACHED, **(headers or {})})


_UNCACHED = {"Cache-Control": "no-store"}

NO_JSON: dict[str, Any] = {
    "statusCode": int(HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    "headers": {"Content-Type": "application/problem+json", **_UNCACHED},
    "body": problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send JSON, as application/json.").body,
}
"""The answer to a body of another kind."""


def of_service_error(error: ServiceError) -> Response[str]:
    """Return the problem that a route has raised; `msg` may hold extensions beside its `detail`."""
    told = error.msg if isinstance(error.msg, dict) else {"detail": error.msg}
    headers = {"Retry-After": str(told["retry_after"])} if "retry_after" in told else None
    return problem(error.status_code, **told, headers=headers)


def of_invalid(error: RequestValidationError) -> Response[str]:
    """Return what is wrong with a request, without repeating what it said."""
    errors = [{"where": ".".join(map(str, it["loc"])), "what": it["msg"]} for it in error.errors()[:20]]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "The request is not as it should be.", errors=errors)


def of_undecodable(error: UnicodeDecodeError) -> Response[str]:
    """Return that a body is no text."""
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "The body is no JSON in UTF-8.")


def is_json(event: Mapping[str, Any]) -> bool:
    """Tell whether the body of a request says that it is JSON, if there is one.

    The event handler would take forms for it, and fails on those that are torn.
    """
    media_type = str(event["headers"].get("content-type", "")).partition(";")[0].strip().lower()
    return "body" not in event or media_type in {"", "application/json"}


def of_failure(error: Exception) -> Response[str]:
    """Return that something failed on this side; what it was is in the log, and not in the answer."""
    if isinstance(error, TransientError):
        logger().warning("a service is busy", error=type(error).__name__, why=str(error))
        again = {"Retry-After": str(_RETRY_AFTER_SECONDS)}
        words = "AWS is busy or out of reach, or others change the same. Try again in a moment."
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, words, headers=again)
    known = isinstance(error, SafelightError)
    logger().exception("a request failed", known=known)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Something failed on this side, and is in the log.")
