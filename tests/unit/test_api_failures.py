"""What fails on AWS's side is a problem with a status, and what is secret stays out of logs."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from api import library
from safelight.clients import cognito, dynamodb
from safelight.keys import public_id
from unit.api_client import PASSWORD, Client, Stack, deployed
from unit.api_records import HELD, KEY, LIBRARY


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with deployed(LIBRARY) as stack:
        yield stack


def answered(code: str, status: int) -> ClientError:
    said: Any = {
        "Error": {"Code": code, "Message": "said AWS"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(said, "BatchGetItem")


@pytest.mark.parametrize(
    ("error", "status", "again"),
    [
        (answered("ProvisionedThroughputExceededException", 400), 503, True),
        (answered("ThrottlingException", 400), 503, True),
        (answered("InternalServerError", 500), 503, True),
        (ReadTimeoutError(endpoint_url="https://dynamodb"), 503, True),
        (answered("AccessDeniedException", 400), 500, False),
        (answered("ValidationException", 400), 500, False),
        (RuntimeError("a bug"), 500, False),
    ],
)
def test_what_fails_is_a_problem_and_no_traceback(
    owner: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, again: bool
) -> None:
    def fail(**_: Any) -> None:
        raise error

    monkeypatch.setattr(dynamodb(), "batch_get_item", fail)
    answer = owner.ask("GET", f"/api/photos/{public_id(KEY)}")
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    assert ("retry-after" in answer.headers) is again
    assert not any(word in answer.text for word in ("Traceback", "said AWS", "a bug", "dynamodb"))


def test_a_pool_that_is_busy_is_a_problem(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: Any) -> None:
        raise answered("TooManyRequestsException", 400)

    monkeypatch.setattr(cognito(), "initiate_auth", fail)
    answer = Client().ask("POST", "/api/session", {"username": "ada", "password": PASSWORD})
    assert (answer.status, "retry-after" in answer.headers) == (503, True)


def test_a_temporary_password_is_changed_at_the_login(stack: Stack) -> None:
    pool: Any = {"UserPoolId": stack.pool, "Username": "new"}
    boto3.client("cognito-idp").admin_create_user(**pool, TemporaryPassword=PASSWORD)
    boto3.client("cognito-idp").admin_add_user_to_group(**pool, GroupName="viewers")
    login = {"username": "new", "password": PASSWORD}
    asked = Client().ask("POST", "/api/session", login)
    assert (asked.status, asked.json["new_password"]) == (403, True)
    changed = Client().ask("POST", "/api/session", {**login, "new_password": f"{PASSWORD}8"})
    assert (changed.status, changed.json["role"]) == (200, "viewer")
    again = {"username": "new", "password": f"{PASSWORD}8"}
    assert Client().ask("POST", "/api/session", again).status == 200


def test_nothing_secret_is_in_the_logs(
    owner: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = {"title": "Logged", "album": "Sea", "password": "a password of a share"}
    token = owner.ask("POST", "/api/shares", wanted).json["url"].removeprefix("/s/")
    guest = Client()
    guest.ask("POST", "/api/shares/session", {"token": token, "password": wanted["password"]})
    url = owner.ask("GET", f"/api/photos/{public_id(HELD['key'])}").json["images"][0]["url"]
    sha256 = hashlib.sha256(b"a").hexdigest()
    files = {"album": "Sea", "files": [{"filename": "l.jpg", "bytes": 1, "sha256": sha256}]}
    owner.ask("POST", "/api/uploads", files)

    def fail(*_: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(library, "photo", fail)
    assert owner.ask("GET", f"/api/photos/{public_id(KEY)}").status == 500
    Client().ask("POST", "/api/session", {"username": "ada", "password": "a wrong password"})
    said = caplog.text + repr([vars(each) for each in caplog.records])
    assert "a bug" in said, "what failed is logged"
    for secret in (
        *(token, url, guest.cookies["guest"], str(owner.token)),
        *(wanted["password"], "a wrong password", "X-Amz-Signature"),
    ):
        assert secret not in said


def test_a_body_that_is_no_text_is_refused(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base64, "b64encode", lambda _: b"//8=")  # what the client would have made of the body
    answer = owner.ask("POST", "/api/status", {"ids": []})
    assert (answer.status, "UTF-8" in answer.json["detail"]) == (422, True)
