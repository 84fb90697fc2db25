"""What photos are called in an archive: names that every system can write, and no two alike. Pure."""

import re

from safelight.keys import composed

_UNWRITABLE = re.compile(r'[\x00-\x1f\x7f<>:"\\|?*]')
"""What Windows takes in no name (Microsoft, Naming Files, Paths, and Namespaces)."""

_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)
_LONGEST_BYTES = 240
"""File systems take 255 bytes; a number and the suffix of a sidecar find room."""


class Names:
    """Names in one archive; no two differ in case or spelling alone, and none is another's folder."""

    def __init__(self) -> None:
        """Begin without any."""
        self._files: set[str] = set()
        self._folders: set[str] = set()
        self._next: dict[str, int] = {}

    def given(self, path: str) -> str:
        """Return the name of a file that would be called `path`, with slashes between folders."""
        *folders, filename = (_writable(part) for part in path.split("/"))
        folder = ""
        for each in folders:
            folder = f"{self._folder(folder + each)}/"
        stem, dot, extension = filename.rpartition(".")
        if not stem:
            stem, dot, extension = filename, "", ""
        wish, name = _same(folder + filename), folder + filename
        number = self._next.get(wish, 2)
        while _same(name) in self._files or _same(name) in self._folders:
            name = f"{folder}{stem} ({number}){dot}{extension}"
            number += 1
        self._next[wish] = number
        self._files.add(_same(name))
        return name

    def _folder(self, name: str) -> str:
        while _same(name) in self._files:
            name = f"{name} (folder)"
        self._folders.add(_same(name))
        return name


def _same(name: str) -> str:
    """Return what names have in common that a file system may take for one."""
    return composed(composed(name).casefold())


def _writable(part: str) -> str:
    part = _UNWRITABLE.sub("_", composed(part)).rstrip(". ").lstrip(" ") or "_"
    if _RESERVED.match(part):
        part = f"_{part}"
    stem, dot, extension = part.rpartition(".")
    if len(part.encode()) > _LONGEST_BYTES:
        extension = f"{dot}{extension}" if stem and len(extension) < 10 else ""
        room = _LONGEST_BYTES - len(extension.encode())
        part = part.encode()[:room].decode(errors="ignore").rstrip(". ") + extension
    return part
