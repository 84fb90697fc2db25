"""Finds the jpegli quality that looks like libjpeg-turbo's: `make calibrate-jpegli PHOTOS=folder`."""

import io
import sys
from pathlib import Path

import numpy as np
import pyjpegli
from PIL import Image, ImageOps
from pillow_heif import register_heif_opener
from ssimulacra2 import compute_ssimulacra2

_TURBO = (50, 60, 70, 75, 80, 85, 90, 95)
_JPEGLI = (45, 55, 65, 70, 75, 80, 85, 90, 95, 98)
_SIDE_PIXELS = 1000
"""Photos are shrunk to this, so that what is scored is the encoder and not the camera's own JPEG."""


def _score(reference: Image.Image, encoded: bytes) -> float:
    lossless = io.BytesIO(), io.BytesIO()
    reference.save(lossless[0], "PNG", compress_level=0)
    Image.open(io.BytesIO(encoded)).save(lossless[1], "PNG", compress_level=0)
    return float(compute_ssimulacra2(*lossless))


def _turbo(image: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, progressive=True, optimize=True, subsampling="4:2:0")
    return buffer.getvalue()


def main(paths: list[Path]) -> None:
    """Print, for each quality of libjpeg-turbo's, the jpegli quality of the same mean SSIMULACRA2."""
    register_heif_opener()
    turbo, jpegli = [], []
    for path in paths:
        image = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
        image.thumbnail((_SIDE_PIXELS, _SIDE_PIXELS), Image.Resampling.LANCZOS, reducing_gap=None)
        by_turbo = [_turbo(image, quality) for quality in _TURBO]
        by_jpegli = [pyjpegli.encode(image.tobytes(), *image.size, quality=quality) for quality in _JPEGLI]
        turbo.append([(_score(image, body), len(body)) for body in by_turbo])
        jpegli.append([(_score(image, body), len(body)) for body in by_jpegli])
        print(path.name, *(round(score, 1) for score, _ in turbo[-1]), file=sys.stderr, flush=True)
    turbo_mean, jpegli_mean = np.array(turbo)[..., 0].mean(0), np.array(jpegli)[..., 0].mean(0)
    turbo_bytes = np.log(np.array(turbo)[..., 1]).mean(0)
    jpegli_bytes = np.log(np.array(jpegli)[..., 1]).mean(0)
    print("| libjpeg-turbo | SSIMULACRA2 | jpegli of the same score | bytes |\n|---|---|---|---|")
    for quality, score, size in zip(_TURBO, turbo_mean, turbo_bytes, strict=True):
        same = np.interp(score, jpegli_mean, _JPEGLI)
        ratio = np.exp(np.interp(same, _JPEGLI, jpegli_bytes) - size)
        print(f"| {quality} | {score:.1f} | {same:.1f} | {ratio:.2f} |")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
