"""Finds the film that a motion photo has within it."""

import mmap
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from safelight.errors import BadInput
from safelight.files.boxes import boxes
from safelight.files.seekable import Part

if TYPE_CHECKING:
    from safelight.contracts import Motion

_MP4 = "MP4"
_STILLS_OF_BOXES = {"HEIC", "HEIF", "AVIF"}
_MAX_TYPE_BYTES = 256
_MAX_TRIES = 16
"""A picture's bytes may look like the start of a film, and seldom do."""


def motion_in(
    data: mmap.mmap, format_: str, image_end: int, max_pixels: int, max_seconds: float
) -> "Motion | None":
    """Return the film that a still, the file `data` of format `format_`, has within it.

    Phones write it behind a JPEG, which ends at `image_end` (Google's Motion Photo format 1.0, Samsung), and
    into a box of HEIC and AVIF. None where there is none, or none that could be played: the still is whole.
    """
    for start, end in _places(data, format_, image_end):
        from safelight.files.films.quicktime import extent_of  # most photos do without what films need
        from validate.film import film_of

        with suppress(BadInput):
            part = Part(data, start, end)
            film, width, height = film_of(part, _MP4, "", max_pixels, max_seconds)
            length = extent_of(part)
            return {"offset": start, "length": length, "width": width, "height": height, "film": film}
    return None


def _places(data: mmap.mmap, format_: str, image_end: int) -> Iterator[tuple[int, int]]:
    """Yield where a film may begin, and where it ends at the latest."""
    if format_ in _STILLS_OF_BOXES:
        yield from ((box.start, box.end) for box in boxes(data, 0, len(data)) if box.kind == b"mpvd")
    elif format_ == "JPEG":
        at = image_end
        for _ in range(_MAX_TRIES):
            at = data.find(b"ftyp", at + 1)
            if at < 4:
                return
            if 16 <= int.from_bytes(data[at - 4 : at], "big") <= _MAX_TYPE_BYTES:
                yield at - 4, len(data)
