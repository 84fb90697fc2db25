"""Reads what a camera RAW file says of its exposure, and of the colours of its preview.

That is for those that are built like TIFF, as most are; LibRaw and its wrapper keep it to themselves.
"""

from pathlib import Path
from typing import NamedTuple

from safelight.files.seekable import read_at
from safelight.files.tiff import Directory, OutsideFile, Tiff
from safelight.imaging import primaries
from safelight.imaging.primaries import Curve, Primaries

_EXIF, _INTEROPERABILITY, _INDEX, _COLOR_SPACE = 0x8769, 0xA005, 1, 0xA001
_BASELINE_EXPOSURE, _BASELINE_EXPOSURE_OFFSET, _PREVIEW_COLOR_SPACE = 50730, 51109, 50970
"""DNG specification 1.7."""

_ADOBE_RGB = primaries.ADOBE_RGB, primaries.ADOBE_RGB_CURVE
_PREVIEWS: dict[int, tuple[Primaries, Curve]] = {
    3: _ADOBE_RGB,
    4: (primaries.PROPHOTO_RGB, primaries.PROPHOTO_RGB_CURVE),
}
"""DNG's color spaces of previews; 2 is sRGB, 1 grey with a gamma near it, and 0 unknown."""

_ADOBE_RGB_INDEX = "R03"
_ADOBE_RGB_SPACE = 2
"""DCF 2.0 says it by the index; some makers by a ColorSpace that Exif does not have."""

_MOST_STOPS = 5.0
_BYTE_ORDERS = (b"II", b"MM")


class Said(NamedTuple):
    """By what factor the light is to be brightened, and the ICC profile of a preview that has none."""

    exposure: float = 1.0
    preview_profile: bytes | None = None


def said_in(path: Path) -> Said:
    """Return what the camera RAW file at `path` says; a damaged directory, or none, says nothing."""
    with path.open("rb") as file:
        if read_at(file, 0, 2) not in _BYTE_ORDERS:
            return Said()
        tiff = Tiff(file)
        try:
            first = next(tiff.pages(), None)
            if first is None:
                return Said()
            space = _preview_space(tiff, first)
            return Said(2 ** _stops(tiff, first), primaries.profile(*space) if space else None)
        except OutsideFile:
            return Said()


def _stops(tiff: Tiff, first: Directory) -> float:
    said = (tiff.rational(first, tag) for tag in (_BASELINE_EXPOSURE, _BASELINE_EXPOSURE_OFFSET))
    return min(max(sum(stops or 0.0 for stops in said), -_MOST_STOPS), _MOST_STOPS)


def _preview_space(tiff: Tiff, first: Directory) -> tuple[Primaries, Curve] | None:
    for directory in tiff.directories():
        for number in tiff.integers(directory, _PREVIEW_COLOR_SPACE)[:1]:
            return _PREVIEWS.get(number)
    for at in tiff.integers(first, _EXIF)[:1]:
        exif = tiff.directory(at)
        if tiff.integers(exif, _COLOR_SPACE)[:1] == (_ADOBE_RGB_SPACE,):
            return _ADOBE_RGB
        for place in tiff.integers(exif, _INTEROPERABILITY)[:1]:
            if tiff.text(tiff.directory(place), _INDEX) == _ADOBE_RGB_INDEX:
                return _ADOBE_RGB
    return None
