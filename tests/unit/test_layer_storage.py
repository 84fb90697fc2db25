import io
import random
from typing import Any

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safelight import storage
from safelight.contracts import Original
from safelight.errors import OriginalMissing, ServiceUnavailable
from safelight.storage import RANGE_BYTES, RangedFile

BODY = random.Random(7).randbytes(3 * RANGE_BYTES + 1000)


@pytest.fixture
def original(aws: None) -> Original:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="originals", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_object(Bucket="originals", Key="a b+%/é.jpg", Body=BODY)
    return {"bucket": "originals", "key": "a b+%/é.jpg", "size": len(BODY), "version_id": None}


def test_nothing_is_fetched_until_something_is_read(original: Original) -> None:
    file = RangedFile(original)
    file.seek(RANGE_BYTES)
    assert file.bytes_fetched == 0
    assert file.read(10) == BODY[RANGE_BYTES : RANGE_BYTES + 10]
    assert file.bytes_fetched == RANGE_BYTES


def test_a_block_is_fetched_once(original: Original) -> None:
    file = RangedFile(original)
    for position in (0, 100, 5, RANGE_BYTES - 1):
        file.seek(position)
        assert file.read(1) == BODY[position : position + 1]
    assert file.bytes_fetched == RANGE_BYTES


def test_reads_across_blocks_and_at_the_end(original: Original) -> None:
    file = RangedFile(original)
    file.seek(RANGE_BYTES - 5)
    assert file.read(10) == BODY[RANGE_BYTES - 5 : RANGE_BYTES + 5]
    file.seek(-7, io.SEEK_END)
    assert file.read(100) == BODY[-7:]
    assert file.read(1) == b""
    assert file.bytes_fetched == 2 * RANGE_BYTES + 1000
    file.seek(10 * len(BODY))
    assert file.read(5) == b""
    with pytest.raises(ValueError, match="before the start"):
        file.seek(-1)


def test_the_whole_file_is_what_was_stored(original: Original) -> None:
    assert RangedFile(original).read() == BODY


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(
    moves=st.lists(
        st.tuples(
            st.integers(0, len(BODY) + 50), st.sampled_from([0, 1, 2]), st.integers(0, 2 * RANGE_BYTES)
        ),
        max_size=8,
    )
)
def test_it_reads_like_any_file(original: Original, moves: list[tuple[int, int, int]]) -> None:
    file, model = RangedFile(original), io.BytesIO(BODY)
    for offset, whence, size in moves:
        if whence == io.SEEK_END:
            offset = -min(offset, len(BODY))
        assert file.seek(offset, whence) == model.seek(offset, whence)
        assert file.read(size) == model.read(size)
        assert file.tell() == model.tell()


def test_an_original_that_is_gone_is_named(original: Original) -> None:
    boto3.client("s3").delete_object(Bucket=original["bucket"], Key=original["key"])
    with pytest.raises(OriginalMissing, match="Upload it again"):
        RangedFile(original).read(1)


def test_an_answer_that_is_cut_short_is_not_the_end_of_the_file(original: Original, tmp_path: Any) -> None:
    longer: Original = {**original, "size": len(BODY) + 1}
    with pytest.raises(ServiceUnavailable, match=r"gave 1000 of 1001 bytes"):
        RangedFile(longer).read()
    with pytest.raises(ServiceUnavailable, match=f"gave {len(BODY)} of {len(BODY) + 1} bytes"):
        storage.download(longer, tmp_path / "o")


def test_the_version_asked_for_is_the_one_read(original: Original) -> None:
    s3 = boto3.client("s3")
    s3.put_bucket_versioning(Bucket="originals", VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket="originals", Key="v.jpg", Body=b"first")["VersionId"]
    s3.put_object(Bucket="originals", Key="v.jpg", Body=b"second")
    assert RangedFile({**original, "key": "v.jpg", "size": 5, "version_id": first}).read() == b"first"


def test_download_and_store(original: Original, tmp_path: Any) -> None:
    storage.download(original, tmp_path / "o")
    assert (tmp_path / "o").read_bytes() == BODY
    for _ in range(2):
        storage.store("originals", "renditions/r.webp", b"webp", "image/webp")
    head = boto3.client("s3").head_object(Bucket="originals", Key="renditions/r.webp")
    assert (head["ContentType"], head["ContentLength"]) == ("image/webp", 4)
    assert "max-age" in head["CacheControl"]
