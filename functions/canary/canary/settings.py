"""Where the canary's photo goes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """The bucket of originals."""

    originals_bucket: str
