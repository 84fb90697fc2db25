"""Lists the originals, and lets their events wait in the queue of uploads."""

import json
from collections.abc import Sequence
from typing import Any

from backfill.parts import Part
from safelight.aws_errors import named_errors
from safelight.clients import s3, sqs
from safelight.errors import ServiceUnavailable
from safelight.record import UploadEvent
from safelight.returning import Current

_SENT_AT_ONCE = 10
"""How many messages SQS takes in one request (SQS API, SendMessageBatch)."""


def folders_below(bucket: str, prefix: str) -> tuple[str, list[str]]:
    """Return the first prefix from `prefix` down that has several folders, or no one alone, and its folders.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    while True:
        folders: list[str] = []
        keys = 0
        with named_errors("Listing the originals"):
            pages = (
                s3().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, Delimiter="/")
            )
            for page in pages:
                folders += [each["Prefix"] for each in page.get("CommonPrefixes", [])]
                keys += len(page.get("Contents", []))
        if keys or len(folders) != 1:
            return prefix, folders
        prefix = folders[0]


def page_of(bucket: str, part: Part) -> tuple[list[Current], Part | None]:
    """Return the originals on the next page of a part, each as it is now, and what is left of the part.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    markers: Any = {"KeyMarker": part["after"], "VersionIdMarker": part["version"]}
    with named_errors("Listing the originals"):
        page = s3().list_object_versions(
            Bucket=bucket, Prefix=part["prefix"], **{name: it for name, it in markers.items() if it}
        )
    found = [
        Current(bucket, it["Key"], it["Size"], it["ETag"].strip('"'), it["VersionId"])
        for it in page.get("Versions", [])
        if it["IsLatest"]
    ]
    until = part["until"]
    inside = [it for it in found if not until or it.key < until]
    if not page["IsTruncated"] or len(inside) < len(found):
        return inside, None
    rest: Part = {**part, "after": page["NextKeyMarker"], "version": page["NextVersionIdMarker"]}
    return inside, rest


def waiting(queue: str) -> int:
    """Return about how many events wait in a queue.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    with named_errors("Counting what waits"):
        told = sqs().get_queue_attributes(QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"])
    return int(told["Attributes"]["ApproximateNumberOfMessages"])


def send(queue: str, events: Sequence[UploadEvent]) -> None:
    """Let events wait for their places.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable: some of them may wait already.
    """
    for start in range(0, len(events), _SENT_AT_ONCE):
        batch = events[start : start + _SENT_AT_ONCE]
        entries: list[Any] = [
            {"Id": str(number), "MessageBody": json.dumps(event)} for number, event in enumerate(batch)
        ]
        with named_errors("Sending events"):
            answer = sqs().send_message_batch(QueueUrl=queue, Entries=entries)
        if failed := answer.get("Failed"):
            raise ServiceUnavailable(f"SQS did not take {len(failed)} events: {failed[0].get('Message')}")
