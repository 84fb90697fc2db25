"""What the functions of an execution were given, by its history. Pure."""

import json
from collections.abc import Iterable, Mapping
from typing import Any


def events_of(history: Iterable[Mapping[str, Any]], function: str) -> list[Any]:
    """Return the events that the function of that name was given, in order, each once.

    A step that was tried again, or redriven, was given the same event again.
    """
    events: list[Any] = []
    for entry in history:
        if details := entry.get("taskScheduledEventDetails"):
            given = json.loads(details["parameters"])
            if _name_of(given.get("FunctionName", "")) == function and given["Payload"] not in events:
                events.append(given["Payload"])
    return events


def _name_of(arn: str) -> str:
    """Return the name in the ARN of a function, which may end in a version or an alias."""
    return arn.partition(":function:")[2].partition(":")[0]
