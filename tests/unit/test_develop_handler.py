"""The develop function as the workflow calls it."""

import io

import boto3
import pytest
from PIL import Image

import images
import negatives
from develop.handler import Event, handler
from safelight.errors import CorruptFile, Misconfigured, OriginalMissing
from safelight.keys import master_key

KEY = "trip/größe 100% + x.dng"


@pytest.fixture(autouse=True)
def _settings(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for bucket in ("originals", "shelf"):
        boto3.client("s3").create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
    monkeypatch.setenv("RENDITIONS_BUCKET", "shelf")


def event(body: bytes, format_: str) -> Event:
    boto3.client("s3").put_object(Bucket="originals", Key=KEY, Body=body)
    return {
        "original": {"bucket": "originals", "key": KEY, "size": len(body), "version_id": None},
        "photo": {
            "format": format_,
            "media_type": "image/x",
            "width": 320,
            "height": 200,
            "bytes": len(body),
        },
        "master": {"key": master_key("one"), "width": 160, "height": 100, "color": "srgb"},
        "execution": "arn:one",
    }


def test_it_stores_the_master_and_tells_where_and_of_what() -> None:
    answer = handler(event(negatives.dng(negatives.picture(), 6), "RAW"), None)
    stored = boto3.client("s3").get_object(Bucket="shelf", Key="masters/one")
    body = stored["Body"].read()
    version = answer.pop("version")  # type: ignore[misc]
    assert "rawpy " in version and "libvips " in version
    assert answer == {
        "master": {"bucket": "shelf", "key": "masters/one", "size": len(body), "version_id": None},
        "source": "demosaic",
    }
    assert stored["ContentType"] == "image/jpeg"
    expected = negatives.picture().resize((160, 100))
    images.assert_similar(Image.open(io.BytesIO(body)), expected, "develop-handler", most=4)


def test_nothing_is_stored_of_a_damaged_original() -> None:
    data = images.plain("heic")
    start = data.index(b"mdat") + 4
    with pytest.raises(CorruptFile, match=r"^größe 100% \+ x\.dng"):
        handler(event(data[:start] + bytes(len(data) - start), "HEIC"), None)
    assert boto3.client("s3").list_objects_v2(Bucket="shelf")["KeyCount"] == 0


def test_an_original_that_is_gone_is_missing() -> None:
    gone = event(b"x", "RAW")
    boto3.client("s3").delete_object(Bucket="originals", Key=KEY)
    with pytest.raises(OriginalMissing):
        handler(gone, None)


def test_a_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RENDITIONS_BUCKET")
    with pytest.raises(Misconfigured, match="RENDITIONS_BUCKET"):
        handler(event(images.plain("heic"), "HEIC"), None)
