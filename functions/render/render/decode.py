"""Decodes the first image of a file in any supported format, as small as the rendition allows."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pillow_heif
from PIL import ExifTags, Image

from render.box import fit
from render.jpeg_data import jpeg_data
from safelight.errors import CorruptFile, SafelightError, TruncatedFile, UnsupportedFormat

_READERS = ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF", "GIF"]


@dataclass(frozen=True)
class Decoded:
    """Pixels as they are stored, `orientation` 1 to 8 as in Exif, and the stored size at full resolution."""

    image: Image.Image
    orientation: int
    full_size: tuple[int, int]


def decode(path: Path, filename: str, box: tuple[int, int]) -> Decoded:
    """Return the first image of the file at `path`, decoded; `filename` is for the messages.

    A JPEG is shrunk by its decoder, to no less than twice what fits inside `box` pixels. HEIF and TIFF
    files come out of their decoders upright, with orientation 1.

    Raises:
        TruncatedFile: image data are missing.
        CorruptFile: the file cannot be decoded.
        UnsupportedFormat: it is coded in a way that no decoder here knows.
        MemoryError: there is not enough memory.
    """
    pillow_heif.register_heif_opener()
    try:
        data = jpeg_data(path, filename)
        source = path if data is None else io.BytesIO(data)
        with _without_pillows_limit(), Image.open(source, formats=_READERS) as image:
            full_size = image.size
            if image.format in ("JPEG", "MPO"):
                target = fit(full_size, box, _orientation(image))
                image.draft(None, (2 * target[0], 2 * target[1]))
            image.load()
            return Decoded(image, _orientation(image), full_size)
    except (MemoryError, SafelightError):
        raise
    except Exception as error:  # Pillow's decoders raise whatever malformed data lead them to
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk's fault, not the photo's
        raise _named(error, filename) from error


def _orientation(image: Image.Image) -> int:
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # a broken Exif block does not make a broken image
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _named(error: Exception, filename: str) -> SafelightError:
    text = str(error)
    if "truncated" in text.lower():
        return TruncatedFile(f"{filename} ends before its image does ({text}). Copy or upload it again.")
    if "unsupported codec" in text.lower():
        return UnsupportedFormat(
            f"{filename} is coded in a way that cannot be read ({text}). Export it as JPEG and upload that."
        )
    return CorruptFile(
        f"{filename} cannot be decoded ({text or type(error).__name__}): its image data are damaged. "
        "Copy it again from the camera or from a backup."
    )


@contextmanager
def _without_pillows_limit() -> Iterator[None]:
    """Switch off Pillow's own limit of pixels: the validate function has checked the stack's limit."""
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = limit
