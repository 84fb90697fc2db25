"""Checks single values that cameras, editors and attackers wrote: each is sound, absent or refused.

A checker returns the value, None where the tag is absent or says "unknown", and raises ValueError
with a reason where it is nonsense; the record then goes without it, and says so.
"""

import re
import unicodedata
from datetime import date, datetime, timedelta
from math import isfinite
from typing import Any

MAX_TEXT = 512
"""The longest text kept, in characters: names and titles are shorter, and records hold 400 KB in all."""

MAX_CAPTION = 4096
"""The longest caption kept, in bytes of UTF-8."""

MAX_KEYWORDS = 100
MAX_KEYWORD = 128

_DATE = re.compile(
    r"(\d{2}|\d{4})[:\-/.]([ \d]\d)[:\-/.]([ \d]\d)[ T]([ \d]\d):([ \d]\d)(?::([ \d]\d))?(.*)", re.DOTALL
)
_FRACTION = re.compile(r"(?:\.(\d*))?\s*(.*)", re.DOTALL)
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,15})?(?:/\d{1,15})?")
_XMP_DEGREES = re.compile(
    r"(\d{1,3})(?:,(\d{1,2}(?:\.\d+)?))?(?:,(\d{1,2}(?:\.\d+)?))?([NSEW])", re.IGNORECASE
)
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
_PLACEHOLDERS = (date(1970, 1, 1), date(1904, 1, 1))
"""Day zero of Unix and of QuickTime: what a camera writes when its clock was never set."""
_BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def text(value: Any, longest: int = MAX_TEXT) -> str | None:
    """Return `value` in one line without control characters, at most `longest` characters long.

    Of several, those of a sequence, the texts are joined by "; ", as Exif writes several artists.
    """
    if isinstance(value, tuple):
        value = "; ".join(part for each in value[:MAX_KEYWORDS] if (part := text(each, longest)))
    if not isinstance(value, str):
        if value is None:
            return None
        raise ValueError("it is not text")
    value = value[: 16 * longest]
    kept = "".join(
        " " if character.isspace() else character
        for character in value
        if character.isspace()
        or (unicodedata.category(character) not in ("Cc", "Cs") and character not in _BIDI)
    )
    return " ".join(kept.split())[:longest].strip() or None


def caption(value: Any) -> str | None:
    """Return `value` as `text` does, at most `MAX_CAPTION` bytes of UTF-8."""
    line = text(value, MAX_CAPTION)
    return None if line is None else line.encode()[:MAX_CAPTION].decode(errors="ignore").strip() or None


def keywords(value: Any) -> list[str] | None:
    """Return the different texts in `value`, which may be one text or several, in their order."""
    several = value if isinstance(value, tuple) else (value,)
    found: dict[str, None] = {}
    for each in several:
        word = text(each, MAX_KEYWORD)
        if word and len(found) < MAX_KEYWORDS:
            found[word] = None
    return list(found) or None


def number(value: Any, low: float, high: float, digits: int = 6) -> float | int | None:
    """Return `value` as a finite number from `low` to `high`, to `digits` decimals; of several, the first.

    XMP writes numbers as text, and ratios as two numbers with a slash.
    """
    if isinstance(value, tuple) and value:
        value = value[0]
    if value is None:
        raise ValueError("its denominator is zero")
    if isinstance(value, str):
        if not value.strip(" \x00"):
            return None
        if not _NUMBER.fullmatch(value.strip()):
            raise ValueError("it is not a number")
        above, slash, below = value.strip().partition("/")
        if slash and int(below) == 0:
            raise ValueError("its denominator is zero")
        value = float(above) / (int(below) if slash else 1)
        value = int(value) if value.is_integer() and not slash and "." not in above else value
    if isinstance(value, bool) or not isinstance(value, int | float):
        if value == ():
            return None
        raise ValueError("it is not a number")
    if not isfinite(value) or not low <= value <= high:
        raise ValueError(f"{value:g} is out of range")
    return value if isinstance(value, int) else round(value, digits)


def whole(value: Any, low: int, high: int) -> int | None:
    """Return `value` as a whole number from `low` to `high`."""
    found = number(value, low, high)
    return None if found is None else int(found)


def positive(value: Any, high: float, digits: int = 6) -> float | int | None:
    """Return `value`, or None for 0, by which Exif says that a length or a time is unknown."""
    return number(value, 0, high, digits) or None


def wall_clock(value: Any) -> tuple[datetime, str] | None:
    """Return the date and time in `value` as local wall clock, and the text that follows it.

    Both the Exif form `2024:05:03 10:11:12` and the ISO form are read; a blank means unknown (Exif 2.32).
    A year of two digits is one of 1969 to 2068, as POSIX reads it (strptime, %y).
    """
    if value is None or value == ():
        return None
    if not isinstance(value, str):
        raise ValueError("it is not text")
    if not value.strip(" :-/0T\x00"):
        if value.strip(" :\x00"):
            raise ValueError("its date is all zeros")
        return None
    match = _DATE.match(value.strip(" \x00"))
    if match is None:
        raise ValueError("its date is malformed")
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    if len(match.group(1)) == 2:
        year += 1900 if year >= 69 else 2000
    try:
        moment = datetime(year, month, day, hour, minute, second)
    except ValueError:
        raise ValueError("its date does not exist") from None
    if moment.date() in _PLACEHOLDERS:
        raise ValueError(f"{moment:%Y-%m-%d} stands for a clock that was never set")
    return moment, match.group(7).strip(" \x00")


def fraction(value: Any) -> str | None:
    """Return the digits behind the decimal point of a second."""
    digits = text(str(value) if isinstance(value, int) else value, 9)
    return digits if digits and digits.isascii() and digits.isdigit() else None


def fraction_and_zone(rest: str) -> tuple[str | None, str | None]:
    """Return the fraction and the zone in what follows a time: `.61+02:00`."""
    match = _FRACTION.fullmatch(rest)
    return (match.group(1) or None, match.group(2) or None) if match else (None, None)


def offset(value: Any) -> str | None:
    """Return an offset from UTC as `+02:00`; the range is that of real zones, -12:00 to +14:00."""
    cleaned = text(value)
    if cleaned is None or not cleaned.strip(" :"):
        return None
    match = _OFFSET.fullmatch("+00:00" if cleaned == "Z" else cleaned)
    if match is None or int(match.group(3)) > 59:
        raise ValueError("its offset is malformed")
    minutes = int(f"{match.group(1)}1") * (int(match.group(2)) * 60 + int(match.group(3)))
    if not -12 * 60 <= minutes <= 14 * 60:
        raise ValueError("its offset is out of range")
    return f"{match.group(1)}{match.group(2)}:{match.group(3)}"


def instant(moment: datetime, minutes: int) -> str:
    """Return `moment`, whose zone is `minutes` ahead of UTC, as `2024-05-03T08:11:12Z`.

    Raises:
        ValueError: it is before the first year or after the last.
    """
    try:
        return (moment - timedelta(minutes=minutes)).isoformat(timespec="seconds") + "Z"
    except OverflowError:
        raise ValueError("it is before the first year or after the last") from None


def minutes_of(offset_text: str) -> int:
    """Return an offset in the form that `offset` returns in minutes, east of Greenwich positive."""
    minutes = int(offset_text[1:3]) * 60 + int(offset_text[4:6])
    return minutes if offset_text[0] == "+" else -minutes


def offset_of(minutes: int) -> str:
    """Return an offset of `minutes` as `+02:00`."""
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def degrees(value: Any, reference: Any, signs: dict[str, int], limit: int) -> float | None:
    """Return degrees, minutes and seconds with their hemisphere as decimal degrees, to 7 decimals (1 cm)."""
    if value is None or value == ():
        return None
    if not isinstance(value, tuple) or len(value) != 3:
        raise ValueError("it is not degrees, minutes and seconds")
    if any(not isinstance(part, int | float) or not isfinite(part) or part < 0 for part in value):
        raise ValueError("it holds a part that is not a number")
    sign = signs.get(reference.strip(" \x00").upper()[:1]) if isinstance(reference, str) else None
    if sign is None:
        raise ValueError("it does not say which hemisphere")
    decimal = value[0] + value[1] / 60 + value[2] / 3600
    if value[1] > 60 or value[2] > 60 or decimal > limit:
        raise ValueError(f"{decimal:g} degrees is out of range")
    return float(round(sign * decimal, 7))


def xmp_degrees(value: Any, signs: dict[str, int], limit: int) -> float | None:
    """Return XMP's `48,51.4833N` or `48,51,29N` as decimal degrees (XMP part 2, GPSCoordinate)."""
    if not isinstance(value, str):
        raise ValueError("it is not text")
    if not value.strip():
        return None
    match = _XMP_DEGREES.fullmatch(value.strip())
    if match is None:
        raise ValueError("it is not degrees and minutes")
    parts = tuple(float(part or 0) for part in match.groups()[:3])
    return degrees(parts, match.group(4), signs, limit)


def satellite_time(day: Any, time: Any) -> datetime | None:
    """Return GPSDateStamp and GPSTimeStamp, which are UTC, as a time without a zone, if both are there."""
    if not day or not time:
        return None
    if not isinstance(day, str) or not isinstance(time, tuple) or len(time) != 3 or None in time:
        raise ValueError("it is not a date, hours, minutes and seconds")
    parsed = wall_clock(f"{day.strip(' ' + chr(0))} 00:00:00")
    hours, minutes, seconds = (number(part, 0, high) for part, high in zip(time, (23, 59, 61), strict=True))
    if parsed is None or hours is None or minutes is None or seconds is None:
        return None
    try:
        return parsed[0] + timedelta(hours=hours, minutes=minutes, seconds=int(seconds))
    except OverflowError:
        raise ValueError("it is after the last year") from None


def xmp_satellite_time(value: Any) -> datetime | None:
    """Return XMP's GPSTimeStamp, a date and a time in UTC whether or not it says so."""
    parsed = wall_clock(value)
    if parsed is None:
        return None
    zone = offset(fraction_and_zone(parsed[1])[1])
    try:
        return parsed[0] - timedelta(minutes=minutes_of(zone) if zone else 0)
    except OverflowError:
        raise ValueError("it is before the first year or after the last") from None
