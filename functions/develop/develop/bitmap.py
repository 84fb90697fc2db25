"""Decodes BMP, but for its runs, and JPEG 2000 with OpenJPEG; with Pillow what they leave."""

import mmap
import struct
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import numpy.typing as npt
import pyvips
from PIL import Image, UnidentifiedImageError

from safelight.errors import CorruptFile, TruncatedFile, UnsupportedFormat
from safelight.files import bmp, jpeg2000
from safelight.files.seekable import Seekable
from safelight.imaging.picture import Decoded
from safelight.imaging.read import lacks_memory

_UPRIGHT = 1
_BYTE = 8
_BANDED, _CMYK_BANDS = 3, 4
_SPACE = slice(16, 20)
"""Where an ICC profile says whose numbers it is of (ICC.1:2022, 7.2.6)."""

_CMYK = 12
_KNOWN_COLORS = (_CMYK, 16, 17)
_COLORS = {1: "grey", 2: "grey", 3: "rgb", 4: "rgb"}
"""By the number of components, the last of 2 and of 4 being alpha."""

_INTERPRETATIONS = {
    ("grey", "uint8"): "b-w",
    ("grey", "uint16"): "grey16",
    ("rgb", "uint8"): "srgb",
    ("rgb", "uint16"): "rgb16",
    ("cmyk", "uint8"): "cmyk",
    ("cmyk", "uint16"): "cmyk",
}
_FORMS = {"uint8": "uchar", "uint16": "ushort"}
_NAMES = {"L": "b-w", "LA": "b-w", "I;16": "grey16", "RGB": "srgb", "RGBA": "srgb", "CMYK": "cmyk"}
_INSTEAD = {"1": "L", "P": "RGB", "PA": "RGBA", "YCbCr": "RGB", "RGBX": "RGB"}


_UNPACKED = frozenset({bmp.PLAIN, bmp.BIT_FIELDS, bmp.ALPHA_BIT_FIELDS})
_WIDTHS = frozenset({1, 2, 4, 8, 16, 24, 32})
"""What is read here; runs of one colour are left to Pillow."""

_TRUE_COLOR, _BAND = 24, 256
_Pixels = npt.NDArray[np.uint8]


def decode_bmp(path: Path, filename: str) -> Decoded:
    """Return the picture of the BMP file at `path`; `filename` is for the messages.

    Raises:
        TruncatedFile: pixels are missing.
        CorruptFile: the file cannot be decoded.
        UnsupportedFormat: it is coded in a way that no decoder here knows.
        MemoryError: there is not enough memory.
    """
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            size, layout, profile = bmp.size_in(data), bmp.layout_in(data), bmp.profile_in(data)
            if layout.coding not in _UNPACKED or layout.bits not in _WIDTHS:
                return _decoded(path, filename, "BMP", bmp.profile_in)
            pixels = _unpacked(data, size, layout)
    except struct.error as error:
        raise _named("truncated in its header", filename) from error
    if pixels is None:
        raise _named("truncated in its rows", filename)
    made = pyvips.Image.new_from_memory(pixels.tobytes(), *size, pixels.shape[2], "uchar")
    return Decoded(made.copy(interpretation="srgb"), _UPRIGHT, profile, size)


def _unpacked(data: mmap.mmap, size: tuple[int, int], layout: bmp.Layout) -> _Pixels | None:
    """Return rows of pixels of RGB, with alpha where any pixel has some; None where rows are missing."""
    width, height = size
    stride = -(-width * layout.bits // 32) * 4
    if layout.start + stride * height > len(data):
        return None
    stored = np.frombuffer(data[layout.start : layout.start + stride * height], "uint8")
    rows = stored.reshape(height, stride)[:: 1 if layout.top_down else -1]
    table = np.zeros((256, 3), "uint8")
    colors = np.frombuffer(layout.palette, "uint8").reshape(-1, 3)
    table[: len(colors)] = colors[:, ::-1]
    made = np.empty((height, width, 4 if layout.masks[3] else 3), "uint8")
    for top in range(0, height, _BAND):
        band = rows[top : top + _BAND]
        made[top : top + _BAND] = _colors(band, width, layout, table)
    return made[:, :, :3] if layout.masks[3] and not made[:, :, 3].any() else made


def _colors(rows: _Pixels, width: int, layout: bmp.Layout, table: _Pixels) -> _Pixels:
    bits = layout.bits
    if bits < _BYTE:
        parts = np.arange(_BYTE - bits, -1, -bits, dtype="uint8")
        indexes = (rows[:, :, None] >> parts) & np.uint8((1 << bits) - 1)
        rows, bits = indexes.reshape(len(rows), -1), _BYTE
    if bits == _BYTE:
        found: _Pixels = table[rows[:, :width]]
        return found
    if bits == _TRUE_COLOR:
        return rows[:, : 3 * width].reshape(len(rows), width, 3)[:, :, ::-1]
    numbers = np.ascontiguousarray(rows).view(f"<u{bits // _BYTE}")[:, :width].astype("uint32")
    fields = layout.masks if layout.masks[3] else layout.masks[:3]
    return np.stack([_field(numbers, mask) for mask in fields], axis=2)


def _field(numbers: npt.NDArray[np.uint32], mask: int) -> _Pixels:
    """Return the bits under `mask` as tones of 8 bits."""
    if not mask:
        return np.zeros(numbers.shape, "uint8")
    low = (mask & -mask).bit_length() - 1
    width = (mask >> low).bit_length()
    field = (numbers & np.uint32(mask)) >> np.uint32(low)
    if width > _BYTE:
        return (field >> np.uint32(width - _BYTE)).astype("uint8")
    most = (1 << width) - 1
    return ((field * 255 + most // 2) // most).astype("uint8")


def decode_jpeg2000(path: Path, filename: str) -> Decoded:
    """Return the picture of the JPEG 2000 file at `path`. Raises as `decode_bmp`.

    Pillow takes channels as they come, whatever the file says of their order, and of deep colours it turns
    white into black: it is asked only for what OpenJPEG's binding does not give, components of several sizes.
    """
    try:
        with path.open("rb") as file:
            components = jpeg2000.components_in(file)
            profile = jpeg2000.profile_in(file)
    except struct.error as error:
        raise _named("truncated in its header", filename) from error
    if not components.alike or components.color not in (None, *_KNOWN_COLORS):
        if components.bits > _BYTE and components.number > 1:
            raise _unsupported(filename, "JPEG 2000 of more than 8 bits in other colours than grey and RGB")
        return _decoded(path, filename, "JPEG2000", jpeg2000.profile_in)
    try:
        pixels = imagecodecs.jpeg2k_decode(_without_profile(path))
    except imagecodecs.Jpeg2kError as error:
        raise _named(str(error), filename) from error
    except ValueError as error:  # what OpenJPEG quotes of a damaged file is no text
        raise _named("OpenJPEG reports damage", filename) from error
    height, width, bands = pixels.shape if pixels.ndim == _BANDED else (*pixels.shape, 1)
    if bands not in _COLORS:
        raise _unsupported(filename, f"JPEG 2000 of {bands} components")
    in_ink = components.color == _CMYK or (profile or b"")[_SPACE] == b"CMYK"
    colors = "cmyk" if bands == _CMYK_BANDS and in_ink else _COLORS[bands]
    kind = "uint8" if components.bits <= _BYTE else "uint16"
    top, most = np.iinfo(kind).max, (1 << components.bits) - 1
    if most != top:
        pixels = pixels.astype("uint32") * top // most
    whole = np.ascontiguousarray(pixels, kind)
    made = pyvips.Image.new_from_memory(whole, width, height, bands, _FORMS[kind])
    return Decoded(
        made.copy(interpretation=_INTERPRETATIONS[colors, kind]), _UPRIGHT, profile, (width, height)
    )


def _without_profile(path: Path) -> bytes:
    """Return the JPEG 2000 file at `path` with its ICC profile skipped: OpenJPEG's binding would apply it."""
    with path.open("rb") as file:
        box = jpeg2000.profile_box(file)
    data = path.read_bytes()
    return data if box is None else b"".join((data[: box.start - 4], b"free", data[box.start :]))


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
