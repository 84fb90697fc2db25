"""The shapes that pass between the states of the workflow: keys and numbers, never pixels."""

from typing import NotRequired, TypedDict


class Original(TypedDict):
    """Where an uploaded photo lies. `version_id` is None in a bucket without versioning."""

    bucket: str
    key: str
    size: int
    version_id: str | None


class Photo(TypedDict):
    """What the bytes of an original really are; sizes in pixels as displayed, after orientation."""

    format: str
    media_type: str
    width: int
    height: int
    bytes: int


class RenditionPlan(TypedDict):
    """One rendition to make: `width` x `height` is the box in pixels that it must fit inside."""

    name: str
    key: str
    width: int
    height: int
    quality: int
    placeholder: bool


class Rendition(TypedDict):
    """One rendition that was made; sizes in pixels and bytes."""

    name: str
    key: str
    url: str
    width: int
    height: int
    bytes: int
    media_type: str
    version: str
    placeholder: NotRequired[str]


class Validated(TypedDict):
    """What ValidatePhoto returns: the photo, its rendition plan, and the rendition to tag."""

    photo: Photo
    renditions: list[RenditionPlan]
    tagged_rendition: str
    version: str


class ImageRef(TypedDict):
    """A stored JPEG rendition, as Rekognition and Textract are given it."""

    bucket: str
    key: str
