"""Lambda: keeps the records of photos; each step of the workflows that changes one comes here."""

import os
from dataclasses import dataclass
from typing import Any

from catalog.keeping import Wanted, carry_out
from catalog.steps import Event, Found, Kept, photo_of
from safelight.contracts import Claim, Removal
from safelight.observability import foreseen, logger_of
from safelight.settings import from_environment


@dataclass(frozen=True)
class Settings:
    """Where the records of photos are, and whether photos are moderated and tagged, `on` or `off`."""

    library_table: str
    moderation: str
    tagging: str


@foreseen
def handler(event: Event, context: Any) -> Claim | Removal | Found | Kept:
    """Carry out `event["step"]`.

    Raises:
        Superseded: a later event of the same key, or another execution, has the photo.
        NotModerated: a photo was to be published without the verdict that it needs.
        NotTagged: a photo was to be finished without the tags that it is to have.
        AccessDenied, Misconfigured, ServiceThrottled, ServiceUnavailable
    """
    log = logger_of(*photo_of(event), context)
    settings = from_environment(Settings, os.environ)
    wanted = Wanted(verdict=settings.moderation == "on", tags=settings.tagging == "on")
    done = carry_out(settings.library_table, event, wanted)
    log.info("record kept", step=event["step"])
    return done
