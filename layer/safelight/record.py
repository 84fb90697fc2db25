"""The record of a photo: its one type, and the event that processes it again. Pure.

Whoever reads a record takes `PhotoRecord`, so that a field that nobody writes is a type error; the catalog
function is its writer. docs/architecture.md and docs/metadata.md explain each field.
"""

from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict

if TYPE_CHECKING:
    from safelight.contracts import Film, Motion

Status = Literal["PROCESSING", "ACTIVE", "HELD", "REJECTED", "FAILED", "REMOVED"]

UNVERSIONED = "null"
"""The version of an original in a bucket that keeps none, as S3 itself calls it."""


class StoredOriginal(TypedDict):
    """Where the original lies; `etag` is S3's, empty where no event has told it."""

    bucket: str
    version_id: str
    bytes: int
    etag: str


class StoredPhoto(TypedDict):
    """What the bytes are, as `safelight.contracts.Photo` has it.

    `developed` says how a working master was made of them, where one was. Records of before
    November 2026 have no `crc32` and `sha256`.
    """

    format: str
    media_type: str
    width: int
    height: int
    bytes: int
    crc32: NotRequired[str]
    sha256: NotRequired[str]
    incomplete: NotRequired[bool]
    rare: NotRequired[bool]
    film: NotRequired["Film"]
    motion: NotRequired["Motion"]
    developed: NotRequired[str]


class StoredRendition(TypedDict):
    """A rendition that is served; sizes in pixels and bytes."""

    key: str
    url: str
    width: int
    height: int
    bytes: int
    media_type: str


class HeldCopy(TypedDict):
    """The files of a film's web copy: each of `files`, behind `below`, is a key."""

    below: str
    files: list[str]


class WebCopy(HeldCopy):
    """What plays a film: a playlist of HLS and a short silent loop; `bytes` are those of all files."""

    playlist: str
    playlist_url: str
    preview: str
    preview_url: str
    bytes: int


class Facts(TypedDict):
    """What the pixels say.

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


class Gps(TypedDict, total=False):
    """Where the camera was, in degrees and metres, and when the satellites said so."""

    latitude: float
    longitude: float
    rounded: bool
    altitude_m: float
    direction_deg: float
    direction_reference: str
    dop: float
    datum: str
    at: str


class Place(TypedDict, total=False):
    """What the place is called."""

    locality: str
    district: str
    city: str
    region: str
    region_code: str
    country: str
    country_code: str


class Product(TypedDict, total=False):
    """A camera, or a lens."""

    make: str
    model: str


class Exposure(TypedDict, total=False):
    """How the photo was exposed."""

    seconds: float
    f_number: float
    iso: int
    focal_length_mm: float
    focal_length_35mm: float
    bias_ev: float
    flash_fired: bool


class Box(TypedDict):
    """Where something is, as fractions of the image's width and height."""

    left: float
    top: float
    width: float
    height: float


class Region(TypedDict):
    """A part of the picture that somebody named in another program; `box` is of the picture as displayed."""

    source: str
    name: NotRequired[str]
    type: NotRequired[str]
    box: NotRequired[Box]


class Metadata(TypedDict, total=False):
    """When, where and how the photo was taken, and what people said of it."""

    taken_at: str
    taken_at_source: str
    taken_at_precision: str
    subseconds: str
    offset: str
    offset_source: str
    offset_certainty: str
    instant: str
    time_zone: str
    gps: Gps
    place: Place
    camera: Product
    lens: Product
    exposure: Exposure
    orientation: int
    width: int
    height: int
    color_space: str
    title: str
    description: str
    keywords: list[str]
    rating: float
    creator: str
    copyright: str
    software: str
    regions: list[Region]
    live_photo_id: str
    burst_id: str
    kinds: list[str]
    sources: dict[str, str]
    warnings: list[str]


class Instance(TypedDict):
    """One of the things that a label means; `confidence` in percent, to one decimal."""

    box: Box
    confidence: float


class Label(TypedDict):
    """One thing that a photo shows; `confidence` in percent, to one decimal."""

    name: str
    confidence: float
    parents: list[str]
    categories: list[str]
    instances: list[Instance]


class Face(TypedDict):
    """A face in the collection: `confidence` in percent, `sharpness` and `brightness` from 0 to 100."""

    face_id: str
    box: Box
    confidence: float
    sharpness: float
    brightness: float


class Color(TypedDict):
    """A dominant colour: `#rrggbb`, and the percent of the pixels that have it."""

    hex: str
    percent: float


class Properties(TypedDict):
    """What DetectLabels says of the image itself; the three qualities from 0 to 100."""

    brightness: float
    sharpness: float
    contrast: float
    colors: list[Color]


class ModerationLabel(TypedDict):
    """Content that not everybody may see; `confidence` in percent, to one decimal."""

    name: str
    parent: str
    confidence: float


class Verdict(TypedDict):
    """Whether a photo may be seen.

    `verdict` is `held`, `passed`, `released` or `not evaluated`; `labels` are those at or above the
    threshold, the surest first; `model` is what looked, and says itself where it judges a few categories
    only; `reason` is empty, or says why the photo could not be looked at.
    """

    verdict: str
    labels: list[ModerationLabel]
    model: str
    reason: str


class Tags(TypedDict):
    """What the photo shows. Of a HELD photo moderation alone is there, as tagging has not looked."""

    moderation: Verdict
    calls: dict[str, int]
    owed: bool
    labels: NotRequired[list[Label]]
    properties: NotRequired[Properties | None]
    faces: NotRequired[list[Face]]
    text: NotRequired[list[str]]
    model: NotRequired[str]
    reason: NotRequired[str | None]


class Rejection(TypedDict):
    """Why a photo is not in the library: the name of a bad input, and a sentence about this file."""

    reason: str
    message: str


class Failure(TypedDict):
    """What failed, where and when; the failure workflow writes it."""

    error: str
    cause: str
    step: str
    execution_arn: str
    at: str


class PhotoRecord(TypedDict):
    """The record of a photo. Its times are UTC in ISO 8601, but for `taken_at`, a wall clock.

    The record also has the URL of each rendition as `<rendition>_url`, for whoever reads it by hand.
    """

    id: str
    status: Status
    key: str
    album: str
    filename: str
    execution_arn: str
    timeline: NotRequired[str]
    original: NotRequired[StoredOriginal]
    sequencer: NotRequired[str]
    claimed_at: NotRequired[str]
    published_at: NotRequired[str]
    processed_at: NotRequired[str]
    removed_at: NotRequired[str]
    photo: NotRequired[StoredPhoto]
    renditions: NotRequired[dict[str, StoredRendition]]
    held_renditions: NotRequired[list[str]]
    web_copy: NotRequired[WebCopy]
    held_web_copy: NotRequired[HeldCopy]
    placeholder: NotRequired[str]
    facts: NotRequired[Facts]
    taken_at: NotRequired[str | None]
    metadata: NotRequired[Metadata]
    tags: NotRequired[Tags]
    released: NotRequired[str]
    people: NotRequired[list[str]]
    memory_id: NotRequired[str]
    memory_version: NotRequired[int]
    ledger: NotRequired[dict[str, str]]
    rejection: NotRequired[Rejection]
    failure: NotRequired[Failure]


UploadedObject = TypedDict(
    "UploadedObject",
    {
        "key": str,
        "size": int,
        "sequencer": str,
        "etag": NotRequired[str],
        "version-id": NotRequired[str],
    },
)
"""The object of an S3 event: EventBridge names these fields (Amazon S3 User Guide, event structure)."""


class Bucket(TypedDict):
    """The bucket of an S3 event."""

    name: str


class Upload(TypedDict):
    """What an S3 event says under `detail`."""

    bucket: Bucket
    object: UploadedObject


DeletedObject = TypedDict("DeletedObject", {"key": str, "sequencer": str, "version-id": NotRequired[str]})
"""The object of an S3 event of a deletion."""

Deletion = TypedDict("Deletion", {"object": DeletedObject, "deletion-type": NotRequired[str]})
"""What an S3 event of a deletion says under `detail`."""


DeletionEvent = TypedDict(
    "DeletionEvent",
    {"detail-type": Literal["Object Deleted"], "detail": Deletion, "revived": NotRequired[int]},
)
"""The event that starts the removal workflow; `revived` as in that of an upload."""


class UploadEvent(TypedDict):
    """The event that starts the photo workflow.

    `reprocess` asks for the photo that is there to be processed again; `release` says that someone has looked
    at it, and that it may be seen. `revived` is how often the stack has begun again by itself what an outage
    had ended.
    """

    detail: Upload
    reprocess: NotRequired[bool]
    release: NotRequired[bool]
    revived: NotRequired[int]


def files_of(copy: HeldCopy | None) -> list[str]:
    """Return the keys of the files of a film's web copy; of no copy there are none."""
    return [copy["below"] + name for name in copy["files"]] if copy else []


def keys_on(record: PhotoRecord) -> list[str]:
    """Return the keys of all that was made of a photo and its record names, what is held among them."""
    served = [each["key"] for each in record.get("renditions", {}).values()]
    copies = [*files_of(record.get("web_copy")), *files_of(record.get("held_web_copy"))]
    return [*served, *record.get("held_renditions", []), *copies]


def event_again(photo: PhotoRecord, *, release: bool = False) -> UploadEvent:
    """Return the event that processes a photo of the library again: that by which it was claimed.

    It is made of the record, since executions are forgotten after 90 days.

    Raises:
        KeyError: the photo was never claimed, so that no event of it is known.
    """
    original = photo["original"]
    uploaded: UploadedObject = {
        "key": photo["key"],
        "size": original["bytes"],
        "sequencer": photo["sequencer"],
        "etag": original["etag"],
    }
    if original["version_id"] != UNVERSIONED:
        uploaded["version-id"] = original["version_id"]
    event: UploadEvent = {
        "detail": {"bucket": {"name": original["bucket"]}, "object": uploaded},
        "reprocess": True,
    }
    if release:
        event["release"] = True
    return event
