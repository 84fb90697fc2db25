"""Lambda: keeps the records of photos; each step of the workflows that changes one comes here."""

import os
from dataclasses import dataclass
from typing import Any

from catalog.keeping import carry_out
from catalog.steps import Event, Found, Kept, photo_of
from safelight.contracts import Claim, Removal
from safelight.observability import foreseen, logger_of
from safelight.settings import from_environment


@dataclass(frozen=True)
class Settings:
    """`library_table`: the name of the table that holds the records of photos."""

    library_table: str


@foreseen
def handler(event: Event, context: Any) -> Claim | Removal | Found | Kept:
    """Carry out `event["step"]`.

    Raises:
        Superseded: a later event of the same key, or another execution, has the photo.
        AccessDenied, Misconfigured, ServiceThrottled, ServiceUnavailable
    """
    log = logger_of(*photo_of(event), context)
    table = from_environment(Settings, os.environ).library_table
    done = carry_out(table, event)
    log.info("record kept", step=event["step"])
    return done
