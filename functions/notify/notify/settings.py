"""The settings of the notify function."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Where the record is, the topic that announces photos, and the one that raises alarms."""

    library_table: str
    notification_topic_arn: str
    alerts_topic_arn: str
