"""The header of a 100 MB original is read, never its pixels."""

import io
import struct
from typing import Any

import boto3
import pytest
from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError
from PIL import Image

from images import png_chunk, saved
from metadata import sidecar
from metadata.bounded import BLOCK_BYTES, MAX_BLOCKS
from metadata.handler import handler
from metadata_files import cr3, raf, tiff, xmp
from safelight import clients, storage
from safelight.attributes import attribute_value
from safelight.contracts import Original, Photo
from safelight.errors import AccessDenied, OriginalMissing

BIG = 100 * 1024 * 1024
WITHOUT_METADATA = {
    "width": 1,
    "height": 1,
    "sources": {"width": "image header", "height": "image header"},
}
PHOTO: Photo = {"format": "JPEG", "media_type": "image/jpeg", "width": 1, "height": 1, "bytes": 1}


@pytest.fixture
def bucket(aws: None, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("GPS_PRECISION", "exact")
    boto3.client("s3").create_bucket(
        Bucket="originals", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    return "originals"


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


PNG = saved(Image.new("RGB", (8, 8)), "PNG")
PNG_EXIF = png_chunk(b"eXIf", tiff({0x8769: {0x9003: "2024:05:03 10:11:12"}})) + png_chunk(b"IEND", b"")


def at_the_end(directory: dict[int, Any]) -> bytes:
    """What a TIFF of `BIG` bytes ends with, if its directories lie behind its pixels."""
    return tiff(directory, base=BIG)[8:]


RAW = {0x0110: "Camera", 0x8769: {0x9003: "2024:05:03 10:11:12"}, 0x02BC: xmp('xmp:Rating="3"')}
PIXELS = struct.pack(">I4s", BIG, b"mdat")
FILES: dict[str, tuple[bytes, bytes]] = {
    "JPEG": (jpeg(), b""),
    "TIFF that starts with its directories": (tiff(RAW), b""),
    "TIFF that ends with its directories": (b"II*\x00" + struct.pack("<I", BIG), at_the_end(RAW)),
    "CR3": (cr3({0x0110: "Camera"}, RAW[0x8769], {}, RAW[0x02BC])[:-1008] + PIXELS, b""),
    "RAF": (raf(jpeg()), b""),
    "PNG with Exif behind its pixels": (
        PNG[:33] + struct.pack(">I4s", BIG - 45, b"IDAT"),
        b"1234" + PNG_EXIF,
    ),
}
"""How files of more than 100 MB start and end; between them lie pixels, as zeros."""


class Stored:
    """S3 with one object that is too large to be made: its start, zeros, and its end."""

    def __init__(self, start: bytes, end: bytes) -> None:
        self.start, self.end, self.sent = start, end, 0

    def get_object(self, Key: str, Range: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        if Key.endswith(".xmp"):
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        first, last = (int(number) for number in Range.removeprefix("bytes=").split("-"))
        body = bytearray(last + 1 - first)
        for at, part in ((0, self.start), (BIG, self.end)):
            low, high = max(first, at), min(last + 1, at + len(part))
            if low < high:
                body[low - first : high - first] = part[low - at : high - at]
        self.sent += len(body)
        return {"Body": io.BytesIO(body)}


@pytest.mark.parametrize("form", FILES)
def test_of_a_large_original_little_is_read(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = Stored(*FILES[form])
    monkeypatch.setenv("GPS_PRECISION", "exact")
    monkeypatch.setattr(storage, "s3", lambda: stored)
    monkeypatch.setattr(sidecar, "s3", lambda: stored)
    size = BIG + len(stored.end)
    answer = handler(
        {
            "original": {"bucket": "b", "key": "a/b", "size": size, "version_id": None},
            "photo": PHOTO,
            "execution": "arn:one",
        },
        None,
    )
    assert answer["metadata"]["taken_at"] == "2024-05-03T10:11:12"
    assert 0 < answer["bytes_read"] == stored.sent <= 4 * 64 * 1024


def test_what_lies_all_over_a_large_original_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    boxes = struct.pack("<4sI", b"JUNK", 99_992) + bytes(99_992)
    stored = Stored(b"RIFF\xff\xff\xff\xffWEBP" + boxes * 100, b"")
    monkeypatch.setenv("GPS_PRECISION", "exact")
    monkeypatch.setattr(storage, "s3", lambda: stored)
    monkeypatch.setattr(sidecar, "s3", lambda: stored)
    original: Original = {"bucket": "b", "key": "a/b", "size": BIG, "version_id": None}
    answer = handler({"original": original, "photo": PHOTO, "execution": "arn:one"}, None)
    assert "spread over" in str(answer["metadata"]["warnings"])
    assert stored.sent <= MAX_BLOCKS * BLOCK_BYTES


def test_the_record_is_what_dynamodb_takes(bucket: str) -> None:
    answer = handler({"original": store(bucket, jpeg()), "photo": PHOTO, "execution": "arn:one"}, None)
    record = TypeDeserializer().deserialize(attribute_value(answer["metadata"]))
    assert record["camera"] == {"model": "Camera"}
    assert record["taken_at"] == "2024-05-03T10:11:12"
    assert answer["version"] == "safelight 0.1.0"


def test_a_file_without_metadata_has_an_empty_record(bucket: str) -> None:
    answer = handler(
        {"original": store(bucket, b"GIF89a" + bytes(100)), "photo": PHOTO, "execution": "arn:one"}, None
    )
    assert answer["metadata"] == WITHOUT_METADATA


def test_the_sidecar_of_the_very_file_comes_before_that_of_its_name(bucket: str) -> None:
    original = store(bucket, jpeg())
    photo: Any = {"original": original, "photo": PHOTO, "execution": "arn:one"}

    def rating() -> Any:
        return handler(photo, None)["metadata"].get("rating")

    assert rating() is None
    for key, stars in (("trip/a b.xmp", 2), ("trip/a b.jpg.xmp", 4)):
        boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=xmp(f'xmp:Rating="{stars}"'))
        assert rating() == stars


@pytest.mark.parametrize("body", [b"", b"not xml", xmp() + b" " * 300_000])
def test_a_sidecar_that_is_none_costs_nothing(bucket: str, body: bytes) -> None:
    original = store(bucket, jpeg())
    boto3.client("s3").put_object(Bucket=bucket, Key="trip/a b.xmp", Body=body)
    assert (
        handler({"original": original, "photo": PHOTO, "execution": "arn:one"}, None)["metadata"]["taken_at"]
        == "2024-05-03T10:11:12"
    )


def test_a_deleted_original_is_named(bucket: str) -> None:
    original = store(bucket, jpeg())
    boto3.client("s3").delete_object(Bucket=bucket, Key=original["key"])
    with pytest.raises(OriginalMissing):
        handler({"original": original, "photo": PHOTO, "execution": "arn:one"}, None)


def test_a_missing_permission_is_named(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(**_: Any) -> Any:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetObject")

    original = store(bucket, jpeg())
    monkeypatch.setattr(clients.s3(), "get_object", denied)
    with pytest.raises(AccessDenied):
        handler({"original": original, "photo": PHOTO, "execution": "arn:one"}, None)
