"""What the product says of a file, beside what exiftool says of it."""

import io
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from metadata.bounded import Header
from metadata.record import Asked, read_record
from metadata.values import caption

Said = Mapping[str, Any]

_BATCH = 200
_CUT = 500
_ROUNDED = {"gps.altitude_m": 0.01}
_UNKNOWN_AS_ZERO = {
    *("exposure.seconds", "exposure.f_number", "exposure.iso", "exposure.focal_length_mm"),
}
"""The fields in which cameras write 0 for what they do not know (Exif 2.32, 4.6.5)."""
_TURNED_BY_DECODERS = {"HEIC", "HEIF", "AVIF", "MP4", "JXL", "JXL Codestream", "JP2", "JPX"}
"""What exiftool calls these formats; `MP4` is a sequence of AVIF."""
_DATES = (
    *("ExifIFD:DateTimeOriginal", "XMP-exif:DateTimeOriginal", "XMP-photoshop:DateCreated"),
    *("IPTC:DateCreated", "ExifIFD:CreateDate", "XMP-exif:DateTimeDigitized", "XMP-xmp:CreateDate"),
    *("PNG:CreationTime", "IFD0:ModifyDate"),
    *("Keys:CreationDate", "H264:DateTimeOriginal", "RIFF:DateTimeOriginal", "Matroska:DateTimeOriginal"),
    *("Info:DateTimeOriginal", "RIFF:DateCreated", "UserData:ContentCreateDate", "QuickTime:CreateDate"),
)
_LANGUAGE = re.compile(r"(?<=^Matroska:)(\w+)-[a-z]{3}$")
"""A tag of Matroska's that says in which language it is."""
_IN_UTC = "QuickTime:CreateDate"
"""By the format; exiftool says it as it is written, without a zone."""

TAGS: dict[str, tuple[str, ...]] = {
    "taken_at": _DATES,
    "camera.make": ("IFD0:Make", "Keys:Make", "UserData:Make", "XML:DeviceManufacturer", "XMP-tiff:Make"),
    "camera.model": ("IFD0:Model", "Keys:Model", "UserData:Model", "XML:DeviceModelName", "XMP-tiff:Model"),
    "lens.model": ("ExifIFD:LensModel", "Keys:LensModel", "XMP-exifEX:LensModel", "XMP-aux:Lens"),
    "exposure.seconds": (
        *("ExifIFD:ExposureTime", "XMP-exif:ExposureTime", "IFD0:ExposureTime"),
        *("ExifIFD:ShutterSpeedValue", "XMP-exif:ShutterSpeedValue"),
    ),
    "exposure.f_number": (
        *("ExifIFD:FNumber", "XMP-exif:FNumber", "IFD0:FNumber"),
        *("ExifIFD:ApertureValue", "XMP-exif:ApertureValue"),
    ),
    "exposure.iso": ("ExifIFD:ISO", "XMP-exif:ISO", "IFD0:ISO"),
    "exposure.focal_length_mm": ("ExifIFD:FocalLength", "XMP-exif:FocalLength", "IFD0:FocalLength"),
    "exposure.bias_ev": (
        *("ExifIFD:ExposureCompensation", "XMP-exif:ExposureCompensation", "IFD0:ExposureCompensation"),
    ),
    "orientation": ("IFD0:Orientation",),
    "gps.latitude": ("Composite:GPSLatitude", "XMP-exif:GPSLatitude"),
    "gps.longitude": ("Composite:GPSLongitude", "XMP-exif:GPSLongitude"),
    "gps.altitude_m": ("Composite:GPSAltitude", "XMP-exif:GPSAltitude"),
    "title": (
        *("XMP-dc:Title", "IPTC:ObjectName", "XMP-photoshop:Headline", "IPTC:Headline"),
        *(
            "IFD0:XPTitle",
            "PNG:Title",
            "ItemList:Title",
            "Keys:Title",
            "UserData:Title",
            "RIFF:Title",
            "Info:Title",
            "Matroska:Title",
        ),
    ),
    "description": (
        *("XMP-dc:Description", "IPTC:Caption-Abstract", "IFD0:ImageDescription", "IFD0:XPComment"),
        *("ExifIFD:UserComment", "File:Comment", "PNG:Description", "PNG:Comment"),
        *("ItemList:Description", "Keys:Description", "ItemList:Comment", "Keys:Comment", "UserData:Comment"),
        "RIFF:Comment",
    ),
    "keywords": ("XMP-dc:Subject", "IPTC:Keywords", "IFD0:XPKeywords"),
    "rating": ("XMP-xmp:Rating", "IFD0:Rating"),
    "creator": (
        *("XMP-dc:Creator", "IPTC:By-line", "IFD0:Artist", "IFD0:XPAuthor", "PNG:Author"),
        *("ItemList:Artist", "Keys:Artist", "UserData:Artist", "RIFF:Artist"),
    ),
    "copyright": (
        *("XMP-dc:Rights", "IPTC:CopyrightNotice", "IFD0:Copyright", "PNG:Copyright"),
        *("ItemList:Copyright", "Keys:Copyright", "UserData:Copyright", "RIFF:Copyright"),
        "Matroska:Copyright",
    ),
    "software": (
        *("IFD0:Software", "XMP-xmp:CreatorTool", "PNG:Software"),
        *(
            "Keys:Software",
            "UserData:SoftwareVersion",
            "ItemList:Encoder",
            "RIFF:Software",
            "Info:WritingApp",
        ),
    ),
}
"""The tags of exiftool, by group and name, that mean each field of ours, best first (docs/metadata.md)."""


class Fact(NamedTuple):
    """A field of one file, what we say and what exiftool says, best first; None and () are nothing.

    rule: why docs/metadata.md has nothing where exiftool says something; empty where it has no such rule.
    instant: of a date, the moment in UTC, where we know it: exiftool leaves those in UTC as they are.
    """

    field: str
    ours: object
    theirs: tuple[object, ...]
    rule: str = ""
    instant: object = None

    @property
    def agrees(self) -> bool:
        """Return whether ours is the best of theirs, or one of them that says the same."""
        if any(_same(self.field, self.ours, each) for each in self.theirs):
            return True
        in_utc = (each for each in self.theirs if str(each).endswith("Z"))
        return any(_same(self.field, self.instant, each) for each in in_utc)


def exiftool() -> str | None:
    """Return the program, where it is installed."""
    return shutil.which("exiftool")


def said_by_exiftool(paths: Sequence[Path]) -> dict[Path, Said]:
    """Return exiftool's tags of each file, as numbers, by group and name; nothing where it is not there."""
    program = exiftool()
    if program is None:
        return {}
    said = {}
    for start in range(0, len(paths), _BATCH):
        options = ["-j", "-n", "-G1", "-charset", "filename=utf8", "-api", "largefilesupport=1"]
        names = [str(path) for path in paths[start : start + _BATCH]]
        done = subprocess.run(  # noqa: S603 - a fixed program
            [program, *options, *names], capture_output=True, check=False
        )
        for tags in json.loads(done.stdout.decode("utf-8", "replace") or "[]"):
            said[Path(tags["SourceFile"])] = tags
    return said


def said_by_us(path: Path) -> Said:
    """Return the record of the file, as the metadata function makes it."""
    return read_record(Header(io.BytesIO(path.read_bytes())), Asked(path.name))


def facts_of(ours: Said, theirs: Said) -> Iterator[Fact]:
    """Yield each field that either of the two knows."""
    theirs = {_LANGUAGE.sub(r"\1", name): value for name, value in theirs.items()} | {**theirs}
    for field, tags in TAGS.items():
        group, _, name = field.rpartition(".")
        value = (ours.get(group) or {}).get(name) if group else ours.get(name)
        others = tuple(
            f"{each}Z" if tag == _IN_UTC and _says(field, each) else each
            for tag in tags
            if (each := theirs.get(tag)) not in (None, "", [])
        )
        if field == "orientation":
            others = tuple(each for each in others if each in range(1, 9))
        others = tuple(each for each in others if _says(field, each))
        if value is not None or others:
            instant = ours.get("instant") if field == "taken_at" else None
            yield Fact(field, value, others, _rule(field, value, others, theirs), instant)


def _rule(field: str, ours: object, theirs: Sequence[object], file: Said) -> str:
    if ours is not None or not theirs:
        return ""
    if file.get("File:FileType") == "EXV":
        return "a container of exiv2's is no image, whatever its name"
    if field == "description":
        camera = (str(file.get("IFD0:Make", "")), str(file.get("IFD0:Model", "")))
        return "" if any(caption(str(each), camera) for each in theirs) else "a program's own words"
    if field == "orientation" and file.get("File:FileType") in _TURNED_BY_DECODERS:
        return "decoders turn it"
    position = [file.get(f"Composite:GPS{name}") for name in ("Latitude", "Longitude")]
    return "0, 0 is no position" if field.startswith("gps.") and position == [0, 0] else ""


def _says(field: str, value: object) -> bool:
    """Return whether a tag says something: blanks, zeros and dates of zeros are not yet filled in."""
    if field in _UNKNOWN_AS_ZERO and value == 0:
        return False
    return not isinstance(value, str) or bool(value.strip(" \x00:0"))


def _same(field: str, ours: object, theirs: object) -> bool:
    if ours is None:
        return False
    if field == "taken_at":
        return _digits(theirs)[:14] == _digits(ours)[: len(_digits(theirs)[:14])] != ""
    if isinstance(ours, (int, float)):
        other = _number(theirs)
        return other is not None and abs(float(ours) - other) <= max(
            1e-3 * abs(other), _ROUNDED.get(field, 1e-5)
        )
    mine = [_text(each) for each in (ours if isinstance(ours, list) else [ours])]
    others = [_text(each) for each in (theirs if isinstance(theirs, list) else [theirs])]
    if field == "keywords":
        return mine == others or mine == [part.strip() for each in others for part in each.split(";")]
    if isinstance(theirs, (int, float)):  # a text that is a number, to exiftool
        return _number(ours) == theirs
    joined = "; ".join(others)
    # What is longer than the record holds is cut.
    return mine[0] in (joined, others[0]) or (len(mine[0]) >= _CUT and joined.startswith(mine[0]))


def _number(value: object) -> float | None:
    """Return the first number in a tag; where exiftool takes a ratio for two numbers, their quotient."""
    try:
        parts = [float(each) for each in str(value).split()]
    except ValueError:
        return None
    if len(parts) == 2 and parts[1]:
        return parts[0] / parts[1]
    return parts[0] if parts else None


def _digits(value: object) -> str:
    return "".join(each for each in str(value)[:19] if each.isdigit())


def _text(value: object) -> str:
    return " ".join(str(value).replace("\x00", " ").split())
