"""An export is begun by who may download, of what they may see, and tells what has become of it."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from api import library
from safelight.keys import public_id
from unit.api_client import Client, Stack, deployed, guest_of
from unit.api_records import INLAND, LIBRARY


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with deployed(LIBRARY) as stack:
        stack.index()
        stack.add_user("vic", "viewers")
        yield stack


def begun(client: Client, **wanted: Any) -> dict[str, Any]:
    """Return what the workflow is asked for."""
    answer = client.ask("POST", "/api/exports", wanted)
    assert answer.status == 202, answer.text
    assert answer.json["count"] > 0
    about = client.ask("GET", f"/api/exports/{answer.json['id']}")
    assert about.json["status"] == "running"
    arn = next(
        each["executionArn"]
        for each in boto3.client("stepfunctions").list_executions(
            stateMachineArn=library.settings().export_workflow
        )["executions"]
        if each["name"] == answer.json["id"]
    )
    wish: dict[str, Any] = json.loads(
        boto3.client("stepfunctions").describe_execution(executionArn=arn)["input"]
    )
    return wish


def test_an_owner_and_a_viewer_export_an_album_or_a_memory(stack: Stack, owner: Client) -> None:
    wish = begun(owner, album="Sea", sidecars=True, gigabytes=4)
    assert wish["title"] == "Sea"
    assert (wish["album"], wish["keys"], wish["most_bytes"]) == ("Sea", None, 4_000_000_000)
    assert (wish["sidecars"], wish["renditions"], wish["mail"]) == (True, False, None)
    assert begun(Client(stack.token("vic")), person="p1", title="Ada")["title"] == "Ada"


def test_a_guest_exports_what_is_shared_and_nothing_else(owner: Client) -> None:
    guest = guest_of(owner, album="Inland", download=True)
    assert begun(guest)["album"] == "Inland"
    for more in ({"album": "Sea"}, {"photos": ["x"]}, {"memory": "m1"}, {"sidecars": True}):
        assert guest.ask("POST", "/api/exports", more).status == 400
    selection = guest_of(owner, photos=[public_id(INLAND["key"])], download=True)
    assert begun(selection)["keys"] == [INLAND["key"]]
    assert guest_of(owner, album="Sea").ask("POST", "/api/exports", {}).status == 403
    assert Client().ask("POST", "/api/exports", {"album": "Sea"}).status == 401


def test_what_cannot_be_exported_is_refused_in_words(stack: Stack, owner: Client) -> None:
    for wrong, status in (
        ({}, 400),
        ({"album": "Sea", "person": "p1"}, 400),
        ({"album": "Nowhere"}, 404),
        ({"album": "Sea", "gigabytes": 41}, 422),
        ({"album": "Sea", "mail": "a@example.com"}, 409),
        ({"album": "Sea", "mail": "nobody"}, 422),
    ):
        answer = owner.ask("POST", "/api/exports", wrong)
        assert answer.status == status, wrong
        assert answer.json["detail"]
    asked = {"album": "Sea", "mail": "a@example.com"}
    assert Client(stack.token("vic")).ask("POST", "/api/exports", asked).status == 403
    assert owner.ask("GET", "/api/exports/none").status == 404


ARCHIVE = {"name": "Sea.zip", "url": "https://x/exports/1/Sea.zip", "bytes": 9}


@pytest.mark.parametrize(
    ("execution", "told"),
    [
        (
            ("SUCCEEDED", {"count": 2, "archives": [ARCHIVE], "expires_at": "2026-12-04T02:00:00Z"}),
            {"status": "ready", "archives": [ARCHIVE], "count": 2, "expires_at": "2026-12-04T02:00:00Z"},
        ),
        (
            ("SUCCEEDED", {"refusal": "Reading a.jpg found nothing."}),
            {"status": "refused", "message": "Reading a.jpg found nothing. Then export again."},
        ),
        (("FAILED", {}), {"status": "failed", "archives": []}),
        (("TIMED_OUT", {}), {"status": "failed"}),
    ],
)
def test_it_tells_what_has_become_of_an_export(
    owner: Client, monkeypatch: pytest.MonkeyPatch, execution: Any, told: dict[str, Any]
) -> None:
    monkeypatch.setattr(library, "export", lambda _: execution)
    about = owner.ask("GET", "/api/exports/1").json
    assert {name: about[name] for name in told} == told
