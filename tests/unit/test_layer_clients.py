"""The clients of the functions: each tries once, and ends before the function that waits for it."""

from collections.abc import Callable
from typing import Any

import pytest

from safelight import clients
from safelight.transactions import PATIENCE_SECONDS

CLIENTS = (clients.dynamodb, clients.rekognition, clients.s3, clients.sns, clients.textract)


@pytest.mark.parametrize("make", CLIENTS, ids=lambda make: make.__name__)
def test_a_client_never_retries_by_itself(aws: None, make: Callable[[], Any]) -> None:
    assert make() is make()
    assert make().meta.service_model.service_name == make.__name__
    assert make().meta.config.retries["total_max_attempts"] == 1


def test_a_call_ends_before_its_function_does(aws: None, resources: dict[str, Any]) -> None:
    config: Any = clients.s3().meta.config
    call = config.connect_timeout + config.read_timeout
    timeouts = {
        name: it["Properties"]["Timeout"] for name, it in resources.items() if name.endswith("Function")
    }
    assert call < min(timeouts.values())
    assert PATIENCE_SECONDS + call < min(timeouts["PeopleFunction"], timeouts["MemoriesFunction"])
