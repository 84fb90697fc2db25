"""Reads the tags of Exif and of TIFF/EP into plain values: text, numbers, bytes, and tuples of numbers.

Exif 2.32 and 3.0 (CIPA DC-008), TIFF/EP (ISO 12234-2), BigTIFF. ExifTool's tables have the names.
"""

import io
import struct
from dataclasses import dataclass, field
from typing import Any

from metadata.bounded import MAX_PROFILE_BYTES, MAX_READ_BYTES, Header, HeaderTooLarge, cut
from metadata.decoding import decoded
from safelight.files.seekable import read_at
from safelight.files.tiff import SIZES, Entry, OutsideFile, Tiff

Tags = dict[str, Any]
"""Values by group and tag, like "EXIF FNumber": str, int, float, bytes, None for a ratio over 0, tuple."""

_DESCRIBED = {
    0x010E: "ImageDescription",
    0x010F: "Make",
    0x0110: "Model",
    0x0112: "Orientation",
    0x0131: "Software",
    0x0132: "DateTime",
    0x013B: "Artist",
    0x4746: "Rating",
    0x8298: "Copyright",
    0x9C9B: "XPTitle",
    0x9C9C: "XPComment",
    0x9C9D: "XPAuthor",
    0x9C9E: "XPKeywords",
    0x9C9F: "XPSubject",
}
_EXPOSED = {
    0x829A: "ExposureTime",
    0x829D: "FNumber",
    0x8827: "ISOSpeedRatings",
    0x882A: "TimeZoneOffset",
    0x8831: "StandardOutputSensitivity",
    0x8832: "RecommendedExposureIndex",
    0x8833: "ISOSpeed",
    0x9003: "DateTimeOriginal",
    0x9004: "DateTimeDigitized",
    0x9010: "OffsetTime",
    0x9011: "OffsetTimeOriginal",
    0x9012: "OffsetTimeDigitized",
    0x9201: "ShutterSpeedValue",
    0x9202: "ApertureValue",
    0x9204: "ExposureBiasValue",
    0x9209: "Flash",
    0x920A: "FocalLength",
    0x9286: "UserComment",
    0x9290: "SubSecTime",
    0x9291: "SubSecTimeOriginal",
    0x9292: "SubSecTimeDigitized",
    0xA001: "ColorSpace",
    0xA401: "CustomRendered",
    0xA405: "FocalLengthIn35mmFilm",
    0xA433: "LensMake",
    0xA434: "LensModel",
    0xA436: "ImageTitle",
    0xA437: "Photographer",
}
_GPS = {
    0x01: "GPSLatitudeRef",
    0x02: "GPSLatitude",
    0x03: "GPSLongitudeRef",
    0x04: "GPSLongitude",
    0x05: "GPSAltitudeRef",
    0x06: "GPSAltitude",
    0x07: "GPSTimeStamp",
    0x0B: "GPSDOP",
    0x10: "GPSImgDirectionRef",
    0x11: "GPSImgDirection",
    0x12: "GPSMapDatum",
    0x1D: "GPSDate",
}
_APPLE = {0x0A: "HDRImageType", 0x0B: "BurstUUID", 0x11: "ContentIdentifier"}
_WANTED = {
    "Image": ("EXIF", _DESCRIBED | _EXPOSED),  # TIFF/EP has the exposure in the first directory
    "EXIF": ("EXIF", _EXPOSED),
    "GPS": ("GPS", _GPS),
    "Apple": ("MakerNote", _APPLE),
}
_BLOCKS = {0x02BC: "xmp", 0x83BB: "iptc", 0x8649: "resources", 0x8773: "profile"}
"""Tags of the first directory that hold a block of another kind."""
_BLOCK_NAMES = {"xmp": "XMP", "iptc": "IPTC", "resources": "IPTC", "profile": "The ICC profile"}
_POINTERS = {0x8769: "EXIF", 0x8825: "GPS"}
_PANASONIC = b"IIU\x00"
_PANASONIC_ISO, _PANASONIC_PREVIEW = 0x0017, 0x002E
_COPYRIGHT = 0x8298
"""The photographer's, a zero, and the editor's (Exif 2.32, 4.6.4)."""
_WIDE = range(0x9C9B, 0x9CA0)
"""What Windows writes, in UTF-16 whatever the byte order of the file is."""
_EXPOSURE_BIAS = 0x9204
_RATIO_TAGS = (0x829A, 0x829D, 0x9201, 0x9202, _EXPOSURE_BIAS, 0x920A)
_USER_COMMENT = 0x9286
_MAKER_NOTE = 0x927C
_APPLE_NOTE = b"Apple iOS\x00\x00\x01"

_TEXT = (2, 129)
_BYTES = (1, 7)
_CODES = {1: "B", 3: "H", 4: "I", 6: "b", 7: "B", 8: "h", 9: "i", 11: "f", 12: "d"}
_CODES |= {13: "I", 16: "Q", 17: "q", 18: "Q"}
_RATIOS = {5: "I", 10: "i"}

_MAX_VALUE_BYTES = 0xFFFF
"""The longest value of a wanted tag: what one JPEG segment could hold."""
_MAX_NUMBERS = 64


@dataclass
class Exif:
    """The tags of a TIFF structure, the blocks inside of it, where its preview lies, and what was wrong."""

    tags: Tags = field(default_factory=dict)
    blocks: dict[str, bytes] = field(default_factory=dict)
    preview_at: int | None = None
    warnings: list[str] = field(default_factory=list)


def read_exif(file: Header, directory: str) -> Exif:
    """Return what the TIFF structure in `file` holds; its first directory is `directory`, mostly "Image".

    The first directory, its Exif and its GPS directory are read, and Apple's maker note for the identifiers
    of bursts and of Live Photos: no thumbnail, and no other maker's notes. What cannot be read costs only
    itself, and is named in the warnings.

    Raises:
        What the file's own reads raise, but for HeaderTooLarge.
    """
    reader = _Reader(file)
    try:
        reader.read(reader.tiff.first(), directory)
    except (OutsideFile, HeaderTooLarge) as error:
        reader.found.warnings.append(f"The Exif data is damaged or cut: {_said(error)}.")
    return reader.found


class _Reader:
    """Reads the directories of one TIFF structure into `found`."""

    def __init__(self, file: Header) -> None:
        self.tiff = Tiff(file)
        self.found = Exif()
        self._panasonic = read_at(file, 0, 4) == _PANASONIC
        self._inner: list[tuple[int, str]] = []

    def read(self, offset: int, directory: str) -> None:
        """Read the directory at `offset`, and those that it points to even if it is cut.

        Raises:
            OutsideFile, HeaderTooLarge
        """
        seen: set[int] = set()
        try:
            for tag, entry in self.tiff.entries(offset):
                if tag not in seen:
                    seen.add(tag)
                    self._read_entry(tag, entry, directory)
        finally:
            inner, self._inner = self._inner, []
            for at, name in inner:
                self.read(at, name)

    def _read_entry(self, tag: int, entry: Entry, directory: str) -> None:
        group, wanted = _WANTED[directory]
        name = f"{group} {wanted.get(tag) or f'tag 0x{tag:04X}'}"
        try:
            if directory == "Image":
                self._read_block(tag, entry)
                if tag in _POINTERS and isinstance(at := self._value(tag, entry), int):
                    self._inner.append((at, _POINTERS[tag]))
            if directory == "EXIF" and tag == _MAKER_NOTE:
                self._read_apple(entry)
            if tag in wanted:
                value = self._value(tag, entry)
                if value not in ((), b""):
                    self.found.tags[name] = value
        except OutsideFile:
            self.found.warnings.append(f"{name} cannot be read: it lies behind the end of the data.")
        except ValueError as error:
            self.found.warnings.append(f"{name} was dropped: {error}.")

    def _read_block(self, tag: int, entry: Entry) -> None:
        kind, count, at = entry
        if tag in _BLOCKS:
            name, length = _BLOCKS[tag], count * SIZES.get(kind, 1)
            most = MAX_PROFILE_BYTES if name == "profile" else MAX_READ_BYTES
            self.found.blocks[name] = self.tiff.read(at, min(length, most))
            if length > MAX_READ_BYTES:
                self.found.warnings.append(cut(_BLOCK_NAMES[name], length))
        elif self._panasonic and tag == _PANASONIC_PREVIEW:
            self.found.preview_at = at
        elif self._panasonic and tag == _PANASONIC_ISO:
            self.found.tags["EXIF ISOSpeedRatings"] = self._value(tag, entry)

    def _value(self, tag: int, entry: Entry) -> Any:
        """Return the value of an entry.

        Raises:
            OutsideFile: it lies behind the end of the data.
            ValueError: it is absurdly long, or of no known type.
        """
        kind, count, at = entry
        if kind not in SIZES:
            raise ValueError(f"its type {kind} is unknown")
        size = count * SIZES[kind]
        if size > _MAX_VALUE_BYTES or (kind not in _TEXT + _BYTES and count > _MAX_NUMBERS):
            raise ValueError(f"it claims {count} values")
        data = self.tiff.read(at, size)
        if kind in _TEXT:
            parts = data.split(b"\x00")[: 2 if tag == _COPYRIGHT else 1]
            return "; ".join(text for part in parts if (text := decoded(part)).strip())
        if tag == _USER_COMMENT:
            return _comment(data, self.tiff.order)
        if tag in _WIDE:
            return data.decode("utf-16-le", "replace").partition("\x00")[0]
        if kind in _BYTES and count > 1:
            return data
        numbers: tuple[int, ...]
        if tag in _RATIO_TAGS and kind in (3, 8, 4, 9) and count == 2:  # a ratio under another type
            numbers = struct.unpack(f"{self.tiff.order}2{_CODES[kind]}", data)
            return numbers[0] / numbers[1] if numbers[1] else None
        if tag == _EXPOSURE_BIAS and kind == 5:  # some cameras call its ratio unsigned
            kind = 10
        if kind in _RATIOS:
            numbers = struct.unpack(f"{self.tiff.order}{2 * count}{_RATIOS[kind]}", data)
            values = tuple(
                above / below if below else None
                for above, below in zip(numbers[::2], numbers[1::2], strict=True)
            )
        else:
            values = struct.unpack(f"{self.tiff.order}{count}{_CODES[kind]}", data)
        return values[0] if len(values) == 1 else values

    def _read_apple(self, entry: Entry) -> None:
        """Read Apple's note: a directory 14 bytes into it, whose offsets count from the note's start."""
        kind, count, at = entry
        note = self.tiff.read(at, min(count * SIZES.get(kind, 1), _MAX_VALUE_BYTES))
        if note.startswith(_APPLE_NOTE):
            header = b"II*\x00" if note[12:14] == b"II" else b"MM\x00*"
            inner = _Reader(Header(io.BytesIO(header + note[4:])))
            inner.read(14, "Apple")
            self.found.tags |= inner.found.tags


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, HeaderTooLarge) else "it ends early"


def _comment(data: bytes, order: str) -> str:
    """Return a comment behind the eight bytes that name its code (Exif 2.32, 4.6.6)."""
    code, text = data[:8].rstrip(b"\x00"), data[8:]
    if code == b"UNICODE" and (b"\x00" in text or not text.isascii()):
        return _in_utf16(text, order).strip("\x00 ")
    if code == b"JIS":
        return text.decode("iso2022_jp", "replace").strip("\x00 ")
    if code not in (b"", b"ASCII", b"UNICODE"):
        text = data
    return decoded(text.rstrip(b"\x00 ").partition(b"\x00")[0])


def _in_utf16(text: bytes, order: str) -> str:
    """Return `text` in UTF-16: by its mark, or in the byte order in which it has more letters of Europe.

    Exif means the order of the file, and not every program knows that.
    """
    if text[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return text.decode("utf-16", "replace")
    orders = ("utf-16-le", "utf-16-be") if order == "<" else ("utf-16-be", "utf-16-le")
    return max(
        (text.decode(each, "replace") for each in orders),
        key=lambda found: sum(ord(letter) < 0x250 for letter in found),
    )
