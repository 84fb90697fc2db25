"""Writes renditions and placeholders: the same pixels always give the same bytes, and nothing but pixels."""

import base64
import io
from itertools import pairwise

import pyjpegli

from render.pixels import Pixels

_JPEGLI_QUALITIES = (
    (1, 1.0), (50, 54.2), (60, 62.5), (70, 72.8), (75, 77.4), (80, 82.4), (85, 86.7), (90, 90.9), (95, 95.2)
)  # fmt: skip
"""libjpeg-turbo's quality, and jpegli's of the same mean SSIMULACRA2 (measured: docs/performance.md)."""

_JFIF = bytes.fromhex("ffe0 0010 4a464946 00 0102 00 0001 0001 00 00")
"""The APP0 marker of JFIF 1.02 (ITU-T T.871, 10.1), square pixels of no stated size; jpegli leaves it out."""

_AFTER_SOI = 2
_PLACEHOLDER_PIXELS = 20


def jpeg(pixels: Pixels, quality: int) -> bytes:
    """Return `pixels` as a baseline JPEG, 4:2:0, without metadata; `quality` is libjpeg-turbo's, 1 to 95."""
    body: bytes = pyjpegli.encode(pixels.rgb, pixels.width, pixels.height, quality=_jpegli_quality(quality))
    return body[:_AFTER_SOI] + _JFIF + body[_AFTER_SOI:]


def _jpegli_quality(quality: int) -> int:
    """Interpolate in the table between the two rows that `quality` lies between."""
    for (low, jpegli_low), (high, jpegli_high) in pairwise(_JPEGLI_QUALITIES):
        if quality <= high:
            return round(jpegli_low + (jpegli_high - jpegli_low) * (quality - low) / (high - low))
    raise ValueError(f"A JPEG quality is 1 to {high}, not {quality}.")


def placeholder(pixels: Pixels) -> str:
    """Return a blurred stamp of `pixels`, of at most 20 pixels a side, as a data URI of less than 1 KB."""
    from PIL import Image, ImageFilter  # only the smallest rendition needs it

    stamp = Image.frombuffer("RGB", (pixels.width, pixels.height), pixels.rgb, "raw", "RGB", 0, 1)
    stamp.thumbnail((_PLACEHOLDER_PIXELS, _PLACEHOLDER_PIXELS), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    stamp.filter(ImageFilter.GaussianBlur(1)).save(buffer, "WEBP", quality=50, method=6)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"
