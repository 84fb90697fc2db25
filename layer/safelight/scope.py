"""What somebody may see who may not see everything. Pure."""

from dataclasses import dataclass

from safelight.keys import album_of


@dataclass(frozen=True)
class Scope:
    """An album with its sub-albums, named in NFC; or photos, by their keys. No scope is everything."""

    album: str | None = None
    keys: frozenset[str] = frozenset()

    def holds(self, key: str) -> bool:
        """Tell whether the photo at `key` may be seen."""
        if self.album is None:
            return key in self.keys
        album = album_of(key)
        return album == self.album or album.startswith(f"{self.album}/")
