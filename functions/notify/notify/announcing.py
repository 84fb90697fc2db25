"""Announces a photo and counts it, or lets it wait until many are announced together; malware is an alarm."""

from collections.abc import Callable
from typing import Any, TypedDict

from notify import waiting
from notify.digest import digest_of, entry_of
from notify.measures import measures_of
from notify.message import is_alarming, message_of
from notify.settings import NO_QUEUE, Settings
from notify.topic import publish
from safelight.clients import dynamodb
from safelight.metering import count
from safelight.table import read_photo


class Notified(TypedDict):
    """What became of the photo; None where another execution has it now, and will announce it."""

    status: str | None


class Digested(TypedDict):
    """How many photos were said, and whether there may be more that wait."""

    photos: int
    is_more: bool


def announce(settings: Settings, log: Any, key: str, execution: str, uploaded_at: str | None) -> Notified:
    """Publish one message about the photo at `key`, or keep it for the next digest.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    photo = read_photo(dynamodb(), settings.library_table, key)
    if photo is None or photo["execution_arn"] != execution:
        return {"status": None}
    if is_alarming(photo):
        publish(settings.alerts_topic_arn, message_of(photo))
    if settings.digest_queue == NO_QUEUE:
        publish(settings.notification_topic_arn, message_of(photo))
    else:
        waiting.keep(settings.digest_queue, entry_of(photo))
    for measure in measures_of(photo, uploaded_at):
        count(settings.stack, measure, key=key, execution=execution)
    log.info("photo announced", status=photo["status"])
    return {"status": photo["status"]}


def announce_together(settings: Settings, has_time: Callable[[], bool]) -> Digested:
    """Publish one message about all that waits, as much as there is time to read.

    Nothing leaves the queue before it is said: where this fails in between, it is said once more.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    taken = list(waiting.take(settings.digest_queue, has_time))
    if taken:
        publish(settings.notification_topic_arn, digest_of(entry for entry, _ in taken))
        waiting.forget(settings.digest_queue, [handle for _, handle in taken])
    return {"photos": len(taken), "is_more": not has_time()}
