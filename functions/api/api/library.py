"""What the routes read of the stack: records, and URLs by which S3 itself answers."""

import json
from collections.abc import Iterable, Mapping, Sequence
from secrets import token_hex
from typing import Any, cast

from api.settings import settings
from safelight.aws_errors import named_errors
from safelight.clients import dynamodb, presigning, sqs, stepfunctions
from safelight.keys import memory_record_id, photo_id
from safelight.people.showing import people_in
from safelight.record import PhotoRecord, UploadEvent
from safelight.table import page_of_records, read_photo, read_records, write_records
from safelight.transactions import Record, Write

HELD_SECONDS = 15 * 60
"""How long the URL of a held photo's picture is good."""

_MOST_EVENTS = 1000


def records(ids: Iterable[str]) -> dict[str, Record]:
    """Return the records that exist, as they are now, by their ids.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    return read_records(dynamodb(), settings().library_table, ids, "Reading the library")


def photo(key: str) -> PhotoRecord | None:
    """Return the record of the photo at `key`, as it is now."""
    return read_photo(dynamodb(), settings().library_table, key)


def photos(keys: Iterable[str]) -> dict[str, PhotoRecord]:
    """Return the records of photos that exist, as they are now, by their keys."""
    found = cast(dict[str, PhotoRecord], records(photo_id(key) for key in keys))
    return {record["key"]: record for record in found.values()}


def page(partition: str, kind: str, limit: int, after: Record | None) -> tuple[list[Record], Record | None]:
    """Return records that the index lists in a `partition`, the last first, and where the page ended."""
    table = settings().library_table
    return page_of_records(dynamodb(), table, partition, kind, limit, after, "Listing the library")


def write(change: Write) -> bool:
    """Write all of `change` or nothing; tell whether it was written."""
    return write_records(dynamodb(), settings().library_table, change, "Writing to the library")


def people_on(record: PhotoRecord) -> list[Record]:
    """Return who is on a photo: `person_id`, `name`, and the `box` of the best face."""
    return people_in([record], lambda ids: list(records(ids).values()))


def memory_of(record: PhotoRecord) -> Record | None:
    """Return the event that a photo belongs to."""
    if not (memory_id := record.get("memory_id")):
        return None
    return records([memory_record_id(memory_id)]).get(memory_record_id(memory_id))


def held_url(key: str) -> str:
    """Return a URL by which whoever has it sees a held rendition for a while."""
    return presigning().generate_presigned_url(
        "get_object",
        Params={"Bucket": settings().renditions_bucket, "Key": key},
        ExpiresIn=HELD_SECONDS,
    )


def send(event: UploadEvent) -> None:
    """Let an event wait for a place in its workflow."""
    with named_errors("Queueing a photo"):
        sqs().send_message(QueueUrl=settings().waiting_uploads_queue, MessageBody=json.dumps(event))


def history(execution: str) -> Sequence[Mapping[str, Any]]:
    """Return the first 1,000 events of an execution; none where it is not known any more, or not yet."""
    with named_errors("Reading the history of an execution"):
        try:
            return stepfunctions().get_execution_history(
                executionArn=execution, maxResults=_MOST_EVENTS, includeExecutionData=False
            )["events"]
        except stepfunctions().exceptions.ExecutionDoesNotExist:
            return []


def begin_export(wish: Mapping[str, Any]) -> str:
    """Begin an export, and return its id, which nobody guesses."""
    id_ = token_hex(16)
    with named_errors("Beginning an export"):
        stepfunctions().start_execution(
            stateMachineArn=settings().export_workflow, name=id_, input=json.dumps(wish)
        )
    return id_


def export(id_: str) -> tuple[str, dict[str, Any]] | None:
    """Return the status of the execution of an export, and what came of it; None where it is not known."""
    arn = f"{settings().export_workflow.replace(':stateMachine:', ':execution:')}:{id_}"
    with named_errors("Looking at an export"):
        try:
            about = stepfunctions().describe_execution(executionArn=arn)
        except stepfunctions().exceptions.ExecutionDoesNotExist:
            return None
    return about["status"], json.loads(about.get("output") or "{}")


def waiting() -> int:
    """Return about how many uploads wait for their place in the workflow."""
    with named_errors("Counting what waits"):
        told = sqs().get_queue_attributes(
            QueueUrl=settings().waiting_uploads_queue,
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )
    return sum(int(number) for number in told["Attributes"].values())
