"""Files on this machine as `safelight add` takes them: on disk, in a ZIP archive, or made on the way."""

import hashlib
import stat
import zlib
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Literal, NamedTuple, Protocol
from zipfile import BadZipFile, ZipFile, ZipInfo

from safelight_library.errors import FileUnreadable

CHUNK_BYTES = 1 << 20

_UNREADABLE = (OSError, BadZipFile, EOFError, NotImplementedError, zlib.error)
"""What reading a file may raise, and above all one in an archive that is damaged or packed in a rare way."""


class About(Protocol):
    """How large a file is, in bytes, and when it was last changed, in seconds since 1970."""

    @property
    def st_size(self) -> int:
        """Bytes."""

    @property
    def st_mtime(self) -> float:
        """Seconds since 1970, UTC."""


class File(Protocol):
    """What is asked of a file; a `pathlib.Path` is one."""

    @property
    def name(self) -> str:
        """The last part of its path."""

    @property
    def parent(self) -> Path:
        """Its folder: files of one folder belong together."""

    def open(self, mode: Literal["rb"]) -> IO[bytes]:
        """Open it for reading from its start on."""

    def stat(self) -> About:
        """Return its size and its time."""


class _About(NamedTuple):
    st_size: int
    st_mtime: float


class Zipped:
    """A file in a ZIP archive, which is read where it lies; its path is that of the archive, and its own."""

    def __init__(self, archive: ZipFile, path: Path, entry: ZipInfo) -> None:
        """Take the entry of an open `archive`, to be known by `path`."""
        self._archive, self._path, self._entry = archive, path, entry

    def __str__(self) -> str:
        return str(self._path)

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self._path.name

    @property
    def parent(self) -> Path:
        """The archive, and the folder in it."""
        return self._path.parent

    def open(self, mode: Literal["rb"] = "rb") -> IO[bytes]:
        """Open it for reading; its CRC-32 is checked where its end is read."""
        return self._archive.open(self._entry)

    def stat(self) -> About:
        """Return its size, and the wall clock that the archive tells as its time."""
        try:
            changed = datetime(*self._entry.date_time).timestamp()
        except ValueError:  # archives say month 0 where they know none
            changed = 0.0
        return _About(self._entry.file_size, changed)

    @property
    def crc32(self) -> int:
        """The CRC-32 that the archive tells."""
        return self._entry.CRC


class Made:
    """A file that is made on the way, and lies nowhere."""

    def __init__(self, path: Path, content: bytes) -> None:
        """Have `content` be known by `path`."""
        self._path, self._content = path, content

    def __str__(self) -> str:
        return str(self._path)

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self._path.name

    @property
    def parent(self) -> Path:
        """The folder in which it would lie."""
        return self._path.parent

    def open(self, mode: Literal["rb"] = "rb") -> IO[bytes]:
        """Open it for reading."""
        return BytesIO(self._content)

    def stat(self) -> About:
        """Return its size; it is as old as time, since nobody changed it."""
        return _About(len(self._content), 0.0)


def entries_of(path: Path) -> list[tuple[str, Zipped | str]]:
    """Return the files in a ZIP archive by their names there, or why one is none that can be taken.

    Names that lead out of the archive are not followed anywhere: they would be names of albums.

    Raises:
        FileUnreadable: it is no ZIP archive, it is cut, or its entries are encrypted.
        OSError: it cannot be read.
    """
    try:
        archive = ZipFile(path)
    except (BadZipFile, NotImplementedError, ValueError) as error:
        raise FileUnreadable(f"it is damaged or cut ({error}); download it again") from error
    if any(entry.flag_bits & 1 for entry in archive.infolist()):
        archive.close()
        raise FileUnreadable("it is encrypted; unpack it with its password, and add the folder")
    found: list[tuple[str, Zipped | str]] = []
    for entry in archive.infolist():
        name = _name(entry)
        parts = PurePosixPath(name).parts
        if entry.is_dir() or not parts:
            continue
        if name.startswith("/") or ".." in parts:
            found.append((name, "its name leads out of the archive"))
        elif stat.S_ISLNK(entry.external_attr >> 16):
            found.append((name, "it is a symbolic link"))
        else:
            found.append((name, Zipped(archive, path / name, entry)))
    return found


def _name(entry: ZipInfo) -> str:
    """Return the name of an entry; some programs write UTF-8 without saying so, macOS among them."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode()
    except UnicodeError:
        return entry.filename


def about_of(file: File) -> About:
    """Return the size and the time of a file.

    Raises:
        FileUnreadable
    """
    try:
        return file.stat()
    except OSError as error:
        raise FileUnreadable(unreadable(error)) from error


def crc32_of(file: File) -> int:
    """Return the CRC-32 of a file: what its archive tells, or what its bytes have.

    Raises:
        FileUnreadable
    """
    if isinstance(file, Zipped):
        return file.crc32
    checksum = 0
    for chunk in chunks_of(file):
        checksum = zlib.crc32(chunk, checksum)
    return checksum


def sha256_of(file: File) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits.

    Raises:
        FileUnreadable
    """
    return _digest(file, "sha256")


def md5_of(file: File) -> str:
    """Return the MD5 of a file, in hexadecimal digits, to compare with an ETag.

    Raises:
        FileUnreadable
    """
    return _digest(file, "md5")


def _digest(file: File, name: str) -> str:
    digest = hashlib.new(name, usedforsecurity=False)
    for chunk in chunks_of(file):
        digest.update(chunk)
    return digest.hexdigest()


def chunks_of(file: File, size: int = CHUNK_BYTES) -> Iterator[bytes]:
    """Yield the bytes of a file in pieces of `size`, the last of which may be shorter.

    Raises:
        FileUnreadable: it is gone, locked or damaged.
    """
    try:
        with file.open("rb") as stream:
            while chunk := stream.read(size):
                yield chunk
    except _UNREADABLE as error:
        raise FileUnreadable(unreadable(error)) from error


def unreadable(error: Exception) -> str:
    """Return why a file is left out that cannot be read, as a clause."""
    why = (error.strerror if isinstance(error, OSError) else None) or str(error) or "it ends too soon"
    return f"it cannot be read ({why}); look at its permissions, or copy it again"
