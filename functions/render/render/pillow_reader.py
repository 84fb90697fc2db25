"""Reads images of every supported format through Pillow."""

from pathlib import Path

from render.box import fit
from render.color import eight_bits, to_srgb
from render.decode import decode
from render.geometry import shrink, upright
from render.pixels import Pixels


def read_with_pillow(path: Path, filename: str, box: tuple[int, int]) -> Pixels:
    """Return the first image of the file at `path` fitted inside `box` pixels; `filename` is for messages.

    Raises:
        TruncatedFile, CorruptFile, UnsupportedFormat, MemoryError: see `render.decode.decode`.
    """
    decoded = decode(path, filename, box)
    profile = decoded.image.info.get("icc_profile")
    # Shrunk first, so that colour and turning cost by the pixel of the rendition, not of the original.
    small = shrink(eight_bits(decoded.image), fit(decoded.full_size, box, decoded.orientation))
    image = upright(to_srgb(small, profile), decoded.orientation)
    return Pixels(image.width, image.height, image.tobytes())
