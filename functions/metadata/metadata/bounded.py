"""A file that parsers of hostile bytes may read: every read is bounded, and so is their sum."""

import io
from typing import BinaryIO

BLOCK_BYTES = 64 * 1024
"""The unit in which reading is counted: what one ranged read fetches."""

MAX_BLOCKS = 64
"""How much of a file may be touched, 4 MiB: a depth map in XMP, masks of an editor, an index at the end.

Nearly every real file needs one to four blocks.
"""

MAX_READS = 100_000
"""How often a parser may read: about a second of pure Python; real headers need under 3,000 reads."""

MAX_READ_BYTES = 2 * 1024 * 1024
"""The longest single read, and so the longest block of metadata: editors keep masks of a megabyte in XMP."""

MAX_PROFILE_BYTES = 256 * 1024
"""How much of an ICC profile is read: its name, not its tables."""


def cut(what: str, length: int) -> str:
    """Return the warning of a block of metadata that is longer than what is read of it."""
    return f"{what} was cut: of its {length:,} bytes the first {MAX_READ_BYTES:,} were read."


class HeaderTooLarge(Exception):
    """The file asks for more reading than any honest header does."""


class Header(io.RawIOBase):
    """A read-only view of `source`, which must be seekable.

    A read past `MAX_BLOCKS`, `MAX_READS` or `MAX_READ_BYTES` raises HeaderTooLarge. What `source`
    itself raises is kept in `failure` too: a parser may swallow it, and an outage must not pass for
    a photo without metadata.
    """

    def __init__(self, source: BinaryIO | io.RawIOBase) -> None:
        """View `source` from its start; nothing is read yet."""
        self._source = source
        self._reads = 0
        self._blocks: set[int] = set()
        self.failure: Exception | None = None

    def readable(self) -> bool:  # noqa: D102
        return True

    def seekable(self) -> bool:  # noqa: D102
        return True

    def tell(self) -> int:  # noqa: D102
        return self._source.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:  # noqa: D102
        return self._source.seek(offset, whence)

    def read(self, size: int = -1) -> bytes:
        """Return `size` bytes, or fewer at the end.

        Raises:
            HeaderTooLarge: the parser asks for too much.
        """
        self._reads += 1
        if not 0 <= size <= MAX_READ_BYTES or self._reads > MAX_READS:
            raise HeaderTooLarge(f"a parser asked for {size} bytes in its read number {self._reads}")
        start = self._source.tell()
        self._blocks.update(range(start // BLOCK_BYTES, (start + max(size, 1) - 1) // BLOCK_BYTES + 1))
        if len(self._blocks) > MAX_BLOCKS:
            raise HeaderTooLarge(f"the header is spread over more than {MAX_BLOCKS} blocks of 64 KiB")
        try:
            data: bytes | None = self._source.read(size)
        except Exception as error:
            self.failure = error
            raise
        return data or b""
