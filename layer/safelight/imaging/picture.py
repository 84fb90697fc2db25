"""An image between its decoder and its finish."""

from typing import NamedTuple

import pyvips


class Decoded(NamedTuple):
    """An image as its decoder gives it, before its size, its turn and its colour are set right.

    Attributes:
        image: grey, RGB, CMYK or Lab, 8 or 16 bits per band (Lab also in floating point), with or without
            alpha; it may be streamed from its file, which allows one pass over it, from the top.
        orientation: how to turn it upright, 1 to 8 as in Exif.
        profile: its ICC profile as embedded, sound or not.
        full_size: width and height in pixels as stored, at full resolution.
    """

    image: pyvips.Image
    orientation: int
    profile: bytes | None
    full_size: tuple[int, int]
