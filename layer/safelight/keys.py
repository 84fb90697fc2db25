"""The one owner of the layout of keys, identifiers and URLs.

Originals lie at `<album>/<filename>`, albums of any depth; renditions below `renditions/`, by the key
template of their preset. The version in them is of this photo, this upload and this preset alone, and
unguessable: no execution touches another's pixels, a URL never changes what it shows, and knowing the name of
an album opens nothing. Keys are as users wrote them: nothing here changes a character. What people read of
a key, its album and its filename, is in Unicode's NFC, so that the two spellings of an é, which some systems'
names differ in, are one album and one filename.
Working masters lie at `masters/<execution>` in the renditions bucket, for as long as they are rendered
from; what is served to the public is below `renditions/` and `exports/` alone.
"""

import hashlib
import re
import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode
from urllib.parse import quote

MAX_KEY_BYTES = 1024
"""The longest key that Amazon S3 accepts, in bytes of UTF-8 (Amazon S3 User Guide, object keys)."""

MAX_TIMELINE_BYTES = 1024
"""The longest value that an index of DynamoDB sorts by (Amazon DynamoDB Developer Guide, quotas)."""

UNFILED = "unfiled"
"""The album of an original that lies at the top of the bucket."""

PAGES = 64
"""Over how many records the photos of one day of an album are spread; one holds 400 KB, some 1,900 photos."""

RENDITION_TEMPLATE = "{album}/{filename}/{version}/{name}.{extension}"
"""Where renditions lie below `renditions/`, unless their preset says otherwise."""

VERSION_CHARACTERS = 22
"""How long the version in a rendition's key is: 16 bytes in base64url, which nobody guesses."""

MAX_NAME_BYTES = 32
"""The longest name of a rendition."""

MAX_TEMPLATE_BYTES = 200
"""The longest key template; what it leaves of a key is for the album and the filename."""

SIDECAR_SUFFIX = ".xmp"
"""What the keys of sidecars end with; in the originals bucket nothing else does, and no photo."""

_NO_PHOTOS = frozenset({"thumbs.db", "desktop.ini", "@eadir"})
_NO_PHOTO_SUFFIXES = (".aae", ".html", ".json")
"""What lies beside photos: previews, settings of folders, edits that Apple alone reads, what Google tells."""

_OF_NO_PHOTO = ("/", SIDECAR_SUFFIX, "malware-protection-resource-validation-object")
"""What the keys end with of folders' marks, of sidecars, and of what GuardDuty lays into a bucket once."""

_PREFIX = "renditions/"
_LONGEST_EXTENSION_BYTES = 4
_PLACEHOLDERS = ("album", "filename", "version", "name", "extension")
_FOLDED = frozenset({"", ".", ".."})
"""The parts of a path that mean another path."""


def composed(name: str) -> str:
    """Return `name` in NFC: two names that people read as the same are the same (Unicode, UAX #15)."""
    return unicodedata.normalize("NFC", name)


def decomposed(name: str) -> str:
    """Return `name` in NFD, as some systems write it: what people read as `composed` says is the same."""
    return unicodedata.normalize("NFD", name)


def album_of(key: str) -> str:
    """Return the album of the original at `key`: its folder, or `unfiled` at the top of the bucket.

    It is cut to the length of a key, since records' ids and the index hold it: some rare letters are longer
    in NFC.
    """
    return _cut(composed(key.rpartition("/")[0]), MAX_KEY_BYTES) or UNFILED


def filename_of(key: str) -> str:
    """Return the last part of `key`, as people read it."""
    return composed(key.rpartition("/")[2])


def may_hold_photos(name: str) -> bool:
    """Return whether a file or folder of this name can be a photo, or hold some."""
    lower = name.lower()
    return not (lower.startswith(".") or lower in _NO_PHOTOS or lower.endswith(_NO_PHOTO_SUFFIXES))


def has_record(key: str) -> bool:
    """Return whether what lies at `key` in the originals bucket has a record: no sidecar has, and no mark."""
    return not key.endswith(_OF_NO_PHOTO)


def photo_id(key: str) -> str:
    """Return the id of the record of the original at `key`."""
    return f"photo/{key}"


def public_id(key: str) -> str:
    """Return what the photo at `key` is called in URLs of the API: base64url of the key, without padding."""
    return urlsafe_b64encode(key.encode()).decode().rstrip("=")


def key_of(id_: str) -> str:
    """Return the key of the photo that `public_id` calls so.

    Raises:
        ValueError: no photo is called so.
    """
    key = urlsafe_b64decode(f"{id_}{'=' * (-len(id_) % 4)}").decode()
    if not key or public_id(key) != id_:
        raise ValueError(f"{id_} is no id of a photo.")
    return key


VERSIONS_ID = "secret/versions"
"""The id of the record that holds what makes the versions in the keys of renditions unguessable."""


def memory_record_id(memory_id: str) -> str:
    """Return the id of the record of a memory."""
    return f"memory/{memory_id}"


def album_record_id(album: str) -> str:
    """Return the id of the record that counts the regroupings of an album."""
    return f"album/{album}"


def sidecar_keys(original_key: str) -> tuple[str, str]:
    """Return where the XMP sidecar of the original at `original_key` may lie, the likelier first.

    Adobe's programs write `name.xmp` beside `name.jpg`, darktable and digiKam `name.jpg.xmp`. The longer
    name belongs to one file alone, so it comes first.
    """
    folder, slash, filename = original_key.rpartition("/")
    stem = filename.rpartition(".")[0] or filename
    return f"{original_key}{SIDECAR_SUFFIX}", f"{folder}{slash}{stem}{SIDECAR_SUFFIX}"


def album_entry_id(album: str) -> str:
    """Return the id of the record that lists an album among the others."""
    return f"albums/{album}"


def year_record_id(album: str, year: str) -> str:
    """Return the id of the record of a year of an album: its sessions and memories."""
    return f"year/{year}/{album}"


def day_record_id(album: str, day: str) -> str:
    """Return the id of the record of a day of an album: its photos, summarised by the hour."""
    return f"day/{day}/{album}"


def person_record_id(person_id: str) -> str:
    """Return the id of the record of a person."""
    return f"person/{person_id}"


def face_record_id(face_id: str) -> str:
    """Return the id of the record of a face: whose it is, and where."""
    return f"face/{face_id}"


def sheet_record_id(key: str) -> str:
    """Return the id of the record that lists the faces of the photo at `key`, each with its person."""
    return f"faces-of/{key}"


def member_record_id(key: str) -> str:
    """Return the id of the record that says on which day the photo at `key` is counted."""
    return f"member/{key}"


def page_record_id(album: str, day: str, key: str) -> str:
    """Return the id of the page that holds the photo at `key`, among those of a day of an album."""
    return _page(album, day, int(hashlib.sha256(key.encode()).hexdigest(), 16) % PAGES)


def page_record_ids(album: str, day: str) -> tuple[str, ...]:
    """Return the ids of all pages of a day of an album; most of them need not exist."""
    return tuple(_page(album, day, number) for number in range(PAGES))


def faces_record_id(key: str) -> str:
    """Return the id of the record that lists the faces of the photo at `key` in the face collection."""
    return f"faces/{key}"


def spending_record_id(month: str) -> str:
    """Return the id of the record that counts what the vision services cost in a month, as in 2026-11."""
    return f"spending/{month}"


def _page(album: str, day: str, number: int) -> str:
    return f"page/{day}/{number}/{album}"


def template_fault(template: str) -> str | None:
    """Return what a key template does wrong and what to do, or None.

    The version keeps photos apart, and the name their renditions; the rest tells people what they see.
    """
    found = re.findall(r"\{(.*?)\}", template)
    literal = re.sub(r"\{.*?\}", "", template)
    for name in found:
        if name not in _PLACEHOLDERS:
            known = ", ".join(f"{{{each}}}" for each in _PLACEHOLDERS)
            return f"holds {{{name}}}, which is no placeholder. Those that there are: {known}"
    for name in ("version", "name"):
        if name not in found:
            return f"holds no {{{name}}}. Write it, or two photos or renditions would share a key"
    for name in _PLACEHOLDERS:
        if found.count(name) > 1:
            return f"holds {{{name}}} more than once. Write it once"
    if not re.fullmatch(r"[A-Za-z0-9._~/-]*", literal) or len(template) > MAX_TEMPLATE_BYTES:
        return (
            "may hold placeholders, letters, digits and . _ ~ - / alone, "
            f"and {MAX_TEMPLATE_BYTES} characters at most"
        )
    if any(segment in _FOLDED for segment in template.split("/")):
        return "has a part that is empty or of dots alone. Write a plain path that starts without a slash"
    return None


def rendition_key(
    original_key: str, version: str, name: str, extension: str, template: str = RENDITION_TEMPLATE
) -> str:
    """Return where the rendition `name` of a version of the original at `original_key` is stored.

    `version` has `VERSION_CHARACTERS` and is of this photo alone; `template` is one without a
    `template_fault`. Parts of a path that browsers and file systems fold away become `~`. Where album and
    filename leave no room for the rest they are cut, so that the longest key of S3's has renditions too.
    """
    album, filename = (_unfolded(part) for part in (album_of(original_key), filename_of(original_key)))
    literal = re.sub(r"\{.*?\}", "", template)
    room = MAX_KEY_BYTES - len(_PREFIX) - len(literal) - MAX_NAME_BYTES - _LONGEST_EXTENSION_BYTES
    room -= VERSION_CHARACTERS
    if len(album.encode()) + len(filename.encode()) > room:
        filename = _cut(filename, room // 2).rstrip(".") or "~"
        album = _cut(album, room - len(filename.encode())).rstrip("/.") or "~"
    return _PREFIX + template.format(
        album=album, filename=filename, version=version, name=name, extension=extension
    )


def _unfolded(path: str) -> str:
    return "/".join("~" if part in _FOLDED else part for part in path.split("/"))


def _cut(text: str, size: int) -> str:
    return text.encode()[:size].decode(errors="ignore")


def timeline_of(kind: str, key: str) -> str:
    """Return where a record of a `kind` about what is at `key` stands in its partition of the index.

    It is cut to what DynamoDB sorts by: of two keys that long and alike, either may come first.
    """
    return _cut(f"{kind}#{key}", MAX_TIMELINE_BYTES)


INDEX_KEY = "index/library-4.sqlite"
"""Where the index lies in the bucket of renditions, of which the distribution serves nothing.

Where its schema becomes another, so does the number: the file of the new one is made of the table's records.
"""


DROPBOX_CURSOR_ID = "dropbox/cursor"
"""The id of the record that says up to where the changes of a Dropbox were looked at."""

EXPORTS = "exports/"
"""What the keys of archives start with, which the distribution serves to who has their links."""

MOST_ARCHIVE_GIGABYTES = 40
"""How large an archive is at most: CloudFront sends 50 GB (Amazon CloudFront Developer Guide, quotas)."""

PLANNED_EXPORTS = "planned-exports/"
"""What the keys start with of what the steps of an export leave to one another."""


def renditions_prefix() -> str:
    """Return what the keys of all renditions start with, and no others."""
    return _PREFIX


def master_key(execution: str) -> str:
    """Return where the working master of an execution lies, which is named, or by its ARN.

    No two executions share one, so that neither deletes what the other still reads.
    """
    return f"{masters_prefix()}{execution.rpartition(':')[2]}"


def masters_prefix() -> str:
    """Return what the keys of all working masters start with, and no others."""
    return "masters/"


def url_of(base_url: str, key: str) -> str:
    """Return the URL of the object at `key` below `base_url`, percent-encoded, slashes kept."""
    return f"{base_url.rstrip('/')}/{quote(key, safe='/~')}"
