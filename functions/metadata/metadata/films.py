"""Reads what films say of themselves into plain tags, by ranged reads and wherever their index lies.

QuickTime, MP4, M4V and 3GP: the movie header, user data, and Apple's lists of items (QuickTime File Format,
2016; 3GPP TS 26.244, 8). Sony's XML beside the index. The names of Android's keys are those of its
MPEG4Writer, and of GoPro's telemetry those of its GPMF. ExifTool's names are used, where it has one.
"""

import re
import struct
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from metadata.bounded import Header
from metadata.decoding import decoded
from safelight.files.boxes import Box, boxes
from safelight.files.films import quicktime
from safelight.files.seekable import read_at

Tags = dict[str, Any]

_MAX_VALUE_BYTES = 16 * 1024
_MAX_XML_BYTES = 256 * 1024
_MAX_ITEMS = 200

_EPOCH = datetime(1904, 1, 1)
_SINCE_1904 = 66 * 365 * 86_400 + 17 * 86_400
"""The seconds from QuickTime's epoch to Unix's: what is less was counted from the latter by mistake."""

_USER_DATA = {
    b"\xa9nam": "Title",
    b"titl": "Title",
    b"\xa9cmt": "Comment",
    b"\xa9des": "Description",
    b"dscp": "Description",
    b"\xa9mak": "Make",
    b"manu": "Make",
    b"\xa9mod": "Model",
    b"modl": "Model",
    b"\xa9swr": "Software",
    b"\xa9too": "Encoder",
    b"\xa9ART": "Artist",
    b"auth": "Artist",
    b"\xa9cpy": "Copyright",
    b"cprt": "Copyright",
    b"\xa9day": "ContentCreateDate",
    b"\xa9xyz": "GPSCoordinates",
    b"desc": "Description",
    b"ldes": "LongDescription",
    b"keyw": "Keywords",
}
"""By the boxes of `udta`, and of a list of items (`ilst`)."""

_APPLES = "com.apple.quicktime."
_KEYS = {
    "title": "Title",
    "displayname": "Title",
    "description": "Description",
    "comment": "Comment",
    "keywords": "Keywords",
    "make": "Make",
    "model": "Model",
    "software": "Software",
    "artist": "Artist",
    "author": "Artist",
    "copyright": "Copyright",
    "creationdate": "CreationDate",
    "location.iso6709": "GPSCoordinates",
    "content.identifier": "ContentIdentifier",
    "camera.lens_model": "LensModel",
    "com.android.manufacturer": "Make",
    "com.android.model": "Model",
    "com.android.version": "AndroidVersion",
}
"""By the keys of a list of items (QuickTime File Format, metadata keys), Apple's without their prefix."""

_LOCAL_CLOCKS = {
    *(b"FIRM", b"GPMF", b"CNTH", b"CNDA", b"CNCV", b"NCDT", b"PANA", b"OLYM", b"PENT", b"PXTH", b"PXMN"),
    *(b"MVTG", b"FUJI", b"KODA", b"RICO", b"RTHU", b"QVMI", b"SIGM", b"LEIC", b"TAGS"),
}
"""What cameras leave in user data.

GoPro, Canon, Nikon, Panasonic, Olympus, Pentax, Fujifilm, Kodak, Ricoh, Casio, Sigma, Leica, and older ones.
They have no time zone, and write their own clock where the format wants UTC (ExifTool, QuickTimeUTC).
"""

_GOPRO, _LOCATION = b"GPMF", b"loci"
_POINT = re.compile(r"([+-]\d+(?:\.\d+)?)([+-]\d+(?:\.\d+)?)([+-]\d+(?:\.\d+)?)?(?:CRS[^/]*)?/?")
_MOMENT = re.compile(r"\d{4}[-:]\d\d[-:]\d\d[T ]\d\d:\d\d")
_MARKS = (b"\xfe\xff", b"\xff\xfe")
_XML_TAGS = {
    "CreationDate": {"value": "CreationDate"},
    "Device": {"manufacturer": "Make", "modelName": "Model"},
    "Lens": {"modelName": "LensModel"},
}
"""By the elements of Sony's NonRealTimeMeta: their attributes."""


def read_quicktime(header: Header, film: Box) -> Tags:
    """Return what the `moov` box `film` says, as tags of the group QuickTime."""
    kinds: set[bytes] = set()
    said: dict[str, str] = {}
    movie = b""
    for box in boxes(header, film.start, film.end):
        if box.kind == b"mvhd":
            movie = quicktime.body(header, box)
        elif box.kind == b"meta":
            said = dict(_items(header, box)) | said
        elif box.kind == b"udta":
            inside = list(boxes(header, box.start, box.end))
            kinds |= {each.kind for each in inside}
            told = [*_user_data(header, inside)]
            told += [item for each in inside if each.kind == b"meta" for item in _items(header, each)]
            said |= {name: text for name, text in reversed(told) if name not in said}
        elif box.kind == b"trak" and (described := quicktime.inside_of(header, box).get(b"meta")):
            lens = (item for item in _items(header, described) if item[0] == "LensModel")
            said = dict(lens) | said
    ends = said.pop("AndroidVersion", None) is not None
    if date := _create_date(movie, is_local=bool(kinds & _LOCAL_CLOCKS), ends=ends):
        said["CreateDate"] = date
    if (position := said.pop("GPSCoordinates", None)) is not None:
        said |= position_of(position)
    if not _MOMENT.match(said.get("ContentCreateDate", "")):  # the year of an edition, say
        said.pop("ContentCreateDate", None)
    return {f"QuickTime {name}": value for name, value in said.items()}


def read_sonys_xml(header: Header, described: Box) -> Tags:
    """Return what the XML in a `meta` box beside the index says, as tags of the group XML."""
    document = next((box for box in _inside_meta(header, described) if box.kind == b"xml "), None)
    text = read_at(header, document.start + 4, min(document.length, _MAX_XML_BYTES)) if document else b""
    try:
        root = fromstring(text.strip(b"\x00 \r\n"), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        return {}
    tags: Tags = {}
    for element in root.iter():
        for attribute, name in _XML_TAGS.get(element.tag.rpartition("}")[2], {}).items():
            if value := element.get(attribute):
                tags.setdefault(f"XML {name}", value)
    return tags


def position_of(text: str) -> Tags:
    """Return latitude, longitude and altitude of a point as ISO 6709 writes it; nothing of what is none."""
    found = _POINT.match(text.strip())
    if found is None:
        return {}
    degrees = [_degrees(found[1], 2), _degrees(found[2], 3)]
    altitude = {"GPSAltitude": found[3]} if found[3] else {}
    return {"GPSLatitude": f"{degrees[0]:+.7f}", "GPSLongitude": f"{degrees[1]:+.7f}", **altitude}


def _degrees(written: str, digits: int) -> float:
    """Return degrees of which `digits` are whole; what follows these are minutes, and seconds (ISO 6709)."""
    sign, whole, fraction = written[0], written[1:].partition(".")[0], written.partition(".")[2]
    parts = [whole] if len(whole) <= digits else [whole[:digits], whole[digits : digits + 2]]
    parts += [whole[digits + 2 :]] if len(whole) > digits + 2 else []
    *before, last = parts
    numbers = [*map(float, before), float(f"{last}.{fraction or 0}")]
    value = numbers[0] + sum(number / 60.0**place for place, number in enumerate(numbers[1:], 1))
    return -value if sign == "-" else value


def _create_date(movie: bytes, is_local: bool, ends: bool) -> str | None:
    """Return when an `mvhd` says that the film began, in UTC unless the maker writes its own clock there.

    Android counts the moment in which a recording `ends`.
    """
    seconds = int.from_bytes(movie[4:12] if movie[:1] == b"\x01" else movie[4:8], "big")
    scale, length = quicktime.times_of(movie)
    if not seconds:
        return None
    seconds += 0 if seconds >= _SINCE_1904 else _SINCE_1904
    seconds -= round(length / scale) if ends and scale else 0
    try:
        moment = _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None
    return moment.isoformat(timespec="seconds") + ("" if is_local else "Z")


def _user_data(header: Header, inside: list[Box]) -> Iterator[tuple[str, str]]:
    """Yield name and text of what lies in `udta`."""
    for box in inside:
        if box.kind not in _USER_DATA and box.kind not in (_LOCATION, _GOPRO):
            continue
        data = read_at(header, box.start, min(box.length, _MAX_VALUE_BYTES))
        if box.kind == _LOCATION:
            yield from _location(data)
        elif box.kind == _GOPRO:
            yield from _gopro(data)
        elif text := _told(box.kind, data):
            yield _USER_DATA[box.kind], text


def _told(kind: bytes, data: bytes) -> str:
    """Return the text in an item of user data, of several languages the first."""
    if not kind.startswith(b"\xa9"):  # 3GPP TS 26.244, 8: a version, flags, a language, the text
        data = data[6:]
        return decoded(data.partition(b"\x00")[0]) if data[:2] not in _MARKS else _utf16(data)
    length = int.from_bytes(data[:2], "big")
    return decoded((data[4 : 4 + length] if 0 < length <= len(data) - 4 else data).rstrip(b"\x00"))


def _utf16(data: bytes) -> str:
    return data[: len(data) & ~1].decode("utf-16", "replace").partition("\x00")[0]


def _location(data: bytes) -> Iterator[tuple[str, str]]:
    """Read 3GPP's place (TS 26.244, 8.10): a language, a name, a role, and three numbers in 65,536ths."""
    rest = data[6:]
    rest = rest[rest.find(b"\x00\x00") + 2 :] if rest[:2] in _MARKS else rest.partition(b"\x00")[2]
    if len(rest) >= 13:
        longitude, latitude, altitude = (number / 65536 for number in struct.unpack_from(">3i", rest, 1))
        yield "GPSCoordinates", f"{latitude:+.7f}{longitude:+.7f}{altitude:+.2f}/"


def _gopro(data: bytes) -> Iterator[tuple[str, str]]:
    """Read GoPro's name of the model: a key, a type, the size of a value, how many there are."""
    at = data.find(b"MINFc")
    if at >= 0:
        size, count = data[at + 5], int.from_bytes(data[at + 6 : at + 8], "big")
        yield "Make", "GoPro"
        yield "Model", decoded(data[at + 8 : at + 8 + size * count].rstrip(b"\x00"))


def _inside_meta(header: Header, place: Box) -> Iterator[Box]:
    """Yield what lies in a `meta` box, which has a version as ISO writes it, and none as QuickTime does."""
    start = place.start + (0 if read_at(header, place.start + 4, 4) == b"hdlr" else 4)
    return boxes(header, start, place.end)


def _items(header: Header, place: Box) -> Iterator[tuple[str, str]]:
    """Yield name and text of the items of a `meta` box: by their keys, or by boxes as in user data."""
    inside = {box.kind: box for box in _inside_meta(header, place)}
    keys = _keys(quicktime.body(header, inside.get(b"keys")))
    listed = inside.get(b"ilst")
    for _, item in zip(
        range(_MAX_ITEMS), boxes(header, listed.start, listed.end) if listed else (), strict=False
    ):
        number = int.from_bytes(item.kind, "big")
        name = keys[number - 1] if 0 < number <= len(keys) else _USER_DATA.get(item.kind)
        value = quicktime.inside_of(header, item).get(b"data") if name else None
        if name and value:
            data = read_at(header, value.start, min(value.length, _MAX_VALUE_BYTES))
            kind = int.from_bytes(data[:4], "big")
            if kind in (0, 1):
                yield name, decoded(data[8:].rstrip(b"\x00"))
            elif kind == 2:
                yield name, data[8:].decode("utf-16-be", "replace")


def _keys(data: bytes) -> list[str | None]:
    names: list[str | None] = []
    position = 8
    while len(names) < _MAX_ITEMS and len(head := data[position : position + 8]) == 8:
        length = int.from_bytes(head[:4], "big")
        key = data[position + 8 : position + length].decode("utf-8", "replace").lower()
        names.append(_KEYS.get(key.removeprefix(_APPLES)))
        if length < 8:
            break
        position += length
    return names
