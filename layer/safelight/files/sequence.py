"""Makes a still of the first frame of an AVIF sequence that brings none (ISO/IEC 14496-12 and 23008-12)."""

import struct

from safelight.files.boxes import Box, boxes, items_in
from safelight.files.seekable import Seekable, read_at, size_of

_TO_SAMPLES = b"mdia", b"minf", b"stbl"
_PICTURES = b"pict", b"vide"
_ENTRY_BYTES = 78
"""Those of a visual sample entry before the boxes in it (14496-12, 12.1.3)."""

_MAX_ENTRY_BYTES = 16 * 1024 * 1024
_KEPT = b"av1C", b"colr", b"pixi", b"clli", b"mdcv"


def still_in(file: Seekable) -> bytes | None:
    """Return an AVIF file of the first frame; None where `file` has a still, or no track of AV1 pictures."""
    film = next((box for box in boxes(file, 0, size_of(file)) if box.kind == b"moov"), None)
    if film is None or _has_still(file):
        return None
    for track in boxes(file, film.start, film.end):
        still = _still_of(file, track) if track.kind == b"trak" else None
        if still:
            return still
    return None


def _has_still(file: Seekable) -> bool:
    try:
        return items_in(file).primary != 0
    except ValueError:  # a damaged table is no missing one
        return True


def _still_of(file: Seekable, track: Box) -> bytes | None:
    inside = _inside(file, track)
    for kind in _TO_SAMPLES:
        if kind not in inside:
            return None
        if kind == b"minf" and _body(file, inside.get(b"hdlr"))[8:12] not in _PICTURES:
            return None
        inside = _inside(file, inside[kind])
    entry = _body(file, inside.get(b"stsd"))[8:]
    sizes = _body(file, inside.get(b"stsz"))
    at = _body(file, inside.get(b"stco"))[8:12] or _body(file, inside.get(b"co64"))[8:16]
    if entry[4:8] != b"av01" or len(entry) < _ENTRY_BYTES or len(sizes) < 12 or not at:
        return None
    size = int.from_bytes(sizes[4:8], "big") or int.from_bytes(sizes[12:16], "big")
    frame = read_at(file, int.from_bytes(at, "big"), size)
    return _file(entry[8 : int.from_bytes(entry[:4], "big")], frame) if len(frame) == size else None


def _inside(file: Seekable, box: Box) -> dict[bytes, Box]:
    return {each.kind: each for each in boxes(file, box.start, box.end)}


def _body(file: Seekable, box: Box | None) -> bytes:
    return read_at(file, box.start, min(box.length, _MAX_ENTRY_BYTES)) if box else b""


def _file(entry: bytes, frame: bytes) -> bytes:
    """Return an AVIF file whose only item is `frame`, with what the sample `entry` says of it."""
    width, height = struct.unpack(">HH", entry[24:28])
    properties = [_box(b"ispe", struct.pack(">III", 0, width, height))]
    position = _ENTRY_BYTES
    while len(head := entry[position : position + 8]) == 8:
        length, kind = struct.unpack(">I4s", head)
        if length < 8:
            break
        if kind in _KEPT:
            properties.append(entry[position : position + length])
        position += length
    associations = bytes(range(1, len(properties) + 1))
    linked = struct.pack(">IIHB", 0, 1, 1, len(associations)) + associations
    described = _box(b"iprp", _box(b"ipco", b"".join(properties)) + _box(b"ipma", linked))
    handler = _box(b"hdlr", struct.pack(">II4s12xB", 0, 0, b"pict", 0))
    item = _box(b"infe", struct.pack(">IHH4sB", 2 << 24, 1, 0, b"av01", 0))
    items = _box(b"pitm", struct.pack(">IH", 0, 1)) + _box(b"iinf", struct.pack(">IH", 0, 1) + item)
    start = _box(b"ftyp", b"avif" + bytes(4) + b"avifmif1miaf")

    def meta(at: int) -> bytes:
        place = struct.pack(">IBBHHHHII", 0, 0x44, 0, 1, 1, 0, 1, at, len(frame))
        return _box(b"meta", bytes(4) + handler + items + _box(b"iloc", place) + described)

    return start + meta(len(start) + len(meta(0)) + 8) + _box(b"mdat", frame)


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body
