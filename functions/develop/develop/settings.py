"""What the develop function is configured with."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """The bucket that working masters lie in, beside the renditions."""

    renditions_bucket: str
