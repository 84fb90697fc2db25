"""The real app and the real API over a made-up library, on a port of this machine, without a cloud.

The API's own code answers, one request after the other as a process of Lambda's does, on a stack of moto's;
its index is made by the real code. Pictures are one JPEG for all photos.
"""

import base64
import gzip
import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import boto3
from PIL import Image

from api import handler
from safelight.keys import INDEX_KEY
from safelight_local.web import built
from unit.api_client import SECRET, Stack, deployed


@contextmanager
def served(index: Path) -> Iterator[tuple[str, Stack]]:
    """Serve the library with this index, and yield its address and the stack."""
    with deployed() as stack:
        boto3.client("s3").put_object(Bucket="renditions", Key=INDEX_KEY, Body=index.read_bytes())
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_class())
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", stack
        finally:
            server.shutdown()


def _picture() -> bytes:
    made = BytesIO()
    Image.effect_mandelbrot((320, 240), (-2, -1.2, 1, 1.2), 60).convert("RGB").save(made, "JPEG", quality=80)
    return made.getvalue()


def _handler_class() -> type[BaseHTTPRequestHandler]:
    files, picture, one_at_a_time = built(), _picture(), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            """Answer as the distribution does."""
            path = self.path.partition("?")[0]
            if path.startswith("/api/"):
                self._ask()
            elif path.startswith("/renditions/"):
                self._say(200, {"Content-Type": "image/jpeg"}, picture)
            else:
                name = path[1:] if "." in path else "index.html"
                kind = mimetypes.guess_type(name)[0] or "text/plain"
                found = gzip.compress(files[name])
                self._say(200, {"Content-Type": kind, "Content-Encoding": "gzip"}, found)

        def _ask(self) -> None:
            path, _, query = self.path.partition("?")
            headers = {name.lower(): value for name, value in self.headers.items()}
            event = {
                "version": "2.0",
                "rawPath": path,
                "rawQueryString": query,
                "headers": {**headers, "x-safelight-origin": SECRET},
                "requestContext": {"http": {"method": self.command, "path": path}, "stage": "$default"},
                "isBase64Encoded": False,
                "queryStringParameters": dict(parse_qsl(query)),
            }
            with one_at_a_time:
                answer = handler.handler(event, None)
            text = answer.get("body") or ""
            content = base64.b64decode(text) if answer.get("isBase64Encoded") else text.encode()
            self._say(answer["statusCode"], answer["headers"], content, answer.get("cookies", []))

        def _say(self, status: int, headers: Any, body: bytes, cookies: Any = ()) -> None:
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            for cookie in cookies:
                self.send_header("Set-Cookie", cookie)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
