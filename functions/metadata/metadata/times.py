"""Says when a photo was taken: the wall clock, the instant, and how far the one was ahead of the other.

Cameras write the wall clock. The instant takes the offset from UTC besides, for which there are three
witnesses, asked in this order: an offset that the file states, the satellites' time against the wall
clock, and the time zone at the position. Where none of them knows, no instant is invented.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from metadata import values
from metadata.gps import Fix
from metadata.sheet import Sheet

CERTAIN, PROBABLE, DOUBTFUL = "certain", "probable", "doubtful"
BY_ZONE = "time zone"
"""The source of an offset that is that of the zone at the position."""

MAX_STALE_MINUTES = 5
"""How far an offset by satellites may be from a quarter hour: for an old fix, or a clock set by hand."""

_QUARTERS_IN_USE = {
    *range(-12 * 60, 14 * 60 + 1, 60),
    *(-570, -270, -210, -150, 210, 270, 330, 345, 390, 450, 510, 525, 570, 630, 690, 765, 825),
}
"""The offsets, in minutes, that the tz database knows of since the year 2000."""

_TAGGED = {
    "EXIF DateTimeOriginal": ("EXIF OffsetTimeOriginal", "EXIF SubSecTimeOriginal"),
    "EXIF DateTimeDigitized": ("EXIF OffsetTimeDigitized", "EXIF SubSecTimeDigitized"),
    "EXIF DateTime": ("EXIF OffsetTime", "EXIF SubSecTime"),
}
"""The offset and the fraction of a second that belong to a date of Exif."""

_DATES = (
    "Sidecar exif:DateTimeOriginal",
    "EXIF DateTimeOriginal",
    "XMP exif:DateTimeOriginal",
    "Sidecar photoshop:DateCreated",
    "XMP photoshop:DateCreated",
    "IPTC DateCreated",
    "EXIF DateTimeDigitized",
    "XMP exif:DateTimeDigitized",
    "XMP xmp:CreateDate",
    "EXIF DateTime",
)
"""Where the time of capture is looked for, best first.

Editors that strip Exif dates leave the capture in XMP and the edit in DateTime, so DateTime comes last. The
mapping of XMP and IPTC to Exif is that of the Metadata Working Group's guidelines 2.0, 3.3.
"""


@dataclass(frozen=True)
class _Date:
    """A date in the file: the wall clock, the fraction of its second, and the offset that it states."""

    name: str
    moment: datetime
    fraction: str | None
    fraction_by: str | None
    minutes: int | None
    stated_by: str | None


@dataclass(frozen=True)
class Offset:
    """An offset from UTC in minutes, who said so, and how sure it is."""

    minutes: int
    source: str
    certainty: str


def read_time(sheet: Sheet, fix: Fix, zone: str | None) -> dict[str, Any]:
    """Return the fields of the record that say when; `zone` is the time zone at the position.

    taken_at: wall clock, ISO 8601. instant: UTC, ISO 8601 with Z. offset: from UTC, `+02:00`. Fields
    that are not known are None.
    """
    dates = list(_dates(sheet))
    if not dates:
        return _by_satellites_alone(sheet, fix, zone)
    taken = dates[0]
    offset = _offset(sheet, dates, fix, zone)
    sheet.sources["taken_at"] = taken.name
    sheet.sources["subseconds"] = taken.fraction_by or taken.name
    if offset:
        sheet.sources["offset"] = offset.source
        sheet.sources["instant"] = "taken_at and offset"
    instant = sheet.checked("instant", values.instant, taken.moment, offset.minutes) if offset else None
    return {
        "taken_at": taken.moment.isoformat(timespec="seconds"),
        "taken_at_source": taken.name,
        "subseconds": taken.fraction,
        **_described(offset),
        "instant": instant,
    }


def _by_satellites_alone(sheet: Sheet, fix: Fix, zone: str | None) -> dict[str, Any]:
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


def _described(offset: Offset | None) -> dict[str, Any]:
    if offset is None:
        return {}
    return {
        "offset": values.offset_of(offset.minutes),
        "offset_source": offset.source,
        "offset_certainty": offset.certainty,
    }


def _dates(sheet: Sheet) -> Iterator[_Date]:
    for name in _DATES:
        parsed = sheet.checked(name, values.wall_clock, _written(sheet, name))
        if parsed is None:
            continue
        moment, rest = parsed
        fraction, zone = values.fraction_and_zone(rest)
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
        yield _Date(name, moment, fraction, fraction_by, minutes, stated_by if minutes is not None else None)


def _written(sheet: Sheet, name: str) -> Any:
    """Return the date in the tag `name`; IPTC's is split in two, like 20240503 and 101112+0200."""
    value = sheet.tags.get(name)
    if name != "IPTC DateCreated" or not isinstance(value, str):
        return value
    time = sheet.tags.get("IPTC TimeCreated")
    if not isinstance(time, str) or not value.strip("0 \x00"):
        return None
    return f"{value[:4]}-{value[4:6]}-{value[6:8]} {time[:2]}:{time[2:4]}:{time[4:6]}{time[6:]}"


def _minutes(sheet: Sheet, name: str, value: Any) -> int | None:
    text = sheet.checked(name, values.offset, value)
    return None if text is None else values.minutes_of(text)


def _hours(sheet: Sheet, name: str) -> int | None:
    """Return the offset in TimeZoneOffset, in whole hours (TIFF/EP, ISO 12234-2)."""
    if name not in sheet.tags:
        return None
    hours = sheet.checked(name, values.whole, sheet.tags[name], -12, 14)
    return None if hours is None else int(hours) * 60


def _offset(sheet: Sheet, dates: list[_Date], fix: Fix, zone: str | None) -> Offset | None:
    taken = dates[0]
    local = _at_position(taken.moment, zone)
    measured = _measured(sheet, taken.moment, fix)
    # Another date of the same second is the same moment: what it states holds for this one, too.
    for date in dates:
        if date.minutes is not None and date.stated_by and date.moment == taken.moment:
            agrees = measured is None or measured == date.minutes
            return Offset(date.minutes, date.stated_by, CERTAIN if agrees else PROBABLE)
    if measured is not None:
        agrees = local is not None and local[0] == measured
        return Offset(measured, sheet.sources["gps.at"], CERTAIN if agrees else PROBABLE)
    if local is not None:
        return Offset(local[0], BY_ZONE, local[1])
    return None


def _measured(sheet: Sheet, moment: datetime, fix: Fix) -> int | None:
    """Return how many minutes the wall clock was ahead of the satellites, if that is an offset in use."""
    if fix.at is None:
        return None
    ahead = (moment - fix.at).total_seconds() / 60
    quarter = round(ahead / 15) * 15
    if quarter in _QUARTERS_IN_USE and abs(ahead - quarter) <= MAX_STALE_MINUTES:
        return quarter
    sheet.warnings.append(
        f"GPS time gives no offset: the wall clock is {timedelta(minutes=round(abs(ahead)))} "
        f"{'ahead of' if ahead > 0 else 'behind'} it."
    )
    return None


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
