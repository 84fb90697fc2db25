"""An export from the records of photos to its archives, on a stack of moto's, as the workflow asks it."""

import io
import json
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.ses.models import ses_backends

from export import choice, handler, parts, steps, store
from index.keeper import Keeper
from index.settings import Settings
from safelight import clients, errors
from safelight.attributes import attribute_value
from safelight.keys import EXPORTS
from unit.api_records import ACTIVE, KEY

ID = "0123456789abcdef"
AT = "2026-11-27T02:00:00.000Z"
WISH: choice.Wish = {
    "title": "The sea",
    "album": "Sea",
    "person": None,
    "memory": None,
    "keys": None,
    "renditions": False,
    "sidecars": False,
    "most_bytes": 10**10,
    "mail": None,
}


@pytest.fixture
def library(library_table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The buckets of a stack, its table, and the environment of the function."""
    for made in (clients.dynamodb, clients.s3, clients.ses, clients.sns):
        made.cache_clear()
    s3 = boto3.client("s3")
    where: Any = {"LocationConstraint": "eu-central-1"}
    for bucket in ("originals", "renditions"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
    s3.put_bucket_versioning(Bucket="originals", VersioningConfiguration={"Status": "Enabled"})
    for name, value in {
        "RENDITIONS_BUCKET": "renditions",
        "RENDITIONS_BASE_URL": "https://photos.example",
        "NOTIFICATIONS_TOPIC": boto3.client("sns").create_topic(Name="notifications")["TopicArn"],
        "MAIL_FROM": "none",
        "EXPORT_DAYS": "7",
    }.items():
        monkeypatch.setenv(name, value)


def write(*records: dict[str, Any]) -> None:
    """Write records into the table, and make the index of all that are there."""
    for record in records:
        item = {name: attribute_value(value) for name, value in record.items()}
        boto3.client("dynamodb").put_item(TableName="library", Item=item)
    with tempfile.TemporaryDirectory() as folder:
        Keeper(Settings("library", "renditions"), Path(folder)).rebuild()


def photo(key: str, body: bytes, **fields: Any) -> dict[str, Any]:
    """Put an original, and return its record."""
    there = boto3.client("s3").put_object(Bucket="originals", Key=key, Body=body)
    original = {
        "bucket": "originals",
        "version_id": there["VersionId"],
        "bytes": len(body),
        "etag": there["ETag"].strip('"'),
    }
    known = {"crc32": f"{zlib.crc32(body):08x}", "sha256": "0" * 64}
    album, _, filename = key.rpartition("/")
    names = {"id": f"photo/{key}", "key": key, "album": album, "filename": filename}
    return {**ACTIVE, **names, "original": original, "photo": {**ACTIVE["photo"], **known}, **fields}


def run(step: str, **given: Any) -> Any:
    return json.loads(json.dumps(handler.handler({"step": step, "export": ID, **given}, None)))  # type: ignore[arg-type]


def exported(wish: choice.Wish) -> tuple[dict[str, Any], list[bytes]]:
    """Return what an export becomes, and its archives."""
    chosen = run("choose", wish=wish)
    for batch in chosen["batches"]:
        run("checksum", batch=batch)
    planned = run("plan", wish=wish, batches=chosen["batches"])
    for work in reversed(planned["works"]):
        run("write", work=work)
        run("write", work=work)
    for _ in range(2):
        run("complete", archives=planned["archives"])
    told = {"count": chosen["count"], "cover": chosen["cover"], "archives": planned["archives"], "at": AT}
    done = run("deliver", wish=wish, **told)
    keys = [each["key"] for each in planned["archives"]]
    return done, [boto3.client("s3").get_object(Bucket="renditions", Key=key)["Body"].read() for key in keys]


def read(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


@pytest.mark.usefixtures("library")
def test_an_album_becomes_an_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    large = bytes(range(256)) * (44 << 10)
    write(
        photo("Sea/a.jpg", large),
        photo("Sea/deep/é.jpg", b"deep"),
        photo("Seaside/no.jpg", b"no"),
    )
    copied: list[int] = []
    copy = store.copy_part
    monkeypatch.setattr(store, "copy_part", lambda *given: (copied.append(given[-1]), copy(*given)))
    done, (archive,) = exported(WISH)
    assert read(archive) == {"a.jpg": large, "deep/é.jpg": b"deep"}
    assert copied
    assert min(copied) >= parts.LEAST
    assert done == {
        "count": 2,
        "expires_at": "2026-12-04T02:00:00Z",
        "archives": [
            {
                "name": "The sea.zip",
                "url": f"https://photos.example/{EXPORTS}{ID}/The%20sea.zip",
                "bytes": len(archive),
            }
        ],
    }


@pytest.mark.usefixtures("library")
def test_what_has_no_checksum_is_read_first_and_what_is_processed_again_too() -> None:
    write(
        photo("Sea/old.jpg", b"old", photo=ACTIVE["photo"]),
        photo("Sea/new.jpg", b"new"),
        photo("Sea/again.jpg", b"again", status="PROCESSING", photo={**ACTIVE["photo"], "crc32": "00000000"}),
    )
    assert len(run("choose", wish=WISH)["batches"]) == 1
    _, (archive,) = exported(WISH)
    assert read(archive) == {"old.jpg": b"old", "new.jpg": b"new", "again.jpg": b"again"}


@pytest.mark.usefixtures("library")
def test_of_no_photos_there_is_no_archive_and_no_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        photo("Seaside/no.jpg", b"no"),
    )
    told: list[Any] = []
    monkeypatch.setattr(store, "announce", lambda *given: told.append(given))
    done, archives = exported(WISH)
    assert (done["count"], done["archives"], archives, told) == (0, [], [], [])


@pytest.mark.usefixtures("library")
def test_an_archive_is_split_and_has_sidecars() -> None:
    for name in "ab":
        write(
            photo(f"Sea/{name}.jpg", name.encode() * 3000),
        )
    done, archives = exported({**WISH, "sidecars": True, "most_bytes": 6000})
    assert [list(read(each)) for each in archives] == [["a.jpg", "a.jpg.xmp"], ["b.jpg", "b.jpg.xmp"]]
    assert [each["name"] for each in done["archives"]] == ["The sea (1 of 2).zip", "The sea (2 of 2).zip"]


@pytest.mark.usefixtures("library")
def test_the_largest_rendition_goes_in_the_place_of_the_original() -> None:
    largest = max(ACTIVE["renditions"].values(), key=lambda it: it["width"])
    body = b"x" * largest["bytes"]
    boto3.client("s3").put_object(Bucket="renditions", Key=largest["key"], Body=body)
    write(
        photo(KEY, b"original"),
    )
    _, (archive,) = exported({**WISH, "album": None, "keys": [KEY], "renditions": True})
    (name,) = read(archive)
    assert read(archive)[name] == body
    assert name.rpartition(".")[2] == largest["key"].rpartition(".")[2]


@pytest.mark.usefixtures("library")
def test_an_older_version_that_is_gone_refuses_the_export_and_leaves_nothing() -> None:
    write(
        photo("Sea/a.jpg", b"a" * 100),
    )
    chosen = run("choose", wish=WISH)
    planned = run("plan", wish=WISH, batches=chosen["batches"])
    s3 = boto3.client("s3")
    (version,) = s3.list_object_versions(Bucket="originals")["Versions"]
    s3.put_object(Bucket="originals", Key="Sea/a.jpg", Body=b"b" * 100)
    run("write", work=planned["works"][0])  # the version that was chosen is still there
    s3.delete_object(Bucket="originals", Key="Sea/a.jpg", VersionId=version["VersionId"])
    with pytest.raises(errors.OriginalMissing, match=r"Sea/a\.jpg"):
        run("write", work=planned["works"][0])
    run("abandon")
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="renditions")


@pytest.mark.usefixtures("library")
def test_without_versions_another_original_is_not_taken_for_the_one_before() -> None:
    there = boto3.client("s3").put_object(Bucket="renditions", Key="Sea/a.jpg", Body=b"first")
    source: choice.Source = {
        "bucket": "renditions",
        "key": "Sea/a.jpg",
        "version_id": None,
        "etag": there["ETag"].strip('"'),
        "size": 5,
    }
    assert store.some_of(source, 1, 3) == b"irs"
    boto3.client("s3").put_object(Bucket="renditions", Key="Sea/a.jpg", Body=b"other")
    with pytest.raises(errors.OriginalMissing):
        store.some_of(source, 1, 3)


@pytest.mark.usefixtures("library")
def test_a_broken_archive_is_told_from_a_whole_one(monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        photo("Sea/a.jpg", b"a" * 100),
    )
    some_of = store.some_of
    monkeypatch.setattr(store, "some_of", lambda source, start, size: b"b" * size)
    chosen = run("choose", wish=WISH)
    planned = run("plan", wish=WISH, batches=chosen["batches"])
    run("write", work=planned["works"][0])
    monkeypatch.setattr(store, "some_of", some_of)
    with pytest.raises(errors.Unforeseen, match=r"a\.jpg in .* is not what it was"):
        run("complete", archives=planned["archives"])


@pytest.mark.usefixtures("library")
def test_who_is_named_gets_a_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_FROM", "photos@example.com")
    boto3.client("ses").verify_email_identity(EmailAddress="photos@example.com")
    write(photo("Sea/a.jpg", b"a"))
    done, _ = exported({**WISH, "mail": "ada@example.org"})
    (message,) = ses_backends["123456789012"]["eu-central-1"].sent_messages
    assert message.source == "photos@example.com"
    assert message.destinations["ToAddresses"] == ["ada@example.org"]
    assert done["archives"][0]["url"] in message.body


def test_works_and_batches_fit_into_a_state() -> None:
    assert len(json.dumps(steps._works([3000] * 12_000))) < 200_000
    source = {"bucket": "b", "key": "k", "version_id": None, "etag": "", "size": 10**8}
    files: Any = [{"source": source, "crc32": None}] * 70_000
    assert len(json.dumps(choice.batches_of(files))) < 100_000
