"""What wants somebody to look is listed by its status, with what to do."""

from collections.abc import Iterator

import pytest

from safelight.keys import public_id
from unit.api_client import Client, Stack, deployed
from unit.api_records import FAILED, HELD, LIBRARY, REJECTED


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with deployed(LIBRARY) as stack:
        stack.index()
        yield stack


def test_photos_are_counted_by_their_status(owner: Client) -> None:
    assert owner.ask("GET", "/api/status").json == {
        "counts": {"ACTIVE": 2, "HELD": 1, "REJECTED": 1, "FAILED": 1},
        "waiting": 0,
    }


@pytest.mark.parametrize(
    ("record", "reason", "remedy", "at"),
    [
        (HELD, "Held", "release or delete it", HELD["processed_at"]),
        (REJECTED, "EmptyFile", "upload the copy", REJECTED["processed_at"]),
        (FAILED, "ServiceUnavailable", "Bring it back", FAILED["failure"]["at"]),
    ],
)
def test_each_says_why_and_what_to_do(
    owner: Client, record: dict[str, str], reason: str, remedy: str, at: str
) -> None:
    answer = owner.ask("GET", f"/api/status/photos?status={record['status']}").json
    (photo,) = answer["photos"]
    assert (photo["id"], photo["reason"], photo["at"]) == (public_id(record["key"]), reason, at)
    assert photo["message"]
    assert remedy in photo["remedy"]
    assert bool(photo["images"]) is (record is HELD)
    assert answer["next"] is None


def test_what_is_no_more_of_a_status_is_not_shown_as_such(stack: Stack, owner: Client) -> None:
    stack.put({**HELD, "status": "PROCESSING"})
    assert owner.ask("GET", "/api/status/photos?status=HELD").json["photos"] == []
    stack.put(HELD)


def test_a_list_goes_on_where_it_ended(stack: Stack, owner: Client) -> None:
    for name in ("1.jpg", "2.jpg", "3.jpg"):
        key = f"Sea/{name}"
        stack.put({**REJECTED, "id": f"photo/{key}", "key": key, "filename": name})
    stack.index()
    path, listed = "/api/status/photos?status=REJECTED&limit=3", []
    page = owner.ask("GET", path).json
    listed += page["photos"]
    page = owner.ask("GET", f"{path}&cursor={page['next']}").json
    listed += page["photos"]
    assert page["next"] is None
    assert len({each["id"] for each in listed}) == len(listed) == 4
    assert owner.ask("GET", f"{path}&cursor=none").status == 400
    assert owner.ask("GET", "/api/status/photos?status=ACTIVE").status == 422


def test_a_body_is_json_or_refused(owner: Client) -> None:
    for media_type in ("multipart/form-data", "application/x-www-form-urlencoded", "text/plain"):
        answer = owner.ask("POST", "/api/status", {"ids": []}, headers={"content-type": media_type})
        assert (answer.status, answer.headers["content-type"]) == (415, "application/problem+json")
    utf8 = {"content-type": "application/json; charset=utf-8"}
    assert owner.ask("POST", "/api/status", {"ids": []}, headers=utf8).status == 200
