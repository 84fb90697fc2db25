"""Which quality of each encoder looks like which of libjpeg's, the scale that presets speak in."""

from itertools import pairwise

Table = tuple[tuple[float, float], ...]

JPEGLI: Table = (
    (1, 1.0), (50, 54.2), (60, 62.5), (70, 72.8), (75, 77.4), (80, 82.4), (85, 86.7), (90, 90.9), (95, 95.2)
)  # fmt: skip
"""libjpeg-turbo's quality, and jpegli's of the same mean SSIMULACRA2 (measured: docs/decisions/0004)."""

WEBP: Table = ((1, 1.0), (95, 95.0))
AVIF: Table = ((1, 1.0), (95, 95.0))


def encoder_quality(table: Table, quality: int) -> int:
    """Return the encoder's own quality for libjpeg's `quality`, between the rows of `table` it lies between.

    Raises:
        ValueError: there is no such quality.
    """
    for (low, own_low), (high, own_high) in pairwise(table):
        if low <= quality <= high:
            return round(own_low + (own_high - own_low) * (quality - low) / (high - low))
    raise ValueError(f"A quality is {table[0][0]} to {table[-1][0]}, not {quality}.")
