"""The albums of the library."""

from dataclasses import dataclass
from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from pydantic import Field

from api.answers import etagged
from api.reading import Cursor, Limit, index, no_cursor
from api.viewer import asking, who
from safelight.index import lists
from safelight.listing import Photo

router = Router()


@dataclass(frozen=True)
class Album:
    """An album without its sub-albums: its newest photo, and when the photos were taken."""

    name: str
    count: int
    cover: Photo | None
    starts: Annotated[str | None, Field(serialization_alias="from")]
    ends: Annotated[str | None, Field(serialization_alias="to")]


@dataclass(frozen=True)
class Albums:
    """A page of albums, and the cursor of the next one."""

    albums: list[Album]
    next: str | None


@router.get(
    "/api/albums",
    summary="Albums",
    middlewares=[etagged],
    openapi_extensions=who("guest", "viewer", "owner"),
)
def albums(cursor: Cursor = None, limit: Limit = 100) -> Albums:
    """Return a page of albums, that with the newest photo first."""
    try:
        page, following = lists.albums(index(), asking().scope, cursor, limit)
    except ValueError:
        raise no_cursor() from None
    return Albums([Album(it.name, it.count, it.cover, it.starts, it.ends) for it in page], following)
