"""Photos that are announced together: nothing is lost, nothing is said twice, and filters still find them."""

import json
from collections.abc import Iterator
from typing import Any, cast

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify.announcing import Digested
from notify.digest import MAX_BODY_BYTES, Entry, digest_of, entry_of
from notify.handler import handler
from notify.message import message_of
from safelight import clients
from safelight.errors import ServiceUnavailable
from safelight.record import PhotoRecord
from unit.test_admit import Context
from unit.test_notify_message import ACTIVE as SEEN
from unit.test_notify_message import PASSED, inbox, keep  # noqa: F401 - a fixture
from unit.test_notify_message import REJECTED as REFUSED

AT: Any = {"processed_at": "2026-11-27T10:00:05Z"}
ACTIVE: PhotoRecord = {**SEEN, **AT}
REJECTED: PhotoRecord = {**REFUSED, **AT}
HELD: PhotoRecord = {
    **ACTIVE,
    "id": "photo/trips/held.jpg",
    "key": "trips/held.jpg",
    "album": "trips",
    "filename": "held.jpg",
    "status": "HELD",
    "tags": {"moderation": {**PASSED, "verdict": "held", "reason": "too large"}, "calls": {}, "owed": False},
}


@pytest.fixture
def queue(inbox: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:  # noqa: F811
    url = boto3.client("sqs").create_queue(QueueName="waiting")["QueueUrl"]
    monkeypatch.setenv("DIGEST_QUEUE", url)
    clients.sqs.cache_clear()
    yield url
    clients.sqs.cache_clear()


def digest() -> Digested:
    return cast(Digested, handler({"step": "digest"}, Context(30)))


def entry(key: str, status: str = "ACTIVE", at: str = "2026-11-27T10:00:05Z", **more: Any) -> Entry:
    album, _, filename = key.rpartition("/")
    said = {"key": key, "album": album, "filename": filename, "status": status, "at": at}
    return cast(Entry, {"reason": "", "why": "", "labels": [], **said, **more})


def waits(queue: str) -> int:
    found = boto3.client("sqs").get_queue_attributes(
        QueueUrl=queue,
        AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    )
    return sum(map(int, found["Attributes"].values()))


def test_photos_wait_and_one_message_announces_them(inbox: Any, queue: str) -> None:  # noqa: F811
    for photo in (ACTIVE, REJECTED, HELD):
        assert handler(keep(photo), None) == {"status": photo["status"]}
    assert inbox() == []
    assert digest() == {"photos": 3, "is_more": False}
    [received] = inbox()
    assert received["Subject"] == "Photos: 1 ready, 1 held, 1 rejected"
    for photo in (REJECTED, HELD):
        assert photo["filename"] in received["Message"]
    assert f"  {ACTIVE['album']}: 1\n" in received["Message"]
    assert json.loads(received["MessageAttributes"]["status"]["Value"]) == ["ACTIVE", "HELD", "REJECTED"]
    assert waits(queue) == 0
    assert digest() == {"photos": 0, "is_more": False}
    assert inbox() == [], "without photos there is nothing to say"


def test_what_could_not_be_said_still_waits(queue: str, monkeypatch: pytest.MonkeyPatch) -> None:
    handler(keep(ACTIVE), None)
    with monkeypatch.context() as patch:
        patch.setattr("notify.announcing.publish", failing)
        with pytest.raises(ServiceUnavailable):
            digest()
    assert waits(queue) == 1


def failing(*_: Any) -> str:
    raise ServiceUnavailable("SNS is out.")


def test_more_than_a_request_gives_is_read_while_there_is_time(inbox: Any, queue: str) -> None:  # noqa: F811
    for number in range(23):
        handler(keep({**ACTIVE, "key": f"a/{number}.jpg", "id": f"photo/a/{number}.jpg"}), None)
    assert handler({"step": "digest"}, Context(15)) == {"photos": 0, "is_more": True}
    assert digest() == {"photos": 23, "is_more": False}
    assert [each["Subject"] for each in inbox()] == ["Photos: 23 ready"]


def test_the_last_word_on_a_photo_counts_in_whatever_order_it_comes() -> None:
    first = entry("a/1.jpg", "REJECTED", at="2026-11-27T10:00:01Z", reason="EmptyFile", why="Empty.")
    last = entry("a/1.jpg", at="2026-11-27T10:00:09Z")
    assert digest_of([first, last]) == digest_of([last, first, last])
    assert digest_of([last, first]).subject == "Photos: 1 ready"


def test_whatever_filter_takes_the_message_of_a_photo_takes_its_digest() -> None:
    said = digest_of(map(entry_of, (ACTIVE, REJECTED, HELD)))
    for photo in (ACTIVE, REJECTED, HELD):
        alone = message_of(photo)
        for name, value in alone.texts.items():
            assert value in said.lists[name]
        for name, members in alone.lists.items():
            assert set(members) <= set(said.lists[name])


@given(
    st.lists(
        st.builds(
            entry,
            st.text(min_size=1, max_size=400).map(lambda name: f"{name}/{name}"),
            st.sampled_from(["ACTIVE", "HELD", "REJECTED"]),
            labels=st.lists(st.text(max_size=100), max_size=5),
            why=st.text(max_size=100),
        ),
        min_size=1,
        max_size=50,
    ),
    st.integers(1, 20),
)
def test_sns_takes_it_however_much_there_is_to_say(entries: list[Entry], times: int) -> None:
    many: list[Entry] = [{**each, "key": f"{each['key']}{n}"} for each in entries for n in range(times)]
    said = digest_of(many)
    assert len(said.subject) < 100
    assert said.subject.isascii()
    assert len(said.body.encode()) <= MAX_BODY_BYTES
    sizes = [len(json.dumps(list(members), ensure_ascii=False).encode()) for members in said.lists.values()]
    assert sum(sizes) + MAX_BODY_BYTES < 256 * 1024
