"""Finds events, homes and trips among the sessions of an album. Pure: no AWS, no clock, no history.

The same sessions give the same answer, whatever the order in which their photos came.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from math import floor

from memories.sessions import Session
from memories.thresholds import (
    AWAY_KM,
    CLUSTER_KM,
    EVENT_GAP,
    EVENT_SPAN,
    HOME_DAYS,
    HOME_GAP,
    HOME_PHOTOS,
    HOME_SPAN,
    HOME_WEEKS,
    JUMP_KM,
    JUMP_PAUSE,
    TRIP_DAYS,
    TRIP_GAP,
    TRIP_HOP_KM,
    TRIP_PHOTOS,
)
from safelight.geo import Position, distance_km

Homes = Mapping[int, Position]
"""Where home was, by half-year; where nothing is known, nothing is in it."""

_CELL = 0.05
"""Degrees each way of the cells, of 5 km or less, in which places are taken for one."""

_CENTRES = 16
"""How many cells, those with the most days, are tried as the centre of a home."""


def events_of(sessions: Sequence[Session], homes: Homes) -> list[list[Session]]:
    """Return `sessions`, which are in order, parted into events.

    They part at every pause of `EVENT_GAP`, or of `HOME_GAP` between two at home; at every jump of `JUMP_KM`
    with a pause of `JUMP_PAUSE` in it; and where they would otherwise be longer than `EVENT_SPAN`.
    """
    cuts = {
        index
        for index, (earlier, later) in enumerate(pairwise(sessions), start=1)
        if later.start - earlier.end >= _gap(earlier, later, homes)
    }
    located = [index for index, session in enumerate(sessions) if session.first]
    for before, after in pairwise(located):
        here, there = sessions[before].last, sessions[after].first
        if here and there and distance_km(here, there) > JUMP_KM:
            cut = _longest_pause(sessions, before, after)
            if sessions[cut].start - sessions[cut - 1].end >= JUMP_PAUSE:
                cuts.add(cut)
    bounds = [0, *sorted(cuts), len(sessions)]
    return [part for start, end in pairwise(bounds) for part in _parts(sessions, start, end)]


def _gap(earlier: Session, later: Session, homes: Homes) -> timedelta:
    return HOME_GAP if is_home(earlier, homes) and is_home(later, homes) else EVENT_GAP


def _longest_pause(sessions: Sequence[Session], first: int, last: int) -> int:
    """Return the session after the longest pause between two; the earliest of several such."""
    return max(
        range(first + 1, last + 1),
        key=lambda index: (sessions[index].start - sessions[index - 1].end, -index),
    )


def _parts(sessions: Sequence[Session], start: int, end: int) -> Iterator[list[Session]]:
    """Part sessions `start` to `end` at their longest pause until none is longer than `EVENT_SPAN`."""
    waiting = [(start, end)]
    while waiting:
        first, after = waiting.pop()
        if first == after:
            continue
        if sessions[after - 1].end - sessions[first].start <= EVENT_SPAN:
            yield list(sessions[first:after])
        else:
            cut = _longest_pause(sessions, first, after - 1)
            waiting += [(cut, after), (first, cut)]


def homes_of(sessions: Sequence[Session]) -> dict[int, Position]:
    """Return where home was in each half-year with sessions: people move.

    It is the place with photos on the most days within `CLUSTER_KM`, among those of the half-year and of its
    two neighbours, if it has enough of them; where it has not, that of the nearest half-year that has one.
    """
    by_half: defaultdict[int, list[Session]] = defaultdict(list)
    for session in sessions:
        by_half[half_year(session)].append(session)
    found = {
        half: home
        for half in by_half
        if (home := _home([it for near in (half - 1, half, half + 1) for it in by_half.get(near, [])]))
    }
    return {
        half: found[min(found, key=lambda other: (abs(other - half), other))] for half in by_half if found
    }


def half_year(session: Session) -> int:
    """Return the number of the half-year in which `session` starts."""
    return session.start.year * 2 + (session.start.month > 6)


def _home(sessions: Sequence[Session]) -> Position | None:
    """Return the place within `CLUSTER_KM` of which photos were taken on the most days, if it is a home."""
    days_in: defaultdict[tuple[int, int], Counter[date]] = defaultdict(Counter)
    best: dict[tuple[int, int], tuple[int, str, Position]] = {}
    for it in sessions:
        if it.centre:
            cell = floor(it.centre[0] / _CELL), floor(it.centre[1] / _CELL)
            days_in[cell][it.start.date()] += it.count
            one = (it.count, it.starts, it.centre)
            best[cell] = max(best.get(cell, one), one)
    places = [(days, best[cell][2]) for cell, days in days_in.items()]
    homes = []
    for own, here in sorted(places, key=lambda it: (-len(it[0]), it[1]))[:_CENTRES]:
        days: Counter[date] = Counter()
        for more, there in places:
            if distance_km(here, there) <= CLUSTER_KM:
                days.update(more)
        if _is_home(days):
            homes.append((len(days), len(own), here))
    return max(homes)[2] if homes else None


def _is_home(days: Mapping[date, int]) -> bool:
    return (
        sum(days.values()) >= HOME_PHOTOS
        and len(days) >= HOME_DAYS
        and max(days) - min(days) >= HOME_SPAN
        and len({day.isocalendar()[:2] for day in days}) >= HOME_WEEKS
    )


def is_home(session: Session, homes: Homes) -> bool | None:
    """Tell whether `session` was at home; None where it, or home, is not known."""
    home = homes.get(half_year(session))
    return None if home is None or session.centre is None else distance_km(session.centre, home) <= AWAY_KM


def trips_of(sessions: Sequence[Session], homes: Homes) -> list[list[Session]]:
    """Return the trips among `sessions`, which are in order: days away, over as many places as they led to.

    A trip ends with a session at home, after `TRIP_GAP` without photos, or with a hop of more than
    `TRIP_HOP_KM` that took longer than `EVENT_GAP`. Sessions without a position belong to the trip that they
    lie within.
    """
    runs: list[list[int]] = [[]]
    for index, session in enumerate(sessions):
        if session.centre is None:
            continue
        if is_home(session, homes):
            runs.append([])
        elif runs[-1] and _goes_on(sessions[runs[-1][-1]], session):
            runs[-1].append(index)
        else:
            runs.append([index])
    trips = [trip for run in runs if run for trip in _trips(sessions, run)]
    return [trip for trip in trips if _is_trip(trip) and (homes or _leads_on(trip))]


def _trips(sessions: Sequence[Session], run: list[int]) -> list[list[Session]]:
    """Return the sessions of `run`, parted at the longest pause of `EVENT_GAP` while too long for a trip.

    Two trips may follow each other without a photo at home between them.
    """
    trip = list(sessions[run[0] : run[-1] + 1])
    if _days(trip) > TRIP_DAYS[1]:
        pauses = [sessions[later].start - sessions[earlier].end for earlier, later in pairwise(run)]
        longest = max(range(len(pauses)), key=lambda index: (pauses[index], -index))
        if pauses[longest] >= EVENT_GAP:
            return _trips(sessions, run[: longest + 1]) + _trips(sessions, run[longest + 1 :])
    return [trip]


def _days(trip: Sequence[Session]) -> int:
    return (trip[-1].end.date() - trip[0].start.date()).days + 1


def _goes_on(earlier: Session, later: Session) -> bool:
    gap = later.start - earlier.end
    if gap > TRIP_GAP or earlier.last is None or later.first is None:
        return False
    return gap <= EVENT_GAP or distance_km(earlier.last, later.first) <= TRIP_HOP_KM


def _is_trip(trip: Sequence[Session]) -> bool:
    return TRIP_DAYS[0] <= _days(trip) <= TRIP_DAYS[1] and sum(it.count for it in trip) >= TRIP_PHOTOS


def _leads_on(trip: Sequence[Session]) -> bool:
    centres = [session.centre for session in trip if session.centre]
    return any(distance_km(centres[0], other) > JUMP_KM for other in centres)
