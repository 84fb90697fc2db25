"""What an export reads and writes in S3, and how it tells that it is done."""

import json
import sqlite3
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from export.choice import Source
from export.letter import Letter
from safelight.aws_errors import named_errors
from safelight.clients import s3, ses, sns
from safelight.errors import Misconfigured, ServiceUnavailable
from safelight.index import schema
from safelight.index_store import fetch

_CHUNK = 1 << 20


@contextmanager
def index(bucket: str) -> Iterator[sqlite3.Connection]:
    """Have the library's index; an empty one where there is none yet.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "index.sqlite")
        if fetch(bucket, path, None) is None:
            schema.created(path).close()
        connection = schema.readable(path)
        try:
            yield connection
        finally:
            connection.close()


def keep(bucket: str, key: str, body: bytes) -> None:
    """Write what a later step reads.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    with named_errors(f"Writing {key}"):
        s3().put_object(Bucket=bucket, Key=key, Body=body)


def keep_json(bucket: str, key: str, value: Any) -> None:
    """Write what a later step reads, as JSON."""
    keep(bucket, key, json.dumps(value).encode())


def kept(bucket: str, key: str, start: int = 0, end: int | None = None) -> bytes:
    """Return what an earlier step wrote, or its bytes from `start` to before `end`.

    Raises:
        OriginalMissing: it wrote nothing.
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    some: Any = {} if end is None else {"Range": f"bytes={start}-{end - 1}"}
    with named_errors(f"Reading {key}"):
        return s3().get_object(Bucket=bucket, Key=key, **some)["Body"].read()


def kept_json(bucket: str, key: str) -> Any:
    """Return what an earlier step wrote as JSON."""
    return json.loads(kept(bucket, key))


def crc32_of(source: Source) -> int:
    """Return the CRC-32 of what lies at a source, which is read once.

    Raises:
        OriginalMissing, AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    crc32 = size = 0
    with named_errors(f"Reading {source['key']}"):
        body = s3().get_object(**_exactly(source))["Body"]
        while chunk := body.read(_CHUNK):
            crc32 = zlib.crc32(chunk, crc32)
            size += len(chunk)
    _check(source, size, source["size"])
    return crc32


def some_of(source: Source, start: int, size: int) -> bytes:
    """Return `size` bytes of a source from `start` on.

    Raises:
        OriginalMissing: it was deleted or replaced.
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    with named_errors(f"Reading {source['key']}"):
        body = s3().get_object(**_exactly(source), Range=f"bytes={start}-{start + size - 1}")["Body"].read()
    _check(source, len(body), size)
    return body


def _exactly(source: Source) -> dict[str, Any]:
    """Return how S3 is asked for these very bytes, and no others that have taken their place."""
    asked: dict[str, Any] = {"Bucket": source["bucket"], "Key": source["key"]}
    if source["version_id"]:
        asked["VersionId"] = source["version_id"]
    elif source["etag"]:
        asked["IfMatch"] = f'"{source["etag"]}"'
    return asked


def _check(source: Source, received: int, expected: int) -> None:
    if received != expected:
        raise ServiceUnavailable(f"Reading {source['key']} gave {received} of {expected} bytes.")


def begin(bucket: str, key: str, disposition: str) -> str:
    """Begin an archive, which S3 checks as a whole when it is complete; return the id of its upload.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    with named_errors(f"Beginning {key}"):
        return s3().create_multipart_upload(
            Bucket=bucket,
            Key=key,
            ContentType="application/zip",
            ContentDisposition=disposition,
            CacheControl="public, max-age=86400, immutable",
            ChecksumAlgorithm="CRC32",
            ChecksumType="FULL_OBJECT",
        )["UploadId"]


def write_part(bucket: str, key: str, upload_id: str, number: int, body: bytes) -> None:
    """Write a part of an archive.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    with named_errors(f"Writing part {number} of {key}"):
        s3().upload_part(
            Bucket=bucket,
            Key=key,
            UploadId=upload_id,
            PartNumber=number,
            Body=body,
            ChecksumAlgorithm="CRC32",
        )


def copy_part(
    bucket: str, key: str, upload_id: str, number: int, source: Source, start: int, size: int
) -> None:
    """Have S3 copy a part of an archive from inside one source.

    Raises:
        OriginalMissing: it was deleted or replaced.
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    where: Any = {"Bucket": source["bucket"], "Key": source["key"]}
    if source["version_id"]:
        where["VersionId"] = source["version_id"]
    same: Any = {"CopySourceIfMatch": f'"{source["etag"]}"'} if source["etag"] else {}
    with named_errors(f"Copying {source['key']}"):
        s3().upload_part_copy(
            Bucket=bucket,
            Key=key,
            UploadId=upload_id,
            PartNumber=number,
            CopySource=where,
            CopySourceRange=f"bytes={start}-{start + size - 1}",
            **same,
        )


def complete(bucket: str, key: str, upload_id: str, size: int, crc32: str) -> None:
    """Make one archive of the parts that were written, of `size` bytes and this CRC-32 in base64.

    Who completes it again finds it complete.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    try:
        with named_errors(f"Listing the parts of {key}"):
            pages = s3().get_paginator("list_parts").paginate(Bucket=bucket, Key=key, UploadId=upload_id)
            parts = [part for page in pages for part in page.get("Parts", [])]
        named: Any = [{"PartNumber": each["PartNumber"], "ETag": each["ETag"]} for each in parts]
        with named_errors(f"Completing {key}"):
            s3().complete_multipart_upload(
                Bucket=bucket,
                Key=key,
                UploadId=upload_id,
                MultipartUpload={"Parts": named},
                ChecksumCRC32=crc32,
                ChecksumType="FULL_OBJECT",
                MpuObjectSize=size,
            )
    except s3().exceptions.NoSuchUpload:
        return


def size_of(bucket: str, key: str) -> int:
    """Return the size of an archive in bytes.

    Raises:
        OriginalMissing, AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    with named_errors(f"Looking at {key}"):
        return s3().head_object(Bucket=bucket, Key=key)["ContentLength"]


def abandon(bucket: str, prefix: str) -> None:
    """Forget all that was begun below a prefix, and delete what is complete there.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    with named_errors(f"Giving up {prefix}"):
        for upload in s3().list_multipart_uploads(Bucket=bucket, Prefix=prefix).get("Uploads", []):
            if upload["Key"].startswith(prefix):
                s3().abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
        for each in s3().list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", []):
            s3().delete_object(Bucket=bucket, Key=each["Key"])


def send(sender: str, address: str, letter: Letter) -> None:
    """Send a letter.

    Raises:
        Misconfigured: SES does not let `sender` write, or not to `address`.
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    refused = ses().exceptions.MessageRejected, ses().exceptions.MailFromDomainNotVerifiedException
    with named_errors("Sending a letter"):
        try:
            ses().send_email(
                FromEmailAddress=sender,
                Destination={"ToAddresses": [address]},
                Content={
                    "Simple": {
                        "Subject": {"Data": letter["subject"], "Charset": "UTF-8"},
                        "Body": {
                            "Text": {"Data": letter["text"], "Charset": "UTF-8"},
                            "Html": {"Data": letter["html"], "Charset": "UTF-8"},
                        },
                    }
                },
            )
        except refused as error:
            raise Misconfigured(
                f"SES sent no letter from {sender}: {error}. Have SES verify the address, or its domain, and "
                "redrive; while the account is new to SES, that of the receiver, too."
            ) from error


def announce(topic: str, letter: Letter) -> None:
    """Tell the subscribers of a topic.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    with named_errors("Telling that photos are ready"):
        sns().publish(
            TopicArn=topic,
            Subject="Photos are ready",
            Message=letter["text"],
            MessageAttributes={"status": {"DataType": "String", "StringValue": "EXPORT"}},
        )
