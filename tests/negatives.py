"""Makes camera RAW files: small uncompressed DNG files with a Bayer pattern (DNG specification 1.4)."""

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

import images

BYTE, ASCII, SHORT, LONG, RATIONAL, SRATIONAL = 1, 2, 3, 4, 5, 10
_CODES = {BYTE: "B", SHORT: "H", LONG: "I", RATIONAL: "I", SRATIONAL: "i"}

NEUTRAL = (0.5, 1.0, 0.625)
"""How the sensor of these files sees white: nothing looks right without the camera's white balance."""

_XYZ_TO_LINEAR_SRGB = ((3.2406, -1.5372, -0.4986), (-0.9689, 1.8758, 0.0415), (0.0557, -0.2040, 1.0570))
"""D65, IEC 61966-2-1."""

BLACK, WHITE = 512, 16383
_ORIENTATIONS = {1: 0, 3: 2, 6: 1, 8: 3}
"""By how many quarter turns to the left a camera held so stores the upright picture."""

_EXIF_AT = 0xE1F0E1F0
"""Stands for where the Exif directory will lie."""

Entry = tuple[int, int, Any]


def picture(width: int = 320, height: int = 200) -> Image.Image:
    """The picture of `images.picture`, with a white square in its middle, so that it is well exposed."""
    made = images.picture(width, height)
    made.paste((255, 255, 255), (width // 2 - 30, height // 2 - 30, width // 2 + 30, height // 2 + 30))
    return made


def dng(
    upright: Image.Image,
    orientation: int = 1,
    preview: Image.Image | None = None,
    exposure: float = 1.0,
    rights: str = "",
    said: Sequence[Entry] = (),
    exif: Sequence[Entry] = (),
    index: str = "",
) -> bytes:
    """`upright` as a camera held in that orientation stores it, with an embedded JPEG of `preview`, if any.

    `exposure` is how much of the light reached the sensor; `preview` is stored as it is given. `said` are
    further entries of the first directory, and `exif` those of the Exif directory, where there is one or an
    `index` of interoperability.
    """
    pointer: list[Entry] = [(34665, LONG, [_EXIF_AT])] if exif or index else []
    made = _negative(upright, orientation, preview, exposure, [*_rights(rights), *said, *pointer])
    if not pointer:
        return made
    interoperability = _directory([(1, ASCII, index)]) if index else b""
    place: list[Entry] = [(40965, LONG, [len(made)])] if index else []
    at = len(made) + len(interoperability)
    made = made.replace(struct.pack("<I", _EXIF_AT), struct.pack("<I", at), 1)
    return made + interoperability + _directory([*exif, *place])


def _rights(name: str) -> list[Entry]:
    return [(315, ASCII, name), (33432, ASCII, f"(c) {name}")] if name else []


def _directory(entries: Sequence[Entry]) -> bytes:
    """A directory of values of at most 4 bytes."""
    packed = [(tag, kind, *_packed(kind, value)) for tag, kind, value in sorted(entries)]
    body = b"".join(struct.pack("<HHI", *each[:3]) + each[3].ljust(4, b"\x00") for each in packed)
    return struct.pack("<H", len(packed)) + body + bytes(4)


def _negative(
    upright: Image.Image,
    orientation: int,
    preview: Image.Image | None,
    exposure: float,
    more: list[Entry],
) -> bytes:
    stored = stored_as(upright, orientation)
    sensor = bayer(stored, exposure)
    common: list[Entry] = [
        (271, ASCII, "Safelight"),
        (272, ASCII, "Test Negative"),
        (274, SHORT, [orientation]),
        (50706, BYTE, [1, 4, 0, 0]),
        (50708, ASCII, "Safelight Test Negative"),
        (
            50721,
            SRATIONAL,
            [n for row in _camera_matrix() for value in row for n in (round(value * 10000), 10000)],
        ),
        (50728, RATIONAL, [n for value in NEUTRAL for n in (round(value * 10000), 10000)]),
        (50778, SHORT, [21]),
        *more,
    ]
    raw: list[Entry] = [
        (254, LONG, [0]),
        (256, LONG, [stored.width]),
        (257, LONG, [stored.height]),
        (258, SHORT, [16]),
        (259, SHORT, [1]),
        (262, SHORT, [32803]),
        (277, SHORT, [1]),
        (278, LONG, [stored.height]),
        (33421, SHORT, [2, 2]),
        (33422, BYTE, [0, 1, 1, 2]),
        (50714, SHORT, [BLACK]),
        (50717, SHORT, [WHITE]),
    ]
    if preview is None:
        return _tiff([(common + raw, sensor)])
    jpeg = images.saved(preview, "JPEG", quality=95, icc_profile=preview.info.get("icc_profile"))
    stamp: list[Entry] = [
        (254, LONG, [1]),
        (256, LONG, [preview.width]),
        (257, LONG, [preview.height]),
        (258, SHORT, [8, 8, 8]),
        (259, SHORT, [7]),
        (262, SHORT, [6]),
        (277, SHORT, [3]),
        (278, LONG, [preview.height]),
    ]
    return _tiff([(common + stamp, jpeg), (raw, sensor)])


def stored_as(upright: Image.Image, orientation: int) -> Image.Image:
    """`upright` as a camera held in that orientation stores it."""
    for _ in range(_ORIENTATIONS[orientation]):
        upright = upright.transpose(Image.Transpose.ROTATE_90)
    return upright


def bayer(stored: Image.Image, exposure: float) -> bytes:
    """What the sensor counts: linear light, as its colours see it, one colour to a pixel (RGGB)."""
    levels = np.asarray(stored, dtype="float64") / 255
    light = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    counts = np.clip(light * exposure, 0, 1) * NEUTRAL
    mosaic = counts[..., 1].copy()
    mosaic[::2, ::2] = counts[::2, ::2, 0]
    mosaic[1::2, 1::2] = counts[1::2, 1::2, 2]
    return (BLACK + mosaic * (WHITE - BLACK)).round().astype("<u2").tobytes()


def _camera_matrix() -> list[list[float]]:
    return [[value * white for value in row] for row, white in zip(_XYZ_TO_LINEAR_SRGB, NEUTRAL, strict=True)]


def _tiff(directories: list[tuple[list[Entry], bytes]]) -> bytes:
    """A little-endian TIFF: a directory, and a sub-directory where there are two; data at the end."""
    counts = [
        len(entries) + 2 + (number < len(directories) - 1) for number, (entries, _) in enumerate(directories)
    ]
    starts = [8]
    for count in counts:
        starts.append(starts[-1] + 2 + 12 * count + 4)
    extra_at, extra = starts[-1], b""
    packed = [
        [(tag, kind, *_packed(kind, value)) for tag, kind, value in entries] for entries, _ in directories
    ]
    extra_size = sum(
        len(body) + len(body) % 2 for entries in packed for _, _, _, body in entries if len(body) > 4
    )
    data_at = extra_at + extra_size
    bodies = b""
    for number, (_, data) in enumerate(directories):
        at = data_at + sum(len(each) for _, each in directories[:number])
        links = [(273, LONG, 1, struct.pack("<I", at)), (279, LONG, 1, struct.pack("<I", len(data)))]
        if number < len(directories) - 1:
            links.append((330, LONG, 1, struct.pack("<I", starts[number + 1])))
        bodies += struct.pack("<H", counts[number])
        for tag, kind, count, body in sorted(packed[number] + links):
            if len(body) > 4:
                value = struct.pack("<I", extra_at + len(extra))
                extra += body + bytes(len(body) % 2)
            else:
                value = body.ljust(4, b"\x00")
            bodies += struct.pack("<HHI", tag, kind, count) + value
        bodies += bytes(4)
    return b"II*\x00" + struct.pack("<I", 8) + bodies + extra + b"".join(data for _, data in directories)


def _packed(kind: int, value: Any) -> tuple[int, bytes]:
    if kind == ASCII:
        text = value.encode() + b"\x00"
        return len(text), text
    body = struct.pack(f"<{len(value)}{_CODES[kind]}", *value)
    return len(value) // (2 if kind in (RATIONAL, SRATIONAL) else 1), body
