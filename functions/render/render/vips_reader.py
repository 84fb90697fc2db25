"""Reads three-component JPEGs, which are nearly all that comes, through libvips.

libvips decodes in strips and resamples with SIMD: less CPU time and memory than Pillow takes for large
renditions (docs/performance.md). Pillow, and its import, are left out of this path, save where an ICC
profile is to be converted.
"""

from pathlib import Path

import pyvips

from render.box import fit
from render.jpeg_data import jpeg_data
from render.pixels import Pixels
from safelight.errors import CorruptFile, TruncatedFile

_HEADROOM = 2
"""The decoder leaves at least twice the pixels a side; what Lanczos does from there looks like the original.

sharp leaves 9/8 to 3/2, which scores lower in small renditions (docs/performance.md).
"""

_DECODER_SCALES = (8, 4, 2)
_RGB_BANDS = 3


def read_with_vips(path: Path, filename: str, box: tuple[int, int]) -> Pixels | None:
    """Return the JPEG at `path` fitted inside `box` pixels, or None if it is no JPEG of three components.

    `filename` is for the messages.

    Raises:
        TruncatedFile: image data are missing.
        CorruptFile: the file cannot be decoded.
        MemoryError: there is not enough memory.
    """
    data = jpeg_data(path, filename)
    if data is None:
        return None
    pyvips.cache_set_max(0)  # no photo is read twice
    try:
        return _read(data, box)
    except pyvips.Error as error:
        raise _named(error, filename) from error


def _read(data: bytes, box: tuple[int, int]) -> Pixels | None:
    header = pyvips.Image.jpegload_buffer(data)
    if header.bands != _RGB_BANDS:
        return None
    orientation = header.get("orientation") if header.get_typeof("orientation") else 1
    size = fit((header.width, header.height), box, orientation)
    scale = next((s for s in _DECODER_SCALES if _leaves_headroom(header, s, size)), 1)
    image = pyvips.Image.jpegload_buffer(data, shrink=scale, access="sequential", fail_on="truncated")
    if size != (header.width, header.height):
        image = image.resize(size[0] / image.width, vscale=size[1] / image.height, kernel="lanczos3")
    if orientation in range(2, 9):
        image = image.copy_memory().autorot()
    pixels = Pixels(image.width, image.height, image.write_to_memory())
    if header.get_typeof("icc-profile-data"):
        return _to_srgb(pixels, header.get("icc-profile-data"))
    return pixels


def _leaves_headroom(header: pyvips.Image, scale: int, size: tuple[int, int]) -> bool:
    return all(
        have >= _HEADROOM * scale * want
        for have, want in zip((header.width, header.height), size, strict=True)
    )


def _to_srgb(pixels: Pixels, profile: bytes) -> Pixels:
    from PIL import Image

    from render.color import to_srgb

    image = Image.frombuffer("RGB", (pixels.width, pixels.height), pixels.rgb, "raw", "RGB", 0, 1)
    return Pixels(pixels.width, pixels.height, to_srgb(image, profile).tobytes())


def _named(error: pyvips.Error, filename: str) -> Exception:
    text = " ".join(str(error).split())
    if "out of memory" in text:
        return MemoryError(text)
    if "premature end" in text.lower():
        return TruncatedFile(f"{filename} ends before its image does ({text}). Copy or upload it again.")
    return CorruptFile(
        f"{filename} cannot be decoded ({text}): its image data are damaged. "
        "Copy it again from the camera or from a backup."
    )
