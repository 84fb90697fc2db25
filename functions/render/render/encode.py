"""Writes renditions and placeholders: the same pixels always give the same bytes, and nothing but pixels."""

import base64
import io

from PIL import Image, ImageFilter

_PLACEHOLDER_PIXELS = 20


def jpeg(image: Image.Image, quality: int) -> bytes:
    """Return the RGB `image` as a progressive JPEG, 4:2:0, without metadata; `quality` is 1 to 95."""
    buffer = io.BytesIO()
    _bare(image).save(buffer, "JPEG", quality=quality, progressive=True, optimize=True, subsampling="4:2:0")
    return buffer.getvalue()


def placeholder(image: Image.Image) -> str:
    """Return a blurred stamp of `image`, of at most 20 pixels a side, as a data URI of less than 1 KB."""
    stamp = _bare(image)
    stamp.thumbnail((_PLACEHOLDER_PIXELS, _PLACEHOLDER_PIXELS), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    stamp.filter(ImageFilter.GaussianBlur(1)).save(buffer, "WEBP", quality=50, method=6)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _bare(image: Image.Image) -> Image.Image:
    """Return a copy without what the file said besides pixels, some of which Pillow would write again."""
    bare = image.copy()
    bare.info = {}
    return bare
