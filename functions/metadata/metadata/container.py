"""Finds the Exif and the XMP inside an image file, without decoding or even reading the image.

Formats, each by its own specification: JPEG (ITU T.81 and Exif 2.32, 4.7), TIFF 6.0, PNG (third
edition, eXIf), WebP (RIFF container), and HEIF and AVIF (ISO/IEC 23008-12, items in a `meta` box).
ExifRead finds Exif in these too, but misses it behind a large JPEG segment, in AVIF as Pillow writes
it, and in HEIF brands other than three.
"""

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from zlib import crc32

from metadata.header import MAX_READ_BYTES, Header

_EXIF = b"Exif\x00\x00"
_XMP = b"http://ns.adobe.com/xap/1.0/\x00"
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_XMP = b"XML:com.adobe.xmp\x00\x00\x00\x00\x00"
_TIFF = (b"II*\x00", b"MM\x00*")
_MAX_PARTS = 500
"""How many segments, chunks, boxes or items are looked at: ICC profiles and previews come in dozens."""


@dataclass(frozen=True)
class Blocks:
    """Where a file keeps its metadata: `tiff` is a file that starts with a TIFF header."""

    tiff: Header | None = None
    xmp: bytes = b""


def find_blocks(header: Header) -> Blocks:
    """Return the metadata blocks of the file under `header`; none for a format without any (GIF, BMP).

    Raises:
        HeaderTooLarge: see `Header`.
        struct.error, ValueError, IndexError: the container is malformed.
    """
    header.seek(0)
    start = header.read(12)
    if start[:4] in _TIFF:
        return Blocks(tiff=header)
    find: Callable[[Header], tuple[bytes, bytes]]
    if start[:2] == b"\xff\xd8":
        find = _jpeg
    elif start[:8] == _PNG:
        find = _png
    elif start[:4] == b"RIFF" and start[8:] == b"WEBP":
        find = _webp
    elif start[4:8] == b"ftyp":
        find = _heif
    else:
        return Blocks()
    exif, xmp = find(header)
    at = min((exif.find(magic) for magic in _TIFF if magic in exif[:64]), default=-1)
    return Blocks(tiff=Header(io.BytesIO(exif[at:])) if at >= 0 else None, xmp=xmp)


def _jpeg(header: Header) -> tuple[bytes, bytes]:
    exif = xmp = b""
    position = 2
    for _ in range(_MAX_PARTS):
        header.seek(position)
        marker = header.read(4)
        if len(marker) < 4 or marker[0] != 0xFF or marker[1] in (0xD9, 0xDA):
            break
        if marker[1] == 0xFF:  # a fill byte
            position += 1
            continue
        length = struct.unpack(">H", marker[2:])[0]
        if marker[1] == 0xE1:
            payload = header.read(max(length - 2, 0))
            if payload.startswith(_EXIF) and not exif:
                exif = payload[len(_EXIF) :]
            elif payload.startswith(_XMP) and not xmp:
                xmp = payload[len(_XMP) :]
        position += 2 + length
    return exif, xmp


def _png(header: Header) -> tuple[bytes, bytes]:
    exif = xmp = b""
    position = 8
    for _ in range(_MAX_PARTS):
        header.seek(position)
        start = header.read(8)
        if len(start) < 8:
            break
        length, kind = struct.unpack(">I4s", start)
        if kind in (b"IDAT", b"IEND"):
            break
        if kind in (b"eXIf", b"iTXt") and length <= MAX_READ_BYTES:
            payload = header.read(length)
            if kind == b"eXIf":
                exif = payload
            elif payload.startswith(_PNG_XMP):
                xmp = payload[len(_PNG_XMP) :]
        position += 12 + length
    return exif or _png_tail(header), xmp


def _png_tail(header: Header) -> bytes:
    """Return an eXIf chunk in the last 32 KiB: some writers append it, behind any number of chunks."""
    size = header.seek(0, io.SEEK_END)
    header.seek(max(size - 32 * 1024, 0))
    tail = header.read(32 * 1024)
    at = tail.rfind(b"eXIf")
    if at < 4:
        return b""
    length = struct.unpack(">I", tail[at - 4 : at])[0]
    payload, check = tail[at + 4 : at + 4 + length], tail[at + 4 + length : at + 8 + length]
    return payload if check == struct.pack(">I", crc32(b"eXIf" + payload)) else b""


def _webp(header: Header) -> tuple[bytes, bytes]:
    found = {b"EXIF": b"", b"XMP ": b""}
    position = 12
    for _ in range(_MAX_PARTS):
        header.seek(position)
        start = header.read(8)
        if len(start) < 8:
            break
        kind, length = struct.unpack("<4sI", start)
        if kind in found and length <= MAX_READ_BYTES:
            found[kind] = header.read(length)
        position += 8 + length + length % 2
    return found[b"EXIF"], found[b"XMP "]


def _heif(header: Header) -> tuple[bytes, bytes]:
    size = header.seek(0, io.SEEK_END)
    position = 0
    for _ in range(_MAX_PARTS):
        header.seek(position)
        start = header.read(16)
        if len(start) < 8:
            break
        length, kind = struct.unpack(">I4s", start[:8])
        body = 8
        if length == 1:
            length, body = struct.unpack(">Q", start[8:])[0], 16
        elif length == 0:
            length = size - position
        if length < body:
            raise ValueError(f"a box of {length} bytes")
        if kind == b"meta":
            header.seek(position + body)
            return _items(header, header.read(length - body))
        position += length
    return b"", b""


def _boxes(data: bytes) -> dict[bytes, bytes]:
    """Return the bodies of the boxes in `data` by their type; of several of one type, the last."""
    found: dict[bytes, bytes] = {}
    position = 0
    while position + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[position : position + 8])
        if length < 8:
            break
        found[kind] = data[position + 8 : position + length]
        position += length
    return found


def _items(header: Header, meta: bytes) -> tuple[bytes, bytes]:
    """Return the Exif and the XMP item that the body of a `meta` box describes."""
    boxes = _boxes(meta[4:])
    kinds = _item_kinds(boxes.get(b"iinf", b""))
    if not kinds:
        return b"", b""
    extents = _item_extents(boxes.get(b"iloc", b""), set(kinds))
    found = {b"Exif": b"", b"mime": b""}
    for item, kind in kinds.items():
        method, parts = extents.get(item, (0, []))
        data = b""
        for offset, length in parts:
            if method == 1:
                data += boxes.get(b"idat", b"")[offset : offset + length]
            elif method == 0 and length <= MAX_READ_BYTES:
                header.seek(offset)
                data += header.read(length)
        if not found[kind]:
            found[kind] = data
    # Four bytes say how far the TIFF header is: `find_blocks` looks for it, since some files say 0.
    return found[b"Exif"][4:], found[b"mime"]


def _item_kinds(iinf: bytes) -> dict[int, bytes]:
    """Return the type of each Exif or XMP item by its id (ISO/IEC 14496-12, 8.11.6)."""
    if len(iinf) < 6:
        return {}
    kinds: dict[int, bytes] = {}
    position = 6 if iinf[0] == 0 else 8
    while position + 8 <= len(iinf):
        length = struct.unpack(">I", iinf[position : position + 4])[0]
        entry = iinf[position + 8 : position + length]
        if length < 8:
            break
        if entry and entry[0] in (2, 3):
            wide = entry[0] == 3
            item = struct.unpack(">I" if wide else ">H", entry[4 : 8 if wide else 6])[0]
            kind = entry[10 if wide else 8 :][:4]
            if kind == b"Exif" or (kind == b"mime" and b"rdf+xml" in entry):
                kinds[item] = kind
        position += length
    return kinds


def _item_extents(iloc: bytes, wanted: set[int]) -> dict[int, tuple[int, list[tuple[int, int]]]]:
    """Return how and where the items `wanted` are stored: method, (offset, length) (8.11.3)."""
    stream = io.BytesIO(iloc)

    def number(size: int) -> int:
        data = stream.read(size)
        if len(data) != size:
            raise ValueError("the item locations end early")
        return int.from_bytes(data, "big")

    version, sizes = number(4) >> 24, number(2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    id_size = 4 if version == 2 else 2
    extents: dict[int, tuple[int, list[tuple[int, int]]]] = {}
    for _ in range(number(id_size)):
        item = number(id_size)
        method = number(2) & 15 if version else 0
        number(2)
        base = number(base_size)
        parts = []
        for _ in range(number(2)):
            number(index_size)
            parts.append((base + number(offset_size), number(length_size)))
        if item in wanted:
            extents[item] = method, parts
    return extents
