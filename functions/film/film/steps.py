"""The events of the film function, one shape for each step of its workflow, and what comes of them."""

import hashlib
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from os.path import commonprefix
from pathlib import Path
from typing import Literal, NamedTuple, TypedDict

from film import encode, ladder, parts, poster, preview
from film.encode import Track
from film.playlists import of_all, of_track
from film.source import TICKS, Source, opened
from safelight import __version__
from safelight.contracts import (
    EncodedPart,
    EncodedTrack,
    Film,
    FilmPart,
    FilmPlan,
    MasterPlan,
    Original,
    Photo,
    PlannedFilm,
    Rung,
)
from safelight.errors import CorruptFile, UnsupportedFormat
from safelight.files.seekable import Part, Seekable
from safelight.keys import rendition_key, url_of
from safelight.record import WebCopy

MAKER = f"safelight {__version__}, PyAV {version('av')}"
"""What makes web copies, with versions."""

_LISTED = "m3u8"

MEDIA_TYPES = {"mp4": "video/mp4", "m4s": "video/mp4", _LISTED: "application/vnd.apple.mpegurl"}


class PlanStep(TypedDict):
    """Make the poster and the preview, and plan the rest."""

    step: Literal["plan"]
    original: Original
    photo: Photo
    master: MasterPlan | None
    film: FilmPlan
    execution: str


class EncodeStep(TypedDict):
    """Encode a part."""

    step: Literal["encode"]
    original: Original
    photo: Photo
    film: FilmPlan
    rungs: list[Rung]
    part: FilmPart
    execution: str


class AssembleStep(TypedDict):
    """Write the playlists of what was encoded."""

    step: Literal["assemble"]
    original: Original
    photo: Photo
    film: FilmPlan
    planned: PlannedFilm
    encoded: list[EncodedPart]
    execution: str


class AdoptStep(TypedDict):
    """Take over what a converter has made of a film."""

    step: Literal["adopt"]
    original: Original
    film: FilmPlan
    planned: PlannedFilm
    execution: str


Event = PlanStep | EncodeStep | AssembleStep | AdoptStep


class Moving(NamedTuple):
    """What moves in an original: a film, its size in pixels as displayed, and in which bytes it lies."""

    film: Film
    format: str
    size: tuple[int, int]
    start: int
    end: int


def moving(photo: Photo) -> Moving:
    """Return what moves in `photo`: it, or the film that a motion photo has within it."""
    if motion := photo.get("motion"):
        span = motion["offset"], motion["offset"] + motion["length"]
        return Moving(motion["film"], "MP4", (motion["width"], motion["height"]), *span)
    return Moving(photo["film"], photo["format"], (photo["width"], photo["height"]), 0, photo["bytes"])


class Planned(NamedTuple):
    """What was made of a film at first: its preview, unless a still has that its poster, and a plan."""

    poster: bytes | None
    preview: bytes
    rungs: list[Rung]
    parts: list[FilmPart]


def file_key(original: Original, plan: FilmPlan, name: str, extension: str) -> str:
    """Return where a file of a film's web copy lies, beside its renditions."""
    return rendition_key(original["key"], plan["version"], f"film/{name}", extension, plan["template"])


def destination(original: Original, plan: FilmPlan) -> str:
    """Return what the keys of a converter's files begin with: it puts a name and an extension behind that."""
    return file_key(original, plan, "playlist", _LISTED).removesuffix(f".{_LISTED}")


def planned(file: Seekable, filename: str, photo: Photo, master: MasterPlan | None, folder: Path) -> Planned:
    """Return the poster and the preview of what moves in `file`, and the plan of its web copy.

    Raises:
        CorruptFile, UnsupportedFormat
        MemoryError: there is not enough memory.
    """
    it = moving(photo)
    film, size = it.film, it.size
    with opened(Part(file, it.start, it.end), filename, it.format) as source:
        best = poster.chosen(source, film)
        pictured = None
        if master and "film" in photo:
            pictured = poster.pictured(best, film, size, master, folder)
        looped = preview.looped(source, film, size, best.ticks, folder)
        is_copied = ladder.is_ready(source, film, size, it.end - it.start)
        rungs = ladder.rungs(*size, ladder.rate(film))[: 1 if is_copied else None]
        length = max(1, round(film["duration"] * TICKS))
        cuts = parts.cut(length, source.key_frames(), only_there=is_copied)
        sounds = source.audio is not None
    return Planned(pictured, looped, rungs, _parts(cuts, length, is_copied, sounds))


def _parts(cuts: list[tuple[int, int]], length: int, is_copied: bool, sounds: bool) -> list[FilmPart]:
    made: list[FilmPart] = [
        {"number": number, "track": "picture", "copied": is_copied, "start": start, "end": end}
        for number, (start, end) in enumerate(cuts)
    ]
    if sounds:
        made.append({"number": 0, "track": "sound", "copied": is_copied, "start": 0, "end": length})
    return made


def encoded(
    file: Seekable,
    filename: str,
    photo: Photo,
    rungs: list[Rung],
    part: FilmPart,
    folder: Path,
) -> list[Track]:
    """Return `part` of the film in `file`, encoded; `folder` is for what that needs.

    Raises:
        CorruptFile, UnsupportedFormat
        MemoryError: there is not enough memory.
    """
    it, span = moving(photo), (part["start"], part["end"])
    with opened(Part(file, it.start, it.end), filename, it.format) as source:
        if part["track"] == "sound":
            return _sound(source, part["end"])
        if part["copied"]:
            tracks = encode.copied(source, it.film, rungs[0], span)
        else:
            tracks = encode.encoded(source, it.film, rungs, span, folder)
    if not tracks and not part["number"]:
        raise CorruptFile(
            f"{filename} has no picture where it begins: its data are damaged. "
            "Copy it again from the camera or from a backup."
        )
    return tracks


def _sound(source: Source, length: int) -> list[Track]:
    """Return the sound; none where it cannot be decoded, as the picture plays without it."""
    try:
        return [encode.sounded(source, length)]
    except (CorruptFile, UnsupportedFormat):
        return []


def files_of(track: Track, number: int) -> dict[tuple[str, str], bytes]:
    """Return the files of the `number`th part of a track by name and extension, as `file_key` takes them.

    The first part brings the header, which all share.
    """
    body = b"".join(each.body for each in track.segments)
    header = {(track.name, "mp4"): track.header} if number == 0 else {}
    return {(part_name(track.name, number), "m4s"): body, **header}


def described(track: Track, number: int) -> EncodedTrack:
    """Return what is said of the `number`th part of a track."""
    return {
        "name": track.name,
        "number": number,
        "codec": track.codec,
        "header": hashlib.sha256(track.header).hexdigest()[:16],
        "segments": [[each.start, each.end, len(each.body)] for each in track.segments],
        "bytes": sum(map(len, files_of(track, number).values())),
    }


def by_track(parts: list[EncodedPart]) -> dict[str, list[EncodedTrack]]:
    """Return the parts of each track, in their order.

    Raises:
        RuntimeError: parts of a track have headers that differ, so that they cannot be played together.
    """
    tracks: dict[str, list[EncodedTrack]] = {}
    for each in sorted((it for part in parts for it in part["tracks"]), key=lambda it: it["number"]):
        tracks.setdefault(each["name"], []).append(each)
    for name, made in tracks.items():
        if len({each["header"] for each in made}) > 1:
            raise RuntimeError(f"The parts of {name} were not encoded alike.")
    return tracks


def playlists(event: AssembleStep) -> dict[str, str]:
    """Return the playlists of a film by their keys, the one that lists the others last."""
    tracks, key = by_track(event["encoded"]), _keys(event)
    keys = {name: key(name, "m3u8") for name in tracks}
    made = {
        keys[name]: of_track(
            keys[name], key(name, "mp4"), [(key(part_name(name, it["number"]), "m4s"), it) for it in parts]
        )
        for name, parts in tracks.items()
    }
    whole = key("playlist", "m3u8")
    made[whole] = of_all(
        whole, keys, tracks, event["planned"]["rungs"], ladder.rate(moving(event["photo"]).film)
    )
    return made


def web_copy(event: AssembleStep, lists: dict[str, str], base_url: str) -> WebCopy:
    """Return what plays a film whose playlists are `lists`, the one that lists the others last."""
    tracks, key = by_track(event["encoded"]), _keys(event)
    files = [
        *(key(part_name(name, each["number"]), "m4s") for name, parts in tracks.items() for each in parts),
        *(key(name, "mp4") for name in tracks),
        *lists,
    ]
    size = sum(each["bytes"] for parts in tracks.values() for each in parts)
    size += sum(len(it.encode()) for it in lists.values())
    return _web_copy(event, list(lists)[-1], files, size, base_url)


def adopted(event: AdoptStep, sizes: dict[str, int], base_url: str) -> WebCopy:
    """Return what plays a film of which a converter has made files of `sizes` in bytes, by their keys."""
    return _web_copy(event, playlist_of(event), list(sizes), sum(sizes.values()), base_url)


def playlist_of(event: AdoptStep) -> str:
    """Return the key of the playlist that a converter lists the others in."""
    return f"{destination(event['original'], event['film'])}.{_LISTED}"


def _web_copy(
    event: AssembleStep | AdoptStep, playlist: str, others: list[str], size: int, base_url: str
) -> WebCopy:
    preview = _keys(event)("preview", "mp4")
    files = [preview, *others]
    below = commonprefix(files).rpartition("/")[0] + "/"  # noqa: RUF071 - of keys
    return {
        "playlist": playlist,
        "playlist_url": url_of(base_url, playlist),
        "preview": preview,
        "preview_url": url_of(base_url, preview),
        "bytes": event["planned"]["preview_bytes"] + size,
        "below": below,
        "files": [each.removeprefix(below) for each in files],
    }


def part_name(track: str, number: int) -> str:
    """Return what the `number`th part of a track is called."""
    return f"{track}-{number:04}"


def _keys(event: AssembleStep | AdoptStep) -> Callable[[str, str], str]:
    return partial(file_key, event["original"], event["film"])
