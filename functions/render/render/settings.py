"""What the render function is configured with."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Where renditions are stored, and the URL they are served under.

    With `moderation` on, they are held until a verdict has released them.
    """

    renditions_bucket: str
    renditions_base_url: str
    moderation: str

    @property
    def held(self) -> bool:
        """Whether renditions wait for a verdict."""
        return self.moderation == "on"
