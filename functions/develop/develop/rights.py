"""Carries over who made a photo, and whose it is; nothing else of its metadata reaches the working master."""

from dataclasses import dataclass
from pathlib import Path

import pyvips
from PIL import ExifTags, Image

_TIFF_HEADERS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_EXIF_BLOCK = "exif-data"
_MOST_CHARACTERS = 500


@dataclass(frozen=True)
class Rights:
    """The Exif fields Artist and Copyright, each empty where the file does not say."""

    artist: str = ""
    copyright: str = ""


def rights_of(path: Path, image: pyvips.Image) -> Rights:
    """Return what the file at `path`, which was decoded as `image`, says of its rights.

    TIFF files, and the camera RAW files that are built alike, say so in their first directory; the others
    in an Exif block. One that cannot be read says nothing.
    """
    exif = Image.Exif()
    try:
        with path.open("rb") as file:
            is_tiff = file.read(4) in _TIFF_HEADERS
            file.seek(0)
            if is_tiff:
                exif.load_from_fp(file)
            elif image.get_typeof(_EXIF_BLOCK):
                exif.load(image.get(_EXIF_BLOCK))
        return Rights(_text(exif.get(ExifTags.Base.Artist)), _text(exif.get(ExifTags.Base.Copyright)))
    except Exception:  # Pillow raises whatever a malformed block leads it to
        return Rights()


def with_rights_alone(image: pyvips.Image, rights: Rights) -> pyvips.Image:
    """Return `image` with no metadata but its colour profile and `rights`."""
    bare = image.copy()
    for field in bare.get_fields():
        if field.startswith(("exif-", "xmp-", "iptc-")) or field == "orientation":
            bare.remove(field)
    for tag, text in (("Artist", rights.artist), ("Copyright", rights.copyright)):
        if text:
            bare.set_type(pyvips.GValue.gstr_type, f"exif-ifd0-{tag}", text)
    return bare


def _text(value: object) -> str:
    return value.strip("\x00 ")[:_MOST_CHARACTERS] if isinstance(value, str) else ""
