"""Who is in the library."""

from dataclasses import dataclass

from aws_lambda_powertools.event_handler.api_gateway import Router

from api.answers import etagged
from api.reading import Cursor, Limit, index, no_cursor
from api.viewer import who
from safelight.index import lists

router = Router()


@dataclass(frozen=True)
class People:
    """A page of people, and the cursor of the next one."""

    people: list[lists.Person]
    next: str | None


@router.get("/api/people", summary="People", middlewares=[etagged], openapi_extensions=who("viewer", "owner"))
def people(cursor: Cursor = None, limit: Limit = lists.MOST) -> People:
    """Return a page of people: those with a name first, and those on most photos first."""
    try:
        return People(*lists.people(index(), cursor, limit))
    except ValueError:
        raise no_cursor() from None
