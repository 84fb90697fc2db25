"""Fetches the index from S3, and puts it back if nobody else has meanwhile."""

import shutil
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from safelight.aws_errors import named_errors
from safelight.clients import s3
from safelight.errors import OriginalMissing
from safelight.keys import INDEX_KEY

_LOST = frozenset({"ConditionalRequestConflict", "409"})


def fetch(bucket: str, path: Path, known: str | None) -> str | None:
    """Write the index to `path`, unless it is the one with the ETag `known`, which is there already.

    A file that is open at `path` goes on being readable. Returns the ETag, or None where there is no index.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    unless: Any = {"IfNoneMatch": known} if known else {}
    part = path.with_name(f"{path.name}.part")
    try:
        with named_errors("Reading the index"):
            answer = s3().get_object(Bucket=bucket, Key=INDEX_KEY, **unless)
            with part.open("wb") as file:
                shutil.copyfileobj(answer["Body"], file, 1 << 20)
    except OriginalMissing:
        return None
    except ClientError as error:
        if error.response["Error"].get("Code") == "304":
            return known
        raise
    part.replace(path)
    return answer["ETag"]


def store(bucket: str, path: Path, replaced: str | None) -> str | None:
    """Put the file at `path` in the place of the index with the ETag `replaced`, or where none is.

    Returns its ETag, or None where another was faster, and nothing was put.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    condition: Any = {"IfMatch": replaced} if replaced else {"IfNoneMatch": "*"}
    try:
        with named_errors("Writing the index"), path.open("rb") as file:
            return s3().put_object(Bucket=bucket, Key=INDEX_KEY, Body=file, **condition)["ETag"]
    except OriginalMissing:  # the condition does not hold
        return None
    except ClientError as error:
        if error.response["Error"].get("Code") in _LOST:
            return None
        raise
