"""Puts the JSON files of a Google Takeout back to their photos, as XMP sidecars. Pure.

Google Photos exports each photo with a JSON file that says what people and Google know of it. Nothing but the
names tells which belongs to which, and they are cut, counted and changed on the way: the rules are those that
immich-go (`adapters/googlePhotos`) and ente (pull request 4956) have found in many exports.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

from safelight.keys import SIDECAR_SUFFIX
from safelight.xmp import TAKEOUT, Array, degrees, packet
from safelight_library.errors import FileUnreadable
from safelight_library.files import File, Made, about_of, chunks_of, crc32_of
from safelight_library.uploads import LeftOut

MAX_JSON_BYTES = 1 << 20
"""No JSON file of Google's is longer by far."""

_JSON = ".json"
_SUPPLEMENT = "supplemental-metadata"
_CUT = 45
"""From how many units of UTF-16 on a name in the name of a JSON file may be cut: Google cuts at 46, which may
fall into a letter of two."""

_COUNTED = re.compile(r"(.*)\((\d+)\)(\.[^.]*)?$", re.DOTALL)
_SINCE_1970 = datetime(1970, 1, 1, tzinfo=UTC)
_FAVOURITE = 5

Named = tuple[str, File]
"""A file, and its path in what was named: an archive, or a folder."""


@dataclass
class Arranged:
    """Files with the paths that they are to have in their album, and what is not among them."""

    files: list[Named] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    in_albums: int = 0
    """How many photos lie in an album of the Takeout besides, and are taken from there alone."""
    in_trash: int = 0


def arranged(files: Sequence[Named]) -> Arranged:
    """Return `files` as they are to be added; JSON files are read, and never added.

    Of a Takeout, all parts of which are in `files`, each album is a folder of its own, called as its people
    call it; a photo that lies in one is not taken from the year's folder again; and each photo has a sidecar
    with what its JSON file says. All else stays as it is.
    """
    photos = [each for each in files if not is_json(each[0])]
    jsons = [each for each in files if is_json(each[0])]
    result, told = Arranged(), dict[str, Mapping[str, Any]]()
    damaged: list[LeftOut] = []
    for name, file in jsons:
        try:
            told[name] = _read(file)
        except FileUnreadable as error:
            damaged.append(LeftOut(file, str(error)))
    roots = {_folder(_folder(name)) for name, said in told.items() if _is_of_photo(said)}
    if not roots:
        return Arranged(photos)
    result.left_out = damaged
    albums = {_folder(name): title for name, said in told.items() if (title := _album(said))}
    beside = _Beside({name: said for name, said in told.items() if _is_of_photo(said)})
    twins = _Twins(each for each in photos if _folder(each[0]) in albums)
    lie = {name.lower() for name, _ in photos}
    for name, file in photos:
        folder, _, filename = name.rpartition("/")
        said = beside.of(name)
        try:
            if folder not in albums and _folder(folder) in roots and twins.hold(file):
                result.in_albums += 1
                continue
        except FileUnreadable as error:
            result.left_out.append(LeftOut(file, str(error)))
            continue
        if said and said.get("trashed") is True:
            result.in_trash += 1
            continue
        place = f"{albums.get(folder) or PurePosixPath(folder).name}/{filename}"
        place = place.lstrip("/") if _folder(folder) in roots else name
        result.files.append((place, file))
        if said and not lie & {f"{name}{SIDECAR_SUFFIX}".lower(), f"{_stem(name)}{SIDECAR_SUFFIX}".lower()}:
            sidecar = Made(file.parent / f"{filename}{SIDECAR_SUFFIX}", sidecar_of(said))
            result.files.append((f"{place}{SIDECAR_SUFFIX}", sidecar))
    return result


def sidecar_of(said: Mapping[str, Any]) -> bytes:
    """Return the XMP sidecar of what a JSON file of Google's says of its photo.

    The time is an instant in UTC. A position of 0, 0 is one that is not known.
    """
    where = _place(said.get("geoData")) or _place(said.get("geoDataExif")) or {}
    altitude = _number(where.get("altitude"))
    people = said.get("people")
    names = [it.get("name") for it in people if isinstance(it, dict)] if isinstance(people, list) else []
    words = said.get("description")
    written = isinstance(words, str) and words.strip()
    return packet(
        {
            "exif:DateTimeOriginal": _instant(said),
            "exif:GPSLatitude": degrees(_number(where.get("latitude")), "NS"),
            "exif:GPSLongitude": degrees(_number(where.get("longitude")), "EW"),
            "exif:GPSAltitude": f"{round(abs(altitude) * 100)}/100" if altitude else None,
            "exif:GPSAltitudeRef": ("1" if altitude < 0 else "0") if altitude else None,
            "xmp:Rating": _FAVOURITE if said.get("favorited") is True else None,
            "dc:description": Array("Alt", [str(words)] if written else []),
            "Iptc4xmpExt:PersonInImage": Array("Bag", [it for it in names if isinstance(it, str) and it]),
        },
        TAKEOUT,
    ).encode()


class _Beside:
    """Finds what is told of a photo, by the names of the JSON files in its folder."""

    def __init__(self, told: Mapping[str, Mapping[str, Any]]) -> None:
        self._exact: dict[str, dict[tuple[str, str], Mapping[str, Any]]] = defaultdict(dict)
        self._stems: dict[str, dict[tuple[str, str], Mapping[str, Any]]] = defaultdict(dict)
        for name, said in told.items():
            folder, _, filename = name.rpartition("/")
            about, counter = _photo_of(filename)
            self._exact[folder].setdefault((about, counter), said)
            self._stems[folder].setdefault((_stem(about), counter), said)

    def of(self, name: str) -> Mapping[str, Any] | None:
        """Return what is told of the photo at `name`."""
        folder, _, filename = name.rpartition("/")
        exact, stems = self._exact[folder], self._stems[folder]
        base, counter = _counted(filename)
        for key in ((filename, ""), (base, counter), (filename, counter)):
            if key in exact:
                return exact[key]
        cut = [
            key
            for key in exact
            if key[1] in {counter, ""} and base.startswith(key[0]) and _units(key[0]) >= _CUT
        ]
        if cut:
            return exact[max(cut, key=lambda key: (key[1] == counter, len(key[0])))]
        stem = _stem(base)
        if (stem, counter) in stems:  # a film and its photo, or a JSON file without the photo's extension
            return stems[stem, counter]
        unedited, dash, _ = stem.rpartition("-")  # "-edited" in the language of the account
        if dash and (unedited, counter) in stems:
            return stems[unedited, counter]
        return None


class _Twins:
    """Tells whether a file has the bytes of one of others: no two that differ share size and CRC-32."""

    def __init__(self, files: Iterable[Named]) -> None:
        self._by_size: dict[int, list[File]] = defaultdict(list)
        self._known: dict[int, set[int]] = {}
        for _, file in files:
            self._by_size[about_of(file).st_size].append(file)

    def hold(self, file: File) -> bool:
        """Tell whether one of the files has the bytes of this one."""
        size = about_of(file).st_size
        if size not in self._by_size:
            return False
        if size not in self._known:
            self._known[size] = {crc32_of(each) for each in self._by_size[size]}
        return crc32_of(file) in self._known[size]


def _photo_of(json_name: str) -> tuple[str, str]:
    """Return the name of the photo that a JSON file tells of, as far as it is there, and its counter.

    `IMG_1.jpg(2).json` and `IMG_1.jpg.supplemental-me(2).json` tell of `IMG_1(2).jpg`.
    """
    name, counter = _counted(json_name[: -len(_JSON)], at_end=True)
    about, dot, last = name.rpartition(".")
    return (about if dot and _SUPPLEMENT.startswith(last) else name), counter


def _counted(name: str, *, at_end: bool = False) -> tuple[str, str]:
    """Return a name without the counter before its extension, or at its end, and the counter."""
    found = _COUNTED.match(name)
    if not found or (at_end and found[3]):
        return name, ""
    return f"{found[1]}{found[3] or ''}", found[2]


def _read(file: File) -> Mapping[str, Any]:
    """Return what a JSON file says; what is no object, or too long for one of Google's, says nothing.

    Raises:
        FileUnreadable: it is no JSON.
    """
    if about_of(file).st_size > MAX_JSON_BYTES:
        return {}
    try:
        said = json.loads(b"".join(chunks_of(file)))
    except (ValueError, RecursionError) as error:
        raise FileUnreadable("it is no JSON, so that what it said of its photo is lost") from error
    return said if isinstance(said, dict) else {}


def _is_of_photo(said: Mapping[str, Any]) -> bool:
    return isinstance(taken := said.get("photoTakenTime"), dict) and "timestamp" in taken


def _album(said: Mapping[str, Any]) -> str | None:
    """Return the name of the album that a JSON file tells of, as a part of a key, if it tells of one."""
    said = said["albumData"] if isinstance(said.get("albumData"), dict) else said
    title = said.get("title")
    if _is_of_photo(said) or not isinstance(title, str):
        return None
    name = title.replace("/", "-").strip()
    return None if name in {"", ".", ".."} else name


def _instant(said: Mapping[str, Any]) -> str | None:
    """Return when the photo was taken, in UTC; zero is a time that is not known."""
    seconds = _number(said["photoTakenTime"]["timestamp"])
    if not seconds:
        return None
    try:
        return (_SINCE_1970 + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    except OverflowError:
        return None


def _place(where: Any) -> Mapping[str, Any] | None:
    if not isinstance(where, dict):
        return None
    latitude, longitude = _number(where.get("latitude")), _number(where.get("longitude"))
    known = latitude is not None and longitude is not None and (latitude, longitude) != (0, 0)
    return where if known else None


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if abs(number) < 1e15 else None  # not infinite, and no NaN


def _units(name: str) -> int:
    return len(name.encode("utf-16-le")) // 2


def is_json(name: str) -> bool:
    """Tell whether a file of this name is JSON, which may tell of a photo and is none."""
    return name.lower().endswith(_JSON)


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


def _stem(name: str) -> str:
    stem, dot, _ = name.rpartition(".")
    return stem if dot and "/" not in name[len(stem) :] else name
