"""Summaries: of bounded size, added up in any order, and never other than of all photos at once."""

import json
import random
from typing import Any, cast

import numpy as np
import pytest
import pyvips
from hypothesis import given
from hypothesis import strategies as st

from images import picture
from memories.grouping import highlights_of, score_of
from memories.summary import (
    COVERS,
    PLACES,
    Entry,
    add,
    as_record,
    entry_from,
    entry_of,
    quality_of,
    summary_from,
    summary_of,
    total,
)
from metadata.record import Asked, build_record
from render.facts import facts_of
from safelight.record import PhotoRecord

ENTRIES = st.builds(
    Entry,
    at=st.integers(0, 59).map(lambda minute: f"2024-05-03T12:{minute:02}:00"),
    position=st.one_of(st.none(), st.tuples(st.floats(-90, 90), st.floats(-180, 180))),
    place=st.one_of(st.none(), st.tuples(st.sampled_from(["Rome", ""]), st.just("Lazio"), st.just("Italy"))),
    quality=st.integers(0, 10).map(lambda tenth: tenth / 10),
    phash=st.one_of(st.none(), st.just("00ff00ff00ff00ff")),
    screenshot=st.booleans(),
)
PHOTOS = st.dictionaries(st.text("abcdef", min_size=1, max_size=4), ENTRIES, min_size=1, max_size=30)


@given(PHOTOS, st.randoms(use_true_random=False))
def test_summaries_add_up_in_any_order_and_in_any_grouping(photos: dict[str, Entry], chance: Any) -> None:
    singles = [summary_of(key, entry) for key, entry in photos.items()]
    whole = total(singles)
    while len(singles) > 1:
        chance.shuffle(singles)
        singles.append(add(singles.pop(), singles.pop()))
    assert singles[0] == whole
    assert whole.count == len(photos)
    assert (whole.starts, whole.ends) == (
        min(entry.at for entry in photos.values()),
        max(entry.at for entry in photos.values()),
    )


@given(PHOTOS)
def test_what_is_stored_is_what_is_read(photos: dict[str, Entry]) -> None:
    def stored(value: Any) -> Any:
        return json.loads(json.dumps(as_record(value)))

    assert summary_from(stored(total(summary_of(*it) for it in photos.items()))) == total(
        summary_of(*it) for it in photos.items()
    )
    for entry in photos.values():
        assert entry_from(stored(entry)) == entry


def test_a_summary_stays_small() -> None:
    chance = random.Random(0)
    entries = [
        Entry(
            f"2024-05-03T12:{n % 60:02}:00",
            (chance.uniform(-90, 90), chance.uniform(-180, 180)),
            (str(n), "x", "y"),
            phash=f"{chance.getrandbits(64):016x}",
        )
        for n in range(2000)
    ]
    summary = total(summary_of(f"album/IMG_{n:05}.jpg", entry) for n, entry in enumerate(entries))
    assert (summary.count, len(summary.covers), len(summary.places)) == (2000, COVERS, PLACES)
    assert len(json.dumps(as_record(summary))) < 4000


FACTS = facts_of(pyvips.Image.new_from_array(np.asarray(picture())))


def a_photo(name: str = "IMG_0412.jpg", **changes: Any) -> PhotoRecord:
    """A record whose facts and metadata are what the functions say of such a file."""
    metadata = build_record({"EXIF DateTimeOriginal": "2024:05:03 12:00:00"}, [], Asked(name))
    record: Any = {
        "key": f"album/{name}",
        "status": "ACTIVE",
        "taken_at": metadata["taken_at"],
        "metadata": metadata,
    }
    return cast(PhotoRecord, record | changes)


@pytest.mark.parametrize(
    "photo",
    [
        None,
        a_photo(status="REJECTED"),
        a_photo(status="PROCESSING"),
        a_photo(taken_at=None),
        a_photo(taken_at="soon"),
        a_photo(taken_at=7),
    ],
)
def test_what_is_not_a_dated_active_photo_is_in_no_memory(photo: Any) -> None:
    assert entry_of(photo) is None


def test_a_photo_is_read_from_its_record() -> None:
    entry = entry_of(
        a_photo(
            taken_at="2024-05-03T12:00:00+02:00",
            metadata={
                "gps": {"latitude": 41.9, "longitude": 12.5},
                "place": {"locality": "Rome", "country": "Italy", "country_code": "IT"},
                "kinds": ["screenshot"],
            },
            facts=FACTS,
        )
    )
    assert entry is not None
    assert (entry.at, entry.position, entry.place) == (
        "2024-05-03T12:00:00",
        (41.9, 12.5),
        ("Rome", "", "Italy"),
    )
    assert entry.screenshot and entry.phash == FACTS["perceptual_hash"]


def test_better_photos_make_better_covers() -> None:
    facts = {**FACTS, "sharpness": 500.0, "clipped_shadows": 0.0, "clipped_highlights": 0.0}
    good = quality_of(a_photo(facts=facts))
    assert good > quality_of(a_photo(facts={**facts, "sharpness": 5.0}))
    assert good > quality_of(a_photo(facts={**facts, "clipped_highlights": 0.4}))
    assert good > quality_of(a_photo("Screenshot_20240503-120000.png", facts=facts))
    assert good < quality_of(a_photo(facts=facts, tags={"faces": [{"confidence": 99}]}))


def covers_of(*photos: PhotoRecord) -> list[str]:
    entries = {photo["key"]: entry_of(photo) for photo in photos}
    return highlights_of(total(summary_of(key, entry) for key, entry in entries.items() if entry))


def test_a_portrait_is_the_cover_before_equal_screenshots_and_they_are_no_highlights() -> None:
    shots = [
        a_photo(f"Screenshot_20240503-12000{n}.png", facts=FACTS, taken_at=f"2024-05-03T12:0{n}:00")
        for n in range(3)
    ]
    portrait = a_photo(facts=FACTS, tags={"faces": [{"confidence": 99.0}] * 3})
    assert covers_of(*shots, portrait) == ["album/IMG_0412.jpg"]
    assert len(covers_of(*shots)) == 1, "a memory of nothing else has a cover all the same"


def test_of_a_burst_one_is_enough_and_leaves_room_for_what_was_taken_later() -> None:
    """Of more frames than a summary has room for: the best one, and the later photo."""
    sharp = {**FACTS, "sharpness": 900.0}
    burst = [
        a_photo(
            f"IMG_{n:04}.jpg",
            facts={**sharp, "perceptual_hash": f"{2**n:016x}"},
            taken_at=f"2024-05-03T12:00:0{n % 10}",
        )
        for n in range(2 * COVERS)
    ]
    later = a_photo("later.jpg", facts={**FACTS, "sharpness": 5.0}, taken_at="2024-05-03T12:01:00")
    found = covers_of(*burst, later)
    assert len(found) == 2
    assert found[1] == "album/later.jpg"


def test_scans_that_have_a_date_alone_are_no_burst() -> None:
    scans = [
        a_photo(
            f"{n}.jpg",
            facts={**FACTS, "perceptual_hash": f"{0xFFFF << 16 * n:016x}"},
            taken_at="1975-01-01T00:00:00",
        )
        for n in range(3)
    ]
    assert len(covers_of(*scans)) == 3


def test_no_highlight_is_nearly_the_same_picture_as_another() -> None:
    photos = {
        "a": Entry("2024-05-03T12:00:00", quality=0.9, phash="ffffffffffffffff"),
        "b": Entry("2024-05-03T12:00:31", quality=0.8, phash="fffffffffffffffe"),
        "c": Entry("2024-05-03T12:00:42", quality=0.7, phash="00000000ffffffff"),
        "d": Entry("2024-05-03T12:00:53", quality=0.6),
    }
    assert highlights_of(total(summary_of(*it) for it in photos.items())) == ["a", "c", "d"]


def test_screenshots_are_not_worth_showing() -> None:
    def score(screenshot: bool) -> float:
        entries = [Entry("2024-05-03T12:00:00", screenshot=screenshot) for _ in range(30)]
        return score_of(total(summary_of(str(n), it) for n, it in enumerate(entries)), special=0)

    assert score(screenshot=True) == 0 < score(screenshot=False) <= 1
