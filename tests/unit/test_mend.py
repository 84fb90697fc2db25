"""What ended badly in an hour is on record after it, or begun again; all else stays as it is."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from moto.stepfunctions.models import stepfunctions_backends

from mend import executions
from mend.handler import handler
from mend.repair import Work
from safelight import clients
from safelight.errors import ServiceThrottled
from unit.test_admit import Context
from unit.test_recovery import Shop, shop  # noqa: F401 - a fixture

LATE = timedelta(minutes=16)
"""So long after something ended is it settled."""


@pytest.fixture
def stack(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:  # noqa: F811
    outputs = shop.library.outputs
    for workflow in ("PHOTO", "SIDECAR", "REMOVAL", "FAILURE"):
        monkeypatch.setenv(f"{workflow}_WORKFLOW", outputs[f"{workflow.title()}WorkflowArn"])
    monkeypatch.setenv("WAITING_UPLOADS_QUEUE", outputs["WaitingUploadsQueue"])
    monkeypatch.setenv("WAITING_DELETIONS_QUEUE", outputs["WaitingDeletionsQueue"])
    monkeypatch.setenv("STACK", "family")
    for client in (clients.sqs, clients.stepfunctions):
        client.cache_clear()
    yield shop
    for client in (clients.sqs, clients.stepfunctions):
        client.cache_clear()


def run(after: timedelta = LATE, seconds: float = 100) -> Work:
    """Do what the workflow does, `after` what is there has ended."""
    work: Work = {"scheduled_for": (datetime.now(UTC) + after).isoformat()}
    while work.get("left", [None]):
        work = handler(work, Context(seconds))  # type: ignore[misc]
    return work


def ended(shop: Shop, arn: str, status: str = "FAILED", error: str | None = None) -> str:  # noqa: F811
    stepfunctions_backends["123456789012"]["eu-central-1"].describe_execution(arn).error = error
    return shop.end(arn, status)


def waiting(shop: Shop, queue: str = "WaitingUploadsQueue") -> list[Any]:  # noqa: F811
    return [json.loads(message["Body"]) for message in shop.library.peek(queue)]


def handed_on(shop: Shop) -> list[str]:  # noqa: F811
    """Return the executions that the failure workflow was started for."""
    failures = shop.library.stepfunctions
    started = failures.list_executions(stateMachineArn=shop.library.outputs["FailureWorkflowArn"])
    inputs = [failures.describe_execution(executionArn=it["executionArn"]) for it in started["executions"]]
    return [json.loads(it["input"])["detail"]["executionArn"] for it in inputs]


@pytest.mark.parametrize(("status", "claimed"), [("FAILED", True), ("ABORTED", False)])
def test_a_failure_that_nobody_heard_of_is_recorded_once(stack: Shop, status: str, claimed: bool) -> None:
    event = stack.put("x/a.jpg")
    arn = stack.claim(event)[1] if claimed else stack._start("PhotoWorkflowArn", event)
    ended(stack, arn, status, "AccessDenied")
    assert run(timedelta(minutes=14))["recorded"] == 0, "its event may be on its way"
    assert run(timedelta(minutes=76))["recorded"] == 0, "an earlier run had it"
    assert run()["recorded"] == 1
    run()
    assert handed_on(stack) == [arn]
    assert waiting(stack) == []


def test_what_an_outage_ended_is_begun_again_and_ends_well(stack: Shop) -> None:
    failed = stack.fail("x/recorded.jpg")["execution_arn"]
    ended(stack, failed, error="ServiceUnavailable")
    _, lost = stack.claim(stack.put("x/lost.jpg"))
    ended(stack, lost, error="DynamoDB.ThrottlingException")
    ended(stack, stack._start("PhotoWorkflowArn", stack.put("x/unclaimed.jpg")), error="States.Timeout")
    assert run()["revived"] == 3
    assert handed_on(stack) == []
    events = waiting(stack)
    assert [event["revived"] for event in events] == [1, 1, 1]
    for event in events:
        stack.start(event)
    photos = {key: stack.record(f"x/{key}.jpg") for key in ("recorded", "lost", "unclaimed")}
    assert {photo["status"] for photo in photos.values()} == {"ACTIVE"}
    assert run()["revived"] == 0, "others have them now"


def test_the_age_of_the_oldest_photo_at_work_is_counted_once_an_hour(
    stack: Shop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def ages() -> list[float]:
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return [line["AgeOfOldestPhoto"][0] for line in lines if "AgeOfOldestPhoto" in line]

    run()
    assert ages() == [0], "none is at work"
    _, first = stack.claim(stack.put("x/first.jpg"))
    for number in range(3):
        stack.claim(stack.put(f"x/{number}.jpg"))
    execution = stepfunctions_backends["123456789012"]["eu-central-1"].describe_execution(first)
    execution.start_date -= timedelta(minutes=40)
    monkeypatch.setattr(executions, "_LARGEST_PAGE", 2)
    run()
    (age,) = ages()
    assert 2400 <= age < 2460
    handler({"scheduled_for": datetime.now(UTC).isoformat(), "left": []}, Context(100))  # type: ignore[arg-type]
    assert ages() == [], "it goes on with an hour"


def test_twice_is_enough(stack: Shop) -> None:
    for revived in (1, 2):
        event = {**stack.put(f"x/{revived}.jpg"), "revived": revived}
        ended(stack, stack.claim(event)[1], error="ServiceThrottled")
    run()
    assert [(it["detail"]["object"]["key"], it["revived"]) for it in waiting(stack)] == [("x/1.jpg", 2)]
    assert handed_on(stack) == [stack.record("x/2.jpg")["execution_arn"]]


def test_what_waiting_would_not_mend_or_others_have_is_left_alone(stack: Shop) -> None:
    ended(stack, stack.fail("x/denied.jpg")["execution_arn"], error="AccessDenied")
    ended(stack, stack.fail("x/crashed.jpg")["execution_arn"], error="Unforeseen")
    event = stack.put("x/retried.jpg")
    ended(stack, stack.claim(event)[1], error="ServiceUnavailable")
    stack.start({**event, "reprocess": True})
    by_hand = stack.library.stepfunctions.start_execution(
        stateMachineArn=stack.library.outputs["PhotoWorkflowArn"], input="{}"
    )
    ended(stack, by_hand["executionArn"], error="States.Runtime")
    work = run()
    assert (work["recorded"], work["revived"]) == (0, 0)
    assert waiting(stack) == handed_on(stack) == []


def test_sidecars_and_removals_are_begun_again_too(stack: Shop) -> None:
    sidecar = stack.put("x/a.xmp")
    ended(stack, stack._start("SidecarWorkflowArn", sidecar), error="ServiceUnavailable")
    stack.start(stack.put("x/a.jpg"))
    removal: Any = {
        "detail-type": "Object Deleted",
        "detail": {"object": {"key": "x/a.jpg", "sequencer": "0056"}},
    }
    arn = stack._start("RemovalWorkflowArn", removal)
    stack._step("remove", event=removal, execution=arn)
    ended(stack, arn, error="ServiceUnavailable")
    assert run()["revived"] == 2
    assert waiting(stack) == [{**sidecar, "revived": 1}]
    (again,) = waiting(stack, "WaitingDeletionsQueue")
    stack.start(again)
    assert "original" not in stack.record("x/a.jpg")
    assert run()["revived"] == 1, "of the sidecar nobody knows whether it was read; twice does no harm"
    assert handed_on(stack) == []


def test_it_goes_on_where_its_time_or_a_service_ended(stack: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executions, "_PAGE", 1)
    for number in range(3):
        ended(stack, stack.claim(stack.put(f"x/{number}.jpg"))[1], error="ServiceUnavailable")
    assert run(seconds=0)["revived"] == 3
    page_of, answers = executions.page_of, iter([True, True, False])

    def throttled(*given: Any) -> Any:
        if not next(answers, True):
            raise ServiceThrottled("Slow down.")
        return page_of(*given)

    monkeypatch.setattr(executions, "page_of", throttled)
    assert run()["revived"] == 3
