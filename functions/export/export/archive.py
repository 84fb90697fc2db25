"""The layout of a ZIP archive of stored entries, by their names, sizes and CRC-32 alone. Pure.

Nothing is deflated, since photos are packed already; so each byte's place is known before any is read, and
any part of the archive can be written by itself (PKWARE, APPNOTE.TXT 6.3.10; Info-ZIP, extrafld.txt).
"""

import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from export import checksums

_LIMIT = 0xFFFFFFFF
_MOST_ENTRIES = 0xFFFF
"""What stands in a field of 32 or 16 bits says there that ZIP64's has the number (APPNOTE 4.4.1.4)."""

_PLAIN, _ZIP64 = 20, 45
"""The version of the format that a reader needs: 2.0, or 4.5 for ZIP64."""

_MADE_ON_UNIX = 3 << 8
_UTF8 = 1 << 11
_A_FILE = 0o100644 << 16
_FIRST_YEAR, _LAST_YEAR = 1980, 2107
_LEAST_SECOND, _MOST_SECOND = -(1 << 31), (1 << 31) - 1

_LOCAL, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_END64, _LOCATOR = b"PK\x06\x06", b"PK\x06\x07"
_LONGEST_HEADERS = 30 + 46 + 2 * 9 + 20 + 28
"""All that an entry takes but its bytes, and twice its name."""


@dataclass(frozen=True)
class Entry:
    """A file to store: the `size` and `crc32` of its bytes, which `content` holds where no object does.

    `taken_at` is a wall clock and `instant` a time in UTC, in ISO 8601, or None where that is not known.
    """

    name: str
    size: int
    crc32: int
    taken_at: str | None = None
    instant: str | None = None
    content: bytes | None = None


@dataclass(frozen=True)
class Piece:
    """`size` bytes from `start` on: of the entry that is `source`, or of the literals where that is None."""

    source: int | None
    start: int
    size: int


@dataclass(frozen=True)
class Layout:
    """An archive: the `pieces` that it is made of, in their order, and the `literals` that some are of.

    `size` in bytes and `crc32` are those of the whole archive.
    """

    pieces: list[Piece]
    literals: bytes
    size: int
    crc32: int


def layout(entries: Sequence[Entry]) -> Layout:
    """Return the archive of `entries`; the `source` of a piece is an index into them."""
    made = _Archive()
    directory = bytearray()
    for index, entry in enumerate(entries):
        offset = made.size
        made.add(_local_header(entry))
        if entry.content is None:
            made.refer(index, entry)
        else:
            made.add(entry.content)
        directory += _central_header(entry, offset)
    start = made.size
    made.add(bytes(directory) + _end(len(entries), len(directory), start))
    return made.laid_out()


def split(entries: Iterable[Entry], most: int) -> Iterator[list[Entry]]:
    """Yield the entries of each archive, none of which is larger than `most` bytes, but of one entry."""
    chosen: list[Entry] = []
    size = 0
    for entry in entries:
        takes = entry.size + 2 * len(entry.name.encode()) + _LONGEST_HEADERS
        if chosen and size + takes > most:
            yield chosen
            chosen, size = [], 0
        chosen.append(entry)
        size += takes
    if chosen:
        yield chosen


class _Archive:
    """An archive as it grows; what follows one another among the literals is one piece."""

    def __init__(self) -> None:
        self.size = 0
        self._pieces: list[Piece] = []
        self._literals = bytearray()
        self._begun = 0
        self._crc32 = 0

    def add(self, literal: bytes) -> None:
        self._literals += literal
        self.size += len(literal)

    def refer(self, source: int, entry: Entry) -> None:
        if entry.size:
            self._end_literal()
            self._pieces.append(Piece(source, 0, entry.size))
            self._crc32 = checksums.combined(self._crc32, entry.crc32, entry.size)
            self.size += entry.size

    def laid_out(self) -> Layout:
        self._end_literal()
        return Layout(self._pieces, bytes(self._literals), self.size, self._crc32)

    def _end_literal(self) -> None:
        if size := len(self._literals) - self._begun:
            self._pieces.append(Piece(None, self._begun, size))
            crc32 = zlib.crc32(memoryview(self._literals)[self._begun :])
            self._crc32 = checksums.combined(self._crc32, crc32, size)
            self._begun += size


def _local_header(entry: Entry) -> bytes:
    name, is_large = entry.name.encode(), entry.size >= _LIMIT
    extra = struct.pack("<HHQQ", 1, 16, entry.size, entry.size) if is_large else b""
    extra += _modified(entry)
    size = _LIMIT if is_large else entry.size
    needed = _ZIP64 if is_large else _PLAIN
    fields = (needed, _UTF8, 0, *_dos_time(entry.taken_at), entry.crc32, size, size, len(name), len(extra))
    return _LOCAL + struct.pack("<5H3L2H", *fields) + name + extra


def _central_header(entry: Entry, offset: int) -> bytes:
    name, is_large, is_far = entry.name.encode(), entry.size >= _LIMIT, offset >= _LIMIT
    large = [entry.size, entry.size] if is_large else []
    large += [offset] if is_far else []
    extra = struct.pack(f"<HH{len(large)}Q", 1, 8 * len(large), *large) if large else b""
    extra += _modified(entry)
    size = _LIMIT if is_large else entry.size
    needed = _ZIP64 if large else _PLAIN
    fields = (_MADE_ON_UNIX | _ZIP64, needed, _UTF8, 0, *_dos_time(entry.taken_at), entry.crc32, size, size)
    rest = (len(name), len(extra), 0, 0, 0, _A_FILE, _LIMIT if is_far else offset)
    return _CENTRAL + struct.pack("<6H3L", *fields) + struct.pack("<5H2L", *rest) + name + extra


def _end(count: int, size: int, start: int) -> bytes:
    """Return what ends an archive whose central directory, of `size` bytes, starts at `start`."""
    ends = b""
    if count >= _MOST_ENTRIES or size >= _LIMIT or start >= _LIMIT:
        versions = (_MADE_ON_UNIX | _ZIP64, _ZIP64)
        ends += _END64 + struct.pack("<Q2H2L4Q", 44, *versions, 0, 0, count, count, size, start)
        ends += _LOCATOR + struct.pack("<LQL", 0, start + size, 1)
    few = min(count, _MOST_ENTRIES)
    return ends + _END + struct.pack("<4H2LH", 0, 0, few, few, min(size, _LIMIT), min(start, _LIMIT), 0)


def _dos_time(taken_at: str | None) -> tuple[int, int]:
    """Return the time and the date of a wall clock as DOS has them, to two seconds, from 1980 to 2107."""
    when = datetime.fromisoformat(taken_at) if taken_at else datetime(_FIRST_YEAR, 1, 1)
    if when.year < _FIRST_YEAR:
        when = datetime(_FIRST_YEAR, 1, 1)
    elif when.year > _LAST_YEAR:
        when = datetime(_LAST_YEAR, 12, 31, 23, 59, 58)
    time = when.hour << 11 | when.minute << 5 | when.second // 2
    return time, (when.year - _FIRST_YEAR) << 9 | when.month << 5 | when.day


def _modified(entry: Entry) -> bytes:
    """Return the field that says when in UTC (Info-ZIP's UT); without it the wall clock holds alone."""
    if not entry.instant:
        return b""
    seconds = int(datetime.fromisoformat(entry.instant).timestamp())
    if not _LEAST_SECOND <= seconds <= _MOST_SECOND:
        return b""
    return struct.pack("<HHBl", 0x5455, 5, 1, seconds)
