"""Reads the header of a JPEG 2000 file, or of a bare codestream (ISO/IEC 15444-1, annexes A and I)."""

import struct
from typing import NamedTuple

from safelight.files.boxes import Box, boxes
from safelight.files.seekable import Seekable, read_at, size_of

SIGNATURE = b"\x00\x00\x00\x0cjP  \r\n\x87\n"
CODESTREAM = b"\xff\x4f\xff\x51"
_ENUMERATED, _RESTRICTED, _ANY_PROFILE = 1, 2, 3
_SIGNED = 0x80
_MAX_PROFILE_BYTES = 16 * 1024 * 1024


def size_in(file: Seekable) -> tuple[int, int]:
    """Return width and height in pixels, as the codestream says.

    Raises:
        struct.error: there is no codestream, or it ends in its header.
    """
    head = read_at(file, _codestream_at(file), 24)
    if not head.startswith(CODESTREAM):
        raise struct.error("no codestream")
    right, bottom, left, top = struct.unpack(">4I", head[8:24])
    return right - left, bottom - top


class Components(NamedTuple):
    """How many components a picture has, of how many bits at most, and whether all are alike and unsigned.

    color: the number of an enumerated colour space: 16 is sRGB, 17 grey (ISO/IEC 15444-1, table I.10).
    """

    number: int
    bits: int
    alike: bool
    color: int | None


def components_in(file: Seekable) -> Components:
    """Return what the components of a picture are, by the codestream and its colour box.

    Raises:
        struct.error: there is no codestream, or it ends in its header.
    """
    at = _codestream_at(file)
    (number,) = struct.unpack(">H", read_at(file, at + 40, 2))
    rows = read_at(file, at + 42, 3 * number)
    each = {rows[start : start + 3] for start in range(0, 3 * number, 3)}
    if not rows or min(map(len, each)) < 3:
        raise struct.error("the codestream ends in its header")
    colors = [
        int.from_bytes(read_at(file, start + 3, 4), "big")
        for header in _boxes(file, b"jp2h")
        for kind, start, _ in boxes(file, header.start, header.end)
        if kind == b"colr" and read_at(file, start, 1) == bytes([_ENUMERATED])
    ]
    alike = len(each) == 1 and each.pop()[1:] == b"\x01\x01" and not rows[0] & _SIGNED
    return Components(
        number, max(row & ~_SIGNED for row in rows[::3]) + 1, alike, colors[0] if colors else None
    )


def profile_in(file: Seekable) -> bytes | None:
    """Return the embedded ICC profile, if there is one."""
    box = profile_box(file)
    return read_at(file, box.start + 3, min(box.length - 3, _MAX_PROFILE_BYTES)) or None if box else None


def profile_box(file: Seekable) -> Box | None:
    """Return the colour box that holds an ICC profile, if there is one."""
    for header in _boxes(file, b"jp2h"):
        for box in boxes(file, header.start, header.end):
            method = read_at(file, box.start, 1)
            if box.kind == b"colr" and method in (bytes([_RESTRICTED]), bytes([_ANY_PROFILE])):
                return box
    return None


def _codestream_at(file: Seekable) -> int:
    if read_at(file, 0, 4) == CODESTREAM:
        return 0
    return next((box.start for box in _boxes(file, b"jp2c")), 0)


def _boxes(file: Seekable, wanted: bytes) -> list[Box]:
    return [box for box in boxes(file, 0, size_of(file)) if box.kind == wanted]
