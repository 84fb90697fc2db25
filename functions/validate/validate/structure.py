"""Finds files that were cut short, from the structure of each format and without decoding a pixel.

A format says somewhere how much of it there must be; if the file has less, it is truncated. Damage in
the middle of compressed data shows only when it is decoded, and is found by the render function.
"""

import mmap
import struct
from collections.abc import Callable
from typing import NamedTuple, NoReturn
from zlib import crc32

from safelight.errors import BadInput, CorruptFile, TruncatedFile, UnsupportedFormat
from safelight.files import bmp, gif, jpeg2000, jpegxl, photoshop, tiff
from safelight.files.boxes import boxes, items_of
from safelight.files.jpeg import ends_early, read_layout
from safelight.files.png import chunks
from validate import sniff

_STILLS = {b"meta", b"mini"}
"""Boxes that describe a picture; the second is the low-overhead form."""

_RAW_WIDTH, _RAW_HEIGHT, _RAW_BITS, _RAW_FORMAT, _RAW_OFFSET = 0x02, 0x03, 0x0A, 0x2D, 0x118
"""Tags of Panasonic's RW2 (ExifTool, PanasonicRaw)."""

_PIXELS_PER_BLOCK = {(5, 12): 10, (5, 14): 9, (6, 12): 14, (6, 14): 11, (7, 12): 10, (7, 14): 9}
"""By RawFormat and bits per sample (LibRaw's decoders of Panasonic)."""

_RAW_SLACK = 0x4000
"""LibRaw reads such a piece at a time, and the last may be shorter in the file."""

_LOST = bytes(512)
"""What a sector of a disk has that was never written. HEVC has no three zeros in a row (H.265, 7.4.2)."""

_PNG_ENDS = (b"IDAT", b"IEND")
"""A PNG that is cut within one of these may have all of its picture."""

_WEBP_IMAGES = frozenset({b"VP8 ", b"VP8L"})
_FRAME_HEADER = 24
"""The chunk of a frame of an animation has its place and its time, and then chunks of its own."""

_LARGE_BOXES = {b"mdat", b"moov", b"free", b"uuid", b"mpvd"}


class Found(NamedTuple):
    """What a structure leaves open.

    `otherwise` is what to raise unless all pixels of a JPEG or PNG are there, whose form is not as it should
    be. `incomplete` is true of a JPEG without all its scans, and `image_end` is where its image ends.
    """

    otherwise: BadInput | None = None
    incomplete: bool = False
    image_end: int = 0


def check_complete(kind: sniff.Kind, data: mmap.mmap, filename: str) -> Found:
    """Return what is open if the file `data`, of format `kind`, reaches to its end.

    `filename` is for the messages.

    Raises:
        TruncatedFile: the file ends before its image does.
        CorruptFile: what there is cannot be an image of that format.
    """
    check = _CHECKS[kind.name]
    try:
        return check(data, filename) or Found()
    except (struct.error, IndexError):
        _truncated(data, filename)


def _truncated(data: mmap.mmap, filename: str, needed: int | None = None) -> NoReturn:
    raise _cut(data, filename, needed)


def _cut(data: mmap.mmap, filename: str, needed: int | None = None) -> TruncatedFile:
    what = f" of the {needed:,} that it needs" if needed else ""
    before = "" if needed else ", before its image does"
    return TruncatedFile(f"{filename} ends after {len(data):,} bytes{what}{before}. Copy or upload it again.")


def _corrupt(filename: str, what: str) -> NoReturn:
    raise _damaged(filename, what)


def _damaged(filename: str, what: str) -> CorruptFile:
    return CorruptFile(f"{filename} is damaged: {what}. Copy it again from where it came from.")


def _jpeg(data: mmap.mmap, filename: str) -> Found:
    layout = read_layout(data, filename)
    otherwise = None if layout.ended else ends_early(len(data), filename)
    return Found(otherwise, incomplete=not layout.complete, image_end=layout.scan_end)


def _png(data: mmap.mmap, filename: str) -> Found | None:
    otherwise: BadInput | None = None
    there = False
    for number, (kind, start, length) in enumerate(chunks(data)):
        if number == 0 and (kind != b"IHDR" or length != 13):
            _corrupt(filename, "a PNG must start with its header")
        if not kind.isalpha():
            _corrupt(filename, f"its chunk at byte {start - 8:,} has no valid name")
        end = start + length
        there = there or kind == b"IDAT"
        if end + 4 > len(data):
            cut = _cut(data, filename, end + 16)
            if not there or kind not in _PNG_ENDS:
                raise cut
            return Found(otherwise or cut)
        if kind[:1].isupper() and otherwise is None:
            check = struct.unpack(">I", data[end : end + 4])[0]
            if crc32(data[start - 4 : end]) != check:
                which = f"the checksum of its {kind.decode()} chunk at byte {start - 8:,} is wrong"
                otherwise = _damaged(filename, which)
                if kind != b"IDAT":
                    raise otherwise
        if kind == b"IEND":
            return Found(otherwise)
    return Found(otherwise or ends_early(len(data), filename)) if there else _truncated(data, filename)


def _webp(data: mmap.mmap, filename: str) -> None:
    needed = struct.unpack("<I", data[4:8])[0] + 8
    if needed > len(data):
        _truncated(data, filename, needed)
    position = 12
    while position + 8 <= needed:
        kind, length = struct.unpack("<4sI", data[position : position + 8])
        if kind in _WEBP_IMAGES:
            _check_coded(data, filename, position, position + 8 + length)
        position += _FRAME_HEADER if kind == b"ANMF" else 8 + length + length % 2


def _check_coded(data: mmap.mmap, filename: str, start: int, end: int) -> None:
    """Find what a copy or a recovery has lost of an image whose coding has no such runs, nor any check."""
    if (at := data.find(_LOST, start, end)) >= 0:
        _corrupt(filename, f"its image data are zeros from byte {at:,} on")


def _tiff(data: mmap.mmap, filename: str) -> None:
    reader = tiff.Tiff(data)
    try:
        directories = list(reader.directories())
        ends = [
            offset + min(count, reader.most_bytes(directory))
            for directory in directories
            for offsets, counts in tiff.PIECES
            for offset, count in zip(
                reader.integers(directory, offsets), reader.integers(directory, counts), strict=False
            )
        ]
    except tiff.OutsideFile as outside:
        _truncated(data, filename, outside.needed)
    if not directories:
        _corrupt(filename, "a TIFF without a page")
    if max(ends, default=0) > len(data):
        _truncated(data, filename, max(ends))


def _raw(data: mmap.mmap, filename: str) -> None:
    """Check what the format says of its extent; what says nothing is left to LibRaw."""
    if data[:15] == b"FUJIFILMCCD-RAW":
        _raf(data, filename)
    elif data[4:8] == b"ftyp":
        _iso_boxes(data, filename)
    elif data[:4] == b"IIU\x00":
        _rw2(data, filename)
    elif data[:4] in tiff.HEADERS or data[:3] in (b"IIR", b"MMO"):
        _tiff(data, filename)


def _raf(data: mmap.mmap, filename: str) -> None:
    """Fujifilm's header has, from byte 84, offset and length of the preview, of tags and of the RAW data."""
    numbers = struct.unpack(">6I", data[84:108])
    needed = max(offset + length for offset, length in zip(numbers[::2], numbers[1::2], strict=True))
    if needed > len(data):
        _truncated(data, filename, needed)


def _rw2(data: mmap.mmap, filename: str) -> None:
    """Check that Panasonic's sensor data are there; its byte counts are of what is packed, in some models.

    They are blocks of 16 bytes for as many pixels as the packing says, 14 at most. LibRaw turns what is
    missing into noise. A packing that it has learned later may need less.
    """
    reader = tiff.Tiff(data)
    try:
        page = next(reader.pages(), None)
        if page is None:
            _corrupt(filename, "there is no directory in it")

        def said(tag: int, otherwise: int) -> int:
            return next(iter(reader.integers(page, tag)), otherwise)

        packing, bits = said(_RAW_FORMAT, 0), said(_RAW_BITS, 12)
        start = said(_RAW_OFFSET, said(tiff.STRIP_OFFSETS, 0))
        across, down = said(_RAW_WIDTH, 0), said(_RAW_HEIGHT, 0)
    except tiff.OutsideFile as outside:
        _truncated(data, filename, outside.needed)
    if packing <= max(_PIXELS_PER_BLOCK)[0]:
        needed = start + across // _PIXELS_PER_BLOCK.get((packing, bits), 14) * 16 * down - _RAW_SLACK
        if needed > len(data):
            _truncated(data, filename, needed)


def _iso_media(data: mmap.mmap, filename: str) -> None:
    kinds = _iso_boxes(data, filename)
    if b"moov" in kinds and not kinds & _STILLS:
        raise UnsupportedFormat(
            f"{filename} is an image sequence without a still picture. Export a picture of it as JPEG."
        )
    if not kinds & _STILLS:
        _truncated(data, filename)


def _iso_boxes(data: mmap.mmap, filename: str) -> set[bytes]:
    """Check that the boxes, and the items of HEIF, lie in the file; return which kinds of boxes there are."""
    kinds: set[bytes] = set()
    for box in boxes(data, 0, len(data)):
        if box.end > len(data):
            if kinds & _STILLS and box.kind not in _LARGE_BOXES:
                break  # a trailer that looks like a box; where the items end is known already
            _truncated(data, filename, box.end)
        kinds.add(box.kind)
        if box.kind == b"meta":
            _check_items(data, data[box.start : box.end], filename)
    return kinds


def _check_items(data: mmap.mmap, meta: bytes, filename: str) -> None:
    """Check that all items that lie in the file itself are there, by the body of its `meta` box."""
    try:
        items = items_of(meta)
    except ValueError as error:
        _corrupt(filename, f"of the table of its items, {error}")
    places = {item: place.extents for item, place in items.places.items() if place.method == 0}
    needed = max((offset + length for each in places.values() for offset, length in each), default=0)
    if needed > len(data):
        _truncated(data, filename, needed)
    coded = [each for item, extents in places.items() if items.kinds.get(item) == b"hvc1" for each in extents]
    if sum(length for _, length in coded) <= len(data):  # else they overlap, which takes any time to look at
        for offset, length in coded:
            _check_coded(data, filename, offset, offset + length)


def _gif(data: mmap.mmap, filename: str) -> None:
    images: list[gif.Frame] = []
    try:
        images.extend(gif.frames(data))
    except gif.CutShort:
        _truncated(data, filename)
    except gif.Astray:
        if images and not gif.holds_all(data, images[0]):
            _corrupt(filename, "its image data end early")
    if not images:
        _corrupt(filename, "a GIF without a picture")


def _bmp(data: mmap.mmap, filename: str) -> None:
    bmp.size_in(data)  # what follows is left to the decoder


def _jpeg_2000(data: mmap.mmap, filename: str) -> None:
    jpeg2000.size_in(data)
    if data[:4] != jpeg2000.CODESTREAM:
        _boxes_end(data, filename)


def _jpeg_xl(data: mmap.mmap, filename: str) -> None:
    jpegxl.size_in(data)
    if data[:2] != jpegxl.CODESTREAM:
        _boxes_end(data, filename)


def _boxes_end(data: mmap.mmap, filename: str) -> None:
    end = max(box.end for box in boxes(data, 0, len(data)))
    if end > len(data):
        _truncated(data, filename, end)


def _photoshop(data: mmap.mmap, filename: str) -> None:
    try:
        document = photoshop.document_in(data)
    except photoshop.CutShort as cut:
        _truncated(data, filename, cut.needed)
    if not document.merged:
        raise UnsupportedFormat(
            f"{filename} is a Photoshop document that was saved without its flattened picture. Save it with "
            '"Maximize Compatibility", or export it as JPEG, PNG or TIFF.'
        )
    if not document.strips:
        raise UnsupportedFormat(
            f"{filename} is a Photoshop document of a kind that cannot be read, like Multichannel. "
            "Save a copy as JPEG, PNG or TIFF."
        )


_CHECKS: dict[str, Callable[[mmap.mmap, str], Found | None]] = {
    sniff.JPEG.name: _jpeg,
    sniff.PNG.name: _png,
    sniff.WEBP.name: _webp,
    sniff.TIFF.name: _tiff,
    sniff.HEIC.name: _iso_media,
    sniff.HEIF.name: _iso_media,
    sniff.AVIF.name: _iso_media,
    sniff.GIF.name: _gif,
    sniff.BMP.name: _bmp,
    sniff.JPEG_2000.name: _jpeg_2000,
    sniff.JPEG_XL.name: _jpeg_xl,
    sniff.PHOTOSHOP.name: _photoshop,
    sniff.RAW: _raw,
}
