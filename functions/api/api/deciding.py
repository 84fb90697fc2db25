"""Carries out what owners decide about people."""

from collections.abc import Callable, Generator
from typing import Any, TypeVar

from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from api.settings import settings
from safelight.clients import dynamodb, rekognition
from safelight.people.carrier import Carrier, insist
from safelight.people.steps import Step
from safelight.people.wishes import UnknownPerson

T = TypeVar("T")

_ATTEMPTS = 6
"""How often a decision is tried while photos change the same people; it takes a few seconds at most."""


def decide(begin: Callable[[], Generator[Step, Any, T]], done_when_gone: str | None = None) -> T | None:
    """Carry a decision out, and return what it returns; `done_when_gone` as in `insist`.

    Raises:
        NotFoundError: there is no such person or face, or another can not be made of it.
        PeopleChanged, AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    carrier = Carrier(
        dynamodb(),
        rekognition(),
        settings().library_table,
        settings().face_collection,
        threshold=100,  # nothing is searched for here
    )
    try:
        return insist(carrier, begin, _ATTEMPTS, done_when_gone)
    except UnknownPerson as error:
        raise NotFoundError(str(error)) from None
