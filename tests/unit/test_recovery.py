"""What stands still is found, and comes back by one command; records are written by the catalog function."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner, Result
from moto.stepfunctions.models import stepfunctions_backends

from catalog.handler import handler
from safelight import clients
from safelight.errors import Superseded
from safelight.record import PhotoRecord
from safelight_library import health, library, recovery
from safelight_library.library import Library
from safelight_local.command import cli, connection
from unit.stack import library_of_moto
from unit.test_catalog import FACTS, TAGGED, VALID, made, rendition

NOW = timedelta(0)


class Shop:
    """A library with a workflow that does what a photo's record sees of it."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.events: list[Any] = []
        self._clock = 0

    def put(self, key: str, body: bytes = b"one") -> Any:
        """Upload an original, and return the event that S3 sends of it."""
        about = self.library.s3.put_object(Bucket="originals", Key=key, Body=body)
        self._clock += 1
        uploaded = {
            "key": key,
            "size": len(body),
            "etag": about["ETag"].strip('"'),
            "version-id": about["VersionId"],
            "sequencer": f"0055AED6DCD9028{self._clock:03d}",
        }
        return {"detail": {"bucket": {"name": "originals"}, "object": uploaded}}

    def _start(self, workflow: str, event: Any) -> str:
        started = self.library.stepfunctions.start_execution(
            stateMachineArn=self.library.outputs[workflow], input=json.dumps(event)
        )
        return started["executionArn"]

    def start(self, event: Any) -> str:
        """Start the workflow of an event, which runs to its end at once."""
        self.events.append(event)
        removes = event.get("detail-type") == "Object Deleted"
        arn = self._start("RemovalWorkflowArn" if removes else "PhotoWorkflowArn", event)
        try:
            if not removes:
                self.publish(event, arn)
            else:
                removal = self._step("remove", event=event, execution=arn)
                for key in removal["renditions"]:
                    self.library.s3.delete_object(Bucket="renditions", Key=key)
                self._step("bury", removal=removal)
        except Superseded:
            pass
        return self.end(arn, "SUCCEEDED")

    def claim(self, event: Any) -> tuple[Any, str]:
        """Let an execution take a photo, and go no further."""
        arn = self._start("PhotoWorkflowArn", event)
        return self._step("claim", event=event, execution=arn), arn

    def publish(self, event: Any, arn: str) -> None:
        claim = self._step("claim", event=event, execution=arn)
        name = f"renditions/any/{event['detail']['object']['etag']}/{claim['key']}"
        self.library.s3.put_object(Bucket="renditions", Key=name, Body=b"pixels")
        first = rendition("small", key=name, placeholder="data:image/webp;base64,AA", facts=FACTS)
        self._step("publish", claim=claim, valid=VALID, developed=None, made=made(first), moderation=None)
        self._step("finish", claim=claim, tagged=TAGGED)

    def end(self, arn: str, status: str) -> str:
        """End an execution, which moto leaves running."""
        execution = stepfunctions_backends["123456789012"]["eu-central-1"].describe_execution(arn)
        execution.status, execution.stop_date = status, datetime.now(UTC)
        return arn

    def fail(self, key: str, error: str = "ServiceUnavailable") -> PhotoRecord:
        """Upload a photo that fails, as the failure workflow records it."""
        _, arn = self.claim(self.put(key))
        self.end(arn, "FAILED")
        return self.record_failure(key, arn, error)

    def record_failure(self, key: str, arn: str, error: str = "ServiceUnavailable") -> PhotoRecord:
        """Do what the failure workflow does."""
        failure = {"error": error, "cause": "why", "step": "TagPhoto", "execution_arn": arn, "at": "now"}
        self.library.dynamodb.update_item(
            TableName="library",
            Key={"id": {"S": f"photo/{key}"}},
            UpdateExpression="SET #status = :failed, failure = :failure",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={
                ":failed": {"S": "FAILED"},
                ":failure": {"M": {name: {"S": value} for name, value in failure.items()}},
            },
        )
        return self.record(key)

    def record(self, key: str) -> PhotoRecord:
        (found,) = self.library.photos_at([key])
        return found

    def found(self, settled: timedelta = NOW) -> list[tuple[str, str]]:
        seen = recovery.Recovery(self.library).look(settled)
        return [(each.kind, each.key) for each in health.findings(seen)]

    def _step(self, step: str, **parts: Any) -> Any:
        return handler({"step": step, "at": datetime.now(UTC).isoformat(), **parts}, None)  # type: ignore[misc]


@pytest.fixture
def shop(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    clients.dynamodb.cache_clear()
    monkeypatch.setenv("LIBRARY_TABLE", "library")
    monkeypatch.setenv("MODERATION", "off")
    monkeypatch.setenv("TAGGING", "off")
    library = library_of_moto()
    made = Shop(library)
    monkeypatch.setattr(library, "start", made.start)
    monkeypatch.setattr(connection, "library_of", lambda _: library)

    def no_redrive(**_: str) -> None:
        raise ClientError(
            {"Error": {"Code": "InvalidAction", "Message": "Unknown action"}}, "RedriveExecution"
        )

    monkeypatch.setattr(library.stepfunctions, "redrive_execution", no_redrive)
    yield made
    clients.dynamodb.cache_clear()


def safelight(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, list(arguments))


def test_a_quiet_library_is_well(shop: Shop) -> None:
    shop.start(shop.put("x/a.jpg"))
    shop.library.s3.put_object(Bucket="originals", Key="x/a.xmp", Body=b"stars")
    shop.library.s3.put_object(Bucket="originals", Key="x/", Body=b"")
    assert shop.found() == []
    told = safelight("doctor", "--older-than", "0")
    assert (told.exit_code, told.stdout) == (0, "All is well.\n")


def test_everything_that_stands_still_is_found_and_mended(shop: Shop) -> None:
    shop.start(shop.put("x/well.jpg"))
    _, arn = shop.claim(shop.put("x/stopped.jpg"))
    shop.end(arn, "ABORTED")
    event = shop.put("x/unrecorded.jpg")
    arn = shop._start("PhotoWorkflowArn", event)
    shop.publish(event, arn)
    shop.end(arn, "FAILED")
    shop.start(shop.put("x/deleted.jpg"))
    shop.library.s3.delete_object(Bucket="originals", Key="x/deleted.jpg")
    shop.put("x/never seen.jpg")
    shop.end(shop._start("PhotoWorkflowArn", shop.put("x/claim failed.jpg")), "FAILED")
    shop.start(shop.put("x/overwritten.jpg"))
    newer = shop.put("x/overwritten.jpg", b"another")
    shop.start(shop.put("x/back.jpg"))
    shop.library.s3.delete_object(Bucket="originals", Key="x/back.jpg")
    shop.start(
        {"detail-type": "Object Deleted", "detail": {"object": {"key": "x/back.jpg", "sequencer": "0056"}}}
    )
    shop.put("x/back.jpg")

    assert shop.found(timedelta(minutes=15)) == [("original gone", "x/deleted.jpg")]
    found = [
        ("no record", "x/back.jpg"),
        ("no record", "x/claim failed.jpg"),
        ("original gone", "x/deleted.jpg"),
        ("no record", "x/never seen.jpg"),
        ("newer original", "x/overwritten.jpg"),
        ("stopped", "x/stopped.jpg"),
        ("unrecorded", "x/unrecorded.jpg"),
    ]
    assert shop.found() == found

    dry = safelight("doctor", "--repair", "--dry-run", "--older-than", "0", "--json")
    assert dry.exit_code == 1
    assert [(each["kind"], each["key"]) for each in json.loads(dry.stdout)] == found
    assert not any(each["mended"] for each in json.loads(dry.stdout))
    assert shop.found() == found

    mended = safelight("doctor", "--repair", "--older-than", "0", "--json")
    assert mended.exit_code == 0, mended.output
    assert all(each["mended"] for each in json.loads(mended.stdout))
    statuses = {photo["key"].removeprefix("x/"): photo["status"] for photo in shop.library.all_photos()}
    assert statuses.pop("deleted.jpg") == "REMOVED"
    assert set(statuses.values()) == {"ACTIVE"}
    assert len(statuses) == 7
    assert shop.record("x/overwritten.jpg")["original"]["etag"] == newer["detail"]["object"]["etag"]
    strays = [key for kind, key in shop.found() if kind == "stray rendition"]
    assert (
        len(strays) == len(shop.found()) == 1
    )  # that of the overwritten photo, which no record names any more
    assert safelight("doctor", "--repair", "--older-than", "0").exit_code == 0
    assert shop.found() == []


def test_the_lost_event_is_still_taken_when_it_comes_after_all(shop: Shop) -> None:
    lost = [shop.put("x/a.jpg"), shop.put("x/a.jpg", b"two")]
    assert safelight("doctor", "--repair", "--older-than", "0").exit_code == 0
    before = shop.record("x/a.jpg")["execution_arn"]
    for event in lost:
        shop.start(event)
    assert shop.record("x/a.jpg")["execution_arn"] != before
    assert shop.record("x/a.jpg")["original"]["version_id"] == lost[1]["detail"]["object"]["version-id"]


def test_no_rendition_is_stray_that_a_photo_may_still_publish(shop: Shop) -> None:
    shop.library.s3.put_object(Bucket="renditions", Key="renditions/old.jpg", Body=b"old")
    shop.library.s3.put_object(Bucket="renditions", Key="masters/an execution", Body=b"master")
    strays = [("stray rendition", "masters/an execution"), ("stray rendition", "renditions/old.jpg")]
    assert sorted(shop.found()) == strays
    shop.fail("x/a.jpg")
    shop.library.s3.put_object(Bucket="renditions", Key="renditions/of a.jpg", Body=b"made before it failed")
    shop.library.s3.put_object(Bucket="renditions", Key="masters/of a.jpg", Body=b"made before it failed")
    assert shop.found() == [], "an execution that failed may be resumed, and need them"
    assert safelight("retry", "--failed").exit_code == 0
    assert ("stray rendition", "renditions/of a.jpg") in shop.found()
    assert ("stray rendition", "masters/of a.jpg") in shop.found()


def test_what_is_written_anew_meanwhile_is_not_deleted(shop: Shop) -> None:
    shop.library.s3.put_object(Bucket="renditions", Key="renditions/a.jpg", Body=b"a")
    recover = recovery.Recovery(shop.library)
    seen = recover.look(timedelta(minutes=-1))
    (stray,) = health.findings(seen)
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    assert list(recover.repair([stray], long_ago)) == [stray]
    assert [each.key for each in shop.library.renditions()] == ["renditions/a.jpg"]
    assert list(recover.repair([stray], seen.before)) == [stray]
    assert list(shop.library.renditions()) == []


def test_failures_are_told_by_class_with_their_remedy(shop: Shop) -> None:
    for key, error in (
        ("x/a.jpg", "ServiceThrottled"),
        ("x/b.jpg", "AccessDenied"),
        ("x/c.jpg", "AccessDenied"),
    ):
        shop.fail(key, error)
    listed = json.loads(safelight("failures", "--json").stdout)
    assert [(each["error"], [it["key"] for it in each["photos"]]) for each in listed] == [
        ("AccessDenied", ["x/b.jpg", "x/c.jpg"]),
        ("ServiceThrottled", ["x/a.jpg"]),
    ]
    told = safelight("failures").stdout
    for expected in (
        "AccessDenied: 2 photos",
        "Grant the permission in template.yaml",
        "TagPhoto",
        "x/a.jpg",
    ):
        assert expected in told


@pytest.mark.parametrize(
    ("arguments", "retried"),
    [
        (["--failed"], ["x/a.jpg", "x/b.jpg"]),
        (["--class", "AccessDenied"], ["x/b.jpg"]),
        (["x/a.jpg"], ["x/a.jpg"]),
        (["--class", "NoSuchError"], []),
    ],
)
def test_one_command_starts_failed_photos_again(shop: Shop, arguments: list[str], retried: list[str]) -> None:
    shop.fail("x/a.jpg", "ServiceThrottled")
    shop.fail("x/b.jpg", "AccessDenied")
    dry = json.loads(safelight("retry", *arguments, "--dry-run", "--json").stdout)
    assert [(each["key"], each["status"]) for each in dry] == [(key, None) for key in retried]
    assert shop.events == []
    done = safelight("retry", *arguments, "--json")
    assert done.exit_code == 0, done.output
    assert [(each["key"], each["status"]) for each in json.loads(done.stdout)] == [
        (key, "ACTIVE") for key in retried
    ]
    assert [event["detail"]["object"]["key"] for event in shop.events] == retried


def test_an_execution_resumes_where_the_cloud_can_and_the_photo_is_the_same(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    same, newer = shop.fail("x/a.jpg"), shop.fail("x/b.jpg")
    shop.put("x/b.jpg", b"another")
    resumed: list[str] = []

    def redrive(executionArn: str) -> None:  # noqa: N803
        resumed.append(executionArn)
        shop.end(executionArn, "SUCCEEDED")

    monkeypatch.setattr(shop.library.stepfunctions, "redrive_execution", redrive)
    safelight("retry", "--failed")
    assert resumed == [same["execution_arn"]]
    assert [event["detail"]["object"]["key"] for event in shop.events] == ["x/b.jpg"]
    assert shop.record("x/b.jpg")["original"]["version_id"] != newer["original"]["version_id"]


def test_a_photo_without_an_original_is_not_started(shop: Shop) -> None:
    shop.fail("x/a.jpg")
    shop.library.s3.delete_object(Bucket="originals", Key="x/a.jpg")
    told = safelight("retry", "--failed")
    assert told.exit_code == 1
    assert "its original is gone" in told.output
    assert shop.events == []
    assert safelight("doctor", "--repair", "--older-than", "0").exit_code == 0
    assert shop.record("x/a.jpg")["status"] == "REMOVED"


def test_retry_wants_to_know_what(shop: Shop) -> None:
    assert safelight("retry").exit_code == 2
    assert safelight("retry", "--failed", "x/a.jpg").exit_code == 2
    told = safelight("retry", "x/none.jpg")
    assert (told.exit_code, "There is no photo x/none.jpg" in told.output) == (1, True)


def test_events_that_were_not_delivered_are_shown_and_sent_again(shop: Shop) -> None:
    queue = shop.library.outputs["UndeliveredEventsQueue"]
    sqs = boto3.client("sqs")
    door = sqs.create_queue(QueueName="door")["QueueUrl"]
    for number, target in enumerate(
        (shop.library.outputs["PhotoWorkflowArn"], "arn:aws:sqs:eu-central-1:123456789012:door", None)
    ):
        event = {"detail-type": "Object Created", **shop.put(f"x/{number}.jpg")}
        attributes: Any = {"ERROR_CODE": {"DataType": "String", "StringValue": "THROTTLING"}}
        if target:
            attributes["TARGET_ARN"] = {"DataType": "String", "StringValue": target}
        sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(event), MessageAttributes=attributes)

    for arguments in ([], ["--send-again", "--dry-run"]):
        shown = safelight("dlq", *arguments)
        assert shown.exit_code == 0, shown.output
        for expected in ("Object Created: x/0.jpg", "THROTTLING", "Photo", "door", "unknown", "waits"):
            assert expected in shown.stdout

    sent = safelight("dlq", "--send-again", "--json")
    assert sent.exit_code == 1
    assert sorted(each["sent"] for each in json.loads(sent.stdout)) == [False, True, True]
    (waiting,) = sqs.receive_message(QueueUrl=door)["Messages"]
    assert json.loads(waiting["Body"])["detail"]["object"]["key"] == "x/1.jpg"
    (execution,) = shop.library.stepfunctions.list_executions(
        stateMachineArn=shop.library.outputs["PhotoWorkflowArn"]
    )["executions"]
    described = shop.library.stepfunctions.describe_execution(executionArn=execution["executionArn"])
    assert json.loads(described["input"])["detail"]["object"]["key"] == "x/0.jpg"
    assert [each["about"] for each in json.loads(safelight("dlq", "--json").stdout)] == [
        "Object Created: x/2.jpg"
    ]


def test_what_the_index_has_not_heard_of_has_it_made_anew(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue, rebuilt = shop.library.outputs["UndeliveredEventsQueue"], list[Any]()
    message = {  # AWS Lambda Developer Guide, "Retain discarded records for a DynamoDB event source"
        "requestContext": {
            "requestId": "316aa6d0-8154-xmpl-9af7-85d5f4a6bc81",
            "functionArn": "arn:aws:lambda:eu-central-1:123456789012:function:index",
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 1,
        },
        "version": "1.0",
        "timestamp": "2026-01-01T00:00:00.000Z",
        "DDBStreamBatchInfo": {"shardId": "shardId-1", "batchSize": 1, "streamArn": "arn:aws:dynamodb:x"},
    }
    boto3.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(message))
    monkeypatch.setattr("safelight_library.library.Library.rebuild_index", lambda self: rebuilt.append(self))
    shown = safelight("dlq")
    for expected in ("Changed records", "RetryAttemptsExhausted", "index"):
        assert expected in shown.stdout
    assert safelight("dlq", "--send-again").exit_code == 0
    assert len(rebuilt) == 1
    assert json.loads(safelight("dlq", "--json").stdout) == []


def test_what_fails_again_is_told_once_its_failure_is_recorded(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = shop.fail("x/a.jpg")["key"]
    again: list[str] = []

    def start(event: Any) -> str:
        again.append(shop.claim(event)[1])
        return shop.end(again[0], "FAILED")

    monkeypatch.setattr(shop.library, "start", start)
    monkeypatch.setattr(library.time, "sleep", lambda _: shop.record_failure(key, again[0]))
    told = safelight("retry", "--failed", "--json")
    assert told.exit_code == 1
    assert [each["status"] for each in json.loads(told.stdout)] == ["FAILED"]


def test_no_more_are_resumed_at_once_than_there_are_places(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [shop.fail(f"x/{number}.jpg")["key"] for number in range(5)]
    going_on: list[str] = []
    most = []

    def redrive(executionArn: str) -> None:  # noqa: N803
        going_on.append(shop.end(executionArn, "RUNNING"))

    def pass_time(_: float) -> None:
        most.append(len(going_on))
        while going_on:
            shop.end(going_on.pop(), "SUCCEEDED")

    monkeypatch.setattr(shop.library.stepfunctions, "redrive_execution", redrive)
    monkeypatch.setattr("safelight_library.library.time.sleep", pass_time)
    assert len(list(recovery.Recovery(shop.library).bring_back(keys))) == 5
    assert most == [2, 2, 1]
