"""Finds Exif, XMP, IPTC, comments and the ICC profile inside an image file, without decoding the image.

Formats, each by its own specification: JPEG (ITU T.81, Exif 2.32, 4.7, XMP part 3), TIFF 6.0 and BigTIFF,
PNG (third edition, eXIf), WebP (RIFF container), GIF89a, HEIF and AVIF (ISO/IEC 23008-12, items in a `meta`
box), JPEG XL and JPEG 2000 (their boxes), Photoshop documents (their image resources), and of the RAW formats
Fuji's RAF, Canon's CR3, and those that are TIFF but for a number of their own. What films say is read beside.
"""

import io
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from zlib import crc32

from metadata.bounded import MAX_PROFILE_BYTES, MAX_READ_BYTES, Header, HeaderTooLarge, cut
from metadata.decoding import decoded
from metadata.iptc import iptc_of_resources
from safelight.errors import SafelightError
from safelight.files import photoshop, png
from safelight.files.boxes import Items, Place, boxes, items_of
from safelight.files.jpeg import segments
from safelight.files.seekable import read_at, size_of
from safelight.files.tiff import HEADERS, header_in

_EXIF = b"Exif\x00"
_XMP = b"http://ns.adobe.com/xap/1.0/\x00"
_XMP_MORE = b"http://ns.adobe.com/xmp/extension/\x00"
_ICC = b"ICC_PROFILE\x00\x01"
_PHOTOSHOP = b"Photoshop 3.0\x00"
_PNG_XMP = "XML:com.adobe.xmp"
_PNG_PROFILE = "Raw profile type "
_PNG_KINDS = (b"eXIf", b"iTXt", b"tEXt", b"zTXt")
_PNG_TEXTS = ("Title", "Author", "Description", "Copyright", "Creation Time", "Software", "Comment")
"""The keywords of the specification (11.3.3.2) that the record reads from."""
_PNG_TAIL_BYTES = 64 * 1024
_TIFF_LIKE = (b"IIRO", b"IIRS", b"MMOR", b"IIU\x00")
"""What Olympus (ORF) and Panasonic (RW2) write instead of TIFF's number 42."""
_RAF = b"FUJIFILMCCD-RAW "
_GIF_XMP = b"!\xff\x0bXMP DataXMP"
_GIF_TRAILER = b"\x01\xff\xfe\xfd\xfc"
"""With what the 258 bytes start that close XMP in a GIF (XMP part 3, 1.1.2)."""
_GIF_WALKED_BYTES, _GIF_PIECE_BYTES = 64 * 1024, 4 * 1024
_CANON = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_BOXED_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_BOXED_EXIF = b"JpgTiffExif->JP2"
_XMP_ITEM = b"mime application/rdf+xml"
_CR3 = b"ftypcrx "
_CANON_DIRECTORIES = {b"CMT1": "Image", b"CMT2": "EXIF", b"CMT4": "GPS"}
"""Canon keeps a TIFF file for each directory in the `moov` box of a CR3."""
_STILLS = {b"hei", b"hev", b"avi", b"mif", b"msf", b"mia", b"crx"}
"""How the brands of files of boxes begin that hold pictures and no film."""
_FILMS_WITHOUT_TYPE = {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
_MAX_FILM_BOXES = 64
"""Those of a film that is not fragmented are few; of one that is, the index comes first."""
_MAX_MORE_BYTES = 1024 * 1024
"""How much extended XMP is joined: depth maps are kept in it, and nothing of theirs is of use here."""
_MAX_TEXT_BYTES = 64 * 1024


@dataclass
class Blocks:
    """The metadata of a file, as far as it was found, and what was wrong.

    `tiffs` are files that start with a TIFF header, each with what its first directory is; `xmp` are packets,
    the best first, with the extended packet of a JPEG last; `profile` is the start of an ICC profile; `texts`
    are comments and PNG's texts as tags. `turned`: whoever decodes the file turns it, whatever Exif says.
    """

    tiffs: list[tuple[Header, str]] = field(default_factory=list)
    xmp: list[bytes] = field(default_factory=list)
    iptc: bytes = b""
    profile: bytes = b""
    texts: dict[str, str] = field(default_factory=dict)
    turned: bool = False
    warnings: list[str] = field(default_factory=list)

    def add_exif(self, exif: bytes) -> None:
        """Add the TIFF file in an Exif block, which may have a prefix of its own; the first one counts."""
        at = header_in(exif)
        if at >= 0 and not self.tiffs:
            self.tiffs.append((Header(io.BytesIO(exif[at:])), "Image"))

    def add_text(self, name: str, text: bytes, *, latest: bool = False) -> None:
        """Add a comment or a text that is not empty; of those of one name the first counts, or the last."""
        if text.strip(b"\x00 \r\n\t") and (latest or name not in self.texts):
            self.texts[name] = decoded(text.rstrip(b"\x00"))


def find_blocks(header: Header) -> Blocks:
    """Return the metadata blocks of the file under `header`; none for a format without any.

    What was found before damage, or before the file asked for too much, stays; a warning says so.

    Raises:
        What the reads of the file raise, but for HeaderTooLarge.
    """
    return _found(lambda found: _walker(read_at(header, 0, 16))(header, found))


def preview_blocks(header: Header, base: int) -> Blocks:
    """Return the blocks of the JPEG file at `base`, a preview within a RAW file; see `find_blocks`."""
    return _found(lambda found: _jpeg(header, base, found))


def _found(walk: Callable[[Blocks], None]) -> Blocks:
    found = Blocks()
    try:
        walk(found)
    except SafelightError:
        raise
    except HeaderTooLarge as error:
        found.warnings.append(f"Not all of the metadata was read: {error}.")
    except (struct.error, ValueError, IndexError, zlib.error) as error:
        found.warnings.append(f"Not all of the metadata can be read: {type(error).__name__}: {error}."[:300])
    return found


def _walker(start: bytes) -> Callable[[Header, Blocks], None]:
    """Return what reads the blocks of a file that starts so."""
    if start[:4] in HEADERS or start[:4] in _TIFF_LIKE:
        return lambda header, found: found.tiffs.append((header, "Image"))
    if start == _RAF:
        return lambda header, found: _jpeg(header, int.from_bytes(read_at(header, 84, 4), "big"), found)
    if start[:2] == b"\xff\xd8":
        return lambda header, found: _jpeg(header, 0, found)
    if start[:8] == png.SIGNATURE:
        return _png
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return _webp
    if start[:4] == b"GIF8":
        return _gif
    if start[:4] == photoshop.SIGNATURE:
        return _photoshop
    if start[4:8] == b"ftyp":
        return _iso if start[8:11] in _STILLS else _film
    if start[4:8] in (b"JXL ", b"jP  "):
        return _iso
    if start[4:8] in _FILMS_WITHOUT_TYPE:
        return _film
    if start[:4] == b"RIFF" and start[8:12] == b"AVI ":
        return _avi
    if start[:4] == b"\x1aE\xdf\xa3":
        return _matroska
    if b"G" in (start[:1], start[4:5]):
        return _transport
    return lambda header, found: None


def _piece(header: Header, start: int, length: int, what: str, found: Blocks) -> bytes:
    """Return a block, or as much of it as is ever read, with a warning."""
    if length > MAX_READ_BYTES:
        found.warnings.append(cut(what, length))
    return read_at(header, start, min(length, MAX_READ_BYTES))


def _jpeg(header: Header, base: int, found: Blocks) -> None:
    """Add the blocks of the JPEG file that starts at `base`."""
    exif, resources, belongs = b"", b"", False
    more: dict[bytes, dict[int, bytes]] = {}
    try:
        for marker, start, length in segments(header, base):
            piece = _exif_segment(header, start, length) if marker == 0xE1 else b""
            # A block that is longer than a segment goes on in the next one, without a TIFF header of its own.
            belongs = bool(piece) and (not exif if header_in(piece) >= 0 else belongs)
            if belongs and len(exif) < MAX_READ_BYTES:
                exif += piece[1:] if exif else piece
            if marker == 0xE1 and not piece:
                _xmp_segment(header, start, length, more, found)
            elif marker == 0xE2 and not found.profile:
                if read_at(header, start, min(length, len(_ICC))) == _ICC:
                    found.profile = read_at(header, start + len(_ICC), length - len(_ICC))[1:]
            elif marker == 0xED:
                payload = read_at(header, start, length)
                if payload.startswith(_PHOTOSHOP):
                    resources += payload[len(_PHOTOSHOP) :]
            elif marker == 0xFE:
                found.add_text("JPEG Comment", read_at(header, start, length))
    finally:
        found.add_exif(exif)
        found.iptc = found.iptc or iptc_of_resources(resources)
        for name, parts in more.items():
            # The packet names the extension that belongs to it: another's may lie in the file, too.
            if any(name in packet for packet in found.xmp):
                found.xmp.append(_joined(parts, found))


def _exif_segment(header: Header, start: int, length: int) -> bytes:
    """Return what follows the name of a segment of Exif, a filling byte and the block; or nothing."""
    if read_at(header, start, min(length, len(_EXIF))) != _EXIF:
        return b""
    return read_at(header, start + len(_EXIF), length - len(_EXIF))


def _xmp_segment(
    header: Header, start: int, length: int, more: dict[bytes, dict[int, bytes]], found: Blocks
) -> None:
    head = read_at(header, start, min(length, 80))
    if head.startswith(_XMP):
        found.xmp.append(read_at(header, start, length)[len(_XMP) :])
    elif head.startswith(_XMP_MORE):
        name, offset = head[len(_XMP_MORE) :][:32], int.from_bytes(head[len(_XMP_MORE) + 36 :][:4], "big")
        parts = more.setdefault(name, {})
        if offset < _MAX_MORE_BYTES:
            parts[offset] = read_at(header, start, length)[len(_XMP_MORE) + 40 :]
        else:
            parts[_MAX_MORE_BYTES] = b""


def _joined(parts: dict[int, bytes], found: Blocks) -> bytes:
    """Return the start of an extended packet, up to where a part is missing; parts come in any order."""
    packet = b""
    for offset, part in sorted(parts.items()):
        if offset > len(packet) or offset >= _MAX_MORE_BYTES:
            found.warnings.append(f"Extended XMP was cut: its first {len(packet):,} bytes were read.")
            break
        packet = packet[:offset] + part
    return packet


def _png(header: Header, found: Blocks) -> None:
    """Read the chunks before the image data, and those behind it.

    Writers append metadata behind any number of chunks of image data, most of which are not walked.
    """
    data_at, length, size = 0, 0, size_of(header)
    for kind, start, length in png.chunks(header):
        if kind == b"iCCP" and not found.profile:
            packed = read_at(header, start, min(length, MAX_PROFILE_BYTES)).partition(b"\x00")[2][1:]
            found.profile = _inflated(packed, MAX_PROFILE_BYTES, "The ICC profile", found)
        elif kind in _PNG_KINDS:
            _png_chunk(kind, _piece(header, start, length, "A chunk of text or metadata", found), found)
        elif kind == b"IDAT":
            data_at = data_at or start
            if start - data_at > _PNG_TAIL_BYTES and (size - start) // (length + 1) > 2:
                break
        elif kind == b"IEND":
            return
    for kind, data in _png_tail(header, size, length):
        _png_chunk(kind, data, found)


def _png_tail(header: Header, size: int, data_length: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind and data of the metadata behind the image data, which come in chunks of `data_length`."""
    tail_size = _PNG_TAIL_BYTES
    tail = read_at(header, max(size - tail_size, 0), tail_size)
    while b"IDAT" not in tail and data_length < tail_size < MAX_READ_BYTES // 2:
        tail_size *= 2
        tail = read_at(header, max(size - tail_size, 0), tail_size)
    for match in re.finditer(b"|".join(_PNG_KINDS), tail):
        at = match.start()
        end = match.end() + int.from_bytes(tail[max(at - 4, 0) : at], "big")
        if at >= 4 and tail[end : end + 4] == crc32(tail[at:end]).to_bytes(4, "big"):
            yield match[0], tail[match.end() : end]


def _png_chunk(kind: bytes, data: bytes, found: Blocks) -> None:
    if kind == b"eXIf":
        found.add_exif(data)
        return
    keyword, _, rest = data.partition(b"\x00")
    name = keyword.decode("latin-1")
    name = next((known for known in _PNG_TEXTS if known.casefold() == name.casefold()), name)
    if name != _PNG_XMP and not name.startswith(_PNG_PROFILE) and name not in _PNG_TEXTS:
        return
    packed = kind == b"zTXt" or (kind == b"iTXt" and rest[:1] == b"\x01")
    if kind == b"iTXt":  # two flags, a language and a keyword in it, text (11.3.3.4)
        rest = rest[2:].partition(b"\x00")[2].partition(b"\x00")[2]
    elif kind == b"zTXt":
        rest = rest[1:]
    text = _inflated(rest, MAX_READ_BYTES, f"The text {name!r}", found) if packed else rest
    if name == _PNG_XMP:
        found.xmp.append(text)
    elif name.startswith(_PNG_PROFILE):
        _png_profile(name.removeprefix(_PNG_PROFILE).lower(), text, found)
    else:
        found.add_text(f"PNG {name}", text[:_MAX_TEXT_BYTES], latest=True)  # who wrote last appended it


def _png_profile(name: str, text: bytes, found: Blocks) -> None:
    """Add what ImageMagick, GIMP and exiv2 write: a name, a length, and the block in hexadecimal digits."""
    digits = re.sub(rb"\s", b"", text.lstrip().partition(b"\n")[2].lstrip().partition(b"\n")[2])
    whole = re.match(rb"(?:[0-9a-fA-F]{2})*", digits)
    block = bytes.fromhex(whole[0].decode()) if whole else b""
    if block.startswith(_XMP) or name == "xmp":
        found.xmp.append(block.removeprefix(_XMP))
    elif name in ("exif", "app1"):
        found.add_exif(block)
    elif name in ("iptc", "8bim"):
        block = block.removeprefix(_PHOTOSHOP)
        found.iptc = found.iptc or (block if block[:1] == b"\x1c" else iptc_of_resources(block))


def _inflated(packed: bytes, most: int, what: str, found: Blocks) -> bytes:
    """Return the first `most` bytes of what is `packed`, up to damage: a bomb is not opened further."""
    engine = zlib.decompressobj()
    data = b""
    try:
        for at in range(0, len(packed), 1024):
            data += engine.decompress(packed[at : at + 1024], most - len(data))
            if len(data) == most:
                break
    except zlib.error:
        found.warnings.append(f"{what} is damaged: {len(data):,} bytes of it were read.")
    return data


def _webp(header: Header, found: Blocks) -> None:
    position = 12
    while len(start := read_at(header, position, 8)) == 8:
        kind, length = struct.unpack("<4sI", start)
        if kind == b"EXIF":
            found.add_exif(_piece(header, position + 8, length, "Exif", found))
        elif kind == b"XMP ":
            found.xmp.append(_piece(header, position + 8, length, "XMP", found))
        elif kind == b"ICCP":
            found.profile = read_at(header, position + 8, min(length, MAX_PROFILE_BYTES))
        position += 8 + length + length % 2


def _photoshop(header: Header, found: Blocks) -> None:
    """Add the blocks among the image resources of a Photoshop document."""
    for number, start, length in photoshop.resources_in(header):
        if number == photoshop.EXIF:
            found.add_exif(_piece(header, start, length, "Exif", found))
        elif number == photoshop.XMP:
            found.xmp.append(_piece(header, start, length, "XMP", found))
        elif number == photoshop.IPTC:
            found.iptc = found.iptc or _piece(header, start, length, "IPTC", found)
        elif number == photoshop.PROFILE:
            found.profile = read_at(header, start, min(length, MAX_PROFILE_BYTES))


def _gif(header: Header, found: Blocks) -> None:
    """Read the extensions of a GIF (GIF89a, 23 to 26) at its start, and XMP at its end."""
    flags = read_at(header, 10, 1)[0]
    position = 13 + _colors(flags)
    while 0 < position < _GIF_WALKED_BYTES:
        head = read_at(header, position, 14)
        if head[:1] == b"!":
            if head == _GIF_XMP:
                _gif_xmp(header, position, found)
            blocks, position = _sub_blocks(header, position + 2, head[:2] == b"!\xfe")
            found.add_text("GIF Comment", blocks)
        elif head[:1] == b"," and len(head) >= 10:
            position = _sub_blocks(header, position + 11 + _colors(head[9]), False)[1]
        else:
            break
    if not found.xmp:
        tail_at = max(size_of(header) - _PNG_TAIL_BYTES, 0)
        at = read_at(header, tail_at, _PNG_TAIL_BYTES).rfind(_GIF_XMP)
        if at >= 0:
            _gif_xmp(header, tail_at + at, found)


def _colors(flags: int) -> int:
    """Return the size of a colour table by the flags that tell of it."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _sub_blocks(header: Header, position: int, wanted: bool) -> tuple[bytes, int]:
    """Return what the sub-blocks from `position` on hold, if it is wanted, and where the next block is."""
    data = b""
    while (length := int.from_bytes(read_at(header, position, 1), "big")) and position < _GIF_WALKED_BYTES:
        if wanted:
            data += read_at(header, position + 1, length)
        position += 1 + length
    return data, position + 1


def _gif_xmp(header: Header, position: int, found: Blocks) -> None:
    """Add the packet, which is no row of sub-blocks itself."""
    packet = b""
    while _GIF_TRAILER not in packet and len(packet) < MAX_READ_BYTES:
        piece = read_at(header, position + len(_GIF_XMP) + len(packet), _GIF_PIECE_BYTES)
        if not piece:
            break
        packet += piece
    found.xmp.append(packet.partition(_GIF_TRAILER)[0])


def _iso(header: Header, found: Blocks) -> None:
    """Read a file of boxes: HEIF, AVIF, CR3 (ISO/IEC 14496-12, 4.2), JPEG XL (18181-2, 9), JPEG 2000."""
    found.turned = read_at(header, 4, 8) != _CR3
    for kind, start, length in boxes(header, 0, size_of(header)):
        if kind == b"meta":
            _items(header, items_of(_piece(header, start, length, "The table of items", found)), found)
            return
        if kind == b"moov":
            _canon(header, start, start + length, found)
        elif kind == b"Exif":
            found.add_exif(_piece(header, start + 4, length - 4, "Exif", found))
        elif kind == b"xml ":
            found.xmp.append(_piece(header, start, length, "XMP", found))
        elif kind == b"uuid":
            name = read_at(header, start, 16)
            if name == _BOXED_XMP:
                found.xmp.append(_piece(header, start + 16, length - 16, "XMP", found))
            elif name == _BOXED_EXIF:
                found.add_exif(_piece(header, start + 16, length - 16, "Exif", found))


def _film(header: Header, found: Blocks) -> None:
    """Read a film of boxes: its index, and what stands beside it, up to the first fragment."""
    from metadata.films import read_quicktime, read_sonys_xml  # here and below: photos do without
    from safelight.files.films.quicktime import inside_of

    found.turned = True
    for box in boxes(header, 0, size_of(header), _MAX_FILM_BOXES):
        if box.kind == b"moof":
            return
        if box.kind == b"moov":
            _canon(header, box.start, box.end, found)
            found.texts |= read_quicktime(header, box)
            for said in boxes(header, box.start, box.end):
                if said.kind == b"udta" and (xmp := inside_of(header, said).get(b"XMP_")):
                    found.xmp.append(_piece(header, xmp.start, xmp.length, "XMP", found))
        elif box.kind == b"meta":
            found.texts |= read_sonys_xml(header, box)
        elif box.kind == b"uuid" and read_at(header, box.start, 16) == _BOXED_XMP:
            found.xmp.append(_piece(header, box.start + 16, box.length - 16, "XMP", found))


def _avi(header: Header, found: Blocks) -> None:
    from metadata.films_elsewhere import read_avi

    tags, xmp = read_avi(header)
    found.texts |= tags
    found.xmp.append(xmp)


def _matroska(header: Header, found: Blocks) -> None:
    from metadata.films_elsewhere import read_matroska

    found.texts |= read_matroska(header)


def _transport(header: Header, found: Blocks) -> None:
    from metadata.films_elsewhere import read_transport

    found.texts |= read_transport(header)


def _canon(header: Header, start: int, end: int, found: Blocks) -> None:
    for kind, at, length in boxes(header, start, end):
        if kind == b"uuid" and read_at(header, at, 16) == _CANON:
            for box in boxes(header, at + 16, at + length):
                if box.kind in _CANON_DIRECTORIES:
                    data = _piece(header, box.start, box.length, "Exif", found)
                    found.tiffs.append((Header(io.BytesIO(data)), _CANON_DIRECTORIES[box.kind]))
            return


def _items(header: Header, items: Items, found: Blocks) -> None:
    """Add the Exif item, the XMP item and the profile among the `items` of the file."""
    colors = (body for name, body in chain(*items.properties.values()) if name == b"colr")
    found.profile = next((body[4:] for body in colors if body[:4] in (b"prof", b"rICC")), b"")
    for item, kind in items.kinds.items():
        if kind == b"Exif":
            # Four bytes say how far the TIFF header is: it is looked for, since some files say 0.
            found.add_exif(_stored(header, items, item, found)[4:])
        elif kind == _XMP_ITEM:
            found.xmp.append(_stored(header, items, item, found))


def _stored(header: Header, items: Items, item: int, found: Blocks) -> bytes:
    place = items.places.get(item, Place(0, ()))
    if place.method == 1:
        return b"".join(items.idat[offset : offset + length] for offset, length in place.extents)
    if place.method == 0:
        return b"".join(
            _piece(header, offset, length, "Exif or XMP", found) for offset, length in place.extents
        )
    return b""
