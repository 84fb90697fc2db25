"""Walks the chunks of a PNG file (W3C PNG, third edition, 5.3)."""

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from safelight.files.seekable import Seekable, read_at, size_of

_MAX_CHUNKS = 1_000_000
_MAX_EXIF_BYTES, _MAX_CHECKED_BYTES = 1024 * 1024, 16 * 1024 * 1024
SIGNATURE = b"\x89PNG\r\n\x1a\n"
_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"
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


def missing_end(file: Seekable) -> bytes:
    """Return what the PNG `file` lacks of the chunk that ends it, where it lacks nothing else; or nothing."""
    size = size_of(file)
    if read_at(file, max(0, size - len(_END)), len(_END)) == _END:
        return b""
    kinds, end = set(), 0
    for chunk in chunks(file):
        if chunk.start + chunk.length + 4 > size:
            break
        kinds.add(chunk.kind)
        end = chunk.start + chunk.length + 4
    there = read_at(file, end, len(_END))
    return _END[len(there) :] if b"IDAT" in kinds and b"IEND" not in kinds and _END.startswith(there) else b""


def is_sound(file: Seekable, chunk: Chunk) -> bool:
    """Return whether the checksum of `chunk` is right: one without is left out, by libpng and by browsers.

    A chunk of more than 16 MB is taken for sound.
    """
    if chunk.length > _MAX_CHECKED_BYTES:
        return True
    data = read_at(file, chunk.start, chunk.length + 4)
    return data[chunk.length :] == struct.pack(">I", zlib.crc32(chunk.kind + data[: chunk.length]))


def exif(file: Seekable) -> bytes:
    """Return the first Exif block of the PNG `file` that is sound, or nothing."""
    for chunk in chunks(file):
        if chunk.kind == b"eXIf" and chunk.length <= _MAX_EXIF_BYTES and is_sound(file, chunk):
            return read_at(file, chunk.start, chunk.length)
    return b""
