"""Walks the boxes of ISO base media files (ISO/IEC 14496-12), and the items of HEIF and AVIF (23008-12)."""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from safelight.files.seekable import Seekable, read_at, size_of
from safelight.files.tiff import exif_orientation

_DERIVED = frozenset({b"grid", b"iovl", b"iden", b"tmap"})
"""Items that are made of others: tiles, overlays, turned ones, and those with a gain map."""

_OF_APPLE = b"\xa9"
"""The sign of copyright in Mac OS Roman, with which the types of QuickTime's user data begin."""

_MAX_BOXES = 10_000
_MAX_META_BYTES = 16 * 1024 * 1024
_MAX_EXIF_BYTES = 1024 * 1024
_MAX_EXTENTS = 200_000
"""An extent may take no byte of the file, so that the file's size is no bound for their number."""


class Box(NamedTuple):
    """Its type, and offset and length in bytes of its body."""

    kind: bytes
    start: int
    length: int

    @property
    def end(self) -> int:
        """The offset of what follows."""
        return self.start + self.length


def boxes(file: Seekable, start: int, end: int, most: int = _MAX_BOXES) -> Iterator[Box]:
    """Yield each box of `file` between `start` and `end`, `most` of them, until what follows is none.

    The last may reach past `end`.
    """
    position = start
    for _ in range(most):
        head = read_at(file, position, min(16, end - position)) if position < end else b""
        if len(head) < 8:
            return
        length, kind = struct.unpack(">I4s", head[:8])
        body = 8
        if length == 1 and len(head) == 16:
            length, body = struct.unpack(">Q", head[8:])[0], 16
        elif length == 0 and any(kind):
            length = end - position
        if length < body or not kind.removeprefix(_OF_APPLE).isascii():
            return
        yield Box(kind, position + body, length - body)
        position += length


class Place(NamedTuple):
    """Where an item lies: in the file (`method` 0) or in `idat` (1), in extents of (offset, length)."""

    method: int
    extents: tuple[tuple[int, int], ...]


Property = tuple[bytes, bytes]
"""The type of a property, and its body."""


@dataclass(frozen=True)
class Items:
    """What the body of a `meta` box says of the items of a file, by their ids.

    `kinds` are types like `hvc1` or `Exif`, of `mime` items with what media type; `idat` holds the items of
    method 1. `properties` are those of each item, in their order.
    """

    primary: int = 0
    kinds: dict[int, bytes] = field(default_factory=dict)
    places: dict[int, Place] = field(default_factory=dict)
    properties: dict[int, list[Property]] = field(default_factory=dict)
    idat: bytes = b""

    @property
    def coding(self) -> bytes:
        """The type of the coded image that is the primary item, or that it is derived from; or nothing."""
        kind = self.kinds.get(self.primary, b"")
        if kind in _DERIVED:
            return next((each for each in self.kinds.values() if each not in _DERIVED), b"")
        return kind

    def properties_of(self, item: int, kind: bytes) -> list[bytes]:
        """Return the bodies of the properties of type `kind` that `item` has."""
        return [body for name, body in self.properties.get(item, []) if name == kind]


def items_in(file: Seekable) -> Items:
    """Return the items of the HEIF or AVIF `file`: none where it has no `meta` box. Raises as `items_of`."""
    for kind, start, length in boxes(file, 0, size_of(file)):
        if kind == b"meta":
            return items_of(read_at(file, start, min(length, _MAX_META_BYTES)))
    return Items()


def item_start(file: Seekable, items: Items, item: int, most: int) -> bytes:
    """Return the first bytes of an item of the HEIF or AVIF `file`, at most `most` of its first extent."""
    place = items.places.get(item)
    if place is None or not place.extents or place.method > 1:
        return b""
    offset, length = place.extents[0]
    if place.method == 1:
        return items.idat[offset : offset + min(length, most)]
    return read_at(file, offset, min(length or most, most))


def turn_left_to_exif(file: Seekable) -> int:
    """Return how to turn the decoded picture of the HEIF or AVIF `file`, as Exif counts: 1 is not at all.

    The file's own turns, which decoders apply, count alone where there are any (ISO/IEC 23008-12, 6.5.10 and
    6.5.12). Of HEIC without them viewers go by Exif, and so does this; of AVIF browsers do not.
    """
    try:
        items = items_in(file)
    except ValueError:  # a table that decoders may not need
        return 1
    turns = (items.properties_of(items.primary, kind) for kind in (b"irot", b"imir"))
    if items.coding == b"av01" or any(turns):
        return 1
    exif = next((item for item, kind in items.kinds.items() if kind == b"Exif"), 0)
    return exif_orientation(item_start(file, items, exif, _MAX_EXIF_BYTES)[4:])  # behind the header's offset


def items_of(meta: bytes) -> Items:
    """Return the items that the body of a `meta` box describes.

    Raises:
        ValueError: a table ends early, or is absurdly long.
    """
    inside = dict(bodies_in(meta[4:]))
    primary = inside.get(b"pitm", b"")
    container = dict(bodies_in(inside.get(b"iprp", b"")))
    return Items(
        primary=int.from_bytes(primary[4 : 6 if primary[:1] == b"\x00" else 8], "big"),
        kinds=_kinds(inside.get(b"iinf", b"")),
        places=_places(inside[b"iloc"]) if b"iloc" in inside else {},
        properties=_properties(container.get(b"ipma", b""), bodies_in(container.get(b"ipco", b""))),
        idat=inside.get(b"idat", b""),
    )


def bodies_in(data: bytes) -> list[Property]:
    """Return type and body of each box in `data`."""
    return [(box.kind, data[box.start : box.end]) for box in boxes(io.BytesIO(data), 0, len(data))]


def _kinds(iinf: bytes) -> dict[int, bytes]:
    """Read the item information (14496-12, 8.11.6)."""
    kinds: dict[int, bytes] = {}
    for kind, entry in bodies_in(iinf[6 if iinf[:1] == b"\x00" else 8 :]):
        if kind == b"infe" and entry[:1] in (b"\x02", b"\x03"):
            id_end = 6 if entry[0] == 2 else 8
            name, rest = entry[id_end + 2 : id_end + 6], entry[id_end + 6 :]
            if name == b"mime":  # an item name, then the media type
                name += b" " + rest.partition(b"\x00")[2].partition(b"\x00")[0]
            kinds[int.from_bytes(entry[4:id_end], "big")] = name
    return kinds


class _Numbers:
    """The numbers of a table, one after another."""

    def __init__(self, table: bytes) -> None:
        self._stream = io.BytesIO(table)

    def __call__(self, size: int) -> int:
        data = self._stream.read(size)
        if len(data) != size:
            raise ValueError("a table of items ends early")
        return int.from_bytes(data, "big")


def _places(iloc: bytes) -> dict[int, Place]:
    """Read the item locations (14496-12, 8.11.3)."""
    number = _Numbers(iloc)
    version, sizes = number(4) >> 24, number(2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    id_size = 4 if version == 2 else 2
    places: dict[int, Place] = {}
    left = _MAX_EXTENTS
    for _ in range(number(id_size)):
        item = number(id_size)
        method = number(2) & 15 if version else 0
        number(2)
        base, count = number(base_size), number(2)
        left -= count
        if left < 0:
            raise ValueError("more extents than any file has")
        extents = []
        for _ in range(count):
            number(index_size)
            extents.append((base + number(offset_size), number(length_size)))
        places[item] = Place(method, tuple(extents))
    return places


def _properties(ipma: bytes, known: list[Property]) -> dict[int, list[Property]]:
    """Read which properties each item has (23008-12, 9.3)."""
    found: dict[int, list[Property]] = {}
    if not ipma:
        return found
    number = _Numbers(ipma)
    version_and_flags = number(4)
    wide_ids, wide_indexes = version_and_flags >> 24 > 0, version_and_flags & 1
    for _ in range(number(4)):
        associated = found.setdefault(number(4 if wide_ids else 2), [])
        for _ in range(number(1)):
            index = number(2) & 0x7FFF if wide_indexes else number(1) & 0x7F
            if 0 < index <= len(known):
                associated.append(known[index - 1])
    return found
