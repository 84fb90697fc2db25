"""The memories of the library."""

from dataclasses import dataclass
from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from pydantic import Field

from api.answers import etagged
from api.reading import Cursor, Limit, index, no_cursor
from api.viewer import who
from safelight.index import lists
from safelight.listing import Photo

router = Router()


@dataclass(frozen=True)
class Memory:
    """A memory: `event`, `trip` or `on this day`, with its best photo; the subtitle is its album."""

    id: str
    kind: str
    title: str
    subtitle: str
    count: int
    starts: Annotated[str, Field(serialization_alias="from")]
    ends: Annotated[str, Field(serialization_alias="to")]
    cover: Photo | None


@dataclass(frozen=True)
class Memories:
    """A page of memories, and the cursor of the next one."""

    memories: list[Memory]
    next: str | None


@router.get(
    "/api/memories", summary="Memories", middlewares=[etagged], openapi_extensions=who("viewer", "owner")
)
def memories(cursor: Cursor = None, limit: Limit = 100) -> Memories:
    """Return a page of memories, the newest first."""
    try:
        page, following = lists.memories(index(), cursor, limit)
    except ValueError:
        raise no_cursor() from None
    return Memories(
        [
            Memory(it.id, it.kind, it.title, it.subtitle, it.count, it.starts, it.ends, it.cover)
            for it in page
        ],
        following,
    )
