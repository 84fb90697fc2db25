"""Decides whose a face is, from the faces that it is like. Pure; similarities in percent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from safelight.transactions import Record

STRONG = 90.0
"""One face that is this alike links two people; else it takes two faces of each that match.

One doubtful match must not make two people one: a face in half profile or in the dark may be like many.
"""

SAME_PLACE = 0.5
"""Two boxes of one photo that overlap by this much are of one face: the intersection over the union."""


@dataclass(frozen=True)
class Join:
    """The face belongs to this person."""

    person: Record


@dataclass(frozen=True)
class Absorb:
    """Two people are one: `other` goes into `heir`; then decide again."""

    heir: Record
    other: Record


@dataclass(frozen=True)
class Found:
    """The face is of somebody new."""


Decision = Join | Absorb | Found


@dataclass(frozen=True)
class _Link:
    person: Record
    best: float
    faces: int

    @property
    def is_strong(self) -> bool:
        return self.best >= STRONG or self.faces > 1


def decide(alike: Iterable[tuple[float, Record]]) -> Decision:
    """Return whose a face is that is so alike to a face of each of these people."""
    links: dict[str, _Link] = {}
    for similarity, person in alike:
        known = links.get(person["person_id"], _Link(person, 0, 0))
        links[person["person_id"]] = _Link(person, max(known.best, similarity), known.faces + 1)
    if not links:
        return Found()
    strong = sorted((link.person for link in links.values() if link.is_strong), key=_seniority)
    for place, heir in enumerate(strong):
        for other in strong[place + 1 :]:
            if may_be_one(heir, other):
                return Absorb(heir, other)
    best = min(links.values(), key=lambda link: (-link.best, -link.faces, _seniority(link.person)))
    return Join(best.person)


def may_be_one(one: Record, other: Record) -> bool:
    """Tell whether nothing that a person has decided keeps these two people apart."""
    names = {person["name"] for person in (one, other) if "name" in person}
    apart = other["person_id"] in one["not_same"] or one["person_id"] in other["not_same"]
    return len(names) < 2 and not apart


def _seniority(person: Record) -> tuple[bool, int, str]:
    """Sort those with a name first, then those with more faces: they keep their ids."""
    return ("name" not in person, -person["face_count"], person["person_id"])


def overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    """Return the intersection over the union of two boxes, 0 to 1."""
    width = min(one["left"] + one["width"], other["left"] + other["width"]) - max(one["left"], other["left"])
    height = min(one["top"] + one["height"], other["top"] + other["height"]) - max(one["top"], other["top"])
    both = max(width, 0.0) * max(height, 0.0)
    union = one["width"] * one["height"] + other["width"] * other["height"] - both
    return float(both / union) if union > 0 else 0.0
