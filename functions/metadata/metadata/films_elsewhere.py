"""Reads what films say of themselves in Matroska, AVI and transport streams into plain tags."""

import re
import struct
from datetime import datetime, timedelta
from typing import Any

from metadata.bounded import Header
from metadata.decoding import decoded
from metadata.films import position_of
from safelight.files.films import avi, matroska, transport
from safelight.files.seekable import read_at, size_of

Tags = dict[str, Any]

_DATE, _TITLE, _WRITER = 0x4461, 0x7BA9, 0x5741
_TAGS, _TAG, _SIMPLE, _NAME, _STRING = 0x1254C367, 0x7373, 0x67C8, 0x45A3, 0x4487
_SEEK_HEAD, _SEEK, _SEEK_ID, _SEEK_POSITION = 0x114D9B74, 0x4DBB, 0x53AB, 0x53AC
_EPOCH = datetime(2001, 1, 1)
_MAX_ELEMENTS = 500

_NAMES = {
    "TITLE": "Title",
    "DESCRIPTION": "Description",
    "COMMENT": "Comment",
    "KEYWORDS": "Keywords",
    "ARTIST": "Artist",
    "COPYRIGHT": "Copyright",
    "DATE_RECORDED": "DateTimeOriginal",
    "CREATION_TIME": "DateUTC",
    "RECORDING_LOCATION": "GPSCoordinates",
    "LOCATION": "GPSCoordinates",
    "COM.APPLE.QUICKTIME.CREATIONDATE": "DateTimeOriginal",
    "COM.APPLE.QUICKTIME.LOCATION.ISO6709": "GPSCoordinates",
    "COM.APPLE.QUICKTIME.MAKE": "Make",
    "COM.APPLE.QUICKTIME.MODEL": "Model",
    "COM.APPLE.QUICKTIME.SOFTWARE": "Software",
}
"""By the names of Matroska's tags (its registry), and those that FFmpeg copies from QuickTime's keys."""

_INFO = {
    b"ICRD": "DateCreated",
    b"INAM": "Title",
    b"ICMT": "Comment",
    b"ISBJ": "Description",
    b"IKEY": "Keywords",
    b"IART": "Artist",
    b"ICOP": "Copyright",
    b"ISFT": "Software",
}
"""By the chunks of a list INFO (Microsoft, Multimedia Programming Interface 1.0, 2-14)."""

_MAX_TEXT_BYTES = 16 * 1024
_MAX_XMP_BYTES = 1024 * 1024
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STRAY_SLASH = re.compile(r"^(\d{4}/[ \d]\d/[ \d]\d)/")
_LOOKED_AT = 512 * 1024
_CAMERA = b"\x17\xee\x8c\x60\xf8\x4d\x11\xd9\x8c\xd6\x08\x00\x20\x0c\x9a\x66MDPM"
_MAKES = {0x0103: "Panasonic", 0x0108: "Sony", 0x1011: "Canon", 0x1104: "JVC"}


def read_matroska(header: Header) -> Tags:
    """Return what the segment says before its clusters, and the tags behind them, as group Matroska."""
    said: dict[str, str] = {}
    end = size_of(header)
    position, tags_at, base = 0, None, 0
    for _ in range(_MAX_ELEMENTS):
        element = matroska.element_at(header, position) if position < end else None
        if element is None or element.id == matroska.CLUSTER:
            break
        if element.id == matroska.SEGMENT:
            base = position = element.start
            continue
        if element.id == matroska.INFO:
            _add_info(header, element, said)
        elif element.id == _SEEK_HEAD:
            tags_at = _tags_at(header, element) or tags_at
        elif element.id == _TAGS:
            tags_at = None
            _add_tags(header, element, said)
        if element.length is None:
            break
        position = element.start + element.length
    if (
        tags_at is not None
        and (element := matroska.element_at(header, base + tags_at))
        and element.id == _TAGS
    ):
        _add_tags(header, element, said)
    if (position_said := said.pop("GPSCoordinates", None)) is not None:
        said |= position_of(position_said)
    return {f"Matroska {name}": value for name, value in said.items()}


def _add_info(header: Header, info: matroska.Element, said: dict[str, str]) -> None:
    for element in matroska.elements(header, info.start, info.start + (info.length or 0)):
        data = matroska.body(header, element)
        if element.id == _DATE and len(data) == 8:
            moment = _EPOCH + timedelta(seconds=struct.unpack(">q", data)[0] // 1_000_000_000)
            said["DateUTC"] = moment.isoformat(timespec="seconds") + "Z"
        elif element.id == _TITLE:
            said["Title"] = decoded(data.rstrip(b"\x00"))
        elif element.id == _WRITER:
            said["WritingApp"] = decoded(data.rstrip(b"\x00"))


def _tags_at(header: Header, index: matroska.Element) -> int | None:
    """Return where the tags lie by the index of a segment, in bytes behind its beginning."""
    for seek in matroska.elements(header, index.start, index.start + (index.length or 0)):
        inside = {
            each.id: matroska.body(header, each)
            for each in matroska.elements(header, seek.start, seek.start + (seek.length or 0))
        }
        if seek.id == _SEEK and matroska.number(inside.get(_SEEK_ID, b"")) == _TAGS:
            return matroska.number(inside.get(_SEEK_POSITION, b""))
    return None


def _add_tags(header: Header, tags: matroska.Element, said: dict[str, str]) -> None:
    inside = [tags]
    for _ in range(_MAX_ELEMENTS):
        if not inside:
            return
        outer = inside.pop()
        values: dict[int, str] = {}
        for element in matroska.elements(header, outer.start, outer.start + (outer.length or 0)):
            if element.id in (_TAG, _SIMPLE):
                inside.append(element)
            elif element.id in (_NAME, _STRING):
                values[element.id] = decoded(matroska.body(header, element)[:_MAX_TEXT_BYTES].rstrip(b"\x00"))
        if (name := _NAMES.get(values.get(_NAME, "").upper())) and _STRING in values:
            said.setdefault(name, values[_STRING])


def read_avi(header: Header) -> tuple[Tags, bytes]:
    """Return what the lists of an AVI before and behind its pictures say as group RIFF, and its XMP."""
    said: Tags = {}
    xmp = b""
    for riff in avi.chunks(header, 0, size_of(header)):
        for chunk in avi.chunks(header, riff.start, riff.end) if riff.name == b"AVI " else ():
            if chunk.name == b"_PMX":
                xmp = read_at(header, chunk.start, min(chunk.length, _MAX_XMP_BYTES))
            elif chunk.name == b"hdrl":
                for each in avi.chunks(header, chunk.start, chunk.end):
                    if each.name == b"IDIT":
                        said["DateTimeOriginal"] = _by_camera(_text(header, each))
            elif chunk.name == b"INFO":
                for each in avi.chunks(header, chunk.start, chunk.end):
                    if (name := _INFO.get(each.name)) and (text := _text(header, each)):
                        said.setdefault(name, text)
    return {f"RIFF {name}": value for name, value in said.items()}, xmp


def _text(header: Header, chunk: avi.Chunk) -> str:
    data = read_at(header, chunk.start, min(chunk.length, _MAX_TEXT_BYTES))
    return decoded(data.partition(b"\x00")[0]).strip()


def _by_camera(written: str) -> str:
    """Return a date in an order that is read elsewhere; cameras write `MON MAR 10 15:04:43 2003` too."""
    parts = written.split()
    if len(parts) == 5 and parts[1].title() in _MONTHS and parts[2].isdigit():
        return f"{parts[4]}:{_MONTHS.index(parts[1].title()) + 1:02}:{int(parts[2]):02} {parts[3]}"
    return _STRAY_SLASH.sub(r"\1", written)


def read_transport(header: Header) -> Tags:
    """Return what a camcorder has written beside its first picture, as group H264 (ExifTool, MDPM)."""
    start = transport.first_picture(read_at(header, 0, _LOOKED_AT))
    plain = start.replace(b"\x00\x00\x03", b"\x00\x00")
    at = plain.find(_CAMERA)
    if at < 0:
        return {}
    rows = plain[at + len(_CAMERA) :]
    said = {rows[1 + 5 * n]: rows[2 + 5 * n : 6 + 5 * n] for n in range(rows[0]) if 6 + 5 * n <= len(rows)}
    tags: Tags = {}
    if 0x18 in said and 0x19 in said:
        zone, *date = said[0x18] + said[0x19]
        tags["H264 DateTimeOriginal"] = _stamped(bytes(date).hex(), zone)
    if 0xE0 in said and (make := _MAKES.get(int.from_bytes(said[0xE0][:2], "big"))):
        tags["H264 Make"] = make
    for name, at_, refs in (("Latitude", 0xB2, 0xB1), ("Longitude", 0xB6, 0xB5)):
        parts = [_ratio(said.get(at_ + place, b"")) for place in range(3)]
        letter = said.get(refs, b"")[:1].decode("latin-1")
        if None not in parts and letter.strip("\x00"):
            degrees, minutes, seconds = (part or 0 for part in parts)
            tags[f"H264 GPS{name}"] = f"{degrees + minutes / 60 + seconds / 3600:.7f}{letter}"
    return tags


def _ratio(pair: bytes) -> float | None:
    above, below = int.from_bytes(pair[:2], "big"), int.from_bytes(pair[2:4], "big")
    return above / below if len(pair) == 4 and below else None


def _stamped(digits: str, zone: int) -> str:
    """Return a date of the digits YYYYMMDDhhmmss, with the offset that is packed into a byte."""
    date = f"{digits[:4]}:{digits[4:6]}:{digits[6:8]} {digits[8:10]}:{digits[10:12]}:{digits[12:14]}"
    if zone & 0x80:  # not used
        return date
    return f"{date}{'-' if zone & 0x20 else '+'}{zone >> 1 & 15:02}:{'30' if zone & 1 else '00'}"
