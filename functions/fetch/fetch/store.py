"""What is known of the files in Dropbox, and where they lie among the originals."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict, cast

from safelight.attributes import attribute_value
from safelight.aws_errors import named_errors
from safelight.clients import dynamodb, s3, sqs
from safelight.errors import OriginalMissing
from safelight.keys import DROPBOX_CURSOR_ID, timeline_of
from safelight.table import plain_record, read_records

_FILES = "dropbox/files"
_KIND = "dropbox"


class Known(TypedDict):
    """A file that was fetched: its id and path in Dropbox, its revision and content hash, and its key."""

    file: str
    path: str
    rev: str
    content_hash: str
    key: str


def cursor(table: str) -> str | None:
    """Return where the last listing of changes ended, if there was one.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    found = read_records(dynamodb(), table, [DROPBOX_CURSOR_ID], "Reading Dropbox's cursor")
    return found[DROPBOX_CURSOR_ID]["cursor"] if DROPBOX_CURSOR_ID in found else None


def keep_cursor(table: str, cursor: str) -> None:
    """Remember where a listing of changes ended.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    _put(table, {"id": DROPBOX_CURSOR_ID, "cursor": cursor})


def known(table: str, ids: Iterable[str]) -> dict[str, Known]:
    """Return which of these files were fetched, by their ids.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    found = read_records(dynamodb(), table, map(_id, ids), "Reading what is known of Dropbox")
    return {record["file"]: cast(Known, record) for record in found.values()}


def know(table: str, file: Known) -> None:
    """Remember that a file was fetched.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    listed = {"album": _FILES, "timeline": timeline_of(_KIND, file["path"])}
    _put(table, {"id": _id(file["file"]), **file, **listed})


def below(table: str, path: str) -> list[Known]:
    """Return the files that were fetched of `path` and of what lay below it; the index may lag.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    with named_errors("Listing what was fetched"):
        pages = (
            dynamodb()
            .get_paginator("query")
            .paginate(
                TableName=table,
                IndexName="album-timeline",
                KeyConditionExpression="album = :files AND begins_with(timeline, :path)",
                ExpressionAttributeValues={
                    ":files": {"S": _FILES},
                    ":path": {"S": timeline_of(_KIND, path)},
                },
            )
        )
        found = [cast(Known, plain_record(item)) for page in pages for item in page["Items"]]
    return [it for it in found if it["path"] == path or it["path"].startswith(f"{path}/")]


def forget(table: str, bucket: str, file: Known) -> None:
    """Delete the original of a file, unless something else lies there, and what is known of the file.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    if told(bucket, file["key"]).get("dropbox-id") == file["file"]:
        with named_errors(f"Deleting {file['key']}"):
            s3().delete_object(Bucket=bucket, Key=file["key"])
    with named_errors("Forgetting a file"):
        dynamodb().delete_item(TableName=table, Key={"id": {"S": _id(file["file"])}})


def told(bucket: str, key: str) -> Mapping[str, str]:
    """Return the metadata of the original at `key`; what is there by another hand says `dropbox-id` is empty.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    try:
        with named_errors(f"Looking at {key}"):
            return {"dropbox-id": "", **s3().head_object(Bucket=bucket, Key=key)["Metadata"]}
    except OriginalMissing:
        return {}


def put(bucket: str, key: str, body: bytes, metadata: Mapping[str, str]) -> None:
    """Write a small original.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    with named_errors(f"Writing {key}"):
        s3().put_object(Bucket=bucket, Key=key, Body=body, Metadata=metadata)


class Parts:
    """An original that is written in parts."""

    def __init__(self, bucket: str, key: str, metadata: Mapping[str, str]) -> None:
        """Begin it.

        Raises:
            AccessDenied, ServiceThrottled, ServiceUnavailable
        """
        self._where: Any = {"Bucket": bucket, "Key": key}
        with named_errors(f"Beginning {key}"):
            begun = s3().create_multipart_upload(**self._where, Metadata=metadata, ChecksumAlgorithm="CRC32")
        self._where["UploadId"] = begun["UploadId"]

    def write(self, number: int, body: bytes) -> dict[str, Any]:
        """Write a part; return what names it.

        Raises:
            AccessDenied, ServiceThrottled, ServiceUnavailable
        """
        with named_errors(f"Writing part {number} of {self._where['Key']}"):
            sent = s3().upload_part(**self._where, PartNumber=number, Body=body, ChecksumAlgorithm="CRC32")
        return {"PartNumber": number, "ETag": sent["ETag"], "ChecksumCRC32": sent["ChecksumCRC32"]}

    def complete(self, parts: list[Any]) -> None:
        """Make the original of its parts.

        Raises:
            AccessDenied, ServiceThrottled, ServiceUnavailable
        """
        with named_errors(f"Completing {self._where['Key']}"):
            s3().complete_multipart_upload(**self._where, MultipartUpload={"Parts": parts})

    def abandon(self) -> None:
        """Leave nothing of it behind.

        Raises:
            AccessDenied, ServiceThrottled, ServiceUnavailable
        """
        with named_errors(f"Giving up {self._where['Key']}"):
            s3().abort_multipart_upload(**self._where)


def send(queue: str, body: Mapping[str, Any], target: str, why: str) -> None:
    """Leave an event where `safelight dlq` finds it, with whom it was for, and why it did not arrive.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    attributes: Any = {
        name: {"DataType": "String", "StringValue": value}
        for name, value in (("TARGET_ARN", target), ("ERROR_MESSAGE", why))
    }
    with named_errors("Leaving what could not be fetched"):
        sqs().send_message(QueueUrl=queue, MessageBody=json.dumps(body), MessageAttributes=attributes)


def _put(table: str, record: Mapping[str, Any]) -> None:
    with named_errors("Remembering what was fetched"):
        dynamodb().put_item(
            TableName=table, Item={name: attribute_value(value) for name, value in record.items()}
        )


def _id(file: str) -> str:
    return f"dropbox/{file}"
