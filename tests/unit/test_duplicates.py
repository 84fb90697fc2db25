"""Near-duplicates: against brute force, against chains, and which photo is the one to keep."""

import random
from itertools import combinations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from safelight_library.duplicates import THRESHOLD, close_pairs, groups_of

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


@given(crowds(), st.integers(0, 12))
def test_close_pairs_are_those_of_brute_force(crowd: list[int], threshold: int) -> None:
    hashes = list(dict.fromkeys(crowd))
    expected = [
        ((one ^ other).bit_count(), one, other)
        for one, other in combinations(hashes, 2)
        if (one ^ other).bit_count() <= threshold
    ]
    assert sorted(close_pairs(hashes, threshold)) == sorted(expected)


def photo(name: str, hash_: int | None = BASE, **changes: Any) -> dict[str, Any]:
    """A record as the workflow writes it; sharpness, size, bytes, etag and media_type can be changed."""
    width, height = changes.get("size", (4000, 3000))
    facts = {"perceptual_hash": f"{hash_ or 0:016x}", "sharpness": changes.get("sharpness", 500.0)}
    return {
        "key": f"album/{name}",
        "status": "ACTIVE",
        "filename": name,
        "photo": {"width": width, "height": height, "media_type": changes.get("media_type", "image/jpeg")},
        "original": {"bytes": changes.get("bytes", 3_000_000), "etag": changes.get("etag", name)},
        **({} if hash_ is None else {"facts": facts}),
    }


def names(photos: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    return [
        (group.keep.photo["filename"], *(spare.photo["filename"] for spare in group.spare))
        for group in groups_of(photos)
    ]


def why(photos: list[dict[str, Any]]) -> dict[str, str]:
    (group,) = groups_of(photos)
    return {each.photo["filename"]: each.why for each in (group.keep, *group.spare)}


def test_photos_are_grouped_up_to_the_threshold() -> None:
    near, far = flipped(BASE, list(range(THRESHOLD))), flipped(BASE, list(range(20, 22 + THRESHOLD)))
    assert names([photo("a"), photo("b", near), photo("c", far)]) == [("a", "b")]


def test_a_chain_does_not_become_one_group() -> None:
    """Each link is close to the next, and the ends are as far apart as any two photos."""
    chain = [photo(f"{place:02}", flipped(BASE, list(range(4 * place)))) for place in range(12)]
    found = groups_of(chain)
    assert len(found) > 2
    for group in found:
        hashes = [int(each.photo["facts"]["perceptual_hash"], 16) for each in (group.keep, *group.spare)]
        assert all((one ^ other).bit_count() <= 12 for one, other in combinations(hashes, 2))


@given(crowds(), st.randoms(use_true_random=False))
def test_the_order_of_the_photos_changes_nothing(hashes: list[int], shuffle: random.Random) -> None:
    photos = [photo(f"{place:03}", value) for place, value in enumerate(hashes)]
    shuffled = list(photos)
    shuffle.shuffle(shuffled)
    assert groups_of(shuffled) == groups_of(photos)


@given(crowds())
def test_each_group_is_linked_by_close_pairs_and_each_photo_is_in_one_at_most(hashes: list[int]) -> None:
    groups = groups_of([photo(f"{place:03}", value) for place, value in enumerate(hashes)])
    seen: list[str] = []
    for group in groups:
        members = [each.photo for each in (group.keep, *group.spare)]
        seen += [member["key"] for member in members]
        values = {int(member["facts"]["perceptual_hash"], 16) for member in members}
        reached = {values.pop()}
        while near := {
            value for value in values if any((value ^ at).bit_count() <= THRESHOLD for at in reached)
        }:
            values -= near
            reached |= near
        assert not values
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
