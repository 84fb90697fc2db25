"""Reads the directories of a TIFF file (TIFF 6.0, and BigTIFF), classic or big, of either byte order."""

import io
import mmap
import struct
import sys
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from safelight.files.seekable import Seekable, read_at

HEADERS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")

NEW_SUBFILE_TYPE, SUBFILE_TYPE, IMAGE_WIDTH, IMAGE_LENGTH, BITS_PER_SAMPLE = 254, 255, 256, 257, 258
COMPRESSION, PHOTOMETRIC = 259, 262
MAKE, MODEL, ORIENTATION, SAMPLES_PER_PIXEL, PLANAR = 271, 272, 274, 277, 284
STRIP_OFFSETS, STRIP_BYTE_COUNTS, TILE_OFFSETS, TILE_BYTE_COUNTS = 273, 279, 324, 325
COLOR_MAP, INK_SET, EXTRA_SAMPLES, SAMPLE_FORMAT = 320, 332, 338, 339
YCBCR_COEFFICIENTS, YCBCR_SUBSAMPLING, REFERENCE_BLACK_WHITE = 529, 530, 532
PIECES = (STRIP_OFFSETS, STRIP_BYTE_COUNTS), (TILE_OFFSETS, TILE_BYTE_COUNTS)
"""Where the strips or the tiles of a page lie, and how long they are."""

SUB_IFDS, ICC_PROFILE, DNG_VERSION = 330, 34675, 50706

_REDUCED, _MASK = 1, 4
"""Bits of NewSubfileType: a smaller version of another page, and a mask of transparency for one."""

_OLD_REDUCED = 2
"""What SubfileType, which it has replaced, says of a smaller version."""

_ASCII, _SHORT = 2, 3
_INTEGERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
_RATIONALS = {5: "I", 10: "i"}
SIZES = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
    129: 1,
}
"""How many bytes a value of each type has; 129 is UTF-8 (Exif 3.0, 4.6.2)."""
_MAX_ENTRIES = 4096
_MAX_VALUES = 4_000_000
_MAX_TEXT_BYTES = 64
_MAX_DIRECTORIES = 1000
_MAX_PREFIX = 64
MAX_SUB_IFDS = 32


class OutsideFile(Exception):
    """Something lies at or behind the end of the file; `needed` is the size in bytes that would hold it."""

    def __init__(self, needed: int) -> None:
        super().__init__(needed)
        self.needed = needed


class Entry(NamedTuple):
    """The type of a tag's values, how many there are, and their offset in bytes from the file's start."""

    kind: int
    amount: int
    start: int

    @property
    def length(self) -> int:
        """The length of the values in bytes."""
        return self.amount * SIZES.get(self.kind, 1)


_ABSENT = Entry(0, 0, 0)


class Directory(NamedTuple):
    """One IFD, its entries by their tags; `start` is its offset, `following` that of the next."""

    entries: Mapping[int, Entry]
    start: int
    following: int


class Tiff:
    """The directories of the TIFF `file`; every loop is bounded, whatever the file claims."""

    def __init__(self, file: Seekable) -> None:
        """`file` starts with one of `HEADERS`, or with the header of a RAW format that is built alike."""
        header = read_at(file, 0, 4)
        self._file = file
        self.order = "<" if header[:2] == b"II" else ">"
        big = header[2:] in (b"+\x00", b"\x00+")
        self._counts, self._offsets, self._room, self._first_at = (
            ("Q", "Q", 8, 8) if big else ("H", "I", 4, 4)
        )

    @property
    def header_bytes(self) -> int:
        """Up to where the file's header reaches."""
        return self._first_at + self._room

    def first(self) -> int:
        """Return the offset of the first directory; see `pages` for what it raises."""
        return self._number(self._offsets, self._first_at)

    def pages(self) -> Iterator[Directory]:
        """Yield the directories of the main chain.

        Raises:
            OutsideFile: a directory lies behind the end of the file.
        """
        offset = self.first()
        seen: set[int] = set()
        while offset and offset not in seen and len(seen) < _MAX_DIRECTORIES:
            seen.add(offset)
            directory = self.directory(offset)
            yield directory
            offset = directory.following

    def directories(self) -> Iterator[Directory]:
        """Yield those of the main chain, each followed by its sub-directories; see `pages`."""
        for page in self.pages():
            yield page
            for offset in self.integers(page, SUB_IFDS)[:MAX_SUB_IFDS]:
                yield self.directory(offset)

    def directory(self, offset: int) -> Directory:
        """Return the directory at `offset`; see `pages` for what it raises."""
        entries: dict[int, Entry] = {}
        for tag, entry in self.entries(offset):
            entries.setdefault(tag, entry)
        count, start = self._table(offset)
        if count > _MAX_ENTRIES:
            return Directory(entries, offset, 0)
        return Directory(entries, offset, self._number(self._offsets, start + count * self._entry_bytes))

    def entries(self, offset: int) -> Iterator[tuple[int, Entry]]:
        """Yield tag and entry of the directory at `offset`, in order; see `pages` for what it raises."""
        count, start = self._table(offset)
        code = f"{self.order}HH{self._offsets}{self._offsets}"
        for at in range(start, start + min(count, _MAX_ENTRIES) * self._entry_bytes, self._entry_bytes):
            tag, kind, number, value = struct.unpack(code, self.read(at, self._entry_bytes))
            inside = number * SIZES.get(kind, 1) <= self._room
            yield tag, Entry(kind, number, at + self._entry_bytes - self._room if inside else value)

    @property
    def _entry_bytes(self) -> int:
        return 4 + self._room + self._room

    def _table(self, offset: int) -> tuple[int, int]:
        """Return how many entries the directory at `offset` has, and where they start."""
        return self._number(self._counts, offset), offset + struct.calcsize(self._counts)

    def integers(self, directory: Directory, tag: int) -> tuple[int, ...]:
        """Return the integers under `tag`: none if it is absent, of another type, or absurdly long.

        Raises:
            OutsideFile: the values lie behind the end of the file.
        """
        kind, count, offset = directory.entries.get(tag, _ABSENT)
        if kind not in _INTEGERS or count > _MAX_VALUES:
            return ()
        code = f"{self.order}{count}{_INTEGERS[kind]}"
        return struct.unpack(code, self.read(offset, struct.calcsize(code)))

    def rational(self, directory: Directory, tag: int) -> float | None:
        """Return the first of the fractions under `tag`, or None; see `rationals`."""
        return next(iter(self.rationals(directory, tag)), None)

    def rationals(self, directory: Directory, tag: int) -> tuple[float, ...]:
        """Return the fractions under `tag`: none if it is absent, of another type, or one divides by zero.

        Raises as `integers`.
        """
        kind, count, offset = directory.entries.get(tag, _ABSENT)
        if kind not in _RATIONALS or count > _MAX_VALUES:
            return ()
        code = f"{self.order}{count + count}{_RATIONALS[kind]}"
        numbers = struct.unpack(code, self.read(offset, struct.calcsize(code)))
        pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
        return tuple(over / under for over, under in pairs) if all(under for _, under in pairs) else ()

    def text(self, directory: Directory, tag: int) -> str:
        """Return the text under `tag`, at most 64 characters of it; see `integers` for what it raises."""
        kind, count, offset = directory.entries.get(tag, _ABSENT)
        if kind != _ASCII:
            return ""
        return self.read(offset, min(count, _MAX_TEXT_BYTES)).split(b"\x00")[0].decode("latin-1").strip()

    def bytes_of(self, directory: Directory, tag: int) -> bytes:
        """Return the values under `tag` as they are stored, or nothing; see `integers` for what it raises."""
        entry = directory.entries.get(tag, _ABSENT)
        return self.read(entry.start, entry.length)

    def shown(self) -> Directory | None:
        """Return the page that is the picture: the first that is no thumbnail and no mask of another.

        Where the main chain has none, sub-directories are looked at, too. A file of nothing else has its
        first page shown; None means that it has none. See `pages` for what it raises.
        """
        others = []
        for page in filter(_has_size, self.pages()):
            if self._is_full(page):
                return page
            others.append(page)
        for page in others:
            for offset in self.integers(page, SUB_IFDS)[:MAX_SUB_IFDS]:
                below = self.directory(offset)
                if _has_size(below) and self._is_full(below):
                    return below
        return others[0] if others else None

    def most_bytes(self, page: Directory) -> int:
        """Return how many bytes a piece of `page` has at most, whatever is said of it. Raises as `integers`.

        That is known of pictures that are not compressed: some programs say more than there is.
        """
        width, height, samples, planar = (
            sum(self.integers(page, tag)[:1])
            for tag in (IMAGE_WIDTH, IMAGE_LENGTH, SAMPLES_PER_PIXEL, PLANAR)
        )
        if self.integers(page, COMPRESSION)[:1] != (1,) or TILE_OFFSETS in page.entries:
            return sys.maxsize
        bits = max(self.integers(page, BITS_PER_SAMPLE), default=1)
        return -(-width * (1 if planar == 2 else max(samples, 1)) * bits // 8) * height

    def _is_full(self, page: Directory) -> bool:
        said = sum(self.integers(page, NEW_SUBFILE_TYPE)[:1])
        return not said & (_REDUCED | _MASK) and self.integers(page, SUBFILE_TYPE)[:1] != (_OLD_REDUCED,)

    def keep_alone(
        self, file: mmap.mmap, start: int, entries: Mapping[int, Entry], instead: Mapping[int, int]
    ) -> None:
        """Make the directory at `start` the only one of `file`, with these `entries` alone.

        `file` is a writable copy of this one; under the tags of `instead` there will be one SHORT each.
        There must be no more entries than before.
        """
        packed = []
        for tag in sorted(entries.keys() | instead.keys()):
            kind, count, value_at = entries.get(tag, _ABSENT)
            if tag in instead:
                kind, count, value = _SHORT, 1, struct.pack(self.order + "H", instead[tag])
            elif entries[tag].length <= self._room:
                value = self.read(value_at, entries[tag].length)
            elif value_at >> 8 * self._room:  # that of a plane, beyond what the file can have
                raise OutsideFile(value_at)
            else:
                value = struct.pack(self.order + self._offsets, value_at)
            head = struct.pack(f"{self.order}HH{self._offsets}", tag, kind, count)
            packed.append(head + value.ljust(self._room, b"\x00"))
        body = struct.pack(self.order + self._counts, len(packed)) + b"".join(packed) + bytes(self._room)
        file[start : start + len(body)] = body
        link = struct.pack(self.order + self._offsets, start)
        file[self._first_at : self._first_at + self._room] = link

    def _number(self, code: str, offset: int) -> int:
        code = self.order + code
        value: int = struct.unpack(code, self.read(offset, struct.calcsize(code)))[0]
        return value

    def read(self, offset: int, size: int) -> bytes:
        """Return `size` bytes from `offset` on; see `pages` for what it raises."""
        found = read_at(self._file, offset, size)
        if len(found) < size:
            raise OutsideFile(offset + size)
        return found


def _has_size(page: Directory) -> bool:
    return {IMAGE_WIDTH, IMAGE_LENGTH} <= page.entries.keys()


def header_in(block: bytes) -> int:
    """Return where the TIFF header of an Exif block is, which may have a prefix; -1 without one."""
    return min((block.find(magic) for magic in HEADERS if magic in block[:_MAX_PREFIX]), default=-1)


def exif_orientation(block: bytes) -> int:
    """Return how an Exif block says to turn the image: 1 to 8, 1 if not at all."""
    start = header_in(block)
    if start < 0:
        return 1
    try:
        tiff = Tiff(io.BytesIO(block[start:]))
        value = next((tiff.integers(first, ORIENTATION)[:1] for first in tiff.pages()), ())
    except OutsideFile:
        return 1
    return value[0] if value and 1 <= value[0] <= 8 else 1
