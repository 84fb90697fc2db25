"""Reads Exif tags with ExifRead into plain values: text, numbers, and tuples of them."""

import io
import logging
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

import exifread
from exifread.core.exif_header import ExifHeader
from exifread.tags.exif import EXIF_TAGS, GPS_TAGS
from exifread.utils import Ratio

from metadata.bounded import MAX_READ_BYTES, Header, HeaderTooLarge
from safelight.errors import SafelightError

READER = f"ExifRead {exifread.__version__}"

Tags = dict[str, Any]
"""Values by group and tag, like "EXIF FNumber": str, int, float, None for a ratio over 0, tuple."""

_WANTED = {
    "Image": {
        *(0x010E, 0x010F, 0x0110, 0x0112, 0x0131, 0x0132, 0x013B, 0x4746, 0x8298, 0x8769, 0x8825, 0x9003),
    },
    "EXIF": {
        *(0x829A, 0x829D, 0x8827, 0x882A, 0x9003, 0x9004, 0x9010, 0x9011, 0x9012, 0x9204, 0x9209, 0x920A),
        *(0x9286, 0x9290, 0x9291, 0x9292, 0xA001, 0xA401, 0xA405, 0xA433, 0xA434),
    },
    "GPS": {*range(0x01, 0x08), 0x0B, 0x10, 0x11, 0x12, 0x1D},
    "Apple": {0x0A, 0x0B, 0x11},
}
_BLOCKS = {0x02BC: "xmp", 0x83BB: "iptc", 0x8773: "profile", 0x002E: "preview"}
"""Tags of the first directory that hold a block of another kind; 0x002E is Panasonic's JpgFromRaw."""
_SPOKEN = {"Image": "EXIF", "Apple": "MakerNote"}
"""What Exif calls its first directory is not what anybody looks for."""
_SUB_IFD = "Image ExifOffset"
_MAKER_NOTE = 0x927C
_APPLE = b"Apple iOS\x00\x00\x01"
_APPLE_TAGS: dict[int, Any] = {
    0x0A: ("HDRImageType", None),
    0x0B: ("BurstUUID", None),
    0x11: ("ContentIdentifier", None),
}
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 7: 1}

_MAX_VALUES = 0xFFFF
"""The most values, or characters, that a wanted tag may claim to hold: what one JPEG segment could."""


@dataclass
class Exif:
    """The tags of a TIFF structure, the blocks inside of it, where its preview lies, and what was wrong."""

    tags: Tags = field(default_factory=dict)
    blocks: dict[str, bytes] = field(default_factory=dict)
    preview_at: int | None = None
    warnings: list[str] = field(default_factory=list)


class _Reader(ExifHeader):
    """ExifRead's reader, kept to the wanted tags, of which one that cannot be read costs only itself."""

    def __init__(self, file: BinaryIO, endian: str) -> None:
        super().__init__(file, endian, offset=0, fake_exif=0, strict=False, detailed=True)
        self.warnings: list[str] = []
        self.blocks_at: dict[str, tuple[int, int]] = {}
        self.maker_note_at: tuple[int, int] | None = None

    def _process_tag(self, ifd: int, ifd_name: str, *rest: Any) -> None:
        entry, tag, tag_name = rest[1:4]
        if ifd_name == "Image" and tag in _BLOCKS:
            length = self.s2n(entry + 4, 4) * _SIZES.get(self.s2n(entry + 2, 2), 1)
            self.blocks_at[_BLOCKS[tag]] = self.s2n(entry + 8, 4), length
            return
        if ifd_name == "EXIF" and tag == _MAKER_NOTE:
            self.maker_note_at = self.s2n(entry + 8, 4), self.s2n(entry + 4, 4)
            return
        if tag not in _WANTED.get(ifd_name, ()):
            return
        count = self.s2n(entry + 4, 4)
        if count > _MAX_VALUES:
            self.warnings.append(
                f"{_spoken(f'{ifd_name} {tag_name}')} was dropped: it claims {count} values."
            )
            return
        try:
            super()._process_tag(ifd, ifd_name, *rest)
        except (HeaderTooLarge, SafelightError):
            raise
        except Exception as error:  # whatever a hostile value makes of the parser, the next tag may be sound
            self.warnings.append(
                f"{_spoken(f'{ifd_name} {tag_name}')} cannot be read: {type(error).__name__}."
            )


def read_exif(file: Header, directory: str) -> Exif:
    """Return what the TIFF structure in `file` holds; its first directory is `directory`, mostly "Image".

    The first directory, its Exif and its GPS directory are read, and Apple's maker note for the identifiers
    of bursts and of Live Photos: no thumbnail, and no other maker's notes.
    Never raises for what the file holds; what the file's own reads raise may pass through.
    """
    # What ExifRead stumbles over is said in the record's warnings; it would say it in the log as well.
    logging.getLogger("exifread").setLevel(logging.CRITICAL)
    file.seek(0)
    reader = _Reader(cast(BinaryIO, file), file.read(1).decode("latin-1"))
    found = Exif(warnings=reader.warnings)
    try:
        reader.dump_ifd(reader.s2n(4, 4), directory, tag_dict=GPS_TAGS if directory == "GPS" else EXIF_TAGS)
        pointer = reader.tags.get(_SUB_IFD)
        if pointer is not None and pointer.values:
            reader.dump_ifd(pointer.values[0], "EXIF")
        if reader.maker_note_at:
            _read_apple(file, reader, *reader.maker_note_at)
        for name, (at, length) in reader.blocks_at.items():
            if name == "preview":
                found.preview_at = at
            elif length <= MAX_READ_BYTES:
                file.seek(at)
                found.blocks[name] = file.read(length)
    except SafelightError:
        raise
    except Exception as error:
        reader.warnings.append(f"The Exif data is damaged: {error or type(error).__name__}.")
    found.tags = {_spoken(name): _plain(tag.values) for name, tag in reader.tags.items()}
    return found


def _read_apple(file: Header, reader: _Reader, at: int, length: int) -> None:
    """Add Apple's tags: a directory 14 bytes into the note, whose offsets count from the note's start."""
    file.seek(at)
    note = file.read(min(length, _MAX_VALUES))
    if note.startswith(_APPLE):
        inner = _Reader(cast(BinaryIO, Header(io.BytesIO(note))), note[12:13].decode("latin-1"))
        inner.dump_ifd(14, "Apple", tag_dict=_APPLE_TAGS)
        reader.tags |= inner.tags


def _spoken(name: str) -> str:
    group, _, tag = name.partition(" ")
    return f"{_SPOKEN.get(group, group)} {tag}"


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
