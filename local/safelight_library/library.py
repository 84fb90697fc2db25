"""A deployed Safelight stack, on the laptop or on AWS: adds photos, follows them, and reads the library."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from functools import cached_property
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from safelight.errors import SafelightError
from safelight.keys import (
    INDEX_KEY,
    SIDECAR_SUFFIX,
    album_of,
    composed,
    decomposed,
    masters_prefix,
    memory_record_id,
    photo_id,
    renditions_prefix,
    sidecar_keys,
)
from safelight.live import halves_of, live_id_of, without_halves
from safelight.people.showing import people_in
from safelight.record import DeletionEvent, PhotoRecord, UploadedObject, UploadEvent, event_again
from safelight.reviving import is_on_record
from safelight.routing import Workflow, workflow_of
from safelight.stages import stages_of
from safelight.table import list_records, plain_record, read_records
from safelight.transactions import Record
from safelight_library.aws_words import told
from safelight_library.errors import (
    EventNotFound,
    FileUnreadable,
    IndexNotMade,
    PhotoNotFound,
    RemovalFailed,
    StackNotFound,
    UnsafeKey,
    UploadFailed,
)
from safelight_library.handed import events_of, executions_of
from safelight_library.sending import Sender
from safelight_library.uploads import (
    Checksums,
    LeftOut,
    OnCollision,
    Plan,
    Stored,
    Upload,
    is_sidecar,
    planned,
    same_bytes,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef
    from mypy_boto3_stepfunctions import SFNClient

POLL_SECONDS = 0.3

_WORKFLOWS: dict[Workflow, str] = {
    "photo": "PhotoWorkflowArn",
    "sidecar": "SidecarWorkflowArn",
    "removal": "RemovalWorkflowArn",
}
_UPLOADS_AT_ONCE = 8
_PEEKING_SECONDS = 60
_RECORDING_SECONDS = 30
"""How long the workflow may take that records a failure."""

_INDEX_SECONDS = 900
"""How long the function has that makes the index."""


GOING_ON = ("WAITING", "RUNNING")
"""The statuses of an execution that is to end yet."""


class Library:
    """The library of one deployed stack."""

    def __init__(
        self,
        session: boto3.Session,
        stack_name: str,
        endpoint: str | None = None,
        vision_endpoint: str | None = None,
    ) -> None:
        """Find the stack `stack_name` and read its outputs; the endpoints are those of an embedded cloud.

        Raises:
            StackNotFound: there is no such stack, or the credentials do not reach it.
        """
        config = Config(retries={"mode": "standard", "total_max_attempts": 5}, max_pool_connections=32)

        def client(service: str, config: Config = config) -> Any:
            where = {"endpoint_url": endpoint, "region_name": None}
            if service == "rekognition":
                where = {"endpoint_url": vision_endpoint, "region_name": self.outputs.get("VisionRegion")}
            return session.client(service, config=config, **where)  # type: ignore[call-overload]

        try:
            stacks = client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"]
        except (BotoCoreError, ClientError) as error:
            if isinstance(error, ClientError) and error.response["Error"]["Code"] == "ValidationError":
                where = session.region_name or "this region"
                words = (
                    f"There is no stack {stack_name} in {where}. Deploy it, or name another one, or region."
                )
                raise StackNotFound(words) from error
            raise StackNotFound(told(error) or str(error)) from error
        self.outputs: dict[str, str] = {
            output["OutputKey"]: output["OutputValue"] for output in stacks[0].get("Outputs", [])
        }
        self._stack_name = stack_name
        self.places = int(self.outputs["PhotosAtOnce"])
        self.client = client

    @cached_property
    def s3(self) -> "S3Client":
        """The client of Amazon S3, made when it is first used, as the others are."""
        made: S3Client = self.client("s3")
        return made

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        """The client of DynamoDB."""
        made: DynamoDBClient = self.client("dynamodb")
        return made

    @cached_property
    def sqs(self) -> "SQSClient":
        """The client of Amazon SQS."""
        made: SQSClient = self.client("sqs")
        return made

    @cached_property
    def stepfunctions(self) -> "SFNClient":
        """The client of Step Functions."""
        made: SFNClient = self.client("stepfunctions")
        return made

    @cached_property
    def _sender(self) -> Sender:
        return Sender(self.s3, self.outputs["OriginalsBucket"])

    def plan(self, files: Sequence[Upload], album: str, on_collision: OnCollision) -> Plan:
        """Return what is to be done so that `files` are in the library, by what lies in `album` already."""
        keys = self.keys_of([file.key for file in files])
        spelled = [replace(file, key=key) for file, key in zip(files, keys, strict=True)]
        return planned(
            spelled,
            self.originals(album),
            lambda path, other: same_bytes(path, other, self._checksums),
            on_collision,
        )

    def originals(self, album: str | None = None) -> Iterator[Stored]:
        """Yield the originals of an album and its sub-albums, or all, sidecars among them.

        An album is what people read as its name, in any spelling of Unicode.
        """
        nfc, nfd = (spelled(f"{album}/" if album else "") for spelled in (composed, decomposed))
        same = takewhile(lambda pair: pair[0] == pair[1], zip(nfc, nfd, strict=False))
        for original in self._listed(self.outputs["OriginalsBucket"], "".join(one for one, _ in same)):
            if composed(original.key).startswith(nfc):
                yield original

    def renditions(self) -> Iterator[Stored]:
        """Yield all renditions that there are, whether a record names them or not."""
        return self._listed(self.outputs["RenditionsBucket"], renditions_prefix())

    def masters(self) -> Iterator[Stored]:
        """Yield all working masters: each execution deletes its own, unless it failed and was not resumed."""
        return self._listed(self.outputs["RenditionsBucket"], masters_prefix())

    def has_index(self) -> bool:
        """Tell whether there is an index, by which the library is listed and searched."""
        index = self.s3.list_objects_v2(Bucket=self.outputs["RenditionsBucket"], Prefix=INDEX_KEY)
        return "Contents" in index

    def rebuild_index(self) -> tuple[int, list[str]]:
        """Have the index made anew; return of how many records, and the ids of those that cannot be read.

        Raises:
            IndexNotMade: the function failed.
        """
        once = Config(read_timeout=_INDEX_SECONDS, retries={"total_max_attempts": 1})
        answer = self.client("lambda", once).invoke(
            FunctionName=self.outputs["IndexFunction"], Payload=json.dumps({"rebuild": True}).encode()
        )
        kept = json.load(answer["Payload"])
        if "FunctionError" in answer:
            raise IndexNotMade(f"The index could not be made: {kept['errorMessage']}")
        return kept["records"], kept["unreadable"]

    def _listed(self, bucket: str, prefix: str) -> Iterator[Stored]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for page in pages:
            for it in page.get("Contents", []):
                yield Stored(it["Key"], it["Size"], it["ETag"].strip('"'), it["LastModified"])

    def _checksums(self, key: str) -> Checksums:
        try:
            about = self.s3.head_object(Bucket=self.outputs["OriginalsBucket"], Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] != "403":
                raise
            return Checksums(None, etag_is_md5=True)  # of malware S3 tells nobody more
        encrypted = "kms" in about.get("ServerSideEncryption", "")
        return Checksums(about["Metadata"].get("sha256"), not encrypted and "-" not in about["ETag"])

    def upload(self, upload: Upload) -> str | None:
        """Put one file among the originals; return the execution that handled its key until now, if any.

        Raises:
            FileUnreadable: the file cannot be read.
            UploadFailed: S3 refused it; the message says why.
        """
        try:
            before = self.photos_at([upload.key])
            self._sender.send(upload.path, upload.key)
        except (BotoCoreError, ClientError, SafelightError) as error:
            raise UploadFailed(
                f"{upload.path} could not be uploaded: {error}. Give the command again once that is mended; "
                "it goes on where it ended."
            ) from error
        return before[0]["execution_arn"] if before else None

    def process_again(self, photo: PhotoRecord, *, release: bool = False) -> str:
        """Start the photo workflow for a photo that is there, and return the execution.

        `release` says that someone has looked at the photo, and that it may be seen.
        """
        return self.start(event_again(photo, release=release))

    def read_again(self, photo: PhotoRecord) -> str:
        """Let the metadata of a photo be read again, as if a sidecar had come, and return the execution."""
        uploaded: UploadedObject = {"key": f"{photo['key']}{SIDECAR_SUFFIX}", "size": 0, "sequencer": "0"}
        return self.start(
            {"detail": {"bucket": {"name": self.outputs["OriginalsBucket"]}, "object": uploaded}}
        )

    def start(self, event: UploadEvent | DeletionEvent) -> str:
        """Let an event wait for a place in its workflow, and return the execution that will have it."""
        workflow = workflow_of(event)
        queue = "WaitingDeletionsQueue" if workflow == "removal" else "WaitingUploadsQueue"
        sent = self.sqs.send_message(QueueUrl=self.outputs[queue], MessageBody=json.dumps(event))
        executions = self.outputs[_WORKFLOWS[workflow]].replace(":stateMachine:", ":execution:")
        return f"{executions}:{sent['MessageId']}"

    def parameters(self) -> dict[str, str]:
        """Return the parameters that the stack was deployed with, the template's defaults among them."""
        (stack,) = self.client("cloudformation").describe_stacks(StackName=self._stack_name)["Stacks"]
        return {it["ParameterKey"]: it["ParameterValue"] for it in stack["Parameters"]}

    def waiting(self) -> int:
        """Return about how many uploads wait for their place in the workflow."""
        told = self.sqs.get_queue_attributes(
            QueueUrl=self.outputs["WaitingUploadsQueue"],
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )
        return sum(int(number) for number in told["Attributes"].values())

    def peek(self, queue: str) -> list["MessageTypeDef"]:
        """Return the messages of the queue of that output; they stay there."""
        url, found = self.outputs[queue], dict[str, "MessageTypeDef"]()
        while messages := self.sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=_PEEKING_SECONDS,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["DeadLetterQueueSourceArn"],
        ).get("Messages", []):
            found |= {message["MessageId"]: message for message in messages}
        for message in found.values():
            self.sqs.change_message_visibility(
                QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
            )
        return list(found.values())

    def follow(self, keys: Sequence[str], start: Callable[[str], str | None]) -> Iterator[PhotoRecord]:
        """Start photos, no more of which are unfinished than there are places, and yield the record of each.

        `start` returns the execution that it has started for a key, or None where there is nothing to start.
        """
        waiting, running, ends = list(reversed(keys)), dict[str, str](), dict[str, float]()
        while waiting or running:
            while waiting and len(running) < self.places:
                key = waiting.pop()
                if execution := start(key):
                    running[key] = execution
            ended = [key for key, arn in running.items() if self._is_over(key, arn, ends)]
            for key in ended:
                del running[key]
            yield from self.photos_at(ended)
            if running and not ended:
                time.sleep(POLL_SECONDS)

    def _is_over(self, key: str, execution: str, ends: dict[str, float]) -> bool:
        """Tell whether an execution has ended, and of one that failed, whether its photo's record says so.

        `ends` keeps when executions were seen to have failed: after a while nobody waits for the record.
        """
        status = self.execution_status(execution)
        if status in GOING_ON or status == "SUCCEEDED":
            return status == "SUCCEEDED"
        if any(is_on_record(record, execution) for record in self.photos_at([key])):
            return True
        return time.monotonic() > ends.setdefault(execution, time.monotonic() + _RECORDING_SECONDS)

    def ended(self, execution_arn: str) -> str:
        """Wait until an execution has ended, and return its status."""
        while (status := self.execution_status(execution_arn)) in GOING_ON:
            time.sleep(POLL_SECONDS)
        return status

    def add(self, uploads: Sequence[Upload], left_out: list[LeftOut] | None = None) -> Iterator[PhotoRecord]:
        """Upload photos and yield the record of each when the workflow has finished with it.

        Sidecars go up before their photos, so that each photo finds its own, and have no record. A file
        that cannot be read is added to `left_out`.

        Raises:
            UploadFailed: S3 refused a file.
            FileUnreadable: a file cannot be read, and there is no list `left_out`.
        """

        def note(upload: Upload, error: FileUnreadable) -> None:
            if left_out is None:
                raise error
            left_out.append(LeftOut(upload.path, str(error)))

        beside, alone, photos = _companions(uploads)
        waiting = list(reversed(photos))
        handled_before: dict[str, str | None] = {}
        going_up: dict[Future[str | None], Upload] = {}
        ahead = 2 * self.places  # the next are there when places become free, and few are asked for

        def send(photo: Upload) -> str | None:
            for sidecar in beside.get(photo.key, []):
                try:
                    self.upload(sidecar)
                except FileUnreadable as error:
                    note(sidecar, error)
            return self.upload(photo)

        with ThreadPoolExecutor(max_workers=min(_UPLOADS_AT_ONCE, ahead)) as pool:
            for sidecar, sent in [(it, pool.submit(self.upload, it)) for it in alone]:
                try:
                    sent.result()
                except FileUnreadable as error:
                    note(sidecar, error)
            while waiting or going_up or handled_before:
                while waiting and len(going_up) + len(handled_before) < ahead:
                    upload = waiting.pop()
                    going_up[pool.submit(send, upload)] = upload
                for done in wait(going_up, timeout=0).done:
                    upload = going_up.pop(done)
                    try:
                        handled_before[upload.key] = done.result()
                    except FileUnreadable as error:
                        note(upload, error)
                finished = [
                    record
                    for record in self.photos_at(handled_before)
                    if record["execution_arn"] != handled_before[record["key"]] and self.is_finished(record)
                ]
                for record in finished:
                    del handled_before[record["key"]]
                    yield record
                if not finished:
                    time.sleep(POLL_SECONDS)

    def remove(self, keys: Sequence[str]) -> Iterator[str]:
        """Delete originals, and yield the key of each photo when it has left the library.

        With the still of a Live Photo goes its film.

        Raises:
            PhotoNotFound: there is no such photo.
            RemovalFailed: an original could not be deleted, or its removal failed.
        """
        photos = [it for it in self.photos_at(keys) if it["status"] != "REMOVED"]
        if missing := set(keys) - {photo["key"] for photo in photos}:
            raise PhotoNotFound(f"There is no photo {', '.join(sorted(missing))}. Nothing was removed.")
        albums = {photo["album"] for photo in photos if live_id_of(photo)}
        photos += halves_of(photos, [it for each in albums for it in self._photos_of(each)])
        for photo in photos:
            try:
                self.s3.delete_object(Bucket=self.outputs["OriginalsBucket"], Key=photo["key"])
            except (BotoCoreError, ClientError) as error:
                raise RemovalFailed(f"{photo['key']} could not be deleted: {error}") from error
        waiting = {photo["key"]: photo["execution_arn"] for photo in photos}
        while waiting:
            taken = [it for it in self.photos_at(waiting) if it["execution_arn"] != waiting[it["key"]]]
            statuses = {it["key"]: self.execution_status(it["execution_arn"]) for it in taken}
            for record in taken:
                if statuses[record["key"]] in {"FAILED", "TIMED_OUT", "ABORTED"}:
                    raise RemovalFailed(f"The removal of {record['key']} failed: {record['execution_arn']}")
                if statuses[record["key"]] == "SUCCEEDED":
                    del waiting[record["key"]]
                    yield record["key"]
            time.sleep(POLL_SECONDS if waiting else 0)

    def is_finished(self, record: PhotoRecord) -> bool:
        """Tell whether the workflow has nothing more to do for the photo.

        A photo whose announcement failed looks finished until its failure is recorded, so that Step
        Functions is asked; but only where the record says that the end is near.
        """
        if record["status"] in {"FAILED", "REMOVED"}:
            return True
        return "processed_at" in record and self.execution_status(record["execution_arn"]) == "SUCCEEDED"

    def execution_status(self, execution_arn: str) -> str:
        """Return the status of an execution, as Step Functions names it, or `WAITING` for a place."""
        try:
            return self.stepfunctions.describe_execution(executionArn=execution_arn)["status"]
        except self.stepfunctions.exceptions.ExecutionDoesNotExist:
            return "WAITING"

    def photos_at(self, keys: Iterable[str]) -> list[PhotoRecord]:
        """Return the records of the photos at these keys, those that exist, read consistently."""
        return cast(list[PhotoRecord], self.records(photo_id(key) for key in keys))

    def keys_of(self, names: Sequence[str]) -> list[str]:
        """Return the key of the photo, or of its sidecar, that each of `names` stands for.

        Names are `<album>/<filename>`, in any spelling of Unicode; one that no photo has is its own key.
        """
        ambiguous = [name for name in names if not name.isascii()]
        exact = {photo["key"] for photo in self.photos_at(ambiguous) if photo["status"] != "REMOVED"}
        keys: dict[str, str] = {}
        for album in sorted({album_of(name) for name in ambiguous if name not in exact}):
            for photo in self.album(album):
                for key in (*sidecar_keys(photo["key"]), photo["key"]):
                    keys[composed(key)] = key
        return [name if name in exact else keys.get(composed(name), name) for name in names]

    def album(self, album: str) -> list[PhotoRecord]:
        """Return the photos of an album and its sub-albums by time, undated ones last.

        Either spelling of Unicode names the album. Of a Live Photo the still alone is among them.
        """
        albums = sorted(
            {album_of(f"{album}/")} | {album_of(original.key) for original in self.originals(album)}
        )
        photos = [photo for each in albums for photo in without_halves(self._photos_of(each))]
        return sorted(photos, key=lambda photo: photo.get("timeline", ""))

    def records(self, ids: Iterable[str]) -> list[Record]:
        """Return the records with these ids, those that exist, read consistently."""
        table = self.outputs["LibraryTable"]
        return list(read_records(self.dynamodb, table, ids, "Reading the library").values())

    def timeline(self, album: str, kind: str) -> list[Record]:
        """Return an album's records of `kind` ("photo" or "memory") by time, undated ones last."""
        table = self.outputs["LibraryTable"]
        return list_records(self.dynamodb, table, album_of(f"{album}/"), kind, "Listing the album")

    def _photos_of(self, album: str) -> list[PhotoRecord]:
        return [cast(PhotoRecord, it) for it in self.timeline(album, "photo")]

    def photos(self) -> Iterator[PhotoRecord]:
        """Yield the record of every photo but those removed, in no order: a scan of the table."""
        return (photo for photo in self.all_photos() if "timeline" in photo)

    def all_photos(self) -> Iterator[PhotoRecord]:
        """Yield the record of every photo, removed ones too, in no order, read consistently."""
        pages = self.dynamodb.get_paginator("scan").paginate(
            TableName=self.outputs["LibraryTable"],
            ConsistentRead=True,
            FilterExpression="begins_with(id, :photo)",
            ExpressionAttributeValues={":photo": {"S": photo_id("")}},
        )
        return (cast(PhotoRecord, plain_record(item)) for page in pages for item in page["Items"])

    def memories_of(self, photos: Sequence[PhotoRecord]) -> dict[str, Record]:
        """Return the events that `photos` belong to, and the trips of these, by id."""
        events = self._memories({photo["memory_id"] for photo in photos if photo.get("memory_id")})
        return events | self._memories({it["trip_id"] for it in events.values() if "trip_id" in it})

    def _memories(self, ids: set[str]) -> dict[str, Record]:
        found = self.records(memory_record_id(each) for each in sorted(ids))
        return {memory["memory_id"]: memory for memory in found}

    def people_of(self, photos: Sequence[PhotoRecord]) -> list[Record]:
        """Return each person in `photos`: `person_id`, `name`, and `key` and `box` of the best face there."""
        return people_in(photos, self.records)

    def download_renditions(self, photo: PhotoRecord, directory: Path) -> dict[str, Path]:
        """Fetch a photo's renditions into `directory`, at their keys, and return the path of each.

        Raises:
            UnsafeKey: a key would lead out of `directory`.
        """
        paths: dict[str, Path] = {}
        for name, rendition in photo.get("renditions", {}).items():
            paths[name] = path_of(rendition["key"], directory)
            paths[name].parent.mkdir(parents=True, exist_ok=True)
            self.s3.download_file(self.outputs["RenditionsBucket"], rendition["key"], str(paths[name]))
        return paths

    def download_preview(self, photo: PhotoRecord, directory: Path) -> Path | None:
        """Fetch the silent preview of a film that is seen into `directory`, at its key; None of what is none.

        Raises:
            UnsafeKey: its key would lead out of `directory`.
        """
        if "web_copy" not in photo or photo["status"] != "ACTIVE":
            return None
        key = photo["web_copy"]["preview"]
        path = path_of(key, directory)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.s3.download_file(self.outputs["RenditionsBucket"], key, str(path))
        return path

    def events_given(self, function: str, photo: PhotoRecord) -> list[Any]:
        """Return the events that a function got in the photo's execution, and in those that it waited for.

        They are in order, and there is at least one.

        `function` is the function's name in the template, as `sam local invoke` takes it.

        Raises:
            EventNotFound: the stack has no such function, or it got none there.
        """
        resources = self.client("cloudformation").get_paginator("list_stack_resources")
        names = {
            it["LogicalResourceId"]: it["PhysicalResourceId"]
            for page in resources.paginate(StackName=self._stack_name)
            for it in page["StackResourceSummaries"]
            if it["ResourceType"] == "AWS::Lambda::Function"
        }
        if function not in names:
            raise EventNotFound(f"The stack has no function {function}. It has {', '.join(sorted(names))}.")
        history = self._history(photo["execution_arn"])
        for waited_for in executions_of(history):
            history += self._history(waited_for)
        events = events_of(history, names[function])
        if not events:
            raise EventNotFound(
                f"{function} got no event in {photo['execution_arn']}, or its history is gone by now: "
                "AWS keeps it for 90 days, a laptop that of the newest 500."
            )
        return events

    def _history(self, execution_arn: str) -> list[Any]:
        pages = self.stepfunctions.get_paginator("get_execution_history").paginate(executionArn=execution_arn)
        return [event for page in pages for event in page["events"]]

    def seconds_per_state(self, execution_arn: str) -> dict[str, float]:
        """Return how long each state of an execution took, in seconds; a state of a Map, in sum."""
        seconds: dict[str, float] = {}
        pages = self.stepfunctions.get_paginator("get_execution_history").paginate(
            executionArn=execution_arn, includeExecutionData=False
        )
        for stage in stages_of(event for page in pages for event in page["events"]):
            seconds[stage.name] = seconds.get(stage.name, 0.0) + stage.seconds
        return seconds


def _companions(
    uploads: Sequence[Upload],
) -> tuple[dict[str, list[Upload]], list[Upload], list[Upload]]:
    """Return the sidecars of one photo of `uploads` alone, by its key; the other sidecars; and the photos."""
    photos = [it for it in uploads if not is_sidecar(it.key)]
    own = {sidecar_keys(photo.key)[0]: photo.key for photo in photos}
    beside: dict[str, list[Upload]] = {}
    alone = []
    for sidecar in (it for it in uploads if is_sidecar(it.key)):
        if sidecar.key in own:
            beside.setdefault(own[sidecar.key], []).append(sidecar)
        else:
            alone.append(sidecar)
    return beside, alone, photos


def path_of(key: str, directory: Path) -> Path:
    """Return where `key` lies in `directory`.

    Raises:
        UnsafeKey: the dots in it lead out of `directory`.
    """
    path = directory / key
    if not path.resolve().is_relative_to(directory.resolve()):
        raise UnsafeKey(f"{key} leads out of {directory}. Upload it again to an album without dots.")
    return path
