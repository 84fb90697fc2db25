"""The calls to Rekognition and Textract, by reference to the stored image."""

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from textractcaller.t_call import Textract_Call_Mode, call_textract  # type: ignore[import-untyped]

from safelight.aws_errors import named_errors
from safelight.contracts import ImageRef
from tag.decisions import Label, is_worth_reading, labels_of, lines_of
from tag.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_textract import TextractClient


@dataclass(frozen=True)
class Found:
    """What is in a photo, the operations that were billed for it, and the model that saw it."""

    labels: list[Label] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    model: str = "Rekognition: too small to label"


def tag(image: ImageRef, settings: Settings) -> Found:
    """Return what `image` shows and, where `settings` say so, what is written on it.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
        ClientError: the service cannot use the image, under the service's own code.
    """
    seen = _detect_labels(image, settings)
    if seen is None:
        return Found()
    labels, calls = labels_of(seen), ["rekognition:DetectLabels"]
    text: list[str] = []
    if is_worth_reading(labels, settings.read_text):
        text = lines_of(_detect_text(image))
        calls.append("textract:DetectDocumentText")
    return Found(labels, text, calls, f"Rekognition {seen['LabelModelVersion']}")


def _detect_labels(image: ImageRef, settings: Settings) -> Any:
    """Return Rekognition's response, or None for an image with a side under 80 pixels.

    Rekognition answers such an image with InvalidParameterException and no word of its size. Every
    other parameter is checked before the call, so that this is what the code means here.
    """
    with named_errors(f"Labelling {image['key']}"):
        try:
            return _rekognition().detect_labels(
                Image={"S3Object": {"Bucket": image["bucket"], "Name": image["key"]}},
                MaxLabels=settings.max_labels,
                MinConfidence=settings.min_label_confidence,
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "InvalidParameterException":
                raise
            return None


def _detect_text(image: ImageRef) -> Any:
    with named_errors(f"Reading the text of {image['key']}"):
        return call_textract(
            f"s3://{image['bucket']}/{image['key']}",
            call_mode=Textract_Call_Mode.FORCE_SYNC,  # whatever the key ends with
            boto3_textract_client=_textract(),
        )


def _config() -> Config:
    """One attempt, since retrying is the workflow's task; two reads fit in the function's timeout."""
    return Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=25)


@cache
def _rekognition() -> "RekognitionClient":
    return boto3.client("rekognition", config=_config())


@cache
def _textract() -> "TextractClient":
    return boto3.client("textract", config=_config())
