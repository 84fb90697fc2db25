"""Decodes BMP and JPEG 2000 with Pillow."""

from collections.abc import Callable
from pathlib import Path

import pyvips
from PIL import Image, UnidentifiedImageError

from safelight.errors import CorruptFile, TruncatedFile, UnsupportedFormat
from safelight.files import bmp, jpeg2000
from safelight.files.seekable import Seekable
from safelight.imaging.picture import Decoded

_UPRIGHT = 1
_NAMES = {"L": "b-w", "LA": "b-w", "I;16": "grey16", "RGB": "srgb", "RGBA": "srgb", "CMYK": "cmyk"}
_INSTEAD = {"1": "L", "P": "RGB", "PA": "RGBA", "YCbCr": "RGB", "RGBX": "RGB"}


def decode_bmp(path: Path, filename: str) -> Decoded:
    """Return the picture of the BMP file at `path`; `filename` is for the messages.

    Raises:
        TruncatedFile: pixels are missing.
        CorruptFile: the file cannot be decoded.
        UnsupportedFormat: it is coded in a way that no decoder here knows.
        MemoryError: there is not enough memory.
    """
    return _decoded(path, filename, "BMP", bmp.profile_in)


def decode_jpeg2000(path: Path, filename: str) -> Decoded:
    """Return the picture of the JPEG 2000 file at `path`, 8 bits but for grey. Raises as `decode_bmp`."""
    return _decoded(path, filename, "JPEG2000", jpeg2000.profile_in)


def _decoded(
    path: Path, filename: str, format_: str, profile_in: Callable[[Seekable], bytes | None]
) -> Decoded:
    Image.MAX_IMAGE_PIXELS = None  # how many there are has been checked
    try:
        with Image.open(path, formats=[format_]) as opened:
            opened.load()
            image = opened.convert(_INSTEAD[opened.mode]) if opened.mode in _INSTEAD else opened
            pixels = image.tobytes()
    except (UnidentifiedImageError, NotImplementedError) as error:
        raise _unsupported(filename, str(error)) from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk's fault, not the photo's
        raise _named(str(error), filename) from error
    if image.mode not in _NAMES:
        raise _unsupported(filename, f"tones of kind {image.mode}")
    form = "ushort" if image.mode == "I;16" else "uchar"
    made = pyvips.Image.new_from_memory(pixels, *image.size, len(image.getbands()), form)
    with path.open("rb") as file:
        profile = profile_in(file)
    return Decoded(made.copy(interpretation=_NAMES[image.mode]), _UPRIGHT, profile, image.size)


def _named(text: str, filename: str) -> Exception:
    lower = text.lower()
    if "unsupported" in lower:
        return _unsupported(filename, text)
    if "truncated" in lower:
        return TruncatedFile(f"{filename} ends before its image does ({text}). Copy or upload it again.")
    return CorruptFile(
        f"{filename} cannot be decoded ({text}): its image data are damaged. Copy it again from a backup."
    )


def _unsupported(filename: str, text: str) -> UnsupportedFormat:
    return UnsupportedFormat(
        f"{filename} is coded in a way that cannot be read ({text}). Export it as JPEG and upload that."
    )
