"""One photo, and how far photos have come: all that is known of them, to those who may know it."""

from collections.abc import Iterator
from typing import Any

import pytest

from safelight.keys import key_of, public_id
from unit.api_client import Client, Stack, deployed
from unit.api_records import ACTIVE, HELD, KEY, PEOPLE, REJECTED


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with deployed((ACTIVE, HELD, REJECTED, *PEOPLE)) as stack:
        stack.add_user("vic", "viewers")
        yield stack


@pytest.fixture(scope="module")
def viewer(stack: Stack) -> Client:
    return Client(stack.token("vic"))


def test_an_id_stands_for_one_key_alone() -> None:
    assert key_of(public_id(KEY)) == KEY
    for wrong in ("", "=", "U2Vh=", "U2Vi!", "_w"):
        with pytest.raises(ValueError, match=r".*"):
            key_of(wrong)


def test_a_photo_has_all_that_is_known_of_it(viewer: Client) -> None:
    answer = viewer.ask("GET", f"/api/photos/{public_id(KEY)}")
    assert answer.status == 200
    assert answer.json == {
        "id": public_id(KEY),
        "album": "Sea/Öland",
        "filename": "a.jpg",
        "status": "ACTIVE",
        "taken_at": "2024-06-01T10:00:00",
        "width": 400,
        "height": 300,
        "thumbhash": "aGFzaA==",
        "color": "#102030",
        "moving": None,
        "images": [
            {
                "url": f"/renditions/Sea/%C3%96land/a.jpg/v/{name}.jpg",
                "width": width,
                "height": width * 3 // 4,
                "media_type": "image/jpeg",
            }
            for name, width in (("small", 100), ("large", 400))
        ],
        "film": None,
        "original": {"bytes": 1000, "media_type": "image/jpeg", "width": 400, "height": 300},
        "metadata": ACTIVE["metadata"],
        "labels": ["Sea"],
        "text": ["Hello"],
        "people": [{"id": "p1", "name": "Ada", "box": PEOPLE[1]["box"]}],
        "memory": {"id": "m1", "title": "A day at the sea"},
        "rejection": None,
        "failure": None,
        "moderation": None,
        "processed_at": "2026-01-01T00:00:00Z",
    }


def test_what_has_not_changed_is_not_sent_again(viewer: Client) -> None:
    etag = viewer.ask("GET", f"/api/photos/{public_id(KEY)}").headers["etag"]
    again = viewer.ask("GET", f"/api/photos/{public_id(KEY)}", headers={"if-none-match": f'"x", {etag}'})
    assert (again.status, again.text) == (304, "")


@pytest.mark.parametrize("record", [HELD, REJECTED])
def test_what_is_not_published_is_for_owners(owner: Client, viewer: Client, record: dict[str, Any]) -> None:
    path = f"/api/photos/{public_id(record['key'])}"
    assert viewer.ask("GET", path).status == 404
    assert owner.ask("GET", path).json["status"] == record["status"]


def test_an_owner_can_look_at_what_is_held(owner: Client) -> None:
    held = owner.ask("GET", f"/api/photos/{public_id(HELD['key'])}").json
    (image,) = held["images"]
    assert "/renditions/Sea/held.jpg/v/small.jpg?X-Amz-Algorithm" in image["url"]
    assert held["moderation"]["labels"][0]["name"] == "Weapons"


def test_how_far_photos_have_come(owner: Client) -> None:
    keys = [KEY, HELD["key"], REJECTED["key"], "Sea/new.jpg"]
    answer = owner.ask("POST", "/api/status", {"ids": [public_id(key) for key in keys]})
    told = [(each["status"], each["stage"], each["message"]) for each in answer.json["photos"]]
    assert told == [
        ("ACTIVE", "done", None),
        ("HELD", "done", "Weapons 91 %."),
        ("REJECTED", "done", "empty.jpg has no bytes."),
        (None, "waiting", None),
    ]
    assert "upload the copy" in answer.json["photos"][2]["remedy"]
    assert owner.ask("POST", "/api/status", {"ids": ["x"] * 201}).status == 422
