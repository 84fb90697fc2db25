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


def executions_of(history: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the ARNs of the executions that an execution has waited for, in order, each once."""
    told = (_ended(entry) for entry in history)
    return list(dict.fromkeys(arn for each in told if each and (arn := _arn_in(each))))


def _ended(entry: Mapping[str, Any]) -> str | None:
    """Return what a task has said at its end; one that failed tells it as the cause."""
    succeeded, failed = entry.get("taskSucceededEventDetails"), entry.get("taskFailedEventDetails")
    return (succeeded or {}).get("output") or (failed or {}).get("cause")


def _arn_in(told: str) -> str | None:
    try:
        said = json.loads(told)
    except ValueError:  # the cause of another failure is text
        return None
    return said.get("ExecutionArn") if isinstance(said, dict) else None


def _name_of(arn: str) -> str:
    """Return the name in the ARN of a function, which may end in a version or an alias."""
    return arn.partition(":function:")[2].partition(":")[0]
