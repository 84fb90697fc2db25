"""What becomes of photos: uploads on their way, and what is held, rejected or failed."""

from dataclasses import dataclass
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.exceptions import ForbiddenError
from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import Field

from api import library
from api.photos import pictures
from api.viewer import asking, who
from safelight.keys import key_of
from safelight.listing import Image
from safelight.outcomes import why_not
from safelight.record import PhotoRecord, Status

router = Router()

_MOST = 200


@dataclass(frozen=True)
class Asked:
    """The ids of photos."""

    ids: Annotated[list[str], Field(max_length=_MOST)]


@dataclass(frozen=True)
class Progress:
    """How far a photo has come.

    `stage` is `waiting` before the workflow has begun, `published` when the photo can be seen and its tags
    are still to come, and `done` at the end, whatever `status` it is then. `message` and `remedy` say what is
    wrong and what to do.
    """

    id: str
    status: Status | None
    stage: Literal["waiting", "processing", "published", "done"]
    reason: str | None
    message: str | None
    remedy: str | None
    images: list[Image]


@dataclass(frozen=True)
class Progresses:
    """How far photos have come."""

    photos: list[Progress]


@router.post("/api/status", summary="How far photos have come", openapi_extensions=who("guest", "owner"))
def progress(asked: Annotated[Asked, Body()]) -> Progresses:
    """Say how far each photo has come, in the order of `ids`; ids that nobody may see wait for ever."""
    viewer = asking()
    if viewer.share and not viewer.share["upload"]:
        raise ForbiddenError("This share is not open to uploads.")
    keys = {id_: key for id_ in asked.ids if (key := _key_of(id_)) and viewer.sees(key)}
    found = library.photos(keys.values())
    return Progresses([_progress(id_, found.get(keys.get(id_, ""))) for id_ in asked.ids])


def _key_of(id_: str) -> str | None:
    try:
        return key_of(id_)
    except ValueError:
        return None


def _progress(id_: str, record: PhotoRecord | None) -> Progress:
    if record is None:
        return Progress(id_, None, "waiting", None, None, None, [])
    why = why_not(record)
    return Progress(
        id_,
        record["status"],
        _stage(record),
        why.reason if why else None,
        why.message if why else None,
        why.remedy if why else None,
        pictures(record),
    )


def _stage(record: PhotoRecord) -> Literal["processing", "published", "done"]:
    if record["status"] in {"FAILED", "REMOVED"} or "processed_at" in record:
        return "done"
    return "published" if record["status"] == "ACTIVE" else "processing"
