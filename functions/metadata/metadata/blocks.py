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
from itertools import chain, islice
from zlib import crc32

from metadata.bounded import MAX_READ_BYTES, Header
from metadata.iptc import iptc_of_resources
from safelight.files.boxes import Items, Place, boxes, items_of
from safelight.files.jpeg import segments
from safelight.files.png import chunks
from safelight.files.seekable import read_at, size_of

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
_XMP_ITEM = b"mime application/rdf+xml"
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
    for marker, start, length in islice(segments(header, base), _MAX_PARTS):
        if marker == 0xE1:
            payload = read_at(header, start, length)
            if payload.startswith(_EXIF) and not exif:
                exif = payload[len(_EXIF) :]
            elif payload.startswith(_XMP) and not xmp:
                xmp = payload[len(_XMP) :]
            elif payload.startswith(_XMP_MORE):
                name, part = payload[len(_XMP_MORE) :][:32], payload[len(_XMP_MORE) + 40 :]
                if len(more.get(name, b"")) + len(part) <= _MAX_MORE_BYTES:
                    more[name] = more.get(name, b"") + part
        elif marker == 0xE2 and not profile:
            if read_at(header, start, min(length, len(_ICC))) == _ICC:
                profile = header.read(length - len(_ICC))[1:]
        elif marker == 0xED:
            payload = read_at(header, start, length)
            if payload.startswith(_PHOTOSHOP):
                resources += payload[len(_PHOTOSHOP) :]
    # The packet names the extension that belongs to it: another's may lie in the file, too.
    more_xmp = next((packet for name, packet in more.items() if name in xmp), b"")
    return Blocks(_tiffs(exif), xmp, more_xmp, iptc_of_resources(resources), profile)


def _png(header: Header) -> Blocks:
    exif = xmp = profile = b""
    for kind, start, length in islice(chunks(header), _MAX_PARTS):
        if kind in (b"IDAT", b"IEND"):
            break
        if kind in (b"eXIf", b"iTXt", b"iCCP") and length <= MAX_READ_BYTES:
            payload = read_at(header, start, length)
            if kind == b"eXIf":
                exif = payload
            elif kind == b"iCCP":
                profile = _inflated(payload.partition(b"\x00")[2][1:], _MAX_PROFILE_BYTES)
            elif payload.startswith(_PNG_XMP):
                xmp = _international_text(payload[len(_PNG_XMP) :])
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
    tiffs: tuple[tuple[Header, str], ...] = ()
    xmp = b""
    for kind, start, length in islice(boxes(header, 0, size_of(header)), _MAX_PARTS):
        if kind == b"meta":
            return _items(header, items_of(read_at(header, start, length)))
        if kind == b"moov":
            tiffs = _canon_tiffs(header, start, start + length)
        elif kind == b"uuid" and length - 16 <= MAX_READ_BYTES and read_at(header, start, 16) == _BOXED_XMP:
            xmp = header.read(max(length - 16, 0))
    return Blocks(tiffs, xmp)


def _canon_tiffs(header: Header, start: int, end: int) -> tuple[tuple[Header, str], ...]:
    for kind, at, length in islice(boxes(header, start, end), _MAX_PARTS):
        if kind == b"uuid" and read_at(header, at, 16) == _CANON:
            return tuple(
                (Header(io.BytesIO(read_at(header, box.start, box.length))), _CANON_DIRECTORIES[box.kind])
                for box in islice(boxes(header, at + 16, at + length), _MAX_PARTS)
                if box.kind in _CANON_DIRECTORIES
            )
    return ()


def _items(header: Header, items: Items) -> Blocks:
    """Return the Exif item, the XMP item and the profile among the `items` of the file under `header`."""
    found = {b"Exif": b"", _XMP_ITEM: b""}
    for item, kind in items.kinds.items():
        if kind in found and not found[kind]:
            found[kind] = _stored(header, items, item)
    colors = (body for name, body in chain(*items.properties.values()) if name == b"colr")
    profile = next((body[4:] for body in colors if body[:4] in (b"prof", b"rICC")), b"")
    # Four bytes say how far the TIFF header is: `_tiffs` looks for it, since some files say 0.
    return Blocks(_tiffs(found[b"Exif"][4:]), found[_XMP_ITEM], profile=profile)


def _stored(header: Header, items: Items, item: int) -> bytes:
    place = items.places.get(item, Place(0, ()))
    if place.method == 1:
        return b"".join(items.idat[offset : offset + length] for offset, length in place.extents)
    if place.method == 0:
        return b"".join(
            read_at(header, offset, length) for offset, length in place.extents if length <= MAX_READ_BYTES
        )
    return b""
