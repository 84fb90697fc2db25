"""What Lambda hands over of a queue, and what it is told (AWS Lambda Developer Guide, Amazon SQS)."""

from typing import TypedDict


class QueuedEvent(TypedDict):
    """A message of the queue, with an event in JSON."""

    messageId: str
    body: str


class Batch(TypedDict):
    """What Lambda hands over: one message."""

    Records: list[QueuedEvent]


class Failed(TypedDict):
    """A message that goes back to the queue."""

    itemIdentifier: str


class Answer(TypedDict):
    """Which messages go back to the queue; Lambda deletes the others."""

    batchItemFailures: list[Failed]
