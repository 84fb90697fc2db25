"""The states that an execution went through, from its history. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Stage:
    """A state that was entered, and left unless it failed or is at work; UTC in ISO 8601.

    Of a Map each iteration is a stage of its own.
    """

    name: str
    entered_at: str
    left_at: str | None
    error: str | None

    @property
    def seconds(self) -> float:
        """How long it took; 0 of one that was not left."""
        if self.left_at is None:
            return 0.0
        return (
            datetime.fromisoformat(self.left_at) - datetime.fromisoformat(self.entered_at)
        ).total_seconds()


def stages_of(events: Iterable[Mapping[str, Any]]) -> list[Stage]:
    """Return the stages in the order in which they were entered, of events as Step Functions tells them.

    What failed at last, failed in the state that was entered last and not left.
    """
    stages: list[Stage] = []
    for event in events:
        at = event["timestamp"].astimezone(UTC).isoformat(timespec="milliseconds")
        if "stateEnteredEventDetails" in event:
            stages.append(Stage(event["stateEnteredEventDetails"]["name"], at, None, None))
        elif "stateExitedEventDetails" in event:
            name = event["stateExitedEventDetails"]["name"]
            place = next((i for i, it in enumerate(stages) if it.name == name and not it.left_at), None)
            if place is not None:
                stages[place] = Stage(name, stages[place].entered_at, at, None)
        elif failed := _failed(event):
            place = next((i for i in reversed(range(len(stages))) if not stages[i].left_at), None)
            if place is not None:
                stages[place] = Stage(stages[place].name, stages[place].entered_at, None, failed)
    return stages


def _failed(event: Mapping[str, Any]) -> str | None:
    for details in (
        "executionFailedEventDetails",
        "executionTimedOutEventDetails",
        "executionAbortedEventDetails",
    ):
        if details in event:
            return str(event[details].get("error") or event["type"])
    return None
