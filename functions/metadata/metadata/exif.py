"""Reads Exif tags with ExifRead into plain values: text, numbers, and tuples of them."""

import logging
from typing import Any, BinaryIO, cast

import exifread
from exifread.core.exif_header import ExifHeader
from exifread.utils import Ratio

from metadata.header import MAX_READ_BYTES, Header, HeaderTooLarge
from safelight.errors import SafelightError

READER = f"ExifRead {exifread.__version__}"

Tags = dict[str, Any]
"""Values by `IFD name` and tag, like "EXIF FNumber": str, int, float, None for a ratio over 0, tuple."""

_WANTED = {
    "Image": {0x010E, 0x010F, 0x0110, 0x0112, 0x0131, 0x0132, 0x013B, 0x02BC, 0x8298, 0x8769, 0x8825},
    "EXIF": {
        *(0x829A, 0x829D, 0x8827, 0x9003, 0x9004, 0x9010, 0x9011, 0x9012, 0x9204, 0x9209, 0x920A),
        *(0x9290, 0x9291, 0x9292, 0xA405, 0xA433, 0xA434),
    },
    "GPS": {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x11, 0x1D},
}
_XMP_PACKET = 0x02BC
_SUB_IFD = "Image ExifOffset"

_MAX_VALUES = 0xFFFF
"""The most values, or characters, that a wanted tag may claim to hold: what one JPEG segment could."""


class _Reader(ExifHeader):
    """ExifRead's reader, kept to the wanted tags, of which one that cannot be read costs only itself."""

    def __init__(self, file: BinaryIO, endian: str) -> None:
        super().__init__(file, endian, offset=0, fake_exif=0, strict=False, detailed=False)
        self.warnings: list[str] = []
        self.xmp_at: tuple[int, int] | None = None

    def _process_tag(self, ifd: int, ifd_name: str, *rest: Any) -> None:
        entry, tag, tag_name = rest[1:4]
        if tag not in _WANTED.get(ifd_name, ()):
            return
        count = self.s2n(entry + 4, 4)
        if tag == _XMP_PACKET:
            self.xmp_at = self.s2n(entry + 8, 4), count
            return
        if count > _MAX_VALUES:
            self.warnings.append(f"{ifd_name} {tag_name} was dropped: it claims {count} values.")
            return
        try:
            super()._process_tag(ifd, ifd_name, *rest)
        except (HeaderTooLarge, SafelightError):
            raise
        except Exception as error:  # whatever a hostile value makes of the parser, the next tag may be sound
            self.warnings.append(f"{ifd_name} {tag_name} cannot be read: {type(error).__name__}.")


def read_tags(file: Header) -> tuple[Tags, bytes, list[str]]:
    """Return the tags of the TIFF structure in `file`, its XMP packet, and what was wrong with it.

    The first directory, its Exif and its GPS directory are read: no thumbnail, no maker notes.
    Never raises for what the file holds; what the file's own reads raise may pass through.
    """
    # What ExifRead stumbles over is said in the record's warnings; it would say it in the log as well.
    logging.getLogger("exifread").setLevel(logging.CRITICAL)
    file.seek(0)
    reader = _Reader(cast(BinaryIO, file), file.read(1).decode("latin-1"))
    xmp = b""
    try:
        reader.dump_ifd(reader.s2n(4, 4), "Image")
        pointer = reader.tags.get(_SUB_IFD)
        if pointer is not None and pointer.values:
            reader.dump_ifd(pointer.values[0], "EXIF")
        if reader.xmp_at and reader.xmp_at[1] <= MAX_READ_BYTES:
            file.seek(reader.xmp_at[0])
            xmp = file.read(reader.xmp_at[1])
    except SafelightError:
        raise
    except Exception as error:
        reader.warnings.append(f"The Exif data is damaged: {error or type(error).__name__}.")
    return {name: _plain(tag.values) for name, tag in reader.tags.items()}, xmp, reader.warnings


def _plain(values: Any) -> Any:
    match values:
        case str():
            return values
        case bytes():
            return values.decode("latin-1")
        case Ratio():
            return float(values) if values.den else None
        case list() | tuple():
            plain = tuple(_plain(value) for value in values)
            return plain[0] if len(plain) == 1 else plain
        case _:
            return values
