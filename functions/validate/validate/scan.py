"""Asks ClamAV whether a file holds malware, over the socket of its daemon (clamd(8), INSTREAM)."""

import socket
import struct
from pathlib import Path

from safelight.errors import MalwareFound, Misconfigured, ServiceUnavailable

OFF = "off"
"""The setting that asks nobody."""

_PIECE = 1 << 20
_PATIENCE_SECONDS = 60
_LONGEST_ANSWER = 4096


def check_clean(path: Path, filename: str, daemon: str) -> None:
    """Return if the daemon at the socket `daemon` finds nothing in the file at `path`, or if it is `OFF`.

    Raises:
        MalwareFound: it found something, and says what.
        Misconfigured: it does not take files of this size, or does not scan at all.
        ServiceUnavailable: it does not answer.
    """
    if daemon == OFF:
        return
    try:
        answer = _answer(path, daemon)
    except OSError as error:
        raise ServiceUnavailable(f"ClamAV at {daemon} does not answer: {error}. Start clamd.") from error
    verdict = answer.rpartition(" ")[2]
    if verdict == "FOUND":
        name = answer.removeprefix("stream: ").removesuffix(" FOUND")
        raise MalwareFound(
            f"{filename} holds malware, {name}, and was not opened. Delete it, and look where it came from."
        )
    if verdict != "OK":
        raise Misconfigured(
            f"ClamAV does not scan {filename}: {answer or 'it hung up'}. Let StreamMaxLength in clamd.conf "
            "be at least MaxFileMegabytes, then redrive."
        )


def _answer(path: Path, daemon: str) -> str:
    """Return what the daemon says of the file, which it is sent in pieces, each behind its length."""
    with socket.socket(socket.AF_UNIX) as connection, path.open("rb") as file:
        connection.settimeout(_PATIENCE_SECONDS)
        connection.connect(daemon)
        connection.sendall(b"zINSTREAM\0")
        try:
            while piece := file.read(_PIECE):
                connection.sendall(struct.pack(">I", len(piece)) + piece)
            connection.sendall(bytes(4))
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has heard enough, and says why
        answer = b""
        while not answer.endswith(b"\0") and (more := connection.recv(_LONGEST_ANSWER)):
            answer += more
    return "".join(sign for sign in answer.decode(errors="replace") if sign.isprintable())
