"""Names of albums and files that become keys of originals."""

from typing import Annotated

from pydantic import AfterValidator, Field

from safelight.keys import MAX_KEY_BYTES, composed

_FOLDED = frozenset({"", ".", ".."})


def _album(name: str) -> str:
    if any(part in _FOLDED or not part.isprintable() for part in name.split("/")):
        raise ValueError("An album is named by words with slashes between them, and no dots alone.")
    return composed(name)


def _filename(name: str) -> str:
    if "/" in name or name in _FOLDED or not name.isprintable():
        raise ValueError("A file is named without a slash, and not by dots alone.")
    return composed(name)


Album = Annotated[str, Field(min_length=1, max_length=MAX_KEY_BYTES), AfterValidator(_album)]
"""The name of an album, with slashes between it and its sub-albums; in NFC."""

Filename = Annotated[str, Field(min_length=1, max_length=MAX_KEY_BYTES), AfterValidator(_filename)]
"""The name of a file, in NFC."""
