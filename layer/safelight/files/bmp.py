"""Reads the header of a Windows or OS/2 bitmap (Microsoft, Bitmap Header Types)."""

import struct

from safelight.files.seekable import Seekable, read_at

_CORE, _PROFILED = 12, 124
_HEADERS = frozenset({_CORE, 16, 40, 52, 56, 64, 108, _PROFILED})
"""Lengths in bytes; the last are those of versions 4 and 5."""

_EMBEDDED = b"DEBM"
_MAX_PROFILE_BYTES = 16 * 1024 * 1024


def is_bitmap(start: bytes) -> bool:
    """Whether the first 18 bytes of a file are those of a bitmap."""
    return start[:2] == b"BM" and int.from_bytes(start[14:18], "little") in _HEADERS


def size_in(file: Seekable) -> tuple[int, int]:
    """Return width and height in pixels. Raises struct.error where the header ends early."""
    if read_at(file, 14, 4) == struct.pack("<I", _CORE):
        width, height = struct.unpack("<HH", read_at(file, 18, 4))
    else:
        width, height = struct.unpack("<ii", read_at(file, 18, 8))
    return abs(width), abs(height)  # a negative height means that the first row is the top one


def profile_in(file: Seekable) -> bytes | None:
    """Return the embedded ICC profile, if there is one."""
    head = read_at(file, 14, _PROFILED)
    if len(head) < _PROFILED or head[:4] != struct.pack("<I", _PROFILED) or head[56:60] != _EMBEDDED:
        return None
    offset, length = struct.unpack("<II", head[112:120])
    return read_at(file, 14 + offset, min(length, _MAX_PROFILE_BYTES)) or None
