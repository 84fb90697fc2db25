"""The photos of the library, by month and page, and by what is searched for."""

from dataclasses import dataclass
from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from api.answers import etagged
from api.reading import Cursor, Id, Limit, Month, Words, chosen, index, no_cursor
from api.viewer import asking, who
from safelight.index import lists
from safelight.listing import Photo

router = Router()


@dataclass(frozen=True)
class Timeline:
    """How many photos each month has, the newest first; the first of them, and the cursor of the rest."""

    total: int
    months: list[lists.Month]
    photos: list[Photo]
    next: str | None


@router.get(
    "/api/timeline",
    summary="How many photos each month has",
    middlewares=[etagged],
    compress=True,
    openapi_extensions=who("guest", "viewer", "owner"),
)
def timeline(
    album: Id = None,
    person: Id = None,
    memory: Id = None,
    place: Id = None,
    q: Words = None,
    first: Annotated[int, Query(ge=0, le=lists.MOST)] = 0,
) -> Timeline:
    """Return how many photos each month has, the newest first, and the `first` photos along with them."""
    which, scope = chosen(None, album, person, memory, place, q), asking().scope
    months = lists.timeline(index(), which, scope)
    begun = lists.photos(index(), which, scope, None, first) if first else lists.Photos([], None)
    return Timeline(months.total, months.months, begun.photos, begun.next)


@router.get(
    "/api/photos",
    summary="Photos",
    middlewares=[etagged],
    compress=True,
    openapi_extensions=who("guest", "viewer", "owner"),
)
def photos(
    month: Month = None,
    album: Id = None,
    person: Id = None,
    memory: Id = None,
    place: Id = None,
    q: Words = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> lists.Photos:
    """Return a page of photos: the newest first, or the best first of what is searched for."""
    which = chosen(month, album, person, memory, place, q)
    try:
        return lists.photos(index(), which, asking().scope, cursor, limit)
    except ValueError:
        raise no_cursor() from None
