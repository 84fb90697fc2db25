"""Lambda: announces one photo, finished or rejected, in words."""

import os
from dataclasses import dataclass
from typing import Any, TypedDict

from notify.message import Event, message_of
from notify.topic import publish
from safelight import __version__
from safelight.observability import logger
from safelight.settings import from_environment


@dataclass(frozen=True)
class Settings:
    """`notification_topic_arn`: the topic that announces photos."""

    notification_topic_arn: str


class Notified(TypedDict):
    """`message_id` as SNS gave it."""

    message_id: str
    version: str


def handler(event: Event, context: Any) -> Notified:
    """Publish one message about the photo of `event`.

    Raises:
        AccessDenied, Misconfigured, ServiceThrottled, ServiceUnavailable
    """
    settings = from_environment(Settings, os.environ)
    message_id = publish(settings.notification_topic_arn, message_of(event))
    logger().info("photo announced", key=event["key"], status=event["status"], message_id=message_id)
    return {"message_id": message_id, "version": f"safelight {__version__}"}
