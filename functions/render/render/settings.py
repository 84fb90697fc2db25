"""What the render function is configured with."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Where renditions are stored, and the URL they are served under; `{bucket}` in it is the bucket."""

    renditions_bucket: str
    renditions_base_url: str

    @property
    def base_url(self) -> str:
        """The URL under which the bucket is served."""
        return self.renditions_base_url.replace("{bucket}", self.renditions_bucket)
