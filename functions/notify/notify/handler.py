"""Lambda: announces one photo, finished, held or rejected, in words, and counts it; malware is an alarm."""

import os
from typing import Any, TypedDict

from notify.measures import measures_of
from notify.message import is_alarming, message_of
from notify.settings import Settings
from notify.topic import publish
from safelight.clients import dynamodb
from safelight.metering import count
from safelight.observability import foreseen, logger_of
from safelight.settings import from_environment
from safelight.table import read_photo


class Event(TypedDict):
    """What the workflow sends: of the photo, of the execution (its ARN), and when S3 had it, if S3 told."""

    key: str
    execution: str
    uploaded_at: str | None


class Notified(TypedDict):
    """What became of the photo; None where another execution has it now, and will announce it."""

    status: str | None


@foreseen
def handler(event: Event, context: Any) -> Notified:
    """Publish one message about the photo at `event["key"]`.

    Raises:
        AccessDenied, Misconfigured, ServiceThrottled, ServiceUnavailable
    """
    log = logger_of(event["key"], event["execution"], context)
    settings = from_environment(Settings, os.environ)
    photo = read_photo(dynamodb(), settings.library_table, event["key"])
    if photo is None or photo["execution_arn"] != event["execution"]:
        return {"status": None}
    if is_alarming(photo):
        publish(settings.alerts_topic_arn, message_of(photo))
    message_id = publish(settings.notification_topic_arn, message_of(photo))
    for measure in measures_of(photo, event["uploaded_at"]):
        count(settings.stack, measure, key=event["key"], execution=event["execution"])
    log.info("photo announced", status=photo["status"], message_id=message_id)
    return {"status": photo["status"]}
