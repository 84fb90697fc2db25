"""The message about a photo: a person can read it, a filter can sort it, and SNS takes it."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clamd import daemon
from notify import message
from notify.handler import Event, handler
from notify.message import message_of, subject_of
from safelight.attributes import attribute_value
from safelight.errors import MalwareFound, Misconfigured
from safelight.record import Label, PhotoRecord, StoredRendition, Tags, Verdict
from validate.scan import check_clean

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The test file of EICAR, which every scanner finds and which harms nothing (eicar.org)."""
EXECUTION = "arn:aws:states:eu-central-1:123456789012:execution:photo:1"


def label(name: str, confidence: float = 90.0) -> Label:
    return {"name": name, "confidence": confidence, "parents": [], "categories": [], "instances": []}


def stored(name: str, width: int) -> StoredRendition:
    return {
        "key": "k",
        "url": f"https://photos.example/{name}.webp",
        "width": width,
        "height": width * 3 // 4,
        "bytes": 1,
        "media_type": "image/webp",
    }


PASSED: Verdict = {"verdict": "passed", "labels": [], "model": "m", "reason": ""}
TAGS: Tags = {
    "labels": [label("Dog"), label("Beach")],
    "moderation": PASSED,
    "calls": {},
    "owed": False,
}
ACTIVE: PhotoRecord = {
    "id": "photo/trips/Zürich/é b.jpg",
    "status": "ACTIVE",
    "key": "trips/Zürich/é b.jpg",
    "album": "trips/Zürich",
    "filename": "é b.jpg",
    "execution_arn": EXECUTION,
    "claimed_at": "2026-11-27T10:00:00.250Z",
    "published_at": "2026-11-27T10:00:04Z",
    "photo": {
        "format": "JPEG",
        "media_type": "image/jpeg",
        "width": 4000,
        "height": 3000,
        "bytes": 5_432_100,
    },
    "renditions": {"large": stored("large", 2048), "small": stored("small", 640)},
    "taken_at": "2024-05-03T10:11:12",
    "tags": TAGS,
    "memory_id": "abc",
}
REJECTED: PhotoRecord = {
    "id": "photo/x.jpg",
    "status": "REJECTED",
    "key": "x.jpg",
    "album": "unfiled",
    "filename": "x.jpg",
    "execution_arn": EXECUTION,
    "rejection": {"reason": "TruncatedFile", "message": "The file ends at 12 bytes."},
}


def test_an_active_photo() -> None:
    made = message_of(ACTIVE)
    assert made.subject == "Photo ready: e b.jpg"
    assert made.body == (
        "é b.jpg is in your library.\n"
        "\n"
        "Album:  trips/Zürich\n"
        "Size:   4000 x 3000 pixels, 5.4 MB\n"
        "Taken:  3 May 2024, 10:11\n"
        "Shows:  Dog, Beach\n"
        "Memory: abc\n"
        "\n"
        "See it:\n"
        "  small (640 x 480): https://photos.example/small.webp\n"
        "  large (2048 x 1536): https://photos.example/large.webp\n"
    )
    assert made.texts == {"status": "ACTIVE", "album": "trips/Zürich"}
    assert made.lists == {"labels": ["Dog", "Beach"]}


def test_a_photo_of_which_nothing_more_is_known() -> None:
    bare: PhotoRecord = {
        "id": "photo/k",
        "status": "ACTIVE",
        "key": "k",
        "album": "a",
        "filename": "f.jpg",
        "execution_arn": EXECUTION,
        "taken_at": None,
    }
    made = message_of(bare)
    assert made.lists == {}
    assert "Taken:  the photo does not say" in made.body
    assert "Shows" not in made.body and "Memory" not in made.body and "None" not in made.body


def test_a_rejected_photo_says_what_is_wrong_and_what_to_do() -> None:
    made = message_of(REJECTED)
    assert made.subject == "Photo rejected: x.jpg"
    assert "What is wrong: The file ends before its image or film does" in made.body
    assert "What to do:    It was probably cut short" in made.body
    assert "In detail:     The file ends at 12 bytes.\n" in made.body
    assert made.texts == {"status": "REJECTED", "album": "unfiled", "reason": "TruncatedFile"}


def test_a_held_photo_says_why_and_shows_no_address() -> None:
    found: Any = [{"name": name, "parent": "", "confidence": 90.0} for name in ("Violence", "Weapons")]
    tags: Tags = {"moderation": {**PASSED, "verdict": "held", "labels": found}, "calls": {}, "owed": False}
    made = message_of({**ACTIVE, "status": "HELD", "tags": tags})
    assert made.subject == "Photo held: e b.jpg"
    assert "Why:        Violence, Weapons\n" in made.body
    assert "trips/Zürich/é b.jpg" in made.body
    assert "https://" not in made.body
    assert made.texts["status"] == "HELD"


@pytest.mark.parametrize("said", ["plain words", '["json"]', "{broken", ""])
def test_a_message_in_any_form(said: str) -> None:
    assert said in message_of({**REJECTED, "rejection": {"reason": "Infected", "message": said}}).body


@pytest.mark.parametrize(
    ("filename", "subject"),
    [
        ("a.jpg", "Photo ready: a.jpg"),
        ("Zürich Ænigma.jpg", "Photo ready: Zurich ?nigma.jpg"),
        ("写真.heic", "Photo ready: a photo.heic"),
        ("写真", "Photo ready: a photo"),
        ("a\r\nBcc: b@c.d.jpg", "Photo ready: a??Bcc: b@c.d.jpg"),
        ("x" * 200 + ".jpeg", "Photo ready: " + "x" * 40 + "..." + "x" * 38 + ".jpeg"),
    ],
)
def test_subjects(filename: str, subject: str) -> None:
    assert subject_of("Photo ready: ", filename) == subject


ANY_TEXT = st.text(max_size=300)


@given(ANY_TEXT, ANY_TEXT, st.lists(ANY_TEXT, max_size=150), st.sampled_from([ACTIVE, REJECTED]))
def test_no_name_makes_a_message_that_sns_refuses(
    name: str, album: str, labels: list[str], photo: PhotoRecord
) -> None:
    tags: Tags = {**TAGS, "labels": [label(each) for each in labels]}
    made = message_of({**photo, "filename": name, "album": album, "tags": tags})
    assert len(made.subject) < 100 and made.subject.isascii() and made.subject.isprintable()
    attributes = json.dumps([dict(made.texts), dict(made.lists)])
    assert len(made.body.encode()) + len(attributes.encode()) <= 256 * 1024
    assert all(made.texts.values())
    for shown in (made.body, *made.texts.values(), *made.lists.get("labels", [])):
        assert not any(character < " " and character != "\n" for character in shown)


def test_a_name_cannot_add_lines_to_the_body() -> None:
    tricked = message_of({**ACTIVE, "filename": "a.jpg\nAlbum: yours", "album": "b\u2028c"})
    assert len(tricked.body.splitlines()) == len(message_of(ACTIVE).body.splitlines())


def test_a_body_without_end_is_cut_at_a_line() -> None:
    many = {f"{number:03}" + "é" * 900: stored("large", number) for number in range(300)}
    body = message_of({**ACTIVE, "renditions": many}).body
    assert 190 * 1024 < len(body.encode()) <= message.MAX_BODY_BYTES
    assert body.endswith(".webp\n")


@pytest.fixture
def inbox(library_table: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    sns, sqs = boto3.client("sns"), boto3.client("sqs")
    arn = sns.create_topic(Name="photos")["TopicArn"]
    url = sqs.create_queue(QueueName="inbox")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"status": ["ACTIVE"], "labels": ["Dog"]})
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue, Attributes={"FilterPolicy": policy})
    monkeypatch.setenv("NOTIFICATION_TOPIC_ARN", arn)
    alerts = sns.create_topic(Name="alerts")["TopicArn"]
    sns.subscribe(TopicArn=alerts, Protocol="sqs", Endpoint=queue)
    monkeypatch.setenv("ALERTS_TOPIC_ARN", alerts)
    monkeypatch.setenv("LIBRARY_TABLE", library_table)
    monkeypatch.setenv("STACK", "family")
    monkeypatch.setenv("DIGEST_QUEUE", "none")

    def read() -> list[dict[str, Any]]:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(one["Body"]) for one in found]

    return read


def keep(photo: PhotoRecord) -> Event:
    """Put a record into the table, and return what the workflow sends."""
    boto3.client("dynamodb").put_item(TableName="library", Item=attribute_value(photo)["M"])
    return {"key": photo["key"], "execution": EXECUTION, "uploaded_at": "2026-11-27T09:59:58Z"}


def test_one_message_is_published_and_filters_find_it(inbox: Any) -> None:
    handler(keep(REJECTED), None)
    handler(keep({**ACTIVE, "tags": {**TAGS, "labels": [label("Cat")]}}), None)
    assert handler(keep(ACTIVE), None) == {"status": "ACTIVE"}
    [received] = inbox()
    assert received["Subject"] == "Photo ready: e b.jpg"
    assert received["Message"] == message_of(ACTIVE).body
    assert received["MessageAttributes"]["labels"] == {"Type": "String.Array", "Value": '["Dog", "Beach"]'}


def test_malware_is_told_to_who_is_on_call_and_nothing_else_is(inbox: Any, tmp_path: Path) -> None:
    """EICAR's file, as ClamAV judges it: the rejection is the one that validation raises."""
    (file := tmp_path / "x.jpg").write_bytes(EICAR)
    with (
        daemon(
            tmp_path, lambda data: b"stream: Eicar-Test FOUND\0" if data == EICAR else b"stream: OK\0"
        ) as clamd,
        pytest.raises(MalwareFound) as found,
    ):
        check_clean(file, "x.jpg", clamd)
    infected = {"reason": found.type.__name__, "message": str(found.value)}
    handler(keep(REJECTED), None)
    assert inbox() == []
    event = keep({**REJECTED, "rejection": infected})  # type: ignore[typeddict-item]
    assert handler(event, None) == {"status": "REJECTED"}
    [received] = inbox()
    assert received["MessageAttributes"]["reason"]["Value"] == "MalwareFound"
    assert "Eicar-Test" in received["Message"]
    assert "Delete the original" in received["Message"]


def test_a_photo_is_counted_for_its_stack(inbox: Any, capsys: pytest.CaptureFixture[str]) -> None:
    counted: dict[tuple[str, ...], float] = {}
    handler(keep(REJECTED), None)
    handler(keep({**ACTIVE, "tags": {**TAGS, "owed": True}}), None)
    for line in capsys.readouterr().out.splitlines():
        if "_aws" in (told := json.loads(line)):
            (group,) = told["_aws"]["CloudWatchMetrics"]
            assert (group["Namespace"], told["service"], told["execution"]) == (
                "Safelight",
                "family",
                EXECUTION,
            )
            for dimensions in group["Dimensions"]:
                where = tuple(told[it] for it in sorted(dimensions) if it != "service")
                counted |= {(it["Name"], *where): told[it["Name"]][0] for it in group["Metrics"]}
    assert counted == {
        ("Photos", "REJECTED"): 1,
        ("Rejected", REJECTED["rejection"]["reason"]): 1,
        ("Photos", "ACTIVE"): 1,
        ("Bytes",): 5_432_100,
        ("SecondsToActive",): 3.75,
        ("SecondsFromUpload",): 6,
        ("OwedTags",): 1,
    }


def test_a_photo_that_another_execution_has_is_left_to_it(inbox: Any) -> None:
    event = keep({**ACTIVE, "execution_arn": "another"})
    assert handler(event, None) == {"status": None}
    assert handler({**event, "key": "never.jpg"}, None) == {"status": None}
    assert inbox() == []


def test_the_setting_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIBRARY_TABLE", "library")
    with pytest.raises(Misconfigured, match="NOTIFICATION_TOPIC_ARN"):
        handler({"key": "a.jpg", "execution": EXECUTION}, None)
