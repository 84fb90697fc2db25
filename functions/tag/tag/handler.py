"""Lambda: asks Rekognition what a photo shows and, where it is a document, Textract what it says."""

import os
from typing import Any, TypedDict

from safelight import __version__
from safelight.attributes import AttributeValue, attribute_value
from safelight.contracts import ImageRef
from safelight.observability import logger
from safelight.settings import from_environment
from tag.decisions import Label
from tag.settings import Settings
from tag.tagging import tag


class Event(TypedDict):
    """What the workflow sends."""

    image: ImageRef


class Tags(TypedDict):
    """`calls`: the billed operations. `attributes`: the record for DynamoDB."""

    labels: list[Label]
    text: list[str]
    calls: list[str]
    attributes: AttributeValue
    version: str


def handler(event: Event, context: Any) -> Tags:
    """Return the labels and the text of the stored rendition at `event["image"]`.

    Raises:
        AccessDenied, Misconfigured, ServiceThrottled, ServiceUnavailable
        botocore.exceptions.ClientError: the service cannot use the image, under the service's own code.
    """
    found = tag(event["image"], from_environment(Settings, os.environ))
    logger().info("photo tagged", key=event["image"]["key"], labels=len(found.labels), calls=found.calls)
    return {
        "labels": found.labels,
        "text": found.text,
        "calls": found.calls,
        "attributes": attribute_value({"labels": found.labels, "text": found.text, "model": found.model}),
        "version": f"safelight {__version__}, {found.model}",
    }
