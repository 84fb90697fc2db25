"""What owners decide about people: a name, a merger, a split, to be forgotten."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.exceptions import BadRequestError
from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import Field, StringConstraints

from api import deciding, library
from api.photos import key_in_url
from api.viewer import who
from safelight.keys import sheet_record_id
from safelight.people import wishes

router = Router()

_MOST_PHOTOS = 200

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=wishes.LONGEST_NAME)]


@dataclass(frozen=True)
class Named:
    """What somebody is called."""

    name: Name


@dataclass(frozen=True)
class Merged:
    """Who else this is, and what both are called."""

    other: str
    name: Name | None = None


@dataclass(frozen=True)
class Parted:
    """The ids of photos on which it is somebody else."""

    photos: Annotated[list[str], Field(min_length=1, max_length=_MOST_PHOTOS)]


@dataclass(frozen=True)
class Person:
    """Somebody in the photos."""

    id: str


@router.patch("/api/people/<person_id>", summary="Name a person", openapi_extensions=who("owner"))
def name(person_id: str, named: Annotated[Named, Body()]) -> Person:
    """Give a person a name."""
    deciding.decide(lambda: wishes.name(person_id, named.name))
    return Person(person_id)


@router.post("/api/people/<person_id>/merge", summary="Make two people one", openapi_extensions=who("owner"))
def merge(person_id: str, merged: Annotated[Merged, Body()]) -> Person:
    """Give all faces of another to this person."""
    deciding.decide(lambda: wishes.merge(merged.other, person_id), done_when_gone=merged.other)
    called = merged.name
    if called is not None:
        deciding.decide(lambda: wishes.name(person_id, called))
    return Person(person_id)


@router.post("/api/people/<person_id>/split", summary="Split a person", openapi_extensions=who("owner"))
def split(person_id: str, parted: Annotated[Parted, Body()]) -> Person:
    """Make a new person of the faces on some photos, to stay apart from this one; return the new one."""
    sheets = library.records(sheet_record_id(key_in_url(id_)) for id_ in parted.photos)
    faces = [
        face for sheet in sheets.values() for face, owner in sheet["faces"].items() if owner == person_id
    ]
    if not faces:
        raise BadRequestError("This person is on none of these photos.")
    return Person(str(deciding.decide(lambda: wishes.split(person_id, faces))))


@router.delete(
    "/api/people/<person_id>", summary="Forget a person", openapi_extensions=who("owner"), status_code=204
)
def forget(person_id: str) -> Response[None]:
    """Delete all that is kept of a person; the photos stay."""
    deciding.decide(lambda: wishes.forget(person_id), done_when_gone=person_id)
    return Response(HTTPStatus.NO_CONTENT)
