"""Photographs of 12 megapixels, as many as are wanted, for what is counted by the photo."""

import io
from datetime import datetime, timedelta

from PIL import Image, ImageOps

from photos import originals

_SIZE = 4000, 3000
_FIRST, _EACH = datetime(2024, 5, 1, 10), timedelta(minutes=7)
_EXIF_IFD, _DATE_TIME_ORIGINAL = 0x8769, 0x9003


def photograph(number: int) -> bytes:
    """Return a JPEG of 12 megapixels, taken 7 minutes after the one before.

    Each further one of the same photograph is cropped more.
    """
    again, which = divmod(number, len(sources := originals()))
    photo = ImageOps.fit(ImageOps.crop(Image.open(sources[which]), 16 * again), _SIZE)
    file = io.BytesIO()
    exif = Image.Exif()
    exif.get_ifd(_EXIF_IFD)[_DATE_TIME_ORIGINAL] = f"{_FIRST + number * _EACH:%Y:%m:%d %H:%M:%S}"
    photo.save(file, "JPEG", quality=92, subsampling="4:2:0", exif=exif)
    return file.getvalue()
