"""The one owner of the layout of keys, identifiers and URLs.

Originals lie at `<album>/<filename>`, albums of any depth; renditions at
`renditions/<album>/<filename>/<rendition>.<extension>`. The filename keeps its extension, so that
`a.jpg` and `a.heic` never collide. Keys are as users wrote them: nothing here changes a character.
"""

import hashlib
from urllib.parse import quote

MAX_KEY_BYTES = 1024
"""The longest key that Amazon S3 accepts, in bytes of UTF-8 (Amazon S3 User Guide, object keys)."""

UNFILED = "unfiled"
"""The album of an original that lies at the top of the bucket."""

PAGES = 64
"""Over how many records the photos of one day of an album are spread; one holds 400 KB, some 1,900 photos."""

_PREFIX = "renditions/"
_LONGEST_LEAF_BYTES = 64


def album_of(key: str) -> str:
    """Return the album of the original at `key`: its folder, or `unfiled` at the top of the bucket."""
    return key.rpartition("/")[0] or UNFILED


def filename_of(key: str) -> str:
    """Return the last part of `key`."""
    return key.rpartition("/")[2]


def photo_id(key: str) -> str:
    """Return the id of the record of the original at `key`."""
    return f"photo/{key}"


def memory_record_id(memory_id: str) -> str:
    """Return the id of the record of a memory."""
    return f"memory/{memory_id}"


def album_record_id(album: str) -> str:
    """Return the id of the record that counts the regroupings of an album."""
    return f"album/{album}"


def album_entry_id(album: str) -> str:
    """Return the id of the record that lists an album among the others."""
    return f"albums/{album}"


def year_record_id(album: str, year: str) -> str:
    """Return the id of the record of a year of an album: its sessions and memories."""
    return f"year/{year}/{album}"


def day_record_id(album: str, day: str) -> str:
    """Return the id of the record of a day of an album: its photos, summarised by the hour."""
    return f"day/{day}/{album}"


def member_record_id(key: str) -> str:
    """Return the id of the record that says on which day the photo at `key` is counted."""
    return f"member/{key}"


def page_record_id(album: str, day: str, key: str) -> str:
    """Return the id of the page that holds the photo at `key`, among those of a day of an album."""
    return _page(album, day, int(hashlib.sha256(key.encode()).hexdigest(), 16) % PAGES)


def page_record_ids(album: str, day: str) -> tuple[str, ...]:
    """Return the ids of all pages of a day of an album; most of them need not exist."""
    return tuple(_page(album, day, number) for number in range(PAGES))


def _page(album: str, day: str, number: int) -> str:
    return f"page/{day}/{number}/{album}"


def rendition_key(original_key: str, name: str, extension: str) -> str:
    """Return where the rendition `name` of the original at `original_key` is stored.

    A key that leaves no room for the rendition's own part is cut and closed with the start of its
    SHA-256, so that a key of S3's full 1,024 bytes has renditions too and none collide.
    """
    room = MAX_KEY_BYTES - len(_PREFIX) - _LONGEST_LEAF_BYTES
    encoded = original_key.encode()
    if len(encoded) > room:
        digest = hashlib.sha256(encoded).hexdigest()[:32]
        original_key = encoded[: room - 33].decode(errors="ignore") + "~" + digest
    return f"{_PREFIX}{original_key}/{name}.{extension}"


def url_of(base_url: str, key: str) -> str:
    """Return the URL of the object at `key` below `base_url`, percent-encoded, slashes kept."""
    return f"{base_url.rstrip('/')}/{quote(key, safe='/~')}"
