"""What the library lists beside its photos: albums, memories, people and places, page by page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

from aws_lambda_powertools.event_handler.api_gateway import Router
from pydantic import Field

from api.answers import etagged
from api.reading import Cursor, Id, Limit, index, no_cursor
from api.viewer import asking, who
from safelight.index import lists
from safelight.listing import Photo

router = Router()

T = TypeVar("T")

_PAGE = 100
_MEMBERS = who("viewer", "owner")


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


@dataclass(frozen=True)
class People:
    """A page of people, and the cursor of the next one."""

    people: list[lists.Person]
    next: str | None


@dataclass(frozen=True)
class Places:
    """A page of places, and the cursor of the next one."""

    places: list[lists.Place]
    next: str | None


@router.get(
    "/api/albums",
    summary="Albums",
    middlewares=[etagged],
    compress=True,
    openapi_extensions=who("guest", "viewer", "owner"),
)
def albums(cursor: Cursor = None, limit: Limit = _PAGE) -> Albums:
    """Return a page of albums, that with the newest photo first."""
    page, following = _paged(lambda: lists.albums(index(), asking().scope, cursor, limit))
    return Albums([Album(it.name, it.count, it.cover, it.starts, it.ends) for it in page], following)


@router.get(
    "/api/memories", summary="Memories", middlewares=[etagged], compress=True, openapi_extensions=_MEMBERS
)
def memories(cursor: Cursor = None, limit: Limit = _PAGE, id: Id = None) -> Memories:
    """Return a page of memories, the newest first; or the one of an `id`, if there is one."""
    page, following = _paged(lambda: lists.memories(index(), cursor, limit, id))
    shown = [
        Memory(it.id, it.kind, it.title, it.subtitle, it.count, it.starts, it.ends, it.cover) for it in page
    ]
    return Memories(shown, following)


@router.get(
    "/api/people", summary="People", middlewares=[etagged], compress=True, openapi_extensions=_MEMBERS
)
def people(cursor: Cursor = None, limit: Limit = _PAGE, id: Id = None) -> People:
    """Return a page of people; or the one of an `id`, if there is one.

    Those with a name come first, and of these those on most photos.
    """
    return People(*_paged(lambda: lists.people(index(), cursor, limit, id)))


@router.get(
    "/api/places", summary="Places", middlewares=[etagged], compress=True, openapi_extensions=_MEMBERS
)
def places(cursor: Cursor = None, limit: Limit = lists.MOST, id: Id = None) -> Places:
    """Return a page of places, that with most photos first; or the one of an `id`, if there is one.

    Each stands where its newest photo was taken.
    """
    return Places(*_paged(lambda: lists.places(index(), cursor, limit, id)))


def _paged(listed: Callable[[], T]) -> T:
    """Return a page.

    Raises:
        BadRequestError: the cursor is none of the list.
    """
    try:
        return listed()
    except ValueError:
        raise no_cursor() from None
