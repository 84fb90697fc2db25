"""Brings a decoded image to its size, upright, and to 8 bits of a colour space that is named."""

from typing import Literal

import pyvips

from safelight.imaging.picture import Decoded

Color = Literal["srgb", "display-p3"]


def finished(decoded: Decoded, size: tuple[int, int], color: Color) -> pyvips.Image:
    """Return the image shrunk to `size` (as stored), upright, 8 bit, three bands and alpha if there is any.

    The colours are sRGB without a profile; or Display P3, with its profile, where `color` asks for it and
    the image has colours beyond sRGB. The pixels are all in memory: nothing is left to go wrong.

    Raises:
        pyvips.Error: the image cannot be decoded; `safelight.imaging.read.naming` names it.
    """
    raise NotImplementedError
