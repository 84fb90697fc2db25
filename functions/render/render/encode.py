"""Writes files of pixels: the same pixels always give the same bytes.

Besides pixels a file holds an ICC profile where the image carries one, and the Exif block that is given.
"""

import base64
from typing import TYPE_CHECKING

import pyvips

from render.quality import AVIF, WEBP, encoder_quality, jpegli_quality
from safelight.imaging import embed, icc

if TYPE_CHECKING:
    from safelight.contracts import RenditionPlan

MEDIA_TYPES = {"jpeg": "image/jpeg", "webp": "image/webp", "avif": "image/avif", "png": "image/png"}

_WEBP_EFFORT = 2
_AVIF_SPEED = 8
"""Both give 1 % more bytes than the encoders' usual, and take less than half their CPU (decision 0004)."""

_PLACEHOLDER_PIXELS = 20


def encoded(image: pyvips.Image, plan: "RenditionPlan", exif: bytes) -> bytes:
    """Return the 8-bit `image` in the plan's format and quality; `exif` is an Exif block, or empty.

    JPEG is 4:2:0 and takes an opaque image; the other formats keep alpha.
    """
    if plan["format"] == "jpeg":
        body = _baseline(image, plan["quality"])
        if plan["progressive"]:
            body = _progressive(body)
        return embed.jpeg_with(body, exif, _profile(image))
    if plan["format"] == "webp":
        quality = encoder_quality(WEBP, plan["quality"])
        body = image.webpsave_buffer(Q=quality, effort=_WEBP_EFFORT, keep="icc")
        return embed.webp_with(body, exif, image.width, image.height, image.hasalpha())
    if plan["format"] == "png":
        return embed.png_with(image.pngsave_buffer(keep="icc"), exif)
    return _avif(image, plan["quality"], exif)


def engines(plan: "RenditionPlan") -> str:
    """Return the libraries that pixels and bytes of the plan's rendition depend on, with versions."""
    from importlib.metadata import version  # 20 ms of CPU time that pixels do not need

    names = ["libvips " + ".".join(str(pyvips.version(part)) for part in range(3))]
    if plan["format"] == "jpeg":
        names.append(f"pyjpegli {version('pyjpegli')}")
        if plan["progressive"]:
            names.append(f"mozjpeg-lossless-optimization {version('mozjpeg-lossless-optimization')}")
    if plan["format"] == "avif":
        names.append(f"Pillow {version('Pillow')}")
    return ", ".join(names)


def placeholder(image: pyvips.Image, background: str) -> str:
    """Return a blurred stamp of `image`, of at most 20 pixels a side, as a data URI of less than 1 KB."""
    scale = min(1.0, _PLACEHOLDER_PIXELS / max(image.width, image.height))
    stamp = flattened(image, background).resize(scale, kernel="lanczos3")
    body = stamp.gaussblur(1).webpsave_buffer(Q=50, effort=6, keep="none")
    return f"data:image/webp;base64,{base64.b64encode(body).decode()}"


def flattened(image: pyvips.Image, background: str) -> pyvips.Image:
    """Return `image` over the colour `background`, `#rrggbb`, where it is transparent."""
    return image.flatten(background=list(bytes.fromhex(background[1:]))) if image.hasalpha() else image


def _baseline(image: pyvips.Image, quality: int) -> bytes:
    import pyjpegli  # loaded where it is used, like Pillow below: processes are short

    own = jpegli_quality(quality, max(image.width, image.height))
    body: bytes = pyjpegli.encode(image.write_to_memory(), image.width, image.height, quality=own)
    return body


def _progressive(baseline: bytes) -> bytes:
    """Return the same coefficients in progressive scans, in fewer bytes and for more CPU."""
    import mozjpeg_lossless_optimization

    body: bytes = mozjpeg_lossless_optimization.optimize(baseline)
    return body


def _avif(image: pyvips.Image, quality: int, exif: bytes) -> bytes:
    """Pillow's encoder takes Exif as it is, and less CPU time than libvips' for the same bytes."""
    import io

    from PIL import Image

    pixels = image.write_to_memory()
    size = image.width, image.height
    buffer = io.BytesIO()
    Image.frombuffer("RGBA" if image.hasalpha() else "RGB", size, pixels).save(
        buffer,
        "AVIF",
        quality=encoder_quality(AVIF, quality),
        speed=_AVIF_SPEED,
        max_threads=1,
        icc_profile=_profile(image),
        exif=exif,
    )
    return buffer.getvalue()


def _profile(image: pyvips.Image) -> bytes:
    return icc.attached(image) or b""
