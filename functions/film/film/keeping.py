"""Carries out the steps of the film workflow: reads originals by ranges, stores what is made of them."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from film import steps
from film.encode import Track
from film.playlists import named_in
from film.settings import Settings
from film.steps import AdoptStep, AssembleStep, EncodeStep, PlanStep
from safelight.aws_errors import named_errors
from safelight.clients import s3
from safelight.confined import confined
from safelight.contracts import (
    Developed,
    EncodedPart,
    FilmPart,
    MasterPlan,
    Original,
    Photo,
    PlannedFilm,
    Rung,
)
from safelight.errors import OriginalMissing
from safelight.keys import filename_of
from safelight.record import WebCopy
from safelight.storage import RangedFile, newest_version, store

_BLOCK_BYTES, _BLOCKS = 4 << 20, 16
"""How much of an original is read at once, and how many such blocks are kept: the index, and what is near."""

_SOURCE = "poster"
"""What the working master of a film is."""


def plan(event: PlanStep, settings: Settings, context: Any) -> PlannedFilm:
    """Store the poster as the working master, and the preview, and return the plan of the rest.

    Raises:
        CorruptFile, UnsupportedFormat, TooCostly
        OriginalMissing, AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    original, name = event["original"], filename_of(event["original"]["key"])
    with tempfile.TemporaryDirectory() as folder:
        made = confined(
            context, name, planned_of, original, name, event["photo"], event["master"], Path(folder)
        )
    _keep(settings, steps.file_key(original, event["film"], "preview", "mp4"), made.preview)
    return {
        "developed": _developed(event["master"], made.poster, settings),
        "preview_bytes": len(made.preview),
        "rungs": made.rungs,
        "parts": made.parts,
        "destination": steps.destination(original, event["film"]),
    }


def encode(event: EncodeStep, settings: Settings, context: Any) -> EncodedPart:
    """Store a part of the web copy, and return what it is; the first part brings the header of its track.

    Raises:
        CorruptFile, UnsupportedFormat, TooCostly
        OriginalMissing, AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    original, part, name = event["original"], event["part"], filename_of(event["original"]["key"])
    with tempfile.TemporaryDirectory() as folder:
        tracks = confined(
            context, name, encoded_of, original, name, event["photo"], event["rungs"], part, Path(folder)
        )

    for track in tracks:
        for (of, extension), body in steps.files_of(track, part["number"]).items():
            _keep(settings, steps.file_key(original, event["film"], of, extension), body)
    return {"tracks": [steps.described(track, part["number"]) for track in tracks]}


def assemble(event: AssembleStep, settings: Settings) -> WebCopy:
    """Store the playlists of a film, and return what plays it.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    lists = steps.playlists(event)
    for key, text in lists.items():
        _keep(settings, key, text.encode())
    return steps.web_copy(event, lists, settings.renditions_base_url)


def adopt(event: AdoptStep, settings: Settings) -> WebCopy:
    """Hold what a converter has made of a film, where that is due, and return what plays the film.

    A converter reads the newest version of an original. A film that is the newest still was so all the time.

    Raises:
        OriginalMissing: another original, or none, has taken the place of this one.
        AccessDenied, ServiceThrottled, ServiceUnavailable
        RuntimeError: a file is missing that the converter's playlists name.
    """
    if newest_version(event["original"]) != event["original"]["version_id"]:
        raise OriginalMissing(
            f"{filename_of(event['original']['key'])} was replaced while it was converted. "
            "The film that has replaced it is processed by itself."
        )
    sizes: dict[str, int] = {}
    names = [steps.playlist_of(event)]
    for key in names:  # which grows by what each playlist names
        where: Any = {"Bucket": settings.renditions_bucket, "Key": key}
        with _written(key):
            if settings.held:
                s3().put_object_tagging(**where, Tagging={"TagSet": [{"Key": "held", "Value": "true"}]})
            sizes[key] = s3().head_object(**where)["ContentLength"]
            if key.endswith(".m3u8"):
                text = s3().get_object(**where)["Body"].read().decode()
                names += [each for each in named_in(text, key) if each not in names]
    return steps.adopted(event, sizes, settings.renditions_base_url)


def planned_of(
    original: Original, filename: str, photo: Photo, master: MasterPlan | None, folder: Path
) -> steps.Planned:
    """Return `steps.planned` of an original in S3."""
    return steps.planned(_ranged(original), filename, photo, master, folder)


def encoded_of(
    original: Original, filename: str, photo: Photo, rungs: list[Rung], part: FilmPart, folder: Path
) -> list[Track]:
    """Return `steps.encoded` of an original in S3."""
    return steps.encoded(_ranged(original), filename, photo, rungs, part, folder)


@contextmanager
def _written(key: str) -> Iterator[None]:
    """Take no file that a converter has not written for a missing original."""
    try:
        with named_errors(f"Taking over {key}"):
            yield
    except OriginalMissing as error:
        raise RuntimeError(f"The converter has not written {key}.") from error


def _developed(master: MasterPlan | None, poster: bytes | None, settings: Settings) -> Developed | None:
    if master is None or poster is None:
        return None
    store(settings.renditions_bucket, master["key"], poster, "image/jpeg")
    stored: Original = {
        "bucket": settings.renditions_bucket,
        "key": master["key"],
        "size": len(poster),
        "version_id": None,
    }
    return {"master": stored, "source": _SOURCE, "version": steps.MAKER}


def _ranged(original: Original) -> RangedFile:
    return RangedFile(original, _BLOCK_BYTES, _BLOCKS)


def _keep(settings: Settings, key: str, body: bytes) -> None:
    media_type = steps.MEDIA_TYPES[key.rpartition(".")[2]]
    store(settings.renditions_bucket, key, body, media_type, held=settings.held)
