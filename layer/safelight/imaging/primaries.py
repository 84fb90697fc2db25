"""Colours by their physics: of which red, green, blue and white numbers are mixed, and along which curve."""

import struct
from collections.abc import Iterable
from typing import NamedTuple

import pyvips

XY = tuple[float, float]
Rows = list[list[float]]

D65: XY = (0.3127, 0.3290)
_D50 = 0.9642, 1.0, 0.8249
"""XYZ of the white of ICC's connection space (ICC.1:2022, 7.2.16)."""

_BRADFORD = [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
"""From XYZ to cones (ICC.1:2022, annex E)."""


class Primaries(NamedTuple):
    """The chromaticities, x and y, of red, green, blue and white."""

    red: XY
    green: XY
    blue: XY
    white: XY = D65


class Curve(NamedTuple):
    """The light of a tone X: (a X + b) ^ gamma from `knee` on, and c X below (ICC.1:2022, table 68)."""

    gamma: float
    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    knee: float = 0.0


SRGB_CURVE = Curve(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
"""IEC 61966-2-1."""

SRGB = Primaries((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
DISPLAY_P3 = Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
BT2020 = Primaries((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
ADOBE_RGB = Primaries((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
PROPHOTO_RGB = Primaries((0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001), (0.3457, 0.3585))
"""IEC 61966-2-1; SMPTE EG 432-1; ITU-R BT.2020-2, table 3; Adobe RGB (1998), 4.3.1; ISO 22028-2."""

ADOBE_RGB_CURVE = Curve(563 / 256)
PROPHOTO_RGB_CURVE = Curve(1.8, c=1 / 16, knee=1 / 32)


def profile(light: Primaries, curve: Curve) -> bytes:
    """Return an ICC profile of RGB that is mixed of `light`, with that `curve`.

    Raises:
        ValueError: no colours can be mixed of such primaries.
    """
    columns = zip(*to_connection(light), strict=True)
    tags = dict(zip((b"rXYZ", b"gXYZ", b"bXYZ"), map(_xyz_tag, columns), strict=True))
    tags[b"wtpt"] = _xyz_tag(_D50)
    tone = b"para" + struct.pack(">IHH5i", 0, 3, 0, *map(_fixed, curve))
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), tone)
    directory, body, start = b"", b"", 132 + 12 * len(tags)
    for name, content in tags.items():
        directory += name + struct.pack(">II", start + len(body), len(content))
        body += content
    header = struct.pack(">I4xI4s4s4s12x4s", start + len(body), 4 << 24, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    header = header.ljust(68, b"\x00") + struct.pack(">3i", *map(_fixed, _D50))
    return header.ljust(128, b"\x00") + struct.pack(">I", len(tags)) + directory + body


def _xyz_tag(xyz: Iterable[float]) -> bytes:
    return b"XYZ " + struct.pack(">I3i", 0, *map(_fixed, xyz))


def _fixed(value: float) -> int:
    return round(value * 65536)


def to_connection(primaries: Primaries) -> Rows:
    """Return the matrix from linear light to XYZ as ICC connects them: white is D50, by Bradford.

    Raises:
        ValueError: no colours can be mixed of such primaries.
    """
    try:
        return _rows(_to_d50(primaries))
    except (pyvips.Error, ZeroDivisionError) as error:
        raise ValueError(f"{primaries} are no primaries") from error


def between(source: Primaries, target: Primaries) -> Rows:
    """Return the matrix from linear light of `source` to that of `target`; raises as `to_connection`."""
    connected = pyvips.Image.new_from_array(to_connection(source))
    return _rows(_to_d50(target).matrixinvert().matrixmultiply(connected))


def luminance(primaries: Primaries) -> list[float]:
    """Return how much of the luminance of white is that of red, of green and of blue."""
    return _rows(_to_xyz(primaries))[1]


def _to_d50(primaries: Primaries) -> pyvips.Image:
    bradford = pyvips.Image.new_from_array(_BRADFORD)
    seen = _column(bradford.matrixmultiply(pyvips.Image.new_from_array(_xyz(primaries.white))))
    wanted = _column(bradford.matrixmultiply(pyvips.Image.new_from_array([[value] for value in _D50])))
    adapted = _diagonal([want / have for want, have in zip(wanted, seen, strict=True)])
    to_d50 = bradford.matrixinvert().matrixmultiply(adapted).matrixmultiply(bradford)
    return to_d50.matrixmultiply(_to_xyz(primaries))


def _to_xyz(primaries: Primaries) -> pyvips.Image:
    columns = [_xyz(each) for each in primaries[:3]]
    mixed = pyvips.Image.new_from_array([[column[row][0] for column in columns] for row in range(3)])
    white = pyvips.Image.new_from_array(_xyz(primaries.white))
    return mixed.matrixmultiply(_diagonal(_column(mixed.matrixinvert().matrixmultiply(white))))


def _xyz(xy: XY) -> Rows:
    return [[xy[0] / xy[1]], [1.0], [(1 - xy[0] - xy[1]) / xy[1]]]


def _diagonal(values: list[float]) -> pyvips.Image:
    return pyvips.Image.new_from_array(
        [[value if row == column else 0.0 for column in range(3)] for row, value in enumerate(values)]
    )


def _column(matrix: pyvips.Image) -> list[float]:
    return list(struct.unpack("3d", matrix.write_to_memory()))


def _rows(matrix: pyvips.Image) -> Rows:
    values = struct.unpack("9d", matrix.write_to_memory())
    return [list(values[at : at + 3]) for at in (0, 3, 6)]
