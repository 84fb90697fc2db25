"""Says whether two photos are one shot, neighbours of one moment, or neither. Pure.

The 64 bits of a picture do not tell an edit from the next frame: one face that turns away moves as many of
them as more light does. So they only say whether two photos are nearly the same picture. Whether they are one
shot - a copy or an edit of it, of which one is enough to keep - is for time, sequence and size to say; where
these say nothing, only what no more than copying moves is taken for a copy. docs/memories.md has the figures.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from safelight.keys import filename_of
from safelight.record import Metadata, PhotoRecord

ALIKE_BITS = 10
"""Hashes that differ in at most so many bits are of nearly the same picture: an edit, or the next frame."""

BURST_BITS, BURST_PAUSE = 16, timedelta(seconds=10)
"""So many where the photos were taken so shortly after each other: the camera moved on a little."""

COPY_BITS = 2
"""What another size, another format and stronger compression move at most."""

SAME_SHAPE = 0.02
"""Widths by heights of copies differ by at most this share: whole pixels of a small copy."""

SAME_LENGTH = 0.2
"""Films whose lengths differ by at most so many seconds may be copies: another coding moves a film's end by
some frames, whereas who cuts a film leaves more out."""

_CAMERA_NAME = re.compile(r"([A-Z0-9_]{4})(\d{4})(?!\d)", re.IGNORECASE | re.ASCII)
"""What cameras call their files: four characters and a number (DCF 2.0, CIPA DC-009, 3.3.2)."""


class Kin(Enum):
    """What two photos are to each other: one shot, or two of nearly the same picture."""

    SAME = "same"
    NEIGHBOUR = "neighbour"


@dataclass(frozen=True)
class Look:
    """What tells photos apart. Only `file` says which photo it is, so that Looks of copies are equal.

    bits: the perceptual hash, None where it is not known or says nothing. moment: the wall clock, to the
    second; `by` says which tag has it, and fraction are the digits behind its point. number: of the file,
    as a camera counts, behind the four characters before it. shape: width by height. seconds: how long a film
    lasts, None of a photo.
    """

    bits: int | None
    moment: str = ""
    by: str = ""
    fraction: str = ""
    number: tuple[str, str] | None = None
    burst: str = ""
    shape: float = 0.0
    screenshot: bool = False
    seconds: float | None = None
    file: tuple[str, int] | None = field(default=None, compare=False)


def look_of(photo: PhotoRecord) -> Look:
    """Return the look of a photo from its record."""
    metadata, original, size = photo.get("metadata", Metadata()), photo["original"], photo["photo"]
    moment = metadata.get("taken_at", "")
    name = _CAMERA_NAME.match(filename_of(photo["key"]))
    return Look(
        bits=bits_of(photo["facts"]["perceptual_hash"]) if "facts" in photo else None,
        moment="" if moment.endswith("T00:00:00") else moment,  # a date without a time is of no moment
        by=metadata.get("taken_at_source", ""),
        fraction=metadata.get("subseconds", "").rstrip("0"),  # some cameras write zeros alone
        number=(name[1].upper(), name[2]) if name else None,
        burst=metadata.get("burst_id", ""),
        shape=size["width"] / size["height"],
        screenshot="screenshot" in metadata.get("kinds", ()),
        seconds=size["film"]["duration"] if "film" in size else None,
        file=(original["etag"], original["bytes"]) if original.get("etag") else None,
    )


def bits_of(perceptual_hash: str | None) -> int | None:
    """Return the bits of a hash; None where there is none, or that of a flat image, which says nothing."""
    return int(perceptual_hash or "0", 16) or None


def kin(one: Look, other: Look) -> Kin | None:
    """Return what two photos are to each other; None where they show something else."""
    if one.file is not None and one.file == other.file:
        return Kin.SAME
    apart = distance(one.bits, other.bits)
    if apart is None or not is_near(apart, one.moment, other.moment):
        return None
    if one.screenshot or other.screenshot:  # words are too small for the hash to see
        return Kin.NEIGHBOUR
    shot = is_one_shot(one, other)
    if shot is None:
        shot = apart <= COPY_BITS and abs(one.shape / other.shape - 1) <= SAME_SHAPE
    return Kin.SAME if shot and apart <= ALIKE_BITS else Kin.NEIGHBOUR


def is_near(apart: int, moment: str, other_moment: str) -> bool:
    """Tell whether two photos, whose hashes are so far `apart`, are nearly the same picture.

    The moments are wall clocks, ISO 8601; empty where they are not known.
    """
    if apart <= ALIKE_BITS or apart > BURST_BITS or not moment or not other_moment:
        return apart <= ALIKE_BITS
    pause = datetime.fromisoformat(moment) - datetime.fromisoformat(other_moment)
    return abs(pause) <= BURST_PAUSE


def is_one_shot(one: Look, other: Look) -> bool | None:
    """Tell whether a camera took one photo or two, by its clock and counter; None where they are silent.

    Two clocks are compared only by the tag that cameras write once and editors keep: what else is a date may
    be that of an edit. A film is no copy of a picture of it, nor of what was cut out of it.
    """
    if not _last_alike(one.seconds, other.seconds):
        return False
    if one.moment and other.moment and one.moment != other.moment:
        return False if one.by == other.by and one.by.endswith("DateTimeOriginal") else None
    dated = bool(one.moment and other.moment)
    if dated and one.fraction and other.fraction:
        return one.fraction == other.fraction
    if one.number and other.number and one.number[0] == other.number[0] and one.number != other.number:
        return False
    return True if dated and not (one.burst and one.burst == other.burst) else None


def _last_alike(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= SAME_LENGTH


def distance(one: int | None, other: int | None) -> int | None:
    """Return the number of bits in which two hashes differ; None where one is not known."""
    return None if one is None or other is None else (one ^ other).bit_count()
