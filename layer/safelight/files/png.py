"""Walks the chunks of a PNG file (W3C PNG, third edition, 5.3)."""

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from safelight.files.seekable import Seekable, read_at

_MAX_CHUNKS = 1_000_000
_MAX_EXIF_BYTES = 1024 * 1024
SIGNATURE = b"\x89PNG\r\n\x1a\n"
FRAME_BYTES = 12
"""What a chunk has besides its data: length, kind and checksum."""


class Chunk(NamedTuple):
    """Its kind, and offset and length in bytes of its data; the checksum is behind them."""

    kind: bytes
    start: int
    length: int


def chunks(file: Seekable) -> Iterator[Chunk]:
    """Yield each chunk of the PNG `file`; the last may reach past its end."""
    position = len(SIGNATURE)
    for _ in range(_MAX_CHUNKS):
        if len(head := read_at(file, position, 8)) < 8:
            return
        length, kind = struct.unpack(">I4s", head)
        yield Chunk(kind, position + 8, length)
        position += FRAME_BYTES + length


def exif(file: Seekable) -> bytes:
    """Return the first Exif block of the PNG `file` whose checksum is right, or nothing."""
    for kind, start, length in chunks(file):
        if kind == b"eXIf" and length <= _MAX_EXIF_BYTES:
            block, check = read_at(file, start, length), read_at(file, start + length, 4)
            if check == struct.pack(">I", zlib.crc32(kind + block)):
                return block
    return b""
