"""Who asks, and what they may."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any, Literal

from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver, Response
from aws_lambda_powertools.event_handler.exceptions import ForbiddenError, NotFoundError, UnauthorizedError

from api import guests, identity
from api.settings import settings
from safelight.scope import Scope
from safelight.shares import ShareRecord, scope_of

Role = Literal["nobody", "guest", "viewer", "owner"]

EVERYBODY: tuple[Role, ...] = ("nobody", "guest", "viewer", "owner")

ORIGIN_HEADER = "x-safelight-origin"
"""What the distribution adds to each request, so that nobody goes around it."""

OWN_PAGE_HEADER = "x-safelight"
"""What no page of another address can add to a request (Fetch standard, CORS-safelisted headers)."""

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
ROLES = "x-roles"
"""The extension of a route that says who may use it."""
_GROUPS: dict[str, Role] = {"owners": "owner", "viewers": "viewer"}


@dataclass(frozen=True)
class Viewer:
    """Who asks: owners do everything, viewers see everything, guests see their `scope`, by their `share`."""

    role: Role
    name: str | None = None
    scope: Scope | None = None
    share: ShareRecord | None = None

    def sees(self, key: str) -> bool:
        """Tell whether the photo at `key` is in the scope, if it is seen by anybody."""
        return self.scope is None or self.scope.holds(key)


NOBODY = Viewer("nobody", scope=Scope())

_asking: ContextVar[Viewer] = ContextVar("asking")


def who(*roles: Role) -> dict[str, Any]:
    """Return the extension of a route that says who may use it; it is a part of the OpenAPI document."""
    return {ROLES: list(roles)}


def asking() -> Viewer:
    """Return who asks, within a route."""
    return _asking.get()


def guarded(
    app: LambdaFunctionUrlResolver, proceed: Callable[[LambdaFunctionUrlResolver], Response[Any]]
) -> Response[Any]:
    """Let a request through to its route if who asks may use it. A route that names no roles is none.

    Raises:
        ForbiddenError, NotFoundError, UnauthorizedError
    """
    event, route = app.current_event, app.context["_route"]
    said = event.headers.get(ORIGIN_HEADER, "")
    if not compare_digest(said.encode(), settings().origin_secret.encode()):
        raise ForbiddenError("Ask at the address of the library.")
    roles = (route.openapi_extensions or {}).get(ROLES)
    if roles is None:
        raise NotFoundError("There is nothing here. GET /api/openapi.json says what there is.")
    authorization = event.headers.get("authorization", "")
    is_a_change = event.http_method not in _READING
    if is_a_change and not authorization and event.headers.get(OWN_PAGE_HEADER) != "1":
        raise ForbiddenError("Send the header X-Safelight: 1 with what changes something.")
    cookies = cookies_of(event)
    viewer = viewer_of(authorization.removeprefix("Bearer ") or cookies.get("session", ""))
    if viewer.role == "nobody" and "guest" in cookies:
        viewer = guest_of(cookies["guest"])
    if viewer.role not in roles:
        if viewer.role == "nobody":
            raise UnauthorizedError("Log in first, or open the link of a share.")
        raise ForbiddenError("This is not open to you.")
    _asking.set(viewer)
    return proceed(app)


def viewer_of(token: str) -> Viewer:
    """Return whose `token` this is; one that is expired or forged is nobody's.

    Raises:
        ServiceUnavailable: the keys of the issuer cannot be fetched.
    """
    claims = identity.claims_of(token) if token else None
    if claims is None:
        return NOBODY
    groups = claims.get(settings().token_groups) or []
    role = next((role for group, role in _GROUPS.items() if group in groups), None)
    return Viewer(role, identity.name_of(claims)) if role else NOBODY


def guest_of(cookie: str) -> Viewer:
    """Return who has opened a share and got this cookie; without a share that is open, nobody."""
    share = guests.share_of(cookie)
    return Viewer("guest", scope=scope_of(share), share=share) if share else NOBODY


def cookies_of(event: Any) -> dict[str, str]:
    """Return the cookies of a request, which Lambda lists by themselves and other servers in their header."""
    sent = [*event.cookies, *event.headers.get("cookie", "").split(";")]
    pairs = (each.partition("=") for each in sent)
    return {name.strip(): value.strip() for name, _, value in pairs}
