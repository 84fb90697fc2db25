"""Keeps what a digest says in a queue until it is said; what it says is decided in `digest`."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from notify.digest import Entry
from safelight.aws_errors import named_errors
from safelight.clients import sqs

_AT_ONCE = 10
"""SQS gives and takes no more messages in one request."""


def keep(queue: str, entry: Entry) -> None:
    """Let what is to be said of a photo wait.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    with named_errors("Keeping what is to be announced"):
        sqs().send_message(QueueUrl=queue, MessageBody=json.dumps(entry, ensure_ascii=False))


def take(queue: str, has_time: Callable[[], bool]) -> Iterator[tuple[Entry, str]]:
    """Yield what waits, each with the handle by which it is `forget`ed, while there is any and time for it.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    while has_time():
        with named_errors("Reading what is to be announced"):
            answer: Any = sqs().receive_message(
                QueueUrl=queue, MaxNumberOfMessages=_AT_ONCE, WaitTimeSeconds=1
            )
        if not (messages := answer.get("Messages", [])):
            return
        for message in messages:
            yield json.loads(message["Body"]), message["ReceiptHandle"]


def forget(queue: str, handles: Sequence[str]) -> None:
    """Take from the queue what was said; what stays there all the same is said once more.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    for start in range(0, len(handles), _AT_ONCE):
        entries = [
            {"Id": str(number), "ReceiptHandle": handle}
            for number, handle in enumerate(handles[start : start + _AT_ONCE])
        ]
        with named_errors("Forgetting what was announced"):
            sqs().delete_message_batch(QueueUrl=queue, Entries=entries)  # type: ignore[arg-type]
