"""What changes in a Dropbox comes to the originals: by the SDK, from a Dropbox on this machine."""

import json
import os
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from pytest_socket import enable_socket

from dropbox_server import KEYS, Dropbox, serving  # before what imports the SDK
from fetch import box as fetch_box
from fetch import steps
from fetch.handler import handler
from fetch.listing import batches_of, content_hash_of, digests_of, file_of, key_of
from safelight import clients
from safelight.errors import AccessDenied, ServiceUnavailable, Unforeseen


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Dropbox, Any]]:
    enable_socket()
    with serving() as running:
        yield running


@pytest.fixture
def box(
    server: tuple[Dropbox, Any], library_table: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Dropbox]:
    """A connected Dropbox, and a stack that follows it."""
    enable_socket()
    dropbox, certificate = server
    dropbox.__init__()  # type: ignore[misc]
    for name in ("s3", "sqs", "dynamodb", "secretsmanager"):
        getattr(clients, name).cache_clear()
    fetch_box._box_of.cache_clear()
    s3, sqs, secrets = boto3.client("s3"), boto3.client("sqs"), boto3.client("secretsmanager")
    s3.create_bucket(
        Bucket="originals", CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name}
    )
    arn = secrets.create_secret(Name="dropbox", SecretString=json.dumps(KEYS))["ARN"]
    for name, value in {
        "REQUESTS_CA_BUNDLE": str(certificate),
        "ORIGINALS_BUCKET": "originals",
        "UNDELIVERED_EVENTS_QUEUE": sqs.create_queue(QueueName="undelivered")["QueueUrl"],
        "CHANGES_QUEUE_ARN": "arn:aws:sqs:eu-central-1:123456789012:changes",
        "DROPBOX_SECRET": arn,
        "DROPBOX_FOLDER": "/",
        "DROPBOX_DELETIONS": "keep",
        "DROPBOX_BATCH_SIZE": "10",
    }.items():
        monkeypatch.setenv(name, value)
    yield dropbox
    for name in ("s3", "sqs", "dynamodb", "secretsmanager"):
        getattr(clients, name).cache_clear()


def step(name: str, **more: Any) -> Any:
    return handler({"step": name, **more}, None)  # type: ignore[arg-type]


def listed() -> Any:
    return step("list", files=[])


def run() -> list[str]:
    """Do what the workflow does, without its patience; return the names of what was fetched."""
    names = []
    while True:
        page = listed()
        assert page["wait"] == 0
        for batch in page["batches"]:
            assert step("fetch", batch=batch) == {"batch": {"files": [], "gone": []}, "wait": 0}
            names += [file["name"] for file in batch["files"]]
        step("keep", cursor=page["cursor"])
        if not page["more"]:
            return names


def originals() -> dict[str, bytes]:
    s3 = boto3.client("s3")
    there = s3.list_objects_v2(Bucket="originals").get("Contents", [])
    return {it["Key"]: s3.get_object(Bucket="originals", Key=it["Key"])["Body"].read() for it in there}


def test_files_come_with_their_path_and_time_and_only_once(box: Dropbox) -> None:
    box.put("/Photos/Día/a.jpg", b"a")
    box.put("/empty.jpg", b"")
    box.put("/Photos/a.XMP", b"<x/>")
    box.put("/notes.json", b"{}")
    box.page_entries = 2
    assert run() == ["a.jpg", "empty.jpg", "a.XMP"]
    assert originals() == {
        "Dropbox/Photos/Día/a.jpg": b"a",
        "Dropbox/empty.jpg": b"",
        "Dropbox/Photos/a.xmp": b"<x/>",
    }
    told = boto3.client("s3").head_object(Bucket="originals", Key="Dropbox/Photos/Día/a.jpg")["Metadata"]
    assert told["client-modified"] == "2024-05-03T10:11:12Z"
    assert told["dropbox-path"] == "/Photos/D%C3%ADa/a.jpg"

    assert run() == []
    box.put("/new.jpg", b"n")
    assert run() == ["new.jpg"]
    box.put("/new.jpg", b"changed")
    assert run() == ["new.jpg"]
    assert originals()["Dropbox/new.jpg"] == b"changed"


def test_a_folder_alone_is_followed(box: Dropbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DROPBOX_FOLDER", "/Photos")
    box.put("/Photos/x/a.jpg", b"a")
    box.put("/Private/b.jpg", b"b")
    run()
    assert list(originals()) == ["Dropbox/x/a.jpg"]


def test_a_rename_is_no_upload_and_a_new_file_takes_no_others_place(box: Dropbox) -> None:
    box.put("/a.jpg", b"first")
    run()
    box.move("/a.jpg", "/elsewhere/b.jpg")
    asked = len(box.ranges)
    assert run() == []
    assert len(box.ranges) == asked
    box.put("/a.jpg", b"second", "id:another")
    boto3.client("s3").put_object(Bucket="originals", Key="Dropbox/mine.jpg", Body=b"by hand")
    box.put("/mine.jpg", b"third")
    assert run() == ["a.jpg", "mine.jpg"]
    assert originals() == {
        "Dropbox/a.jpg": b"first",
        "Dropbox/a-2.jpg": b"second",
        "Dropbox/mine.jpg": b"by hand",
        "Dropbox/mine-2.jpg": b"third",
    }


def test_a_cursor_that_is_void_lists_all_and_fetches_nothing_twice(box: Dropbox) -> None:
    box.put("/a.jpg", b"a")
    run()
    box.reset()
    box.put("/b.jpg", b"b")
    assert run() == ["b.jpg"]


@pytest.mark.parametrize("deletions", ["keep", "remove"])
def test_deletions_count_by_the_parameter_alone_and_a_move_is_none(
    box: Dropbox, monkeypatch: pytest.MonkeyPatch, deletions: str
) -> None:
    monkeypatch.setenv("DROPBOX_DELETIONS", deletions)
    for path in ("/day/a.jpg", "/day/inner/b.jpg", "/daylight.jpg", "/day/moved.jpg"):
        box.put(path, path.encode())
    run()
    box.move("/day/moved.jpg", "/moved.jpg")
    box.delete("/day")
    run()
    kept = {"Dropbox/daylight.jpg", "Dropbox/day/moved.jpg"}
    gone = {"Dropbox/day/a.jpg", "Dropbox/day/inner/b.jpg"}
    assert set(originals()) == (kept if deletions == "remove" else kept | gone)


def test_a_large_file_comes_by_ranges_and_is_checked(box: Dropbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "PART_BYTES", 8 << 20)
    content = os.urandom(9 << 20)
    box.put("/large.dng", content)
    (batch,) = listed()["batches"]
    box.torn = 1
    with pytest.raises(Unforeseen, match="torn"):
        step("fetch", batch=batch)
    assert "Uploads" not in boto3.client("s3").list_multipart_uploads(Bucket="originals")
    box.cut = 1
    with pytest.raises(ServiceUnavailable, match="cut off"):
        step("fetch", batch=batch)
    assert originals() == {}
    box.ranges.clear()
    step("fetch", batch=batch)
    assert originals() == {"Dropbox/large.dng": content}
    assert sorted(box.ranges) == ["bytes=0-8388607", "bytes=8388608-9437183"]
    step("fetch", batch=batch)
    assert len(box.ranges) == 2, "what is there is not fetched again"


def test_dropbox_is_waited_for_as_long_as_it_says(box: Dropbox) -> None:
    for name in "abc":
        box.put(f"/{name}.jpg", name.encode())
    box.throttled, box.retry_after = 1, 7
    assert listed() == {"batches": [], "cursor": None, "more": True, "wait": 7, "files": []}
    (batch,) = listed()["batches"]
    step("fetch", batch={"files": batch["files"][:1], "gone": []})
    box.throttled = 1
    assert step("fetch", batch=batch)["wait"] == 7
    later = step("fetch", batch=batch)
    assert later["wait"] == 0
    assert len(originals()) == 3


def test_what_fails_in_a_batch_holds_up_no_other_and_is_left(box: Dropbox) -> None:
    for name in "abc":
        box.put(f"/{name}.jpg", name.encode())
    (batch,) = listed()["batches"]
    box.torn = 1
    with pytest.raises(Unforeseen):
        step("fetch", batch=batch)
    assert set(originals()) == {"Dropbox/b.jpg", "Dropbox/c.jpg"}
    box.delete("/b.jpg")
    step("leave", batch=batch, why="Unforeseen: torn")
    (left,) = boto3.client("sqs").receive_message(
        QueueUrl=os.environ["UNDELIVERED_EVENTS_QUEUE"], MessageAttributeNames=["All"], MaxNumberOfMessages=10
    )["Messages"]
    body = json.loads(left["Body"])
    assert body["detail"]["object"]["key"] == "a.jpg"
    assert left["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"] == "Unforeseen: torn"
    page = step("list", files=body["files"])
    assert page["cursor"] is None
    step("fetch", batch=page["batches"][0])
    assert "Dropbox/a.jpg" in originals()


def test_a_token_that_has_expired_is_renewed_and_one_that_is_revoked_says_what_to_do(
    box: Dropbox, caplog: pytest.LogCaptureFixture
) -> None:
    box.put("/a.jpg", b"a")
    listed()
    box.expire()
    assert run() == ["a.jpg"]
    box.revoked = True
    box.expire()
    with pytest.raises(AccessDenied, match="safelight dropbox connect") as refused:
        listed()
    boto3.client("secretsmanager").put_secret_value(SecretId="dropbox", SecretString="{}")
    fetch_box._box_of.cache_clear()
    with pytest.raises(AccessDenied, match="safelight dropbox connect"):
        listed()
    told = f"{caplog.text}{refused.value}"
    assert not [secret for secret in (KEYS["refresh_token"], KEYS["app_secret"], "short-") if secret in told]


def test_an_outage_of_dropbox_leaves_under_its_name(box: Dropbox) -> None:
    box.failing = 1
    with pytest.raises(ServiceUnavailable, match="failed at Dropbox: status 500"):
        listed()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REQUESTS_CA_BUNDLE", "/etc/ssl/certs/ca-certificates.crt")
        with pytest.raises(ServiceUnavailable, match="cut off: SSLError"):
            listed()


def test_the_content_hash_is_dropboxs() -> None:
    from dropbox.content_hash import content_hash

    content = os.urandom((4 << 20) * 2 + 5)
    parts = [content[: 8 << 20], content[8 << 20 :]]
    assert content_hash_of(map(digests_of, parts)) == content_hash(content)
    assert content_hash_of([digests_of(b"")]) == content_hash(b"")


def test_batches_are_few_files_and_few_bytes() -> None:
    small = [file_of(f"id:{n}", "r", 1, "a" * 300) for n in range(3)]
    large = [file_of("id:l", "r", 3 << 30, "l"), file_of("id:m", "r", 1 << 30, "m")]
    made = batches_of([*small, *large], ["/x", "/y", "/z"], 2)
    assert [[file["id"] for file in it["files"]] for it in made] == [
        ["id:0", "id:1"],
        ["id:2"],
        ["id:l"],
        ["id:m"],
        [],
        [],
    ]
    assert [it["gone"] for it in made[4:]] == [["/x", "/y"], ["/z"]]
    page = json.dumps([file_of("id:" + "x" * 22, "0" * 16, 10**12, "é" * 300) for _ in range(500)])
    assert len(page) < 240_000, "a page fits into a state"


@pytest.mark.parametrize(
    ("path", "folder", "key"),
    [
        ("/a.jpg", "/", "Dropbox/a.jpg"),
        ("/Photos/x/a.JPG", "/Photos/", "Dropbox/x/a.JPG"),
        ("/x/.hidden/a.jpg", "/", None),
        ("/" + "x" * 1100, "/", None),
    ],
)
def test_where_a_file_lies(path: str, folder: str, key: str | None) -> None:
    assert key_of(path, folder) == key
