"""Lambda: makes the memories of the day, *on this day*, and says which is best."""

import os
from typing import Any, TypedDict

from memories.anniversaries import Reminder, day_of, remind
from memories.carrier import carry_out
from memories.handler import Settings
from safelight.observability import foreseen, logger
from safelight.settings import from_environment


class Event(TypedDict):
    """What the schedule sends: its moment, in UTC, and the time zone that says which day that is."""

    scheduled_for: str
    timezone: str


class Reminded(TypedDict):
    """The day, as YYYY-MM-DD, and its best memory; None where no album has one that is worth showing."""

    day: str
    memory: Reminder | None


@foreseen
def handler(event: Event, context: Any) -> Reminded:
    """Make the memories of the event's day in every album; return the best.

    Raises:
        AccessDenied, MemoriesChanged, Misconfigured, ServiceThrottled, ServiceUnavailable
    """
    table = from_environment(Settings, os.environ).library_table
    today = day_of(event["scheduled_for"], event["timezone"])
    best = carry_out(table, remind(today))
    logger().info("day remembered", day=str(today), memory_id=best and best["memory_id"])
    return {"day": str(today), "memory": best}
