"""The header of a 100 MB original is read, never its pixels."""

import io
import struct
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from boto3.dynamodb.types import TypeDeserializer
from PIL import Image

from metadata.handler import handler
from safelight import storage
from safelight.contracts import Original, Photo
from safelight.errors import AccessDenied, OriginalMissing

BIG = 100 * 1024 * 1024
WITHOUT_METADATA = {"width": 1, "height": 1}
PHOTO: Photo = {"format": "JPEG", "media_type": "image/jpeg", "width": 1, "height": 1, "bytes": 1}


@pytest.fixture
def bucket(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("GPS_PRECISION", "exact")
    boto3.client("s3").create_bucket(
        Bucket="originals", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    storage.s3.cache_clear()
    yield "originals"
    storage.s3.cache_clear()


def store(bucket: str, body: bytes) -> Original:
    boto3.client("s3").put_object(Bucket=bucket, Key="trip/a b.jpg", Body=body)
    return {"bucket": bucket, "key": "trip/a b.jpg", "size": len(body), "version_id": None}


def jpeg() -> bytes:
    made = Image.Exif()
    made[0x0110] = "Camera"
    made.get_ifd(0x8769)[0x9003] = "2024:05:03 10:11:12"
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "JPEG", exif=made.tobytes())
    return buffer.getvalue()


def big_tiff() -> bytes:
    """A TIFF whose directory, and the Exif directory behind it, lie at the end."""
    at = BIG - 4096
    exif_at, text_at = at + 200, at + 400
    directory = struct.pack("<HHHIIHHIII", 2, 0x0112, 3, 1, 6, 0x8769, 4, 1, exif_at, 0)
    sub = struct.pack("<HHHIII", 1, 0x9003, 2, 20, text_at, 0)
    body = bytearray(BIG)
    body[:8] = b"II*\x00" + struct.pack("<I", at)
    body[at : at + len(directory)] = directory
    body[exif_at : exif_at + len(sub)] = sub
    body[text_at : text_at + 20] = b"2024:05:03 10:11:12\x00"
    return bytes(body)


@pytest.mark.parametrize("make", [lambda: jpeg() + bytes(BIG), big_tiff], ids=["jpeg", "tiff"])
def test_a_large_original_costs_little(bucket: str, make: Any) -> None:
    answer = handler({"original": store(bucket, make()), "photo": PHOTO}, None)
    assert answer["taken_at"] == "2024-05-03T10:11:12"
    assert 0 < answer["bytes_read"] <= 4 * 64 * 1024


def test_the_record_is_what_dynamodb_takes(bucket: str) -> None:
    answer = handler({"original": store(bucket, jpeg()), "photo": PHOTO}, None)
    record = TypeDeserializer().deserialize(answer["attributes"])
    assert record["camera"] == {"model": "Camera"}
    assert record["taken_at"] == answer["taken_at"]
    assert answer["version"] == "safelight 0.1.0, ExifRead 3.5.1"


def test_a_file_without_metadata_has_an_empty_record(bucket: str) -> None:
    answer = handler({"original": store(bucket, b"GIF89a" + bytes(100)), "photo": PHOTO}, None)
    assert answer["taken_at"] is None
    assert TypeDeserializer().deserialize(answer["attributes"]) == WITHOUT_METADATA


def test_a_deleted_original_is_named(bucket: str) -> None:
    original = store(bucket, jpeg())
    boto3.client("s3").delete_object(Bucket=bucket, Key=original["key"])
    with pytest.raises(OriginalMissing):
        handler({"original": original, "photo": PHOTO}, None)


def test_a_missing_permission_is_named(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(**_: Any) -> Any:
        from botocore.exceptions import ClientError

        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetObject")

    original = store(bucket, jpeg())
    monkeypatch.setattr(storage.s3(), "get_object", denied)
    with pytest.raises(AccessDenied):
        handler({"original": original, "photo": PHOTO}, None)
