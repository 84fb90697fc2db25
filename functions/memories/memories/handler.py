"""Lambda: groups an album anew with one photo in it."""

import os
import time
from dataclasses import dataclass
from typing import Any, TypedDict

from memories import library
from memories.grouping import plan_of
from safelight import __version__
from safelight.observability import logger
from safelight.settings import from_environment


@dataclass(frozen=True)
class Settings:
    """`library_table`: the name of the table that holds photos, memories and albums."""

    library_table: str


class Event(TypedDict):
    """What the workflow sends: the photo at `key`, in `album`."""

    album: str
    key: str


class Grouped(TypedDict):
    """The memory of the photo; None for a photo without a date, or one that is not ACTIVE."""

    memory_id: str | None
    version: str


def handler(event: Event, context: Any) -> Grouped:
    """Bring the memories of `event["album"]` in line with its photos.

    Raises:
        MemoriesChanged: another photo of the album was grouped at the same moment; call again.
        AccessDenied, Misconfigured, ServiceThrottled, ServiceUnavailable
    """
    table = from_environment(Settings, os.environ).library_table
    album = library.read_album(table, event["album"], event["key"])
    claimed_at = time.time()
    plan = plan_of(album, event["key"], claimed_at)
    library.claim(table, album, plan)
    library.write(table, plan, time.time, claimed_at)
    logger().info("album grouped", album=event["album"], version=plan.version, memory_id=plan.memory_id)
    return {"memory_id": plan.memory_id, "version": f"safelight {__version__}"}
