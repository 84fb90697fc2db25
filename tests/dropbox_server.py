"""A Dropbox on this machine: the routes that are used, in the shapes of the SDK's own types, over TLS.

The SDK reads which hosts to ask when it is imported: import this module before it.
"""

import json
import os
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_SERVER = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler, bind_and_activate=True)
HOST = f"localhost:{_SERVER.server_address[1]}"
os.environ["DROPBOX_API_HOST"] = os.environ["DROPBOX_API_CONTENT_HOST"] = HOST

from dropbox import auth, files  # noqa: E402 (it reads the environment)
from dropbox.content_hash import content_hash  # noqa: E402
from stone.backends.python_rsrc.stone_serializers import json_encode  # noqa: E402

KEYS = {"app_key": "app", "app_secret": "hush", "refresh_token": "lasting", "account_id": "dbid:ada"}
TAKEN = datetime(2024, 5, 3, 10, 11, 12)


class Dropbox:
    """Files, everything that has happened to them, and what goes wrong."""

    def __init__(self) -> None:
        self.page_entries = 100
        self.asked: list[str] = []
        self.ranges: list[str] = []
        self.throttled = self.cut = self.torn = self.failing = 0
        self.retry_after = 1
        self.revoked = False
        self.broken: set[str] = set()
        self._files: dict[str, tuple[Any, bytes]] = {}
        self._revisions: dict[str, bytes] = {}
        self._journal: list[Any] = []
        self._generation = 0
        self._token = 0
        self._expired: set[str] = set()

    def put(self, path: str, content: bytes, id_: str | None = None) -> str:
        """Upload a file; return its id."""
        before = self._files.get(path)
        id_ = id_ or (before[0].id if before else f"id:{len(self._journal):022d}")
        rev = f"{len(self._journal) + 0x100000000:016x}"
        metadata = files.FileMetadata(
            name=path.rpartition("/")[2],
            id=id_,
            client_modified=TAKEN,
            server_modified=TAKEN,
            rev=rev,
            size=len(content),
            path_lower=path.lower(),
            path_display=path,
            content_hash=content_hash(content),
        )
        self._files[path] = (metadata, content)
        self._revisions[rev] = content
        self._journal.append(metadata)
        return id_

    def delete(self, path: str) -> None:
        """Delete a file, or a folder, of which Dropbox says no more."""
        for each in [it for it in self._files if it == path or it.startswith(f"{path}/")]:
            del self._files[each]
        self._journal.append(
            files.DeletedMetadata(name=path.rpartition("/")[2], path_lower=path.lower(), path_display=path)
        )

    def move(self, path: str, to: str) -> None:
        """Move a file, which keeps its id."""
        metadata, content = self._files[path]
        self.delete(path)
        self.put(to, content, metadata.id)

    def reset(self) -> None:
        """Make all cursors void."""
        self._generation += 1

    def expire(self) -> None:
        """End all access tokens that were given out."""
        self._expired.add(f"short-{self._token}")

    def answer(self, route: str, headers: Any, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body."""
        self.asked.append(route)
        if route == "/oauth2/token":
            return self._tokens(body)
        if self.throttled:
            self.throttled -= 1
            reason = {".tag": "too_many_requests"}
            told = {"error": {"reason": reason, "retry_after": self.retry_after}, "error_summary": "."}
            return 429, {"Retry-After": str(self.retry_after)}, json.dumps(told).encode()
        if self.failing:
            self.failing -= 1
            return 500, {}, b"Internal Server Error"
        token = headers["Authorization"].removeprefix("Bearer ")
        if token in self._expired or not token.startswith("short-"):
            error = json_encode(auth.AuthError_validator, auth.AuthError.expired_access_token)
            return 401, {}, f'{{"error": {error}, "error_summary": "expired_access_token/"}}'.encode()
        if route == "/2/files/download":
            return self._download(headers)
        asked = json.loads(body)
        match route:
            case "/2/files/list_folder":
                assert asked["recursive"] is True
                within = asked["path"].lower()
                now = [it for it, _ in self._files.values() if it.path_lower.startswith(f"{within}/")]
                return self._page(now, 0, len(self._journal))
            case "/2/files/list_folder/continue":
                return self._changes(asked["cursor"])
            case "/2/files/get_metadata":
                found = [it for it, _ in self._files.values() if it.id == asked["path"]]
                if not found:
                    missing = files.GetMetadataError.path(files.LookupError.not_found)
                    return _refused(files.GetMetadataError_validator, missing)
                return 200, {}, json_encode(files.Metadata_validator, found[0]).encode()
        raise AssertionError(route)

    def _tokens(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        asked = parse_qs(body.decode())
        if asked["grant_type"] == ["authorization_code"]:
            if asked["code"] != ["c0de-of-dropbox"]:
                return 400, {}, b'{"error": "invalid_grant", "error_description": "no such code"}'
            told = {
                "access_token": "short-0",
                "refresh_token": KEYS["refresh_token"],
                "account_id": KEYS["account_id"],
                "expires_in": 14400,
                "token_type": "bearer",
                "uid": "1",
                "scope": "files.content.read",
            }
            return 200, {}, json.dumps(told).encode()
        if self.revoked or asked["refresh_token"] != [KEYS["refresh_token"]]:
            return 400, {}, b'{"error": "invalid_grant", "error_description": "refresh token is invalid"}'
        self._token += 1
        fresh = {"access_token": f"short-{self._token}", "expires_in": 14400, "token_type": "bearer"}
        return 200, {}, json.dumps(fresh).encode()

    def _changes(self, cursor: str) -> tuple[int, dict[str, str], bytes]:
        generation, kind, start, end = cursor.split(":")
        if int(generation) != self._generation:
            reset = files.ListFolderContinueError.reset
            return _refused(files.ListFolderContinueError_validator, reset)
        if kind == "all":
            now = [it for it, _ in self._files.values()]
            return self._page(now, int(start), int(end))
        return self._page(self._journal[int(start) :], 0, len(self._journal), int(start))

    def _page(
        self, entries: list[Any], start: int, seen: int, since: int | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        some = entries[start : start + self.page_entries]
        more = start + len(some) < len(entries)
        if since is None and more:
            cursor = f"{self._generation}:all:{start + len(some)}:{seen}"
        else:
            cursor = f"{self._generation}:new:{seen if since is None else since + len(some)}:0"
        result = files.ListFolderResult(entries=some, cursor=cursor, has_more=more)
        return 200, {}, json_encode(files.ListFolderResult_validator, result).encode()

    def _download(self, headers: Any) -> tuple[int, dict[str, str], bytes]:
        rev = json.loads(headers["Dropbox-API-Arg"])["path"].removeprefix("rev:")
        content = self._revisions[rev]
        first, _, last = headers["Range"].removeprefix("bytes=").partition("-")
        self.ranges.append(headers["Range"])
        some = content[int(first) : int(last) + 1]
        metadata = next(it for it in self._journal if getattr(it, "rev", None) == rev)
        told = {"Dropbox-API-Result": json_encode(files.FileMetadata_validator, metadata)}
        if self.torn or metadata.path_display in self.broken:
            self.torn = max(self.torn - 1, 0)
            some = bytes(len(some))
        return 206, told, some


def _refused(validator: Any, error: Any) -> tuple[int, dict[str, str], bytes]:
    told = {"error": json.loads(json_encode(validator, error)), "error_summary": "."}
    return 409, {}, json.dumps(told).encode()


def _handler(box: Dropbox) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, headers, answer = box.answer(self.path, self.headers, body)
            kind = "application/octet-stream" if "Dropbox-API-Result" in headers else "application/json"
            self.send_response(status)
            for name, value in {"Content-Type": kind, **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            if status == 206 and box.cut:
                box.cut -= 1
                self.wfile.write(answer[: len(answer) // 2])
                self.close_connection = True
                return
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def serving() -> Iterator[tuple[Dropbox, Path]]:
    """Run a Dropbox; yield it, and the file with the certificate by which it is known."""
    box = Dropbox()
    with tempfile.TemporaryDirectory() as folder:
        certificate = _certificate(Path(folder))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, certificate.with_name("key.pem"))
        plain = _SERVER.socket
        _SERVER.socket = context.wrap_socket(plain.dup(), server_side=True)
        _SERVER.RequestHandlerClass = _handler(box)
        thread = Thread(target=_SERVER.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield box, certificate
        finally:
            _SERVER.shutdown()
            thread.join()
            _SERVER.socket.close()
            _SERVER.socket = plain


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    (folder / "certificate.pem").write_bytes(made.public_bytes(pem))
    return folder / "certificate.pem"
