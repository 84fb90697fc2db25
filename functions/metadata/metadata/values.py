"""Checks single values that cameras, editors and attackers wrote: each is sound, absent or refused.

A checker returns the value, None where the tag is absent or says "unknown", and raises ValueError
with a reason where it is nonsense; the record then goes without it, and says so.
"""

import re
import unicodedata
from datetime import date, datetime, timedelta
from math import isfinite
from typing import Any, NamedTuple

from metadata.decoding import decoded

MAX_TEXT = 512
"""The longest text kept, in characters: names and titles are shorter, and records hold 400 KB in all."""

MAX_CAPTION = 4096
"""The longest caption kept, in bytes of UTF-8."""

MAX_KEYWORDS = 100
MAX_KEYWORD = 128

SECOND, DAY, MONTH, YEAR = "second", "day", "month", "year"
"""How exactly a date is known."""

_DAY = re.compile(r"(\d{4}|\d\d(?=[:\-/.]))(?:[:\-/.]([ \d][ \d])(?:[:\-/.]([ \d][ \d]))?)?(?!\d)")
_COMPACT_DAY = re.compile(r"(\d{4})(\d\d)(\d\d)(?!\d)")
_TIME = re.compile(r"([T :]*)([ \d]?\d):?([ \d]\d)(?::?([ \d]\d))?(.*)", re.DOTALL)
_FRACTION = re.compile(r"(?:\.(\d*))?\s*(.*)", re.DOTALL)
_NOON = re.compile(r"[ \u202f]?([AP])\.?M\.?(?![A-Z])", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,15})?(?:/\d{1,15})?")
_XMP_DEGREES = re.compile(
    r"(\d{1,3})(?:,(\d{1,2}(?:\.\d+)?))?(?:,(\d{1,2}(?:\.\d+)?))?([NSEW])", re.IGNORECASE
)
_SIXTIETHS = re.compile(
    r"(\d+(?:[./]\d+)?)(?:[ ,:;°º]+(\d+(?:[./]\d+)?))?(?:[ ,:;'\u2032]+(\d+(?:[./]\d+)?))?[\"\u2033]?"
)
_SIXTIETHS_WITH_COMMAS = re.compile(r"(\d+),(\d+)[ ,:;]+(\d+),(\d+)[ ,:;]+(\d+),(\d+)")
"""The same with decimal commas, as programs of some countries write numbers."""
_DECIMAL_DEGREES = re.compile(r"([+-]?\d{1,3}\.\d+)\s*([NSEW]?)", re.IGNORECASE)
_OFFSET = re.compile(r"([+-])(\d{1,2}):?(\d\d)?")
_PLACEHOLDERS = (date(1970, 1, 1), date(1904, 1, 1))
"""Day zero of Unix and of QuickTime: what a camera writes when its clock was never set."""
_BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def text(value: Any, longest: int = MAX_TEXT) -> str | None:
    """Return `value` in one line without control characters, at most `longest` characters long.

    Of several, those of a sequence, the texts are joined by "; ", as Exif writes several artists.
    """
    if isinstance(value, bytes):  # text under a type that is none
        value = decoded(value.partition(b"\x00")[0])
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


_BOILERPLATE = re.compile(
    r"[A-Z][A-Z0-9<>/. +-]* (?:DIGITAL (?:STILL )?CAMERA|DSC)|DIGITAL CAMERA|DCF"
    r"|(?:Konica )?Minolta DSC|KODAK Digital Still Camera|Created by DPE, Pentax|<?KENOX .*|SAMSUNG|Digimax.*"
    r"|(?i:exif[ _]jpeg(?:[ _]picture)?|jpe?g|default|none|untitled|n/?a|screenshot|my beautiful picture"
    r"|binary comment|user comments?|xp_?comment|ascii|charset=\S+|applemark|gcm_tag|\W*)"
    r"|(?i:creator: gd-jpeg.*|creator: jasper.*|lead technologies.*|lavc[\d.]+|intel\(r\) jpeg.*"
    r"|jpeg encoder copyright.*|created with (?:the )?gimp.*|file written by adobe.*"
    r"|optimi[sz]ed by jpegmini.*|compressed by jpeg-.*|processed by ebay.*|handmade software.*"
    r"|r: *\d+ +g: *\d+ .*)"
)
"""What cameras and encoders write where a description belongs."""
_HUAWEI = re.compile(r"(?:[a-z]{2,6}|hdrpl)(?:_[a-z]+)?")
"""The modes that phones of Huawei and Honor write there: oznor, edf, dav, fbt."""


def caption(value: Any, camera: tuple[str, str] = ("", "")) -> str | None:
    """Return `value` as `text` does, at most `MAX_CAPTION` bytes of UTF-8.

    None for what a program wrote there itself; `camera` is its make and model.
    """
    line = text(value, MAX_CAPTION)
    if line is None or _BOILERPLATE.fullmatch(line) or "\ufffd" in line:
        return None
    make, model = (name.casefold() for name in camera)
    if line.casefold() in {make, model, f"{make} {model}"}:
        return None
    if make in ("huawei", "honor") and _HUAWEI.fullmatch(line):
        return None
    return line.encode()[:MAX_CAPTION].decode(errors="ignore").strip() or None


def keywords(value: Any) -> list[str] | None:
    """Return the different texts in `value`, in their order: several, or one with semicolons between."""
    several = value.split(";") if isinstance(value, str) else value if isinstance(value, tuple) else (value,)
    found: dict[str, None] = {}
    for each in several:
        word = text(each, MAX_KEYWORD)
        if word and len(found) < MAX_KEYWORDS:
            found[word] = None
    return list(found) or None


def number(value: Any, low: float, high: float, digits: int = 6) -> float | int | None:
    """Return `value` as a finite number from `low` to `high`, to `digits` decimals.

    XMP writes numbers as text, and ratios as two numbers with a slash.
    """
    if isinstance(value, tuple) and len(value) == 1:
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


def first(value: Any) -> Any:
    """Return the first of several values, where a tag may have several."""
    return value[0] if isinstance(value, tuple) and value else value


def whole(value: Any, low: int, high: int) -> int | None:
    """Return `value` as a whole number from `low` to `high`."""
    found = number(value, low, high)
    return None if found is None else int(found)


def positive(value: Any, high: float, digits: int = 6) -> float | int | None:
    """Return `value`, or None for 0, by which Exif says that a length or a time is unknown."""
    return number(value, 0, high, digits) or None


class Clock(NamedTuple):
    """A date as it was written: how exactly it is known, and what follows its seconds."""

    moment: datetime
    precision: str
    rest: str


def wall_clock(value: Any) -> Clock | None:
    """Return a date as Exif, XMP and IPTC write them: `2024:05:03 10:11:12`, `2024-05-03T10:11+02:00`.

    Month and day may be left out, or be blanks or zeros: what is not known is the first in `moment`. An hour
    of 24 is 0 of the same day, which some phones write so; in ISO 8601, 24:00:00 ends the day.
    """
    if value is None or value == ():
        return None
    if not isinstance(value, str):
        raise ValueError("it is not text")
    value = value.strip(" \x00\r\n\t")
    if not value.strip(" :-/0TZ"):
        if value.strip(" :"):
            raise ValueError("its date is all zeros")
        return None
    match = _COMPACT_DAY.match(value) or _DAY.match(value)
    if match is None:
        raise ValueError("its date is malformed")
    year, month, day = (int(part or 0) if (part or "0").strip() else 0 for part in match.groups())
    precision = SECOND if day and month else MONTH if month else YEAR
    time, rest = value[match.end() :], ""
    hour = minute = second = days = 0
    if precision == SECOND and (not time.strip(" :T") or _OFFSET.fullmatch(time) or time == "Z"):
        precision = DAY
    elif precision == SECOND:
        clock = _TIME.fullmatch(time)
        if clock is None:
            raise ValueError("its date is malformed")
        hour, minute, second = (int(part or 0) for part in clock.groups()[1:4])
        rest = clock[5].strip(" \x00")
        if noon := _NOON.match(clock[5]):
            rest = clock[5][noon.end() :].strip()
            if 1 <= hour <= 12:
                hour = hour % 12 + (12 if noon[1].upper() == "P" else 0)
        if hour == 24:
            hour, days = 0, int("T" in clock[1] and minute == second == 0)
    if len(match[1]) == 2:
        if precision in (MONTH, YEAR):
            raise ValueError("its date is malformed")
        year += 1900 if year >= 69 else 2000
    try:
        moment = datetime(year, month or 1, day or 1, hour, minute, min(second, 59)) + timedelta(days)
    except (ValueError, OverflowError):
        raise ValueError("its date does not exist") from None
    if precision in (SECOND, DAY) and moment.date() in _PLACEHOLDERS:
        raise ValueError(f"{moment:%Y-%m-%d} stands for a clock that was never set")
    return Clock(moment, precision, rest)


def truth(value: Any) -> bool | None:
    """Return XMP's `True` or `False` (XMP part 1, 8.2.1.1)."""
    return {"true": True, "false": False}.get((text(value) or "").casefold())


def seconds_of_apex(value: Any) -> float | None:
    """Return the exposure time in seconds that an APEX time value says (Exif 2.32, annex C)."""
    apex = number(value, -20, 20, 12)
    return None if apex is None else round(2**-apex, 9)


def f_number_of_apex(value: Any) -> float | None:
    """Return the f-number that an APEX aperture value says (Exif 2.32, annex C); 0 is said of no lens."""
    apex = positive(value, 20)
    return None if apex is None else round(2 ** (apex / 2), 2)


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
    match = _OFFSET.fullmatch("+00:00" if cleaned in ("Z", "UTC", "GMT") else cleaned)
    if match is None or int(match[3] or 0) > 59:
        raise ValueError("its offset is malformed")
    minutes = int(f"{match[1]}1") * (int(match[2]) * 60 + int(match[3] or 0))
    if not -12 * 60 <= minutes <= 14 * 60:
        raise ValueError("its offset is out of range")
    return offset_of(minutes)


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
    """Return degrees, minutes and seconds with their hemisphere as decimal degrees, to 7 decimals (1 cm).

    Minutes and seconds of 0/0 are none: the degrees, or the minutes, have a fraction. Some programs write
    the three as a text.
    """
    if isinstance(value, str):
        value = _sixtieths(value)
    if value is None or value == ():
        return None
    if not isinstance(value, tuple) or len(value) != 3:
        raise ValueError("it is not degrees, minutes and seconds")
    while len(value) > 1 and value[-1] is None:
        value = value[:-1]
    if any(not isinstance(part, int | float) or not isfinite(part) or part < 0 for part in value):
        raise ValueError("it holds a part that is not a number")
    sign = signs.get(reference.strip(" \x00").upper()[:1]) if isinstance(reference, str) else None
    if sign is None:
        raise ValueError("it does not say which hemisphere")
    whole, minutes, seconds = (*value, 0, 0)[:3]
    decimal = whole + minutes / 60 + seconds / 3600
    if minutes > 60 or seconds > 60 or decimal > limit:
        raise ValueError(f"{decimal:g} degrees is out of range")
    return float(round(sign * decimal, 7))


def _sixtieths(value: str) -> tuple[float | None, ...] | None:
    """Return the three numbers in a text: `52,50,34.0118`, `52/1 50/1 34/1`, `52,00000,50,00000,34,01180`."""
    value = value.strip(" \x00")
    if not value:
        return None
    if match := _SIXTIETHS_WITH_COMMAS.fullmatch(value):
        parts: tuple[str | None, ...] = tuple(
            map(".".join, zip(match.groups()[::2], match.groups()[1::2], strict=True))
        )
    elif (match := _SIXTIETHS.fullmatch(value)) and (match[2] or "." in value):
        parts = match.groups()
    else:
        raise ValueError("it is not degrees, minutes and seconds")
    return tuple(None if part is None else number(part, 0, 1e6, 9) for part in parts)


def xmp_degrees(value: Any, signs: dict[str, int], limit: int) -> float | None:
    """Return XMP's `48,51.4833N` or `48,51,29N` as decimal degrees (XMP part 2, GPSCoordinate).

    Some programs write decimal degrees, with a sign or with a hemisphere.
    """
    if not isinstance(value, str):
        raise ValueError("it is not text")
    value = value.strip()
    if not value:
        return None
    if decimal := _DECIMAL_DEGREES.fullmatch(value):
        number = float(decimal[1])
        letter = decimal[2] or next(letter for letter, sign in signs.items() if sign * number >= 0)
        return degrees((abs(number) if number < 0 and not decimal[2] else number, 0, 0), letter, signs, limit)
    match = _XMP_DEGREES.fullmatch(value)
    if match is None:
        raise ValueError("it is not degrees and minutes")
    parts = tuple(float(part or 0) for part in match.groups()[:3])
    return degrees(parts, match[4], signs, limit)


_SATELLITES_SINCE = datetime(1980, 1, 6)
"""GPS counts from here (IS-GPS-200, 3.3.4): an earlier date is a zero of some calendar."""


def satellite_time(day: Any, time: Any) -> datetime | None:
    """Return GPSDateStamp and GPSTimeStamp, which are UTC, as a time without a zone, if both are there.

    Some cameras write the time behind the date, too.
    """
    if not day or not time:
        return None
    if isinstance(time, str):
        time = _sixtieths(time)
    if not isinstance(day, str) or not isinstance(time, tuple) or len(time) != 3:
        raise ValueError("it is not a date, hours, minutes and seconds")
    if None in time[:2]:
        raise ValueError("it is not a date, hours, minutes and seconds")
    parsed = wall_clock(f"{day.strip(' ' + chr(0))[:10]} 00:00:00")
    hours, minutes, seconds = (
        number(part or 0, 0, high) for part, high in zip(time, (23, 59, 61), strict=True)
    )
    if parsed is None or hours is None or minutes is None or seconds is None:
        return None
    try:
        moment = parsed.moment + timedelta(hours=hours, minutes=minutes, seconds=int(seconds))
    except OverflowError:
        raise ValueError("it is after the last year") from None
    return _by_satellites(moment)


def xmp_satellite_time(value: Any) -> datetime | None:
    """Return XMP's GPSTimeStamp, a date and a time in UTC whether or not it says so."""
    parsed = wall_clock(value)
    if parsed is None or parsed.precision != SECOND:
        return None
    zone = offset(fraction_and_zone(parsed.rest)[1])
    try:
        moment = parsed.moment - timedelta(minutes=minutes_of(zone) if zone else 0)
    except OverflowError:
        raise ValueError("it is before the first year or after the last") from None
    return _by_satellites(moment)


def _by_satellites(moment: datetime) -> datetime:
    if moment < _SATELLITES_SINCE:
        raise ValueError(f"{moment:%Y-%m-%d} is before the first satellites")
    return moment
