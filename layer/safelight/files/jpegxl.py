"""Reads the header of a JPEG XL file (ISO/IEC 18181-1, annex D; 18181-2, 9)."""

import struct

from safelight.files.boxes import boxes
from safelight.files.seekable import Seekable, read_at, size_of

SIGNATURE = b"\x00\x00\x00\x0cJXL \r\n\x87\n"
CODESTREAM = b"\xff\x0a"
_HEADER_BYTES = 64
_RATIOS = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}
_LENGTHS = (9, 13, 18, 30)
_FIRST_TURNED = 5
_MAX_EXIF_BYTES = 1024 * 1024


def size_in(file: Seekable) -> tuple[int, int]:
    """Return width and height in pixels, as displayed upright.

    Raises:
        struct.error: there is no codestream, or it ends in its header.
    """
    bits = _Bits(_start(file))
    small = bits(1)
    height = (bits(5) + 1) * 8 if small else bits(_LENGTHS[bits(2)]) + 1
    if ratio := bits(3):
        across, down = _RATIOS[ratio]
        width = height * across // down
    else:
        width = (bits(5) + 1) * 8 if small else bits(_LENGTHS[bits(2)]) + 1
    all_default = bits(1)
    orientation = 1 + bits(3) if not all_default and bits(1) else 1
    return (height, width) if orientation >= _FIRST_TURNED else (width, height)


def exif_in(file: Seekable) -> bytes:
    """Return the Exif block from its TIFF header on, or nothing; one packed by Brotli is not opened."""
    if read_at(file, 0, len(SIGNATURE)) == SIGNATURE:
        for kind, start, length in boxes(file, 0, size_of(file)):
            if kind == b"Exif":
                return read_at(file, start + 4, min(length - 4, _MAX_EXIF_BYTES))
    return b""


def _start(file: Seekable) -> bytes:
    """Return the first bytes of the codestream, behind its mark."""
    at = 0
    if read_at(file, 0, len(SIGNATURE)) == SIGNATURE:
        for kind, start, _ in boxes(file, 0, size_of(file)):
            if kind in (b"jxlc", b"jxlp"):
                at = start + (4 if kind == b"jxlp" else 0)  # the number of the part
                break
    head = read_at(file, at, _HEADER_BYTES)
    if not head.startswith(CODESTREAM):
        raise struct.error("no codestream")
    return head[len(CODESTREAM) :]


class _Bits:
    """The bits of `data`, from the lowest."""

    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data, "little"), 8 * len(data)

    def __call__(self, count: int) -> int:
        if count > self._left:
            raise struct.error("the header ends early")
        value = self._value & (1 << count) - 1
        self._value >>= count
        self._left -= count
        return value
