"""The HTTP service: the JSON 1.1 protocol of Amazon Rekognition and Amazon Textract, on loopback.

    POST /        X-Amz-Target: RekognitionService.DetectLabels or Textract.DetectDocumentText
    GET  /health  200 as soon as the service listens

Signatures are not checked: only processes of this machine reach the service, and the images that a
request names are read with the service's own permissions.
"""

import json
import threading
import uuid
from collections.abc import Callable, Mapping
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from safelight_local.vision import labels, text
from safelight_local.vision.errors import ServiceError
from safelight_local.vision.images import REKOGNITION, TEXTRACT, ImageSource
from safelight_local.vision.models import ensure_models, open_model

HOST = "127.0.0.1"
"""The only address that the service listens on."""

MAX_BODY_BYTES = 16 * 1024 * 1024
"""The largest request that is read: Textract's 10 MB in base64, with room."""

_CONTENT_TYPE = "application/x-amz-json-1.1"
_LABEL_FEATURES = frozenset({"GENERAL_LABELS", "IMAGE_PROPERTIES"})


class Vision:
    """Answers the operations; each model is loaded at its first use, once, and then kept."""

    def __init__(self, models: Path, s3_endpoint: str | None = None) -> None:
        """Remember where the models lie and where S3 is; nothing is loaded yet."""
        self._models = models
        self._images = ImageSource(s3_endpoint)
        self._loading = threading.Lock()
        self._reading = threading.Lock()
        self._label_model: Any = None
        self._reader: text.Reader | None = None
        self.operations: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            "RekognitionService.DetectLabels": self.detect_labels,
            "Textract.DetectDocumentText": self.detect_document_text,
        }

    def detect_labels(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer Rekognition's DetectLabels.

        Raises:
            ServiceError: the request or the image is not one that Rekognition takes.
        """
        most = request.get("MaxLabels")
        if most is not None and (not isinstance(most, int) or isinstance(most, bool) or most < 0):
            raise ServiceError("InvalidParameterException", "MaxLabels must be a whole number, 0 or more.")
        least = request.get("MinConfidence", labels.DEFAULT_MIN_CONFIDENCE)
        if not isinstance(least, int | float) or isinstance(least, bool) or not 0 <= least <= 100:
            raise ServiceError("InvalidParameterException", "MinConfidence must be from 0 to 100.")
        features = request.get("Features", ["GENERAL_LABELS"])
        if not isinstance(features, list) or not set(map(str, features)) <= _LABEL_FEATURES:
            raise ServiceError("InvalidParameterException", "Features knows GENERAL_LABELS only.")
        if "IMAGE_PROPERTIES" in features or request.get("Settings"):
            raise ServiceError(
                "InvalidParameterException", "The local service has neither IMAGE_PROPERTIES nor Settings."
            )
        image = self._images.read(request.get("Image"), REKOGNITION)
        chances = labels.probabilities(image, self._label_session())
        return {
            "Labels": labels.describe(chances.tolist(), labels.taxonomy(), most, float(least)),
            "LabelModelVersion": labels.MODEL_VERSION,
        }

    def detect_document_text(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer Textract's DetectDocumentText.

        Raises:
            ServiceError: the request or the image is not one that Textract takes.
        """
        image = self._images.read(request.get("Document"), TEXTRACT)
        reader = self._text_reader()
        with self._reading:  # RapidOCR keeps state between its steps
            lines = reader.read(image)
        return {
            "DocumentMetadata": {"Pages": 1},
            "Blocks": text.blocks(lines, *image.size),
            "DetectDocumentTextModelVersion": text.MODEL_VERSION,
        }

    def _label_session(self) -> Any:
        with self._loading:
            if self._label_model is None:
                self._label_model = open_model(ensure_models(self._models))
            return self._label_model

    def _text_reader(self) -> text.Reader:
        with self._loading:
            if self._reader is None:
                self._reader = text.RapidReader()
            return self._reader


class _Handler(BaseHTTPRequestHandler):
    """Speaks the protocol; what it answers comes from a `Vision`."""

    protocol_version = "HTTP/1.1"
    timeout = 60
    wbufsize = -1  # headers and body leave together: two writes cost a delayed ACK, 40 ms
    disable_nagle_algorithm = True

    def __init__(self, vision: Vision, *arguments: Any) -> None:
        self._vision = vision
        super().__init__(*arguments)

    def do_GET(self) -> None:
        """Answer the health check."""
        if self.path == "/health":
            self._send(200, {"status": "ok"})
        else:
            self._send_error(ServiceError("UnknownOperationException", "Only /health is read by GET.", 404))

    def do_POST(self) -> None:
        """Answer one operation."""
        try:
            self._send(200, self._answer())
        except ServiceError as error:
            self._send_error(error)
        except Exception as error:
            self.log_error("%s", f"{type(error).__name__}: {error}")
            self._send_error(ServiceError("InternalServerError", f"{type(error).__name__}: {error}", 500))

    def _answer(self) -> dict[str, Any]:
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or int(length) > MAX_BODY_BYTES:
            self.close_connection = True  # the body stays unread
            raise ServiceError("InvalidParameterException", f"The body must be under {MAX_BODY_BYTES} bytes.")
        body = self.rfile.read(int(length))
        operation = self._vision.operations.get(self.headers.get("X-Amz-Target", ""))
        if self.path != "/" or operation is None:
            raise ServiceError("UnknownOperationException", "The local service does not have this operation.")
        try:
            request = json.loads(body or b"{}")
        except ValueError:
            raise ServiceError("SerializationException", "The body is not JSON.") from None
        if not isinstance(request, dict):
            raise ServiceError("SerializationException", "The body is not a JSON object.")
        return operation(request)

    def _send_error(self, error: ServiceError) -> None:
        body = {"__type": error.code, "message": error.message, "Message": error.message}
        self._send(error.status, body, {"x-amzn-ErrorType": error.code})

    def _send(self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", _CONTENT_TYPE)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("x-amzn-RequestId", str(uuid.uuid4()))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing of requests that were answered."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


def make_server(port: int, models: Path, s3_endpoint: str | None = None) -> ThreadingHTTPServer:
    """Return the service, listening on `port` of loopback (0: a free one) but not serving yet.

    Raises:
        OSError: the port is taken.
    """
    return _Server((HOST, port), partial(_Handler, Vision(models, s3_endpoint)))
