"""Each original that nobody has decided on gets its event, once, whatever lies between."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from backfill import bucket, work
from backfill.handler import handler
from backfill.parts import MOST_PARTS, Work, parts_of
from safelight import clients
from safelight.errors import ServiceUnavailable
from safelight.returning import Current, upload_event
from unit.test_admit import Context
from unit.test_recovery import Shop, shop  # noqa: F401 - a fixture


@pytest.fixture
def stack(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:  # noqa: F811
    monkeypatch.setenv("ORIGINALS_BUCKET", "originals")
    monkeypatch.setenv("WAITING_UPLOADS_QUEUE", shop.library.outputs["WaitingUploadsQueue"])
    monkeypatch.setenv("PHOTOS_AT_ONCE", "2")
    for client in (clients.s3, clients.sqs, clients.dynamodb):
        client.cache_clear()
    yield shop
    for client in (clients.s3, clients.sqs, clients.dynamodb):
        client.cache_clear()


def run(*prefixes: str, dry_run: bool = False, seconds: float = 100) -> list[Work]:
    """Do what the workflow does, until all parts are seen or no room is left."""
    works: Any = handler({"step": "divide", "prefixes": list(prefixes or [""]), "dry_run": dry_run}, None)
    ended = []
    for each in works:
        while each["part"] and not each["is_full"]:
            each = handler({"step": "go on", "work": each}, Context(seconds))
        ended.append(each)
    return ended


def sent(shop: Shop) -> list[Any]:  # noqa: F811
    events = [json.loads(message["Body"]) for message in shop.library.peek("WaitingUploadsQueue")]
    return sorted(events, key=lambda event: event["detail"]["object"]["key"])


def keys(shop: Shop) -> list[str]:  # noqa: F811
    return [event["detail"]["object"]["key"] for event in sent(shop)]


def test_what_is_decided_is_left_alone_and_all_else_is_sent(stack: Shop) -> None:
    stack.start(stack.put("a/done.jpg"))
    stack.start(stack.put("a/replaced.jpg"))
    newer = stack.put("a/replaced.jpg", b"another")
    failed = stack.fail("a/failed.jpg")
    stack.claim(stack.put("b/stopped.jpg"))
    lost = stack.put("lost at the top.jpg")
    for key in ("b/x.xmp", "b/", "c/gone.jpg"):
        stack.put(key)
    stack.library.s3.delete_object(Bucket="originals", Key="c/gone.jpg")
    before = run(dry_run=True)
    assert sent(stack) == []
    after = run()
    assert [(it["seen"], it["sent"], it["sent_bytes"]) for it in after] == [
        (it["seen"], it["sent"], it["sent_bytes"]) for it in before
    ]
    assert (sum(it["seen"] for it in after), sum(it["sent"] for it in after)) == (5, 4)
    events = {event["detail"]["object"]["key"]: event for event in sent(stack)}
    assert list(events) == ["a/failed.jpg", "a/replaced.jpg", "b/stopped.jpg", "lost at the top.jpg"]
    assert events["a/failed.jpg"]["detail"]["object"]["sequencer"] == failed["sequencer"]
    for event, of in (("a/replaced.jpg", newer), ("lost at the top.jpg", lost)):
        assert events[event]["detail"]["object"]["version-id"] == of["detail"]["object"]["version-id"]


def test_started_again_it_skips_what_is_done_and_twice_does_no_harm(stack: Shop) -> None:
    for key in ("a/1.jpg", "a/2.jpg", "b/3.jpg"):
        stack.put(key)
    run()
    for event in sent(stack):
        stack.start(event)
    done = {key: stack.record(key)["execution_arn"] for key in keys(stack)}
    assert sum(it["sent"] for it in run(dry_run=True)) == 0
    for event in sent(stack):
        stack.start(event)
    assert {key: stack.record(key)["execution_arn"] for key in done} == done


def test_an_event_that_comes_after_all_is_later_than_the_one_that_was_sent(stack: Shop) -> None:
    late = stack.put("a/1.jpg")
    run()
    stack.start(sent(stack)[0])
    stack.start(late)
    assert stack.record("a/1.jpg")["sequencer"].startswith(late["detail"]["object"]["sequencer"])


def test_a_prefix_is_all_that_is_looked_at(stack: Shop) -> None:
    for key in ("Sea/1.jpg", "Sea/Sun/2.jpg", "Seaside/3.jpg"):
        stack.put(key)
    run("Sea/")
    assert keys(stack) == ["Sea/1.jpg", "Sea/Sun/2.jpg"]


def test_it_goes_on_where_its_time_ended_and_stops_where_too_many_wait(
    stack: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        stack.put(f"a/{number}.jpg")
        stack.put(f"a/{number}.jpg", b"two")
    list_versions = clients.s3().list_object_versions
    monkeypatch.setattr(clients.s3(), "list_object_versions", lambda **it: list_versions(**it, MaxKeys=3))
    (ended,) = run(seconds=0)
    assert (ended["seen"], ended["sent"]) == (7, 7)
    assert keys(stack) == [f"a/{number}.jpg" for number in range(7)]
    monkeypatch.setattr(work, "_LEAST_ROOM", 7)
    monkeypatch.setattr(work, "_ROOM_A_PLACE", 1)
    (full,) = run()
    assert (full["is_full"], full["sent"]) == (True, 0)
    assert full["part"], "it is gone on with later"


def test_an_error_costs_no_earlier_page(stack: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        stack.put(f"a/{number}.jpg")
    list_versions = clients.s3().list_object_versions
    monkeypatch.setattr(clients.s3(), "list_object_versions", lambda **it: list_versions(**it, MaxKeys=2))
    send, times = bucket.send, iter([True, False])

    def refused(*given: Any) -> None:
        if not next(times):
            raise ServiceUnavailable("SQS is out of reach.")
        send(*given)

    monkeypatch.setattr(bucket, "send", refused)
    (todo,) = work.divided(settings(), [""], dry_run=False)
    half = work.gone_on(settings(), todo, lambda: True)
    assert (half["seen"], half["sent"]) == (2, 2)
    with pytest.raises(StopIteration):
        work.gone_on(settings(), half, lambda: True)


def settings() -> work.Settings:
    queue = clients.sqs().get_queue_url(QueueName="WaitingUploads")["QueueUrl"]
    return work.Settings("originals", "library", queue, 2)


@pytest.mark.parametrize("number", [0, 1, 2, MOST_PARTS, MOST_PARTS + 1, 5 * MOST_PARTS, 1000])
def test_the_parts_are_few_and_hold_each_key_once(number: int) -> None:
    folders = [f"p/{each:04}/" for each in range(number)]
    parts = parts_of("p/", folders)
    assert 1 <= len(parts) <= MOST_PARTS
    for key in ["p/", "p/!", "p/~", *(f"{folder}x.jpg" for folder in folders)]:
        inside = [it for it in parts if it["after"] <= key and (not it["until"] or key < it["until"])]
        assert len(inside) == 1


def test_folders_are_cut_below_those_that_stand_alone(stack: Shop) -> None:
    for key in ("x/y/1/a.jpg", "x/y/2/b.jpg"):
        stack.put(key)
    assert bucket.folders_below("originals", "") == ("x/y/", ["x/y/1/", "x/y/2/"])


def test_a_version_of_no_bucket_that_keeps_them_is_not_named() -> None:
    event = upload_event(None, Current("originals", "a.jpg", 1, "e", "null"))
    assert "version-id" not in event["detail"]["object"]
