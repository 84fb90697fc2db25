"""Shares: links by which others see an album or some photos, and the sessions of who opens one."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, cast

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.exceptions import BadRequestError, NotFoundError, ServiceError
from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from pydantic import Field

from api import guests, library
from api.cursors import after, cursor_of
from api.names import Album
from api.photos import key_in_url
from api.sessions import Session, cookie, shared
from api.viewer import EVERYBODY, who
from safelight import shares
from safelight.keys import public_id
from safelight.shares import SHARES, ShareRecord, share_record_id
from safelight.transactions import Record, Write

router = Router()

_PAGE = 100
_MOST_PHOTOS = 200
_LONGEST_PASSWORD = 200


@dataclass(frozen=True)
class Wanted:
    """What is to be shared: an album with its sub-albums, or photos; until when, and with whom.

    Guests upload into albums alone.
    """

    title: Annotated[str, Field(min_length=1, max_length=200)]
    album: Album | None = None
    photos: Annotated[list[str], Field(max_length=_MOST_PHOTOS)] | None = None
    expires_at: datetime | None = None
    password: Annotated[str, Field(min_length=4, max_length=_LONGEST_PASSWORD)] | None = None
    download: bool = False
    upload: bool = False


@dataclass(frozen=True)
class Link:
    """A new share; its `url` is told this once, as the library does not keep the token in it."""

    id: str
    url: str


@dataclass(frozen=True)
class Share:
    """A share. `photos` are the ids of what is shared, where it is no album."""

    id: str
    title: str
    album: str | None
    photos: list[str]
    expires_at: str | None
    has_password: bool
    download: bool
    upload: bool
    created_at: str


@dataclass(frozen=True)
class Shares:
    """Shares, the newest first; those that have ended are among them until they are deleted."""

    shares: list[Share]
    next: str | None


@dataclass(frozen=True)
class Opening:
    """The token of a link, and its password where it has one."""

    token: Annotated[str, Field(max_length=200)]
    password: Annotated[str, Field(max_length=_LONGEST_PASSWORD)] | None = None


@router.get("/api/shares", summary="All shares", openapi_extensions=who("owner"))
def all_shares(cursor: Annotated[str | None, Query()] = None) -> Shares:
    """List the shares."""
    found, ended = library.page(SHARES, "share", _PAGE, after(cursor))
    return Shares([_share(cast(ShareRecord, each)) for each in found], cursor_of(ended))


def _share(record: ShareRecord) -> Share:
    return Share(
        record["share_id"],
        record["title"],
        record.get("of_album"),
        [public_id(key) for key in record.get("keys", [])],
        record.get("expires_at"),
        "hashed" in record,
        record["download"],
        record["upload"],
        record["created_at"],
    )


@router.post("/api/shares", summary="Share", openapi_extensions=who("owner"), status_code=201)
def make_share(wanted: Annotated[Wanted, Body()]) -> Response[Link]:
    """Make a link by which whoever has it sees an album, or photos."""
    if (wanted.album is None) == (not wanted.photos):
        raise BadRequestError("Share either an album or photos.")
    if wanted.upload and wanted.album is None:
        raise BadRequestError("Guests upload into an album. Share one.")
    ends = wanted.expires_at
    if ends and (ends.tzinfo is None or ends <= guests.now()):
        raise BadRequestError("expires_at is a time to come, with its offset, as in 2027-01-31T12:00:00Z.")
    keys = [key_in_url(id_) for id_ in wanted.photos or []]
    if missing := set(keys) - set(library.photos(keys)):
        raise NotFoundError(f"There is no photo {public_id(min(missing))}.")
    terms = shares.Terms(
        wanted.title, wanted.album, keys, ends, wanted.password, wanted.download, wanted.upload
    )
    token, record = shares.new_share(terms, guests.now())
    library.write(Write((_plain(record),), versions={record["id"]: 0}))
    return Response(HTTPStatus.CREATED, "application/json", Link(record["share_id"], f"/s/{token}"))


@router.delete(
    "/api/shares/<share_id>", summary="Revoke a share", openapi_extensions=who("owner"), status_code=204
)
def revoke(share_id: str) -> Response[None]:
    """Close a share for everybody, at once."""
    library.write(Write(deletes=(share_record_id(share_id),)))
    return Response(HTTPStatus.NO_CONTENT)


@router.post("/api/shares/session", summary="Open a share", openapi_extensions=who(*EVERYBODY))
def open_share(opening: Annotated[Opening, Body()]) -> Response[Session]:
    """Open the link of a share, and keep that in a cookie."""
    share = guests.share(shares.share_id_of(opening.token))
    if share is None:
        raise NotFoundError("This link opens nothing, or nothing any more. Ask who gave it to you.")
    if "hashed" in share:
        _check_password(share, opening.password)
    value, seconds = shares.guest_cookie(share, guests.signing_secret(), guests.now())
    body = Session("guest", None, shared(share))
    return Response(HTTPStatus.OK, "application/json", body, cookies=[cookie("guest", value, seconds)])


def _check_password(share: ShareRecord, password: str | None) -> None:
    """Return if the password is right; each is counted before it is looked at."""
    if not password:
        raise _refused("This link has a password.")
    wait = shares.wait_seconds(share, guests.now())
    counted = shares.attempted(share, guests.now())
    if wait or not library.write(Write((_plain(counted),), versions={share["id"]: share["version"]})):
        words = "There were too many wrong passwords. Try again in a while."
        raise ServiceError(HTTPStatus.TOO_MANY_REQUESTS, {"detail": words, "retry_after": max(1, wait)})
    if not shares.is_password(share, password):
        raise _refused("This is not the password.")
    forgiven = shares.forgiven(counted)
    library.write(Write((_plain(forgiven),), versions={share["id"]: counted["version"]}))


def _refused(words: str) -> ServiceError:
    return ServiceError(HTTPStatus.UNAUTHORIZED, {"detail": words, "password": True})


def _plain(record: ShareRecord) -> Record:
    return cast(dict[str, Any], record)
