"""The shapes that pass between the states of the workflow: keys and numbers, never pixels."""

from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict

if TYPE_CHECKING:  # a dozen types that the functions would build at each start, and never look at
    from safelight.record import Facts, Metadata, Tags, Verdict, WebCopy


class Original(TypedDict):
    """Where an uploaded photo lies. `version_id` is None in a bucket without versioning."""

    bucket: str
    key: str
    size: int
    version_id: str | None


class Claim(TypedDict):
    """A photo that an execution, named by its ARN, has taken for itself.

    `version` is of this upload alone, and unguessable: the keys of its renditions come from it. `former`
    names the renditions that have URLs on the record so far; `replaced` are the keys of all that it has.
    `released` says that someone has looked at this very original, and that it may be seen. `known` says that
    a photo at this key was in the library before, so that people may have its faces.
    """

    key: str
    album: str
    filename: str
    original: Original
    execution: str
    version: str
    former: list[str]
    replaced: list[str]
    released: bool
    known: bool


class Film(TypedDict):
    """What a film is, besides the size of its pictures, from its container alone.

    `duration` is in seconds, `frame_rate` in frames a second on average, None where it is not said. `video`
    and `audio` are codings as in RFC 6381, up to its first dot, like `avc1`, `hvc1`, `vp09`, `av01`, `mp4a`;
    `audio` is None of a silent film. `rotation` in degrees clockwise displays the pictures as they are coded;
    `transfer` says how bright they are, and of Dolby Vision what its base is.
    """

    duration: float
    frame_rate: float | None
    video: str
    audio: str | None
    rotation: Literal[0, 90, 180, 270]
    transfer: Literal["sdr", "hlg", "pq"]


class Motion(TypedDict):
    """The film that a motion photo has within it: `length` bytes of the original from byte `offset` on.

    They are an MP4 of their own; its `width` and `height` are in pixels as displayed.
    """

    offset: int
    length: int
    width: int
    height: int
    film: Film


class Photo(TypedDict):
    """What the bytes of an original really are; sizes in pixels as displayed, after orientation.

    `incomplete` is true of a JPEG that holds only the first of its scans: a coarse picture of itself.
    `rare` is true of a TIFF coded in a way that only the develop function reads. `crc32` and `sha256`, in
    hexadecimal digits, are of all its bytes; what is developed from others has none. `film` is there of a
    film, whose sizes are those of each picture, and `motion` of a photo that has one within it.
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
    film: NotRequired[Film]
    motion: NotRequired[Motion]


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


class Described(TypedDict):
    """A file that was made: its size in pixels and bytes, and what its plan asked for besides it."""

    width: int
    height: int
    bytes: int
    media_type: str
    placeholder: NotRequired[str]
    facts: NotRequired["Facts"]


class Rendition(Described):
    """One rendition that was made, and where it lies."""

    name: str
    key: str
    url: str
    version: str


class MasterPlan(TypedDict):
    """The working master to develop where decoding is dear: inside `width` x `height` pixels, at `key`.

    `color` is `display-p3` where a rendition keeps that: such a master holds all that both need.
    """

    key: str
    width: int
    height: int
    color: Literal["srgb", "display-p3"]


class FilmPlan(TypedDict):
    """What the keys of a film's files are made of: the version and the template of its renditions' keys."""

    version: str
    template: str


class Planned(TypedDict):
    """What is to be made of a photo: its renditions, which of them is tagged, and what they are made from.

    `master` is None where each rendition is made from the original itself; `film` is of what moves.
    """

    renditions: list[RenditionPlan]
    tagged_rendition: str
    master: MasterPlan | None
    film: FilmPlan | None


class Validated(Planned):
    """What ValidatePhoto returns."""

    photo: Photo
    version: str


class Developed(TypedDict):
    """What DevelopMaster returns: where the master lies, and how it came to be.

    `source` says what was developed: `decoded`, `embedded preview`, or `demosaic`.
    """

    master: Original
    source: str
    version: str


class Rung(TypedDict):
    """One of the sizes that a film is played in: pixels as displayed, and the most bits of a second of it."""

    name: str
    width: int
    height: int
    bits_per_second: int


class FilmPart(TypedDict):
    """What one function encodes: the picture from `start` to `end` in 90,000ths of a second, or the sound.

    `copied` says that browsers play it as it is coded.
    """

    number: int
    track: Literal["picture", "sound"]
    copied: bool
    start: int
    end: int


class PlannedFilm(TypedDict):
    """What PlanFilm returns: a film's poster as a working master, the preview, and how the rest is made.

    `destination` is what the keys of all files begin with that a converter makes of it, whatever their kind.
    """

    developed: Developed | None
    preview_bytes: int
    rungs: list[Rung]
    parts: list[FilmPart]
    destination: str


class EncodedTrack(TypedDict):
    """A part of one size of a film, or its sound: its segments as [start, end, bytes], and all its bytes.

    `codec` is as in RFC 6381; `header` is the beginning of the SHA-256 of what all parts of a track share.
    """

    name: str
    number: int
    codec: str
    header: str
    segments: list[list[int]]
    bytes: int


class EncodedPart(TypedDict):
    """What EncodePart returns."""

    tracks: list[EncodedTrack]


class MetadataRead(TypedDict):
    """What ReadMetadata returns; `bytes_read` of the original."""

    metadata: "Metadata"
    bytes_read: int
    version: str


class Made(TypedDict):
    """What there is of a photo when it is published: its renditions, its metadata, and what plays a film."""

    renditions: list[Rendition]
    metadata: MetadataRead
    web_copy: NotRequired["WebCopy | None"]


class Moderated(TypedDict):
    """What ModeratePhoto returns: the verdict, and the billed `calls`."""

    verdict: "Verdict"
    calls: dict[str, int]
    version: str


class Tagged(TypedDict):
    """What TagPhoto returns."""

    tags: "Tags"
    version: str


class Removal(TypedDict):
    """A photo that is out of sight, and is to be removed.

    `renditions` are the keys that its record names; who is still at work on it deletes its own.
    """

    key: str
    album: str
    execution: str
    renditions: list[str]


class StoredImage(TypedDict):
    """A stored rendition, JPEG or PNG, as Rekognition and Textract are given it; in pixels and bytes."""

    bucket: str
    key: str
    width: int
    height: int
    bytes: int
