"""What of Dropbox's changes is to be fetched, in which batches, and to which keys. Pure."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import TypedDict

from safelight.keys import MAX_KEY_BYTES, SIDECAR_SUFFIX, may_hold_photos

ALBUM = "Dropbox"
"""The album whose sub-albums are the folders in Dropbox."""

BLOCK_BYTES = 4 << 20
"""Of how much Dropbox hashes the hashes (Dropbox, Content hash)."""

MOST_BATCH_BYTES = 2 << 30
"""How much one function fetches, or one file that is larger: 15 minutes of 20 MB/s are 18 GB."""

_LONGEST_NAME = 60


class File(TypedDict):
    """A file in Dropbox: its id, which it keeps wherever it is moved, the revision, bytes, and name."""

    id: str
    rev: str
    size: int
    name: str


class Batch(TypedDict):
    """What one function fetches, and the paths in Dropbox, in lower case, that are gone."""

    files: list[File]
    gone: list[str]


def file_of(id_: str, rev: str, size: int, name: str) -> File:
    """Return a file as the workflow passes it on: what a page of them takes fits into its state."""
    return {"id": id_, "rev": rev, "size": size, "name": name[:_LONGEST_NAME]}


def batches_of(files: Iterable[File], gone: Sequence[str], most: int) -> list[Batch]:
    """Return batches of at most `most` files or paths, and of files that are not too large together."""
    batches: list[Batch] = []
    size = 0
    for file in files:
        full = batches and (len(batches[-1]["files"]) >= most or size + file["size"] > MOST_BATCH_BYTES)
        if not batches or full:
            batches.append({"files": [], "gone": []})
            size = 0
        batches[-1]["files"].append(file)
        size += file["size"]
    paths = (list(gone[start : start + most]) for start in range(0, len(gone), most))
    return batches + [Batch(files=[], gone=some) for some in paths]


def key_of(path: str, folder: str) -> str | None:
    """Return where the file at `path` below `folder` of Dropbox is to lie; None where it is no photo's."""
    inner = path[len(folder.rstrip("/")) :].strip("/")
    key = f"{ALBUM}/{inner}"
    if key.lower().endswith(SIDECAR_SUFFIX):
        key = key[: -len(SIDECAR_SUFFIX)] + SIDECAR_SUFFIX
    if not all(map(may_hold_photos, PurePosixPath(inner).parts)) or len(key.encode()) > MAX_KEY_BYTES:
        return None
    return key


def keys_of(key: str) -> Iterator[str]:
    """Yield `key`, and those that are tried where another file has it."""
    yield key
    folder, slash, name = key.rpartition("/")
    path = PurePosixPath(name)
    for number in range(2, 1000):
        yield f"{folder}{slash}{path.stem}-{number}{path.suffix}"


def digests_of(part: bytes) -> bytes:
    """Return the SHA-256 of each block of a part that begins with one, joined."""
    blocks = (part[start : start + BLOCK_BYTES] for start in range(0, len(part), BLOCK_BYTES))
    return b"".join(hashlib.sha256(block).digest() for block in blocks)


def content_hash_of(digests: Iterable[bytes]) -> str:
    """Return what Dropbox calls the content hash, of the digests of all parts."""
    return hashlib.sha256(b"".join(digests)).hexdigest()
