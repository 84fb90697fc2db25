"""Reads the size of an image from its header, through Pillow or LibRaw, which decode nothing until asked."""

import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import PIL
from PIL import ExifTags, Image

from safelight import __version__
from safelight.errors import CorruptFile, UnsupportedFormat
from safelight.files.png import chunks
from validate import sniff

READER = (
    f"safelight {__version__}, Pillow {PIL.__version__}, pillow-heif {version('pillow-heif')}, "
    f"rawpy {version('rawpy')}"
)
"""What reads the headers, with versions."""


def displayed_size(kind: sniff.Kind, path: Path, data: mmap.mmap, filename: str) -> tuple[int, int]:
    """Return width and height of the image at `path` in pixels, as displayed upright.

    `data` are the same bytes, mapped. HEIF files are turned by their decoder and TIFF files by Pillow,
    which both report the size after that; the other formats are turned by their Exif orientation. That of
    a camera RAW is the size it is developed to in full.

    Raises:
        CorruptFile: the header cannot be read.
        UnsupportedFormat: it is of a camera, or packed in a way, that LibRaw does not know.
        MemoryError: there is not enough memory.
    """
    if kind.reader == sniff.RAW:
        return _raw_size(path, filename)
    if kind.reader == "HEIF":
        import pillow_heif  # it takes as long to load as all the rest

        pillow_heif.register_heif_opener()
    try:
        with _without_pillows_limit(), Image.open(path, formats=[kind.reader]) as image:
            width, height = image.size
            turned = kind.reader not in ("HEIF", "TIFF") and _orientation(image, kind, data) in (5, 6, 7, 8)
    except MemoryError:
        raise
    except Exception as error:  # Pillow's readers raise whatever a malformed header leads them to
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise CorruptFile(
            f"{filename} claims to be {kind.name}, but its header cannot be read. "
            "Copy it again from where it came from."
        ) from error
    if width < 1 or height < 1:
        raise CorruptFile(f"{filename} says that it is {width} x {height} pixels. Export it again.")
    return (height, width) if turned else (width, height)


def _raw_size(path: Path, filename: str) -> tuple[int, int]:
    import rawpy  # it takes numpy, and as long to load as all the rest

    try:
        with rawpy.imread(str(path)) as raw:
            sizes = raw.sizes
    except rawpy.LibRawFileUnsupportedError as error:
        raise UnsupportedFormat(
            f"{filename} is a camera RAW file that cannot be developed: LibRaw does not know its camera or "
            "the way it is packed. Convert it to DNG with Adobe's converter, or export it as a JPEG or TIFF."
        ) from error
    except rawpy.LibRawError as error:
        raise CorruptFile(
            f"{filename} claims to be a camera RAW file, but its header cannot be read ({error}). "
            "Copy it again from the card or from a backup."
        ) from error
    # As LibRaw does: of pixels that are not square, the shorter side is stretched.
    aspect = sizes.pixel_aspect
    width, height = round(sizes.width * max(aspect, 1)), round(sizes.height / min(aspect, 1))
    return (height, width) if sizes.flip & 4 else (width, height)


def _orientation(image: Image.Image, kind: sniff.Kind, data: mmap.mmap) -> int:
    if kind is sniff.PNG and "exif" not in image.info:
        # Pillow would decode the image to look for an eXIf chunk behind it
        late = [data[at : at + length] for name, at, length in chunks(data) if name == b"eXIf"]
        image.info["exif"] = b"Exif\x00\x00" + late[0] if late else b""
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # a broken Exif block does not make a broken image
        return 1
    return value if isinstance(value, int) else 1


@contextmanager
def _without_pillows_limit() -> Iterator[None]:
    """Switch off Pillow's own limit of pixels: the stack's, checked before any decoding, replaces it."""
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = limit
