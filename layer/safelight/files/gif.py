"""Walks the blocks of a GIF file (GIF89a specification, sections 15 to 26)."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from safelight.files.seekable import Seekable, read_at

SIGNATURES = (b"GIF87a", b"GIF89a")
_HEADER_BYTES, _DESCRIPTOR_BYTES = 13, 9
_IMAGE, _EXTENSION, _TRAILER = b",", b"!", b";"
_WIDEST_CODE = 12
"""In bits."""


class CutShort(Exception):
    """The file ends within a block."""


class Astray(Exception):
    """What follows the images is neither a block nor the trailer, nor the end of the file."""


class Frame(NamedTuple):
    """Where an image lies on the canvas, in pixels, and from where to where its data lie in the file."""

    left: int
    top: int
    width: int
    height: int
    data: int
    end: int


def canvas(file: Seekable) -> tuple[int, int]:
    """Return width and height of the canvas of the GIF `file` in pixels."""
    width, height = struct.unpack("<HH", read_at(file, 6, 4))
    return width, height


def frames(file: Seekable) -> Iterator[Frame]:
    """Yield the images of the GIF `file`, each when all of it has been passed.

    Raises:
        CutShort, Astray: see there.
    """
    position = _HEADER_BYTES + _table_bytes(_exactly(file, 10, 1)[0])
    while (introducer := read_at(file, position, 1)) in (_IMAGE, _EXTENSION):
        if introducer == _EXTENSION:
            position = _behind_blocks(file, position + 2)
            continue
        descriptor = _exactly(file, position + 1, _DESCRIPTOR_BYTES)
        data = position + 1 + _DESCRIPTOR_BYTES + _table_bytes(descriptor[8])
        position = _behind_blocks(file, data + 1)
        left, top, width, height = struct.unpack("<4H", descriptor[:8])
        yield Frame(left, top, width, height, data, position)
    if introducer not in (_TRAILER, b""):
        raise Astray


def alone(file: Seekable, frame: Frame) -> bytes:
    """Return the GIF `file` up to its image `frame`, the first, whose data get two bytes of zeros more.

    Decoders that look ahead would miss the last pixels of data that do not say their end; others stop there.
    """
    return read_at(file, 0, frame.end - 1) + b"\x02\x00\x00\x00" + _TRAILER


def holds_all(file: Seekable, frame: Frame) -> bool:
    """Return whether the data of `frame` have a colour for each of its pixels.

    Codes are counted and not looked up (GIF89a, appendix F): each stands for so many pixels.
    """
    code_size = _exactly(file, frame.data, 1)[0]
    if code_size >= _WIDEST_CODE:
        return False
    clear, wanted = 1 << code_size, frame.width * frame.height
    lengths, width, previous = [1] * clear + [0, 0], code_size + 1, 0
    bits = held = found = 0
    for byte in _in_blocks(file, frame.data + 1):
        bits |= byte << held
        held += 8
        while held >= width:
            code = bits & ((1 << width) - 1)
            bits >>= width
            held -= width
            if code == clear:
                del lengths[clear + 2 :]
                width, previous = code_size + 1, 0
                continue
            if code == clear + 1 or code > len(lengths):
                return found >= wanted
            length = lengths[code] if code < len(lengths) else previous + 1
            found += length
            if previous and len(lengths) < 1 << _WIDEST_CODE:
                lengths.append(previous + 1)
                width += len(lengths) == 1 << width and width < _WIDEST_CODE
            previous = length
    return found >= wanted


def _table_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _in_blocks(file: Seekable, at: int) -> Iterator[int]:
    while length := _exactly(file, at, 1)[0]:
        yield from _exactly(file, at + 1, length)
        at += length + 1


def _behind_blocks(file: Seekable, at: int) -> int:
    while length := _exactly(file, at, 1)[0]:
        at += length + 1
    return at + 1


def _exactly(file: Seekable, at: int, size: int) -> bytes:
    found = read_at(file, at, size)
    if len(found) < size:
        raise CutShort
    return found
