"""Enlarges an image that is too small for the services to look at."""

import io


def enlarged(body: bytes, size: tuple[int, int]) -> bytes:
    """Return the JPEG or PNG file `body` as a PNG file of `size` in pixels."""
    from PIL import Image  # few photos need it

    buffer = io.BytesIO()
    with Image.open(io.BytesIO(body), formats=("JPEG", "PNG")) as image:
        image.resize(size, Image.Resampling.BICUBIC).save(buffer, "PNG")
    return buffer.getvalue()
