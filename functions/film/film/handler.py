"""Lambda: makes of a film what is seen of it - a poster, a preview, and a copy that plays anywhere."""

import os
from typing import Any

from film.keeping import adopt, assemble, encode, plan
from film.settings import Settings
from film.steps import Event
from safelight.contracts import EncodedPart, PlannedFilm
from safelight.observability import foreseen, logger_of
from safelight.record import WebCopy
from safelight.settings import from_environment


@foreseen
def handler(event: Event, context: Any) -> PlannedFilm | EncodedPart | WebCopy:
    """Carry out `event["step"]` on the film at `event["original"]`.

    Raises:
        CorruptFile, UnsupportedFormat, TooCostly
        OriginalMissing, AccessDenied, ServiceThrottled, ServiceUnavailable, Misconfigured
    """
    log = logger_of(event["original"]["key"], event["execution"], context)
    settings = from_environment(Settings, os.environ)
    if event["step"] == "plan":
        planned = plan(event, settings, context)
        log.info("film planned", parts=len(planned["parts"]), sizes=len(planned["rungs"]))
        return planned
    if event["step"] == "encode":
        part = encode(event, settings, context)
        log.info("part encoded", number=event["part"]["number"], track=event["part"]["track"])
        return part
    copy = assemble(event, settings) if event["step"] == "assemble" else adopt(event, settings)
    log.info("film assembled", files=len(copy["files"]), bytes=copy["bytes"])
    return copy
