"""Lambda: gives the faces of one photo to the people that they belong to, or takes them away."""

import os
from typing import Any, TypedDict

from people.settings import Settings
from safelight import __version__
from safelight.clients import dynamodb, rekognition
from safelight.observability import foreseen, logger_of
from safelight.people.carrier import Carrier
from safelight.people.steps import group
from safelight.settings import from_environment


class Event(TypedDict):
    """What the workflow sends: `faces` that were found in the photo at `key`, as the tag function says.

    `faces` is None where nobody has looked. `execution` is the ARN of the execution that asks.
    """

    key: str
    execution: str
    faces: list[dict[str, Any]] | None


class Grouped(TypedDict):
    """The ids of the people in the photo."""

    people: list[str]
    version: str


@foreseen
def handler(event: Event, context: Any) -> Grouped:
    """Bring people in line with the faces in the photo at `event["key"]`.

    Raises:
        PeopleChanged: another photo of one of them was grouped at the same moment; call again.
        AccessDenied, Misconfigured, ServiceThrottled, ServiceUnavailable
    """
    log = logger_of(event["key"], event["execution"], context)
    settings = from_environment(Settings, os.environ)
    of_stack = (settings.library_table, settings.face_collection, settings.face_match_threshold)
    carrier = Carrier(dynamodb(), rekognition(), *of_stack)
    people = carrier.carry_out(group(event["key"], event["execution"], event["faces"]))
    log.info("faces grouped", faces=len(event["faces"] or []), people=len(people))
    return {"people": people, "version": f"safelight {__version__}"}
