"""The clients of the functions: each tries once, and ends before the function that waits for it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import HTTPClientError

from safelight import clients
from safelight.aws_errors import named_errors
from safelight.errors import ServiceUnavailable
from safelight.table import read_photo
from safelight.transactions import PATIENCE_SECONDS

CLIENTS = (clients.dynamodb, clients.rekognition, clients.s3, clients.sns, clients.textract)


@pytest.mark.parametrize("make", CLIENTS, ids=lambda make: make.__name__)
def test_a_client_never_retries_by_itself(aws: None, make: Callable[[], Any]) -> None:
    assert make() is make()
    assert make().meta.service_model.service_name == make.__name__
    assert make().meta.config.retries["total_max_attempts"] == 1


def test_the_vision_services_are_asked_in_their_region(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISION_REGION", "eu-west-1")
    for make in (clients.rekognition, clients.textract):
        make.cache_clear()
        assert make().meta.region_name == "eu-west-1"
        make.cache_clear()
    assert clients.s3().meta.region_name != "eu-west-1"


def test_a_call_ends_before_its_function_does(aws: None, resources: dict[str, Any]) -> None:
    config: Any = clients.s3().meta.config
    call = config.connect_timeout + config.read_timeout
    timeouts = {
        name: it["Properties"]["Timeout"] for name, it in resources.items() if name.endswith("Function")
    }
    assert call < min(timeouts.values())
    assert PATIENCE_SECONDS + call < min(timeouts["PeopleFunction"], timeouts["MemoriesFunction"])


class Cut:
    """A reply that ends early, though its length says nothing of that."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> list[bytes]:
        return [self._body]


@pytest.fixture
def answered() -> Iterator[Callable[[bytes], Any]]:
    """Let DynamoDB answer these bytes."""
    clients.dynamodb.cache_clear()
    client = clients.dynamodb()

    def answer(body: bytes) -> Any:
        client.meta.events.register(
            "before-send", lambda request, **_: AWSResponse(request.url, 200, {}, Cut(body))
        )
        return client

    yield answer
    clients.dynamodb.cache_clear()


@pytest.mark.parametrize("body", [b"", b'{"Item": {"id": {"S": "faces/', b"<html>"])
def test_a_torn_answer_is_not_an_empty_one(answered: Callable[[bytes], Any], body: bytes) -> None:
    client = answered(body)
    with pytest.raises(HTTPClientError, match="torn"):
        client.get_item(TableName="library", Key={"id": {"S": "faces/x"}})
    with pytest.raises(ServiceUnavailable), named_errors("Reading"):
        client.get_item(TableName="library", Key={"id": {"S": "faces/x"}})
    with pytest.raises(ServiceUnavailable):
        read_photo(client, "library", "a/b.jpg")


def test_an_answer_without_a_record_is_whole(answered: Callable[[bytes], Any]) -> None:
    assert "Item" not in answered(b"{}").get_item(TableName="library", Key={"id": {"S": "faces/x"}})
