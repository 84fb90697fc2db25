"""Fetches the XMP sidecar of an original, where somebody has uploaded one."""

from typing import TYPE_CHECKING

from safelight.aws_errors import named_errors
from safelight.clients import s3
from safelight.errors import OriginalMissing
from safelight.keys import sidecar_keys

if TYPE_CHECKING:
    from safelight.contracts import Original

MAX_SIDECAR_BYTES = 2 * 1024 * 1024
"""How much of a sidecar is read; those of editors have 5 to 50 KB, and with painted masks a megabyte."""


def read_sidecar(original: "Original") -> bytes:
    """Return the sidecar of `original`, or nothing. A sidecar that is too long is cut.

    Without the permission to list the bucket, S3 answers that access is denied for a key that is not there.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    for key in sidecar_keys(original["key"]):
        try:
            with named_errors(f"Reading {key}"):
                answer = s3().get_object(
                    Bucket=original["bucket"], Key=key, Range=f"bytes=0-{MAX_SIDECAR_BYTES - 1}"
                )
                return answer["Body"].read()
        except OriginalMissing:
            continue
    return b""
