"""The records of people, and what one face that changes hands does to all of them. Pure.

A face is on the record of itself, and on the sheet of its photo with the person that it belongs to; a person
counts its faces, and the photo names its people. One `Write` changes all four, on the versions that were
read, so that they cannot disagree.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from safelight.keys import (
    composed,
    face_record_id,
    faces_record_id,
    person_record_id,
    photo_id,
    sheet_record_id,
    timeline_of,
)
from safelight.transactions import Record, Write

PEOPLE = "people"
"""The partition of the index in which every person is listed."""

_LARGE_ENOUGH = 0.25
"""The side of a face, as a share of its photo's, beyond which larger makes no better cover."""

MAX_TOLD = 100
"""How many names files may tell of one person; more than one name him nobody anyway."""

_PHOTO_FIELDS = ("execution_arn", "processed_at")


@dataclass(frozen=True)
class PhotoChange:
    """Name the people of the photo with this id, if it still has the fields that were `seen`.

    faces: what is to become of the faces in its tags; None leaves them.
    """

    id: str
    seen: Mapping[str, Any]
    people: Sequence[str]
    faces: Sequence[Record] | None = None


@dataclass(frozen=True)
class Transfer(Write):
    """A write by which a face changes hands.

    photo: what becomes of the photo's record. unlisted: a record of tagging's that lists the ids of a photo's
    faces, and the id to take out.
    """

    photo: PhotoChange | None = None
    unlisted: tuple[str, str] | None = None


def new_person(person_id: str, not_same: Sequence[str] = ()) -> Record:
    """Return the record of a person without a face, which is not written yet."""
    return {
        "id": person_record_id(person_id),
        "album": PEOPLE,
        "timeline": f"person#{person_id}",
        "person_id": person_id,
        "face_count": 0,
        "not_same": list(not_same),
        "absorbing": [],
        "told": {},
        "version": 0,
    }


def name_of(person: Record) -> str | None:
    """Return what a person is called: the name that somebody gave, or else the one that all files tell."""
    told: Mapping[str, int] = person.get("told", {})
    if "name" in person:
        return str(person["name"])
    return max(told, key=lambda name: (told[name], name)) if told and same_name(told) else None


def same_name(names: Iterable[str]) -> bool:
    """Tell whether no two of these names differ by more than capitals and the spelling of Unicode."""
    return len({composed(name).casefold() for name in names}) < 2


def new_face(key: str, etag: str, found: Mapping[str, Any], told: str | None = None) -> Record:
    """Return the record of a face that was found in the photo at `key`; it belongs to nobody yet.

    told: the name that the photo's file tells of it.
    """
    return ({"told": told} if told else {}) | {
        "id": face_record_id(found["face_id"]),
        "timeline": timeline_of("face", key),
        "face_id": found["face_id"],
        "key": key,
        "etag": etag,
        "box": dict(found["box"]),
        "quality": quality(found),
    }


def quality(found: Mapping[str, Any]) -> float:
    """Return how good a cover a face makes: large in its photo, and sharp."""
    side: float = sqrt(found["box"]["width"] * found["box"]["height"])
    return round(min(side, _LARGE_ENOUGH) * (1 + float(found["sharpness"])), 4)


def cover_of(face: Record) -> Record:
    """Return what a person's record keeps of the face that stands for it."""
    return {name: face[name] for name in ("face_id", "key", "box", "quality")}


def transfer(
    face: Record,
    source: Record | None,
    target: Record | None,
    sheet: Record | None,
    photo: Record | None,
    heir_to_cover: Record | None = None,
    absent: Sequence[str] = (),
    listed: bool = False,
) -> Transfer:
    """Return the write by which `face` goes from `source`, if it is anybody's, to `target`, or is dropped.

    heir_to_cover: the face that stands for `source` from now on, where `face` did. listed: tagging has a
    record of the photo's faces.
    A person without a face is no more, unless faces are on their way to him.
    """
    puts: list[Record] = []
    deletes: list[str] = []
    sheet = sheet or {"id": sheet_record_id(face["key"]), "faces": {}, "version": 0}
    versions = {sheet["id"]: sheet["version"]}
    faces = {id_: person for id_, person in sheet["faces"].items() if id_ != face["face_id"]}
    if source:
        versions[source["id"]] = source["version"]
        if source["face_count"] == 1 and not source["absorbing"]:
            deletes.append(source["id"])
        else:
            puts.append(_without(source, face, heir_to_cover))
    if target:
        versions[target["id"]] = target["version"]
        faces[face["face_id"]] = target["person_id"]
        puts.append(_with(target, face, ended=source["person_id"] if source and deletes else None))
        puts.append({**face, "person_id": target["person_id"], "album": f"{PEOPLE}/{target['person_id']}"})
        if not source:
            versions[face["id"]] = 0
    else:
        deletes.append(face["id"])
    puts.append({**sheet, "faces": faces, "version": sheet["version"] + 1})
    dropped = face["face_id"] if target is None else None
    return Transfer(
        tuple(puts),
        tuple(deletes),
        versions,
        tuple(absent),
        photo=_photo_change(photo, faces, dropped),
        unlisted=(faces_record_id(face["key"]), dropped) if listed and dropped else None,
    )


def retold(face: Record, told: str | None, person: Record, sheet: Record) -> Write:
    """Return the write by which the file tells another name of `face`, or none, on the face and its person.

    The photo's `sheet` gets a version more: who read it before the face has the face as it is.
    """
    kept = {name: it for name, it in face.items() if name != "told"}
    counts = _counted(_counted(person.get("told", {}), face.get("told"), -1), told, 1)
    return Write(
        (
            kept | ({"told": told} if told else {}),
            {**person, "told": counts, "version": person["version"] + 1},
            {**sheet, "version": sheet["version"] + 1},
        ),
        versions={person["id"]: person["version"], sheet["id"]: sheet["version"]},
    )


def _counted(told: Mapping[str, int], name: str | None, by: int) -> dict[str, int]:
    """Return how many faces tell which name, when `by` more of them tell `name`."""
    counts = dict(told)
    if name and (name in told or len(told) < MAX_TOLD):
        counts[name] = counts.get(name, 0) + by
    return {each: count for each, count in counts.items() if count > 0}


def _without(person: Record, face: Record, heir_to_cover: Record | None) -> Record:
    changed = {**person, "face_count": person["face_count"] - 1, "version": person["version"] + 1}
    changed["told"] = _counted(person.get("told", {}), face.get("told"), -1)
    if person.get("cover", {}).get("face_id") == face["face_id"]:
        del changed["cover"]
        if heir_to_cover:
            changed["cover"] = cover_of(heir_to_cover)
    return changed


def _with(person: Record, face: Record, ended: str | None) -> Record:
    changed = {**person, "face_count": person["face_count"] + 1, "version": person["version"] + 1}
    changed["told"] = _counted(person.get("told", {}), face.get("told"), 1)
    if face["quality"] > person.get("cover", {}).get("quality", -1):
        changed["cover"] = cover_of(face)
    changed["absorbing"] = [other for other in person["absorbing"] if other != ended]
    return changed


def _photo_change(photo: Record | None, faces: Mapping[str, str], dropped: str | None) -> PhotoChange | None:
    if not photo:
        return None
    told = photo.get("tags", {}).get("faces")
    strip = dropped is not None and told and any(each["face_id"] == dropped for each in told)
    return PhotoChange(
        photo_id(photo["key"]),
        {name: photo.get(name) for name in _PHOTO_FIELDS},
        sorted(set(faces.values())),
        [each for each in told if each["face_id"] != dropped] if strip else None,
    )


def merged(heir: Record, other: Record, apart: Sequence[Record]) -> Write:
    """Return the write after which all of `other` belongs to `heir`; its faces are still to be moved.

    apart: the records of those who were decided not to be `other`, which now are not `heir`.
    """
    ids = {heir["person_id"], other["person_id"]}
    heirs = {
        **heir,
        "not_same": sorted({*heir["not_same"], *other["not_same"]} - ids),
        "absorbing": [*heir["absorbing"], other["person_id"]],
        "version": heir["version"] + 1,
    }
    names = [name for person in (heir, other) if (name := name_of(person))]
    if "name" in other or not same_name(names):
        heirs["name"] = names[0]
    emptied = {name: it for name, it in other.items() if name not in ("name", "cover")}
    emptied |= {"merged_into": heir["person_id"], "not_same": [], "version": other["version"] + 1}
    told = [
        _apart_from(each, other["person_id"], heir["person_id"])
        for each in apart
        if each["person_id"] not in ids
    ]
    touched = [heir, other, *(each for each in apart if each["person_id"] not in ids)]
    return Write((heirs, emptied, *told), versions={each["id"]: each["version"] for each in touched})


def forgetting(person: Record, apart: Sequence[Record]) -> Write:
    """Return the write after which a person has no name, is joined by no face, and is on nobody's record."""
    kept = ("id", "album", "timeline", "person_id", "face_count")
    empty = {name: person[name] for name in kept} | {
        "not_same": [],
        "absorbing": [],
        "forgetting": True,
        "version": person["version"] + 1,
    }
    told = [_apart_from(each, person["person_id"], None) for each in apart]
    return Write((empty, *told), versions={each["id"]: each["version"] for each in (person, *apart)})


def _apart_from(record: Record, old: str, new: str | None) -> Record:
    ids = {*record["not_same"], *([new] if new else [])} - {old}
    return {**record, "not_same": sorted(ids), "version": record["version"] + 1}
