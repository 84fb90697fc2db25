"""Checks single values that cameras, editors and attackers wrote: each is sound, absent or refused.

A checker returns the value, None where the tag is absent or says "unknown", and raises ValueError
with a reason where it is nonsense; the record then goes without it, and says so.
"""

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from math import isfinite
from typing import Any

MAX_TEXT = 512
"""The longest text kept, in characters: captions are shorter, and records hold 400 KB in all."""

_DATE = re.compile(r"(\d{4})[:\-/.](\d\d)[:\-/.](\d\d)[ T](\d\d):(\d\d)(?::(\d\d))?(.*)", re.DOTALL)
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
_PLACEHOLDERS = (date(1970, 1, 1), date(1904, 1, 1))
"""Day zero of Unix and of QuickTime: what a camera writes when its clock was never set."""
_BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def text(value: Any) -> str | None:
    """Return `value` in one line without control characters, at most `MAX_TEXT` characters long."""
    if value is None or value == ():
        return None
    if not isinstance(value, str):
        raise ValueError("it is not text")
    kept = "".join(
        " " if character.isspace() else character
        for character in value
        if character.isspace()
        or (unicodedata.category(character) not in ("Cc", "Cs") and character not in _BIDI)
    )
    return " ".join(kept.split())[:MAX_TEXT].strip() or None


def number(value: Any, low: float, high: float) -> float | None:
    """Return `value` as a finite number from `low` to `high`; of several, the first."""
    if isinstance(value, tuple) and value:
        value = value[0]
    if value is None or isinstance(value, bool | str | tuple) or not isinstance(value, int | float):
        if value in (None, (), ""):
            return None
        raise ValueError("it is not a number")
    if not isfinite(value) or not low <= value <= high:
        raise ValueError(f"{value:g} is out of range")
    return value


def wall_clock(value: Any) -> tuple[datetime, str] | None:
    """Return the date and time in `value` as local wall clock, and the text that follows it.

    Both the Exif form `2024:05:03 10:11:12` and the ISO form are read; a blank means unknown (Exif 2.32).
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
    try:
        moment = datetime(year, month, day, hour, minute, second)
    except ValueError:
        raise ValueError("its date does not exist") from None
    if moment.date() in _PLACEHOLDERS:
        raise ValueError(f"{moment:%Y-%m-%d} stands for a clock that was never set")
    return moment, match.group(7).strip()


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


def instant(moment: datetime, offset_text: str) -> str:
    """Return `moment`, whose zone is `offset_text` ahead of UTC, as `2024-05-03T08:11:12Z`."""
    ahead = timedelta(hours=int(offset_text[1:3]), minutes=int(offset_text[4:6]))
    utc = moment - ahead if offset_text[0] == "+" else moment + ahead
    return utc.isoformat(timespec="seconds") + "Z"


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


def satellite_time(day: Any, time: Any) -> str | None:
    """Return GPSDateStamp and GPSTimeStamp, which are UTC, as `2024-05-03T08:11:12Z`, if both are there."""
    if not day or not time:
        return None
    if not isinstance(day, str) or not isinstance(time, tuple) or len(time) != 3 or None in time:
        raise ValueError("it is not a date, hours, minutes and seconds")
    parsed = wall_clock(f"{day.strip(' ' + chr(0))} 00:00:00")
    hours, minutes, seconds = (number(part, 0, high) for part, high in zip(time, (23, 59, 61), strict=True))
    if parsed is None or hours is None or minutes is None or seconds is None:
        return None
    moment = parsed[0].replace(tzinfo=UTC) + timedelta(hours=hours, minutes=minutes, seconds=int(seconds))
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
