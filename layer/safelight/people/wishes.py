"""What users decide about people: a name, a merger, a split, to be forgotten. Pure: steps out, answers in.

What is decided here outlives the grouping of photos: who was split off is never absorbed again, nor are two
with different names. Each can be carried out again after a crash, and goes on where it ended.
"""

import hashlib
from collections.abc import Generator, Sequence
from typing import Any

from safelight.errors import PeopleChanged
from safelight.keys import face_record_id, person_record_id, photo_id, sheet_record_id
from safelight.people.records import forgetting, new_person, transfer
from safelight.people.steps import (
    Step,
    Steps,
    absorb,
    commit,
    face_behind_its_sheet,
    is_leaving,
    move_all,
    next_cover,
    settle,
)
from safelight.transactions import Read, Record, Write

LONGEST_NAME = 200
"""How many characters a name has at most."""


class UnknownPerson(Exception):
    """There is no such person, or no such face; the message says which, and what to do.

    `person_id` is who is not there.
    """

    def __init__(self, words: str, person_id: str | None = None) -> None:
        """Say it in `words`."""
        super().__init__(words)
        self.person_id = person_id


def name(person_id: str, called: str) -> Steps:
    """Give a person a name.

    Raises:
        UnknownPerson: there is no such person.
        PeopleChanged: the person was changed at the same moment; start again.
    """
    person = yield from _person(person_id)
    named = {**person, "name": called, "version": person["version"] + 1}
    yield from commit(Write((named,), versions={person["id"]: person["version"]}))


def merge(person_id: str, into: str) -> Steps:
    """Make a person one with `into`, who keeps id and name; without a name he gets the other's.

    Raises:
        UnknownPerson: there is no such person, or both are the same.
        PeopleChanged: one of them was changed at the same moment; start again.
    """
    if person_id == into:
        raise UnknownPerson(f"{person_id} cannot be merged into itself. Name two people.")
    heir = yield from _person(into)
    other = (yield Read((person_record_id(person_id),))).get(person_record_id(person_id), {})
    if other.get("merged_into") == into:
        yield from settle(heir)
        return
    yield from absorb(heir, (yield from _person(person_id)), by_hand=True)


def split(person_id: str, face_ids: Sequence[str]) -> Generator[Step, Any, str]:
    """Make a new person of some faces of another, to stay apart from it; return the new id.

    Raises:
        UnknownPerson: there is no such person, or a face is not one of his, or no face would be left.
        PeopleChanged: one of them was changed at the same moment; start again.
    """
    yield from settle((yield from _person(person_id)))
    chosen = sorted(set(face_ids))
    new = hashlib.sha256("\n".join([person_id, *chosen]).encode()).hexdigest()[:12]  # the same after a crash
    person = yield from _person(person_id)
    faces = yield Read(tuple(face_record_id(each) for each in chosen))
    for each in chosen:
        if faces.get(face_record_id(each), {}).get("person_id") not in (person_id, new):
            raise UnknownPerson(f"{each} is no face of {person_id}. Look at the faces again.")
    left = [each for each in faces.values() if each["person_id"] == person_id]
    if len(left) == person["face_count"]:
        raise UnknownPerson(
            f"These are all faces of {person_id}. Leave at least one, or name the person anew."
        )
    for face in left:
        yield from _split_off(face["id"], face["key"], person_id, new)
    return new


def _split_off(id_: str, key: str, person_id: str, new: str) -> Steps:
    ids = [person_record_id(person_id), person_record_id(new), photo_id(key)]
    records = yield Read((*ids, sheet_record_id(key)))
    source = records.get(ids[0])
    if not source or is_leaving(source):
        raise UnknownPerson(f"{person_id} was merged or forgotten meanwhile.")
    face = yield from face_behind_its_sheet(id_)
    if not face or face["person_id"] != person_id:
        raise PeopleChanged("A face was moved at the same moment. Start again.")
    target = records.get(ids[1], new_person(new, [person_id]))
    apart = {**source, "not_same": sorted({*source["not_same"], new})}
    cover = yield from next_cover(source, face)
    sheet = records.get(sheet_record_id(key))
    yield from commit(transfer(face, apart, target, sheet, records.get(ids[2]), cover))


def forget(person_id: str) -> Steps:
    """Delete a person's vectors, the records of his faces, and himself; nothing of it is kept.

    Raises:
        UnknownPerson: there is no such person.
        PeopleChanged: the person was changed at the same moment, or not all faces are listed yet.
    """
    person = yield from _person(person_id, forgotten_too=True)
    if "forgetting" not in person:
        yield from settle(person)
        person = yield from _person(person_id, forgotten_too=True)
        apart = yield Read(tuple(person_record_id(each) for each in person["not_same"]))
        yield from commit(forgetting(person, list(apart.values())))
    yield from move_all(person_id, None, vectors_too=True)


def _person(person_id: str, forgotten_too: bool = False) -> Generator[Step, Any, Record]:
    record: Record | None = (yield Read((person_record_id(person_id),))).get(person_record_id(person_id))
    if not record or ("forgetting" in record and not forgotten_too):
        raise UnknownPerson(f"There is no person {person_id}. Look who there is.", person_id)
    if "merged_into" in record:
        into = record["merged_into"]
        raise UnknownPerson(f"{person_id} is being merged into {into}. Merge the two again to finish that.")
    return record
