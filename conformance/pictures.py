"""What the product makes of a picture, and what a reference shows of it."""

import io
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageCms, ImageOps

from colors import delta_e_2000, srgb_to_lab
from pipeline import renditions_of
from safelight.contracts import RenditionPlan
from safelight.errors import BadInput

SIDE = 1024
"""Both sides are rendered into a box of this many pixels."""

COMPARED = 192
"""What is compared has this many pixels at most, so that the ways to scale and to sharpen do not count."""

RIGHT = 3.0
"""The mean CIEDE2000 below which two pictures are one: less is seen side by side only."""

_PLAN: RenditionPlan = {
    "name": "conformance",
    "key": "conformance.png",
    "width": SIDE,
    "height": SIDE,
    "fit": "inside",
    "crop": "centre",
    "format": "png",
    "quality": 90,
    "progressive": False,
    "sharpen": 0,
    "color": "srgb",
    "background": "#ffffff",
    "metadata": "none",
    "gain_map": False,
    "placeholder": False,
    "facts": False,
}


class Made(NamedTuple):
    """A picture as PNG, or the name of the error and what it says to people."""

    png: bytes | None
    refusal: str = ""
    words: str = ""


def made(path: Path) -> Made:
    """Return what validate, develop and render make of the file at `path`."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            ((_, rendered),) = renditions_of(path, path.name, [_PLAN], Path(folder))
        except BadInput as error:
            return Made(None, type(error).__name__, str(error))
        except Exception as error:  # a fault of ours is a finding, and the rest is measured still
            return Made(None, f"FAILED {type(error).__name__}", str(error))
    return Made(rendered.body)


_DECODERS = {".jxl": "djxl", ".heic": "heif-convert", ".heif": "heif-convert"}
"""The tools that write a PNG, with its profile, of formats that builds of ImageMagick often lack."""


def shown_by_imagemagick(path: Path) -> bytes | None:
    """Return the first picture in the file as ImageMagick shows it, upright and in sRGB, or None.

    Where one of `_DECODERS` is installed, it decodes the file for ImageMagick.
    """
    program = imagemagick()
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        if decoder := shutil.which(_DECODERS.get(path.suffix.lower(), "")):
            decoded = Path(folder) / "decoded.png"
            _run([decoder, str(path), str(decoded)])
            pictures = sorted(Path(folder).glob("decoded*.png"))
            path = (
                pictures[0] if len(pictures) == 1 else path
            )  # of several, only ImageMagick knows the primary
        profile = Path(folder) / "srgb.icc"
        profile.write_bytes(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
        turned = [f"{path}[0]", "-auto-orient", "-profile", str(profile), "-colorspace", "sRGB"]
        flat = ["-background", "white", "-flatten", "-resize", f"{SIDE}x{SIDE}>", "-depth", "8", "png:-"]
        limits = ["-limit", "memory", "1GiB", "-limit", "time", "60"]
        png = _run([program, *limits, *turned, *flat])
    return png if png.startswith(b"\x89PNG") else None


_BY_PILLOW = {".tif", ".tiff", ".png"}
"""What Pillow decodes, and the product does not decode with it."""


def shown_by_pillow(path: Path) -> bytes | None:
    """Return the first picture in a TIFF or PNG file as Pillow shows it, upright, or None."""
    if path.suffix.lower() not in _BY_PILLOW:
        return None
    try:
        with Image.open(path) as opened:
            image = ImageOps.exif_transpose(opened).convert("RGBA")
    except (OSError, ValueError, SyntaxError):
        return None
    image.thumbnail((SIDE, SIDE))
    png = io.BytesIO()
    image.save(png, "PNG")
    return png.getvalue()


_DAMAGED_BY_NAME = re.compile(
    r"fuzz|poc|crash|corrupt|broken|\bbad|invalid|trunc|overflow|ghsa|cve|premature|damaged|not_enough"
    r"|oom|timeout|leak|unbound|wrong|illegal|/x\w\wn\dg\d\d\.png$",
    re.IGNORECASE,
)
"""What those say who damage files to test decoders; the last is how PngSuite names its own."""

_DAMAGED_BY_WARNING = re.compile(
    r"corrupt|truncat|premature|unexpected end|end.of.file|insufficient|crc|invalid|too (short|large|many)"
    r"|not enough|exceed|read error|improper|bogus|extraneous|unable to (read|decode)|failed",
    re.IGNORECASE,
)


def damaged(path: Path, name: str) -> bool:
    """Return whether the file is damaged: its `name` says so, or ImageMagick warns of it or refuses it.

    An unknown tag or a profile that is not needed is no damage.
    """
    if _DAMAGED_BY_NAME.search(f"/{name}"):
        return True
    program = imagemagick()
    if program is None:
        return False
    command = [program, "-limit", "memory", "1GiB", "-limit", "time", "60", f"{path}[0]", "null:"]
    try:
        told = subprocess.run(command, capture_output=True, check=False, timeout=90)  # noqa: S603 - fixed
    except subprocess.TimeoutExpired:
        return True
    return bool(_DAMAGED_BY_WARNING.search(told.stderr.decode("utf-8", "replace")))


def _run(command: list[str]) -> bytes:
    """Return what a program prints; nothing where it fails."""
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=90)  # noqa: S603 - fixed
    except subprocess.TimeoutExpired:
        return b""
    return done.stdout if done.returncode == 0 else b""


def imagemagick() -> str | None:
    """Return the program, where it is installed."""
    return next(filter(None, map(shutil.which, ("magick", "convert-im6.q16", "convert"))), None)


def difference(one: bytes, other: bytes) -> float:
    """Return the mean CIEDE2000 of two PNGs on white; infinite where their shapes are not one."""
    first, second = (_opened(png) for png in (one, other))
    if any(abs(a - b) > 1 for a, b in zip(first.size, second.size, strict=True)):
        return float("inf")
    width, height = first.size
    scale = min(1.0, COMPARED / max(width, height))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    tones = [np.asarray(each.resize(size, Image.Resampling.BOX), np.float64) for each in (first, second)]
    labs = [srgb_to_lab(each.reshape(-1, 3) / 255) for each in tones]
    return float(delta_e_2000(*labs).mean())


def _opened(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png)).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
