"""Lambda: answers the requests of the library's address below /api/."""

from typing import Any

from api import problems
from api.routes import application
from safelight.observability import foreseen, logger

_app = application()


@foreseen
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request; whatever goes wrong is answered as a problem."""
    logger().append_keys(request=context.aws_request_id if context else None)
    if not problems.is_json(event):
        return problems.NO_JSON
    return _app.resolve(event, context)
