"""Brings back what stands still in a library; `safelight_library.health` decides what, and how."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError

from safelight.record import PhotoRecord
from safelight.returning import Current, How, deletion_event, upload_event, way_back
from safelight.reviving import is_unfinished
from safelight_library.health import Execution, Finding, Seen
from safelight_library.library import Library

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

SETTLED = timedelta(minutes=15)
"""What is younger is left alone: its events may be on their way."""

_AT_ONCE = 16
_ENDED_BADLY = ("FAILED", "TIMED_OUT", "ABORTED")
_NO_REDRIVE = frozenset(
    {"ExecutionNotRedrivable", "ExecutionDoesNotExist", "InvalidAction", "UnknownOperationException"}
)
_MISSING = frozenset({"404", "NoSuchKey", "NoSuchVersion", "405"})

_Given = TypeVar("_Given")
_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class Undelivered:
    """A message of the queue of undelivered events: the event, whom it was for, and why it did not arrive."""

    message_id: str
    receipt: str
    target: str | None
    body: str
    error: str

    @property
    def about(self) -> str:
        """Say what the event is about: its kind, and the key or the execution."""
        if _stream_failure(self.body):
            return "Changed records: what the index has not heard of"
        try:
            event = json.loads(self.body)
            detail = event.get("detail", {})
            subject = detail.get("object", {}).get("key") or detail.get("executionArn") or "no photo"
            return f"{event.get('detail-type', 'Schedule')}: {subject}"
        except (AttributeError, ValueError):
            return "no event"


class Recovery:
    """What stands still in a library, and the ways back."""

    def __init__(self, library: Library) -> None:
        """Work on the stack of `library`."""
        self._library = library

    def current(self, key: str) -> Current | None:
        """Return the original that lies at `key` now, if there is one."""
        bucket = self._library.outputs["OriginalsBucket"]
        listed = self._library.s3.list_object_versions(Bucket=bucket, Prefix=key, MaxKeys=1)
        for it in listed.get("Versions", []):  # a listing shows what the policy lets nobody read, too
            if it["Key"] == key and it["IsLatest"]:
                return Current(bucket, key, it["Size"], it["ETag"].strip('"'), it["VersionId"])
        return None

    def ways_back(self, photos: Sequence[PhotoRecord]) -> dict[str, How]:
        """Return for each photo how `bring_back` would bring it back."""
        current = _at_once(self.current, [photo["key"] for photo in photos])
        return {photo["key"]: way_back(photo, it) for photo, it in zip(photos, current, strict=True)}

    def bring_back(self, keys: Sequence[str]) -> Iterator[PhotoRecord]:
        """Resume or start again the photos at `keys`, and yield the record of each when it is done.

        A photo whose original is gone is left alone. What is resumed waits in no queue: no more are brought
        back at once than there are places.
        """
        return self._library.follow(keys, self._start)

    def _start(self, key: str) -> str | None:
        photo, current = self._record(key), self.current(key)
        if current is None:
            return None
        if photo and way_back(photo, current) == "redrive":
            try:
                self._library.stepfunctions.redrive_execution(executionArn=photo["execution_arn"])
            except ClientError as error:
                if error.response["Error"]["Code"] not in _NO_REDRIVE:
                    raise
            else:
                return photo["execution_arn"]
        return self._library.start(upload_event(photo, current))

    def _record(self, key: str) -> PhotoRecord | None:
        return next(iter(self._library.photos_at([key])), None)

    def look(self, settled: timedelta = SETTLED) -> Seen:
        """Return what lies in the library, for `health.findings`.

        Objects are listed before records, so that what is published meanwhile is not taken for a stray.
        """
        before = datetime.now(UTC) - settled
        waiting = self._library.waiting()
        made = [*self._library.renditions(), *self._library.masters()]
        originals = list(self._library.originals())
        records = list(self._library.all_photos())
        failed = {each["executionArn"]: _execution(each) for each in self._failed()}
        known = {photo["execution_arn"] for photo in records}
        unfinished = [it["execution_arn"] for it in records if is_unfinished(it)]
        asked = sorted({*unfinished, *(arn for arn in failed if arn not in known)})
        told = [it for it in _at_once(self._described, asked) if it]
        return Seen(
            records, originals, made, {**failed, **{each.arn: each for each in told}}, before, waiting
        )

    def repair(self, found: Sequence[Finding], before: datetime) -> Iterator[Finding]:
        """Mend what was found of the time `before`, and yield each finding that is mended.

        What has mended itself meanwhile counts as mended.
        """
        photos = {each.key: each for each in found if each.repair.startswith("process")}
        for record in self.bring_back(list(photos)):
            if record["status"] != "FAILED":
                yield photos[record["key"]]
        for each in found:
            if each.kind == "stray rendition":
                self._delete_rendition(each.key, before)
                yield each
            elif each.key not in photos and self._is_removed(each.key):
                yield each

    def _delete_rendition(self, key: str, before: datetime) -> None:
        """Delete a rendition or a master, unless it was written anew since."""
        where: Any = {"Bucket": self._library.outputs["RenditionsBucket"], "Key": key}
        try:
            about = self._library.s3.head_object(**where)
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return
            raise
        if about["LastModified"] < before:
            self._library.s3.delete_object(**where)

    def _is_removed(self, key: str) -> bool:
        photo = self._record(key)
        if photo is None or self.current(key):
            return True
        arn = self._library.start(deletion_event(photo))
        return self._library.ended(arn) == "SUCCEEDED"

    def _failed(self) -> Iterator[Mapping[str, Any]]:
        paginator = self._library.stepfunctions.get_paginator("list_executions")
        for status in _ENDED_BADLY:
            workflow = self._library.outputs["PhotoWorkflowArn"]
            for page in paginator.paginate(stateMachineArn=workflow, statusFilter=status):  # type: ignore[arg-type]
                yield from page["executions"]

    def _described(self, arn: str) -> Execution | None:
        try:
            about = self._library.stepfunctions.describe_execution(executionArn=arn)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ExecutionDoesNotExist":
                return None
            raise
        return _execution(about)

    def put_back(self, table: str) -> tuple[int, int]:
        """Put back what the library's table lacks of the records of `table`; return how many of how many.

        `table` is an older state of it, such as point-in-time recovery makes. What is there stays as it is.
        """

        def put(item: Any) -> bool:
            try:
                self._library.dynamodb.put_item(
                    TableName=self._library.outputs["LibraryTable"],
                    Item=item,
                    ConditionExpression="attribute_not_exists(id)",
                )
            except self._library.dynamodb.exceptions.ConditionalCheckFailedException:
                return False
            return True

        back = total = 0
        for page in self._library.dynamodb.get_paginator("scan").paginate(TableName=table):
            done = _at_once(put, page["Items"])
            back, total = back + sum(done), total + len(done)
        return back, total

    def undelivered(self) -> list[Undelivered]:
        """Return the messages of the queue of undelivered events; they stay there."""
        return [_undelivered(message) for message in self._library.peek("UndeliveredEventsQueue")]

    def send_again(self, message: Undelivered) -> bool:
        """Hand an event to the workflow or the queue that it was for; tell whether it could be.

        What the index has not heard of a stream does not say, so the index is made anew.
        It is taken from the queue of undelivered events after that: twice is harmless, never is not.
        """
        service = (message.target or "").split(":")[2:3]
        if service == ["states"]:
            self._library.stepfunctions.start_execution(
                stateMachineArn=str(message.target), input=message.body
            )
        elif service == ["sqs"]:
            name = str(message.target).rpartition(":")[2]
            url = self._library.sqs.get_queue_url(QueueName=name)["QueueUrl"]
            self._library.sqs.send_message(QueueUrl=url, MessageBody=message.body)
        elif service == ["lambda"]:
            self._library.rebuild_index()
        else:
            return False
        self._library.sqs.delete_message(
            QueueUrl=self._library.outputs["UndeliveredEventsQueue"], ReceiptHandle=message.receipt
        )
        return True


def _undelivered(message: "MessageTypeDef") -> Undelivered:
    """Return a message that EventBridge could not deliver, and says why; or that a queue has given up."""
    told = {name: it.get("StringValue") for name, it in message.get("MessageAttributes", {}).items()}
    given_up_by = message.get("Attributes", {}).get("DeadLetterQueueSourceArn")
    why = ": ".join(filter(None, [told.get("ERROR_CODE"), told.get("ERROR_MESSAGE")]))
    if given_up_by:
        why = "its workflow could not be started, however often it was tried"
    target = told.get("TARGET_ARN") or given_up_by
    if failure := _stream_failure(message["Body"]):
        why, target = failure["condition"], failure["functionArn"]
    return Undelivered(
        message["MessageId"],
        message["ReceiptHandle"],
        target,
        message["Body"],
        why or "EventBridge does not say why",
    )


def _stream_failure(body: str) -> dict[str, str] | None:
    """Return which function did not take what a stream said, and why; None of any other message."""
    try:
        told = json.loads(body)
        failure: dict[str, str] | None = told["requestContext"] if "DDBStreamBatchInfo" in told else None
    except (KeyError, TypeError, ValueError):
        return None
    return failure


def _execution(about: Mapping[str, Any]) -> Execution:
    key = None
    if "input" in about:
        try:
            key = json.loads(about["input"])["detail"]["object"]["key"]
        except (KeyError, TypeError, ValueError):
            key = None  # started by hand, without a photo
    return Execution(about["executionArn"], about["status"], about.get("stopDate"), key)


def _at_once(ask: Callable[[_Given], _Answer], given: Iterable[_Given]) -> list[_Answer]:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(ask, given))
