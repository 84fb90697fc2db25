"""Says when a photo was taken: the wall clock, the instant, and how far the one was ahead of the other.

Cameras write the wall clock. The instant takes the offset from UTC besides, for which there are three
witnesses, asked in this order: an offset that the file states, the satellites' time against the wall
clock, and the time zone at the position. Where none of them knows, no instant is invented.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from metadata import values
from metadata.filenames import date_in
from metadata.gps import Fix
from metadata.sheet import Sheet

Time = dict[str, Any]

CERTAIN, PROBABLE, DOUBTFUL = "certain", "probable", "doubtful"
BY_ZONE = "time zone"
"""The source of an offset that is that of the zone at the position."""

BY_NAME = "file name"
"""The source of a date that nothing else than the file's name tells."""

MAX_DRIFT_MINUTES = 5
"""How far an offset by satellites may be from a quarter hour, for a clock set by hand."""

MAX_STALE_MINUTES = 60
"""How old a fix may be: receivers keep the last one, indoors. Less, so that no whole hour is explained so."""

QUARTERS_IN_USE = {
    *range(-12 * 60, 14 * 60 + 1, 60),
    *(-570, -270, -210, -150, 210, 270, 330, 345, 390, 510, 525, 570, 585, 630, 690, 765, 825),
}
"""The offsets, in minutes, that the tz database knows of since the year 2000."""

_IPTC_TIME = re.compile(r"\d\d:?\d\d")

_TAGGED = {
    "EXIF DateTimeOriginal": ("EXIF OffsetTimeOriginal", "EXIF SubSecTimeOriginal"),
    "EXIF DateTimeDigitized": ("EXIF OffsetTimeDigitized", "EXIF SubSecTimeDigitized"),
    "EXIF DateTime": ("EXIF OffsetTime", "EXIF SubSecTime"),
}
"""The offset and the fraction of a second that belong to a date of Exif."""

DATES = (
    "Sidecar exif:DateTimeOriginal",
    "Sidecar photoshop:DateCreated",
    "Sidecar exif:DateTimeDigitized",
    "Sidecar xmp:CreateDate",
    "EXIF DateTimeOriginal",
    "QuickTime CreationDate",
    "XML CreationDate",
    "H264 DateTimeOriginal",
    "RIFF DateTimeOriginal",
    "Matroska DateTimeOriginal",
    "XMP exif:DateTimeOriginal",
    "XMP photoshop:DateCreated",
    "IPTC DateCreated",
    "EXIF DateTimeDigitized",
    "XMP exif:DateTimeDigitized",
    "XMP xmp:CreateDate",
    "PNG Creation Time",
    "EXIF DateTime",
    "RIFF DateCreated",
    "QuickTime ContentCreateDate",
)
"""Where the time of capture is looked for, best first.

Editors that strip Exif dates leave the capture in XMP and the edit in DateTime, so DateTime comes last. The
mapping of XMP and IPTC to Exif is that of the Metadata Working Group's guidelines 2.0, 3.3.
"""

FILMS_CLOCKS = ("QuickTime CreateDate", "Matroska DateUTC")
"""What the header of a film says, which is an instant in UTC but of cameras that have no time zone."""

_LAST = ("Takeout exif:DateTimeOriginal",)
"""An instant in UTC, and no wall clock; and Google guesses the zone of photos that tell none."""


@dataclass(frozen=True)
class _Date:
    """A date in the file: the wall clock, how exactly it is known, and the offset that it states."""

    name: str
    moment: datetime
    precision: str
    fraction: str | None = None
    fraction_by: str | None = None
    minutes: int | None = None
    stated_by: str | None = None

    def holds(self, other: "_Date") -> bool:
        """Whether `other` says the same, and more exactly."""
        length = _LENGTHS[self.precision]
        return (
            _LENGTHS[other.precision] > length
            and self.moment.isoformat()[:length] == other.moment.isoformat()[:length]
        )


_LENGTHS = {values.YEAR: 4, values.MONTH: 7, values.DAY: 10, values.SECOND: 19}
"""How much of a date in ISO 8601 is known."""


@dataclass(frozen=True)
class Offset:
    """An offset from UTC in minutes, who said so, and how sure it is."""

    minutes: int
    source: str
    certainty: str


def read_time(sheet: Sheet, fix: Fix, zone: str | None, filename: str = "") -> Time:
    """Return the fields of the record that say when; `zone` is the time zone at the position.

    Fields that are not known are absent.
    """
    dates = list(_dates(sheet, DATES))
    if not dates and (time := _by_satellites_alone(sheet, fix, zone)):
        return time
    if not dates:
        dates = list(_by_film(_dates(sheet, FILMS_CLOCKS), filename, zone)) or list(_named(filename))
    known = [*dates, *_dates(sheet, _LAST)]
    if not known:
        return {}
    taken = next((date for date in known[1:] if known[0].holds(date)), known[0])
    taken = _local(taken, zone)
    sheet.sources["taken_at"] = taken.name
    time = {"taken_at": taken.moment.isoformat(timespec="seconds"), "taken_at_source": taken.name}
    if taken.precision != values.SECOND:
        sheet.sources["taken_at_precision"] = taken.name
        return time | {"taken_at_precision": taken.precision}
    if taken.fraction:
        sheet.sources["subseconds"] = taken.fraction_by or taken.name
        time["subseconds"] = taken.fraction
    offset = _offset(sheet, [taken, *dates], fix, zone)
    if offset is None:
        return time
    sheet.sources["offset"] = offset.source
    time |= _described(offset)
    if instant := sheet.checked("instant", values.instant, taken.moment, offset.minutes):
        sheet.sources["instant"] = "taken_at and offset"
        time["instant"] = instant
    return time


def _local(date: _Date, zone: str | None) -> _Date:
    """Return the date as the clocks at the position showed it, if it is an instant in UTC.

    Programs that convert dates write UTC; a camera's clock is another matter, and no Exif date is meant.
    """
    info = _zone_info(zone) if zone and not zone.startswith("Etc/") else None
    if info is None or date.minutes != 0 or date.name.startswith("EXIF "):
        return date
    if date.precision != values.SECOND:
        return date
    try:
        local = date.moment.replace(tzinfo=UTC).astimezone(info).replace(tzinfo=None)
    except OverflowError:  # in the first year or the last
        return date
    seconds = int((local - date.moment).total_seconds())
    return date if seconds % 60 else replace(date, moment=local, minutes=seconds // 60)


def _named(filename: str) -> Iterator[_Date]:
    if clock := date_in(filename):
        minutes = 0 if clock.rest else None
        stated_by = BY_NAME if clock.rest else None
        yield _Date(BY_NAME, clock.moment, clock.precision, minutes=minutes, stated_by=stated_by)


def _by_film(clocks: Iterable[_Date], filename: str, zone: str | None) -> Iterator[_Date]:
    """Yield when a film was taken by what its header says, first as clocks there showed it.

    An instant is told in the time of the zone at the position. Where that is not known, the clock in the
    file's name counts if it is ahead of the instant by an offset in use, since phones name their films by it.
    """
    film = next(iter(clocks), None)
    if film is None:
        return
    named = next(_named(filename), None)
    if film.minutes == 0 and zone is None and named and named.precision == values.SECOND:
        measured = _measured((named.moment - film.moment).total_seconds() / 60)
        if measured is not None:
            yield replace(named, minutes=measured, stated_by=film.name)
    yield film


def _by_satellites_alone(sheet: Sheet, fix: Fix, zone: str | None) -> Time:
    """Return when, for a file without a date: the satellites' time, as clocks at the position showed it."""
    if fix.at is None or zone is None or zone.startswith("Etc/"):
        return {}
    ahead = _zone_info(zone)
    if ahead is None:
        return {}
    try:
        moment = fix.at.replace(tzinfo=UTC).astimezone(ahead).replace(tzinfo=None)
    except OverflowError:  # in the first year or the last
        return {}
    source = sheet.sources["taken_at"] = sheet.sources["instant"] = sheet.sources["gps.at"]
    sheet.sources["offset"] = BY_ZONE
    minutes = int((moment - fix.at).total_seconds() // 60)
    return {
        "taken_at": moment.isoformat(timespec="seconds"),
        "taken_at_source": source,
        **_described(Offset(minutes, BY_ZONE, PROBABLE)),
        "instant": values.instant(moment, minutes),
    }


def _described(offset: Offset) -> Time:
    return {
        "offset": values.offset_of(offset.minutes),
        "offset_source": offset.source,
        "offset_certainty": offset.certainty,
    }


def _dates(sheet: Sheet, names: Iterable[str]) -> Iterator[_Date]:
    for name in names:
        clock = sheet.checked(name, values.wall_clock, _written(sheet, name))
        if clock is None:
            continue
        fraction, zone = values.fraction_and_zone(clock.rest)
        minutes, stated_by = _minutes(sheet, f"The offset of {name}", zone), name
        # IPTC makes writers give an offset: those that know none give zero.
        if name == "IPTC DateCreated" and minutes == 0:
            minutes = None
        fraction_by = None
        if name in _TAGGED:
            offset_name, fraction_name = _TAGGED[name]
            tagged_fraction = sheet.checked(fraction_name, values.fraction, sheet.tags.get(fraction_name))
            if tagged_fraction:
                fraction, fraction_by = tagged_fraction, fraction_name
            if (tagged := _minutes(sheet, offset_name, sheet.tags.get(offset_name))) is not None:
                minutes, stated_by = tagged, offset_name
            elif minutes is None and name == "EXIF DateTimeOriginal":
                stated_by = "EXIF TimeZoneOffset"
                minutes = _hours(sheet, stated_by)
        stated = stated_by if minutes is not None else None
        yield _Date(name, clock.moment, clock.precision, fraction, fraction_by, minutes, stated)


def _written(sheet: Sheet, name: str) -> Any:
    """Return the date in the tag `name` in a form that `wall_clock` reads."""
    value = sheet.tags.get(name)
    if not isinstance(value, str):
        return value
    if name == "IPTC DateCreated":  # split in two, like 20240503 and 101112+0200
        day = "".join(character for character in value if character.isdigit())
        if not day.strip("0"):
            return None
        time = sheet.tags.get("IPTC TimeCreated")
        sound = isinstance(time, str) and _IPTC_TIME.match(time)
        return f"{day[:4]}-{day[4:6]}-{day[6:8]}{f'T{time}' if sound else ''}"
    if name == "PNG Creation Time" and (parsed := _by_mail(value)):
        return parsed
    return value


def _by_mail(value: str) -> str | None:
    """Return a date in the form of mail, which PNG asks for (11.3.3.2), as ISO 8601."""
    try:
        return parsedate_to_datetime(value).isoformat()
    except ValueError:
        return None


def _minutes(sheet: Sheet, name: str, value: Any) -> int | None:
    text = sheet.checked(name, values.offset, value)
    return None if text is None else values.minutes_of(text)


def _hours(sheet: Sheet, name: str) -> int | None:
    """Return the offset in TimeZoneOffset, in whole hours (TIFF/EP, ISO 12234-2)."""
    if name not in sheet.tags:
        return None
    hours = sheet.checked(name, values.whole, values.first(sheet.tags[name]), -12, 14)
    return None if hours is None else int(hours) * 60


def _offset(sheet: Sheet, dates: list[_Date], fix: Fix, zone: str | None) -> Offset | None:
    """Return the offset of the first of `dates` by the best witness, as sure as the others let it be."""
    taken = dates[0]
    local = _at_position(taken.moment, zone)
    ahead = None if fix.at is None else (taken.moment - fix.at).total_seconds() / 60
    measured = None if ahead is None else _measured(ahead)
    here = None if local is None else local[0]
    # The last fix before the photo, or a clock that is a little off, explains less than an hour.
    stale = ahead is not None and here is not None and -MAX_DRIFT_MINUTES <= ahead - here < MAX_STALE_MINUTES
    if stale and measured != here and (measured is None or measured % 60):
        measured = None
    elif ahead is not None and measured is None:
        sheet.warnings.append(
            f"GPS time gives no offset: the wall clock is {timedelta(minutes=round(abs(ahead)))} "
            f"{'ahead of' if ahead > 0 else 'behind'} it."
        )
    # Another date of the same second is the same moment: what it states holds for this one, too.
    stated = next((date for date in dates if date.minutes is not None and date.moment == taken.moment), None)
    if stated is not None and stated.minutes is not None and stated.stated_by is not None:
        if here is not None and here != stated.minutes and (measured == here or (measured is None and stale)):
            by = BY_ZONE if measured is None else sheet.sources["gps.at"]
            return Offset(here, by, PROBABLE)
        return Offset(stated.minutes, stated.stated_by, _certainty(stated.minutes, measured, ahead, local))
    if measured is not None:
        return Offset(measured, sheet.sources["gps.at"], CERTAIN if measured == here else PROBABLE)
    return None if local is None else Offset(local[0], BY_ZONE, local[1])


def _certainty(stated: int, measured: int | None, ahead: float | None, local: tuple[int, str] | None) -> str:
    """Return how sure a stated offset is: certain is only what nothing contradicts."""
    if ahead is not None:
        near = -MAX_DRIFT_MINUTES <= ahead - stated < MAX_STALE_MINUTES
        return CERTAIN if measured == stated or (measured is None and near) else PROBABLE
    contradicted = local is not None and local[1] == PROBABLE and local[0] != stated
    return PROBABLE if contradicted else CERTAIN


def _measured(ahead: float) -> int | None:
    """Return how far a wall clock `ahead` minutes of the satellites is so by an offset in use, if it is."""
    quarter = round(ahead / 15) * 15
    return quarter if quarter in QUARTERS_IN_USE and abs(ahead - quarter) <= MAX_DRIFT_MINUTES else None


def _at_position(moment: datetime, zone: str | None) -> tuple[int, str] | None:
    """Return the offset of the zone at a wall clock, in minutes, and how sure it is.

    An hour that clocks showed twice, or skipped, is doubtful, and so is the nautical time of the high seas.
    Before standard time a zone's offset counts seconds: no camera's clock was set by it, and there is none.
    """
    info = _zone_info(zone) if zone else None
    if info is None:
        return None
    try:
        first, second = (moment.replace(tzinfo=info, fold=fold).utcoffset() for fold in (0, 1))
    except OverflowError:  # in the first year or the last
        return None
    if first is None or first.total_seconds() % 60:
        return None
    sure = first == second and not str(zone).startswith("Etc/")
    return int(first.total_seconds() // 60), PROBABLE if sure else DOUBTFUL


def _zone_info(zone: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return None
