"""Cuts an archive into the parts of a multipart upload. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from export.archive import Piece
from safelight.keys import MOST_ARCHIVE_GIGABYTES

LEAST = 5 << 20
"""The least that a part may have, but the last (Amazon S3 User Guide, multipart upload limits)."""

WRITTEN = 8 << 20
"""What a function holds at once."""

COPIED = 256 << 20
"""What S3 copies in one request, in some seconds."""

MOST_BYTES = MOST_ARCHIVE_GIGABYTES * 1_000_000_000
"""So large an archive never has more than the 10,000 parts that an upload may have."""


@dataclass(frozen=True)
class Part:
    """The bytes of a part; where they lie inside one entry `is_copy` says that S3 can copy them itself."""

    pieces: tuple[Piece, ...]
    is_copy: bool

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return sum(each.size for each in self.pieces)


def parts_of(pieces: Iterable[Piece]) -> Iterator[Part]:
    """Yield the parts of what is made of `pieces`; all but the last have `LEAST` bytes or more."""
    waiting: list[Piece] = []
    size = 0
    for each in pieces:
        rest = each
        lacking = max(0, LEAST - size) if size else 0
        if rest.source is not None and rest.size >= lacking + LEAST:
            taken, rest = _cut(rest, lacking)
            waiting += [taken] if taken.size else []
            if waiting:
                yield Part(tuple(waiting), is_copy=False)
            waiting, size = [], 0
            while rest.size:
                is_last = rest.size < COPIED + LEAST
                copied, rest = _cut(rest, rest.size if is_last else COPIED)
                yield Part((copied,), is_copy=True)
        while rest.size:
            taken, rest = _cut(rest, min(rest.size, WRITTEN - size))
            waiting.append(taken)
            size += taken.size
            if size == WRITTEN:
                yield Part(tuple(waiting), is_copy=False)
                waiting, size = [], 0
    if waiting:
        yield Part(tuple(waiting), is_copy=False)


def _cut(piece: Piece, size: int) -> tuple[Piece, Piece]:
    first = Piece(piece.source, piece.start, size)
    return first, Piece(piece.source, piece.start + size, piece.size - size)
