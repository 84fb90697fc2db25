"""Dropbox's webhook: who is heard, and how a storm becomes one execution."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from safelight import clients
from webhook import hook
from webhook.handler import handler

KEYS = {"app_key": "app", "app_secret": "hush", "refresh_token": "lasting", "account_id": "dbid:ada"}
WAITING = {"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 900, "End": True}}}
BODY = json.dumps({"list_folder": {"accounts": ["dbid:bob", "dbid:ada"]}})


@pytest.fixture
def stack(library_table: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    for name in ("sqs", "dynamodb", "secretsmanager", "stepfunctions"):
        getattr(clients, name).cache_clear()
    hook._keys.cache_clear()
    workflow = boto3.client("stepfunctions").create_state_machine(
        name="dropbox", definition=json.dumps(WAITING), roleArn="arn:aws:iam::123456789012:role/x"
    )["stateMachineArn"]
    secret = boto3.client("secretsmanager").create_secret(Name="keys", SecretString=json.dumps(KEYS))["ARN"]
    made = {
        "CHANGES_QUEUE": boto3.client("sqs").create_queue(QueueName="changes")["QueueUrl"],
        "DROPBOX_WORKFLOW": workflow,
        "DROPBOX_SECRET": secret,
    }
    for name, value in made.items():
        monkeypatch.setenv(name, value)
    yield made
    for name in ("sqs", "dynamodb", "secretsmanager", "stepfunctions"):
        getattr(clients, name).cache_clear()


def request(method: str, body: str = "", signature: str = "", **query: str) -> dict[str, Any]:
    event = {
        "requestContext": {"http": {"method": method}},
        "headers": {"x-dropbox-signature": signature},
        "queryStringParameters": query,
        "body": body,
    }
    return handler(event, None)


def signed(body: str) -> str:
    return hmac.new(b"hush", body.encode(), hashlib.sha256).hexdigest()


def waiting(stack: dict[str, str]) -> list[Any]:
    found = boto3.client("sqs").receive_message(QueueUrl=stack["CHANGES_QUEUE"], MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in found.get("Messages", [])]


def test_the_challenge_is_echoed_as_text(stack: dict[str, str]) -> None:
    answer = request("GET", challenge="<b>abc</b>")
    assert (answer["statusCode"], answer["body"]) == (200, "<b>abc</b>")
    assert answer["headers"] == {"Content-Type": "text/plain", "X-Content-Type-Options": "nosniff"}
    assert request("GET")["statusCode"] == 405


def test_only_what_dropbox_has_signed_of_our_account_is_heard(stack: dict[str, str]) -> None:
    assert request("POST", BODY, signed(BODY))["statusCode"] == 200
    assert waiting(stack) == [{"detail-type": "Dropbox has changed", "detail": {}}]
    assert request("POST", BODY, signed(BODY + " "))["statusCode"] == 403
    assert request("POST", BODY, "ü")["statusCode"] == 403
    other = '{"list_folder": {"accounts": ["dbid:bob"]}}'
    for body in (other, "{}", "[]", "no JSON"):
        assert request("POST", body, signed(body))["statusCode"] == 200
    assert waiting(stack) == []


def test_nothing_is_heard_before_a_dropbox_is_connected(stack: dict[str, str]) -> None:
    boto3.client("secretsmanager").put_secret_value(SecretId=stack["DROPBOX_SECRET"], SecretString="{}")
    assert request("POST", BODY, signed(BODY))["statusCode"] == 403


def records(*ids: str, **body: Any) -> dict[str, Any]:
    return {"Records": [{"messageId": id_, "body": json.dumps(body)} for id_ in ids]}


def test_a_storm_is_one_execution_and_what_comes_meanwhile_waits(stack: dict[str, str]) -> None:
    workflows = boto3.client("stepfunctions")
    files = [{"id": "id:1", "rev": "r", "size": 1, "name": "a.jpg"}]
    assert handler(records("m1", "m2", files=files), None) == {"batchItemFailures": []}
    assert handler(records("m1", "m2", files=files), None) == {"batchItemFailures": []}, "a repetition"
    (run,) = workflows.list_executions(stateMachineArn=stack["DROPBOX_WORKFLOW"])["executions"]
    told = json.loads(workflows.describe_execution(executionArn=run["executionArn"])["input"])
    assert told == {"files": files * 2}
    back = handler(records("m3", "m4"), None)
    assert back == {"batchItemFailures": [{"itemIdentifier": "m3"}, {"itemIdentifier": "m4"}]}
    workflows.stop_execution(executionArn=run["executionArn"])
    assert handler(records("m3", "m4"), None) == {"batchItemFailures": []}
    assert len(workflows.list_executions(stateMachineArn=stack["DROPBOX_WORKFLOW"])["executions"]) == 2


def test_an_execution_that_could_not_be_started_holds_nobody_up(stack: dict[str, str]) -> None:
    gone = stack["DROPBOX_WORKFLOW"].replace(":stateMachine:", ":execution:") + ":never"
    item = {"id": {"S": "dropbox/run"}, "execution": {"S": gone}}
    boto3.client("dynamodb").put_item(TableName="library", Item=item)
    assert handler(records("m1"), None) == {"batchItemFailures": []}
