"""Decides whose a face is, from the faces that it is like. Pure; similarities in percent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from safelight.keys import composed
from safelight.people.records import name_of, same_name
from safelight.transactions import Record

STRONG = 90.0
"""One face that is this alike links two people; else it takes two faces of each that match.

One doubtful match must not make two people one: a face in half profile or in the dark may be like many.
"""

SAME_PLACE = 0.5
"""Two boxes of one photo that overlap by this much are of one face: the intersection over the union."""

TOLD_PLACE = 0.3
"""A region and a face that overlap by this much are one: some programs frame the head, and some the face."""


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
    names = [name for person in (one, other) if (name := name_of(person))]
    apart = other["person_id"] in one["not_same"] or one["person_id"] in other["not_same"]
    return same_name(names) and not apart


def _seniority(person: Record) -> tuple[bool, int, str]:
    """Sort those with a name first, then those with more faces: they keep their ids."""
    return (name_of(person) is None, -person["face_count"], person["person_id"])


def told_names(regions: Iterable[Mapping[str, Any]], faces: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return, by the id of a face, the name that its photo's regions tell.

    A region names the face that it overlaps most. A face of two different names has none.
    """
    told: dict[str, list[str]] = {}
    for region in regions:
        if "name" in region and "box" in region and region.get("type", "face") == "face":
            shares = [(overlap(region["box"], face["box"]), face["face_id"]) for face in faces]
            share, face_id = max(shares, default=(0.0, ""))
            if share >= TOLD_PLACE:
                told.setdefault(face_id, []).append(composed(region["name"]))
    return {face_id: names[0] for face_id, names in told.items() if same_name(names)}


def overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    """Return the intersection over the union of two boxes, 0 to 1."""
    width = min(one["left"] + one["width"], other["left"] + other["width"]) - max(one["left"], other["left"])
    height = min(one["top"] + one["height"], other["top"] + other["height"]) - max(one["top"], other["top"])
    both = max(width, 0.0) * max(height, 0.0)
    union = one["width"] * one["height"] + other["width"] * other["height"] - both
    return float(both / union) if union > 0 else 0.0
