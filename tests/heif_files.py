"""Changes what a HEIF or AVIF file, as Pillow and pillow-heif write it, says of its pictures."""

import io
import struct

import images
import metadata_files
from safelight.files.boxes import items_in


def with_property(data: bytes, prop: bytes, item: int = 0) -> bytes:
    """The file with one more property of its `item`th picture, the first of all by default."""
    made = bytearray(data)
    container, associations = _box(data, b"ipco"), _box(data, b"ipma")
    index = _count(data, container) + 1
    flags, at = data[associations + 11], associations + 16
    for _ in range(item):
        at += 3 + data[at + 2] * (2 if flags & 1 else 1)
    made[at + 2] += 1
    end = at + 3 + data[at + 2] * (2 if flags & 1 else 1)
    entry = struct.pack(">H", 0x8000 | index) if flags & 1 else bytes([0x80 | index])
    container_end = container + _length(data, container)
    for place, block in sorted(((end, entry), (container_end, prop)), reverse=True):
        made[place:place] = block
    grown = len(prop) + len(entry)
    for kind, more in ((b"meta", grown), (b"iprp", grown), (b"ipco", len(prop)), (b"ipma", len(entry))):
        start = _box(bytes(made), kind)
        made[start : start + 4] = struct.pack(">I", _length(bytes(made), start) + more)
    _move_items(made, grown)
    return bytes(made)


def without_size(data: bytes, item: int) -> bytes:
    """The file with its `item`th picture said to have something else twice, in place of its size."""
    made = bytearray(data)
    at = _box(data, b"ipma") + 16
    for _ in range(item):
        at += 3 + data[at + 2]
    made[at + 3] = made[at + 4]
    return bytes(made)


def _box(data: bytes, kind: bytes) -> int:
    return data.index(kind) - 4


def _length(data: bytes, start: int) -> int:
    return int.from_bytes(data[start : start + 4], "big")


def _count(data: bytes, container: int) -> int:
    at, count = container + 8, 0
    while at < container + _length(data, container):
        at, count = at + _length(data, at), count + 1
    return count


def _move_items(made: bytearray, by: int) -> None:
    """Items lie behind the boxes: `iloc` of version 0 or 1, with offsets, lengths and bases of 4 bytes."""
    start = _box(bytes(made), b"iloc")
    version, sizes, has_base = made[start + 8], made[start + 12], made[start + 13] >> 4 == 4
    assert sizes == 0x44, "other sizes than those that these libraries write"

    def number(at: int, size: int) -> int:
        return int.from_bytes(made[at : at + size], "big")

    def move(at: int) -> None:
        made[at : at + 4] = struct.pack(">I", number(at, 4) + by)

    at = start + 16
    for _ in range(number(start + 14, 2)):
        in_the_file = not version or number(at + 2, 2) & 15 == 0
        at += 6 if version else 4
        if has_base:
            if in_the_file:
                move(at)
            at += 4
        extents, at = number(at, 2), at + 2
        for _ in range(extents):
            if in_the_file and not has_base:
                move(at)
            at += 8


def tiled(across: int) -> bytes:
    """A HEIC whose picture is a grid (ISO/IEC 23008-12, 6.6.2.3) of one tile, so often across and down."""
    side = 64
    single = images.saved(images.picture(side, side), "HEIF", quality=30)
    items = items_in(io.BytesIO(single))
    ((offset, length),) = items.places[items.primary].extents
    (config,) = items.properties_of(items.primary, b"hvcC")
    number, box = across * across, metadata_files.box
    full, last = bytes(4), across * across + 1
    grid = struct.pack(">BBBBII", 0, 1, across - 1, across - 1, side * across, side * across)
    names = [struct.pack(">HH4s", n, 0, b"hvc1" if n < last else b"grid") + b"\0" for n in range(1, last + 1)]
    version_2 = b"\x02\0\0\0"
    size = len(box(b"ftyp", b"heic\0\0\0\0mif1heic"))

    def meta(at: int) -> bytes:
        places = [struct.pack(">HHHII", n, 0, 1, at, length) for n in range(1, last)]
        places.append(struct.pack(">HHHII", last, 0, 1, at + length, len(grid)))
        sizes = (box(b"ispe", full, struct.pack(">II", s, s)) for s in (side, side * across))
        return box(
            b"meta",
            full,
            box(b"hdlr", full, bytes(4) + b"pict" + bytes(13)),
            box(b"pitm", full, struct.pack(">H", last)),
            box(b"iinf", full, struct.pack(">H", last), *(box(b"infe", version_2, name) for name in names)),
            box(
                b"iref",
                full,
                box(
                    b"dimg", struct.pack(">HH", last, number), *(struct.pack(">H", n) for n in range(1, last))
                ),
            ),
            box(
                b"iprp",
                box(b"ipco", box(b"hvcC", config), *sizes),
                box(
                    b"ipma",
                    full,
                    struct.pack(">I", last),
                    *(struct.pack(">HBBB", n, 2, 0x81, 2) for n in range(1, last)),
                    struct.pack(">HBB", last, 1, 3),
                ),
            ),
            box(b"iloc", full, b"\x44\x00", struct.pack(">H", last), *places),
        )

    at = size + len(meta(0)) + 8
    coded = single[offset : offset + length] + grid
    return box(b"ftyp", b"heic\0\0\0\0mif1heic") + meta(at) + box(b"mdat", coded)
