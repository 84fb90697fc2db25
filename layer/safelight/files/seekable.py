"""Reads pieces of anything seekable: a mapped file, one in memory, one that is fetched in ranges."""

import io
import sys
from typing import Literal, Protocol


class Seekable(Protocol):
    """A file of bytes that can be read from anywhere."""

    def seek(self, offset: int, whence: Literal[0, 1, 2] = 0, /) -> object:
        """Go to `offset`, counted as `io.IOBase.seek` counts."""

    def tell(self) -> int:
        """Return where the next read starts."""

    def read(self, size: int, /) -> bytes | None:
        """Return the next `size` bytes, or fewer at the end."""


class Part:
    """A piece of `file`, from `start` on to `end`, as a file of its own."""

    def __init__(self, file: Seekable, start: int, end: int) -> None:
        """Begin at the start of the piece; nothing is read."""
        self._file, self._start, self._end = file, start, end
        self._at = 0

    def seek(self, offset: int, whence: Literal[0, 1, 2] = 0, /) -> int:
        """Go to `offset`, counted as `io.IOBase.seek` counts, but never before the start."""
        self._at = max(offset + (0, self._at, self._end - self._start)[whence], 0)
        return self._at

    def tell(self) -> int:
        """Return where the next read starts."""
        return self._at

    def read(self, size: int, /) -> bytes:
        """Return the next `size` bytes, or fewer at the end of the piece."""
        left = self._end - self._start - self._at
        data = read_at(self._file, self._start + self._at, min(size, left)) if left > 0 else b""
        self._at += len(data)
        return data


def size_of(file: Seekable) -> int:
    """Return how many bytes `file` has."""
    file.seek(0, io.SEEK_END)
    return file.tell()


def read_at(file: Seekable, offset: int, size: int) -> bytes:
    """Return `size` bytes of `file` from `offset` on, or fewer where it ends before."""
    try:
        file.seek(offset)
    except (ValueError, OverflowError):  # a mapped file has no place behind its end
        return b""
    return file.read(min(size, sys.maxsize)) or b""
