"""Sends files to the originals bucket; what is large goes in parts, and goes on where it was interrupted."""

import hashlib
import zlib
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from safelight_library.errors import FileUnreadable
from safelight_library.files import File, about_of, chunks_of, sha256_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

PART_BYTES = 8 << 20
"""What is larger goes in parts of this size; S3 wants 5 MiB at least."""

_MOST_PARTS = 10_000
_AT_ONCE = 8
"""How many parts are in memory, of all files together."""


class Sender:
    """Sends files to one bucket; may be used by several threads."""

    def __init__(self, s3: "S3Client", bucket: str) -> None:
        """Send to `bucket`."""
        self._s3, self._bucket = s3, bucket
        self._pool, self._room = ThreadPoolExecutor(_AT_ONCE), BoundedSemaphore(_AT_ONCE)

    def send(self, file: File, key: str) -> None:
        """Put a file at `key`, with its SHA-256 as metadata.

        Raises:
            FileUnreadable: the file cannot be read; nothing is left of it in the bucket.
            ClientError, BotoCoreError: S3 refused it. What is there of a large file stays there, so that
                it is not sent again; the bucket's lifecycle forgets it after a week.
        """
        size, sha256 = about_of(file).st_size, sha256_of(file)
        if size <= PART_BYTES:
            body = b"".join(chunks_of(file))
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, Metadata={"sha256": sha256})
        elif (begun := self._begun(file, key)) is None or not self._in_parts(file, size, key, begun):
            made = self._s3.create_multipart_upload(
                Bucket=self._bucket,
                Key=key,
                Metadata={"sha256": sha256},
                ChecksumAlgorithm="CRC32",
                ChecksumType="FULL_OBJECT",
            )
            self._in_parts(file, size, key, made["UploadId"])

    def _begun(self, file: File, key: str) -> str | None:
        """Return the last upload of the file to `key` that was interrupted.

        Its metadata, for which nobody can ask, is that of the file as it was then; so the file must be older.
        """
        changed = datetime.fromtimestamp(about_of(file).st_mtime, UTC)
        listed = self._s3.list_multipart_uploads(Bucket=self._bucket, Prefix=key).get("Uploads", [])
        found = [it for it in listed if it["Key"] == key and it["Initiated"] > changed]
        return max(found, key=lambda it: it["Initiated"])["UploadId"] if found else None

    def _in_parts(self, file: File, size: int, key: str, upload_id: str) -> bool:
        """Send the parts that are not there yet, and complete the upload; S3 compares the whole's CRC-32.

        What is there of other bytes is of another file: then nothing is sent, and the answer is False.
        """
        pages = self._s3.get_paginator("list_parts").paginate(
            Bucket=self._bucket, Key=key, UploadId=upload_id
        )
        there = {it["PartNumber"]: it["ETag"] for page in pages for it in page.get("Parts", [])}
        sent: dict[int, str | Future[str]] = {}
        part_bytes, crc32 = max(PART_BYTES, -(-size // _MOST_PARTS)), 0
        with self._forgotten_if_unreadable(key, upload_id):
            for number, body in enumerate(chunks_of(file, part_bytes), 1):
                crc32 = zlib.crc32(body, crc32)
                if number not in there:
                    self._room.acquire()
                    sent[number] = self._pool.submit(self._part, key, upload_id, number, body)
                elif there[number].strip('"') == hashlib.md5(body, usedforsecurity=False).hexdigest():
                    sent[number] = there[number]
                else:
                    return False
        parts: list[CompletedPartTypeDef] = [
            {"PartNumber": number, "ETag": it if isinstance(it, str) else it.result()}
            for number, it in sent.items()
        ]
        self._s3.complete_multipart_upload(
            Bucket=self._bucket,
            Key=key,
            UploadId=upload_id,
            MultipartUpload={"Parts": parts},
            ChecksumCRC32=b64encode(crc32.to_bytes(4, "big")).decode(),
            ChecksumType="FULL_OBJECT",
            MpuObjectSize=size,
        )
        return True

    def _part(self, key: str, upload_id: str, number: int, body: bytes) -> str:
        try:
            return self._s3.upload_part(
                Bucket=self._bucket,
                Key=key,
                UploadId=upload_id,
                PartNumber=number,
                Body=body,
                ChecksumAlgorithm="CRC32",
            )["ETag"]
        finally:
            self._room.release()

    @contextmanager
    def _forgotten_if_unreadable(self, key: str, upload_id: str) -> Iterator[None]:
        try:
            yield
        except FileUnreadable:
            self._s3.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload_id)
            raise
