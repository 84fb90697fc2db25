"""Which quality of each encoder looks like which of libjpeg's, the scale that presets speak in."""

from itertools import pairwise

Table = tuple[tuple[float, float], ...]

JPEGLI: Table = (
    (1, 1.0), (50, 54.2), (60, 62.5), (70, 72.8), (75, 77.4), (80, 82.4), (85, 86.7), (90, 90.9), (95, 95.2)
)  # fmt: skip
"""libjpeg-turbo's quality at 4:2:0, and jpegli's of the same mean SSIMULACRA2 (docs/decisions/0004)."""

WEBP: Table = (
    (1, 1.0), (50, 55.3), (60, 65.4), (70, 76.7), (75, 79.2), (80, 82.6), (85, 86.2), (90, 90.8), (95, 96.6)
)  # fmt: skip
"""The same for libwebp, lossy, at effort 2."""

AVIF: Table = (
    (1, 1.0), (50, 50.5), (60, 54.3), (70, 59.3), (75, 62.9), (80, 67.2), (85, 71.8), (90, 80.3), (95, 91.3)
)  # fmt: skip
"""The same for Pillow's AVIF, at speed 8."""


_SMALL_PIXELS = 1200


def jpegli_quality(quality: int, longest: int) -> int:
    """Return jpegli's own quality for libjpeg's `quality`, of a picture `longest` pixels long.

    Small pictures keep the number, which asks for a little less than libjpeg's of that number: they come
    out of a decoder that left them more pixels than others do, and would otherwise look better than was
    asked for, at the cost of bytes (docs/decisions/0004).

    Raises:
        ValueError: there is no such quality.
    """
    own = encoder_quality(JPEGLI, quality)
    return quality if longest <= _SMALL_PIXELS else own


def encoder_quality(table: Table, quality: int) -> int:
    """Return the encoder's own quality for libjpeg's `quality`, between the rows of `table` it lies between.

    Raises:
        ValueError: there is no such quality.
    """
    for (low, own_low), (high, own_high) in pairwise(table):
        if low <= quality <= high:
            return round(own_low + (own_high - own_low) * (quality - low) / (high - low))
    raise ValueError(f"A quality is {table[0][0]} to {table[-1][0]}, not {quality}.")
