"""Brings back what a stop or a crash of the cloud cut short, from the originals and the library's records.

The embedded AWS ends the executions that were running, as `States.ServiceRestart`, and forgets those that
began after its last checkpoint. Nobody else would start them again.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from safelight.keys import SIDECAR_SUFFIX
from safelight.record import DeletedObject, DeletionEvent, PhotoRecord, UploadEvent, event_again
from safelight_library.library import Library
from safelight_local.cloud.deployment import STACK_NAME

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectTypeDef
    from mypy_boto3_stepfunctions.type_defs import ExecutionListItemTypeDef

_CUT = "States.ServiceRestart"


def resume(library: Library, since: datetime) -> int:
    """Start again what had been cut short before `since`, and wait for it.

    Returns how many executions that were.
    """
    started = [*_other_workflows(library, since), *map(library.start, _photos(library, since))]
    for arn in started:
        library.ended(arn)
    return len(started)


def _other_workflows(library: Library, since: datetime) -> Iterator[str]:
    resources = library.client("cloudformation").get_paginator("list_stack_resources")
    for page in resources.paginate(StackName=STACK_NAME):
        for resource in page["StackResourceSummaries"]:
            workflow = resource.get("PhysicalResourceId", "")
            if ":stateMachine:" in workflow and workflow != library.outputs["PhotoWorkflowArn"]:
                for arn in _cut(library, workflow, since):
                    described = library.stepfunctions.describe_execution(executionArn=arn)
                    yield library.stepfunctions.start_execution(
                        stateMachineArn=workflow, input=described["input"]
                    )["executionArn"]


def _photos(library: Library, since: datetime) -> Iterator[UploadEvent | DeletionEvent]:
    workflow = library.outputs["PhotoWorkflowArn"]
    known = {execution["executionArn"] for execution in _executions(library, workflow)}
    cut = set(_cut(library, workflow, since))
    ours = workflow.replace(":stateMachine:", ":execution:") + ":"
    records = {record["key"]: record for record in library.photos()}
    originals = {original["Key"]: original for original in _originals(library)}
    waiting = {
        json.loads(message["Body"])["detail"]["object"]["key"]
        for message in library.peek("WaitingUploadsQueue")
    }
    for key, original in originals.items():
        record = records.get(key)
        if original["LastModified"] >= since or key in waiting:
            continue  # its own event is on its way
        if record is None or "original" not in record or _is_another(record, original["ETag"]):
            yield _uploaded(library.outputs["OriginalsBucket"], original, record)
        elif (arn := record["execution_arn"]).startswith(ours) and (arn in cut or arn not in known):
            yield event_again(record)
    for key, record in records.items():
        if key not in originals and "sequencer" in record:
            yield _deleted(record)


def _originals(library: Library) -> "Iterator[ObjectTypeDef]":
    pages = library.s3.get_paginator("list_objects_v2").paginate(Bucket=library.outputs["OriginalsBucket"])
    for page in pages:
        for original in page.get("Contents", []):
            if not original["Key"].endswith(("/", SIDECAR_SUFFIX)):
                yield original


def _executions(library: Library, workflow: str) -> "Iterator[ExecutionListItemTypeDef]":
    pages = library.stepfunctions.get_paginator("list_executions").paginate(stateMachineArn=workflow)
    return (execution for page in pages for execution in page["executions"])


def _cut(library: Library, workflow: str, since: datetime) -> Iterator[str]:
    for execution in _executions(library, workflow):
        if execution["status"] == "FAILED" and execution["stopDate"] >= since:
            arn = execution["executionArn"]
            if library.stepfunctions.describe_execution(executionArn=arn).get("error") == _CUT:
                yield arn


def _is_another(record: PhotoRecord, etag: str) -> bool:
    """Tell whether the object is not the one that the record was made of."""
    known = record["original"]["etag"]
    return bool(known) and known != etag.strip('"')


def _uploaded(bucket: str, original: "ObjectTypeDef", record: PhotoRecord | None) -> UploadEvent:
    """Return the event that S3 sent when the original came; the sequencer is a time, as the emulator's is."""
    moment = f"{int(original['LastModified'].timestamp() * 1_000_000):018X}"
    return {
        "detail": {
            "bucket": {"name": bucket},
            "object": {
                "key": original["Key"],
                "size": original["Size"],
                "etag": original["ETag"].strip('"'),
                "sequencer": max(moment, _after(record)) if record and "sequencer" in record else moment,
            },
        }
    }


def _deleted(record: PhotoRecord) -> DeletionEvent:
    deleted: DeletedObject = {"key": record["key"], "sequencer": _after(record)}
    return {"detail-type": "Object Deleted", "detail": {"object": deleted}}


def _after(record: PhotoRecord) -> str:
    """Return the sequencer of the event that follows the one by which a photo was claimed."""
    known = record["sequencer"]
    return f"{int(known, 16) + 1:0{len(known)}X}"
