"""Every module of routes, in the order of the documentation."""

from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver
from aws_lambda_powertools.event_handler.exceptions import ServiceError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from api import (
    attention,
    document,
    exports,
    listings,
    originals,
    people,
    photos,
    problems,
    search,
    sessions,
    shares,
    stages,
    status,
    timeline,
    uploads,
)
from api.viewer import guarded

_ROUTERS = (
    sessions.router,
    timeline.router,
    photos.router,
    originals.router,
    stages.router,
    status.router,
    attention.router,
    uploads.router,
    listings.router,
    people.router,
    search.router,
    shares.router,
    exports.router,
    document.router,
)


def application() -> LambdaFunctionUrlResolver:
    """Return what answers requests: all routes, each guarded, and problems in one form."""
    app = LambdaFunctionUrlResolver(enable_validation=True)
    app.use([guarded])
    for router in _ROUTERS:
        app.include_router(router)
    app.exception_handler(ServiceError)(problems.of_service_error)
    app.exception_handler(RequestValidationError)(problems.of_invalid)
    app.exception_handler(UnicodeDecodeError)(problems.of_undecodable)
    app.exception_handler(Exception)(problems.of_failure)
    return app
