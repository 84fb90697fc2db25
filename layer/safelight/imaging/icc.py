"""ICC profiles: which colours the numbers of an image mean."""

import struct
from typing import Any

import pyvips

SRGB, DISPLAY_P3 = "srgb", "p3"
"""Profiles that libvips carries."""

_FIELD = "icc-profile-data"
_HOW: dict[str, Any] = {"embedded": True, "intent": "relative", "black_point_compensation": True}
_SPACES = {1: (b"GRAY", b"RGB "), 3: (b"RGB ",), 4: (b"CMYK",)}
_CLASS, _SPACE, _CONNECTION, _SIGNATURE = slice(12, 16), slice(16, 20), slice(20, 24), slice(36, 40)
_DEVICES = (b"scnr", b"mntr", b"prtr", b"spac")
"""Classes that say what numbers mean; device links and named colours do not (ICC.1:2022, 7.2.5)."""

_TABLES = (b"A2B0", b"A2B1")
_MATRIX = {b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC"}
_MAX_TAGS = 1000
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
        from safelight.imaging import primaries  # few photos need it

        return primaries.profile(primaries.ADOBE_RGB, primaries.ADOBE_RGB_CURVE)
    return None


def attached(image: pyvips.Image) -> bytes | None:
    """Return the profile that `image` carries at this moment."""
    return bytes(image.get(_FIELD)) if image.get_typeof(_FIELD) else None


def fits(profile: bytes, bands: int) -> bool:
    """Return whether `profile` says what images with that many bands mean, alpha not counted.

    That is by its class, its space and the tags it has: littleCMS takes a matrix even where the
    connection space is Lab, for which the format has none. One that is cut, so that a tag reaches behind its
    end, says nothing, whatever is left; a wrong length alone is no matter.
    """
    if profile[_SIGNATURE] != b"acsp" or profile[_CLASS] not in _DEVICES:
        return False
    if profile[_SPACE] not in _SPACES.get(bands, ()):
        return False
    tags = _tags(profile)
    if max(tags.values(), default=0) > len(profile):
        return False
    if any(table in tags for table in _TABLES):
        return True
    if profile[_SPACE] == b"GRAY":
        return b"kTRC" in tags
    return profile[_SPACE] == b"RGB " and profile[_CONNECTION] == b"XYZ " and tags.keys() >= _MATRIX


def _tags(profile: bytes) -> dict[bytes, int]:
    """Return where the content of each tag ends."""
    count = min(int.from_bytes(profile[128:132], "big"), _MAX_TAGS)
    table = profile[132 : 132 + 12 * count].ljust(12 * count, b"\x00")
    return {name: start + length for name, start, length in struct.iter_unpack(">4sII", table)}


def works(profile: bytes) -> bool:
    """Return whether littleCMS can convert from `profile`, which fits: its tags may be damaged."""
    bands = {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4}[profile[_SPACE]]
    names = {1: "b-w", 3: "srgb", 4: "cmyk"}
    grey = pyvips.Image.black(1, 1, bands=bands).copy(interpretation=names[bands])
    try:
        converted(tagged(grey, profile), SRGB).avg()
    except pyvips.Error:
        return False
    return True


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
