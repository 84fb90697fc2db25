"""The state of the library: how many photos have come how far, and those that want somebody to look."""

from dataclasses import dataclass
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from api import library
from api.photos import pictures
from api.reading import Cursor, Limit, index, no_cursor
from api.viewer import who
from safelight.index.lists import keys_of_status, statuses
from safelight.listing import Photo, listed
from safelight.outcomes import why_not
from safelight.record import PhotoRecord

router = Router()

_PAGE = 100


@dataclass(frozen=True)
class Counts:
    """How many photos have each status, as of a few seconds ago; about how many uploads wait."""

    counts: dict[str, int]
    waiting: int


@dataclass(frozen=True)
class Wanting(Photo):
    """A photo that is not in the library: why, what to do, and since when."""

    reason: str | None
    message: str | None
    remedy: str | None
    at: str | None


@dataclass(frozen=True)
class Wantings:
    """Photos of a status, the latest first."""

    photos: list[Wanting]
    next: str | None


@router.get("/api/status", summary="The state of the library", openapi_extensions=who("owner"))
def counts() -> Counts:
    """Count the photos by their status."""
    return Counts(statuses(index()), library.waiting())


@router.get("/api/status/photos", summary="Photos of a status", openapi_extensions=who("owner"))
def wanting(
    status: Annotated[Literal["PROCESSING", "HELD", "REJECTED", "FAILED"], Query()],
    cursor: Cursor = None,
    limit: Limit = _PAGE,
) -> Wantings:
    """List the photos of a status; the index names them, and their records say what they are now."""
    try:
        keys, ended = keys_of_status(index(), status, cursor, limit)
    except ValueError:
        raise no_cursor() from None
    found = library.photos(keys)
    records = (found[key] for key in keys if key in found)
    return Wantings([_wanting(each) for each in records if each["status"] == status], ended)


def _wanting(record: PhotoRecord) -> Wanting:
    why = why_not(record)
    failure = record.get("failure")
    at = failure["at"] if failure else record.get("processed_at") or record.get("claimed_at")
    return Wanting(
        **{**vars(listed(record)), "images": pictures(record)},
        reason=why.reason if why else None,
        message=why.message if why else None,
        remedy=why.remedy if why else None,
        at=at,
    )
