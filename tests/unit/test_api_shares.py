"""A share opens what it is of to who has its link, until it ends or is revoked, and nothing else."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from api import guests
from api import shares as routes
from safelight import shares
from safelight.keys import public_id
from safelight.shares import share_id_of
from unit.api_client import Client, Stack, deployed
from unit.api_records import INLAND, KEY, LIBRARY

ID, INLAND_ID = public_id(KEY), public_id(INLAND["key"])
PASSWORD = "for the wedding"


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with deployed(LIBRARY) as stack, pytest.MonkeyPatch.context() as patch:
        patch.setitem(shares._SCRYPT, "n", 2)  # what makes guesses dear makes tests dear, too
        yield stack


def share(owner: Client, **wanted: Any) -> str:
    """Return the token of a new share of the album Sea, or of what is wanted."""
    scope = {} if "photos" in wanted else {"album": "Sea"}
    made = owner.ask("POST", "/api/shares", {"title": "The sea", **scope, **wanted})
    assert made.status == 201, made.text
    token: str = made.json["url"].removeprefix("/s/")
    return token


def opened(token: str, **more: Any) -> Client:
    guest = Client()
    answer = guest.ask("POST", "/api/shares/session", {"token": token, **more})
    assert answer.status == 200, answer.text
    return guest


def test_a_guest_is_told_what_the_share_is(owner: Client) -> None:
    guest = opened(share(owner, upload=True))
    assert guest.ask("GET", "/api/session").json == {
        "role": "guest",
        "name": None,
        "share": {"title": "The sea", "album": "Sea", "download": False, "upload": True, "expires_at": None},
    }


def test_an_album_is_shared_with_its_sub_albums_and_no_neighbour(stack: Stack, owner: Client) -> None:
    stack.put({**INLAND, "id": "photo/Seaside/c.jpg", "key": "Seaside/c.jpg", "album": "Seaside"})
    guest = opened(share(owner))
    assert guest.ask("GET", f"/api/photos/{ID}").status == 200
    for other in (INLAND_ID, public_id("Seaside/c.jpg")):
        assert guest.ask("GET", f"/api/photos/{other}").status == 404


def test_a_selection_is_shared_alone(owner: Client) -> None:
    guest = opened(share(owner, photos=[INLAND_ID]))
    assert guest.ask("GET", f"/api/photos/{INLAND_ID}").status == 200
    assert guest.ask("GET", f"/api/photos/{ID}").status == 404


def test_the_table_does_not_hold_the_token_or_the_password(stack: Stack, owner: Client) -> None:
    token = share(owner, password=PASSWORD)
    items = boto3.client("dynamodb").scan(TableName="library")["Items"]
    assert any(item["id"]["S"] == f"share/{share_id_of(token)}" for item in items)
    assert token not in str(items)
    assert PASSWORD not in str(items)


def test_revoked_it_is_closed_at_once(owner: Client) -> None:
    token = share(owner)
    guest = opened(token)
    share_id = share_id_of(token)
    assert share_id in {each["id"] for each in owner.ask("GET", "/api/shares").json["shares"]}
    assert owner.ask("DELETE", f"/api/shares/{share_id}").status == 204
    assert guest.ask("GET", f"/api/photos/{ID}").status == 401
    assert guest.ask("GET", "/api/session").json["role"] == "nobody"
    assert Client().ask("POST", "/api/shares/session", {"token": token}).status == 404


def test_it_ends(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = datetime.now(UTC) + timedelta(hours=1)
    token = share(owner, expires_at=ends.isoformat())
    guest = opened(token)
    monkeypatch.setattr(guests, "now", lambda: ends + timedelta(seconds=1))
    assert guest.ask("GET", "/api/session").json["role"] == "nobody"
    assert Client().ask("POST", "/api/shares/session", {"token": token}).status == 404


@pytest.mark.parametrize("ends", ["2020-01-01T00:00:00Z", "2100-01-01T00:00:00", "soon"])
def test_it_ends_at_a_time_to_come(owner: Client, ends: str) -> None:
    wanted = {"title": "Late", "album": "Sea", "expires_at": ends}
    assert owner.ask("POST", "/api/shares", wanted).status in {400, 422}


@pytest.mark.parametrize(
    "wanted",
    [
        {"title": "Both", "album": "Sea", "photos": [ID]},
        {"title": "Neither"},
        {"title": "Uploads", "photos": [ID], "upload": True},
        {"title": "Dots", "album": "Sea/../Inland"},
        {"title": "", "album": "Sea"},
    ],
)
def test_what_cannot_be_shared_is_refused(owner: Client, wanted: dict[str, Any]) -> None:
    assert owner.ask("POST", "/api/shares", wanted).status in {400, 422}


def test_a_password_is_asked_for(owner: Client) -> None:
    token = share(owner, password=PASSWORD)
    guest = Client()
    for given in ({}, {"password": "another"}):
        answer = guest.ask("POST", "/api/shares/session", {"token": token, **given})
        assert (answer.status, answer.json["password"]) == (401, True)
        assert guest.ask("GET", f"/api/photos/{ID}").status == 401
    assert opened(token, password=PASSWORD).ask("GET", f"/api/photos/{ID}").status == 200


def test_guesses_are_slowed_down_and_the_right_password_waits_too(
    owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = share(owner, password=PASSWORD)
    at = datetime.now(UTC)
    monkeypatch.setattr(guests, "now", lambda: at)
    guess = {"token": token, "password": "guess"}
    statuses = [Client().ask("POST", "/api/shares/session", guess).status for _ in range(7)]
    assert statuses == [401] * 6 + [429]
    right = {"token": token, "password": PASSWORD}
    waiting = Client().ask("POST", "/api/shares/session", right)
    assert waiting.status == 429
    at += timedelta(seconds=int(waiting.headers["retry-after"]))
    assert Client().ask("POST", "/api/shares/session", right).status == 200


@pytest.mark.parametrize("change", ["share", "end", "signature", "nothing"])
def test_a_forged_cookie_opens_nothing(owner: Client, change: str) -> None:
    mine, other = share(owner), share(owner, photos=[INLAND_ID])
    guest = opened(mine)
    share_id, ends, signature = guest.cookies["guest"].split(".")
    forged = {
        "share": f"{share_id_of(other)}.{ends}.{signature}",
        "end": f"{share_id}.{int(ends) + 1}.{signature}",
        "signature": f"{share_id}.{ends}.{signature[::-1]}",
        "nothing": "..",
    }
    guest.cookies["guest"] = forged[change]
    assert guest.ask("GET", f"/api/photos/{INLAND_ID}").status == 401


def test_shares_are_listed_page_by_page(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "_PAGE", 2)
    made = {share_id_of(share(owner)) for _ in range(3)}
    listed: list[str] = []
    page = owner.ask("GET", "/api/shares").json
    while True:
        listed += [each["id"] for each in page["shares"]]
        if page["next"] is None:
            break
        page = owner.ask("GET", f"/api/shares?cursor={page['next']}").json
    assert made <= set(listed)
    assert len(listed) == len(set(listed))
    assert owner.ask("GET", "/api/shares?cursor=bm9uZQ").status == 400
