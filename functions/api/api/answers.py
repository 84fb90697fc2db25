"""What answers have in common: an ETag, so that what has not changed is not sent again."""

import hashlib
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver, Response


def etagged(
    app: LambdaFunctionUrlResolver, proceed: Callable[[LambdaFunctionUrlResolver], Response[Any]]
) -> Response[Any]:
    """Name what is answered in an ETag; who has it already is not sent it again (RFC 9110, If-None-Match)."""
    answer = proceed(app)
    if answer.status_code != HTTPStatus.OK:
        return answer
    etag = f'"{hashlib.sha256(json.dumps(answer.body).encode()).hexdigest()[:32]}"'
    headers: dict[str, str | list[str]] = {"ETag": etag, "Cache-Control": "private, no-cache"}
    known = app.current_event.headers.get("if-none-match", "")
    if etag in {each.strip().removeprefix("W/") for each in known.split(",")}:
        return Response(HTTPStatus.NOT_MODIFIED, headers=headers)
    answer.headers.update(headers)
    return answer
