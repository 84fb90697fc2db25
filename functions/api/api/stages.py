"""The way of a photo through its workflow, for whoever runs the library."""

from dataclasses import dataclass

from aws_lambda_powertools.event_handler.api_gateway import Router

from api import library
from api.photos import visible
from api.settings import settings
from api.viewer import who
from safelight.stages import Stage, stages_of

router = Router()

_NONE = "none"
"""The console of a laptop."""


@dataclass(frozen=True)
class Way:
    """The execution that has the photo, its page in the console of AWS, and the states that it entered."""

    execution: str
    console_url: str | None
    stages: list[Stage]


@router.get("/api/photos/<photo_id>/stages", summary="The way of a photo", openapi_extensions=who("owner"))
def stages(photo_id: str) -> Way:
    """Say which states a photo has gone through, when, and where it failed."""
    execution = visible(photo_id)["execution_arn"]
    console = settings().console_url
    page = None if console == _NONE else f"{console}{execution}"
    return Way(execution, page, stages_of(library.history(execution)))
