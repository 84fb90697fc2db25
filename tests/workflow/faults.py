"""Stands between the functions and the cloud, and does to their calls what a bad day does."""

import json
import os
import random
import re
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from safelight_local.cloud.cloud import Cloud

Service = Literal["s3", "dynamodb", "rekognition", "sns"]
Kind = Literal["throttle", "error", "reset", "torn", "latency"]
Reply = tuple[int, str]
"""An HTTP status and the code of an error."""

SERVICES: tuple[Service, ...] = ("s3", "dynamodb", "rekognition", "sns")
KINDS: tuple[Kind, ...] = ("throttle", "error", "reset", "torn", "latency")

THROTTLES: dict[str, Reply] = {
    "s3": (503, "SlowDown"),
    "dynamodb": (400, "ProvisionedThroughputExceededException"),
    "rekognition": (400, "ThrottlingException"),
    "sns": (400, "Throttling"),
}
"""What each service answers to who asks too often."""

ERRORS: dict[str, Reply] = {
    "s3": (500, "InternalError"),
    "dynamodb": (500, "InternalServerError"),
    "rekognition": (500, "InternalServerError"),
    "sns": (500, "InternalFailure"),
}
"""What each service answers when it fails itself."""

PATIENCE_SECONDS = 25
"""How long the functions' clients wait for an answer."""

_HOP_BY_HOP = frozenset({"connection", "content-length", "expect", "keep-alive", "transfer-encoding"})


@dataclass(frozen=True)
class Call:
    """One call of a function: to which service, which operation, or verb of HTTP of S3, and its body."""

    service: str
    operation: str
    body: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True)
class Fault:
    """What befalls a call.

    Throttles and errors are answered in place of the service. A reset call is lost before or, where it is
    `late`, after the service has carried it out. A torn one is always carried out; its reply ends in the
    middle, and where it is `late`, seems whole. Latency lets the caller wait for `seconds`.
    """

    kind: Kind
    late: bool = False
    seconds: float = 0.0
    reply: Reply | None = None


Plan = Callable[[Call], Fault | None]
"""Decides what befalls a call; None lets it pass."""


def quiet(_: Call) -> None:
    """Let every call pass."""


def at_random(kind: Kind, share: float, services: tuple[Service, ...], seed: int) -> Plan:
    """Return a plan by which a `share` of the calls to these services goes wrong, 0 to 1."""
    dice, turn = random.Random(seed), threading.Lock()

    def plan(call: Call) -> Fault | None:
        with turn:
            hit, late, length = dice.random() < share, dice.random() < 0.5, dice.random()
        if call.service not in services or not hit:
            return None
        seconds = PATIENCE_SECONDS + 3.0 if length > 0.95 else 3.0 * length
        return Fault(kind, late, seconds)

    return plan


class FaultProxy:
    """A server on loopback that passes the functions' calls on to a cloud, as `plan` lets it.

    `calls` counts all of them by service, `faults` what befell them by service and kind.
    """

    def __init__(self, cloud: Cloud, plan: Plan = quiet) -> None:
        """Stand in front of `cloud`; nothing listens until `listening`."""
        self.plan = plan
        self.calls, self.faults = Counter[str](), Counter[tuple[str, Kind]]()
        self._cloud = cloud
        self._turn = threading.Lock()

    @contextmanager
    def listening(self) -> Iterator[dict[str, str]]:
        """Serve for the body of a `with`; yields the variables by which an AWS client comes here."""
        server = _Server(("127.0.0.1", 0), partial(_Handler, self))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        here = f"http://127.0.0.1:{server.server_port}"
        try:
            yield {f"AWS_ENDPOINT_URL_{service.upper()}": here for service in SERVICES}
        finally:
            server.shutdown()
            server.server_close()

    def befalls(self, call: Call) -> Fault | None:
        """Count a call, and return what befalls it."""
        fault = self.plan(call)
        with self._turn:
            self.calls[call.service] += 1
            if fault:
                self.faults[call.service, fault.kind] += 1
        return fault

    def upstream(self, call: Call, path: str) -> tuple[HTTPConnection, str]:
        """Return a connection to the real service, and the path of `path` there."""
        address = urlsplit(
            self._cloud.vision_endpoint if call.service == "rekognition" else self._cloud.endpoint
        )
        connection = HTTPConnection(str(address.hostname), address.port, timeout=120)
        return connection, address.path + path


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of callers that have gone away; functions are killed here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, proxy: FaultProxy, *connection: Any) -> None:
        self._proxy = proxy
        super().__init__(*connection)

    def _carry(self) -> None:
        body = self._body()
        call = self._call(body)
        fault = self._proxy.befalls(call)
        kind = fault.kind if fault else None
        if fault and kind in ("throttle", "error"):
            status, code = fault.reply or (THROTTLES if kind == "throttle" else ERRORS)[call.service]
            self._send(status, *_told(call, code, body, late=fault.late and kind == "throttle"))
            return
        if fault and kind == "reset" and not fault.late:
            self._reset()
            return
        if fault and kind == "latency" and not fault.late:
            time.sleep(fault.seconds)
        try:
            status, headers, answer = self._asked(call, body)
        except (OSError, HTTPException):
            self._reset()  # the cloud is not there
            return
        if kind == "reset":
            self._reset()
        elif fault and kind == "torn":
            self._tear(status, headers, answer, seems_whole=fault.late and call.service != "s3")
        else:
            if fault and kind == "latency" and fault.late:
                time.sleep(fault.seconds)
            self._send(status, headers, answer)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _carry  # noqa: N815

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _call(self, body: bytes) -> Call:
        scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", self.headers.get("Authorization", ""))
        service = scope[1] if scope else ""
        target = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        if service == "sns":
            target = parse_qs(body.decode())["Action"][0]
        return Call(service, target or self.command, body)

    def _asked(self, call: Call, body: bytes) -> tuple[int, dict[str, str], bytes]:
        connection, path = self._proxy.upstream(call, self.path)
        try:
            connection.putrequest(self.command, path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():  # Host too: it is signed
                if name.lower() not in _HOP_BY_HOP:
                    connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            headers = {k: v for k, v in response.getheaders() if k.lower() not in _HOP_BY_HOP}
            if self.command == "HEAD":
                headers["Content-Length"] = response.headers.get("Content-Length", "0")
            return response.status, headers, response.read()
        finally:
            connection.close()

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers and status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _tear(self, status: int, headers: dict[str, str], body: bytes, *, seems_whole: bool) -> None:
        half = body[: len(body) // 2]
        length = len(half) if seems_whole else max(len(body), 1)
        self._send(status, {**headers, "Content-Length": str(length)}, half)
        self.close_connection = True

    def _reset(self) -> None:
        """End the connection as a machine does that knows nothing of it."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        pass


def _told(call: Call, code: str, body: bytes, *, late: bool) -> tuple[dict[str, str], bytes]:
    """Return an error as the service writes it; where it is `late`, of one item in a transaction."""
    message = "Injected by a fault proxy."
    if call.service == "s3":
        xml = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
        return {"Content-Type": "application/xml"}, xml.encode()
    if call.service == "sns":
        xml = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        return {"Content-Type": "text/xml"}, xml.encode()
    error: dict[str, Any] = {"__type": code, "message": message}
    if late and call.operation == "TransactWriteItems":
        items = json.loads(body)["TransactItems"]
        reasons = [{"Code": "ThrottlingError", "Message": message}, *({"Code": "None"} for _ in items[1:])]
        error = {
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": "Transaction cancelled, please refer to the reasons",
            "CancellationReasons": reasons,
        }
    return {"Content-Type": "application/x-amz-json-1.0"}, json.dumps(error).encode()
