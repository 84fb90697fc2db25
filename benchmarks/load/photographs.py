"""Photographs of 12 megapixels, as many as are wanted, for what is counted by the photo."""

import io

from PIL import Image, ImageOps

from photos import originals

_SIZE = 4000, 3000


def photograph(number: int) -> bytes:
    """Return a JPEG of 12 megapixels; each further one of the same photograph is cropped more."""
    again, which = divmod(number, len(sources := originals()))
    photo = ImageOps.fit(ImageOps.crop(Image.open(sources[which]), 16 * again), _SIZE)
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=92, subsampling="4:2:0")
    return file.getvalue()
