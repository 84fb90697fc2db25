"""What changed since a checkpoint."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO


class Journal:
    """What changed since a checkpoint, a line of JSON each, in numbered files."""

    def __init__(
        self, directory: Path, encode: Callable[[Any], bytes], decode: Callable[[bytes], Any]
    ) -> None:
        """Keep it in `directory`; `encode` gives JSON without line breaks."""
        directory.mkdir(exist_ok=True)
        self.lock = threading.RLock()
        self._directory, self._encode, self._decode = directory, encode, decode
        self._file: BinaryIO | None = None

    def append(self, change: Any) -> None:
        """Have a change on the disk; what is changed before the first `turn` is not kept."""
        with self.lock:
            if self._file:
                self._file.write(self._encode(change) + b"\n")
                self._file.flush()
                os.fsync(self._file.fileno())

    def changes(self) -> Iterator[Any]:
        """Yield all changes, the oldest first; the last line of a file may be cut short, and is none."""
        for number in self._numbers():
            for line in self._path(number).read_bytes().split(b"\n")[:-1]:
                yield self._decode(line)

    def turn(self) -> int:
        """Write to the next file from now on, and return its number."""
        with self.lock:
            number = max(self._numbers(), default=0) + 1
            if self._file:
                self._file.close()
            self._file = self._path(number).open("ab")
            return number

    def size(self) -> int:
        """Return how many bytes there are."""
        return sum(self._path(number).stat().st_size for number in self._numbers())

    def forget(self, before: int) -> None:
        """Delete the files of smaller numbers."""
        for number in self._numbers():
            if number < before:
                self._path(number).unlink()

    def _numbers(self) -> list[int]:
        return sorted(int(path.stem) for path in self._directory.glob("*.jsonl"))

    def _path(self, number: int) -> Path:
        return self._directory / f"{number}.jsonl"
