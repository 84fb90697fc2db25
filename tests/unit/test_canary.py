"""The canary's photo is a good one, and never the same."""

import io

import boto3
import pytest
from PIL import Image

from canary.handler import handler
from contract.definitions import resources
from safelight import clients


def test_each_time_another_photo_is_uploaded(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    clients.s3.cache_clear()
    monkeypatch.setenv("ORIGINALS_BUCKET", "originals")
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="originals", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    versioned = resources("AWS::S3::Bucket")["Originals"]["Properties"]["VersioningConfiguration"]
    s3.put_bucket_versioning(Bucket="originals", VersioningConfiguration=versioned)

    first, second = (handler({"execution": f"arn:{number}"}, None) for number in (1, 2))
    assert first["key"] == second["key"]
    assert first["etag"] != second["etag"]
    for uploaded in (first, second):
        stored = s3.get_object(Bucket="originals", Key=uploaded["key"], VersionId=uploaded["version_id"])
        assert stored["ETag"] == f'"{uploaded["etag"]}"'
        image = Image.open(io.BytesIO(stored["Body"].read()))
        image.load()
        assert (image.format, image.size) == ("JPEG", (96, 64))
    clients.s3.cache_clear()
