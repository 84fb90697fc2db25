"""Fragmented MP4 (ISO/IEC 14496-12): what FFmpeg writes, cut into a header and segments on one time line."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from film.source import TICKS

_HEADER = struct.Struct(">I4s")


class Fragments(NamedTuple):
    """A track in pieces: its header, and a `moof` with its `mdat` for each group of pictures."""

    header: bytes
    pieces: list[bytes]


class Segment(NamedTuple):
    """A piece of a track that is fetched by itself: when it starts and ends, in ticks, and its bytes."""

    start: int
    end: int
    body: bytes


def split(body: bytes) -> Fragments:
    """Return the pieces of a fragmented MP4."""
    header, pieces, piece = b"", list[bytes](), b""
    for kind, start, end in _boxes(body, 0, len(body)):
        if kind in (b"ftyp", b"moov"):
            header += body[start:end]
        elif kind == b"moof":
            piece = body[start:end]
        elif kind == b"mdat":
            pieces.append(piece + body[start:end])
    return Fragments(header, pieces)


def placed(piece: bytes, moment: int, number: int) -> bytes:
    """Return a piece that is decoded from `moment` on, in its track's own units, as the `number`th of all.

    They stand in `tfdt` (8.8.12) and `mfhd` (8.8.5).
    """
    changed = bytearray(piece)
    for kind, start, _ in within(piece):
        if kind == b"mfhd":
            struct.pack_into(">I", changed, start + 12, number)
        elif kind == b"tfdt":
            if piece[start + 8] == 1:
                struct.pack_into(">Q", changed, start + 12, moment)
            else:
                struct.pack_into(">I", changed, start + 12, moment)
    return bytes(changed)


def sample_count(piece: bytes) -> int:
    """Return how many samples a piece has: frames of pictures or of sound (`trun`, 8.8.8)."""
    counts = [
        struct.unpack_from(">I", piece, start + 12) for kind, start, _ in within(piece) if kind == b"trun"
    ]
    return sum(count for (count,) in counts)


def _boxes(body: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    while start + _HEADER.size <= end:
        size, kind = _HEADER.unpack_from(body, start)
        if size == 1:
            (size,) = struct.unpack_from(">Q", body, start + _HEADER.size)
        size = size or end - start
        yield kind, start, start + size
        start += size


def within(piece: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield the boxes in the `moof` of a piece, and those in their tracks: kind, start and end in bytes."""
    for kind, start, end in _boxes(piece, 0, len(piece)):
        if kind == b"moof":
            for inner, at, until in _boxes(piece, start + 8, end):
                yield inner, at, until
                if inner == b"traf":
                    yield from _boxes(piece, at + 8, until)


def joined(pieces: list[tuple[int, bytes]], starts: list[int], end: int, scale: int = TICKS) -> list[Segment]:
    """Return segments of `pieces`, each with its moment in units of `scale`: one for each of `starts`.

    A piece belongs to the last segment that starts at or before it.
    """
    segments: list[tuple[int, list[bytes]]] = []
    bounds = [start * scale / TICKS for start in starts]
    place = -1
    for moment, body in pieces:
        now = max((number for number, bound in enumerate(bounds) if bound <= moment + 1), default=0)
        if now > place or not segments:
            segments.append((moment, []))
            place = now
        segments[-1][1].append(body)
    moments = [round(moment * TICKS / scale) for moment, _ in segments]
    return [
        Segment(moment, until, b"".join(bodies))
        for moment, until, (_, bodies) in zip(moments, [*moments[1:], end], segments, strict=True)
    ]
