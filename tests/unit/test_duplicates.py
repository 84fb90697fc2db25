"""Near-duplicates: against brute force, against chains, and which photo is the one to keep."""

import random
from itertools import combinations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from safelight.alike import ALIKE_BITS, COPY_BITS, Kin, is_one_shot, kin, look_of
from safelight_library.duplicates import groups_of, same_shots

BASE = 0x8D39953B66B017CC


def flipped(value: int, bits: list[int]) -> int:
    for bit in bits:
        value ^= 1 << bit
    return value


@st.composite
def crowds(draw: st.DrawFn) -> list[int]:
    """Hashes in which there are pairs at every small distance: each flips bits of one before it."""
    hashes = [draw(st.integers(0, 2**64 - 1))]
    for _ in range(draw(st.integers(0, 25))):
        bits = draw(st.lists(st.integers(0, 63), max_size=14))
        hashes.append(flipped(draw(st.sampled_from(hashes)), bits))
    return hashes


@given(crowds())
def test_the_same_shots_are_those_of_brute_force(crowd: list[int]) -> None:
    looks = [look_of(it) for it in dated(crowd)]
    expected = {
        (one, other)
        for one, other in combinations(range(len(looks)), 2)
        if kin(looks[one], looks[other]) is Kin.SAME
    }
    assert same_shots(looks) == expected


def dated(hashes: list[int]) -> list[dict[str, Any]]:
    """Photos with these hashes: a third have no date, and of the others each two the same."""
    dates = [{"taken_at": f"2024-05-03T12:00:{place // 3:02}"} if place % 3 else {} for place in range(60)]
    return [photo(f"{place:03}", value, **dates[place]) for place, value in enumerate(hashes)]


def photo(name: str, hash_: int | None = BASE, **changes: Any) -> dict[str, Any]:
    """A record; sharpness, size, bytes, etag, media_type and taken_at can be changed."""
    width, height = changes.get("size", (4000, 3000))
    facts = {"perceptual_hash": f"{hash_ or 0:016x}", "sharpness": changes.get("sharpness", 500.0)}
    return {
        "key": f"album/{name}",
        "status": "ACTIVE",
        "filename": name,
        "photo": {"width": width, "height": height, "media_type": changes.get("media_type", "image/jpeg")},
        "original": {"bytes": changes.get("bytes", 3_000_000), "etag": changes.get("etag", name)},
        **({} if hash_ is None else {"facts": facts}),
        "metadata": (
            {"taken_at": changes["taken_at"], "taken_at_source": "EXIF DateTimeOriginal"}
            if "taken_at" in changes
            else {}
        ),
    }


def names(photos: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    return [
        (group.keep.photo["filename"], *(spare.photo["filename"] for spare in group.spare))
        for group in groups_of(photos)
    ]


def why(photos: list[dict[str, Any]]) -> dict[str, str]:
    (group,) = groups_of(photos)
    return {each.photo["filename"]: each.why for each in (group.keep, *group.spare)}


NOON, LATER = "2024-05-03T12:00:00", "2024-05-03T12:00:01"


def test_without_a_date_only_what_copying_moves_is_grouped() -> None:
    near, far = flipped(BASE, list(range(COPY_BITS))), flipped(BASE, list(range(20, 22 + COPY_BITS)))
    assert names([photo("a"), photo("b", near), photo("c", far)]) == [("a", "b")]


def test_edits_of_one_date_are_grouped_further() -> None:
    near, far = flipped(BASE, list(range(ALIKE_BITS))), flipped(BASE, list(range(20, 22 + ALIKE_BITS)))
    photos = [photo(name, bits, taken_at=NOON) for name, bits in (("a", BASE), ("b", near), ("c", far))]
    assert names(photos) == [("a", "b")]


def test_a_copy_without_a_date_does_not_bring_two_frames_together() -> None:
    """It goes with the frame that it is a copy of, and the other frame stays alone."""
    one, other = photo("a", BASE, taken_at=NOON), photo("b", flipped(BASE, [0, 1]), taken_at=LATER)
    moved = {"copy": [], "copy0": [0], "copy01": [0, 1]}
    copies = [photo(name, flipped(BASE, bits), bytes=9) for name, bits in moved.items()]
    assert names([one, other, copies[0]]) == [("a", "copy")]
    assert names([one, other, copies[2]]) == [("b", "copy01")]
    assert names([one, other, *copies]) == [("a", "copy", "copy0"), ("b", "copy01")]


def test_a_chain_does_not_become_one_group() -> None:
    """Each link is close to the next, and the ends are as far apart as any two photos."""
    chain = [photo(f"{place:02}", flipped(BASE, list(range(2 * place)))) for place in range(24)]
    found = groups_of(chain)
    assert len(found) > 2
    for group in found:
        hashes = [int(each.photo["facts"]["perceptual_hash"], 16) for each in (group.keep, *group.spare)]
        assert all((one ^ other).bit_count() <= 12 for one, other in combinations(hashes, 2))


@given(crowds(), st.randoms(use_true_random=False))
def test_the_order_of_the_photos_changes_nothing(hashes: list[int], shuffle: random.Random) -> None:
    photos = dated(hashes)
    shuffled = list(photos)
    shuffle.shuffle(shuffled)
    assert groups_of(shuffled) == groups_of(photos)


@given(crowds())
def test_each_group_is_linked_by_one_shot_and_holds_no_two_frames(hashes: list[int]) -> None:
    seen: list[str] = []
    for group in groups_of(dated(hashes)):
        members = [each.photo for each in (group.keep, *group.spare)]
        seen += [member["key"] for member in members]
        left = [look_of(member) for member in members]
        assert all(is_one_shot(one, other) is not False for one, other in combinations(left, 2))
        reached = [left.pop()]
        while near := [look for look in left if any(kin(look, at) is Kin.SAME for at in reached)]:
            left = [look for look in left if look not in near]
            reached += near
        assert not left
    assert len(seen) == len(set(seen))


def test_flat_images_and_photos_without_facts_are_alike_only_as_files() -> None:
    assert groups_of([photo("a", 0), photo("b", 0), photo("c", None), photo("d", None)]) == []
    same = [photo("a", 0, etag="x"), photo("b", 0, etag="x"), photo("c", None, etag="x")]
    assert names(same) == [("a", "b", "c")]
    assert set(why(same).values()) == {"the files are the same: keep any one", "the same file"}


def test_the_same_etag_of_files_of_another_length_is_no_same_file() -> None:
    assert groups_of([photo("a", 0, etag="x"), photo("b", 0, etag="x", bytes=5)]) == []


def test_photos_from_before_the_etag_was_recorded_are_grouped_by_hash() -> None:
    one, other = photo("a"), photo("b")
    del one["original"]["etag"], other["original"]["etag"]
    assert names([one, other]) == [("a", "b")]


def test_the_sharpest_is_kept_then_the_largest_then_the_least_compressed() -> None:
    soft, sharp = photo("a", sharpness=200.0), photo("b", sharpness=800.0, bytes=1)
    assert why([soft, sharp]) == {"b": "the sharpest", "a": "softer: 25% of the sharpness"}
    large, little = photo("b", size=(5000, 4000)), photo("a", size=(4500, 3600), sharpness=510.0)
    assert why([large, little]) == {"b": "the largest", "a": "smaller: 81% of the pixels"}
    heavy, light = photo("b", bytes=4_000_000), photo("a", bytes=1_000_000)
    assert why([heavy, light]) == {
        "b": "as sharp and as large as any, and the least compressed",
        "a": "more compressed: 25% of the bytes",
    }
    assert why([photo("b"), photo("a")]) == {"a": "they are alike in all: keep any one", "b": "no better"}


def test_of_equal_photos_the_one_with_the_shorter_name_is_kept() -> None:
    assert names([photo("a copy.jpg", etag="x"), photo("a.jpg", etag="x")]) == [("a.jpg", "a copy.jpg")]


def test_a_small_copy_is_not_kept_for_being_sharp() -> None:
    """Shrinking sharpens: an 800-pixel copy of a 12-megapixel photo has the greater variance."""
    small = photo("a-small", size=(800, 600), sharpness=2000.0)
    assert why([small, photo("original")]) == {
        "original": "the largest",
        "a-small": "smaller: 4% of the pixels",
    }


def test_a_raw_file_is_never_the_spare_of_a_jpeg() -> None:
    raw = photo("a.nef", media_type="image/x-nikon-nef", sharpness=300.0)
    assert why([raw, photo("a.jpg", sharpness=900.0)]) == {
        "a.nef": "the camera's RAW file",
        "a.jpg": "developed from the RAW file, or beside it",
    }


def film(name: str, seconds: float, audio: str | None = None, **changes: Any) -> dict[str, Any]:
    record = photo(name, media_type="video/mp4", **changes)
    return {**record, "photo": {**record["photo"], "film": {"duration": seconds, "audio": audio}}}


def test_a_film_is_no_copy_of_a_picture_of_it_nor_of_a_part_of_it() -> None:
    for dated in ({}, {"taken_at": NOON}):
        whole, part, again = film("whole", 60.0, **dated), film("part", 8.0, **dated), film("again", 60.1)
        assert names([whole, part, photo("still", **dated)]) == []
        assert names([whole, part, again]) == [("again", "whole")]


def test_the_film_of_a_live_photo_is_no_spare() -> None:
    """It looks like its still, and like the film of a copy: who would delete it would stop the photo."""
    halves = [photo("a.heic"), film("a.mov", 2.5), photo("b.heic"), film("b.mov", 2.5)]
    for half in halves:
        live_id = half["filename"][0]
        half |= {"album": live_id, "renditions": {}, "metadata": {"live_photo_id": live_id}}
    assert names(halves) == [("a.heic", "b.heic")]


def test_a_film_that_sounds_is_never_the_spare_of_a_silent_one() -> None:
    silent = film("silent", 9.0, sharpness=900.0, bytes=9_000_000)
    assert why([silent, film("heard", 9.0, "mp4a", size=(1280, 960))]) == {
        "heard": "with sound",
        "silent": "without sound",
    }
