"""The executions that ended badly, and what they are begun again by."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from safelight.aws_errors import named_errors
from safelight.clients import sqs, stepfunctions
from safelight.record import DeletionEvent, UploadEvent
from safelight.reviving import error_of

Status = Literal["FAILED", "TIMED_OUT", "ABORTED"]

_PAGE = 100
_LARGEST_PAGE = 1000
_LONGEST_NAME = 80


@dataclass(frozen=True)
class Ended:
    """An execution as a list has it: its ARN, and when it was started and stopped."""

    arn: str
    started: datetime
    stopped: datetime


def page_of(workflow: str, status: Status, token: str) -> tuple[list[Ended], str]:
    """Return a page of a workflow's executions of a status, the newest first, and the token of the next.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    where: Any = {"nextToken": token} if token else {}
    with named_errors("Listing the executions that ended badly"):
        page = stepfunctions().list_executions(
            stateMachineArn=workflow, statusFilter=status, maxResults=_PAGE, **where
        )
    ended = [Ended(it["executionArn"], it["startDate"], it["stopDate"]) for it in page["executions"]]
    return ended, page.get("nextToken", "")


def oldest_running(workflow: str) -> datetime | None:
    """Return when the execution that has run the longest was started, or redriven; None where none runs.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    oldest, where = None, dict[str, Any]()
    while True:
        with named_errors("Listing the executions that run"):
            page = stepfunctions().list_executions(
                stateMachineArn=workflow, statusFilter="RUNNING", maxResults=_LARGEST_PAGE, **where
            )
        begun = [it.get("redriveDate", it["startDate"]) for it in page["executions"]]
        oldest = min([*begun, *([oldest] if oldest else [])], default=None)
        if not page.get("nextToken"):
            return oldest
        where = {"nextToken": page["nextToken"]}


def about(arn: str) -> tuple[UploadEvent | DeletionEvent | None, str]:
    """Return the event that started an execution, None where it has no object, and the error that ended it.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    with named_errors("Looking at an execution"):
        described = stepfunctions().describe_execution(executionArn=arn)
    error = error_of(described.get("error") or described["status"], described.get("cause", ""))
    try:
        event = json.loads(described["input"])
        event["detail"]["object"]["key"]
    except (KeyError, TypeError, ValueError):
        return None, error  # it was started by hand
    return event, error


def record(failure_workflow: str, ended: Ended) -> None:
    """Have the failure of a photo's execution recorded, and told; once for each time that it ended.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    name = f"{ended.stopped:%Y%m%dT%H%M%S}-{ended.arn.rpartition(':')[2]}"[:_LONGEST_NAME]
    with named_errors("Having a failure recorded"):
        try:
            stepfunctions().start_execution(
                stateMachineArn=failure_workflow,
                name=name,
                input=json.dumps({"detail": {"executionArn": ended.arn}}),
            )
        except stepfunctions().exceptions.ExecutionAlreadyExists:
            return


def send(queue: str, event: UploadEvent | DeletionEvent) -> None:
    """Let an event wait for its place.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    with named_errors("Sending an event"):
        sqs().send_message(QueueUrl=queue, MessageBody=json.dumps(event))
