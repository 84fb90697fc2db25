"""Tells whether an original holds malware.

ClamAV is asked over the socket of its daemon (clamd(8), INSTREAM); GuardDuty tells by a tag.
"""

import socket
import struct
from collections.abc import Mapping
from pathlib import Path

from safelight.errors import MalwareFound, Misconfigured, ServiceUnavailable

OFF = "off"
"""The setting that asks nobody."""

_VERDICT = "GuardDutyMalwareScanStatus"
"""The tag that Malware Protection for S3 gives what it has scanned (Amazon GuardDuty User Guide)."""

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


def check_verdict(tags: Mapping[str, str], filename: str) -> None:
    """Return if GuardDuty has scanned the original of these tags, and found nothing.

    Raises:
        MalwareFound: it found something.
        ServiceUnavailable: it has not scanned the original yet, which takes seconds or minutes.
        Misconfigured: it could not scan the original.
    """
    verdict = tags.get(_VERDICT)
    if verdict is None:
        raise ServiceUnavailable(
            f"GuardDuty has not scanned {filename} yet. What was there before it began to, "
            "it scans when it is told to: aws guardduty send-object-malware-scan."
        )
    if verdict == "THREATS_FOUND":
        raise MalwareFound(
            f"GuardDuty found malware in {filename}, which was not opened. Delete it, and look where it came "
            "from."
        )
    if verdict != "NO_THREATS_FOUND":
        raise Misconfigured(
            f"GuardDuty did not scan {filename}: {verdict}. Look at the state of its protection plan, let it "
            "scan again with aws guardduty send-object-malware-scan, and redrive."
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
