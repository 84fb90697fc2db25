"""ICC profiles: which colours the numbers of an image mean."""

import struct
from typing import Any

import pyvips

SRGB, DISPLAY_P3 = "srgb", "p3"
"""Profiles that libvips carries."""

_FIELD = "icc-profile-data"
_HOW: dict[str, Any] = {"embedded": True, "intent": "relative", "black_point_compensation": True}
_SPACES = {1: (b"GRAY", b"RGB "), 3: (b"RGB ",), 4: (b"CMYK",)}
_SPACE, _SIGNATURE = slice(16, 20), slice(36, 40)
_RAMP = range(0, 256, 5)
_BEYOND = 0.02
"""A profile is wider than sRGB where its purest colours are that far outside of 0 to 1 in linear light."""


def embedded(image: pyvips.Image) -> bytes | None:
    """Return the ICC profile that the file of `image` carries, sound or not.

    A file without one may say Adobe RGB in its Exif, as cameras do (DCF 2.0: interoperability index R03).
    """
    if profile := attached(image):
        return profile
    index = "exif-ifd4-InteroperabilityIndex"
    if image.get_typeof(index) and str(image.get(index)).startswith("R03"):
        return _adobe_rgb()
    return None


def attached(image: pyvips.Image) -> bytes | None:
    """Return the profile that `image` carries at this moment."""
    return bytes(image.get(_FIELD)) if image.get_typeof(_FIELD) else None


def fits(profile: bytes, bands: int) -> bool:
    """Return whether `profile` is one of images with that many bands, alpha not counted."""
    return profile[_SIGNATURE] == b"acsp" and profile[_SPACE] in _SPACES.get(bands, ())


def is_srgb(profile: bytes) -> bool:
    """Return whether the RGB `profile` means what sRGB means, to a level in 256."""
    ramps = ((1, 1, 1), (1, 0, 0), (0, 1, 0), (0, 0, 1))
    tones = [tone * band for bands in ramps for tone in _RAMP for band in bands]
    probe = _probe(tones, profile)
    return bool((converted(probe, SRGB) - probe).abs().max() <= 1)


def wider_than_srgb(profile: bytes) -> bool:
    """Return whether the RGB `profile` holds colours that sRGB does not."""
    pure = _probe([255, 0, 0, 0, 255, 0, 0, 0, 255], profile).icc_import(pcs="xyz", **_HOW)
    linear = pure.colourspace("scrgb")
    return bool(linear.min() < -_BEYOND or linear.max() > 1 + _BEYOND)


def tagged(image: pyvips.Image, profile: bytes) -> pyvips.Image:
    """Return `image` with `profile` for its own."""
    copy = image.copy()
    copy.set_type(pyvips.GValue.blob_type, _FIELD, profile)
    return copy


def untagged(image: pyvips.Image) -> pyvips.Image:
    """Return `image` without a profile."""
    copy = image.copy()
    copy.remove(_FIELD)
    return copy


def converted(image: pyvips.Image, target: str) -> pyvips.Image:
    """Return `image` in 8 bits of the profile `target`, relative colorimetric, black points compensated.

    libvips takes a profile that littleCMS cannot use for sRGB, or for a press's where there are four bands.
    """
    return image.icc_transform(target, depth=8, **_HOW)


def _probe(tones: list[int], profile: bytes) -> pyvips.Image:
    pixels = pyvips.Image.new_from_memory(bytes(tones), len(tones) // 3, 1, 3, "uchar")
    return tagged(pixels.copy(interpretation="srgb"), profile)


def _adobe_rgb() -> bytes:
    """Return a profile of Adobe RGB (1998): colorants of its specification (4.3.5.3), gamma 563/256."""
    colorants = {
        b"rXYZ": (0.60974, 0.31111, 0.01947),
        b"gXYZ": (0.20528, 0.62567, 0.06087),
        b"bXYZ": (0.14919, 0.06322, 0.74457),
        b"wtpt": (0.9642, 1.0, 0.8249),
    }
    tags = {
        name: b"XYZ " + struct.pack(">I3i", 0, *(round(value * 65536) for value in xyz))
        for name, xyz in colorants.items()
    }
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), b"curv" + struct.pack(">IIH2x", 0, 1, 563))
    directory, body, start = b"", b"", 132 + 12 * len(tags)
    for name, content in tags.items():
        directory += name + struct.pack(">II", start + len(body), len(content))
        body += content
    header = struct.pack(">I4xI4s4s4s12x4s", start + len(body), 2 << 24, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    header = header.ljust(68, b"\x00") + struct.pack(">3i", 0xF6D6, 0x10000, 0xD32D)
    return header.ljust(128, b"\x00") + struct.pack(">I", len(tags)) + directory + body
