"""The shapes that pass between the states of the workflow: keys and numbers, never pixels."""

from typing import Literal, NotRequired, TypedDict


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
    """One rendition to make, as its preset says; docs/presets.md explains each choice.

    `width` x `height` in pixels is the box to fit inside, or to cover and crop to. `quality` is that of
    libjpeg, 1 to 95, whatever the format. `sharpen` is the radius of a slight sharpening in pixels, 0 for
    none. `placeholder` and `facts` ask for a blurred stamp, and for what the pixels say of the photo.
    """

    name: str
    key: str
    width: int
    height: int
    fit: Literal["inside", "cover"]
    crop: Literal["centre", "attention"]
    format: Literal["jpeg", "webp", "avif", "png"]
    quality: int
    progressive: bool
    sharpen: float
    color: Literal["srgb", "display-p3"]
    background: str
    metadata: Literal["none", "copyright"]
    gain_map: bool
    placeholder: bool
    facts: bool


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
    facts: NotRequired["Facts"]


class Facts(TypedDict):
    """What the pixels say: docs/architecture.md explains each.

    `thumbhash` is base64; `perceptual_hash` 16 hexadecimal digits; `dominant_color` is `#rrggbb`;
    `sharpness` the variance of the Laplacian of luma at 1,024 pixels on the long edge; the others are
    the fractions, 0 to 1, of pixels at either end of the tones.
    """

    thumbhash: str
    perceptual_hash: str
    dominant_color: str
    sharpness: float
    clipped_shadows: float
    clipped_highlights: float


class MasterPlan(TypedDict):
    """The working master to develop where decoding is dear: inside `width` x `height` pixels, at `key`.

    `color` is `display-p3` where a rendition keeps that: such a master holds all that both need.
    """

    key: str
    width: int
    height: int
    color: Literal["srgb", "display-p3"]


class Validated(TypedDict):
    """What ValidatePhoto returns: the photo, its rendition plan, and the rendition to tag.

    `master` is None where each rendition is made from the original itself.
    """

    photo: Photo
    renditions: list[RenditionPlan]
    tagged_rendition: str
    master: MasterPlan | None
    version: str


class Developed(TypedDict):
    """What DevelopMaster returns: where the master lies, and how it came to be.

    `source` says what was developed: `decoded`, `embedded preview`, or `demosaic`.
    """

    master: Original
    source: str
    version: str


class StoredImage(TypedDict):
    """A stored rendition, JPEG or PNG, as Rekognition and Textract are given it; in pixels and bytes."""

    bucket: str
    key: str
    width: int
    height: int
    bytes: int
