"""Writes the objects below a prefix as one ZIP archive, in one stream, back into S3; prints how long it took.

Run by bench.py in an environment of its own: one_stream.py PACKAGE BUCKET ALBUM TO-BUCKET
"""

import io
import resource
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import boto3
from boto3.s3.transfer import TransferConfig

_CHUNK = 1 << 20


class Readable(io.RawIOBase):
    """A file over chunks, which an upload reads."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        """Read none yet."""
        self._chunks, self._rest = iter(chunks), b""

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer, less than which is the end."""
        while len(self._rest) < len(buffer) and (chunk := next(self._chunks, None)) is not None:
            self._rest += bytes(chunk)
        some, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(some)] = some
        return len(some)


def main() -> None:
    """Write the archive."""
    package, bucket, album, to = sys.argv[1:]
    started = time.monotonic()
    s3 = boto3.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{album}/")
    keys = [each["Key"] for page in pages for each in page.get("Contents", [])]

    def body(key: str) -> Iterator[bytes]:
        yield from s3.get_object(Bucket=bucket, Key=key)["Body"].iter_chunks(_CHUNK)

    chunks: Iterable[bytes]
    if package == "zipstream-ng":
        from zipstream import ZIP_STORED, ZipStream

        archive = ZipStream(compress_type=ZIP_STORED)
        for key in keys:
            archive.add(body(key), key.rpartition("/")[2])
        chunks = archive
    else:
        from stream_zip import NO_COMPRESSION_64, stream_zip

        members = (
            (k.rpartition("/")[2], datetime(2026, 1, 1), 0o644, NO_COMPRESSION_64, body(k)) for k in keys
        )
        chunks = stream_zip(members)
    alone = TransferConfig(multipart_chunksize=8 << 20, use_threads=False)
    s3.upload_fileobj(Readable(chunks), to, f"exports/one-stream/{package}.zip", Config=alone)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(time.monotonic() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


if __name__ == "__main__":
    main()
