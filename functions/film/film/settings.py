"""What the film function is configured with."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Where posters and web copies are stored, and the URL they are served under.

    With `moderation` on, a web copy is held until a verdict has released it.
    """

    renditions_bucket: str
    renditions_base_url: str
    moderation: str

    @property
    def held(self) -> bool:
        """Whether web copies wait for a verdict."""
        return self.moderation == "on"
