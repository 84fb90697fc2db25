"""Where the photos of the library were taken."""

from dataclasses import dataclass

from aws_lambda_powertools.event_handler.api_gateway import Router

from api.answers import etagged
from api.reading import Cursor, Limit, index, no_cursor
from api.viewer import who
from safelight.index import lists

router = Router()


@dataclass(frozen=True)
class Places:
    """A page of places, and the cursor of the next one."""

    places: list[lists.Place]
    next: str | None


@router.get("/api/places", summary="Places", middlewares=[etagged], openapi_extensions=who("viewer", "owner"))
def places(cursor: Cursor = None, limit: Limit = lists.MOST) -> Places:
    """Return a page of places, that with most photos first; each stands where its newest photo was taken."""
    try:
        return Places(*lists.places(index(), cursor, limit))
    except ValueError:
        raise no_cursor() from None
