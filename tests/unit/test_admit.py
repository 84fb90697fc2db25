"""What waits for its workflow starts when there is a place, once, and no more of it at a time."""

import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from moto.stepfunctions.models import stepfunctions_backends

from admit import handler as admit
from admit.executions import Executions, executions_of
from admit.queue import Batch
from safelight import clients
from safelight.errors import Unforeseen
from safelight.routing import workflow_of
from unit.stack import library_of_moto

AT_ONCE = 2


class Context:
    """What Lambda tells a function: it has just begun, and is to end in so many seconds."""

    aws_request_id = "request"

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(self._seconds * 1000)


@pytest.fixture(autouse=True)
def workflows(aws: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    outputs = library_of_moto().outputs
    monkeypatch.setenv("PHOTO_WORKFLOW", outputs["PhotoWorkflowArn"])
    monkeypatch.setenv("SIDECAR_WORKFLOW", outputs["SidecarWorkflowArn"])
    monkeypatch.setenv("REMOVAL_WORKFLOW", outputs["RemovalWorkflowArn"])
    monkeypatch.setenv("PHOTOS_AT_ONCE", str(AT_ONCE))
    clients.stepfunctions.cache_clear()
    executions_of.cache_clear()
    yield outputs
    executions_of.cache_clear()
    clients.stepfunctions.cache_clear()


def event(key: str, kind: str = "Object Created") -> dict[str, Any]:
    return {"detail-type": kind, "detail": {"object": {"key": key}}}


def message(id_: str, key: str = "Sea/a.jpg", kind: str = "Object Created") -> Batch:
    return {"Records": [{"messageId": id_, "body": json.dumps(event(key, kind))}]}


def running(workflow: str) -> list[str]:
    listed = boto3.client("stepfunctions").list_executions(stateMachineArn=workflow, statusFilter="RUNNING")
    return sorted(each["name"] for each in listed["executions"])


def end(workflow: str, name: str) -> None:
    """End an execution, which moto leaves running."""
    arn = f"{workflow.replace(':stateMachine:', ':execution:')}:{name}"
    execution = stepfunctions_backends["123456789012"]["eu-central-1"].describe_execution(arn)
    execution.status, execution.stop_date = "SUCCEEDED", datetime.now(UTC)


@pytest.mark.parametrize(
    ("key", "kind", "workflow"),
    [
        ("Sea/a.jpg", "Object Created", "photo"),
        ("/a.xmp.jpg", "Object Created", "photo"),
        ("Sea/a.xmp", "Object Created", "sidecar"),
        ("Sea/a.jpg", "Object Deleted", "removal"),
    ],
)
def test_each_event_has_its_workflow(key: str, kind: str, workflow: str) -> None:
    assert workflow_of(event(key, kind)) == workflow


def test_an_event_that_is_sent_again_by_hand_has_no_type_and_is_a_photos() -> None:
    assert workflow_of({"detail": {"object": {"key": "Sea/a.jpg"}}, "reprocess": True}) == "photo"


def test_what_has_a_place_starts_under_the_name_of_its_message(workflows: dict[str, str]) -> None:
    assert admit.handler(message("one"), Context(60)) == {"batchItemFailures": []}
    assert admit.handler(message("two", kind="Object Deleted"), Context(60)) == {"batchItemFailures": []}
    assert running(workflows["PhotoWorkflowArn"]) == ["one"]
    assert running(workflows["RemovalWorkflowArn"]) == ["two"]


def test_a_message_that_comes_twice_starts_one_execution(workflows: dict[str, str]) -> None:
    photo = workflows["PhotoWorkflowArn"]
    admit.handler(message("one"), Context(60))
    assert admit.handler(message("one"), Context(60)) == {"batchItemFailures": []}
    end(photo, "one")
    assert admit.handler(message("one"), Context(60)) == {"batchItemFailures": []}
    assert running(photo) == []


def test_no_more_run_than_there_are_places_and_what_has_none_goes_back(workflows: dict[str, str]) -> None:
    photo = workflows["PhotoWorkflowArn"]
    for each in ("one", "two"):
        admit.handler(message(each), Context(60))
    assert admit.handler(message("three"), Context(10.3)) == {
        "batchItemFailures": [{"itemIdentifier": "three"}]
    }
    assert running(photo) == ["one", "two"]
    assert admit.handler(message("gone", kind="Object Deleted"), Context(10.3)) == {"batchItemFailures": []}
    end(photo, "one")
    assert admit.handler(message("three"), Context(60)) == {"batchItemFailures": []}
    assert running(photo) == ["three", "two"]


def test_places_that_others_took_count(workflows: dict[str, str]) -> None:
    photo = workflows["PhotoWorkflowArn"]
    for name in ("by-hand", "by-another"):
        boto3.client("stepfunctions").start_execution(stateMachineArn=photo, name=name, input="{}")
    admit.handler(message("one"), Context(10.3))
    assert running(photo) == ["by-another", "by-hand"]


def test_two_functions_fill_no_more_places_than_there_are(workflows: dict[str, str]) -> None:
    photo = workflows["PhotoWorkflowArn"]
    one, other = Executions(photo, 4), Executions(photo, 4)
    assert other.wait_for_room(0)
    other.start("first", "{}")
    for number in range(4):
        if one.wait_for_room(0):
            one.start(str(number), "{}")
    assert not other.wait_for_room(0)
    assert running(photo) == ["0", "1", "2", "first"]


def test_what_a_list_does_not_have_yet_counts(
    workflows: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(**_: Any) -> dict[str, list[str]]:
        return {"executions": []}

    monkeypatch.setattr(clients.stepfunctions(), "list_executions", nothing)
    for each in ("one", "two", "three"):
        admit.handler(message(each), Context(11.5))
    assert running(workflows["PhotoWorkflowArn"]) == ["one", "two"]


@pytest.mark.parametrize("body", ["", "[]", '{"detail": {}}'])
def test_what_is_no_event_of_an_object_starts_nothing(body: str) -> None:
    with pytest.raises(Unforeseen):
        admit.handler({"Records": [{"messageId": "one", "body": body}]}, Context(60))
