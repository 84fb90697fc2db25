"""Gives memories the titles that a person would write on the back of a photo. Pure."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from memories.thresholds import NIGHT_ENDS

_PARTS_OF_DAY = ((5, 12, "Morning"), (12, 17, "Afternoon"), (17, 24, "Evening"))
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_NUMBERS = (
    "Zero",
    "One",
    "Two",
    "Three",
    "Four",
    "Five",
    "Six",
    "Seven",
    "Eight",
    "Nine",
    "Ten",
    "Eleven",
    "Twelve",
)
_MOST, _TOGETHER = 0.6, 0.8
"""The share of photos that one place must have to name a memory, and that two must have together."""

Place = tuple[str, str, str]
"""Locality, region and country, as far as they are known, else empty."""


def days_of(start: datetime, end: datetime) -> tuple[date, date]:
    """Return the first and the last day; the small hours belong to the day before."""
    return start.date(), max(start.date(), (end - timedelta(hours=NIGHT_ENDS)).date())


def title_of(start: datetime, end: datetime, places: Sequence[Place], trip: bool = False) -> str:
    """Return the title of what was photographed from `start` to `end` at `places`, which may be none."""
    first, last = days_of(start, end)
    where = name_of(places)
    days = (last - first).days + 1
    if days == 1:
        part = _part_of_day(start, end, first)
        if where:
            return f"{part} in {where}, {_date(first)}" if part else f"{where}, {_date(first)}"
        return f"{part} of {_date(first)}" if part else _date(first)
    weekend = days == 2 and first.weekday() == 5
    if where:
        if weekend:
            return f"Weekend in {where}, {span(first, last)}"
        return f"{number(days)} days in {where}, {_months(first, last)}"
    if trip:
        return f"Trip of {number(days).lower()} days, {_months(first, last)}"
    return f"Weekend of {span(first, last)}" if weekend else span(first, last)


def name_of(places: Sequence[Place]) -> str:
    """Return the smallest place that most of `places` share, or the two that make up nearly all."""
    for level in range(3):
        counts = Counter(place[level] for place in places)
        unknown = counts.pop("", 0)
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        asked = sum(counts.values()) + unknown
        if ranked and ranked[0][1] >= _MOST * asked:
            return ranked[0][0]
        if len(ranked) > 1 and ranked[0][1] + ranked[1][1] >= _TOGETHER * asked:
            return f"{ranked[0][0]} and {ranked[1][0]}"
    return ""


def number(count: int) -> str:
    """Return a number as it begins a title: in words up to twelve."""
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def span(first: date, last: date) -> str:
    """Return two days as people write them: "3-5 May 2024", with a dash."""
    if first == last:
        return _date(first)
    if first.year != last.year:
        return f"{_date(first)} \N{EN DASH} {_date(last)}"
    if first.month != last.month:
        return f"{_day(first)} \N{EN DASH} {_date(last)}"
    return f"{first.day}\N{EN DASH}{_date(last)}"


def anniversary_title(today: date, years: Sequence[int], event: str) -> str:
    """Return the title of what was photographed on the calendar day of `today` in earlier `years`."""
    if len(years) == 1:
        ago = today.year - years[0]
        return f"{number(ago)} year{'' if ago == 1 else 's'} ago today: {event}"
    listed = ", ".join(str(year) for year in sorted(years)[:-1])
    return f"{_day(today)} in {listed} and {max(years)}"


def _part_of_day(start: datetime, end: datetime, day: date) -> str:
    end_hour = end.hour if end.date() == day else 23
    for begins, ends, part in _PARTS_OF_DAY:
        if begins <= start.hour < ends and begins <= end_hour < ends:
            return part
    return ""


def _months(first: date, last: date) -> str:
    if first.year != last.year:
        return f"{_MONTHS[first.month - 1]} {first.year} \N{EN DASH} {_MONTHS[last.month - 1]} {last.year}"
    if first.month != last.month:
        return f"{_MONTHS[first.month - 1]}\N{EN DASH}{_MONTHS[last.month - 1]} {last.year}"
    return f"{_MONTHS[first.month - 1]} {first.year}"


def _date(day: date) -> str:
    return f"{_day(day)} {day.year}"


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]}"
