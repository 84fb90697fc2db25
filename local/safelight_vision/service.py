"""The HTTP service: the JSON 1.1 protocol of Amazon Rekognition and Amazon Textract, on loopback.

    POST /TOKEN   X-Amz-Target: RekognitionService.DetectLabels, Textract.AnalyzeDocument and so on
    GET  /health  200 as soon as the service listens

Only processes of this machine reach the service, and of them those that know the token, where it has one:
it is the path of the endpoint's URL, so that every AWS client can say it. Signatures are not checked, as
the service knows no keys, and the images that a request names are read with the service's own permissions.
"""

import hmac
import json
import os
import uuid
from collections.abc import Callable, Mapping
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from safelight_vision.errors import ServiceError
from safelight_vision.face_collections import Collections
from safelight_vision.images import ImageSource
from safelight_vision.rekognition import Rekognition
from safelight_vision.requests import check
from safelight_vision.seeing.engines import Engines
from safelight_vision.textract import Textract

HOST = "127.0.0.1"
"""The only address that the service listens on."""

MAX_BODY_BYTES = 16 * 1024 * 1024
"""The largest request that is read: Textract's 10 MB in base64, with room."""

DEFAULT_REGION = "us-east-1"
"""Where collections say that they are, when the environment names no region."""

_CONTENT_TYPE = "application/x-amz-json-1.1"


class Vision:
    """Answers the operations that it has, by the name that X-Amz-Target has for each."""

    def __init__(self, models: Path, collections: Path, s3_endpoint: str | None = None) -> None:
        """Remember where models and faces lie and where S3 is; nothing is loaded yet."""
        engines, images = Engines(models), ImageSource(s3_endpoint)
        region = os.environ.get("AWS_DEFAULT_REGION") or DEFAULT_REGION
        rekognition = Rekognition(engines, images, Collections(collections), region)
        textract = Textract(engines, images)
        self._operations: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            "RekognitionService.CreateCollection": rekognition.create_collection,
            "RekognitionService.DeleteCollection": rekognition.delete_collection,
            "RekognitionService.DeleteFaces": rekognition.delete_faces,
            "RekognitionService.DescribeCollection": rekognition.describe_collection,
            "RekognitionService.DetectFaces": rekognition.detect_faces,
            "RekognitionService.DetectLabels": rekognition.detect_labels,
            "RekognitionService.DetectModerationLabels": rekognition.detect_moderation_labels,
            "RekognitionService.DetectText": rekognition.detect_text,
            "RekognitionService.IndexFaces": rekognition.index_faces,
            "RekognitionService.ListCollections": rekognition.list_collections,
            "RekognitionService.ListFaces": rekognition.list_faces,
            "RekognitionService.SearchFaces": rekognition.search_faces,
            "RekognitionService.SearchFacesByImage": rekognition.search_faces_by_image,
            "Textract.AnalyzeDocument": textract.analyze_document,
            "Textract.DetectDocumentText": textract.detect_document_text,
        }

    @property
    def operations(self) -> frozenset[str]:
        """The names of the operations, such as Textract.AnalyzeDocument."""
        return frozenset(self._operations)

    def answer(self, target: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the service answers to `request`.

        Raises:
            ServiceError: there is no such operation, or it does not take the request.
        """
        if target not in self._operations:
            raise ServiceError("UnknownOperationException", "The local service does not have this operation.")
        check(target, request)
        return self._operations[target](request)


class _Handler(BaseHTTPRequestHandler):
    """Speaks the protocol; what it answers comes from a `Vision`."""

    protocol_version = "HTTP/1.1"
    timeout = 60
    wbufsize = -1  # headers and body leave together: two writes cost a delayed ACK, 40 ms
    disable_nagle_algorithm = True

    def __init__(self, vision: Vision, token: str, *arguments: Any) -> None:
        self._vision, self._token = vision, token
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
        if not hmac.compare_digest(self.path.strip("/").encode(), self._token.encode()):
            raise ServiceError("AccessDeniedException", "The path of the endpoint's URL is not the token.")
        try:
            request = json.loads(body or b"{}")
        except ValueError:
            raise ServiceError("SerializationException", "The body is not JSON.") from None
        if not isinstance(request, dict):
            raise ServiceError("SerializationException", "The body is not a JSON object.")
        return self._vision.answer(self.headers.get("X-Amz-Target", ""), request)

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


def make_server(
    port: int, models: Path, collections: Path, s3_endpoint: str | None = None, token: str = ""
) -> ThreadingHTTPServer:
    """Return the service, listening on `port` of loopback (0: a free one) but not serving yet.

    `models` is where the models are kept, `collections` where faces are, and `token` what callers must know.

    Raises:
        OSError: the port is taken.
    """
    return _Server((HOST, port), partial(_Handler, Vision(models, collections, s3_endpoint), token))
