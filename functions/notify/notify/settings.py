"""The settings of the notify function."""

from dataclasses import dataclass

NO_QUEUE = "none"


@dataclass(frozen=True)
class Settings:
    """Where the record is, the topics that announce photos and that raise alarms, and the stack's name.

    `digest_queue` is where photos wait to be announced together, or NO_QUEUE where each is by itself.
    """

    library_table: str
    notification_topic_arn: str
    alerts_topic_arn: str
    digest_queue: str
    stack: str
