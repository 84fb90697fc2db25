"""Reads where the flattened picture of a Photoshop document lies, and how it is coded.

Adobe Photoshop File Formats Specification, 2019; version 2 is the large document format (PSB).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from safelight.files.seekable import Seekable, read_at, size_of
from safelight.files.tiff import exif_orientation

SIGNATURE = b"8BPS"
BITMAP, GREY, INDEXED, RGB, CMYK, DUOTONE, LAB = 0, 1, 2, 3, 4, 8, 9
COLORS = {BITMAP: 1, GREY: 1, INDEXED: 1, RGB: 3, CMYK: 4, DUOTONE: 1, LAB: 3}
"""How many channels colour takes; a multichannel document has no colours."""

MATTED = (GREY, RGB, CMYK)
"""The modes whose white is the largest number of each channel."""

RAW, PACK_BITS = 0, 1
IPTC, PROFILE, EXIF, XMP = 1028, 1039, 1058, 1060
"""The numbers of the image resources that hold metadata."""

_VERSION = 1057
_MARKS = (b"8BIM", b"MeSa", b"AgHg", b"PHUT", b"DCSR")
"""With what a resource starts: Photoshop's, ImageReady's, and those of three more programs."""
_MAX_RESOURCES = 10_000
_FIRST_TURNED = 5
_MAX_ROWS = 2_000_000


class CutShort(Exception):
    """The document ends early; `needed` is how many bytes it needs at least."""

    def __init__(self, needed: int) -> None:
        """`needed` counts from the start of the file."""
        super().__init__(needed)
        self.needed = needed


@dataclass(frozen=True)
class Document:
    """A Photoshop document.

    `depth` is in bits a sample. `strips` are offset and length in bytes of each piece of the flattened
    picture's colours, channel by channel: whole where `coding` is `RAW`, rows where it is `PACK_BITS`; none
    where mode or coding is another. Where `alpha`, one more channel follows, which is the transparency of the
    flattened picture. `merged` is false where the program left the picture out. `orientation` is that of its
    Exif: programs turn the picture by it.
    """

    width: int
    height: int
    depth: int
    mode: int
    palette: bytes
    profile: bytes | None
    orientation: int
    merged: bool
    alpha: bool
    coding: int
    strips: list[tuple[int, int]]


def document_in(file: Seekable) -> Document:
    """Return what the Photoshop document `file` says of its flattened picture.

    Raises:
        CutShort: it ends before its flattened picture does.
    """
    version, channels, height, width, depth, mode = struct.unpack(">4xH6xHIIHH", _exactly(file, 0, 26))
    large = version == 2
    palette_at, palette_length = _section(file, 26, 4)
    resources_at, resources_length = _section(file, palette_at + palette_length, 4)
    wanted = {
        number: read_at(file, start, length)
        for number, start, length in resources(file, resources_at, resources_at + resources_length)
        if number in (PROFILE, EXIF, _VERSION)
    }
    layers_at, layers_length = _section(file, resources_at + resources_length, 8 if large else 4)
    start = layers_at + layers_length
    (coding,) = struct.unpack(">H", _exactly(file, start, 2))
    strips: list[tuple[int, int]] = []
    layers = read_at(file, layers_at + (8 if large else 4), 2) if layers_length else b""
    # A negative count of layers says that the first channel behind the colours is the picture's transparency.
    alpha = layers[:1] >= b"\x80" and mode in MATTED and channels > COLORS[mode]
    taken = COLORS.get(mode, 0) + alpha
    if mode in COLORS and coding == RAW:
        length = (width * depth + 7) // 8 * height
        strips = [(start + 2 + n * length, length) for n in range(taken)]
    elif mode in COLORS and coding == PACK_BITS:
        strips = _rows(file, start + 2, channels * height, taken * height, 4 if large else 2)
    if strips and sum(strips[-1]) > size_of(file):
        raise CutShort(sum(strips[-1]))
    said = wanted.get(_VERSION, b"")
    return Document(
        *(width, height, depth, mode),
        palette=read_at(file, palette_at, min(palette_length, 768)),
        profile=wanted.get(PROFILE),
        orientation=exif_orientation(wanted.get(EXIF, b"")),
        merged=len(said) < 5 or said[4] != 0,
        alpha=alpha,
        coding=coding,
        strips=strips,
    )


def size_in(file: Seekable) -> tuple[int, int]:
    """Return width and height in pixels, turned upright. Raises struct.error where the header ends early."""
    height, width = struct.unpack(">II", read_at(file, 14, 8))
    exif = (read_at(file, *rest) for number, *rest in resources_in(file) if number == EXIF)
    return (height, width) if exif_orientation(next(exif, b"")) >= _FIRST_TURNED else (width, height)


def resources_in(file: Seekable) -> Iterator[tuple[int, int, int]]:
    """Yield the image resources of a document, as `resources` does; none where it ends before them."""
    try:
        palette_at, palette_length = _section(file, 26, 4)
        start, length = _section(file, palette_at + palette_length, 4)
        yield from resources(file, start, start + length)
    except CutShort:
        return


def resources(file: Seekable, position: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield of each image resource from `position` to `end` its number, and where and how long its data are.

    A resource: a mark, its number, a Pascal string padded to an even length, and data so padded, too.

    Raises:
        CutShort: the file ends within one.
    """
    for _ in range(_MAX_RESOURCES):
        head = read_at(file, position, 7)
        if position >= end or len(head) < 7 or head[:4] not in _MARKS:
            return
        at = position + 6 + (head[6] + 2) // 2 * 2  # behind a name of even length, its own length included
        start, length = _section(file, at, 4)
        yield int.from_bytes(head[4:6], "big"), start, min(length, end - start)
        position = start + length + length % 2


def _exactly(file: Seekable, offset: int, size: int) -> bytes:
    data = read_at(file, offset, size)
    if len(data) < size:
        raise CutShort(offset + size)
    return data


def _section(file: Seekable, at: int, size: int) -> tuple[int, int]:
    """Return where the section at `at` starts, behind its length of `size` bytes, and that length."""
    return at + size, int.from_bytes(_exactly(file, at, size), "big")


def _rows(file: Seekable, at: int, rows: int, wanted: int, size: int) -> list[tuple[int, int]]:
    """Return where the first `wanted` of all `rows` lie: a table of their lengths comes before them."""
    wanted = min(wanted, _MAX_ROWS)
    lengths = struct.unpack(f">{wanted}{'I' if size == 4 else 'H'}", _exactly(file, at, wanted * size))
    found, position = [], at + rows * size
    for length in lengths:
        found.append((position, length))
        position += length
    return found
