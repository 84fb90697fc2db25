"""Reads the datasets of an IPTC-IIM block (Information Interchange Model 4.2, chapters 1.5 and 5).

There is a package, iptcinfo3, but it reads JPEG files alone and by their name; a block in a TIFF or a RAW
file is out of its reach. A block is a row of marker, record, number, length and value, and nothing more.
"""

import io
import struct
from contextlib import suppress
from typing import Any

from metadata.decoding import decoded_alike
from safelight.files import photoshop

Tags = dict[str, Any]

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
_REPEATED = {"Keywords", "By-line"}


def read_iptc(block: bytes) -> tuple[Tags, list[str]]:
    """Return the application datasets of `block` as `IPTC Name`, and what was wrong with it.

    What dataset 1:90 says of the code of the text is not trusted: many a UTF-8 is said and not written, and
    most of it is written and not said.
    """
    names: list[str] = []
    texts: list[bytes] = []
    warnings: list[str] = []
    position = 0
    while position + 5 <= len(block) and block[position] == 0x1C:
        record, number, length = struct.unpack(">BBH", block[position + 1 : position + 5])
        position += 5
        if length & 0x8000:
            size = length & 0x7FFF
            length = int.from_bytes(block[position : position + size], "big")
            position += size
        value = block[position : position + length]
        position += length
        if len(value) < length:
            warnings.append("IPTC was cut: its last dataset ends early.")
            break
        if record == 2 and number in _NAMES:
            names.append(_NAMES[number])
            texts.append(value)
    found: Tags = {}
    for name, text in zip(names, decoded_alike(texts), strict=True):
        if name in _REPEATED:
            found[f"IPTC {name}"] = (*found.get(f"IPTC {name}", ()), text)
        else:
            found.setdefault(f"IPTC {name}", text)
    return found, warnings


def iptc_of_resources(block: bytes) -> bytes:
    """Return the IPTC block among Photoshop's image resources, or nothing."""
    with suppress(photoshop.CutShort):
        for number, start, length in photoshop.resources(io.BytesIO(block), 0, len(block)):
            if number == photoshop.IPTC:
                return block[start : start + length]
    return b""
