"""S3."""

import zlib
from base64 import b64encode
from pathlib import Path
from typing import Any

from safelight_emulator.disk import put
from safelight_emulator.emulated import module


def correct() -> None:
    """Put right what the emulator does otherwise than AWS."""
    module("services.s3")._atomic_write = _put_object
    _sum_whole_objects()
    _serve_parts_of_versions()


def _put_object(path: str, data: Any, *, text: bool = False) -> None:
    put(Path(path), data.encode() if text else data)


def _sum_whole_objects() -> None:
    """Let S3 compare the CRC-32 of a whole object with its bytes, where parts become one."""
    s3 = module("services.s3")
    complete = s3._complete_multipart_upload

    def compared(bucket: str, key: str, body: bytes, query: dict[str, Any], headers: dict[str, str]) -> Any:
        upload = s3._multipart_uploads.get(s3._qp(query, "uploadId"))
        if headers.get("x-amz-checksum-type") != "FULL_OBJECT" or upload is None:
            return complete(bucket, key, body, query, headers)
        crc32 = 0
        for _, part in sorted(upload["parts"].items()):
            crc32 = zlib.crc32(part["body"], crc32)
        if headers["x-amz-checksum-crc32"] != b64encode(crc32.to_bytes(4, "big")).decode():
            return s3._error("BadDigest", "The CRC32 is not that of the object.", 400, f"/{bucket}/{key}")
        rest = {name: it for name, it in headers.items() if name != "x-amz-checksum-crc32"}
        return complete(bucket, key, body, query, rest)

    s3._complete_multipart_upload = compared


def _serve_parts_of_versions() -> None:
    """Let S3 heed which range and which headers are asked for of an object that is named with its version."""
    s3 = module("services.s3")
    whole = s3._get_object

    def part(bucket: str, key: str, headers: dict[str, str], query: dict[str, Any] | None = None) -> Any:
        status, told, body = whole(bucket, key, headers, query)
        if status != 200 or not (query or {}).get("versionId"):
            return status, told, body
        s3._apply_response_overrides(told, query)
        if not (asked := headers.get("range", "")):
            return status, told, body
        if (found := s3._parse_range(asked, len(body))) is None:
            return s3._error(
                "InvalidRange", "The requested range is not satisfiable", 416, f"/{bucket}/{key}"
            )
        first, last = found
        told = {name: it for name, it in told.items() if not name.lower().startswith("x-amz-checksum")}
        told |= {
            "Content-Length": str(last - first + 1),
            "Content-Range": f"bytes {first}-{last}/{len(body)}",
        }
        return 206, told, body[first : last + 1]

    s3._get_object = part
