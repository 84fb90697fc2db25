"""Scores renditions against a reference that owes nothing to any engine."""

import ctypes
import io
import math
import sys
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from ssimulacra2 import compute_ssimulacra2

Rows = NDArray[np.float32]
"""Height x width x 3 values of sRGB, 0 to 255."""

if sys.platform == "linux":
    # Scoring takes the same large blocks over and over: kept by malloc, it needs half the time.
    for option, number_of_bytes in {-1: 2**31 - 1, -2: 2**28, -3: 2**25}.items():  # trim, pad, mmap
        ctypes.CDLL(None).mallopt(option, number_of_bytes)

SCORED_SIDE_PIXELS = 1200
"""The middle of large renditions is scored, up to this side: the whole would take minutes each."""


@cache
def reference(original: Path, fit: str, size: tuple[int, int]) -> Rows:
    """Return `original` shrunk by Lanczos in floating point from all its pixels.

    `size` is the rendition's. Where it covers its box, the reference is the whole picture, to be cropped by
    `window`.
    """
    bands = Image.open(original).split()
    if fit == "cover":
        scale = max(size[0] / bands[0].width, size[1] / bands[0].height)
        size = round(bands[0].width * scale), round(bands[0].height * scale)
    small = [band.convert("F").resize(size, Image.Resampling.LANCZOS) for band in bands]
    rows = np.stack([np.asarray(band) for band in small], axis=-1)
    return np.asarray(rows.clip(0, 255), dtype=np.float32)


def unsharp(sigma: float) -> Rows:
    """Return the kernel of what Safelight and Pillow do: the difference from a Gaussian blur is added."""
    reach = math.ceil(3 * sigma)
    line = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
    kernel = -np.outer(line, line) / line.sum() ** 2
    kernel[reach, reach] += 2
    return np.asarray(kernel, dtype=np.float32)


MILD: Rows = np.asarray([[-1, -1, -1], [-1, 32, -1], [-1, -1, -1]], dtype=np.float32) / np.float32(24)
"""The kernel of sharp's `sharpen()`, as strong as `unsharp(0.5)` (sharp's documentation and pipeline)."""


def filtered(rows: Rows, kernel: Rows) -> Rows:
    """Return `rows` convolved with `kernel`, a square of odd side."""
    reach = len(kernel) // 2
    padded = np.pad(rows, ((reach, reach), (reach, reach), (0, 0)), "edge")
    height, width = rows.shape[:2]
    made = np.zeros_like(rows)
    for (top, left), weight in np.ndenumerate(kernel):
        made += weight * padded[top : top + height, left : left + width]
    return made.clip(0, 255)


def window(whole: Rows, made: Rows) -> Rows:
    """Return the part of `whole` that `made` shows: each engine may crop elsewhere."""
    height, width = made.shape[:2]
    offsets = [
        (top, left)
        for top in range(whole.shape[0] - height + 1)
        for left in range(whole.shape[1] - width + 1)
    ]
    parts = {at: whole[at[0] : at[0] + height, at[1] : at[1] + width] for at in offsets}
    return min(parts.values(), key=lambda part: float(np.mean((part - made) ** 2)))


def pixels(rendition: Path | bytes) -> Rows:
    """Return the pixels of a file, or of the bytes of one."""
    source = io.BytesIO(rendition) if isinstance(rendition, bytes) else rendition
    return np.asarray(Image.open(source).convert("RGB"), dtype=np.float32)


def score(expected: Rows, made: Rows) -> tuple[float, float]:
    """Return PSNR in dB and SSIMULACRA2 of the middle of `made`."""
    top, left = (max(0, (side - SCORED_SIDE_PIXELS) // 2) for side in made.shape[:2])
    middle = np.s_[top : top + SCORED_SIDE_PIXELS, left : left + SCORED_SIDE_PIXELS]
    psnr = 10 * np.log10(255**2 / np.mean((made[middle] - expected[middle]) ** 2))
    lossless = io.BytesIO(), io.BytesIO()
    for rows, file in zip((expected, made), lossless, strict=True):
        Image.fromarray(rows[middle].round().astype(np.uint8)).save(file, "PNG", compress_level=0)
    return float(psnr), float(compute_ssimulacra2(*lossless))
