"""What somebody may be about to search for."""

from dataclasses import dataclass
from typing import Annotated

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from api.reading import index
from api.viewer import who
from safelight.index import search

router = Router()


@dataclass(frozen=True)
class Suggestions:
    """What may be meant; each finds something."""

    suggestions: list[search.Suggestion]


@router.get("/api/search/suggestions", summary="Suggestions", openapi_extensions=who("viewer", "owner"))
def suggestions(q: Annotated[str, Query(max_length=500)] = "") -> Suggestions:
    """Return people, places, albums, dates, labels and cameras that begin as the last words of `q` do."""
    return Suggestions(search.suggestions(index(), q))
