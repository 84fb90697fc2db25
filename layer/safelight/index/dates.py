"""Dates as people say them, and the marks by which a search finds them. Pure.

A photo of 1 June 2024 has the marks `y2024`, `m06` and `d0601`. No word that is typed looks like one by
chance: words are looked for beside them.
"""

import re
from dataclasses import dataclass

_MONTHS = (
    "january jan januar janvier enero gennaio janeiro januari",
    "february feb februar fevrier febrero febbraio fevereiro februari",
    "march mar marz maerz mars marzo marco maart",
    "april apr avril abril aprile",
    "may mai mayo maggio maio mei",
    "june jun juni juin junio giugno junho",
    "july jul juli juillet julio luglio julho",
    "august aug aout agosto augustus",
    "september sep sept septembre septiembre settembre setembro",
    "october oct oktober okt octobre octubre ottobre outubro",
    "november nov novembre noviembre novembro",
    "december dec dezember dez decembre diciembre dicembre dezembro",
)
"""The months in English, German, French, Spanish, Italian, Portuguese and Dutch, folded."""

MONTH_NAMES = tuple(names.split()[0].capitalize() for names in _MONTHS)

_NUMBER = {name: f"{at:02}" for at, names in enumerate(_MONTHS, 1) for name in names.split()}
_YEAR = re.compile(r"(?:18|19|20)\d\d")
_DAY = re.compile(r"(0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?")
_WHOLE = re.compile(r"(?<!\d)((?:18|19|20)\d\d)[-./](\d{1,2})(?:[-./](\d{1,2}))?(?!\d)")
_EUROPEAN = re.compile(r"(?<!\d)(\d{1,2})\.(\d{1,2})\.((?:18|19|20)\d\d)(?!\d)")


@dataclass(frozen=True)
class Said:
    """A part of what was typed: `words` that may stand anywhere, or, where that is a date, its `marks`."""

    words: tuple[str, ...]
    marks: tuple[str, ...] = ()


def marks_of(taken_at: str, precision: str | None) -> list[str]:
    """Return the marks of a photo; `precision` is what is known of the date: all, `month` or `year`."""
    year, month, day = taken_at[:4], taken_at[5:7], taken_at[8:10]
    if precision == "year":
        return [f"y{year}"]
    return [f"y{year}", f"m{month}"] + ([] if precision == "month" else [f"d{month}{day}"])


def whole_dates(text: str) -> tuple[list[tuple[str, ...]], str]:
    """Return the marks of each date that `text` writes in digits, and what else it says.

    Those are 2024-06-01, 2024-06, also with dots or slashes, and 1.6.2024.
    """
    found = list[tuple[str, ...]]()

    def take(match: re.Match[str]) -> str:
        year, month, day = match.groups() if match.re is _WHOLE else match.groups()[::-1]
        if not 1 <= int(month) <= 12 or (day and not 1 <= int(day) <= 31):
            return match[0]
        found.append((f"y{year}", f"d{int(month):02}{int(day):02}" if day else f"m{int(month):02}"))
        return " "

    rest = _EUROPEAN.sub(take, _WHOLE.sub(take, text))
    return found, rest


def said(words: list[str]) -> list[Said]:
    """Return what each of the folded `words` may mean: a year, a month, or a day beside its month."""
    parts: list[Said] = []
    at = 0
    while at < len(words):
        both = tuple(words[at : at + 2])
        if len(both) == 2 and (mark := _day_mark(both)):
            parts.append(Said(both, (mark,)))
            at += 2
            continue
        word = words[at]
        if _YEAR.fullmatch(word):
            parts.append(Said((word,), (f"y{word}",)))
        elif word in _NUMBER:
            parts.append(Said((word,), (f"m{_NUMBER[word]}",)))
        else:
            parts.append(Said((word,)))
        at += 1
    return parts


def _day_mark(both: tuple[str, ...]) -> str | None:
    for month, day in (both, both[::-1]):
        if month in _NUMBER and (match := _DAY.fullmatch(day)):
            return f"d{_NUMBER[month]}{int(match[1]):02}"
    return None


def months_said(text: str, months: list[str]) -> list[tuple[str, str]]:
    """Return those of `months`, as 2024-06, that `text` begins to name, each with its name; years, too."""
    names = {month: f"{MONTH_NAMES[int(month[5:]) - 1]} {month[:4]}" for month in months}
    years = {month[:4]: month[:4] for month in months}
    started = [(month, name) for month, name in (years | names).items() if name.lower().startswith(text)]
    return sorted(started, reverse=True)
