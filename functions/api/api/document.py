"""The API, described by itself: OpenAPI 3.1, made from the routes."""

import json
from typing import Any

from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver, Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from api.viewer import EVERYBODY, ROLES, who

router = Router()

_VERSION = "1"
_PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "What is wrong, and what to do (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}
_FAILED = {
    "description": "A problem.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "An id token."},
    "session": {"type": "apiKey", "in": "cookie", "name": "session", "description": "Of a login."},
    "guest": {
        "type": "apiKey",
        "in": "cookie",
        "name": "guest",
        "description": "Of a share.",
    },
}
_VALIDATION = ("HTTPValidationError", "ValidationError", "ResponseValidationError")


@router.get("/api/openapi.json", summary="This document", openapi_extensions=who(*EVERYBODY))
def openapi() -> Response[dict[str, Any]]:
    """Describe the API."""
    app = router.api_resolver
    assert isinstance(app, LambdaFunctionUrlResolver)  # noqa: S101 (for the types)
    return Response(200, "application/json", document(app))


def document(app: LambdaFunctionUrlResolver) -> dict[str, Any]:
    """Return the description of an application; every way that it can fail is a problem."""
    described: dict[str, Any] = json.loads(app.get_openapi_json_schema(title="Safelight", version=_VERSION))
    del described["servers"]
    for path in described["paths"].values():
        for operation in path.values():
            del operation["responses"]["422"]
            for answer in operation["responses"].values():
                if answer["content"]["application/json"]["schema"].get("type") == "null":
                    del answer["content"]
            operation["responses"]["default"] = _FAILED
            if "nobody" not in operation[ROLES]:
                operation["security"] = [
                    {scheme: []} for scheme in _SECURITY if scheme != "guest" or "guest" in operation[ROLES]
                ]
    components = described["components"]
    for name in _VALIDATION:
        components["schemas"].pop(name, None)
    components["schemas"]["Problem"] = _PROBLEM
    components["securitySchemes"] = _SECURITY
    return described
