"""Reads the size of an image from its header, with what decodes it later; nothing is decoded."""

from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import pyvips

from safelight import __version__
from safelight.errors import CorruptFile, TooManyPixels, UnsupportedFormat
from safelight.files import bmp, jpeg2000, jpegxl, photoshop
from safelight.imaging.read import header
from validate import sniff

READER = (
    f"safelight {__version__}, libvips {'.'.join(str(pyvips.version(n)) for n in range(3))}, "
    f"rawpy {version('rawpy')}"
)
"""What reads the headers, with versions."""

_READ_HERE = {
    sniff.BMP: bmp.size_in,
    sniff.JPEG_2000: jpeg2000.size_in,
    sniff.JPEG_XL: jpegxl.size_in,
    sniff.PHOTOSHOP: photoshop.size_in,
}
"""What libvips does not read; that the header is whole has been checked."""


class Measured(NamedTuple):
    """Width and height in pixels, as displayed upright, and whether it is coded as `decode` does not know."""

    width: int
    height: int
    is_rare: bool = False


def measure(kind: sniff.Kind, path: Path, filename: str) -> Measured:
    """Return the size of the image at `path`; that of a camera RAW is what it is developed to in full.

    Raises:
        TruncatedFile, CorruptFile: the header cannot be read.
        UnsupportedFormat: it is of a camera, or coded in a way, that no decoder here knows.
        MemoryError: there is not enough memory.
    """
    if kind.name == sniff.RAW:
        measured = Measured(*_raw_size(path, filename))
    elif kind in _READ_HERE:
        with path.open("rb") as file:
            measured = Measured(*_READ_HERE[kind](file))
    else:
        found = header(path, filename)
        measured = Measured(*found.displayed, found.is_rare)
    if measured.width < 1 or measured.height < 1:
        raise CorruptFile(
            f"{filename} says that it is {measured.width} x {measured.height} pixels. Export it again."
        )
    return measured


def check_pixels(width: int, height: int, most: int, filename: str) -> None:
    """Return if a picture of `width` x `height` pixels may be decoded.

    Raises:
        TooManyPixels: it has more than `most`.
    """
    if width * height > most:
        raise TooManyPixels(
            f"{filename} would decode to {width:,} x {height:,} pixels, {width * height / 1e6:,.0f} "
            f"megapixels; at most {most / 1e6:,.0f} are accepted. Upload a smaller version."
        )


def _raw_size(path: Path, filename: str) -> tuple[int, int]:
    import rawpy  # it takes numpy, and as long to load as all the rest

    try:
        with rawpy.imread(str(path)) as raw:
            sizes = raw.sizes
    except rawpy.LibRawFileUnsupportedError as error:
        raise UnsupportedFormat(
            f"{filename} is a camera RAW file that cannot be developed: LibRaw does not know its camera or "
            "the way it is packed. Convert it to DNG with Adobe's converter, or export it as a JPEG or TIFF."
        ) from error
    except rawpy.LibRawError as error:
        raise CorruptFile(
            f"{filename} claims to be a camera RAW file, but its header cannot be read ({error}). "
            "Copy it again from the card or from a backup."
        ) from error
    # As LibRaw does: of pixels that are not square, the shorter side is stretched.
    aspect = sizes.pixel_aspect
    width, height = round(sizes.width * max(aspect, 1)), round(sizes.height / min(aspect, 1))
    return (height, width) if sizes.flip & 4 else (width, height)
