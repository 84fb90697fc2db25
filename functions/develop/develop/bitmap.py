"""Decodes BMP and JPEG 2000 with Pillow, and JPEG 2000 of deep colours with OpenJPEG."""

import struct
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import pyvips
from PIL import Image, UnidentifiedImageError

from safelight.errors import CorruptFile, TruncatedFile, UnsupportedFormat
from safelight.files import bmp, jpeg2000
from safelight.files.seekable import Seekable
from safelight.imaging.picture import Decoded
from safelight.imaging.read import lacks_memory

_UPRIGHT = 1
_BYTE = 8
_DEEP = {2: "grey16", 3: "rgb16", 4: "rgb16"}
"""What deeper pictures are by their number of components, the last of 2 and of 4 being alpha."""
_KNOWN_COLORS = (16, 17)
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
    """Return the picture of the JPEG 2000 file at `path`. Raises as `decode_bmp`.

    Pillow is right about 8 bits, and about grey of more; of deeper colours it turns white into black, so that
    OpenJPEG is asked for their numbers.
    """
    try:
        with path.open("rb") as file:
            components = jpeg2000.components_in(file)
            profile = jpeg2000.profile_in(file)
    except struct.error as error:
        raise _named("truncated in its header", filename) from error
    if components.number == 1 or components.bits <= _BYTE:
        return _decoded(path, filename, "JPEG2000", jpeg2000.profile_in)
    is_known = components.alike and components.color in (None, *_KNOWN_COLORS)
    if components.number not in _DEEP or not is_known:
        raise _unsupported(filename, "JPEG 2000 of more than 8 bits in other colours than grey and RGB")
    try:
        pixels = imagecodecs.jpeg2k_decode(path.read_bytes())
    except imagecodecs.Jpeg2kError as error:
        raise _named(str(error), filename) from error
    most = (1 << components.bits) - 1
    whole = (pixels.astype("uint32") * 65535 // most).astype("uint16")
    height, width = whole.shape[:2]
    made = pyvips.Image.new_from_memory(whole.tobytes(), width, height, components.number, "ushort")
    return Decoded(made.copy(interpretation=_DEEP[components.number]), _UPRIGHT, profile, (width, height))


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
    if lacks_memory(text):
        return MemoryError(text)
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
