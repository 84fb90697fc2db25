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


def mended(file: Seekable) -> bytes | None:
    """Return the PNG `file` with its form put right, or None where nothing is wrong with that.

    Whether the pixels are there is for who decodes them to find out: checksums of image data become right,
    and where the file is cut, what is left of the chunk counts, or is left out, and the end is added.
    """
    size, position = size_of(file), len(SIGNATURE)
    pieces: list[bytes] = []
    for chunk in chunks(file):
        end = chunk.start + chunk.length
        whole, image = end + 4 <= size, chunk.kind == b"IDAT"
        if image and not (whole and is_sound(file, chunk)):
            data = read_at(file, chunk.start, min(chunk.length, size - chunk.start))
            pieces += read_at(file, position, chunk.start - 8 - position), _chunk(chunk.kind, data)
            position = end + 4
        elif not whole:
            pieces.append(read_at(file, position, chunk.start - 8 - position))
            position = size
        if chunk.kind == b"IEND" and whole:
            return (
                b"".join((SIGNATURE, *pieces, read_at(file, position, size - position))) if pieces else None
            )
    pieces.append(read_at(file, position, max(0, size - position)))
    return b"".join((SIGNATURE, *pieces, _END))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


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
