"""Reads the image that a request names, within the limits of the AWS services.

Limits: "Guidelines and quotas in Amazon Rekognition" and "Set Quotas in Amazon Textract" in their
developer guides. Sizes in bytes, dimensions in pixels.
"""

import base64
import binascii
import hashlib
import io
import threading
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from PIL import Image, ImageOps

from safelight_vision.errors import ServiceError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_MEBI = 1024 * 1024
_JPEG = b"\xff\xd8\xff"
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Limits:
    """What one service takes, and the codes it answers with.

    `object_bytes` and `inline_bytes` are the largest image by S3 reference and inside the request;
    `sides` the smallest and the largest width and height in pixels.
    """

    object_bytes: int
    inline_bytes: int
    sides: tuple[int, int]
    bad_format: str
    too_large: str
    unreadable: str


REKOGNITION = Limits(
    object_bytes=15 * _MEBI,
    inline_bytes=5 * _MEBI,
    sides=(80, 10_000),
    bad_format="InvalidImageFormatException",
    too_large="ImageTooLargeException",
    unreadable="InvalidImageFormatException",
)
TEXTRACT = Limits(
    object_bytes=10 * _MEBI,
    inline_bytes=10 * _MEBI,
    sides=(1, 10_000),
    bad_format="UnsupportedDocumentException",
    too_large="DocumentTooLargeException",
    unreadable="BadDocumentException",
)


@dataclass(frozen=True)
class Photo:
    """An image, upright and in RGB, and the SHA-256 of the file that it came in."""

    image: Image.Image
    sha256: str


class ImageSource:
    """Fetches and decodes the images that requests name; S3 objects come from one endpoint."""

    def __init__(self, s3_endpoint: str | None) -> None:
        """Remember `s3_endpoint`, a URL; None means the environment's own."""
        self._s3_endpoint = s3_endpoint
        self._making_client = threading.Lock()

    @cached_property
    def _s3(self) -> "S3Client":
        config = Config(
            retries={"total_max_attempts": 2},
            s3={"addressing_style": "path"},
            connect_timeout=5,
            read_timeout=20,
        )
        with self._making_client:
            return boto3.client("s3", endpoint_url=self._s3_endpoint, config=config)

    def read(self, reference: Any, limits: Limits) -> Photo:
        """Return the photo that `reference` names.

        `reference` is a Rekognition Image or a Textract Document: an S3Object or Bytes.

        Raises:
            ServiceError: with the service's own code, when there is no such image or it breaks a limit.
        """
        content = self._bytes(reference, limits)
        return Photo(_decode(content, limits), hashlib.sha256(content).hexdigest())

    def _bytes(self, reference: Any, limits: Limits) -> bytes:
        if not isinstance(reference, Mapping) or len(reference.keys() & {"S3Object", "Bytes"}) != 1:
            raise ServiceError(
                "InvalidParameterException", "Give either an S3Object or Bytes, and not both of them."
            )
        if "Bytes" in reference:
            try:
                content = base64.b64decode(reference["Bytes"], validate=True)
            except (binascii.Error, TypeError, ValueError):
                raise ServiceError("SerializationException", "Bytes is not in base64.") from None
            if len(content) > limits.inline_bytes:
                raise ServiceError(limits.too_large, f"Bytes exceeds {limits.inline_bytes} bytes.")
            return content
        return self._object(reference["S3Object"], limits)

    def _object(self, where: Any, limits: Limits) -> bytes:
        if not isinstance(where, Mapping) or not where.get("Bucket") or not where.get("Name"):
            raise ServiceError("InvalidParameterException", "An S3Object needs a Bucket and a Name.")
        request: dict[str, Any] = {"Bucket": str(where["Bucket"]), "Key": str(where["Name"])}
        if where.get("Version"):
            request["VersionId"] = str(where["Version"])
        try:
            answer = self._s3.get_object(**request)
            with answer["Body"] as body:
                if answer["ContentLength"] > limits.object_bytes:
                    raise ServiceError(limits.too_large, f"The object exceeds {limits.object_bytes} bytes.")
                content: bytes = body.read()
                return content
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)) >= 500:
                raise ServiceError("InternalServerError", f"Amazon S3 answered {code}.", 500) from error
            raise ServiceError(
                "InvalidS3ObjectException",
                "Unable to get object metadata from S3. Check object key, region and/or access "
                f"permissions. ({code}: s3://{request['Bucket']}/{request['Key']})",
            ) from error
        except BotoCoreError as error:
            raise ServiceError("InternalServerError", f"Amazon S3 cannot be reached: {error}", 500) from error


def _decode(content: bytes, limits: Limits) -> Image.Image:
    if not content.startswith((_JPEG, _PNG)):
        raise ServiceError(limits.bad_format, "Request has invalid image format: only JPEG and PNG are read.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as image:
                smallest, largest = limits.sides
                if max(image.size) > largest:
                    raise ServiceError(limits.too_large, f"A side of the image exceeds {largest} pixels.")
                if min(image.size) < smallest:
                    raise ServiceError(
                        "InvalidParameterException", f"A side of the image is below {smallest} pixels."
                    )
                return ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ServiceError(limits.unreadable, f"The image cannot be decoded: {error}") from error
