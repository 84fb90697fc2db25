"""The settings of the notify function."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Where the record is, the topics that announce photos and that raise alarms, and the stack's name."""

    library_table: str
    notification_topic_arn: str
    alerts_topic_arn: str
    stack: str
