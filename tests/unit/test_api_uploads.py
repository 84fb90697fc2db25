"""Photos come and go by URLs of S3 itself, and none takes another's place."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from api import uploads
from safelight.keys import public_id
from unit.api_client import Client, Stack, deployed, guest_of
from unit.api_records import ACTIVE, FAILED, HELD, KEY, LIBRARY

BYTES = b"the bytes of a photo"
SHA256 = hashlib.sha256(BYTES).hexdigest()


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with deployed(LIBRARY) as stack:
        yield stack


def wanted(album: str, *names: str, size: int = len(BYTES), sha256: str = SHA256) -> dict[str, Any]:
    return {"album": album, "files": [{"filename": name, "bytes": size, "sha256": sha256} for name in names]}


def put(key: str, sha256: str | None = SHA256) -> None:
    metadata = {"sha256": sha256} if sha256 else {}
    boto3.client("s3").put_object(Bucket="originals", Key=key, Body=BYTES, Metadata=metadata)


def events() -> list[dict[str, Any]]:
    """Take what waits for the photo workflow."""
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="WaitingUploads")["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in messages:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in messages]


def test_a_new_file_goes_up_by_a_url_that_is_good_for_it_alone(owner: Client) -> None:
    (place,) = owner.ask("POST", "/api/uploads", wanted("Sea/Öland", "ny.jpg")).json["files"]
    assert (place["id"], place["state"]) == (public_id("Sea/Öland/ny.jpg"), "new")
    signed = parse_qs(urlsplit(place["put"]["url"]).query)
    assert set(signed["X-Amz-SignedHeaders"][0].split(";")) == {
        *("content-length", "host"),
        *(name.lower() for name in place["put"]["headers"]),
    }
    assert place["put"]["headers"]["If-None-Match"] == "*"
    assert urlsplit(place["put"]["url"]).path.endswith("/Sea/%C3%96land/ny.jpg")


def test_what_is_there_is_not_sent_again_and_nothing_is_replaced(owner: Client) -> None:
    put("Sea/same.jpg")
    put("Sea/taken.jpg", hashlib.sha256(b"another").hexdigest())
    put("Sea/unknown.jpg", None)
    answer = owner.ask("POST", "/api/uploads", wanted("Sea", "same.jpg", "taken.jpg", "unknown.jpg"))
    assert [(each["state"], each["put"]) for each in answer.json["files"]] == [
        ("same", None),
        ("taken", None),
        ("taken", None),
    ]


def test_both_spellings_of_a_name_are_one_photo(owner: Client) -> None:
    put("Sea/a\u0308.jpg")
    (place,) = owner.ask("POST", "/api/uploads", wanted("Sea", "\u00e4.jpg")).json["files"]
    assert place["state"] == "same"


def test_two_files_of_one_name_do_not_go_to_one_place(owner: Client) -> None:
    files = wanted("Sea", "twice.jpg", "twice.jpg")
    files["files"][1]["sha256"] = "0" * 64
    states = [each["state"] for each in owner.ask("POST", "/api/uploads", files).json["files"]]
    assert states == ["new", "taken"]


@pytest.mark.parametrize(
    ("album", "name"),
    [
        ("Sea/..", "a.jpg"),
        ("/Sea", "a.jpg"),
        ("Sea", "a/b.jpg"),
        ("Sea", ".."),
        ("", "a.jpg"),
        ("Sea", "a\n"),
    ],
)
def test_names_that_mean_another_place_are_refused(owner: Client, album: str, name: str) -> None:
    assert owner.ask("POST", "/api/uploads", wanted(album, name)).status == 422


def test_what_is_too_large_or_too_long_is_refused_by_itself(owner: Client) -> None:
    large = wanted("Sea", "large.jpg", size=500_000_001)["files"]
    files = {"album": "Sea", "files": [*large, *wanted("Sea", "small.jpg", f"{'a' * 1020}.jpg")["files"]]}
    places = owner.ask("POST", "/api/uploads", files).json["files"]
    assert [each["state"] for each in places] == ["refused", "new", "refused"]
    assert "500 MB" in places[0]["message"]


@pytest.mark.parametrize(("album", "name"), [("Sea", ".DS_Store"), ("Sea", "a.AAE"), ("Sea/@eaDir", "a.jpg")])
def test_what_lies_beside_photos_is_ignored(owner: Client, album: str, name: str) -> None:
    (place,) = owner.ask("POST", "/api/uploads", wanted(album, name)).json["files"]
    assert (place["state"], place["put"], place["message"]) == ("ignored", None, None)


def test_a_guest_uploads_into_the_album_of_the_share_alone(owner: Client) -> None:
    guest = guest_of(owner, album="Sea", upload=True)
    assert guest.ask("POST", "/api/uploads", wanted("Sea/Guests", "a.jpg")).json["files"][0]["state"] == "new"
    for other in ("Inland", "Seaside"):
        assert guest.ask("POST", "/api/uploads", wanted(other, "a.jpg")).status == 403
    (sidecar,) = guest.ask("POST", "/api/uploads", wanted("Sea", "a.xmp")).json["files"]
    assert sidecar["state"] == "refused"


def test_a_large_file_goes_up_in_parts_and_goes_on_where_it_ended(
    owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    part, s3 = b"p" * (5 << 20), boto3.client("s3")
    monkeypatch.setattr(uploads, "_ONE_PART_BYTES", 1 << 20)
    monkeypatch.setattr(uploads, "_PART_BYTES", len(part))
    files = wanted("Sea", "large.tif", size=len(part) + 3)
    (place,) = owner.ask("POST", "/api/uploads", files).json["files"]
    upload_id = place["multipart"]["upload_id"]
    assert place["multipart"]["parts"] == 2
    begun = {"id": place["id"], "upload_id": upload_id}
    urls = owner.ask("POST", "/api/uploads/parts", {**begun, "parts": [1, 2]}).json
    assert [each["part"] for each in urls["parts"]] == [1, 2]
    assert f"uploadId={upload_id}" in urls["parts"][0]["url"]
    assert owner.ask("POST", "/api/uploads/complete", begun).status == 409, "no part has come"
    where: Any = {"Bucket": "originals", "Key": "Sea/large.tif", "UploadId": upload_id}
    s3.upload_part(**where, PartNumber=1, Body=part)
    assert owner.ask("POST", "/api/uploads/parts", {**begun, "parts": []}).json["there"] == [1]
    s3.upload_part(**where, PartNumber=2, Body=b"end")
    assert owner.ask("POST", "/api/uploads/complete", begun).status == 204
    about = s3.head_object(Bucket="originals", Key="Sea/large.tif")
    assert (about["ContentLength"], about["Metadata"]) == (len(part) + 3, {"sha256": SHA256})


def test_an_upload_in_parts_is_given_up(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "_ONE_PART_BYTES", 0)
    (place,) = owner.ask("POST", "/api/uploads", wanted("Sea", "given-up.tif")).json["files"]
    begun = {"id": place["id"], "upload_id": place["multipart"]["upload_id"]}
    assert owner.ask("POST", "/api/uploads/abort", begun).status == 204
    assert owner.ask("POST", "/api/uploads/parts", {**begun, "parts": [1]}).status == 404
    assert owner.ask("POST", "/api/uploads/abort", begun).status == 204


def test_an_original_is_saved_under_its_name(owner: Client, stack: Stack) -> None:
    key = 'Sea/so "nice" ä%.jpg'
    stack.put({**ACTIVE, "id": f"photo/{key}", "key": key, "filename": 'so "nice" ä%.jpg'})
    answer = owner.ask("GET", f"/api/photos/{public_id(key)}/original")
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert answer.status == 302
    assert query["response-content-disposition"] == [
        "attachment; filename=\"so _nice_ __.jpg\"; filename*=UTF-8''so%20%22nice%22%20%C3%A4%25.jpg"
    ]
    assert query["versionId"] == ["1"]


def test_malware_is_not_handed_out(owner: Client, stack: Stack) -> None:
    bad = {**ACTIVE, "id": "photo/Sea/bad.jpg", "key": "Sea/bad.jpg", "status": "REJECTED"}
    stack.put({**bad, "rejection": {"reason": "MalwareFound", "message": "It holds Eicar."}})
    assert owner.ask("GET", f"/api/photos/{public_id('Sea/bad.jpg')}/original").status == 403


def test_a_held_photo_is_released_and_no_other(owner: Client) -> None:
    assert owner.ask("POST", f"/api/photos/{public_id(HELD['key'])}/release").status == 202
    (event,) = events()
    assert (event["release"], event["detail"]["object"]["key"]) == (True, HELD["key"])
    assert owner.ask("POST", f"/api/photos/{public_id(KEY)}/release").status == 409


def test_a_failed_photo_is_tried_again_where_its_original_is_there(owner: Client) -> None:
    path = f"/api/photos/{public_id(FAILED['key'])}/retry"
    assert owner.ask("POST", path).status == 409
    put(FAILED["key"])
    assert owner.ask("POST", path).status == 202
    (event,) = events()
    assert event["detail"]["object"]["key"] == FAILED["key"]
    assert owner.ask("POST", f"/api/photos/{public_id(KEY)}/retry").status == 409


def test_a_removed_photo_loses_its_original_and_keeps_its_versions(owner: Client) -> None:
    put(KEY)
    assert owner.ask("DELETE", f"/api/photos/{public_id(KEY)}").status == 202
    versions = boto3.client("s3").list_object_versions(Bucket="originals", Prefix=KEY)
    assert (len(versions["DeleteMarkers"]), len(versions["Versions"])) == (1, 1)
