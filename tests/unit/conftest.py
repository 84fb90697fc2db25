"""Unit tests touch neither the network nor an account; what AWS they need, moto fakes in this process."""

import tempfile
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
import pytest
from moto import mock_aws
from pytest_socket import disable_socket, enable_socket

from contract.definitions import template

if TYPE_CHECKING:
    from unit.api_client import Client, Stack


@pytest.fixture(scope="session", autouse=True)
def _functions_share_a_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Share the reader of AWS models, which took longer than the tests, and leave no file of theirs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("functions")))
        patch.setattr(botocore.session, "create_loader", cache(botocore.session.create_loader))
        yield


@pytest.fixture(autouse=True)
def _no_account_and_no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "unit-tests")
    disable_socket(allow_unix_socket=True)
    yield
    enable_socket()


@pytest.fixture
def aws() -> Iterator[None]:
    """An empty account that is gone after the test."""
    with mock_aws():
        yield


@pytest.fixture(scope="session")
def resources() -> dict[str, Any]:
    """What template.yaml deploys, by name."""
    found: dict[str, Any] = template()["Resources"]
    return found


@pytest.fixture
def library_table(aws: None, resources: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> str:
    """The table of template.yaml, so that the two cannot drift; LIBRARY_TABLE names it."""
    properties = resources["Library"]["Properties"]
    keyed = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
    boto3.client("dynamodb").create_table(
        TableName="library", **{name: properties[name] for name in keyed if name in properties}
    )
    monkeypatch.setenv("LIBRARY_TABLE", "library")
    monkeypatch.setenv("MODERATION", "off")
    monkeypatch.setenv("TAGGING", "off")
    return "library"


@pytest.fixture(scope="module")
def owner(stack: "Stack") -> "Client":
    """The owner of the stack that a file of tests has deployed."""
    return stack.owner()
