"""Reads the directories of a TIFF file (TIFF 6.0, and BigTIFF), classic or big, of either byte order."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from safelight.files.seekable import Seekable, read_at

HEADERS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")

IMAGE_WIDTH, COMPRESSION, PHOTOMETRIC, MAKE, MODEL = 256, 259, 262, 271, 272
STRIP_OFFSETS, STRIP_BYTE_COUNTS, TILE_OFFSETS, TILE_BYTE_COUNTS = 273, 279, 324, 325
SUB_IFDS, DNG_VERSION = 330, 50706

_INTEGERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
_RATIONALS = {5: "II", 10: "ii"}
_SIZES = {
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
}
_MAX_ENTRIES = 4096
_MAX_VALUES = 4_000_000
_MAX_DIRECTORIES = 1000
MAX_SUB_IFDS = 32


class OutsideFile(Exception):
    """Something lies at or behind the end of the file; `needed` is the size in bytes that would hold it."""

    def __init__(self, needed: int) -> None:
        super().__init__(needed)
        self.needed = needed


@dataclass(frozen=True)
class Directory:
    """One IFD: of each tag its type, count, and the offset of its values, in bytes from the start."""

    entries: dict[int, tuple[int, int, int]]
    following: int


class Tiff:
    """The directories of the TIFF `file`; every loop is bounded, whatever the file claims."""

    def __init__(self, file: Seekable) -> None:
        """`file` starts with one of `HEADERS`, or with the header of a RAW format that is built alike."""
        header = read_at(file, 0, 4)
        self._file = file
        self._order = "<" if header[:2] == b"II" else ">"
        self._big = header[2:] in (b"+\x00", b"\x00+")

    def pages(self) -> Iterator[Directory]:
        """Yield the directories of the main chain.

        Raises:
            OutsideFile: a directory lies behind the end of the file.
        """
        offset = self._number("Q", 8) if self._big else self._number("I", 4)
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
        count = self._number("Q" if self._big else "H", offset)
        start, size, inline = (offset + 8, 20, 8) if self._big else (offset + 2, 12, 4)
        entries: dict[int, tuple[int, int, int]] = {}
        for n in range(min(count, _MAX_ENTRIES)):
            at = start + n * size
            tag, kind = self._number("H", at), self._number("H", at + 2)
            number = self._number("Q" if self._big else "I", at + 4)
            value_at = at + size - inline
            if number * _SIZES.get(kind, 1) > inline:
                value_at = self._number("Q" if self._big else "I", value_at)
            entries.setdefault(tag, (kind, number, value_at))
        link = start + count * size
        following = 0 if count > _MAX_ENTRIES else self._number("Q" if self._big else "I", link)
        return Directory(entries, following)

    def integers(self, directory: Directory, tag: int) -> tuple[int, ...]:
        """Return the integers under `tag`: none if it is absent, of another type, or absurdly long.

        Raises:
            OutsideFile: the values lie behind the end of the file.
        """
        kind, count, offset = directory.entries.get(tag, (0, 0, 0))
        if kind not in _INTEGERS or count > _MAX_VALUES:
            return ()
        code = f"{self._order}{count}{_INTEGERS[kind]}"
        return struct.unpack(code, self._slice(offset, struct.calcsize(code)))

    def rational(self, directory: Directory, tag: int) -> float | None:
        """Return the rational number under `tag`, or None if it is absent, of another type, or over zero.

        Raises:
            OutsideFile: it lies behind the end of the file.
        """
        kind, count, offset = directory.entries.get(tag, (0, 0, 0))
        if kind not in _RATIONALS or count < 1:
            return None
        over, under = struct.unpack(self._order + _RATIONALS[kind], self._slice(offset, 8))
        return over / under if under else None

    def text(self, directory: Directory, tag: int) -> str:
        """Return the text under `tag`, at most 64 characters of it; see `integers` for what it raises."""
        kind, count, offset = directory.entries.get(tag, (0, 0, 0))
        if kind != 2:
            return ""
        return self._slice(offset, min(count, 64)).split(b"\x00")[0].decode("latin-1").strip()

    def _number(self, code: str, offset: int) -> int:
        code = self._order + code
        value: int = struct.unpack(code, self._slice(offset, struct.calcsize(code)))[0]
        return value

    def _slice(self, offset: int, size: int) -> bytes:
        found = read_at(self._file, offset, size)
        if len(found) < size:
            raise OutsideFile(offset + size)
        return found
