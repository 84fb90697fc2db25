"""Makes TIFF files of any samples, byte order and directories, as scanners and editors write them."""

import struct
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED, IFD, LONG8 = 1, 2, 3, 4, 5, 7, 13, 16
_CODES = {SHORT: "H", LONG: "I", RATIONAL: "I", IFD: "I", LONG8: "Q"}
_SIZES = {BYTE: 1, ASCII: 1, SHORT: 2, LONG: 4, RATIONAL: 8, UNDEFINED: 1, IFD: 4, LONG8: 8}
_FORMATS = {"u": 1, "i": 2, "f": 3}
_TOP_ROWS = 16

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK, YCBCR, CIELAB, ICCLAB = 0, 1, 2, 3, 5, 6, 8, 9
UNSPECIFIED, ASSOCIATED, UNASSOCIATED = 0, 1, 2

Entry = tuple[int, bytes | Sequence[int]]
"""The type of an entry, and its values."""


class Page(NamedTuple):
    """A directory by its entries, and the pieces of image data that its offsets will point to."""

    entries: Mapping[int, Entry]
    pieces: Sequence[bytes]
    tiled: bool = False


def page(
    pixels: np.ndarray,
    photometric: int,
    *,
    order: str = "<",
    planar: bool = False,
    tiled: bool = False,
    **more: Entry,
) -> Page:
    """Rows of samples as a page, uncompressed; `more` are entries by their number, like `t338`."""
    samples = pixels.reshape(*pixels.shape[:2], -1)
    height, width, bands = samples.shape
    data = samples.astype(samples.dtype.newbyteorder(order))
    planes = [data[:, :, n : n + 1] for n in range(bands)] if planar else [data]
    if tiled:
        size = 16 * -(-max(width, height) // 32)
        padded = [
            np.pad(each, ((0, -height % size), (0, -width % size), (0, 0)), mode="edge") for each in planes
        ]
        pieces = [
            each[y : y + size, x : x + size].tobytes()
            for each in padded
            for y in range(0, height, size)
            for x in range(0, width, size)
        ]
        layout: dict[int, Entry] = {322: (SHORT, [size]), 323: (SHORT, [size])}
    else:
        pieces = [each[y : y + _TOP_ROWS].tobytes() for each in planes for y in range(0, height, _TOP_ROWS)]
        layout = {278: (SHORT, [_TOP_ROWS])}
    entries: dict[int, Entry] = {
        256: (SHORT, [width]),
        257: (LONG, [height]),
        258: (SHORT, [samples.dtype.itemsize * 8] * bands),
        259: (SHORT, [1]),
        262: (SHORT, [photometric]),
        277: (SHORT, [bands]),
        284: (SHORT, [2 if planar else 1]),
        339: (SHORT, [_FORMATS[samples.dtype.kind]] * bands),
        **layout,
        **{int(name[1:]): entry for name, entry in more.items()},
    }
    return Page(entries, pieces, tiled)


def file(*pages: Page, order: str = "<", big: bool = False) -> bytes:
    """A TIFF or BigTIFF file of these pages, in their order."""
    word = "Q" if big else "I"
    mark = {"<": b"II", ">": b"MM"}[order]
    head = mark + struct.pack(f"{order}HHH", 43, 8, 0) if big else mark + struct.pack(f"{order}H", 42)
    body = bytearray(head + bytes(struct.calcsize(word)))
    link = len(head)
    for each in pages:
        offsets = []
        for piece in each.pieces:
            offsets.append(len(body))
            body += piece
        entries: dict[int, Any] = dict(each.entries)
        kind = LONG8 if big else LONG
        if offsets:
            places, sizes = (324, 325) if each.tiled else (273, 279)
            entries[places] = kind, offsets
            entries[sizes] = kind, [len(piece) for piece in each.pieces]
        packed = []
        for tag, (type_, values) in sorted(entries.items()):
            raw = (
                bytes(values)
                if type_ in (BYTE, ASCII, UNDEFINED)
                else struct.pack(f"{order}{len(values)}{_CODES[type_]}", *values)
            )
            inline = raw.ljust(struct.calcsize(word), b"\x00")
            if len(raw) > struct.calcsize(word):
                inline = struct.pack(order + word, len(body))
                body += raw + bytes(len(raw) % 2)
            packed.append(struct.pack(f"{order}HH{word}", tag, type_, len(raw) // _SIZES[type_]) + inline)
        body[link : link + struct.calcsize(word)] = struct.pack(order + word, len(body))
        body += struct.pack(order + ("Q" if big else "H"), len(packed)) + b"".join(packed)
        link = len(body)
        body += bytes(struct.calcsize(word))
    return bytes(body)
