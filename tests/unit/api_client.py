"""The API as a caller has it, on a stack of moto's: requests in, answers out."""

import base64
import io
import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.cognitoidp.responses import CognitoIdpResponse
from moto.core.responses import ActionResult
from moto.utilities.utils import load_resource

from api import handler, identity, reading
from api.settings import settings
from contract.definitions import template
from index.keeper import Keeper
from index.settings import Settings as Indexed
from safelight import clients, table
from safelight.attributes import attribute_value
from unit.stack import library_of_moto

SECRET = "what the distribution says"
PASSWORD = "Correct-horse-7"


@dataclass(frozen=True)
class Answer:
    """What the API answers."""

    status: int
    headers: dict[str, str]
    set_cookies: list[str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Client:
    """Somebody who asks the API: with the cookies that it was given, or a token."""

    def __init__(self, token: str | None = None) -> None:
        self.token = token
        self.cookies: dict[str, str] = {}

    def ask(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None
    ) -> Answer:
        """Ask as the distribution does."""
        path, _, query = path.partition("?")
        sent = {"x-safelight-origin": SECRET, "x-safelight": "1", "content-type": "application/json"}
        if self.token:
            sent["authorization"] = f"Bearer {self.token}"
        event = {
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": query,
            "headers": {**sent, **(headers or {})},
            "cookies": [f"{name}={value}" for name, value in self.cookies.items()],
            "queryStringParameters": dict(each.split("=", 1) for each in query.split("&") if each),
            "requestContext": {
                "accountId": "anonymous",
                "domainName": "url.lambda-url.eu-central-1.on.aws",
                "http": {"method": method, "path": path, "sourceIp": "203.0.113.9"},
                "requestId": "request",
                "stage": "$default",
            },
            "isBase64Encoded": body is not None,
        }
        if body is not None:
            event["body"] = base64.b64encode(json.dumps(body).encode()).decode()
        answer = handler.handler(event, None)
        set_cookies = answer.get("cookies", [])
        for name, morsel in SimpleCookie("\r\n".join(set_cookies)).items():
            self.cookies.pop(name, None)
            if morsel.value:
                self.cookies[name] = morsel.value
        headers_of = {name.lower(): str(value) for name, value in answer["headers"].items()}
        return Answer(answer["statusCode"], headers_of, set_cookies, answer.get("body") or "")


class Stack:
    """A stack of moto's with users, and the function's environment."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.library = library_of_moto()
        cognito = boto3.client("cognito-idp")
        policies = template()["Resources"]["Users"]["Properties"]["Policies"]
        self.pool = cognito.create_user_pool(PoolName="users", Policies=policies)["UserPool"]["Id"]
        self.client_id = cognito.create_user_pool_client(
            UserPoolId=self.pool, ClientName="library", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
        )["UserPoolClient"]["ClientId"]
        for group in ("owners", "viewers"):
            cognito.create_group(UserPoolId=self.pool, GroupName=group)
        outputs = self.library.outputs
        for name, value in {
            "LIBRARY_TABLE": outputs["LibraryTable"],
            "ORIGINALS_BUCKET": outputs["OriginalsBucket"],
            "RENDITIONS_BUCKET": outputs["RenditionsBucket"],
            "WAITING_UPLOADS_QUEUE": outputs["WaitingUploadsQueue"],
            "FACE_COLLECTION": "safelight",
            "MAX_FILE_MEGABYTES": "500",
            "CONSOLE_URL": "none",
            "ORIGIN_SECRET": SECRET,
            "USER_POOL": self.pool,
            "USER_POOL_CLIENT": self.client_id,
            "TOKEN_ISSUER": f"https://cognito-idp.eu-central-1.amazonaws.com/{self.pool}",
            "TOKEN_AUDIENCE": self.client_id,
            "TOKEN_GROUPS": "cognito:groups",
            "EXPORT_WORKFLOW": outputs["ExportWorkflowArn"],
            "MAIL_FROM": "none",
        }.items():
            monkeypatch.setenv(name, value)
        keys = json.dumps(load_resource("cognitoidp/resources/jwks-public.json")).encode()
        monkeypatch.setattr(identity, "urlopen", lambda url, timeout: io.BytesIO(keys))
        for made in (settings, identity._keys, reading._copy, table.secret, *_CLIENTS):
            made.cache_clear()

    def put(self, record: dict[str, Any]) -> None:
        """Write a record into the library's table."""
        item = {name: attribute_value(value) for name, value in record.items()}
        boto3.client("dynamodb").put_item(TableName=self.library.outputs["LibraryTable"], Item=item)

    def index(self) -> None:
        """Make the index of the records that are there."""
        outputs = self.library.outputs
        with tempfile.TemporaryDirectory() as folder:
            Keeper(Indexed(outputs["LibraryTable"], outputs["RenditionsBucket"]), Path(folder)).rebuild()
        reading._copy()._asked_at = -reading.FRESH_SECONDS

    def add_user(self, name: str, *groups: str) -> None:
        """Make a user of these groups."""
        cognito = boto3.client("cognito-idp")
        cognito.admin_create_user(UserPoolId=self.pool, Username=name)
        cognito.admin_set_user_password(
            UserPoolId=self.pool, Username=name, Password=PASSWORD, Permanent=True
        )
        for group in groups:
            cognito.admin_add_user_to_group(UserPoolId=self.pool, Username=name, GroupName=group)

    def owner(self) -> Client:
        """Return somebody who asks as the owner."""
        return Client(self.token("ada"))

    def token(self, name: str) -> str:
        """Return an id token of a user."""
        logged_in = boto3.client("cognito-idp").initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
            ClientId=self.client_id,
        )
        token: str = logged_in["AuthenticationResult"]["IdToken"]
        return token


def guest_of(owner: Client, **share: Any) -> Client:
    """Return a guest who has opened a share that the owner has made for it."""
    made = owner.ask("POST", "/api/shares", {"title": "Wedding", **share})
    guest = Client()
    opened = guest.ask("POST", "/api/shares/session", {"token": made.json["url"].removeprefix("/s/")})
    assert opened.status == 200, opened.text
    return guest


def _revoke(asked: Any) -> Any:
    """Revoke a refresh token, as moto does not."""
    for pool in asked.backend.user_pools.values():
        pool.refresh_tokens.pop(asked._get_param("Token"), None)
    return ActionResult({})


@contextmanager
def deployed(records: Iterable[dict[str, Any]] = ()) -> Iterator[Stack]:
    """Have a stack of moto's with these records, and the owner `ada`, for a whole file of tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
            patch.setenv(name, "eu-central-1")
        patch.setattr(CognitoIdpResponse, "revoke_token", _revoke, raising=False)
        with mock_aws():
            stack = Stack(patch)
            for record in records:
                stack.put(record)
            stack.add_user("ada", "owners")
            yield stack


_CLIENTS = (
    clients.cognito,
    clients.dynamodb,
    clients.presigning,
    clients.rekognition,
    clients.s3,
    clients.ses,
    clients.sns,
    clients.sqs,
    clients.stepfunctions,
)
