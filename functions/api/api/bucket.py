"""The originals in their bucket: what lies there, and URLs by which S3 itself gives and takes."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from api.settings import settings
from safelight.aws_errors import named_errors
from safelight.clients import presigning, s3
from safelight.errors import AccessDenied, OriginalMissing
from safelight.record import UNVERSIONED
from safelight.returning import Current

_DOWNLOAD_SECONDS = 15 * 60
_UPLOAD_SECONDS = 3600

_NOTHING_THERE = "*"
"""Write where nothing lies, and nowhere else (Amazon S3 User Guide, conditional writes)."""


@dataclass(frozen=True)
class Uploaded:
    """A part of an upload that has come."""

    number: int
    etag: str
    bytes: int


def _at(key: str) -> dict[str, Any]:
    return {"Bucket": settings().originals_bucket, "Key": key}


def current(key: str) -> Current | None:
    """Return the original that lies at `key`, if there is one.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    about = _about(key)
    if about is None:
        return None
    version = about.get("VersionId", UNVERSIONED)
    return Current(
        settings().originals_bucket, key, about["ContentLength"], about["ETag"].strip('"'), version
    )


def sha256_of(key: str) -> str | None:
    """Return the SHA-256 that an original came with, empty where nobody tells; None where nothing lies.

    Of malware S3 tells nobody anything.
    """
    try:
        about = _about(key)
    except AccessDenied:
        return ""
    return None if about is None else about["Metadata"].get("sha256", "")


def _about(key: str) -> Any:
    try:
        with named_errors(f"Looking at {key}"):
            return s3().head_object(**_at(key))
    except OriginalMissing:
        return None


def download_url(key: str, version: str | None, disposition: str) -> str:
    """Return a URL by which whoever has it gets an original for a while."""
    which = {"VersionId": version} if version else {}
    return presigning().generate_presigned_url(
        "get_object",
        Params={**_at(key), **which, "ResponseContentDisposition": disposition},
        ExpiresIn=_DOWNLOAD_SECONDS,
    )


def delete(key: str) -> None:
    """Delete an original; its versions stay."""
    with named_errors(f"Deleting {key}"):
        s3().delete_object(**_at(key))


def upload_url(key: str, size: int, sha256: str) -> tuple[str, dict[str, str]]:
    """Return where a file goes, and the headers that must be sent along: it, and nothing else, once."""
    checksum = b64encode(bytes.fromhex(sha256)).decode()
    url = presigning().generate_presigned_url(
        "put_object",
        Params={
            **_at(key),
            "ContentLength": size,
            "Metadata": {"sha256": sha256},
            "ChecksumSHA256": checksum,
            "IfNoneMatch": _NOTHING_THERE,
        },
        ExpiresIn=_UPLOAD_SECONDS,
    )
    headers = {
        "If-None-Match": _NOTHING_THERE,
        "x-amz-checksum-sha256": checksum,
        "x-amz-meta-sha256": sha256,
    }
    return url, headers


def begin_upload(key: str, sha256: str) -> str:
    """Begin an upload in parts, and return its id."""
    with named_errors(f"Beginning the upload of {key}"):
        return s3().create_multipart_upload(**_at(key), Metadata={"sha256": sha256})["UploadId"]


def part_url(key: str, upload_id: str, number: int) -> str:
    """Return where a part of an upload goes."""
    return presigning().generate_presigned_url(
        "upload_part",
        Params={**_at(key), "UploadId": upload_id, "PartNumber": number},
        ExpiresIn=_UPLOAD_SECONDS,
    )


def uploaded_parts(key: str, upload_id: str) -> list[Uploaded] | None:
    """Return the parts that have come, up to the 1,000 of one page; None where there is no such upload."""
    try:
        with named_errors(f"Listing the parts of {key}"):
            listed = s3().list_parts(**_at(key), UploadId=upload_id)
    except s3().exceptions.NoSuchUpload:
        return None
    parts = listed.get("Parts", [])
    return [Uploaded(each["PartNumber"], each["ETag"], each["Size"]) for each in parts]


def complete_upload(key: str, upload_id: str, parts: Sequence[Uploaded]) -> bool:
    """Make one original of the parts; tell whether it could be, as nothing lay there."""
    named: Any = [{"PartNumber": each.number, "ETag": each.etag} for each in parts]
    try:
        with named_errors(f"Ending the upload of {key}"):
            s3().complete_multipart_upload(
                **_at(key), UploadId=upload_id, MultipartUpload={"Parts": named}, IfNoneMatch=_NOTHING_THERE
            )
    except OriginalMissing:  # so the precondition is called
        return False
    return True


def abort_upload(key: str, upload_id: str) -> None:
    """Forget an upload in parts; one that is not there is forgotten."""
    try:
        with named_errors(f"Giving up the upload of {key}"):
            s3().abort_multipart_upload(**_at(key), UploadId=upload_id)
    except s3().exceptions.NoSuchUpload:
        return
