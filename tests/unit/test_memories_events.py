"""Which photos make an event, and what it is called: the photos decide, not the order they came in."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memories.events import (
    EVENT_GAP,
    JUMP_GAP,
    DatedPhoto,
    distance_km,
    events_of,
    group,
    title_of,
)

ROME, FLORENCE, FIUMICINO = (41.9028, 12.4964), (43.7696, 11.2558), (41.7733, 12.2397)
NOON = datetime(2024, 5, 3, 12)


def photo(key: str, hours: float, place: tuple[float, float] | None = None) -> DatedPhoto:
    return DatedPhoto(key, NOON + timedelta(hours=hours), place)


def keys(photos: list[DatedPhoto]) -> list[str]:
    return ["".join(member.key for member in event) for event in events_of(photos)]


@pytest.mark.parametrize(
    ("photos", "expected"),
    [
        ([], []),
        ([photo("a", 0), photo("b", 35.9)], ["ab"]),
        ([photo("a", 0), photo("b", 36)], ["a", "b"]),
        ([photo("a", 0, ROME), photo("b", 20, FLORENCE)], ["a", "b"]),
        ([photo("a", 0, ROME), photo("b", 20, FIUMICINO)], ["ab"]),
        ([photo("a", 0, ROME), photo("b", 2.9, FLORENCE)], ["ab"]),
        ([photo("a", 0, ROME), photo("b", 2, FLORENCE), photo("c", 22, FLORENCE)], ["abc"]),
        # photos without a place between two towns: the night among them is where the stops part
        (
            [photo("a", 0, ROME), photo("b", 1), photo("c", 15), photo("d", 15.1, FLORENCE)],
            ["ab", "cd"],
        ),
        # a drive with photos all the way
        ([photo("a", 0, ROME), photo("b", 2), photo("c", 4, FLORENCE)], ["abc"]),
        ([photo("b", 0), photo("a", 0)], ["ab"]),
    ],
)
def test_events(photos: list[DatedPhoto], expected: list[str]) -> None:
    assert keys(photos) == expected


def test_distance() -> None:
    assert distance_km(ROME, FLORENCE) == pytest.approx(231, abs=2)
    assert distance_km((0, 179.9), (0, -179.9)) == pytest.approx(22.2, abs=0.1)
    assert distance_km((90, 0), (-90, 0)) == pytest.approx(20015, abs=1)


PHOTOS = st.lists(
    st.builds(
        photo,
        st.text("abcdef", min_size=1, max_size=3),
        st.integers(0, 300).map(lambda quarter: quarter / 2),
        st.sampled_from([None, ROME, FLORENCE, FIUMICINO]),
    ),
    unique_by=lambda one: one.key,
    max_size=14,
)


@given(PHOTOS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(photos: list[DatedPhoto], chance: object) -> None:
    shuffled = list(photos)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    previous = {one.key: f"m{index % 3}" for index, one in enumerate(photos) if index % 2}
    assert group("album", photos, previous) == group("album", shuffled, dict(reversed(previous.items())))


@given(PHOTOS)
def test_every_photo_is_in_one_event_and_pauses_end_them(photos: list[DatedPhoto]) -> None:
    events = events_of(photos)
    assert sorted(one.key for event in events for one in event) == sorted(one.key for one in photos)
    assert all(events)
    for earlier, later in pairwise(events):
        assert later[0].taken_at - earlier[-1].taken_at >= JUMP_GAP
    for event in events:
        for earlier_photo, later_photo in pairwise(event):
            assert later_photo.taken_at - earlier_photo.taken_at < EVENT_GAP


@given(PHOTOS)
def test_ids_are_unique_and_stay_when_nothing_changes(photos: list[DatedPhoto]) -> None:
    first = group("album", photos, {})
    assert len({memory.memory_id for memory in first}) == len(first)
    previous = {one.key: memory.memory_id for memory in first for one in memory.photos}
    assert group("album", photos, previous) == first


def ids(photos: list[DatedPhoto], previous: dict[str, str]) -> dict[str, str]:
    return {one.key: memory.memory_id for memory in group("album", photos, previous) for one in memory.photos}


def test_a_memory_keeps_its_id_while_it_grows_at_its_start() -> None:
    before = ids([photo("b", 1)], {})
    assert ids([photo("a", 0), photo("b", 1)], before)["a"] == before["b"]


def test_a_merger_keeps_the_id_of_the_larger() -> None:
    apart = [photo("a", 0), photo("b", 60), photo("c", 61)]
    before = ids(apart, {})
    after = ids([*apart, photo("d", 30)], before)
    assert set(after.values()) == {before["b"]}
    assert before["a"] != before["b"]


def test_a_split_leaves_the_id_with_the_larger_and_a_new_one_never_repeats_it() -> None:
    joined = [photo("a", 0), photo("b", 30), photo("c", 31)]
    before = ids(joined, {})
    after = ids([photo("a", 0), photo("b", 60), photo("c", 61)], before)
    assert after["b"] == after["c"] == before["a"]
    # "a" is again the first photo of its event, and its id from then is still in use
    assert after["a"] != before["a"]


def test_a_tie_goes_to_the_earlier_event() -> None:
    after = ids([photo("a", 0), photo("b", 60)], {"a": "m", "b": "m"})
    assert after["a"] == "m" != after["b"]


def test_ids_of_albums_differ() -> None:
    assert group("x", [photo("a", 0)], {})[0].memory_id != group("y", [photo("a", 0)], {})[0].memory_id


def test_the_box_and_the_cover() -> None:
    photos = [photo("a", 0, (-17.0, 179.5)), photo("b", 1, (-16.0, -179.5)), photo("c", 2)]
    [memory] = group("fiji", photos, {})
    assert memory.box is not None
    assert vars(memory.box) == {"south": -17.0, "west": 179.5, "north": -16.0, "east": -179.5}
    assert memory.cover_key == "b"
    [plain] = group("rome", [photo("a", 0, ROME), photo("b", 1, FIUMICINO)], {})
    assert plain.box is not None and (plain.box.west, plain.box.east) == (FIUMICINO[1], ROME[1])
    [placeless] = group("none", [photo("a", 0)], {})
    assert placeless.box is None


@pytest.mark.parametrize(
    ("start", "end", "title"),
    [
        ("2024-05-03T09:00", "2024-05-03T18:00", "3 May 2024"),
        ("2024-05-03T06:00", "2024-05-03T11:59", "Morning of 3 May 2024"),
        ("2024-05-03T12:00", "2024-05-03T16:00", "Afternoon of 3 May 2024"),
        ("2024-05-03T19:00", "2024-05-04T02:00", "Evening of 3 May 2024"),
        ("2024-05-03T11:00", "2024-05-04T02:00", "3 May 2024"),
        ("2019-01-01T00:15", "2019-01-01T00:15", "1 January 2019"),
        ("2024-05-03T12:00", "2024-05-05T06:00", "3\u20135 May 2024"),
        ("2024-04-30T12:00", "2024-05-02T12:00", "30 April \u2013 2 May 2024"),
        ("2023-12-30T12:00", "2024-01-02T12:00", "30 December 2023 \u2013 2 January 2024"),
    ],
)
def test_titles(start: str, end: str, title: str) -> None:
    assert title_of(datetime.fromisoformat(start), datetime.fromisoformat(end)) == title
