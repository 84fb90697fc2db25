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
from api.viewer import EVERYBODY, Role, asking, cookies_of, viewer_of, who
from safelight.shares import ShareRecord

router = Router()

_SESSION_SECONDS = 24 * 3600
"""How long a browser keeps the session; its token ends by itself, at the latest then."""

_HERE = "/api/session"
"""Where what renews a session is sent to, and nowhere else."""

_REFRESH_SECONDS = 30 * 24 * 3600
"""How long a browser keeps what renews the session."""


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

    `new_password` takes the place of a temporary password. With a `refresh_token` of the stack's own pool the
    session is renewed when the token has ended.
    """

    username: str | None = None
    password: str | None = None
    new_password: str | None = None
    token: str | None = None
    refresh_token: str | None = None


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
def session() -> Response[Session]:
    """Say who asks; a session whose token has ended goes on, where its browser has what renews it."""
    viewer, cookies = asking(), []
    refresh = cookies_of(router.current_event).get("refresh")
    if refresh and viewer.role in {"nobody", "guest"} and (token := users.renewed(refresh)):
        viewer = viewer_of(token)
        cookies = [cookie("session", token, _SESSION_SECONDS)]
    body = Session(viewer.role, viewer.name, shared(viewer.share) if viewer.share else None)
    return Response(HTTPStatus.OK, "application/json", body, cookies=cookies)


@router.post("/api/session", summary="Log in", openapi_extensions=who(*EVERYBODY))
def log_in(login: Annotated[Login, Body()]) -> Response[Session]:
    """Log in, and keep the session in a cookie."""
    if login.token:
        tokens = users.Tokens(login.token, login.refresh_token if users.are_here() else None)
    elif login.username and login.password:
        tokens = users.tokens_of(login.username, login.password, login.new_password)
    else:
        raise BadRequestError("Send username and password, or a token.")
    viewer = viewer_of(tokens.id_token)
    if viewer.role == "nobody":
        raise UnauthorizedError("This is no valid token of somebody whom this library is open to.")
    body = Session(viewer.role, viewer.name, None)
    cookies = [cookie("session", tokens.id_token, _SESSION_SECONDS)]
    if tokens.refresh_token:
        cookies.append(cookie("refresh", tokens.refresh_token, _REFRESH_SECONDS, _HERE))
    return Response(HTTPStatus.OK, "application/json", body, cookies=cookies)


@router.delete("/api/session", summary="Log out", openapi_extensions=who(*EVERYBODY), status_code=204)
def log_out() -> Response[None]:
    """Forget the session, what renews it, and that of a share."""
    if refresh := cookies_of(router.current_event).get("refresh"):
        users.revoke(refresh)
    gone = [cookie("session", "", -1), cookie("guest", "", -1), cookie("refresh", "", -1, _HERE)]
    return Response(HTTPStatus.NO_CONTENT, cookies=gone)


def cookie(name: str, value: str, seconds: int, path: str = "/api") -> Cookie:
    """Return a cookie that no script reads and no other site sends along, for requests below `path` alone.

    On a laptop, where the address has no certificate, the page says in Origin that it is there.
    """
    is_secure = not router.current_event.headers.get("origin", "").startswith("http://")
    return Cookie(
        name,
        value,
        path=path,
        secure=is_secure,
        http_only=True,
        max_age=seconds,
        same_site=SameSite.LAX_MODE,
    )
