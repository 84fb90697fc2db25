"""What goes into an archive, by the records of photos. Pure."""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TypedDict, cast

from export.archive import Entry
from export.names import Names
from export.sidecar import sidecar_of
from safelight.keys import SIDECAR_SUFFIX, filename_of
from safelight.listing import is_served
from safelight.record import UNVERSIONED, PhotoRecord

_COVER_PIXELS = 600
"""How wide a cover is at least, where there is one so wide."""

_MOST_BATCHES = 500
_BATCH_BYTES = 1_000_000_000
"""What a function reads in half a minute."""


class Wish(TypedDict):
    """What somebody wants: the photos of an album with its sub-albums, a person, a memory, or of `keys`.

    renditions: the largest rendition of each photo in place of its original. sidecars: what Safelight knows
    of each, as XMP beside it. most_bytes: of an archive. mail: the address that is told, or None.
    """

    title: str
    album: str | None
    person: str | None
    memory: str | None
    keys: list[str] | None
    renditions: bool
    sidecars: bool
    most_bytes: int
    mail: str | None


class Source(TypedDict):
    """Bytes that lie in S3: of one version, None where there are none, with an ETag, empty where unknown."""

    bucket: str
    key: str
    version_id: str | None
    etag: str
    size: int


class Chosen(TypedDict):
    """A file of the archive, of a `source` or with a `content`; `crc32` is None where nobody knows it."""

    name: str
    crc32: int | None
    taken_at: str | None
    instant: str | None
    source: Source | None
    content: str | None


def chosen(records: Sequence[PhotoRecord], wish: Wish, renditions_bucket: str) -> list[Chosen]:
    """Return the files of an archive of photos, in their order; a photo that is not served is left out."""
    served = [record for record in records if is_served(record)]
    names, folder = Names(), _folder_of(served, wish)
    files: list[Chosen] = []
    for record in served:
        source, crc32 = _rendition(record, renditions_bucket) if wish["renditions"] else _original(record)
        filename = record["filename"]
        if wish["renditions"]:
            stem = filename.rpartition(".")[0] or filename
            filename = f"{stem}.{filename_of(source['key']).rpartition('.')[2]}"
        album = record["album"].removeprefix(folder).strip("/")
        name = names.given(f"{album}/{filename}" if album else filename)
        photo: Chosen = {
            "name": name,
            "crc32": crc32,
            "taken_at": record.get("taken_at"),
            "instant": record.get("metadata", {}).get("instant"),
            "source": source,
            "content": None,
        }
        files.append(photo)
        if wish["sidecars"]:
            beside = names.given(name + SIDECAR_SUFFIX)
            files.append({**photo, "name": beside, "source": None, "content": sidecar_of(record)})
    return files


def batches_of(files: Sequence[Chosen]) -> list[dict[str, int]]:
    """Return the indexes, from `start` to before `end`, of files that hold what has no checksum yet."""
    unknown = [
        (index, each["source"]["size"])
        for index, each in enumerate(files)
        if each["source"] and each["crc32"] is None
    ]
    target = max(_BATCH_BYTES, sum(size for _, size in unknown) // _MOST_BATCHES)
    batches: list[dict[str, int]] = []
    room = 0
    for index, size in unknown:
        if size > room:
            batches.append({"start": index, "end": index + 1})
            room = target
        batches[-1]["end"] = index + 1
        room -= size
    return batches


def entries_of(files: Iterable[Chosen]) -> Iterator[Entry]:
    """Yield the entries of files whose checksums are all known."""
    for each in files:
        if each["source"]:
            size, crc32, content = each["source"]["size"], cast(int, each["crc32"]), None
        else:
            content = (each["content"] or "").encode()
            size, crc32 = len(content), zlib.crc32(content)
        yield Entry(each["name"], size, crc32, each["taken_at"], each["instant"], content)


def cover_of(records: Sequence[PhotoRecord]) -> str | None:
    """Return the URL of a picture of the first photo for a letter."""
    for record in filter(is_served, records):
        by_width = sorted(record["renditions"].values(), key=lambda it: it["width"])
        wide = [each for each in by_width if each["width"] >= _COVER_PIXELS]
        return (wide or by_width[-1:])[0]["url"]
    return None


def _original(record: PhotoRecord) -> tuple[Source, int | None]:
    stored = record["original"]
    version = None if stored["version_id"] == UNVERSIONED else stored["version_id"]
    source: Source = {
        "bucket": stored["bucket"],
        "key": record["key"],
        "version_id": version,
        "etag": stored["etag"],
        "size": stored["bytes"],
    }
    is_of_it = record["status"] == "ACTIVE"  # else the record may say what the one before it was
    crc32 = record["photo"].get("crc32") if is_of_it else None
    return source, int(crc32, 16) if crc32 else None


def _rendition(record: PhotoRecord, bucket: str) -> tuple[Source, int | None]:
    largest = max(record["renditions"].values(), key=lambda it: it["width"] * it["height"])
    return {
        "bucket": bucket,
        "key": largest["key"],
        "version_id": None,
        "etag": "",
        "size": largest["bytes"],
    }, None


def _folder_of(records: Sequence[PhotoRecord], wish: Wish) -> str:
    """Return the album that names in the archive leave out: what was asked for, or what all are in."""
    if wish["album"]:
        return wish["album"]
    albums = {record["album"] for record in records}
    return albums.pop() if len(albums) == 1 else ""
