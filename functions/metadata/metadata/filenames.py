"""Reads the date in a file's name, which phones, messengers and screenshots write there."""

import re
from datetime import datetime

from metadata.values import DAY, SECOND, Clock

_YEAR = r"(?<!\d)((?:19[89]|20[0-4])\d)"
_MOMENT = re.compile(
    _YEAR + r"([-_. ]?)(\d\d)\2(\d\d)[^\d]{0,12}?"
    r"(?:(\d\d)[-_.:h]?(\d\d)[-_.:m]?(\d\d)|(?<=\D)(\d)[.:](\d\d)[.:](\d\d))"
    r"(?:[-_.]?\d{3})?(?!\d)(?:\s?([AP])M)?",
    re.IGNORECASE,
)
"""20240503_101112, 2024-05-03-10-11-12-123, 2024-05-03 at 1.11.12 PM; 8 digits and 9 with milliseconds."""
_DAY = re.compile(_YEAR + r"(?:(\d\d)(\d\d)-WA\d+|-(\d\d)-(\d\d)(?!\d))")
"""The day alone: WhatsApp's IMG-20240503-WA0001, and whoever writes 2024-05-03."""
_UTC = re.compile(r"PXL_", re.IGNORECASE)
"""Google's camera names its files by UTC."""


def date_in(filename: str) -> Clock | None:
    """Return the date in a file's name, or None; its rest is `Z` where the name counts in UTC."""
    if found := _MOMENT.search(filename):
        year, _, month, day, *parts = found.groups()
        hour, minute, second = (int(part) for part in parts[:6] if part)
        if parts[6] and 1 <= hour <= 12:
            hour = hour % 12 + (12 if parts[6].upper() == "P" else 0)
        rest = "Z" if _UTC.match(filename) else ""
        return _clock((int(year), int(month), int(day), hour, minute, second), SECOND, rest)
    if found := _DAY.search(filename):
        year, *parts = found.groups()
        month, day = (int(part) for part in parts if part)
        return _clock((int(year), month, day, 0, 0, 0), DAY, "")
    return None


def _clock(parts: tuple[int, int, int, int, int, int], precision: str, rest: str) -> Clock | None:
    try:
        return Clock(datetime(*parts), precision, rest)
    except ValueError:
        return None
