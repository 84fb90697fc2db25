"""Uploads: photos go to S3 itself, by URLs that are good for one key and one file each."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.exceptions import ForbiddenError, NotFoundError, ServiceError
from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import Field

from api import bucket
from api.bucket import Uploaded
from api.names import Album, Filename
from api.photos import key_in_url
from api.settings import settings
from api.viewer import asking, who
from safelight.keys import MAX_KEY_BYTES, SIDECAR_SUFFIX, decomposed, may_hold_photos, public_id

router = Router()

_MOST_FILES = 200
_MOST_PARTS = 100
_AT_ONCE = 16

_ONE_PART_BYTES = 64 << 20
"""What is larger goes up in parts, so that a line that breaks costs little."""

_PART_BYTES = 16 << 20
"""Of at most 10,000 parts each (Amazon S3 User Guide, multipart upload limits)."""


@dataclass(frozen=True)
class File:
    """A file: its name, its size, and the SHA-256 of its bytes in hexadecimal digits."""

    filename: Filename
    bytes: Annotated[int, Field(ge=0, strict=True)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


@dataclass(frozen=True)
class Files:
    """Files for one album."""

    album: Album
    files: Annotated[list[File], Field(min_length=1, max_length=_MOST_FILES)]


@dataclass(frozen=True)
class Put:
    """Where a file goes by PUT, with these headers and no other bytes."""

    url: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Multipart:
    """An upload in `parts` parts, numbered from 1, each of `part_bytes` but the last."""

    upload_id: str
    part_bytes: int
    parts: int


@dataclass(frozen=True)
class Place:
    """What is to be done with a file.

    `new` is to be sent, by `put` or in parts. `same` is there already. `taken` says that another photo has
    that name: nothing is replaced, so give the file another one. `ignored` is what lies beside photos and is
    none. `refused` is not taken; `message` says why.
    """

    id: str
    filename: str
    state: Literal["new", "same", "taken", "ignored", "refused"]
    put: Put | None = None
    multipart: Multipart | None = None
    message: str | None = None


@dataclass(frozen=True)
class Places:
    """What is to be done with each file, in their order."""

    files: list[Place]


@dataclass(frozen=True)
class Parts:
    """Parts of an upload whose URLs are wanted."""

    id: str
    upload_id: str
    parts: Annotated[list[Annotated[int, Field(ge=1, le=10_000, strict=True)]], Field(max_length=_MOST_PARTS)]


@dataclass(frozen=True)
class Part:
    """Where a part goes by PUT."""

    part: int
    url: str


@dataclass(frozen=True)
class PartUrls:
    """Where parts go, and the numbers of those that have come, so that an upload goes on where it ended."""

    parts: list[Part]
    there: list[int]


@dataclass(frozen=True)
class Begun:
    """An upload in parts."""

    id: str
    upload_id: str


@router.post("/api/uploads", summary="Upload files", openapi_extensions=who("guest", "owner"))
def upload(files: Annotated[Files, Body()]) -> Places:
    """Say what is to be done with files so that they are in the library."""
    _check_may_upload(f"{files.album}/a")
    keys = [f"{files.album}/{file.filename}" for file in files.files]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        there = list(pool.map(_there, keys))
    first: dict[str, str] = {}
    places = []
    for key, file, known in zip(keys, files.files, there, strict=True):
        other = first.setdefault(key, file.sha256)
        known = known if known is not None else (other if other != file.sha256 else None)
        places.append(_place(key, file, known))
    return Places(places)


def _place(key: str, file: File, known: str | None) -> Place:
    """Return what is to be done with a file at whose key lies what has the SHA-256 `known`, or nothing."""
    if not all(map(may_hold_photos, key.split("/"))):
        return Place(public_id(key), file.filename, "ignored")
    if why := _why_refused(key, file):
        return Place(public_id(key), file.filename, "refused", message=why)
    if known is not None:
        return Place(public_id(key), file.filename, "same" if known == file.sha256 else "taken")
    if file.bytes <= _ONE_PART_BYTES:
        url, headers = bucket.upload_url(key, file.bytes, file.sha256)
        return Place(public_id(key), file.filename, "new", put=Put(url, headers))
    parts = -(-file.bytes // _PART_BYTES)
    multipart = Multipart(bucket.begin_upload(key, file.sha256), _PART_BYTES, parts)
    return Place(public_id(key), file.filename, "new", multipart=multipart)


def _why_refused(key: str, file: File) -> str | None:
    if file.bytes > _most_bytes():
        return f"It is larger than the {settings().max_file_megabytes} MB that this library takes."
    if len(key.encode()) > MAX_KEY_BYTES:
        return "The names of the album and the file are too long together."
    if asking().share and key.endswith(SIDECAR_SUFFIX):
        return "Sidecars change what is known of other photos, and come from owners alone."
    return None


def _most_bytes() -> int:
    return settings().max_file_megabytes * 1_000_000


def _there(key: str) -> str | None:
    """Return the SHA-256 of what lies at `key`, in either spelling of Unicode, empty where it has none."""
    found = (bucket.sha256_of(each) for each in dict.fromkeys((key, decomposed(key))))
    return next((each for each in found if each is not None), None)


@router.post("/api/uploads/parts", summary="URLs of parts", openapi_extensions=who("guest", "owner"))
def parts(wanted: Annotated[Parts, Body()]) -> PartUrls:
    """Say where parts of an upload go, and which have come."""
    key = _key_to_upload(wanted.id)
    there = [each.number for each in _uploaded(key, wanted.upload_id)]
    urls = [Part(number, bucket.part_url(key, wanted.upload_id, number)) for number in wanted.parts]
    return PartUrls(urls, there)


@router.post(
    "/api/uploads/complete",
    summary="End an upload",
    openapi_extensions=who("guest", "owner"),
    status_code=204,
)
def complete(begun: Annotated[Begun, Body()]) -> Response[None]:
    """Make one file of the parts that have come, unless another photo has taken its name meanwhile."""
    key = _key_to_upload(begun.id)
    came = _uploaded(key, begun.upload_id)
    if not came or [each.number for each in came] != list(range(1, len(came) + 1)):
        raise ServiceError(
            HTTPStatus.CONFLICT, "Parts are missing. POST /api/uploads/parts says which are there."
        )
    if sum(each.bytes for each in came) > _most_bytes():
        bucket.abort_upload(key, begun.upload_id)
        raise ServiceError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The file is larger than this library takes.")
    if not bucket.complete_upload(key, begun.upload_id, came):
        raise ServiceError(
            HTTPStatus.CONFLICT, "Another photo has taken this name meanwhile. Give it another one."
        )
    return Response(HTTPStatus.NO_CONTENT)


@router.post(
    "/api/uploads/abort",
    summary="Give an upload up",
    openapi_extensions=who("guest", "owner"),
    status_code=204,
)
def abort(begun: Annotated[Begun, Body()]) -> Response[None]:
    """Forget the parts that have come."""
    bucket.abort_upload(_key_to_upload(begun.id), begun.upload_id)
    return Response(HTTPStatus.NO_CONTENT)


def _key_to_upload(id_: str) -> str:
    key = key_in_url(id_)
    _check_may_upload(key)
    return key


def _check_may_upload(key: str) -> None:
    viewer = asking()
    if viewer.share and not (viewer.share["upload"] and viewer.sees(key)):
        raise ForbiddenError("This share is not open to uploads there.")


def _uploaded(key: str, upload_id: str) -> Sequence[Uploaded]:
    came = bucket.uploaded_parts(key, upload_id)
    if came is None:
        raise NotFoundError("There is no such upload, or not any more. Begin it anew.")
    return came
