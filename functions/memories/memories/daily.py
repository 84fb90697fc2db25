"""Lambda: makes the memories of the day, *on this day*, and says which is best."""

import os
from datetime import date
from typing import Any, TypedDict

from memories.anniversaries import remind
from memories.handler import Settings
from memories.library import carry_out
from safelight.observability import logger
from safelight.settings import from_environment


class Event(TypedDict):
    """What the workflow sends: the day, as YYYY-MM-DD."""

    day: str


class Reminder(TypedDict):
    """The day's best memory, in words; None where no album has one that is worth showing."""

    memory_id: str
    album: str
    title: str
    photo_count: int
    cover_key: str


class Reminded(TypedDict):
    """What the day brings."""

    memory: Reminder | None


def handler(event: Event, context: Any) -> Reminded:
    """Make the memories of `event["day"]` in every album; return the best.

    Raises:
        MemoriesChanged, AccessDenied, Misconfigured, ServiceThrottled, ServiceUnavailable
    """
    table = from_environment(Settings, os.environ).library_table
    best = carry_out(table, remind(date.fromisoformat(event["day"])))
    logger().info("day remembered", day=event["day"], memory_id=best and best["memory_id"])
    if best is None:
        return {"memory": None}
    return {
        "memory": {
            "memory_id": best["memory_id"],
            "album": best["album"],
            "title": best["title"],
            "photo_count": best["photo_count"],
            "cover_key": best["cover_key"],
        }
    }
