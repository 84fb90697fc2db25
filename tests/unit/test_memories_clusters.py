"""Which photos make an event or a trip, and what is home: the photos decide, not the order they came in."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memories.clusters import events_of, homes_of, trips_of
from memories.grouping import EVENT, TRIP, Memory, memories_of
from memories.heirs import ids_of
from memories.sessions import Session, inherit, session_from, session_record, sessions_of
from memories.summary import Entry, hours_of
from memories.thresholds import EVENT_GAP, EVENT_SPAN, JUMP_KM, JUMP_PAUSE
from safelight.geo import Position, distance_km

LYON, ROME, FLORENCE, FIUMICINO = (45.764, 4.8357), (41.9028, 12.4964), (43.7696, 11.2558), (41.7733, 12.2397)
TOKYO, KYOTO = (35.6762, 139.6503), (35.0116, 135.7681)
NOON = datetime(2024, 5, 3, 12)


def sessions(photos: Mapping[str, Entry]) -> list[Session]:
    days: dict[str, dict[str, Entry]] = {}
    for key, entry in photos.items():
        days.setdefault(entry.at[:10], {})[key] = entry
    return [it for day in sorted(days) for it in sessions_of(hours_of(days[day]), 1)]


def photo(hours: float, place: Position | None = None) -> Entry:
    return Entry((NOON + timedelta(hours=hours)).isoformat(), place)


def events(photos: Mapping[str, Entry]) -> list[str]:
    found = events_of(sessions(photos), {})
    return [
        "".join(sorted(key for key, entry in photos.items() if any(it.holds(entry.at) for it in event)))
        for event in found
    ]


@pytest.mark.parametrize(
    ("photos", "expected"),
    [
        ({}, []),
        ({"a": photo(0), "b": photo(35.9)}, ["ab"]),
        ({"a": photo(0), "b": photo(36)}, ["a", "b"]),
        ({"a": photo(0, ROME), "b": photo(20, FLORENCE)}, ["a", "b"]),
        ({"a": photo(0, ROME), "b": photo(20, FIUMICINO)}, ["ab"]),
        ({"a": photo(0, ROME), "b": photo(2.9, FLORENCE)}, ["ab"]),
        ({"a": photo(0, ROME), "b": photo(2, FLORENCE), "c": photo(22, FLORENCE)}, ["abc"]),
        ({"a": photo(-6, ROME), "b": photo(3, FLORENCE)}, ["a", "b"]),
        # photos without a place between two towns: the night among them is where the stops part
        ({"a": photo(0, ROME), "b": photo(1), "c": photo(15), "d": photo(15.1, FLORENCE)}, ["ab", "cd"]),
        # a drive with photos all the way
        ({"a": photo(0, ROME), "b": photo(2), "c": photo(4, FLORENCE)}, ["abc"]),
    ],
)
def test_events(photos: Mapping[str, Entry], expected: list[str]) -> None:
    assert events(photos) == expected


PHOTOS = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3),
    st.builds(
        photo, st.integers(0, 300).map(lambda it: it / 2), st.sampled_from([None, ROME, FLORENCE, FIUMICINO])
    ),
    max_size=14,
)


def photo_by_photo(photos: Mapping[str, Entry]) -> list[list[str]]:
    """The definition of an event, looked up in every photo: what the sessions must come to."""
    ordered = sorted((entry.at, key) for key, entry in photos.items())
    at = [datetime.fromisoformat(when) for when, _ in ordered]
    cuts = {index for index in range(1, len(at)) if at[index] - at[index - 1] >= EVENT_GAP}
    located = [index for index, (_, key) in enumerate(ordered) if photos[key].position]
    for before, after in pairwise(located):
        here, there = photos[ordered[before][1]].position, photos[ordered[after][1]].position
        assert here and there
        cut = max(range(before + 1, after + 1), key=lambda index: (at[index] - at[index - 1], -index))
        if distance_km(here, there) > JUMP_KM and at[cut] - at[cut - 1] >= JUMP_PAUSE:
            cuts.add(cut)
    bounds = [0, *sorted(cuts), len(ordered)]
    return [sorted(key for _, key in ordered[one:other]) for one, other in pairwise(bounds) if one < other]


@given(PHOTOS)
def test_sessions_lose_nothing(photos: dict[str, Entry]) -> None:
    assert events(photos) == ["".join(keys) for keys in photo_by_photo(photos)]


@given(PHOTOS)
def test_what_is_stored_of_a_session_is_what_is_read(photos: dict[str, Entry]) -> None:
    for session in sessions(photos):
        assert session_from(session_record(session)) == session


def test_who_photographs_every_day_has_events_of_bounded_length() -> None:
    photos = {str(day): photo(24 * day + (day * 7 % 5)) for day in range(400)}
    found = events_of(sessions(photos), {})
    assert len(found) > 400 / 31
    assert all(event[-1].end - event[0].start <= EVENT_SPAN for event in found)
    assert sum(len(event) for event in found) == 400


def at_home(first_day: int = 0, weeks: int = 20, place: Position = LYON) -> dict[str, Entry]:
    return {
        f"h{first_day}-{n}-{i}": photo(24 * (first_day + 7 * n) + i, place)
        for n in range(weeks)
        for i in range(3)
    }


def away(day: int, days: int, *places: Position | None, photos: int = 12) -> dict[str, Entry]:
    return {
        f"t{day}-{n}-{i}": photo(24 * (day + n) + i / 2, places[n * len(places) // days])
        for n in range(days)
        for i in range(photos)
    }


def trips(photos: Mapping[str, Entry]) -> list[tuple[str, str]]:
    ordered = sessions(photos)
    return [(trip[0].day, trip[-1].day) for trip in trips_of(ordered, homes_of(ordered))]


def test_home_is_where_photos_are_taken_for_months() -> None:
    homes = homes_of(sessions(at_home() | away(40, 5, ROME, photos=200)))
    assert homes and all(distance_km(home, LYON) < 5 for home in homes.values())
    assert homes_of(sessions(away(0, 14, ROME))) == {}


def test_where_one_goes_on_holiday_twice_is_no_home() -> None:
    assert homes_of(sessions(away(0, 14, ROME) | away(180, 14, ROME))) == {}


def test_home_moves_with_its_people() -> None:
    homes = homes_of(sessions(at_home(0, 100) | at_home(1000, 100, FLORENCE)))
    assert distance_km(homes[min(homes)], LYON) < 5
    assert distance_km(homes[max(homes)], FLORENCE) < 5


def test_a_trip_leads_over_many_places_and_days_without_a_place() -> None:
    found = trips(at_home() | away(36, 6, ROME, None, FLORENCE))
    assert found == [("2024-06-08", "2024-06-13")]
    assert trips(at_home() | away(36, 5, TOKYO, KYOTO)) == [("2024-06-08", "2024-06-12")]


def test_what_is_no_trip() -> None:
    assert trips(at_home() | away(36, 1, ROME, photos=20)) == [], "a day"
    assert trips(at_home() | away(36, 3, ROME, photos=5)) == [], "a few photos"
    assert trips(at_home(0, 20) | away(141, 60, ROME)) == [], "two months"
    assert trips(at_home() | away(36, 3, (45.9, 4.9))) == [], "near home"


def test_without_a_home_a_trip_must_lead_somewhere() -> None:
    assert trips(away(0, 4, ROME)) == []
    assert trips(away(0, 4, ROME, FLORENCE)) == [("2024-05-03", "2024-05-06")]


def test_at_home_a_night_ends_an_event_and_away_it_does_not() -> None:
    days = {"x0": photo(24 * 38, LYON), "x1": photo(24 * 39, LYON)}
    ordered = sessions(at_home() | days)
    count = len(events_of(ordered, homes_of(ordered)))
    assert count == len(events_of(ordered, {})) + 1


def ids(photos: Mapping[str, Entry], before: list[Memory] | None = None) -> list[Memory]:
    fresh, old = (
        sessions(photos),
        [
            session_from({**session_record(it), "event": memory.memory_id})
            for memory in before or []
            if memory.kind == EVENT
            for it in memory.sessions
        ],
    )
    by_day: dict[str, list[Session]] = {}
    for session in fresh:
        by_day.setdefault(session.day, []).append(session)
    heirs = [
        heir for day, its in by_day.items() for heir in inherit(its, [it for it in old if it.day == day])
    ]
    return memories_of("album", heirs)


def id_at(memories: list[Memory], hours: float) -> str:
    at = (NOON + timedelta(hours=hours)).isoformat()
    return next(it.memory_id for it in memories if it.kind == EVENT and any(s.holds(at) for s in it.sessions))


def test_a_memory_keeps_its_id_while_it_grows_at_its_start() -> None:
    before = ids({"b": photo(1)})
    assert id_at(ids({"a": photo(0), "b": photo(1)}, before), 0) == before[0].memory_id


def test_a_merger_keeps_the_id_of_the_larger() -> None:
    apart: dict[str, Entry] = {"a": photo(0), "b": photo(60), "c": photo(61)}
    before = ids(apart)
    after = ids({**apart, "d": photo(30)}, before)
    assert [memory.memory_id for memory in after] == [id_at(before, 60)]


def test_a_split_leaves_the_id_with_the_larger_and_a_new_one_never_repeats_it() -> None:
    before = ids({"a": photo(0), "b": photo(30), "c": photo(60), "d": photo(61)})
    after = ids({"a": photo(0), "c": photo(60), "d": photo(61)}, before)
    assert id_at(after, 60) == before[0].memory_id
    # "a" is again the first photo of its event, and its id from then is still in use
    assert id_at(after, 0) != before[0].memory_id


@given(
    st.lists(st.dictionaries(st.sampled_from("xyz"), st.integers(1, 9)), max_size=6),
    st.randoms(use_true_random=False),
)
def test_ids_are_unique_and_the_largest_share_keeps_its_id(shares: list[dict[str, int]], chance: Any) -> None:
    found = ids_of([str(n) for n in range(len(shares))], shares, set())
    assert len(set(found)) == len(shares)
    for old in {old for share in shares for old in share}:
        if old not in found:  # only where each group that had photos of it kept an id with more of them
            for share, kept in zip(shares, found, strict=True):
                assert share.get(old, 0) <= share.get(kept, 0)


def test_an_event_knows_its_trip() -> None:
    memories = memories_of("album", sessions(at_home() | away(36, 6, ROME, FLORENCE)))
    (trip,) = [memory for memory in memories if memory.kind == TRIP]
    inside = [memory for memory in memories if memory.kind == EVENT and memory.trip == trip.memory_id]
    assert len(inside) == 2
    assert sum(it.count for memory in inside for it in memory.sessions) == sum(
        it.count for it in trip.sessions
    )
    assert {memory.at_home for memory in inside} == {False}
