"""What every reader makes and the encoders take."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pixels:
    """An upright picture in sRGB: `rgb` is its rows from the top, three bytes a pixel, without padding."""

    width: int
    height: int
    rgb: bytes
