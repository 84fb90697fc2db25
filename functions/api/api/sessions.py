"""Logging in and out."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.exceptions import BadRequestError, UnauthorizedError
from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.shared.cookies import Cookie, SameSite

from api import users
from api.viewer import EVERYBODY, Role, asking, viewer_of, who
from safelight.shares import ShareRecord

router = Router()

_SESSION_SECONDS = 24 * 3600
"""How long a browser keeps the session; its token ends by itself, at the latest then."""


@dataclass(frozen=True)
class Shared:
    """What a guest was given: an album, or photos, until when, and what may be done with them."""

    title: str
    album: str | None
    download: bool
    upload: bool
    expires_at: str | None


@dataclass(frozen=True)
class Session:
    """Who asks."""

    role: Role
    name: str | None
    share: Shared | None


@dataclass(frozen=True)
class Login:
    """The name and password of one of the stack's own users, or an id token of the issuer.

    `new_password` takes the place of a temporary password.
    """

    username: str | None = None
    password: str | None = None
    new_password: str | None = None
    token: str | None = None


def shared(share: ShareRecord) -> Shared:
    """Return what a share gives to its guests."""
    return Shared(
        share["title"],
        share.get("of_album"),
        share["download"],
        share["upload"],
        share.get("expires_at"),
    )


@router.get("/api/session", summary="Who asks", openapi_extensions=who(*EVERYBODY))
def session() -> Session:
    """Say who asks."""
    viewer = asking()
    return Session(viewer.role, viewer.name, shared(viewer.share) if viewer.share else None)


@router.post("/api/session", summary="Log in", openapi_extensions=who(*EVERYBODY))
def log_in(login: Annotated[Login, Body()]) -> Response[Session]:
    """Log in, and keep the session in a cookie."""
    if login.token:
        token = login.token
    elif login.username and login.password:
        token = users.token_of(login.username, login.password, login.new_password)
    else:
        raise BadRequestError("Send username and password, or a token.")
    viewer = viewer_of(token)
    if viewer.role == "nobody":
        raise UnauthorizedError("This is no valid token of somebody whom this library is open to.")
    body = Session(viewer.role, viewer.name, None)
    return Response(
        HTTPStatus.OK, "application/json", body, cookies=[cookie("session", token, _SESSION_SECONDS)]
    )


@router.delete("/api/session", summary="Log out", openapi_extensions=who(*EVERYBODY), status_code=204)
def log_out() -> Response[None]:
    """Forget the session, and that of a share."""
    gone = [cookie(name, "", -1) for name in ("session", "guest")]
    return Response(HTTPStatus.NO_CONTENT, cookies=gone)


def cookie(name: str, value: str, seconds: int) -> Cookie:
    """Return a cookie that no script reads and no other site sends along, for requests to the API alone.

    On a laptop, where the address has no certificate, the page says in Origin that it is there.
    """
    is_secure = not router.current_event.headers.get("origin", "").startswith("http://")
    return Cookie(
        name,
        value,
        path="/api",
        secure=is_secure,
        http_only=True,
        max_age=seconds,
        same_site=SameSite.LAX_MODE,
    )
