"""Lambda: groups one photo into the memories of its album, or takes it out of them."""

import os
from dataclasses import dataclass
from typing import Any, TypedDict

from memories.carrier import carry_out
from memories.steps import remember
from safelight import __version__
from safelight.observability import foreseen, logger_of
from safelight.settings import from_environment


@dataclass(frozen=True)
class Settings:
    """`library_table`: the name of the table that holds photos, memories and albums."""

    library_table: str


class Event(TypedDict):
    """What the workflow sends: the photo at `key`, in `album`, and the ARN of its execution."""

    album: str
    key: str
    execution: str


class Grouped(TypedDict):
    """The memory of the photo; None for a photo without a date, or one that is not ACTIVE."""

    memory_id: str | None
    version: str


@foreseen
def handler(event: Event, context: Any) -> Grouped:
    """Bring the memories of `event["album"]` in line with the photo at `event["key"]`.

    Raises:
        MemoriesChanged: another photo of the album was grouped at the same moment; call again.
        AccessDenied, Misconfigured, ServiceThrottled, ServiceUnavailable
    """
    log = logger_of(event["key"], event["execution"], context)
    table = from_environment(Settings, os.environ).library_table
    memory_id = carry_out(table, remember(event["album"], event["key"]))
    log.info("photo grouped", album=event["album"], memory_id=memory_id)
    return {"memory_id": memory_id, "version": f"safelight {__version__}"}
