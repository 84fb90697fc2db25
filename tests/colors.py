"""What colours are: ICC profiles from published primaries, littleCMS in floating point, and CIEDE2000.

littleCMS is the library in Pillow's wheel, asked for doubles, which Pillow itself does not do.
"""

import ctypes
import struct
from functools import cache
from pathlib import Path

import numpy as np
import PIL
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_RELATIVE, _BLACK_POINTS, _EXACT = 1, 0x2000, 0x0040 | 0x0100
_SPACES = {b"GRAY": (3, 1, 1.0), b"RGB ": (4, 3, 1.0), b"CMYK": (6, 4, 100.0), b"Lab ": (10, 3, 1.0)}
"""littleCMS's number of each space, its channels, and what a double of full tone is (lcms2.h)."""

D65, D50 = (0.3127, 0.3290), (0.3457, 0.3585)
PRIMARIES = {
    "display-p3": (((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)), D65, 2.2),
    "adobe-rgb": (((0.64, 0.33), (0.21, 0.71), (0.15, 0.06)), D65, 563 / 256),
    "prophoto": (((0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001)), D50, 1.8),
}
"""Chromaticities and gamma: SMPTE EG 432-1 (with a plain gamma), Adobe RGB (1998), ISO 22028-2."""


def profile_of(name: str, version: int = 2) -> bytes:
    """A matrix profile, version 2 or 4 of ICC, of one of `PRIMARIES`."""
    primaries, white, gamma = PRIMARIES[name]
    columns = np.array([_xyz(xy) for xy in primaries]).T
    columns = columns * np.linalg.solve(columns, _xyz(white))
    columns = _bradford(_xyz(white), _xyz(D50)) @ columns
    curve = (
        b"curv" + struct.pack(">IIHxx", 0, 1, round(gamma * 256))
        if version == 2
        else b"para" + struct.pack(">IHxxI", 0, 0, round(gamma * 65536))
    )
    tags = {b"wtpt": _xyz_tag(_xyz(D50)), b"desc": _text(name, version), b"cprt": _text("none", version)}
    for at, channel in enumerate(b"rgb"):
        tags[bytes([channel]) + b"XYZ"] = _xyz_tag(columns[:, at])
        tags[bytes([channel]) + b"TRC"] = curve
    return _assemble(tags, version)


def to_lab(profile: bytes, tones: Floats) -> Floats:
    """CIELAB D50 of `tones`, 0 to 1, one row a colour, as `profile` means them (relative colorimetric)."""
    return _transformed(_opened(profile), profile[16:20], _lab(), b"Lab ", tones, flags=_EXACT)


def to_srgb(profile: bytes, tones: Floats) -> Floats:
    """What littleCMS makes of `tones` in sRGB, 0 to 1: relative colorimetric, black points compensated."""
    made = _transformed(
        _opened(profile), profile[16:20], _srgb(), b"RGB ", tones, flags=_BLACK_POINTS | _EXACT
    )
    return made.clip(0, 1)


def srgb_to_lab(tones: Floats) -> Floats:
    """CIELAB D50 of sRGB `tones`, 0 to 1."""
    return _transformed(_srgb(), b"RGB ", _lab(), b"Lab ", tones, flags=_EXACT)


def delta_e_2000(one: Floats, other: Floats) -> Floats:
    """CIEDE2000 of each pair of rows (ISO/CIE 11664-6; in the notation of Sharma, Wu and Dalal, 2005)."""
    (l1, a1, b1), (l2, a2, b2) = one.T, other.T
    mean_c7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    stretch = 1 + 0.5 * (1 - np.sqrt(mean_c7 / (mean_c7 + 25.0**7)))
    c1, c2 = np.hypot(stretch * a1, b1), np.hypot(stretch * a2, b2)
    h1, h2 = (np.degrees(np.arctan2(b, stretch * a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = (h2 - h1 + 180) % 360 - 180
    turn = np.where((h2 - h1) == 180, 180.0, turn)
    dh = np.where(c1 * c2 == 0, 0.0, turn)
    d_hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(dh / 2))
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    apart = np.abs(h1 - h2) > 180
    mean_h = np.where(apart, (h1 + h2 + np.where(h1 + h2 < 360, 360, -360)) / 2, (h1 + h2) / 2)
    mean_h = np.where(c1 * c2 == 0, h1 + h2, mean_h)
    t = (
        1
        - 0.17 * np.cos(np.radians(mean_h - 30))
        + 0.24 * np.cos(np.radians(2 * mean_h))
        + 0.32 * np.cos(np.radians(3 * mean_h + 6))
        - 0.20 * np.cos(np.radians(4 * mean_h - 63))
    )
    s_l = 1 + 0.015 * (mean_l - 50) ** 2 / np.sqrt(20 + (mean_l - 50) ** 2)
    s_c, s_h = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * t
    around_blue = 30 * np.exp(-(((mean_h - 275) / 25) ** 2))
    r_t = -2 * np.sqrt(mean_c**7 / (mean_c**7 + 25.0**7)) * np.sin(np.radians(2 * around_blue))
    dl, dc, dh_ = (l2 - l1) / s_l, (c2 - c1) / s_c, d_hue / s_h
    return np.asarray(np.sqrt(dl**2 + dc**2 + dh_**2 + r_t * dc * dh_))


def _xyz(xy: tuple[float, float]) -> Floats:
    return np.array([xy[0] / xy[1], 1.0, (1 - xy[0] - xy[1]) / xy[1]])


def _bradford(source: Floats, target: Floats) -> Floats:
    cones = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
    return np.asarray(np.linalg.inv(cones) @ np.diag((cones @ target) / (cones @ source)) @ cones)


def _xyz_tag(xyz: Floats) -> bytes:
    return b"XYZ " + struct.pack(">I3i", 0, *(round(value * 65536) for value in xyz))


def _text(text: str, version: int) -> bytes:
    if version == 4:
        body = text.encode("utf-16-be")
        return b"mluc" + struct.pack(">IIIHHII", 0, 1, 12, 0x656E, 0x5553, len(body), 28) + body
    body = text.encode() + b"\x00"
    return b"desc" + struct.pack(">II", 0, len(body)) + body + bytes(78)


def _assemble(tags: dict[bytes, bytes], version: int) -> bytes:
    directory, body = b"", b""
    start = 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        directory += name + struct.pack(">II", start + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    size = start + len(body)
    head = struct.pack(">I4sI4s4s4s12x4s", size, bytes(4), version << 24, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    head = head.ljust(68, b"\x00") + struct.pack(">3i", 0xF6D6, 0x10000, 0xD32D)
    return head.ljust(128, b"\x00") + struct.pack(">I", len(tags)) + directory + body


def _transformed(
    source: int, source_space: bytes, target: int, target_space: bytes, tones: Floats, flags: int
) -> Floats:
    library = _library()
    kind, channels, full = _SPACES[source_space]
    out_kind, out_channels, _ = _SPACES[target_space]
    layouts = [
        1 << 22 | space << 16 | count << 3 for space, count in ((kind, channels), (out_kind, out_channels))
    ]
    transform = library.cmsCreateTransform(source, layouts[0], target, layouts[1], _RELATIVE, flags)
    assert transform, "littleCMS has no such transform"
    given = np.ascontiguousarray(tones * full, dtype=np.float64)
    made = np.empty((len(given), out_channels))
    library.cmsDoTransform(transform, given.ctypes.data, made.ctypes.data, len(given))
    library.cmsDeleteTransform(transform)
    return made


def _opened(profile: bytes) -> int:
    opened: int = _library().cmsOpenProfileFromMem(profile, len(profile))
    assert opened, "littleCMS does not take the profile"
    return opened


@cache
def _srgb() -> int:
    return int(_library().cmsCreate_sRGBProfile())


@cache
def _lab() -> int:
    return int(_library().cmsCreateLab4Profile(None))


@cache
def _library() -> ctypes.CDLL:
    folder = Path(PIL.__file__).parents[1] / "pillow.libs"
    library = ctypes.CDLL(str(next(folder.glob("liblcms2*"))))
    pointer, number = ctypes.c_void_p, ctypes.c_uint32
    for name, result, arguments in (
        ("cmsOpenProfileFromMem", pointer, [ctypes.c_char_p, number]),
        ("cmsCreate_sRGBProfile", pointer, []),
        ("cmsCreateLab4Profile", pointer, [pointer]),
        ("cmsCreateTransform", pointer, [pointer, number, pointer, number, number, number]),
        ("cmsDoTransform", None, [pointer, pointer, pointer, number]),
        ("cmsDeleteTransform", None, [pointer]),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library
