"""Shrinks Pillow's images, and turns them upright."""

from PIL import Image

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_REDUCING_GAP = 3.0
"""Shrink by whole factors first, to 3 times the size, then by Lanczos: as good to the eye, and faster."""


def shrink(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return `image` resampled to `size` pixels."""
    if image.size == size:
        return image
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=_REDUCING_GAP)


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """Return `image` turned or mirrored as the Exif `orientation`, 1 to 8, asks."""
    return image.transpose(_TURNS[orientation]) if orientation in _TURNS else image
