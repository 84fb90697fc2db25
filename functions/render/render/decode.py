"""Decodes the first image of a file in any supported format, as small as the rendition allows."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import ExifTags, Image

from render.geometry import fit
from safelight.errors import CorruptFile, SafelightError, TruncatedFile, UnsupportedFormat
from safelight.jpeg import read_layout

_PADDING_BYTES = 64


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
    try:
        with _without_pillows_limit(), Image.open(_source(path, filename), formats=_readers(path)) as image:
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


def _readers(path: Path) -> list[str]:
    """Return the readers to try, in Pillow's names.

    That of HEIF takes as long to load as all the rest: only ISO base media files load it.
    """
    with path.open("rb") as file:
        if file.read(8)[4:] != b"ftyp":
            return ["JPEG", "PNG", "WEBP", "TIFF", "GIF"]
    import pillow_heif

    pillow_heif.register_heif_opener()
    return ["HEIF", "AVIF"]


def _source(path: Path, filename: str) -> Path | io.BytesIO:
    """Return what to decode in place of the file at `path`.

    Where an end marker comes before the data that the header promised, libjpeg paints the rest grey and
    only warns. Without the marker it runs out of data, which Pillow reports. A few bytes stay in its
    place, since the decoder looks ahead.
    """
    with path.open("rb") as file:
        if file.read(3) != b"\xff\xd8\xff":
            return path
        data = b"\xff\xd8\xff" + file.read()
    layout = read_layout(data, filename)
    return io.BytesIO(data[: layout.scan_end] + bytes(_PADDING_BYTES)) if layout.one_pass else path


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
