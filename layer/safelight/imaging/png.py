"""Says which colours the numbers of a PNG mean (W3C PNG, third edition, 4.3): cICP, iCCP, sRGB, or gAMA."""

import struct
from pathlib import Path

import pyvips

from safelight.files.png import chunks, is_sound
from safelight.files.seekable import read_at
from safelight.imaging import cicp, icc, primaries
from safelight.imaging.cicp import Cicp
from safelight.imaging.primaries import Curve, Primaries

_RGB, _FULL_RANGE = 0, 1
_SAID = {b"cICP": 4, b"cLLI": 8, b"mDCV": 24, b"sRGB": 1, b"gAMA": 4, b"cHRM": 32, b"iCCP": None}
"""The chunks that count, where they are sound, and their lengths in bytes; libvips reads the profile."""

_UNIT = 100_000
_LIGHT_LEVEL_UNITS = 10_000
"""How many of them make a cd/m2 (third edition, 11.3.2.8)."""

_SRGB_GAMMA = 1 / 2.2
_NEAR = 0.05
"""A gamma within 5 % of sRGB's, without primaries, is what programs write of sRGB; browsers leave it too."""

_SANE_GAMMAS = 0.1, 10.0


def colored(path: Path, image: pyvips.Image) -> tuple[pyvips.Image, bytes | None]:
    """Return `image`, the PNG at `path`, and the ICC profile of its numbers; None is sRGB.

    What cannot be used, as a profile of another space, a cICP of YCbCr or primaries that mix nothing, counts
    as if it were not there.
    """
    said = _said(path)
    numbers = said.get(b"cICP", b"")
    if numbers[2:] == bytes((_RGB, _FULL_RANGE)):
        light_level = int.from_bytes(said.get(b"cLLI", b"")[:4], "big") // _LIGHT_LEVEL_UNITS
        nits = cicp.stated_nits(light_level, said.get(b"mDCV", b""))
        return cicp.applied(image, Cicp(*numbers[:2]), nits=nits)
    profile = icc.embedded(image) if b"iCCP" in said or not icc.attached(image) else None
    if b"sRGB" in said or b"gAMA" not in said:
        return image, profile
    if profile and icc.fits(profile, 3 if image.bands > 2 else 1) and icc.works(profile):
        return image, profile
    return image, _by_gamma(said)


def _said(path: Path) -> dict[bytes, bytes]:
    said: dict[bytes, bytes] = {}
    with path.open("rb") as file:
        for chunk in chunks(file):
            if chunk.kind == b"IDAT":
                break
            if chunk.kind in _SAID and _SAID[chunk.kind] in (chunk.length, None) and is_sound(file, chunk):
                said.setdefault(chunk.kind, read_at(file, chunk.start, _SAID[chunk.kind] or 0))
    return said


def _by_gamma(said: dict[bytes, bytes]) -> bytes | None:
    gamma = int.from_bytes(said[b"gAMA"], "big") / _UNIT
    if not _SANE_GAMMAS[0] <= gamma <= _SANE_GAMMAS[1]:
        return None
    if b"cHRM" in said:
        white, red, green, blue = struct.iter_unpack(">II", said[b"cHRM"])
        light = Primaries(*((x / _UNIT, y / _UNIT) for x, y in (red, green, blue, white)))
        try:
            return primaries.profile(light, Curve(1 / gamma))
        except ValueError:
            pass
    elif abs(gamma / _SRGB_GAMMA - 1) < _NEAR:
        return None
    return primaries.profile(primaries.SRGB, Curve(1 / gamma))
