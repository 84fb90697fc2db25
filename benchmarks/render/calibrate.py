"""Finds the quality of each encoder that looks like libjpeg-turbo's: `make bench-calibrate`.

The photographs are shrunk to two sizes, so that what is scored is the encoder and not the camera's own
JPEG, and encoded over a range of qualities. The table goes into functions/render/render/quality.py.
"""

from collections.abc import Callable
from typing import cast
from unittest.mock import patch

import numpy as np
import pyvips
from numpy.typing import NDArray

from engines import plans
from photos import originals
from render.encode import encoded
from report import provenance, table, write_section
from safelight.contracts import RenditionPlan
from scoring import pixels, score

_SIDES_PIXELS = (800, 2000)
_TURBO = (50, 60, 70, 75, 80, 85, 90, 95)
_NAMES = {"jpeg": "jpegli", "webp": "WebP", "avif": "AVIF"}
_OWN = {
    "jpeg": (45, 55, 65, 70, 75, 80, 85, 90, 95, 98),
    "webp": (40, 55, 65, 72, 78, 84, 90, 95, 99),
    "avif": (30, 42, 50, 57, 64, 70, 77, 84, 92),
}
"""Formats, as presets name them, and qualities of their encoders to interpolate between."""

Encoder = Callable[[pyvips.Image, int], bytes]


def _turbo(image: pyvips.Image, quality: int) -> bytes:
    body: bytes = image.jpegsave_buffer(Q=quality, interlace=True, optimize_coding=True, subsample_mode="on")
    return body


def _own(form: str) -> Encoder:
    """Return the encoder of renditions in the format `form`, which takes qualities as they are."""
    plan = plans("gallery")[0]

    def encode(image: pyvips.Image, quality: int) -> bytes:
        wanted = cast(RenditionPlan, {**plan, "format": form, "progressive": False, "quality": quality})
        with (
            patch("render.encode.encoder_quality", lambda _, same: same),
            patch("render.encode.jpegli_quality", lambda same, _: same),
        ):
            return encoded(image, wanted, b"")

    return encode


def _scores_and_sizes(
    encode: Encoder, images: list[pyvips.Image], qualities: tuple[int, ...]
) -> NDArray[np.float64]:
    """Return the mean SSIMULACRA2 and the mean logarithm of the bytes: 2 x qualities."""
    measured = []
    for image in images:
        expected = image.numpy().astype(np.float32)
        encoded = [encode(image, quality) for quality in qualities]
        measured.append([(score(expected, pixels(body))[1], np.log(len(body))) for body in encoded])
    return np.asarray(np.mean(measured, axis=0).T)


def main() -> None:
    """Write the table into docs/performance.md, and print it."""
    images = []
    for photo in originals():
        for side in _SIDES_PIXELS:
            image = pyvips.Image.new_from_file(str(photo))
            images.append(image.resize(side / max(image.width, image.height)).copy_memory())
    turbo, turbo_sizes = _scores_and_sizes(_turbo, images, _TURBO)
    head = ["libjpeg-turbo", "SSIMULACRA2"]
    rows = [[str(quality), f"{mean:.1f}"] for quality, mean in zip(_TURBO, turbo, strict=True)]
    for form, qualities in _OWN.items():
        scores, sizes = _scores_and_sizes(_own(form), images, qualities)
        same = np.interp(turbo, scores, qualities)
        ratios = np.exp(np.interp(same, qualities, sizes) - turbo_sizes)
        head += [_NAMES[form], "its bytes"]
        for row, quality, ratio in zip(rows, same, ratios, strict=True):
            row += [f"{quality:.1f}", f"{ratio:.2f}"]
        print(form, flush=True)
    written = provenance("make bench-calibrate") + table(head, rows)
    write_section("calibration", written)
    print(written)


if __name__ == "__main__":
    main()
