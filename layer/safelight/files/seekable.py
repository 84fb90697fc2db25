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
