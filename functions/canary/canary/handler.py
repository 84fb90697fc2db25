"""Lambda: uploads the canary's photo."""

import os
from typing import Any, TypedDict

from canary.photo import KEY, photo_with
from canary.settings import Settings
from safelight.aws_errors import named_errors
from safelight.clients import s3
from safelight.observability import foreseen, logger_of
from safelight.settings import from_environment


class Event(TypedDict):
    """What the workflow sends: the ARN of its execution."""

    execution: str


class Uploaded(TypedDict):
    """Where the photo lies, and which it is: the ETag and the version of this upload."""

    key: str
    etag: str
    version_id: str


@foreseen
def handler(event: Event, context: Any) -> Uploaded:
    """Upload the photo, as whoever uses the library does, and return which it is.

    Raises:
        AccessDenied, Misconfigured, ServiceThrottled, ServiceUnavailable
    """
    log = logger_of(KEY, event["execution"], context)
    settings = from_environment(Settings, os.environ)
    with named_errors(f"Uploading {KEY}"):
        answer = s3().put_object(
            Bucket=settings.originals_bucket, Key=KEY, Body=photo_with(event["execution"])
        )
    log.info("canary uploaded")
    return {"key": KEY, "etag": answer["ETag"].strip('"'), "version_id": answer["VersionId"]}
