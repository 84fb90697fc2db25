"""Changes files by their structure: lengths and numbers to their limits, parts lost, repeated and moved."""

import random
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NamedTuple
from zlib import crc32

MOST_BYTES = 2_000_000


class Part(NamedTuple):
    """A segment, chunk, box, entry or block; where its length stands, if anywhere, and as what."""

    start: int
    end: int
    length_at: int = 0
    length_as: str = ""


_CONTAINERS = {b"meta": 12, b"iprp": 8, b"ipco": 8, b"iinf": 14, b"moov": 8, b"trak": 8, b"jp2h": 8}
"""Boxes with boxes in them, and where those begin."""

_EDGES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 63)
_WORDS = (b"\x00" * 8, b"\xff" * 8, b"../", b"\x1b[2J", b"<script>", b"&a;", b"\r\n", "\ud7ff\u202e".encode())


def parts_of(data: bytes) -> list[Part]:
    """Return the parts of a file of any format that has some."""
    found = []
    with suppress(struct.error, IndexError):  # a mutant of a mutant
        found += [part for part in _parts(data) if part.start <= part.end <= len(data)]
    return found or [Part(0, min(len(data), 64))]


def _parts(data: bytes) -> Iterator[Part]:
    if data[:2] == b"\xff\xd8":
        return _segments(data)
    if data[:4] == b"\x89PNG":
        return _png(data)
    if data[:4] == b"RIFF":
        return _riff(data)
    if data[:3] == b"GIF":
        return _gif(data)
    if data[:4] in (b"II*\x00", b"MM\x00*"):
        return _directories(data)
    if data[:4] == b"8BPS":
        return _sections(data)
    if data[4:8] in (b"ftyp", b"jP  ", b"JXL "):
        return _boxes(data, 0, len(data))
    if data[:4] == b"\xff\x4f\xff\x51":
        return _segments(data)
    return iter(())


def _segments(data: bytes) -> Iterator[Part]:
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        end = at + 2 + struct.unpack_from(">H", data, at + 2)[0]
        yield Part(at, min(end, len(data)), at + 2, ">H")
        if data[at + 1] in (0xDA, 0x93):  # what follows is coded
            yield Part(end, len(data))
            return
        at = end


def _png(data: bytes) -> Iterator[Part]:
    at = 8
    while at + 12 <= len(data):
        end = at + 12 + struct.unpack_from(">I", data, at)[0]
        yield Part(at, min(end, len(data)), at, ">I")
        at = end


def _riff(data: bytes) -> Iterator[Part]:
    at = 12
    while at + 8 <= len(data):
        length = struct.unpack_from("<I", data, at + 4)[0]
        yield Part(at, min(at + 8 + length + length % 2, len(data)), at + 4, "<I")
        at += 24 if data[at : at + 4] == b"ANMF" else 8 + length + length % 2


def _gif(data: bytes) -> Iterator[Part]:
    at = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    yield Part(0, at)
    while at < len(data):
        start = at
        if data[at] == 0x2C:
            at += 11 + (3 << (data[at + 9] & 7) + 1 if data[at + 9] & 0x80 else 0)
        elif data[at] == 0x21:
            at += 2
        else:
            return
        while data[at]:
            at += 1 + data[at]
        at += 1
        yield Part(start, at)


def _directories(data: bytes) -> Iterator[Part]:
    order = "<" if data[:2] == b"II" else ">"
    waiting, seen = [4], set[int]()
    while waiting:
        (at,) = struct.unpack_from(f"{order}I", data, waiting.pop())
        if at in seen or not 0 < at < len(data) - 2:
            continue
        seen.add(at)
        (number,) = struct.unpack_from(f"{order}H", data, at)
        for entry in range(at + 2, at + 2 + 12 * number, 12):
            yield Part(entry, entry + 12, entry + 4, f"{order}I")
            if struct.unpack_from(f"{order}H", data, entry)[0] in (330, 34665, 34853):
                waiting.append(entry + 8)
        waiting.append(at + 2 + 12 * number)


def _sections(data: bytes) -> Iterator[Part]:
    yield Part(0, 26)
    at = 26
    for wide in (False, False, data[5] == 2):
        form = ">Q" if wide else ">I"
        size = struct.calcsize(form)
        end = at + size + struct.unpack_from(form, data, at)[0]
        yield Part(at, min(end, len(data)), at, form)
        at = end
    yield Part(at, min(at + 600, len(data)))


def _boxes(data: bytes, at: int, end: int) -> Iterator[Part]:
    while at + 8 <= end:
        length, kind = struct.unpack_from(">I4s", data, at)
        length = length if length >= 8 else end - at
        yield Part(at, min(at + length, end), at, ">I")
        if kind in _CONTAINERS:
            yield from _boxes(data, at + _CONTAINERS[kind], min(at + length, end))
        at += length


def _set(data: bytearray, at: int, form: str, value: int) -> None:
    size = struct.calcsize(form)
    data[at : at + size] = struct.pack(form, value % (1 << 8 * size))


def _number(data: bytearray, part: Part, chance: random.Random) -> None:
    """Set one of the first numbers of a part, where headers have theirs."""
    form = chance.choice("BHIQ")
    at = chance.randrange(part.start, max(part.start + 1, min(part.end, part.start + 48)))
    if at + 8 <= len(data):
        _set(data, at, chance.choice("<>") + form, chance.choice(_EDGES) + chance.choice((-1, 0, 0, 0, 1)))


def _length(data: bytearray, part: Part, chance: random.Random) -> None:
    if part.length_as:
        near = part.end - part.start + chance.randrange(-16, 16)
        _set(data, part.length_at, part.length_as, chance.choice((*_EDGES, near, near, near)))


def _lose(data: bytearray, part: Part, chance: random.Random) -> None:
    del data[part.start : part.end]


def _repeat(data: bytearray, part: Part, chance: random.Random) -> None:
    whole = bytes(data[part.start : part.end])
    times = min(chance.choice((1, 2, 50, 2000)), (MOST_BYTES - len(data)) // max(len(whole), 1))
    data[part.end : part.end] = whole * max(times, 0)


def _move(data: bytearray, part: Part, chance: random.Random) -> None:
    other = chance.choice(parts_of(bytes(data)))
    whole = bytes(data[part.start : part.end])
    data[other.start : other.start] = whole


def _cut(data: bytearray, part: Part, chance: random.Random) -> None:
    del data[chance.randrange(part.start, len(data) + 1) :]


def _damage(data: bytearray, part: Part, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 1, 3, 20))):
        if part.end > part.start:
            data[chance.randrange(part.start, part.end)] = chance.randrange(256)


def _empty(data: bytearray, part: Part, chance: random.Random) -> None:
    start = chance.randrange(part.start, part.end + 1)
    end = min(part.end, start + chance.choice((4, 64, 4096)))
    data[start:end] = bytes(end - start)


def _say(data: bytearray, part: Part, chance: random.Random) -> None:
    word = chance.choice(_WORDS)
    at = chance.randrange(part.start, part.end + 1)
    data[at : at + len(word)] = word


_MUTATIONS: tuple[Callable[[bytearray, Part, random.Random], None], ...] = (
    *(_number, _number, _number, _number, _length, _length, _damage, _damage),
    *(_lose, _repeat, _move, _cut, _empty, _say),
)


def mutant(seed: bytes, chance: random.Random) -> bytes:
    """Return `seed` with one to four changes. Most checksums of a PNG follow: little gets past wrong ones."""
    data = bytearray(seed)
    for _ in range(chance.choice((1, 1, 2, 4))):
        if data:
            chance.choice(_MUTATIONS)(data, chance.choice(parts_of(bytes(data))), chance)
    if data[:4] == b"\x89PNG" and chance.random() < 0.9:
        for part in parts_of(bytes(data)):
            if part.end - part.start >= 12:
                _set(data, part.end - 4, ">I", crc32(data[part.start + 4 : part.end - 4]))
    return bytes(data[:MOST_BYTES])
