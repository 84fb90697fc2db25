"""Decodes HEIC, HEIF and AVIF, upright: libheif applies the file's own turns, and Exif's is then ignored."""

from pathlib import Path
from typing import Any

import pillow_heif
import pyvips

from develop import nclx
from safelight.errors import CorruptFile, SafelightError, UnsupportedFormat
from safelight.imaging import icc
from safelight.imaging.picture import Decoded
from safelight.imaging.read import naming

_INTERPRETATIONS = {("L", 1): "b-w", ("R", 1): "srgb", ("L", 2): "grey16", ("R", 2): "rgb16"}
_UPRIGHT = 1
_TOP_TONE = 65535


def decode_heic(path: Path, filename: str) -> Decoded:
    """Return the primary image of the HEIC or HEIF file at `path`; `filename` is for the messages.

    Raises:
        CorruptFile: the file cannot be decoded; that it is all there has been checked.
        UnsupportedFormat: it is coded in a way that no decoder here knows.
        MemoryError: there is not enough memory.
    """
    try:
        file = pillow_heif.open_heif(path, convert_hdr_to_8bit=False)
        primary = file[file.primary_index]
        primary.load()
    except MemoryError:
        raise
    except Exception as error:  # pillow-heif raises whatever malformed data lead it to
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk's fault, not the photo's
        raise _named(error, filename) from error
    info: dict[str, Any] = primary.info
    image = _image_of(primary, info["bit_depth"])
    if exif := info.get("exif"):
        image.set_type(pyvips.GValue.blob_type, "exif-data", exif)
    return _described(image, info.get("icc_profile"), info.get("nclx_profile"))


def decode_avif(path: Path, filename: str) -> Decoded:
    """Return the primary image of the AVIF file at `path`; `filename` is for the messages.

    libvips decodes AVIF to its full depth, where Pillow gives 8 bits; pillow-heif has no decoder for it.

    Raises:
        TruncatedFile, CorruptFile, UnsupportedFormat, MemoryError: see `safelight.imaging.read.naming`.
    """
    with naming(filename):
        image = pyvips.Image.heifload(str(path), unlimited=True).copy_memory()
    if image.format == "ushort":
        image = _to_full_scale(image, image.get("bits-per-sample"))
    return _described(image, icc.embedded(image), nclx.in_file(path))


def _described(image: pyvips.Image, profile: bytes | None, colors: nclx.Nclx | None) -> Decoded:
    """An ICC profile outranks the numbers of nclx (ISO/IEC 23008-12, 6.5.5.1)."""
    if profile is None and colors is not None:
        image, profile = nclx.applied(image, colors)
    return Decoded(image, _UPRIGHT, profile, (image.width, image.height))


def _image_of(primary: pillow_heif.HeifImage, bits: int) -> pyvips.Image:
    kind, _, depth = primary.mode.partition(";")
    size, form = (2, "ushort") if depth else (1, "uchar")
    image = pyvips.Image.new_from_memory(primary.data, *primary.size, len(kind), form)
    image = image.copy(interpretation=_INTERPRETATIONS[kind[0], size])
    if depth:
        image = _to_full_scale(image, bits)
    if primary.premultiplied_alpha:
        image = image.unpremultiply().cast(form)
    return image


def _to_full_scale(image: pyvips.Image, bits: int) -> pyvips.Image:
    """Stretch tones of `bits` bits that were shifted up to 16: their white is not 16 bits' white yet."""
    white = (2**bits - 1) << (16 - bits)
    stretched = image.linear(_TOP_TONE / white, 0.5).cast("ushort")
    return stretched.copy(interpretation=image.interpretation)


def _named(error: Exception, filename: str) -> SafelightError:
    text = str(error) or type(error).__name__
    lower = text.lower()
    if "unsupported" in lower or "no decoder" in lower:
        return UnsupportedFormat(
            f"{filename} is coded in a way that cannot be read ({text}). Export it as JPEG and upload that."
        )
    return CorruptFile(
        f"{filename} cannot be decoded ({text}): its image data are damaged. "
        "Copy it again from the phone or from a backup."
    )
