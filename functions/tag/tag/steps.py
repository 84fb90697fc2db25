"""The events of the tag function, and the stored image that it looks at."""

from typing import Literal, NotRequired, TypedDict

from safelight.contracts import Moderated, Rendition, StoredImage
from safelight.record import WebCopy


class Moderate(TypedDict):
    """Say whether a photo may be seen, or `release` it since someone has said so.

    Executions from before there were films send no `web_copy`.
    """

    step: Literal["moderate"]
    key: str
    execution: str
    renditions: list[Rendition]
    web_copy: NotRequired[WebCopy | None]
    look_at: str
    release: bool


class Tag(TypedDict):
    """Say what a photo shows, after what moderation has said; None where it is off.

    `half` is true of the film of a Live Photo. Executions from before there were any do not send it.
    """

    step: Literal["tag"]
    key: str
    execution: str
    renditions: list[Rendition]
    look_at: str
    half: NotRequired[bool]
    moderation: Moderated | None


def image_of(event: Moderate | Tag, bucket: str) -> StoredImage:
    """Return the rendition in `bucket` whose key is `event["look_at"]`."""
    (seen,) = (each for each in event["renditions"] if each["key"] == event["look_at"])
    return {
        "bucket": bucket,
        "key": seen["key"],
        "width": seen["width"],
        "height": seen["height"],
        "bytes": seen["bytes"],
    }
