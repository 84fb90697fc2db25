"""Walks the blocks of a GIF file (GIF89a specification, sections 15 to 26)."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from safelight.files.seekable import Seekable, read_at

SIGNATURES = (b"GIF87a", b"GIF89a")
_HEADER_BYTES, _DESCRIPTOR_BYTES = 13, 9
_IMAGE, _EXTENSION = b",", b"!"


class CutShort(Exception):
    """The file ends within a block."""


class Frame(NamedTuple):
    """Where an image lies on the canvas, in pixels."""

    left: int
    top: int
    width: int
    height: int


def canvas(file: Seekable) -> tuple[int, int]:
    """Return width and height of the canvas of the GIF `file` in pixels."""
    width, height = struct.unpack("<HH", read_at(file, 6, 4))
    return width, height


def frames(file: Seekable) -> Iterator[Frame]:
    """Yield the images of the GIF `file`, each when all of it has been passed; what is no block ends them.

    Raises:
        CutShort: see there.
    """
    position = _HEADER_BYTES + _table_bytes(_exactly(file, 10, 1)[0])
    while (introducer := read_at(file, position, 1)) in (_IMAGE, _EXTENSION):
        if introducer == _EXTENSION:
            position = _behind_blocks(file, position + 2)
            continue
        descriptor = _exactly(file, position + 1, _DESCRIPTOR_BYTES)
        # Behind the descriptor and its table there is one byte more, the least size of a code.
        data = position + 1 + _DESCRIPTOR_BYTES + _table_bytes(descriptor[8]) + 1
        position = _behind_blocks(file, data)
        yield Frame(*struct.unpack("<4H", descriptor[:8]))


def _table_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _behind_blocks(file: Seekable, at: int) -> int:
    while length := _exactly(file, at, 1)[0]:
        at += length + 1
    return at + 1


def _exactly(file: Seekable, at: int, size: int) -> bytes:
    found = read_at(file, at, size)
    if len(found) < size:
        raise CutShort
    return found
