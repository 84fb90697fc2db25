"""Crops, turns and mirrors a HEIF or AVIF picture with its alpha (ISO/IEC 23008-12, 6.5.9, 6.5.10, 6.5.12).

libheif does so, but to each picture by what that one says: an alpha picture that says nothing, as many
encoders write it, stays as it lies under a picture that has been turned.
"""

import struct
from math import floor

import pyvips

from safelight.files.boxes import Items, Property

_CROP, _TURN, _MIRROR = b"clap", b"irot", b"imir"
_ALPHA = b"alpha", b"auxid:1"
"""In the names of what alpha is: MPEG's own, and that of HEVC."""

_ROTATIONS = (None, "d270", "d180", "d90")
"""By quarters of a turn, which the file counts anticlockwise and libvips clockwise."""


def left_to_do(items: Items) -> list[Property]:
    """Return what the primary picture asks for, in its order, where its alpha does not ask for the same."""
    said = _turns(items, items.primary)
    alphas = (
        item
        for item in items.properties
        if any(name in body for body in items.properties_of(item, b"auxC") for name in _ALPHA)
    )
    return said if any(_turns(items, item) != said for item in alphas) else []


def _turns(items: Items, item: int) -> list[Property]:
    return [each for each in items.properties.get(item, []) if each[0] in (_CROP, _TURN, _MIRROR)]


def without(data: bytes, turns: list[Property]) -> bytes:
    """Return the file `data`, in which nothing asks for these `turns`."""
    for kind, body in turns:
        length = struct.pack(">I", 8 + len(body))
        data = data.replace(length + kind + body, length + b"free" + body)
    return data


def applied(image: pyvips.Image, turns: list[Property]) -> pyvips.Image:
    """Return `image` with these `turns` done to it; what is damaged is left out, as libheif leaves it out."""
    for kind, body in turns:
        if kind == _CROP:
            image = _cropped(image, body)
        elif kind == _TURN:
            rotation = _ROTATIONS[body[0] & 3] if body else None
            image = image.rot(rotation) if rotation else image
        elif body:
            image = image.fliphor() if body[0] & 1 else image.flipver()
    return image


def _cropped(image: pyvips.Image, clap: bytes) -> pyvips.Image:
    """By a size, and by how far the middle of the clean aperture is from that of the picture."""
    if len(clap) < 32:
        return image
    numbers = struct.unpack(">IIIIiIiI", clap[:32])
    if not all(numbers[1::2]):
        return image
    width, height, across, down = (
        above / below for above, below in zip(numbers[::2], numbers[1::2], strict=True)
    )
    size = round(width), round(height)
    left = floor((image.width - width) / 2 + across)
    top = floor((image.height - height) / 2 + down)
    inside = 0 <= left <= image.width - size[0] and 0 <= top <= image.height - size[1]
    return image.crop(left, top, *size) if inside and min(size) > 0 else image
