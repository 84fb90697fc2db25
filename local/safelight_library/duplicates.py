"""Finds photos that show the same: copies, edits, smaller versions and frames of a burst.

Two photos are alike where their perceptual hashes differ in at most 8 of 64 bits, or their files are the
same. docs/architecture.md holds the measurement behind that figure.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, TypeVar

Record = Mapping[str, Any]
_Value = TypeVar("_Value", bound=Hashable)

THRESHOLD = 8
"""Hashes that differ in at most so many bits are of photos that look the same."""

_SPREAD = 12
"""Within a group no two hashes differ in more bits: the guard against chains."""

_BAND_BITS = 16
_BANDS = 4
_SMALLER = 0.5
"""A photo with less than this share of the largest's pixels is a small copy, and never the one to keep:
shrinking makes a photo look sharper."""
_AS_SHARP = 0.7
"""Sharpness of at least this share of the sharpest's counts as equal: a little more light alone raises it."""


@dataclass(frozen=True)
class Duplicate:
    """A photo of a group: the bits in which its hash differs from the kept one's, and why it is (not) kept.

    `distance` is None where the hash of either is not known.
    """

    photo: Record
    distance: int | None
    why: str


@dataclass(frozen=True)
class Lookalikes:
    """Photos that show the same: the one to keep, and the others by name."""

    keep: Duplicate
    spare: tuple[Duplicate, ...]


def groups_of(photos: Sequence[Record]) -> list[Lookalikes]:
    """Return the groups of photos that show the same, by the key of the photo to keep.

    Only photos that are ACTIVE are looked at. Those without a hash, or with that of a flat image, are grouped
    by their files alone.
    """
    ordered = sorted((it for it in photos if it["status"] == "ACTIVE"), key=lambda photo: str(photo["key"]))
    hashes = [hash_of(photo) for photo in ordered]
    clusters = _Clusters(hashes)
    for first, *rest in _places(ordered, _file_of).values():
        for other in rest:
            clusters.join(first, other)
    by_hash = _places(ordered, hash_of)
    for first, *rest in by_hash.values():
        for other in rest:
            clusters.join_if_near(first, other)
    for _, one, other in sorted(close_pairs(sorted(by_hash), THRESHOLD)):
        clusters.join_if_near(by_hash[one][0], by_hash[other][0])
    groups = [_group([ordered[place] for place in members]) for members in clusters.of_several()]
    return sorted(groups, key=lambda group: str(group.keep.photo["key"]))


def hash_of(photo: Record) -> int | None:
    """Return a photo's perceptual hash, or None where it has none or it says nothing: a flat image's is 0."""
    return int(photo.get("facts", {}).get("perceptual_hash", "0"), 16) or None


def close_pairs(hashes: Iterable[int], threshold: int) -> Iterator[tuple[int, int, int]]:
    """Yield each two of `hashes` that differ in at most `threshold` bits, and in how many: that first.

    `hashes` are distinct and of 64 bits. By the pigeonhole principle: of two such hashes at least one of 4
    bands of 16 bits differs in at most its radius, where the radii and 1 for each band add up to
    `threshold` + 1. So each hash is compared with those alone that share a band with it, or with a
    neighbour of that band (Norouzi, Punjani and Fleet, "Fast Exact Search in Hamming Space with
    Multi-Index Hashing", 2014).
    """
    masks = [_flips(radius) for radius in _radii(threshold)]
    tables: list[dict[int, list[int]]] = [{} for _ in range(_BANDS)]
    for value in hashes:
        bands = [value >> _BAND_BITS * band & (1 << _BAND_BITS) - 1 for band in range(_BANDS)]
        near: set[int] = set()
        for table, band, flips in zip(tables, bands, masks, strict=True):
            for neighbour in map(band.__xor__, flips):
                if neighbour in table:
                    near.update(
                        other for other in table[neighbour] if (value ^ other).bit_count() <= threshold
                    )
        for table, band in zip(tables, bands, strict=True):
            table.setdefault(band, []).append(value)
        yield from (((value ^ other).bit_count(), other, value) for other in near)


def _radii(threshold: int) -> list[int]:
    spare = threshold + 1 - _BANDS
    return [spare // _BANDS + (band < spare % _BANDS) for band in range(_BANDS)]


def _flips(radius: int) -> list[int]:
    """Return the masks of `_BAND_BITS` bits with at most `radius` of them set; none for a radius below 0."""
    return [
        sum(1 << bit for bit in bits)
        for count in range(radius + 1)
        for bits in combinations(range(_BAND_BITS), count)
    ]


class _Clusters:
    """Single linkage with a guard: two clusters are joined by one close pair, unless they spread too far.

    Without it, A like B, B like C and so on would put photos into one group that have nothing in common.
    """

    def __init__(self, hashes: Sequence[int | None]) -> None:
        self._cluster_of = list(range(len(hashes)))
        self._members = {place: [place] for place in range(len(hashes))}
        self._hashes = {place: set() if value is None else {value} for place, value in enumerate(hashes)}

    def join_if_near(self, one: int, other: int) -> None:
        """Join the clusters of two photos, unless hashes in them would differ too much."""
        first, second = self._cluster_of[one], self._cluster_of[other]
        if all((a ^ b).bit_count() <= _SPREAD for a in self._hashes[first] for b in self._hashes[second]):
            self.join(one, other)

    def join(self, one: int, other: int) -> None:
        """Join the clusters of two photos."""
        keep, give = sorted(
            (self._cluster_of[one], self._cluster_of[other]), key=lambda each: -len(self._members[each])
        )
        if keep != give:
            for member in self._members[give]:
                self._cluster_of[member] = keep
            self._members[keep] += self._members.pop(give)
            self._hashes[keep] |= self._hashes.pop(give)

    def of_several(self) -> list[list[int]]:
        """Return the members of each group of two or more, in order."""
        return [sorted(members) for members in self._members.values() if len(members) > 1]


def _places(photos: Sequence[Record], of: Callable[[Record], _Value | None]) -> dict[_Value, list[int]]:
    """Return the places of the photos by what they have `of` something, those that have it."""
    places: dict[_Value, list[int]] = {}
    for place, photo in enumerate(photos):
        if (value := of(photo)) is not None:
            places.setdefault(value, []).append(place)
    return places


def _file_of(photo: Record) -> tuple[str, int] | None:
    """Return what tells a file's bytes: S3's ETag of them with their number, where the record has it."""
    original = photo["original"]
    return (original["etag"], original["bytes"]) if original.get("etag") else None


def _group(photos: Sequence[Record]) -> Lookalikes:
    """Choose the photo to keep: the RAW, or else of those at full size the sharpest, largest and heaviest."""
    pixels = [_pixels(photo) for photo in photos]
    full = [photo for photo in photos if _pixels(photo) >= _SMALLER * max(pixels)]
    raw = [photo for photo in full if _is_raw(photo)]
    sharpest = max(_sharpness(photo) for photo in raw or full)
    sharp = [photo for photo in raw or full if _sharpness(photo) >= _AS_SHARP * sharpest]
    # A copy of a file mostly has the longer name: "a copy.jpg", "a (1).jpg".
    keep = max(sharp, key=lambda photo: (_pixels(photo), _bytes(photo), -len(str(photo["key"]))))
    others = [photo for photo in photos if photo is not keep]
    spare = tuple(Duplicate(photo, _distance(keep, photo), _why_not(photo, keep)) for photo in others)
    return Lookalikes(Duplicate(keep, 0, _why(keep, others)), spare)


def _why(keep: Record, others: Sequence[Record]) -> str:
    """Return why a photo is the one to keep, by what tells it from the others."""
    rivals = [photo for photo in others if _file_of(photo) is None or _file_of(photo) != _file_of(keep)]
    if not rivals:
        return "the files are the same: keep any one"
    if _is_raw(keep) and not all(map(_is_raw, rivals)):
        return "the camera's RAW file"
    full = [photo for photo in rivals if _pixels(photo) >= _SMALLER * _pixels(keep)]
    if any(_sharpness(photo) < _AS_SHARP * _sharpness(keep) for photo in full):
        return "the sharpest"
    if any(_pixels(photo) < _pixels(keep) for photo in rivals):
        return "the largest"
    if any(_bytes(photo) < _bytes(keep) for photo in rivals):
        return "as sharp and as large as any, and the least compressed"
    return "they are alike in all: keep any one"


def _why_not(photo: Record, keep: Record) -> str:
    """Return what makes a photo the lesser one, beside the photo to keep."""
    if _file_of(photo) is not None and _file_of(photo) == _file_of(keep):
        return "the same file"
    if _is_raw(keep) and not _is_raw(photo):
        return "developed from the RAW file, or beside it"
    if _pixels(photo) < _SMALLER * _pixels(keep):
        return f"smaller: {_percent(_pixels(photo), _pixels(keep))} of the pixels"
    if _sharpness(photo) < _AS_SHARP * _sharpness(keep):
        return f"softer: {_percent(_sharpness(photo), _sharpness(keep))} of the sharpness"
    if _pixels(photo) < _pixels(keep):
        return f"smaller: {_percent(_pixels(photo), _pixels(keep))} of the pixels"
    if _bytes(photo) < _bytes(keep):
        return f"more compressed: {_percent(_bytes(photo), _bytes(keep))} of the bytes"
    return "no better"


def _percent(part: float, whole: float) -> str:
    return f"{part / whole:.0%}"


def _distance(one: Record, other: Record) -> int | None:
    first, second = hash_of(one), hash_of(other)
    return None if first is None or second is None else (first ^ second).bit_count()


def _is_raw(photo: Record) -> bool:
    return str(photo["photo"]["media_type"]).startswith("image/x-")


def _pixels(photo: Record) -> int:
    return int(photo["photo"]["width"] * photo["photo"]["height"])


def _bytes(photo: Record) -> int:
    return int(photo["original"]["bytes"])


def _sharpness(photo: Record) -> float:
    return float(photo.get("facts", {}).get("sharpness", 0))
