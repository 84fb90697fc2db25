"""Says which memory keeps which id, so that its URL lasts while it grows, merges or is split. Pure."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence


def ids_of(seeds: Sequence[str], shares: Sequence[Mapping[str, int]], taken: set[str]) -> list[str]:
    """Return an id for each group of photos: an old one where the group is its heir, else a new one.

    `shares` says for each group how many of its photos had which id until now. The group and the old id with
    the most photos in common are matched first; ties go to the earlier group, then to the lower id. A new id
    follows from the group's seed, and is none of those `taken`.
    """
    pairs = sorted((-count, index, old) for index, share in enumerate(shares) for old, count in share.items())
    ids: dict[int, str] = {}
    inherited: set[str] = set()
    for _, index, old in pairs:
        if index not in ids and old not in inherited:
            ids[index] = old
            inherited.add(old)
    used = {*taken, *inherited}
    for index, seed in enumerate(seeds):
        if index not in ids:
            ids[index] = _new_id(seed, used)
            used.add(ids[index])
    return [ids[index] for index in range(len(seeds))]


def _new_id(seed: str, used: set[str]) -> str:
    """Return an id that follows from `seed`; the first may live on in a memory that began alike."""
    salt = 0
    while (memory_id := hashlib.sha256(f"{seed}\n{salt}".encode()).hexdigest()[:20]) in used:
        salt += 1
    return memory_id


def share_of(old_ids: Iterable[tuple[str | None, int]]) -> Counter[str]:
    """Return how many photos had which id, from pairs of an id, or None, and a number of photos."""
    share: Counter[str] = Counter()
    for old, count in old_ids:
        if old:
            share[old] += count
    return share
