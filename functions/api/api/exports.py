"""Exports: photos as ZIP archives, which are made while who asked waits, or goes on."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.exceptions import (
    BadRequestError,
    ForbiddenError,
    NotFoundError,
    ServiceError,
)
from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import Field, StringConstraints

from api import library
from api.names import Album
from api.photos import key_in_url
from api.reading import index
from api.settings import settings
from api.viewer import asking, who
from safelight.index import lists
from safelight.keys import MOST_ARCHIVE_GIGABYTES
from safelight.scope import Scope

router = Router()

_MOST_PHOTOS = 200
_GIGABYTE = 1_000_000_000

Address = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]


@dataclass(frozen=True)
class Wanted:
    """What is to be exported: an album with its sub-albums, a person, a memory, or photos.

    A guest names nothing, gets what is shared, and no sidecars. `renditions`: the largest rendition of each
    photo in place of its original. `sidecars`: what the library knows of each, as XMP. `gigabytes`: of an
    archive at most. `mail`: who is told by a letter, which owners may have sent.
    """

    album: Album | None = None
    person: Annotated[str | None, Field(max_length=200)] = None
    memory: Annotated[str | None, Field(max_length=200)] = None
    photos: Annotated[list[str], Field(min_length=1, max_length=_MOST_PHOTOS)] | None = None
    title: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    renditions: bool = False
    sidecars: bool = False
    gigabytes: Annotated[int, Field(ge=1, le=MOST_ARCHIVE_GIGABYTES)] = MOST_ARCHIVE_GIGABYTES
    mail: Address | None = None


@dataclass(frozen=True)
class Begun:
    """An export that has begun, and of how many photos."""

    id: str
    count: int


@dataclass(frozen=True)
class Archive:
    """An archive: whoever has its URL can download it, by ranges too."""

    name: str
    url: str
    bytes: int


@dataclass(frozen=True)
class Export:
    """What has become of an export; of one that is `refused` or `failed`, `message` says why."""

    id: str
    status: Literal["running", "ready", "refused", "failed"]
    archives: list[Archive] = field(default_factory=list)
    count: int | None = None
    expires_at: str | None = None
    message: str | None = None


@router.post(
    "/api/exports",
    summary="Export photos",
    openapi_extensions=who("guest", "viewer", "owner"),
    status_code=202,
)
def begin(wanted: Annotated[Wanted, Body()]) -> Response[Begun]:
    """Begin to make archives of photos."""
    viewer = asking()
    if wanted.mail and viewer.role != "owner":
        raise ForbiddenError("Owners alone have letters sent.")
    if wanted.mail and settings().mail_from == "none":
        raise ServiceError(HTTPStatus.CONFLICT, "This library sends no letters: it has no MailFrom.")
    chosen = [it for it in (wanted.album, wanted.person, wanted.memory, wanted.photos) if it is not None]
    if viewer.share:
        if not viewer.share["download"]:
            raise ForbiddenError("This share is not open to downloads.")
        if chosen or wanted.sidecars:  # which say where photos were taken
            raise BadRequestError("A guest exports all that is shared, names nothing, and gets no sidecars.")
        wish = _wish(wanted, viewer.share["title"])
        wish |= {"album": viewer.share.get("of_album"), "keys": viewer.share.get("keys")}
    else:
        if len(chosen) != 1:
            raise BadRequestError("Export either an album, a person, a memory or photos.")
        wish = _wish(wanted, (wanted.album or "Photos").rpartition("/")[2])
    count = len(_keys(wish))
    if not count:
        raise NotFoundError("There are no photos to export.")
    return Response(HTTPStatus.ACCEPTED, "application/json", Begun(library.begin_export(wish), count))


@router.get(
    "/api/exports/<export_id>",
    summary="What has become of an export",
    openapi_extensions=who("guest", "viewer", "owner"),
)
def export(export_id: str) -> Export:
    """Say whether the archives are ready, and where they are; who has the id may ask."""
    found = library.export(export_id)
    if found is None:
        raise NotFoundError(f"There is no export {export_id}.")
    status, output = found
    if status == "RUNNING":
        return Export(export_id, "running")
    if status != "SUCCEEDED":
        words = "It could not be made, and whoever runs the library has been told. Try again in a while."
        return Export(export_id, "failed", message=words)
    if "refusal" in output:
        return Export(export_id, "refused", message=f"{output['refusal']} Then export again.")
    archives = [Archive(**each) for each in output["archives"]]
    return Export(export_id, "ready", archives, output["count"], output["expires_at"])


def _wish(wanted: Wanted, title: str) -> dict[str, Any]:
    """Return what the workflow takes (`export.choice.Wish`)."""
    return {
        "title": wanted.title or title,
        "album": wanted.album,
        "person": wanted.person,
        "memory": wanted.memory,
        "keys": None if wanted.photos is None else [key_in_url(id_) for id_ in wanted.photos],
        "renditions": wanted.renditions,
        "sidecars": wanted.sidecars,
        "most_bytes": wanted.gigabytes * _GIGABYTE,
        "mail": wanted.mail,
    }


def _keys(wish: dict[str, Any]) -> list[str]:
    which = lists.Filter(album=wish["album"], person=wish["person"], memory=wish["memory"])
    scope = None if wish["keys"] is None else Scope(keys=frozenset(wish["keys"]))
    return lists.keys(index(), which, scope)
