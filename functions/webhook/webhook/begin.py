"""Starts the workflow that looks what has changed, unless it runs: then what was heard waits."""

import json
from collections.abc import Sequence
from typing import Any

from safelight.aws_errors import named_errors
from safelight.clients import dynamodb, stepfunctions
from safelight.observability import logger
from safelight.table import read_records
from webhook.settings import Settings

_RUN = "dropbox/run"
"""The record that says which execution looks, or looked last: of two that start one, one alone writes it."""


def taken(settings: Settings, records: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Start one execution for all messages, or give them back; files that they name are fetched again.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    files = [file for record in records for file in json.loads(record["body"]).get("files", [])]
    name = records[0]["messageId"]
    if not _is_free(settings, f"{settings.dropbox_workflow.replace(':stateMachine:', ':execution:')}:{name}"):
        logger().info("dropbox is being looked at")
        return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in records]}
    with named_errors("Starting to look at Dropbox"):
        stepfunctions().start_execution(
            stateMachineArn=settings.dropbox_workflow, name=name, input=json.dumps({"files": files})
        )
    return {"batchItemFailures": []}


def _is_free(settings: Settings, execution: str) -> bool:
    """Take the place of the execution that looked last, and tell whether it could be taken."""
    found = read_records(dynamodb(), settings.library_table, [_RUN], "Reading who looks at Dropbox")
    last = found[_RUN]["execution"] if _RUN in found else None
    if last and last != execution and _runs(last):
        return False
    condition: Any = {"ConditionExpression": "attribute_not_exists(id)"}
    if last:
        condition = {
            "ConditionExpression": "execution = :last",
            "ExpressionAttributeValues": {":last": {"S": last}},
        }
    try:
        with named_errors("Taking the place of who looked at Dropbox"):
            dynamodb().put_item(
                TableName=settings.library_table,
                Item={"id": {"S": _RUN}, "execution": {"S": execution}},
                **condition,
            )
    except dynamodb().exceptions.ConditionalCheckFailedException:
        return False
    return True


def _runs(execution: str) -> bool:
    try:
        with named_errors("Looking whether Dropbox is being looked at"):
            status = stepfunctions().describe_execution(executionArn=execution)["status"]
    except stepfunctions().exceptions.ExecutionDoesNotExist:
        return False
    return status == "RUNNING"
