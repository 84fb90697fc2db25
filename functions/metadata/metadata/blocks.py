"""Finds Exif, XMP, IPTC and the ICC profile inside an image file, without decoding or reading the image.

Formats, each by its own specification: JPEG (ITU T.81, Exif 2.32, 4.7, XMP part 3), TIFF 6.0, PNG (third
edition, eXIf), WebP (RIFF container), HEIF and AVIF (ISO/IEC 23008-12, items in a `meta` box), and of the
RAW formats Fuji's RAF, Canon's CR3, and those that are TIFF but for a number of their own. ExifRead finds
Exif in some of these, but misses it behind a large JPEG segment, in AVIF as Pillow writes it, in CR3, and
in HEIF brands other than three.
"""

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from zlib import crc32

from metadata.bounded import MAX_READ_BYTES, Header
from metadata.iptc import iptc_of_resources

_EXIF = b"Exif\x00\x00"
_XMP = b"http://ns.adobe.com/xap/1.0/\x00"
_XMP_MORE = b"http://ns.adobe.com/xmp/extension/\x00"
_ICC = b"ICC_PROFILE\x00\x01"
_PHOTOSHOP = b"Photoshop 3.0\x00"
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_XMP = b"XML:com.adobe.xmp\x00"
_TIFF = (b"II*\x00", b"MM\x00*")
_TIFF_LIKE = (b"IIRO", b"IIRS", b"MMOR", b"IIU\x00")
"""What Olympus (ORF) and Panasonic (RW2) write instead of TIFF's number 42."""
_RAF = b"FUJIFILMCCD-RAW "
_CANON = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_BOXED_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_CANON_DIRECTORIES = {b"CMT1": "Image", b"CMT2": "EXIF", b"CMT4": "GPS"}
"""Canon keeps a TIFF file for each directory in the `moov` box of a CR3."""
_MAX_PARTS = 500
"""How many segments, chunks, boxes or items are looked at: ICC profiles and previews come in dozens."""
_MAX_PROFILE_BYTES = 64 * 1024
_MAX_MORE_BYTES = 256 * 1024
"""How much extended XMP is joined: depth maps are kept in it, and nothing of theirs is of use here."""


@dataclass(frozen=True)
class Blocks:
    """The metadata of a file.

    `tiffs` are files that start with a TIFF header, each with what its first directory is; `xmp` is the
    packet, `more_xmp` the extended packet of a JPEG, and `profile` the start of an ICC profile.
    """

    tiffs: tuple[tuple[Header, str], ...] = ()
    xmp: bytes = b""
    more_xmp: bytes = b""
    iptc: bytes = b""
    profile: bytes = b""


def find_blocks(header: Header) -> Blocks:
    """Return the metadata blocks of the file under `header`; none for a format without any (GIF, BMP).

    Raises:
        HeaderTooLarge: see `Header`.
        struct.error, ValueError, IndexError, zlib.error: the container is malformed.
    """
    header.seek(0)
    start = header.read(16)
    if start[:4] in _TIFF or start[:4] in _TIFF_LIKE:
        return Blocks(tiffs=((header, "Image"),))
    if start == _RAF:
        header.seek(84)
        return jpeg_blocks(header, struct.unpack(">I", header.read(4))[0])
    if start[:2] == b"\xff\xd8":
        return jpeg_blocks(header, 0)
    find: Callable[[Header], Blocks]
    if start[:8] == _PNG:
        find = _png
    elif start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        find = _webp
    elif start[4:8] == b"ftyp":
        find = _iso
    else:
        return Blocks()
    return find(header)


def _tiffs(exif: bytes) -> tuple[tuple[Header, str], ...]:
    """Return the TIFF file in an Exif block, which may have a prefix of its own."""
    at = min((exif.find(magic) for magic in _TIFF if magic in exif[:64]), default=-1)
    return ((Header(io.BytesIO(exif[at:])), "Image"),) if at >= 0 else ()


def jpeg_blocks(header: Header, base: int) -> Blocks:
    """Return the blocks of the JPEG file that starts at `base`. Raises as `find_blocks`."""
    exif = xmp = profile = resources = b""
    more: dict[bytes, bytes] = {}
    position = base + 2
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
            elif payload.startswith(_XMP_MORE):
                name, part = payload[len(_XMP_MORE) :][:32], payload[len(_XMP_MORE) + 40 :]
                if len(more.get(name, b"")) + len(part) <= _MAX_MORE_BYTES:
                    more[name] = more.get(name, b"") + part
        elif marker[1] == 0xE2 and not profile:
            if header.read(min(max(length - 2, 0), len(_ICC))) == _ICC:
                profile = header.read(max(length - 2 - len(_ICC), 0))[1:]
        elif marker[1] == 0xED:
            payload = header.read(max(length - 2, 0))
            if payload.startswith(_PHOTOSHOP):
                resources += payload[len(_PHOTOSHOP) :]
        position += 2 + length
    # The packet names the extension that belongs to it: another's may lie in the file, too.
    more_xmp = next((packet for name, packet in more.items() if name in xmp), b"")
    return Blocks(_tiffs(exif), xmp, more_xmp, iptc_of_resources(resources), profile)


def _png(header: Header) -> Blocks:
    exif = xmp = profile = b""
    position = 8
    for _ in range(_MAX_PARTS):
        header.seek(position)
        start = header.read(8)
        if len(start) < 8:
            break
        length, kind = struct.unpack(">I4s", start)
        if kind in (b"IDAT", b"IEND"):
            break
        if kind in (b"eXIf", b"iTXt", b"iCCP") and length <= MAX_READ_BYTES:
            payload = header.read(length)
            if kind == b"eXIf":
                exif = payload
            elif kind == b"iCCP":
                profile = _inflated(payload.partition(b"\x00")[2][1:], _MAX_PROFILE_BYTES)
            elif payload.startswith(_PNG_XMP):
                xmp = _international_text(payload[len(_PNG_XMP) :])
        position += 12 + length
    return Blocks(_tiffs(exif or _png_tail(header)), xmp, profile=profile)


def _international_text(rest: bytes) -> bytes:
    """Return the text of an iTXt chunk behind its keyword: two flags, two strings, text (PNG, 11.3.3.4)."""
    text = rest[2:].partition(b"\x00")[2].partition(b"\x00")[2]
    return _inflated(text, _MAX_MORE_BYTES) if rest[:1] == b"\x01" else text


def _inflated(packed: bytes, most: int) -> bytes:
    """Return the first `most` bytes of what is `packed`: a bomb is not opened further."""
    return zlib.decompressobj().decompress(packed, most)


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


def _webp(header: Header) -> Blocks:
    found = {b"EXIF": b"", b"XMP ": b"", b"ICCP": b""}
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
    return Blocks(_tiffs(found[b"EXIF"]), found[b"XMP "], profile=found[b"ICCP"])


def _iso(header: Header) -> Blocks:
    """Return the blocks of a file of boxes: HEIF, AVIF, CR3 (ISO/IEC 14496-12, 4.2)."""
    size = header.seek(0, io.SEEK_END)
    tiffs: tuple[tuple[Header, str], ...] = ()
    xmp = b""
    for kind, start, length in _box_places(header, 0, size):
        if kind == b"meta":
            header.seek(start)
            return _items(header, header.read(length))
        if kind == b"moov":
            tiffs = _canon_tiffs(header, start, start + length)
        elif kind == b"uuid" and length - 16 <= MAX_READ_BYTES:
            header.seek(start)
            if header.read(16) == _BOXED_XMP:
                xmp = header.read(max(length - 16, 0))
    return Blocks(tiffs, xmp)


def _canon_tiffs(header: Header, start: int, end: int) -> tuple[tuple[Header, str], ...]:
    for kind, at, length in _box_places(header, start, end):
        header.seek(at)
        if kind == b"uuid" and header.read(16) == _CANON:
            return tuple(
                (_copy(header, inner_at, inner_length), _CANON_DIRECTORIES[inner])
                for inner, inner_at, inner_length in _box_places(header, at + 16, at + length)
                if inner in _CANON_DIRECTORIES
            )
    return ()


def _copy(header: Header, at: int, length: int) -> Header:
    header.seek(at)
    return Header(io.BytesIO(header.read(length)))


def _box_places(header: Header, position: int, end: int) -> list[tuple[bytes, int, int]]:
    """Return type, start and length of the body of each box between `position` and `end`."""
    found = []
    for _ in range(_MAX_PARTS):
        if position >= end:
            break
        header.seek(position)
        start = header.read(16)
        if len(start) < 8:
            break
        length, kind = struct.unpack(">I4s", start[:8])
        body = 8
        if length == 1:
            length, body = struct.unpack(">Q", start[8:])[0], 16
        elif length == 0:
            length = end - position
        if length < body:
            raise ValueError(f"a box of {length} bytes")
        found.append((kind, position + body, length - body))
        if kind == b"meta":  # what follows are the pixels
            break
        position += length
    return found


def _boxes(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return type and body of each box in `data`."""
    found = []
    position = 0
    while position + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[position : position + 8])
        if length < 8:
            break
        found.append((kind, data[position + 8 : position + length]))
        position += length
    return found


def _items(header: Header, meta: bytes) -> Blocks:
    """Return the Exif item, the XMP item and the profile that the body of a `meta` box describes."""
    boxes = dict(_boxes(meta[4:]))
    properties = _boxes(dict(_boxes(boxes.get(b"iprp", b""))).get(b"ipco", b""))
    profile = next(
        (body[4:] for kind, body in properties if kind == b"colr" and body[:4] in (b"prof", b"rICC")), b""
    )
    kinds = _item_kinds(boxes.get(b"iinf", b""))
    if not kinds:
        return Blocks(profile=profile)
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
    # Four bytes say how far the TIFF header is: `_tiffs` looks for it, since some files say 0.
    return Blocks(_tiffs(found[b"Exif"][4:]), found[b"mime"], profile=profile)


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
