"""Reading originals from S3 and writing renditions to it."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boto3.s3.transfer import TransferConfig

from safelight.aws_errors import named_errors
from safelight.clients import s3
from safelight.errors import MalwareFound, ServiceUnavailable

if TYPE_CHECKING:
    from safelight.contracts import Original

RANGE_BYTES = 64 * 1024
"""How much one ranged read fetches: an EXIF block is at most 64 KiB, and most headers fit in one."""


def _object(original: "Original") -> dict[str, Any]:
    where: dict[str, Any] = {"Bucket": original["bucket"], "Key": original["key"]}
    if original["version_id"]:
        where["VersionId"] = original["version_id"]
    return where


def download(original: "Original", path: Path) -> None:
    """Write the bytes of `original` to `path`: at once, or in parallel ranges where it is large.

    Its size is known, so that S3 need not be asked for it first, which is what the parallel way does.

    Raises:
        OriginalMissing, AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    where = _object(original)
    version = {"VersionId": where["VersionId"]} if "VersionId" in where else None
    once = TransferConfig(num_download_attempts=1)
    with named_errors(f"Reading {original['key']}"):
        if original["size"] < once.multipart_threshold:
            path.write_bytes(s3().get_object(**where)["Body"].read())
        else:
            s3().download_file(where["Bucket"], where["Key"], str(path), ExtraArgs=version, Config=once)
    _check_length(path.stat().st_size, original["size"], original)


def newest_version(original: "Original") -> str | None:
    """Return the version of what now lies where `original` was uploaded to; None without versioning.

    Raises:
        OriginalMissing, AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    with named_errors(f"Looking for {original['key']}"):
        return s3().head_object(Bucket=original["bucket"], Key=original["key"]).get("VersionId")


def tags_of(original: "Original") -> dict[str, str]:
    """Return the tags of an original, as S3 keeps them.

    Raises:
        OriginalMissing, AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    with named_errors(f"Reading the tags of {original['key']}"):
        tags = s3().get_object_tagging(**_object(original))["TagSet"]
    return {each["Key"]: each["Value"] for each in tags}


@contextmanager
def shutting_malware_away(original: "Original") -> Iterator[None]:
    """Give `original` the tag by which the bucket's policy keeps it from everyone, where malware is found.

    Raises:
        OriginalMissing, AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    try:
        yield
    except MalwareFound:
        tags = {**tags_of(original), "malware": "found"}
        tagging: Any = {"TagSet": [{"Key": name, "Value": value} for name, value in tags.items()]}
        with named_errors(f"Shutting {original['key']} away"):
            s3().put_object_tagging(**_object(original), Tagging=tagging)
        raise


def _check_length(received: int, expected: int, original: "Original") -> None:
    """Take no answer that is cut short for the end of the file: what is missing would be believed absent."""
    if received != expected:
        raise ServiceUnavailable(f"Reading {original['key']} gave {received} of {expected} bytes.")


def store(bucket: str, key: str, body: bytes, media_type: str, *, held: bool = False) -> None:
    """Write `body` to `key`; the same key and body may be written any number of times.

    What is `held` gets the tag that the bucket's policy keeps from the public by.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    mark: Any = {"Tagging": "held=true"} if held else {}
    with named_errors(f"Writing {key}"):
        s3().put_object(
            Bucket=bucket,
            Key=key,
            Body=body,
            ContentType=media_type,
            CacheControl="public, max-age=31536000, immutable",
            **mark,
        )


class RangedFile(io.RawIOBase):
    """A seekable, read-only file over an object in S3, that fetches only the ranges that are read.

    Ranges are whole blocks and are kept, so that a parser that jumps back and forth in a header reads it
    once. `bytes_fetched` counts what crossed the wire.
    """

    def __init__(self, original: "Original", block: int = RANGE_BYTES, kept: int | None = None) -> None:
        """Open `original`, to be fetched in blocks of `block` bytes, of which the last `kept` are, or all.

        Nothing is fetched until something is read.
        """
        self._original = original
        self._block_bytes, self._kept = block, kept
        self._size = original["size"]
        self._position = 0
        self._blocks: dict[int, bytes] = {}
        self.bytes_fetched = 0

    def readable(self) -> bool:  # noqa: D102
        return True

    def seekable(self) -> bool:  # noqa: D102
        return True

    def tell(self) -> int:  # noqa: D102
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:  # noqa: D102
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError(f"Cannot seek to {start + offset}, before the start of the file.")
        self._position = start + offset
        return self._position

    def readinto(self, buffer: Any) -> int:  # noqa: D102
        view = memoryview(buffer).cast("B")
        end = min(self._position + len(view), self._size)
        written = 0
        while self._position < end:
            index, offset = divmod(self._position, self._block_bytes)
            chunk = self._block(index)[offset : offset + end - self._position]
            view[written : written + len(chunk)] = chunk
            written += len(chunk)
            self._position += len(chunk)
        return written

    def _block(self, index: int) -> bytes:
        if index not in self._blocks:
            first = index * self._block_bytes
            last = min(first + self._block_bytes, self._size) - 1
            with named_errors(f"Reading {self._original['key']}"):
                answer = s3().get_object(**_object(self._original), Range=f"bytes={first}-{last}")
                block = answer["Body"].read()
            _check_length(len(block), last - first + 1, self._original)
            self.bytes_fetched += len(block)
            if self._kept is not None and len(self._blocks) >= self._kept:
                del self._blocks[next(iter(self._blocks))]
        else:
            block = self._blocks.pop(index)
        self._blocks[index] = block  # the last that was read stays longest
        return block
