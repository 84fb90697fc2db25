"""Brings back what a stop or a crash of the cloud cut short.

The embedded AWS knows by its journal which executions had not ended, and begins them again itself. Events
that were on their way are lost with the messages of its queues; they are found by what lies in the bucket.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from urllib.request import Request, urlopen

from safelight.keys import has_record
from safelight.record import UNVERSIONED, DeletionEvent, UploadEvent
from safelight.returning import Current, deletion_event, upload_event
from safelight_library.library import Library
from safelight_local.cloud.cloud import Cloud


def resume(library: Library, cloud: Cloud) -> int:
    """Go on with what had been cut short before the cloud was started, and wait for it.

    Returns how many executions that were. A second time there is nothing.
    """
    request = Request(f"{cloud.endpoint}/_safelight/resume", method="POST")  # noqa: S310
    with urlopen(request) as answer:  # noqa: S310
        begun: list[str] = json.load(answer)
    sent = [library.start(event) for event in _lost(library, begun, cloud.started())]
    for arn in [*begun, *sent]:
        library.ended(arn)
    return len(begun) + len(sent)


def _lost(library: Library, begun: list[str], since: datetime) -> Iterator[UploadEvent | DeletionEvent]:
    """Yield the events of uploads and deletions before `since` that nobody has heard of.

    Should one be on its way after all, it comes before these, which do nothing then.
    """
    waiting = [message["Body"] for message in library.peek("WaitingUploadsQueue")]
    inputs = [library.stepfunctions.describe_execution(executionArn=arn)["input"] for arn in begun]
    heard_of = {_key_of(event) for event in (*waiting, *inputs)}
    records = {record["key"]: record for record in library.photos()}
    bucket, originals = library.outputs["OriginalsBucket"], set[str]()
    for it in library.originals():
        originals.add(it.key)
        if not has_record(it.key) or it.at >= since or it.key in heard_of:
            continue
        record = records.get(it.key)
        etag = record["original"]["etag"] if record and "original" in record else ""
        if record is None or etag not in {"", it.etag}:
            yield upload_event(record, Current(bucket, it.key, it.size, it.etag, UNVERSIONED))
    for key in records.keys() - originals - heard_of:
        yield deletion_event(records[key])


def _key_of(event: str) -> str | None:
    """Return the key that an event of the originals is about; None of the events of other workflows."""
    detail = json.loads(event).get("detail", {})
    key: str | None = detail.get("object", {}).get("key")
    return key
