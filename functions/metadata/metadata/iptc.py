"""Reads the datasets of an IPTC-IIM block (Information Interchange Model 4.2, chapters 1.5 and 5).

There is a package, iptcinfo3, but it reads JPEG files alone and by their name; a block in a TIFF or a RAW
file is out of its reach. A block is a row of marker, record, number, length and value, and nothing more.
"""

import struct
from typing import Any

Tags = dict[str, Any]

MAX_DATASETS = 2000
"""How many datasets are looked at: keywords come by the dozen."""

_NAMES = {
    5: "ObjectName",
    25: "Keywords",
    55: "DateCreated",
    60: "TimeCreated",
    65: "OriginatingProgram",
    80: "By-line",
    105: "Headline",
    116: "CopyrightNotice",
    120: "Caption-Abstract",
}
_REPEATED = {25, 80}
_IPTC_RESOURCE = 0x0404
_UTF8 = b"\x1b%G"


def read_iptc(block: bytes) -> tuple[Tags, list[str]]:
    """Return the application datasets of `block` as `IPTC Name`, and what was wrong with it.

    Text is UTF-8 where dataset 1:90 says so or where it is valid UTF-8, and Latin-1 elsewhere.
    """
    found: Tags = {}
    position = 0
    utf8 = False
    for _ in range(MAX_DATASETS):
        if position + 5 > len(block) or block[position] != 0x1C:
            break
        record, number, length = struct.unpack(">BBH", block[position + 1 : position + 5])
        position += 5
        if length & 0x8000:
            return found, ["IPTC was cut: an extended dataset is longer than any caption."]
        value = block[position : position + length]
        position += length
        if len(value) < length:
            return found, ["IPTC was cut: its last dataset ends early."]
        if (record, number) == (1, 90):
            utf8 = value == _UTF8
        if record == 2 and number in _NAMES:
            name = f"IPTC {_NAMES[number]}"
            text = _decoded(value, utf8)
            if number in _REPEATED:
                found[name] = (*found.get(name, ()), text)
            else:
                found.setdefault(name, text)
    return found, []


def _decoded(value: bytes, utf8: bool) -> str:
    if utf8:
        return value.decode("utf-8", "replace")
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def iptc_of_resources(resources: bytes) -> bytes:
    """Return the IPTC block among Photoshop's image resources, or nothing.

    A resource: `8BIM`, its number, a Pascal string padded to an even length, and data so padded, too
    (Adobe Photoshop File Formats Specification, image resource blocks).
    """
    position = 0
    while resources[position : position + 4] == b"8BIM" and position + 7 <= len(resources):
        number = int.from_bytes(resources[position + 4 : position + 6], "big")
        position += 6
        position += 1 + resources[position] + (resources[position] + 1) % 2
        length = int.from_bytes(resources[position : position + 4], "big")
        position += 4
        if number == _IPTC_RESOURCE:
            return resources[position : position + length]
        position += length + length % 2
    return b""
