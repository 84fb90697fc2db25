"""Reads the header of a Windows or OS/2 bitmap (Microsoft, Bitmap Header Types)."""

import struct
from typing import NamedTuple

from safelight.files.seekable import Seekable, read_at

_CORE, _SHORT_OS2, _INFO, _OS2, _PROFILED = 12, 16, 40, 64, 124
_WITH_ALPHA = frozenset({56, 108, _PROFILED})
_HEADERS = frozenset({_CORE, _SHORT_OS2, _INFO, 52, _OS2, *_WITH_ALPHA})
"""Lengths in bytes; the last are those of versions 4 and 5."""

_FILE_HEADER, _MASKS = 14, 54
PLAIN, BIT_FIELDS, ALPHA_BIT_FIELDS = 0, 3, 6
_OS2_CODINGS = 1000
"""Added to what OS/2 codes in its own way under the same numbers."""

_DEFAULT_MASKS = {16: (0x7C00, 0x3E0, 0x1F, 0), 32: (0xFF0000, 0xFF00, 0xFF, 0)}
_MOST_COLORS = 256

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
    return width, abs(height)  # a negative height means that the first row is the top one


class Layout(NamedTuple):
    """How the pixels of a bitmap lie in its file.

    `coding` is the number of its compression; `start` the offset of the first row, which is the top one where
    `top_down` says so. `masks` are those of red, green, blue and alpha, of 16 and 32 bits a pixel; `palette`
    has blue, green and red of each colour, of 8 bits a pixel and less.
    """

    bits: int
    coding: int
    start: int
    top_down: bool
    masks: tuple[int, int, int, int]
    palette: bytes


def layout_in(file: Seekable) -> Layout:
    """Return how the pixels of the bitmap `file` lie. Raises struct.error where the header ends early."""
    start, header = struct.unpack("<II", read_at(file, 10, 8))
    height = coding = used = 0
    if header == _CORE:
        (bits,) = struct.unpack("<H", read_at(file, 24, 2))
    else:
        height, _, bits = struct.unpack("<iHH", read_at(file, 22, 8))
    if header >= _INFO:
        coding, used = struct.unpack("<I12xI", read_at(file, 30, 20))
    if header == _OS2 and coding >= BIT_FIELDS:
        coding += _OS2_CODINGS
    behind, masks = _FILE_HEADER + header, _DEFAULT_MASKS.get(bits, (0, 0, 0, 0))
    if coding in (BIT_FIELDS, ALPHA_BIT_FIELDS):
        has_alpha = header in _WITH_ALPHA or coding == ALPHA_BIT_FIELDS
        red, green, blue = struct.unpack("<3I", read_at(file, _MASKS, 12))
        masks = red, green, blue, struct.unpack("<I", read_at(file, _MASKS + 12, 4))[0] if has_alpha else 0
        behind = max(behind, _MASKS + (16 if has_alpha else 12))
    palette = _palette(file, behind, 3 if header == _CORE else 4, bits, used)
    return Layout(bits, coding, start or behind + len(palette), height < 0, masks, palette)


def _palette(file: Seekable, at: int, entry: int, bits: int, used: int) -> bytes:
    if bits > 8:
        return b""
    count = min(used or 1 << bits, 1 << bits, _MOST_COLORS)
    stored = read_at(file, at, count * entry)
    return b"".join(stored[n : n + 3] for n in range(0, len(stored) - 2, entry))


def profile_in(file: Seekable) -> bytes | None:
    """Return the embedded ICC profile, if there is one."""
    head = read_at(file, 14, _PROFILED)
    if len(head) < _PROFILED or head[:4] != struct.pack("<I", _PROFILED) or head[56:60] != _EMBEDDED:
        return None
    offset, length = struct.unpack("<II", head[112:120])
    return read_at(file, 14 + offset, min(length, _MAX_PROFILE_BYTES)) or None
