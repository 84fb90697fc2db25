"""Finds photos of one shot: copies, edits and smaller versions, of which one is enough to keep.

What is one shot, and what a neighbour of it, `safelight.alike` decides; docs/memories.md has the figures.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from safelight.alike import COPY_BITS, Kin, Look, distance, is_one_shot, kin, look_of
from safelight.live import without_halves
from safelight.record import PhotoRecord

_SPREAD = 12
"""Within a group no two hashes differ in more bits: the guard against chains."""

_BANDS = COPY_BITS + 1
_BAND_BITS = -(-64 // _BANDS)
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

    photo: PhotoRecord
    distance: int | None
    why: str


@dataclass(frozen=True)
class Lookalikes:
    """Photos of one shot: the one to keep, and the others by name."""

    keep: Duplicate
    spare: tuple[Duplicate, ...]


def groups_of(photos: Iterable[PhotoRecord]) -> list[Lookalikes]:
    """Return the groups of photos of one shot, by the key of the photo to keep.

    Only photos that are ACTIVE are looked at, and of a Live Photo its still. Those without a hash, or with
    that of a flat image, are grouped by their files alone.
    """
    active = [it for it in without_halves(photos) if it["status"] == "ACTIVE"]
    ordered = sorted(active, key=lambda photo: photo["key"])
    looks = [look_of(photo) for photo in ordered]
    clusters = _Clusters(looks)
    for one, other in sorted(same_shots(looks), key=lambda pair: (_bits(looks, pair), pair)):
        clusters.join(one, other)
    groups = [_group([ordered[place] for place in members]) for members in clusters.of_several()]
    return sorted(groups, key=lambda group: str(group.keep.photo["key"]))


def same_shots(looks: Sequence[Look]) -> set[tuple[int, int]]:
    """Return the places of each two of `looks` that are one shot.

    Only those are compared that share a file, a moment, or a band of their hashes: what is one shot without a
    word of the camera differs in at most `COPY_BITS`, so that of `_BANDS` bands one is the same (Norouzi,
    Punjani and Fleet, "Fast Exact Search in Hamming Space with Multi-Index Hashing", 2014).
    """
    shelves: dict[object, list[int]] = {}
    for place, look in enumerate(looks):
        for name in _shelves_of(look):
            shelves.setdefault(name, []).append(place)
    pairs = {pair for places in shelves.values() for pair in combinations(places, 2)}
    return {(one, other) for one, other in pairs if kin(looks[one], looks[other]) is Kin.SAME}


def _shelves_of(look: Look) -> Iterator[object]:
    if look.file:
        yield look.file
    if look.moment:
        yield look.moment
    if look.bits is not None:
        yield from ((band, look.bits >> _BAND_BITS * band & (1 << _BAND_BITS) - 1) for band in range(_BANDS))


def _bits(looks: Sequence[Look], pair: tuple[int, int]) -> int:
    """Return in how many bits two photos differ; -1 where the files are the same, which come first."""
    one, other = (looks[place] for place in pair)
    apart = distance(one.bits, other.bits)
    return -1 if apart is None or one.file == other.file is not None else apart


class _Clusters:
    """Single linkage with a guard: two clusters are joined by one pair, unless they hold what is apart.

    Without it, A like B, B like C and so on would put photos into one group that have nothing in common; and
    a copy that says nothing of its shot would bring two neighbours together.
    """

    def __init__(self, looks: Sequence[Look]) -> None:
        self._cluster_of = list(range(len(looks)))
        self._members = {place: [place] for place in range(len(looks))}
        self._looks = {place: {look} for place, look in enumerate(looks)}

    def join(self, one: int, other: int) -> None:
        """Join the clusters of two photos, unless photos in them are too far apart."""
        keep, give = sorted(
            (self._cluster_of[one], self._cluster_of[other]), key=lambda each: -len(self._members[each])
        )
        if keep != give and not any(_apart(a, b) for a in self._looks[keep] for b in self._looks[give]):
            for member in self._members[give]:
                self._cluster_of[member] = keep
            self._members[keep] += self._members.pop(give)
            self._looks[keep] |= self._looks.pop(give)

    def of_several(self) -> list[list[int]]:
        """Return the members of each group of two or more, in order."""
        return [sorted(members) for members in self._members.values() if len(members) > 1]


def _apart(one: Look, other: Look) -> bool:
    if one.file is not None and one.file == other.file:
        return False
    bits = distance(one.bits, other.bits)
    return bits is not None and (bits > _SPREAD or is_one_shot(one, other) is False)


def _file_of(photo: PhotoRecord) -> tuple[str, int] | None:
    return look_of(photo).file


def _group(photos: Sequence[PhotoRecord]) -> Lookalikes:
    """Choose the photo to keep: the RAW, or else of those at full size the sharpest, largest and heaviest.

    Of films it is one with sound, if any has it.
    """
    pixels = [_pixels(photo) for photo in photos]
    full = [photo for photo in photos if _pixels(photo) >= _SMALLER * max(pixels)]
    best = [photo for photo in full if _is_raw(photo)] or list(filter(_sounds, photos)) or full
    sharpest = max(_sharpness(photo) for photo in best)
    sharp = [photo for photo in best if _sharpness(photo) >= _AS_SHARP * sharpest]
    # A copy of a file mostly has the longer name: "a copy.jpg", "a (1).jpg".
    keep = max(sharp, key=lambda photo: (_pixels(photo), _bytes(photo), -len(str(photo["key"]))))
    others = [photo for photo in photos if photo is not keep]
    bits = look_of(keep).bits
    spare = tuple(Duplicate(it, distance(bits, look_of(it).bits), _why_not(it, keep)) for it in others)
    return Lookalikes(Duplicate(keep, 0, _why(keep, others)), spare)


def _why(keep: PhotoRecord, others: Sequence[PhotoRecord]) -> str:
    """Return why a photo is the one to keep, by what tells it from the others."""
    rivals = [photo for photo in others if _file_of(photo) is None or _file_of(photo) != _file_of(keep)]
    if not rivals:
        return "the files are the same: keep any one"
    if _is_raw(keep) and not all(map(_is_raw, rivals)):
        return "the camera's RAW file"
    if _sounds(keep) and not all(map(_sounds, rivals)):
        return "with sound"
    full = [photo for photo in rivals if _pixels(photo) >= _SMALLER * _pixels(keep)]
    if any(_sharpness(photo) < _AS_SHARP * _sharpness(keep) for photo in full):
        return "the sharpest"
    if any(_pixels(photo) < _pixels(keep) for photo in rivals):
        return "the largest"
    if any(_bytes(photo) < _bytes(keep) for photo in rivals):
        return "as sharp and as large as any, and the least compressed"
    return "they are alike in all: keep any one"


def _why_not(photo: PhotoRecord, keep: PhotoRecord) -> str:
    """Return what makes a photo the lesser one, beside the photo to keep."""
    if _file_of(photo) is not None and _file_of(photo) == _file_of(keep):
        return "the same file"
    if _is_raw(keep) and not _is_raw(photo):
        return "developed from the RAW file, or beside it"
    if _sounds(keep) and not _sounds(photo):
        return "without sound"
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


def _is_raw(photo: PhotoRecord) -> bool:
    return str(photo["photo"]["media_type"]).startswith("image/x-")


def _sounds(photo: PhotoRecord) -> bool:
    return "film" in photo["photo"] and photo["photo"]["film"]["audio"] is not None


def _pixels(photo: PhotoRecord) -> int:
    return int(photo["photo"]["width"] * photo["photo"]["height"])


def _bytes(photo: PhotoRecord) -> int:
    return int(photo["original"]["bytes"])


def _sharpness(photo: PhotoRecord) -> float:
    return float(photo.get("facts", {}).get("sharpness", 0))
