"""The steps by which the faces of a photo get to their people, or leave them. Pure: steps out, answers in.

Each function is a generator that yields what it wants read, searched or written and is sent the answer;
`carrier` carries the steps out on DynamoDB and Rekognition, and the tests carry them out one by one, those of
many photos among one another.

Each write is a transaction on the versions that were read, of one face at a time. Who founds a person writes
on the condition that the faces that his is like still belong to nobody: of two photos of one new person that
are grouped at once, one is refused, starts again, and joins the other.
"""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from safelight.errors import PeopleChanged
from safelight.keys import face_record_id, faces_record_id, person_record_id, photo_id, sheet_record_id
from safelight.people.deciding import SAME_PLACE, Absorb, Join, decide, may_be_one, overlap, told_names
from safelight.people.records import merged, new_face, new_person, retold, transfer
from safelight.transactions import Read, Record, Write

MATCHES = 80
"""How many of the likest faces are looked at: Rekognition's default. DynamoDB writes 100 items at once."""


@dataclass(frozen=True)
class Search:
    """Find the faces that are like this one; the answer maps the id of each to the similarity in percent.

    The answer is None where the collection has no such face.
    """

    face_id: str


@dataclass(frozen=True)
class Faces:
    """List the records of a person's faces, from the index, which may lag."""

    person_id: str


@dataclass(frozen=True)
class DeleteVectors:
    """Delete these faces from the collection, those that are there."""

    face_ids: tuple[str, ...]


Step = Read | Write | Search | Faces | DeleteVectors
Steps = Generator[Step, Any, Any]


class _Superseded(Exception):
    """A later execution has taken the photo, and will group its faces."""


def group(
    key: str,
    execution: str,
    found: Sequence[Mapping[str, Any]] | None,
    new_id: Callable[[], str] = lambda: uuid4().hex[:12],
) -> Generator[Step, Any, list[str]]:
    """Bring people in line with the faces that were `found` in the photo at `key`; return who is in it.

    None stands for a photo that nobody has looked at: who is in it stays. Where a later execution has taken
    the photo nothing is written, and nobody is in it.

    Raises:
        PeopleChanged: another photo changed the same records at the same moment; start again.
    """
    try:
        _, sheet = yield from _photo_and_sheet(key, execution)
        there = set(sheet.get("faces", {})) if found is None else {each["face_id"] for each in found}
        for each in found or ():
            yield from _group_face(key, execution, each, found or (), new_id)
        _, sheet = yield from _photo_and_sheet(key, execution)
        listing_id = faces_record_id(key)
        listing = (yield Read((listing_id,))).get(listing_id, {})
        indexed = set() if found is None else set(listing.get("face_ids", ()))
        gone = tuple(sorted({*sheet.get("faces", {}), *indexed} - there))
        if gone:
            yield DeleteVectors(gone)
        for face_id in gone:
            yield from _drop(key, execution, face_id)
        if gone and not there:  # tagging may have listed faces that nobody has grouped
            yield from commit(
                Write(deletes=(listing_id,), seen={photo_id(key): {"execution_arn": execution}})
            )
        _, sheet = yield from _photo_and_sheet(key, execution)
    except _Superseded:
        return []
    return sorted(set(sheet.get("faces", {}).values()))


def _photo_and_sheet(key: str, execution: str) -> Generator[Step, Any, tuple[Record, Record]]:
    records = yield Read((photo_id(key), sheet_record_id(key)))
    photo = records.get(photo_id(key))
    if not photo or photo.get("execution_arn") != execution:
        raise _Superseded
    return photo, records.get(sheet_record_id(key), {})


def _group_face(
    key: str,
    execution: str,
    found: Mapping[str, Any],
    all_found: Sequence[Mapping[str, Any]],
    new_id: Callable[[], str],
) -> Steps:
    """Give one face of a photo to its person, unless it has one; and say what the photo's file calls it."""
    there = {each["face_id"] for each in all_found}
    while True:
        photo, sheet = yield from _photo_and_sheet(key, execution)
        told = told_names(photo.get("metadata", {}).get("regions", ()), all_found).get(found["face_id"])
        face = new_face(key, photo.get("original", {}).get("etag", ""), found, told)
        if known := (yield from face_behind_its_sheet(face["id"])):
            yield from _retell(known, told, sheet)
            return
        alike = yield Search(face["face_id"])
        if alike is None:  # forgotten, or tagged anew, since it was found
            return
        known = yield Read(tuple(face_record_id(each) for each in alike))
        before = yield from _same_face(sheet, face, there)
        owners = {it["person_id"] for it in known.values()} | ({before} if before else set())
        people = yield from _living(owners)
        if before in people:
            target = people[before]
        else:
            decision = decide(
                (similarity, people[owner])
                for each, similarity in alike.items()
                if (owner := known.get(face_record_id(each), {}).get("person_id")) in people
            )
            if isinstance(decision, Absorb):
                yield from absorb(decision.heir, decision.other)
                continue
            target = decision.person if isinstance(decision, Join) else new_person(new_id())
        unknown = [face_record_id(each) for each in alike if face_record_id(each) not in known]
        absent = unknown if target["version"] == 0 else []
        yield from commit(transfer(face, None, target, sheet or None, photo, absent=absent))
        return


def _retell(face: Record, told: str | None, sheet: Record) -> Steps:
    """Write what the file calls a face that has a person, if that is new; who is forgotten gets no name."""
    if face.get("told") == told:
        return
    id_ = person_record_id(face["person_id"])
    person = (yield Read((id_,))).get(id_)
    if not person or face["face_id"] not in sheet.get("faces", {}):
        raise PeopleChanged(f"{face['person_id']} was changed at the same moment. Start again.")
    if not person.get("forgetting"):
        yield from commit(retold(face, told, person, sheet))


def _same_face(sheet: Record, face: Record, there: set[str]) -> Generator[Step, Any, str | None]:
    """Return whose the face was when the same file, by its ETag, was tagged before and it had another id."""
    left = [each for each in sheet.get("faces", {}) if each not in there]
    if not left:
        return None
    records = yield Read(tuple(face_record_id(each) for each in left))
    overlaps = [
        (overlap(it["box"], face["box"]), it["person_id"])
        for it in records.values()
        if it["etag"] == face["etag"] != ""
    ]
    share, person_id = max(overlaps, default=(0.0, None))
    return person_id if share >= SAME_PLACE else None


def _living(ids: Iterable[str]) -> Generator[Step, Any, dict[str, Record]]:
    """Return, by each id, the person that it stands for now: itself, or the one it was merged into.

    Who is being forgotten is left out.

    Raises:
        PeopleChanged: a person has ended since a face of his was read; start again.
    """
    wanted = {each: each for each in ids}
    found: dict[str, Record] = {}
    while missing := {person_record_id(each) for each in wanted.values()} - set(found):
        read = yield Read(tuple(missing))
        found |= {id_: read.get(id_, {}) for id_ in missing}
        for each, stands_for in wanted.items():
            into = found[person_record_id(stands_for)].get("merged_into")
            wanted[each] = into or stands_for
    people = {each: found[person_record_id(stands_for)] for each, stands_for in wanted.items()}
    if not all(people.values()):
        raise PeopleChanged("A person was merged or forgotten at the same moment. Start again.")
    return {each: it for each, it in people.items() if not it.get("forgetting")}


def _drop(key: str, execution: str, face_id: str) -> Steps:
    photo, sheet = yield from _photo_and_sheet(key, execution)
    face = yield from face_behind_its_sheet(face_record_id(face_id))
    if face:
        yield from _hand_over(face, None, sheet, photo)


def _hand_over(face: Record, target: Record | None, sheet: Record | None, photo: Record | None) -> Steps:
    """Move a face from the person it belongs to."""
    source_id, listing_id = person_record_id(face["person_id"]), faces_record_id(face["key"])
    records = yield Read((source_id, listing_id))
    source = records.get(source_id)
    if not source:
        raise PeopleChanged(f"{face['person_id']} was changed at the same moment. Start again.")
    cover = yield from next_cover(source, face)
    yield from commit(transfer(face, source, target, sheet, photo, cover, listed=listing_id in records))


def next_cover(person: Record, leaving: Record) -> Generator[Step, Any, Record | None]:
    """Return the face that stands for a person when `leaving` goes; None where another does anyway."""
    if person.get("cover", {}).get("face_id") != leaving["face_id"] or person["face_count"] == 1:
        return None
    listed = [each for each in (yield Faces(person["person_id"])) if each["id"] != leaving["id"]]
    listed.sort(key=lambda each: (-each["quality"], each["id"]))
    records = yield Read(tuple(each["id"] for each in listed[:MATCHES]))
    still = (it for each in listed if (it := records.get(each["id"])))
    return next((it for it in still if it["person_id"] == person["person_id"]), None)


def absorb(heir: Record, other: Record, by_hand: bool = False) -> Steps:
    """Make two people one: all faces of `other` go to `heir`, who keeps his id.

    Raises:
        PeopleChanged: one of the two was changed at the same moment; start again.
    """
    yield from settle(other)
    yield from settle(heir)
    ids = (heir["id"], other["id"])
    records = yield Read(ids)
    changed = PeopleChanged("One of the two was changed at the same moment. Start again.")
    if any(id_ not in records or is_leaving(records[id_]) for id_ in ids):
        raise changed
    heir, other = (records[id_] for id_ in ids)
    if other["absorbing"] or not (by_hand or may_be_one(heir, other)):
        raise changed
    apart = yield Read(tuple(person_record_id(each) for each in other["not_same"]))
    yield from commit(merged(heir, other, list(apart.values())))
    yield from move_all(other["person_id"], heir["person_id"])


def settle(person: Record) -> Steps:
    """Finish what an earlier merge into `person` has left."""
    for other in person["absorbing"]:
        yield from move_all(other, person["person_id"])
        now = (yield Read((person["id"],))).get(person["id"])
        if now and other in now["absorbing"]:  # its last face was dropped, and not moved
            rest = [each for each in now["absorbing"] if each != other]
            kept = {**now, "absorbing": rest, "version": now["version"] + 1}
            yield from commit(Write((kept,), versions={now["id"]: now["version"]}))


def is_leaving(person: Record) -> bool:
    """Tell whether a person is about to be no more: merged into another, or forgotten."""
    return "merged_into" in person or "forgetting" in person


def move_all(source_id: str, target_id: str | None, vectors_too: bool = False) -> Steps:
    """Move every face of a person to another, or drop them all; with the last of them the person ends.

    Raises:
        PeopleChanged: others changed the same records, or the index does not list all faces yet; start again.
    """
    listed = yield Faces(source_id)
    if vectors_too and listed:
        yield DeleteVectors(tuple(each["face_id"] for each in listed))
    for each in listed:
        ids = [photo_id(each["key"]), sheet_record_id(each["key"])]
        ids += [person_record_id(target_id)] if target_id else []
        records = yield Read(tuple(ids))
        face = yield from face_behind_its_sheet(each["id"])
        if not face or face["person_id"] != source_id:
            continue
        target = records.get(person_record_id(target_id)) if target_id else None
        if target_id and not target:
            raise PeopleChanged(f"{target_id} was changed at the same moment. Start again.")
        photo, sheet = (records.get(ids[0]), records.get(ids[1]))
        yield from _hand_over(face, target, sheet, photo)
    if person_record_id(source_id) in (yield Read((person_record_id(source_id),))):
        raise PeopleChanged(f"Not all faces of {source_id} are listed yet. Start again.")


def face_behind_its_sheet(id_: str) -> Generator[Step, Any, Record | None]:
    """Read a face behind the sheet of its photo, and not along with it.

    Whoever changes a face changes the version of the sheet: what was read so is the face as it is, if a write
    on that version succeeds.
    """
    face: Record | None = (yield Read((id_,))).get(id_)
    return face


def commit(write: Write) -> Steps:
    """Write, or start again.

    Raises:
        PeopleChanged: what was read has changed since.
    """
    if not (yield write):
        raise PeopleChanged("Another photo of the same person was grouped at the same moment. Start again.")
