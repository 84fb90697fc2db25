"""The photos of the library, by month and page, and by what is searched for."""

from aws_lambda_powertools.event_handler.api_gateway import Router

from api.answers import etagged
from api.reading import Cursor, Id, Limit, Month, Words, chosen, index, no_cursor
from api.viewer import asking, who
from safelight.index import lists

router = Router()


@router.get(
    "/api/timeline",
    summary="How many photos each month has",
    middlewares=[etagged],
    openapi_extensions=who("guest", "viewer", "owner"),
)
def timeline(
    album: Id = None, person: Id = None, memory: Id = None, place: Id = None, q: Words = None
) -> lists.Timeline:
    """Return how many photos each month has, the newest first."""
    return lists.timeline(index(), chosen(None, album, person, memory, place, q), asking().scope)


@router.get(
    "/api/photos",
    summary="Photos",
    middlewares=[etagged],
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
