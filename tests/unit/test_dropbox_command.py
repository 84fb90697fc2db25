"""`safelight dropbox connect`: what it keeps, and what nobody sees."""

import json
from typing import Any

import pytest
from click.testing import CliRunner
from pytest_socket import enable_socket

from dropbox_server import KEYS, serving  # before what imports the SDK
from safelight.keys import DROPBOX_CURSOR_ID
from safelight_local.command.cli import main
from unit.stack import library_of_moto


def test_a_stack_that_follows_no_dropbox_says_how(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safelight_local.command.connection.library_of", lambda _: library_of_moto())
    told = CliRunner().invoke(main, ["dropbox", "connect", "--app-key", "app"])
    assert told.exit_code == 1
    assert "Dropbox=on" in told.output


def test_the_keys_are_kept_and_never_shown(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    library = library_of_moto()
    secrets: Any = library.client("secretsmanager")
    library.outputs |= {
        "DropboxWebhookUrl": "https://hook.example/",
        "DropboxSecretArn": secrets.create_secret(Name="dropbox", SecretString="{}")["ARN"],
        "DropboxChangesQueue": library.sqs.create_queue(QueueName="changes")["QueueUrl"],
    }
    library.dynamodb.put_item(TableName="library", Item={"id": {"S": DROPBOX_CURSOR_ID}})
    monkeypatch.setattr("safelight_local.command.connection.library_of", lambda _: library)
    enable_socket()
    with serving() as (_, certificate):
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        given = f"{KEYS['app_key']}\n{KEYS['app_secret']}\nc0de-of-dropbox\n"
        told = CliRunner().invoke(main, ["dropbox", "connect"], input=given)
        assert told.exit_code == 0, told.output
        wrong = CliRunner().invoke(
            main, ["dropbox", "connect"], input=given.replace("c0de-of-dropbox", "another")
        )
    assert wrong.exit_code == 1
    assert "does not take this code" in wrong.output
    assert "https://www.dropbox.com/oauth2/authorize?" in told.output
    assert "token_access_type=offline" in told.output
    assert "https://hook.example/" in told.output
    assert not [
        each for each in ("hush", "c0de-of-dropbox", KEYS["refresh_token"], "short-") if each in told.output
    ]
    kept = secrets.get_secret_value(SecretId=library.outputs["DropboxSecretArn"])["SecretString"]
    assert json.loads(kept) == KEYS
    assert library.records([DROPBOX_CURSOR_ID]) == []
    told_queue = library.sqs.receive_message(QueueUrl=library.outputs["DropboxChangesQueue"])
    assert len(told_queue["Messages"]) == 1
