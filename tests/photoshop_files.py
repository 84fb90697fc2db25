"""Makes Photoshop documents: a header, resources, no layers, and the flattened picture as planes."""

import struct

import numpy as np
from numpy.typing import NDArray
from PIL import Image

GREY, INDEXED, RGB, CMYK, MULTICHANNEL, LAB = 1, 2, 3, 4, 7, 9
RAW, PACK_BITS = 0, 1
IPTC, PROFILE, VERSION, EXIF, XMP = 1028, 1039, 1057, 1058, 1060


def planes_of(image: Image.Image) -> NDArray[np.uint8]:
    """The channels of `image`, one after another."""
    return np.atleast_3d(np.asarray(image)).transpose(2, 0, 1)


def resource(number: int, data: bytes, name: bytes = b"") -> bytes:
    """An image resource block."""
    named = bytes((len(name),)) + name
    padded = named + bytes(len(named) % 2)
    return (
        b"8BIM"
        + struct.pack(">H", number)
        + padded
        + struct.pack(">I", len(data))
        + data
        + bytes(len(data) % 2)
    )


def version_info(merged: bool) -> bytes:
    """The block that says whether the flattened picture is there."""
    return resource(VERSION, struct.pack(">IB", 1, merged) + bytes(8))


def document(
    planes: NDArray[np.generic],
    mode: int = RGB,
    coding: int = PACK_BITS,
    resources: bytes = b"",
    palette: bytes = b"",
    large: bool = False,
    clear: bool = False,
) -> bytes:
    """A document of `planes`, channels by rows by columns; bytes, shorts or floats.

    `clear` says that the first of them behind the colours is the transparency of the picture.
    """
    channels, height, width = planes.shape
    samples = planes.astype(planes.dtype.newbyteorder(">"))
    head = struct.pack(
        ">4sH6xHIIHH", b"8BPS", 2 if large else 1, channels, height, width, 8 * samples.itemsize, mode
    )
    sections = struct.pack(">I", len(palette)) + palette + struct.pack(">I", len(resources)) + resources
    wide = "Q" if large else "I"
    layers = struct.pack(f">{wide}{wide}h", 10 if large else 6, 2, -1) if clear else bytes(8 if large else 4)
    if coding == RAW:
        pixels = samples.tobytes()
    else:
        rows = [pack_bits(row.tobytes()) for plane in samples for row in plane]
        pixels = struct.pack(f">{len(rows)}{'I' if large else 'H'}", *map(len, rows)) + b"".join(rows)
    return head + sections + layers + struct.pack(">H", coding) + pixels


def pack_bits(row: bytes) -> bytes:
    """`row` by PackBits: as one run where it is of one value, and else as literal bytes."""
    packed = b""
    for start in range(0, len(row), 128):
        piece = row[start : start + 128]
        same = len(piece) > 1 and len(set(piece)) == 1
        packed += bytes((257 - len(piece), piece[0])) if same else bytes((len(piece) - 1,)) + piece
    return packed
