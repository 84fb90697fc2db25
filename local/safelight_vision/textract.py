"""Answers the operations of Amazon Textract."""

from collections.abc import Mapping
from typing import Any

from safelight_vision.errors import ServiceError
from safelight_vision.images import TEXTRACT, ImageSource
from safelight_vision.seeing import text
from safelight_vision.seeing.engines import Engines


class Textract:
    """The operations, each under its name with a small letter in front; requests have been checked."""

    def __init__(self, engines: Engines, images: ImageSource) -> None:
        """Answer with `engines` about `images`."""
        self._engines = engines
        self._images = images

    def detect_document_text(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the lines and words of a document.

        Raises:
            ServiceError: the image is not one that Textract takes.
        """
        return {**self._read(request), "DetectDocumentTextModelVersion": text.MODEL_VERSION}

    def analyze_document(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the lines and words of a document; tables, forms and the like are not found here.

        Raises:
            ServiceError: the request or the image is not one that Textract takes.
        """
        if "QUERIES" in request["FeatureTypes"] and not request.get("QueriesConfig"):
            raise ServiceError("InvalidParameterException", "The feature QUERIES needs a QueriesConfig.")
        if request.get("HumanLoopConfig") or request.get("AdaptersConfig"):
            raise ServiceError(
                "InvalidParameterException", "The local service has neither human loops nor adapters."
            )
        return {**self._read(request), "AnalyzeDocumentModelVersion": text.MODEL_VERSION}

    def _read(self, request: Mapping[str, Any]) -> dict[str, Any]:
        image = self._images.read(request["Document"], TEXTRACT).image
        lines = self._engines.lines(image)
        return {"DocumentMetadata": {"Pages": 1}, "Blocks": text.blocks(lines, *image.size)}
