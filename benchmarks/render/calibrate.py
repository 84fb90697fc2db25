"""Finds the quality of each encoder that looks like libjpeg-turbo's: `make bench-calibrate`.

The photographs are shrunk to two sizes, so that what is scored is the encoder and not the camera's own
JPEG, and encoded over a range of qualities. The table goes into functions/render/render/quality.py.
"""

import io
from collections.abc import Callable

import numpy as np
import pyjpegli
import pyvips
from numpy.typing import NDArray
from PIL import Image

from photos import originals
from report import provenance, table, write_section
from scoring import pixels, score

_SIDES_PIXELS = (800, 2000)
_TURBO = (50, 60, 70, 75, 80, 85, 90, 95)
_QUALITIES = {
    "jpegli": (45, 55, 65, 70, 75, 80, 85, 90, 95, 98),
    "WebP": (40, 55, 65, 72, 78, 84, 90, 95, 99),
    "AVIF": (30, 42, 50, 57, 64, 70, 77, 84, 92),
}


def _vips(image: Image.Image) -> pyvips.Image:
    return pyvips.Image.new_from_memory(image.tobytes(), *image.size, 3, "uchar").copy(interpretation="srgb")


def _turbo(image: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, progressive=True, optimize=True, subsampling="4:2:0")
    return buffer.getvalue()


_ENCODERS: dict[str, Callable[[Image.Image, int], bytes]] = {
    "jpegli": lambda image, quality: pyjpegli.encode(image.tobytes(), *image.size, quality=quality),
    "WebP": lambda image, quality: _vips(image).webpsave_buffer(Q=quality),
    "AVIF": lambda image, quality: _vips(image).heifsave_buffer(compression="av1", Q=quality),
}
"""The encoders, as functions/render/render/encode.py calls them."""


def _scores_and_sizes(
    encode: Callable[[Image.Image, int], bytes], images: list[Image.Image], qualities: tuple[int, ...]
) -> NDArray[np.float64]:
    """Return the mean SSIMULACRA2 and the mean logarithm of the bytes: 2 x qualities."""
    measured = []
    for image in images:
        expected = np.asarray(image, dtype=np.float32)
        encoded = [encode(image, quality) for quality in qualities]
        measured.append([(score(expected, pixels(body))[1], np.log(len(body))) for body in encoded])
    return np.asarray(np.mean(measured, axis=0).T)


def main() -> None:
    """Write the table into docs/performance.md, and print it."""
    images = []
    for photo in originals():
        for side in _SIDES_PIXELS:
            image = Image.open(photo)
            image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=None)
            images.append(image.convert("RGB"))
    turbo, turbo_sizes = _scores_and_sizes(_turbo, images, _TURBO)
    head = ["libjpeg-turbo", "SSIMULACRA2"]
    rows = [[str(quality), f"{mean:.1f}"] for quality, mean in zip(_TURBO, turbo, strict=True)]
    for name, encode in _ENCODERS.items():
        scores, sizes = _scores_and_sizes(encode, images, _QUALITIES[name])
        same = np.interp(turbo, scores, _QUALITIES[name])
        ratios = np.exp(np.interp(same, _QUALITIES[name], sizes) - turbo_sizes)
        head += [name, "its bytes"]
        for row, quality, ratio in zip(rows, same, ratios, strict=True):
            row += [f"{quality:.1f}", f"{ratio:.2f}"]
        print(name, flush=True)
    written = provenance("make bench-calibrate") + table(head, rows)
    write_section("calibration", written)
    print(written)


if __name__ == "__main__":
    main()
