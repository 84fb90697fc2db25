"""Which photos make an event or a trip, and what is home: the photos decide, not the order they came in."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memories import clusters
from memories.clusters import Homes, events_of, half_year, homes_of, is_home, trips_of
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


def test_the_longest_pause_may_be_the_last_one() -> None:
    photos = {str(day): photo(24 * day) for day in range(30)} | {"last": photo(24 * 29 + 35)}
    assert [len(event) for event in events_of(sessions(photos), {})] == [30, 1]


@pytest.mark.parametrize(("minutes", "parts"), [(0, 1), (1, 2)])
def test_an_event_may_be_as_long_as_its_span(minutes: int, parts: int) -> None:
    last = EVENT_SPAN.total_seconds() / 3600 + minutes / 60
    photos = {str(day): photo(24 * day) for day in range(EVENT_SPAN.days)} | {"last": photo(last)}
    assert len(events_of(sessions(photos), {})) == parts


@pytest.mark.parametrize(
    ("moments", "halves"),
    [
        (("2024-06-30T12:00:00", "2024-07-01T00:00:00"), [0, 1]),
        (("2024-01-01T00:00:00", "2024-06-30T23:59:59"), [0, 0]),
        (("2024-07-01T00:00:00", "2024-12-31T23:59:59"), [0, 0]),
        (("2024-12-31T12:00:00", "2025-01-01T00:00:00"), [0, 1]),
    ],
)
def test_half_years_follow_each_other(moments: Sequence[str], halves: list[int]) -> None:
    found = [half_year(it) for it in sessions({moment: Entry(moment) for moment in moments})]
    assert [half - found[0] for half in found] == halves


def test_a_home_is_found_over_the_turn_of_the_year_and_lasts_where_nothing_else_is_known() -> None:
    """Half of its days lie in either half-year; before and after nothing else is known."""
    turn = (datetime(2024, 12, 31) - NOON).days
    home = at_home(turn - 7 * 5, 10, LYON)
    far = {"before": photo(24 * (turn - 600), ROME), "after": photo(24 * (turn + 600), ROME)}
    homes = homes_of(sessions(home | far))
    assert len(homes) == 4
    assert all(distance_km(it, LYON) < 1 for it in homes.values())


@pytest.mark.parametrize(
    ("days", "photos", "expected"),
    [
        ([0, 1, 8, 15, 22, 29, 36, 43, 44, 45], 1, True),
        ([0, 1, 8, 15, 22, 29, 36, 43, 45], 2, False),  # nine days
        ([0, 1, 2, 8, 15, 22, 29, 36, 43, 44], 1, False),  # over 44 days
        ([1, 2, 8, 15, 22, 29, 36, 43, 44, 46], 1, False),  # in seven weeks
    ],
)
def test_what_makes_a_home(days: Sequence[int], photos: int, expected: bool) -> None:
    """Ten days in eight weeks over 45 days; day 0 is a Sunday."""
    entries = {f"{day}-{n}": photo(48 + 24 * day + n / 60, LYON) for day in days for n in range(photos)}
    assert bool(homes_of(sessions(entries))) is expected


def test_a_home_takes_so_many_photos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "HOME_PHOTOS", 20)
    entries = {f"{day}-{n}": photo(24 * 5 * day + n / 60, LYON) for day in range(10) for n in range(2)}
    assert homes_of(sessions(entries))
    assert not homes_of(sessions({key: it for key, it in entries.items() if key != "0-0"}))


def test_the_place_with_the_most_days_is_home_however_many_photos_another_has() -> None:
    """Both would do; within 25 km the days of neighbouring places add up."""
    office = away(1, 1, ROME, photos=20)
    works = {f"w{n}": photo(24 * 7 * n + 24, ROME) for n in range(12)}
    lives = {f"l{n}": photo(24 * 7 * n, LYON if n % 2 else (45.8, 4.9)) for n in range(13)}
    homes = homes_of(sessions(office | works | lives))
    assert homes and all(distance_km(it, LYON) < 10 for it in homes.values())


@pytest.mark.parametrize("weeks", [(12, 11), (11, 12)])
def test_a_half_year_looks_at_both_of_its_neighbours(weeks: tuple[int, int]) -> None:
    """Each has a place of its own, and either would do: the one with more days is home."""
    summer, winter = at_home(65, weeks[0], ROME), at_home(252, weeks[1], LYON)
    homes = homes_of(sessions(summer | winter))
    assert len(homes) == 2
    assert all(distance_km(it, ROME if weeks[0] > weeks[1] else LYON) < 1 for it in homes.values())


def test_places_are_one_home_up_to_a_distance(monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = LYON, (45.9, 4.9)
    ordered = sessions({f"{n}": photo(24 * 7 * n, there if n % 2 else here) for n in range(10)})
    one, other = (it.centre for it in ordered[:2])
    assert one and other
    monkeypatch.setattr(clusters, "CLUSTER_KM", distance_km(one, other))
    assert homes_of(ordered)
    monkeypatch.setattr(clusters, "CLUSTER_KM", distance_km(one, other) * 0.999)
    assert not homes_of(ordered)


def test_home_reaches_up_to_a_distance(monkeypatch: pytest.MonkeyPatch) -> None:
    (session,) = sessions({"a": photo(0, ROME)})
    homes: Homes = {half_year(session): FIUMICINO}
    centre = session.centre
    assert centre is not None
    monkeypatch.setattr(clusters, "AWAY_KM", distance_km(centre, FIUMICINO))
    assert is_home(session, homes) is True
    monkeypatch.setattr(clusters, "AWAY_KM", distance_km(centre, FIUMICINO) * 0.999)
    assert is_home(session, homes) is False
    assert is_home(session, {}) is None


def test_a_jump_is_what_is_further_than_its_distance(monkeypatch: pytest.MonkeyPatch) -> None:
    photos = {"a": photo(0, ROME), "b": photo(20, FLORENCE)}
    monkeypatch.setattr(clusters, "JUMP_KM", distance_km(ROME, FLORENCE))
    assert events(photos) == ["ab"]
    monkeypatch.setattr(clusters, "JUMP_KM", distance_km(ROME, FLORENCE) * 0.999)
    assert events(photos) == ["a", "b"]


def found_trips(photos: Mapping[str, Entry]) -> list[tuple[int, int]]:
    """The first and last days of the trips from a home in Lyon, counted from the day of `photo(0)`."""
    ordered = sessions(photos)
    homes = {half_year(it): LYON for it in ordered}
    return [
        ((trip[0].start.date() - NOON.date()).days, (trip[-1].end.date() - NOON.date()).days)
        for trip in trips_of(ordered, homes)
    ]


def stay(first: float, last: float, place: Position | None = ROME, photos: int = 10) -> dict[str, Entry]:
    """Photos at the first and at the last of some days, which may be the same."""
    return {
        f"s{first}-{last}-{day}-{n}": photo(24 * day + n / 60, place)
        for day in (first, last)
        for n in range(photos)
    }


@pytest.mark.parametrize(
    ("photos", "expected"),
    [
        (stay(0, 0, photos=30), []),
        (stay(0, 1), [(0, 1)]),
        (stay(0, 1, photos=9) | {"x": photo(1)}, []),
        (stay(0, 1, photos=9) | {"x": photo(1), "y": photo(2, ROME)}, [(0, 1)]),
        # the pause: five days between the last photo and the next are still one trip
        (stay(0, 1) | {"x": photo(24 + 9 / 60 + 120, ROME)}, [(0, 6)]),
        (stay(0, 1) | {"x": photo(24 + 10 / 60 + 120, ROME)}, [(0, 1)]),
        # a hop to Tokyo within 36 hours is a flight, later it is another trip
        (stay(0, 1) | {f"t{n}": photo(24 + 9 / 60 + 36 + n / 60, TOKYO) for n in range(3)}, [(0, 3)]),
        (stay(0, 1) | {f"t{n}": photo(24 + 10 / 60 + 36 + n / 60, TOKYO) for n in range(3)}, [(0, 1)]),
        # home in between, and days without a place within a trip and after it
        (stay(0, 1) | {"h": photo(36, LYON)} | stay(2, 3), [(0, 1), (2, 3)]),
        (stay(0, 1) | {"x": photo(36)} | stay(2, 3), [(0, 3)]),
        (stay(0, 1) | {"x": photo(50)}, [(0, 1)]),
    ],
)
def test_where_trips_begin_and_end(photos: Mapping[str, Entry], expected: list[tuple[int, int]]) -> None:
    assert found_trips(photos) == expected


def test_a_hop_is_what_is_further_than_its_distance(monkeypatch: pytest.MonkeyPatch) -> None:
    photos = stay(0, 1) | stay(4, 5, TOKYO)
    monkeypatch.setattr(clusters, "TRIP_HOP_KM", distance_km(ROME, TOKYO))
    assert found_trips(photos) == [(0, 5)]
    monkeypatch.setattr(clusters, "TRIP_HOP_KM", distance_km(ROME, TOKYO) * 0.999)
    assert found_trips(photos) == [(0, 1), (4, 5)]


def every_day(days: Sequence[int]) -> dict[str, Entry]:
    return {f"e{day}-{n}": photo(24 * day + n, ROME) for day in days for n in range(4)}


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (range(30), [(0, 29)]),
        (range(31), []),  # without a pause it is no trip, but living there
        # parted at the longest pause, and the parts again where they are still too long
        ([*range(20), *range(22, 40)], [(0, 19), (22, 39)]),
        ([*range(10), *range(12, 30), *range(33, 50)], [(0, 29), (33, 49)]),
        ([*range(20), *range(22, 40), *range(43, 60)], [(0, 19), (22, 39), (43, 59)]),
        # of equal pauses the earliest
        ([*range(9), *range(11, 20), *range(22, 40)], [(0, 8), (11, 39)]),
    ],
)
def test_what_is_too_long_for_a_trip_is_parted(days: Sequence[int], expected: list[tuple[int, int]]) -> None:
    assert found_trips(every_day(days)) == expected


@pytest.mark.parametrize(("hours", "expected"), [(36, [(0, 19), (21, 40)]), (35, [])])
def test_only_a_pause_that_ends_an_event_parts_a_trip(hours: int, expected: list[tuple[int, int]]) -> None:
    """The last photo of a day is at 15 hours; the one after the pause so many hours later."""
    after = 24 * 19 + 3 + hours
    later = {f"l{n}": photo(after + 24 * n, ROME) for n in range(20)}
    assert found_trips(every_day(range(20)) | later) == expected


def test_without_a_home_a_trip_leads_further_than_a_jump_from_where_it_began(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    half_way = (42.8, 11.9)
    led = away(0, 3, ROME, half_way, FLORENCE)
    assert trips(led) == [("2024-05-03", "2024-05-05")]
    centres = [it.centre for it in sessions(led) if it.centre]
    monkeypatch.setattr(clusters, "JUMP_KM", distance_km(centres[0], centres[2]))
    assert trips(led) == []
    monkeypatch.setattr(clusters, "JUMP_KM", distance_km(centres[0], centres[2]) * 0.9)
    assert trips(led) == [("2024-05-03", "2024-05-05")]
    assert trips(away(0, 3, half_way, ROME, FLORENCE)) == []


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
