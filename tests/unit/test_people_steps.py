"""Photos of people on their way at once: every step of each among those of the others, with crashes.

The steps are the ones that run in production; a table in memory stands in for DynamoDB, and a collection that
knows who is who for Rekognition. `test_people_handler` checks the real requests.
"""

import itertools
import random
from collections import Counter
from collections.abc import Generator, Sequence
from typing import Any

import pytest

from safelight.errors import PeopleChanged
from safelight.keys import faces_record_id, photo_id
from safelight.people import wishes
from safelight.people.deciding import told_names
from safelight.people.records import MAX_TOLD, PEOPLE, Transfer, name_of
from safelight.people.steps import DeleteVectors, Faces, Search, group
from safelight.transactions import Read, Record, Write
from schedules import Process, Table, interleave

ETAG = {"etag": "one"}


class World(Table):
    """Records by id, and a collection: the truth of each face, and how alike two of them are."""

    def __init__(self) -> None:
        super().__init__()
        self.truth: dict[str, str] = {}
        self.similar: dict[frozenset[str], float] = {}
        self.ids = (f"p{number}" for number in itertools.count())

    def upload(self, key: str, faces: Sequence[str], execution: str = "e", **fields: Any) -> list[Record]:
        """Claim the photo for an execution, and index faces: each is named `<who>:<anything>`."""
        self.truth |= {face: face.partition(":")[0] for face in faces}
        found = [found_face(face, place) for place, face in enumerate(faces)]
        before = self.records.get(photo_id(key), {})
        self.records[photo_id(key)] = {
            **before,
            "id": photo_id(key),
            "key": key,
            "execution_arn": execution,
            "original": ETAG,
            "tags": {"faces": found},
            **fields,
        }
        return found

    def search(self, face_id: str) -> dict[str, float] | None:
        if face_id not in self.truth:
            return None
        likeness = {each: self.likeness(face_id, each) for each in self.truth if each != face_id}
        return {each: it for each, it in likeness.items() if it >= 80}

    def likeness(self, one: str, other: str) -> float:
        same = 95.0 if self.truth[one] == self.truth[other] else 10.0
        return self.similar.get(frozenset({one, other}), same)

    def carry_out(self, step: Any) -> Generator[None, None, Any]:
        match step:
            case Read():
                return (yield from self.read(step))
            case Write():
                return self.write(step)
            case Search():
                return self.search(step.face_id)
            case Faces():
                partition = f"{PEOPLE}/{step.person_id}"
                return [it for it in self.records.values() if it.get("album") == partition]
            case DeleteVectors():
                for face_id in step.face_ids:
                    self.truth.pop(face_id, None)

    def write(self, step: Write) -> bool:
        change = step.photo if isinstance(step, Transfer) else None
        if (change and not self.has(change.id, change.seen)) or not super().write(step):
            return False
        if change:
            tags = self.records[change.id]["tags"]
            faces = {} if change.faces is None else {"tags": {**tags, "faces": change.faces}}
            self.update(change.id, people=change.people, **faces)
        if isinstance(step, Transfer) and step.unlisted:
            id_, face_id = step.unlisted
            self.update(id_, face_ids=self.records[id_]["face_ids"] - {face_id})
        return True

    def of(self, kind: str) -> dict[str, Record]:
        return {id_: it for id_, it in self.records.items() if id_.startswith(f"{kind}/")}

    def owner(self, face_id: str) -> str:
        return str(self.records[f"face/{face_id}"]["person_id"])


def found_face(face_id: str, place: int = 0) -> Record:
    box = {"left": 0.3 * place, "top": 0.1, "width": 0.2, "height": 0.2}
    return {"face_id": face_id, "box": box, "confidence": 99.0, "sharpness": 50.0 + place, "brightness": 60.0}


def region(name: str, place: int = 0, **changes: Any) -> Record:
    """What the metadata say of the face in that place: another program frames it a little larger."""
    box = {"left": 0.3 * place - 0.02, "top": 0.07, "width": 0.24, "height": 0.26}
    return {"name": name, "type": "face", "box": box, "source": "XMP mwg-rs:Regions"} | changes


def telling(*names: str | None) -> Record:
    """The metadata of a photo whose file tells these names of the faces in their places."""
    return {"regions": [region(name, place) for place, name in enumerate(names) if name]}


def called(world: World) -> dict[str, str | None]:
    """Return what each face's person is called."""
    faces = world.of("face").values()
    return {it["face_id"]: name_of(world.records[f"person/{it['person_id']}"]) for it in faces}


def repeated(world: World, begin: Any, chance: random.Random, crash: float = 0.0) -> Process:
    """One invocation after another until one ends well, a step at a time."""
    while True:
        asked, answer = begin(), None
        try:
            while True:
                step = asked.send(answer)
                if chance.random() < crash:
                    break
                answer = yield from world.carry_out(step)
                if chance.random() < crash:
                    break
                yield
        except StopIteration:
            return
        except PeopleChanged:
            yield


def run(world: World, steps: Any) -> Any:
    """Carry steps out with nobody else about."""
    answer = None
    while True:
        try:
            step = steps.send(answer)
        except StopIteration as done:
            return done.value
        answer = carried_out(world, step)


def carried_out(world: World, step: Any) -> Any:
    """Carry one step out and return the answer to it."""
    carried = world.carry_out(step)
    while True:
        try:
            next(carried)
        except StopIteration as done:
            return done.value


def add(world: World, key: str, *faces: str, execution: str = "e", **fields: Any) -> list[str]:
    found = world.upload(key, faces, execution, **fields)
    people: list[str] = run(world, group(key, execution, found, lambda: next(world.ids)))
    return people


def check(world: World) -> None:
    """Everything that is written in more than one place is the same in each."""
    faces = world.of("face").values()
    for person in world.of("person").values():
        own = [face for face in faces if face["person_id"] == person["person_id"]]
        assert person["face_count"] == len(own) > 0
        assert person["told"] == Counter(face["told"] for face in own if "told" in face)
        assert "merged_into" not in person
        assert person["cover"]["face_id"] in {face["face_id"] for face in own}
        assert person["cover"]["quality"] <= max(face["quality"] for face in own)
        for other in person["not_same"]:
            if f"person/{other}" in world.records:
                assert person["person_id"] in world.records[f"person/{other}"]["not_same"]
    assert {face["person_id"] for face in faces} == {it["person_id"] for it in world.of("person").values()}
    for sheet_id, sheet in world.of("faces-of").items():
        key = sheet_id.removeprefix("faces-of/")
        assert sheet["faces"] == {face["face_id"]: face["person_id"] for face in faces if face["key"] == key}
        assert world.records[photo_id(key)]["people"] == sorted(set(sheet["faces"].values()))
    assert {face["key"] for face in faces} <= {id_.removeprefix("faces-of/") for id_ in world.of("faces-of")}


def clusters(world: World) -> set[frozenset[str]]:
    faces = world.of("face").values()
    owners = {face["person_id"] for face in faces}
    return {frozenset(it["face_id"] for it in faces if it["person_id"] == owner) for owner in owners}


PHOTOS = {
    "1": ["ann:1", "bob:1"],
    "2": ["ann:2"],
    "3": ["bob:3", "cy:3", "ann:3"],
    "4": ["cy:4"],
    "5": ["ann:5", "dee:5"],
    "6": [],
}
TRUTH = {
    frozenset({"ann:1", "ann:2", "ann:3", "ann:5"}),
    frozenset({"bob:1", "bob:3"}),
    frozenset({"cy:3", "cy:4"}),
    frozenset({"dee:5"}),
}


@pytest.mark.parametrize("seed", range(150))
def test_every_schedule_ends_with_one_person_for_each(seed: int) -> None:
    chance = random.Random(seed)
    world = World()
    crash = chance.choice([0.0, 0.0, 0.05])

    def begin(key: str, found: Any) -> Any:
        return lambda: group(key, "e", found, lambda: next(world.ids))

    found = {key: world.upload(key, faces) for key, faces in PHOTOS.items()}
    twice = [*found, *chance.sample(sorted(found), 2)]
    chance.shuffle(twice)
    interleave([repeated(world, begin(key, found[key]), chance, crash) for key in twice], chance)
    assert clusters(world) == TRUTH
    check(world)


def test_grouping_twice_and_tagging_anew_changes_nobody() -> None:
    world = World()
    first = add(world, "a", "ann:1", "bob:1")
    add(world, "b", "ann:2")
    assert len(first) == 2
    assert add(world, "a", "ann:1", "bob:1") == first
    del world.truth["ann:1"], world.truth["bob:1"]  # the tag function has replaced them
    assert add(world, "a", "ann:9", "bob:9", execution="again") == first
    assert clusters(world) == {frozenset({"ann:9", "ann:2"}), frozenset({"bob:9"})}
    check(world)


def test_another_file_in_the_place_of_a_photo_brings_its_own_people() -> None:
    world = World()
    (ann,) = add(world, "a", "ann:1")
    del world.truth["ann:1"]
    (zoe,) = add(world, "a", "zoe:1", execution="again", original={"etag": "two"})
    assert zoe != ann
    assert set(world.of("person")) == {f"person/{zoe}"}
    check(world)


def test_files_whose_etag_nobody_knows_are_not_the_same_file() -> None:
    world = World()
    unknown = {"etag": ""}
    (ann,) = add(world, "a", "ann:1", original=unknown)
    assert add(world, "a", "zoe:1", execution="again", original=unknown) != [ann]
    check(world)


def test_a_photo_without_its_faces_leaves_its_people() -> None:
    world = World()
    add(world, "a", "ann:1")
    add(world, "b", "ann:2")
    assert add(world, "a", execution="again") == []
    assert clusters(world) == {frozenset({"ann:2"})}
    assert "ann:1" not in world.truth, "its vector is deleted, too"
    check(world)


def test_a_photo_that_nobody_has_looked_at_keeps_its_people() -> None:
    world = World()
    (ann,) = add(world, "a", "ann:1")
    world.upload("a", [], execution="again")
    before = dict(world.records)
    assert run(world, group("a", "again", None)) == [ann]
    assert world.records == before
    assert "ann:1" in world.truth


def test_a_photo_that_leaves_takes_the_faces_that_nobody_has_grouped_along() -> None:
    world = World()
    add(world, "a", "ann:1")
    world.upload("a", ["ann:1", "bob:1"], "removal")
    world.records[faces_record_id("a")] = {"id": faces_record_id("a"), "face_ids": {"ann:1", "bob:1"}}
    assert run(world, group("a", "removal", [])) == []
    assert set(world.truth) == set(), "no vector is left"
    assert faces_record_id("a") not in world.records


def test_an_execution_that_was_overtaken_writes_nothing() -> None:
    world = World()
    found = world.upload("a", ["ann:1"], "later")
    assert run(world, group("a", "earlier", found)) == []
    assert set(world.records) == {photo_id("a")}


def test_a_link_makes_two_people_one_and_a_chain_does_not() -> None:
    world = World()
    (left,) = add(world, "a", "x:1")
    (right,) = add(world, "b", "y:1")
    world.similar = {frozenset({"z:1", "x:1"}): 85, frozenset({"z:1", "y:1"}): 84}
    assert add(world, "c", "z:1") == [left], "one doubtful match each is a chain: it joins the likest"
    assert set(world.of("person")) == {f"person/{left}", f"person/{right}"}
    world.similar |= {frozenset({"w:1", each}): 95 for each in ("x:1", "y:1", "z:1")}
    assert add(world, "d", "w:1") == [left], "the larger keeps its id"
    assert set(world.of("person")) == {f"person/{left}"}
    check(world)


def test_a_name_keeps_its_id_and_two_names_are_two_people() -> None:
    world = World()
    (large,) = add(world, "a", "x:1")
    add(world, "b", "x:2")
    (small,) = add(world, "c", "y:1")
    run(world, wishes.name(small, "Yvonne"))
    link = {frozenset({"w:1", each}): 95.0 for each in ("x:1", "x:2", "y:1")}
    world.similar = link
    assert add(world, "d", "w:1") == [small]
    assert world.records[f"person/{small}"]["name"] == "Yvonne"
    assert f"person/{large}" not in world.records
    (third,) = add(world, "e", "q:1")
    run(world, wishes.name(third, "Quentin"))
    world.similar |= {frozenset({"v:1", each}): 95.0 for each in ("q:1", "y:1")}
    add(world, "f", "v:1")
    assert {it.get("name") for it in world.of("person").values()} == {"Yvonne", "Quentin"}
    check(world)


def test_a_merge_holds_and_gives_the_name() -> None:
    world = World()
    (ann,) = add(world, "a", "ann:1")
    (old,) = add(world, "b", "old:1")
    run(world, wishes.name(old, "Ann"))
    run(world, wishes.merge(old, ann))
    assert world.records[f"person/{ann}"]["name"] == "Ann"
    assert world.records[photo_id("b")]["people"] == [ann]
    assert add(world, "c", "old:2") == [ann]
    check(world)


def test_a_split_holds_whatever_comes() -> None:
    world = World()
    (twins,) = add(world, "a", "twin:1")
    for number in range(2, 6):
        add(world, f"b{number}", f"twin:{number}")
    new = run(world, wishes.split(twins, ["twin:2", "twin:3"]))
    assert new != twins
    assert run(world, wishes.split(twins, ["twin:2", "twin:3"])) == new, "the same after a crash"
    check(world)
    assert add(world, "c", "twin:8")[0] in (twins, new)
    assert {frozenset({"twin:2", "twin:3"}) <= each for each in clusters(world)} == {True, False}
    del world.truth["twin:2"]
    assert add(world, "b2", "twin:22", execution="again") == [new], "tagged anew, it stays where it was put"
    check(world)
    run(world, wishes.merge(new, twins))
    assert len(clusters(world)) == 1
    assert world.records[f"person/{twins}"]["not_same"] == []
    check(world)


def test_who_was_split_off_stays_apart_from_the_heir_of_the_other() -> None:
    world = World()
    (twins,) = add(world, "a", "twin:1")
    add(world, "b", "twin:2")
    new = run(world, wishes.split(twins, ["twin:2"]))
    (heir,) = add(world, "c", "ann:1")
    run(world, wishes.merge(twins, heir))
    assert world.records[f"person/{new}"]["not_same"] == [heir]
    world.similar = {frozenset({"w:1", each}): 95.0 for each in ("twin:1", "twin:2", "ann:1")}
    add(world, "d", "w:1")
    assert set(world.of("person")) == {f"person/{heir}", f"person/{new}"}
    check(world)


def test_forgetting_leaves_nothing() -> None:
    world = World()
    (ann,) = add(world, "a", "ann:1")
    ann_and_bob = add(world, "b", "ann:2", "bob:2")
    world.records["faces/b"] = {"id": "faces/b", "face_ids": {"ann:2", "bob:2"}}
    (bob,) = set(ann_and_bob) - {ann}
    run(world, wishes.name(ann, "Ann"))
    run(world, wishes.split(ann, ["ann:2"]))
    (ann_2,) = set(world.records[photo_id("b")]["people"]) - {bob}
    for each in (ann, ann_2):
        run(world, wishes.forget(each))
        with pytest.raises(wishes.UnknownPerson):
            run(world, wishes.forget(each))
    assert set(world.truth) == {"bob:2"}
    for trace in (ann, ann_2, "ann:1", "ann:2", "Ann"):
        assert f"'{trace}'" not in str(world.records), trace
    assert [face["face_id"] for face in world.records[photo_id("b")]["tags"]["faces"]] == ["bob:2"]
    check(world)
    (again,) = add(world, "c", "ann:3")
    assert again not in (ann, ann_2)
    assert "name" not in world.records[f"person/{again}"]


@pytest.mark.parametrize("seed", range(150))
def test_what_is_decided_while_photos_arrive_holds(seed: int) -> None:
    chance = random.Random(seed)
    world = World()
    (ann,) = add(world, "a", "ann:0")
    (bob,) = add(world, "b", "bob:0")
    (cy,) = add(world, "c", "cy:0")
    add(world, "d", "cy:1", "ann:1")
    run(world, wishes.name(ann, "Ann"))
    found = {key: world.upload(key, faces) for key, faces in PHOTOS.items()}

    def begin(key: str) -> Any:
        return lambda: group(key, "e", found[key], lambda: next(world.ids))

    def wish(make: Any) -> Any:
        def steps() -> Any:
            try:
                yield from make()
            except wishes.UnknownPerson:
                return

        return steps

    crash = chance.choice([0.0, 0.05])
    running = [repeated(world, begin(key), chance, crash) for key in PHOTOS]
    running += [
        repeated(world, wish(lambda: wishes.merge(bob, ann)), chance, crash),
        repeated(world, wish(lambda: wishes.forget(cy)), chance, crash),
    ]
    interleave(running, chance)
    check(world)
    assert world.records[f"person/{ann}"]["name"] == "Ann"
    assert {world.owner(face) for face in world.truth if face[:3] in ("ann", "bob")} == {ann}
    assert f"person/{cy}" not in world.records
    assert cy not in str(world.of("photo"))
    assert "cy:0" not in world.truth


def test_a_name_in_a_file_names_the_person_in_every_photo() -> None:
    world = World()
    add(world, "a", "ann:1", "bob:1")
    assert called(world) == {"ann:1": None, "bob:1": None}
    add(world, "b", "bob:2", "ann:2", metadata=telling(None, "Ann"))
    assert called(world) == {"ann:1": "Ann", "ann:2": "Ann", "bob:1": None, "bob:2": None}
    add(world, "c", "ann:3", metadata=telling("ANN"))
    assert called(world)["ann:1"] == "Ann", "capitals make no other name"
    check(world)


def test_names_that_come_later_with_a_sidecar_count_and_go_with_it() -> None:
    world = World()
    add(world, "a", "ann:1")
    add(world, "a", "ann:1", execution="again", metadata=telling("Ann"))
    assert called(world) == {"ann:1": "Ann"}
    add(world, "a", "ann:1", execution="corrected", metadata=telling("Anna"))
    assert called(world) == {"ann:1": "Anna"}
    add(world, "a", "ann:9", execution="tagged anew", metadata=telling("Anne"))
    assert called(world) == {"ann:9": "Anne"}
    add(world, "a", "ann:9", execution="removed", metadata={})
    assert called(world) == {"ann:9": None}
    check(world)


def test_two_names_in_files_name_nobody_until_one_is_gone() -> None:
    for names in (("Ann", "Eve"), ("Eve", "Ann")):
        world = World()
        add(world, "a", "ann:1", metadata=telling(names[0]))
        add(world, "b", "ann:2", metadata=telling(names[1]))
        assert set(called(world).values()) == {None}
        add(world, "b", execution="again")
        assert called(world) == {"ann:1": names[0]}
        check(world)


def test_a_name_that_somebody_gave_stays_whatever_files_tell() -> None:
    world = World()
    (ann,) = add(world, "a", "ann:1", metadata=telling("Ann"))
    run(world, wishes.name(ann, "Aunt Ann"))
    add(world, "b", "ann:2", metadata=telling("Eve"))
    add(world, "c", "ann:3", metadata=telling("Ann"))
    assert set(called(world).values()) == {"Aunt Ann"}
    check(world)


def test_people_of_two_told_names_are_not_made_one_but_by_hand() -> None:
    world = World()
    (ann,) = add(world, "a", "ann:1", metadata=telling("Ann"))
    (eve,) = add(world, "b", "eve:1", metadata=telling("Eve"))
    world.similar = {frozenset({"w:1", each}): 95.0 for each in ("ann:1", "eve:1")}
    add(world, "c", "w:1")
    assert {name for face, name in called(world).items() if face != "w:1"} == {"Ann", "Eve"}
    run(world, wishes.merge(eve, ann))
    assert set(called(world).values()) == {"Ann"}, "who is merged by hand keeps the name of the other"
    new = run(world, wishes.split(ann, ["eve:1"]))
    assert name_of(world.records[f"person/{new}"]) == "Eve"
    check(world)


def test_who_is_forgotten_is_called_nothing_while_photos_of_them_are_read_again() -> None:
    world = World()
    (ann,) = add(world, "a", "ann:1", metadata=telling("Ann"))
    steps = wishes.forget(ann)
    step = next(steps)
    while not isinstance(step, Write):  # it is interrupted behind the first
        step = steps.send(carried_out(world, step))
    assert world.write(step)
    assert called(world) == {"ann:1": None}
    add(world, "a", "ann:1", execution="again", metadata=telling("Anna"))
    assert called(world) == {"ann:1": None}


def test_a_person_keeps_so_many_names_of_files_and_no_more() -> None:
    world = World()
    for number in range(MAX_TOLD + 2):
        add(world, f"{number}", f"ann:{number}", metadata=telling(f"Ann {number}"))
    (person,) = world.of("person").values()
    assert len(person["told"]) == MAX_TOLD
    for number in reversed(range(1, MAX_TOLD + 2)):
        add(world, f"{number}", execution="again")
    assert called(world) == {"ann:0": "Ann 0"}
    check(world)


@pytest.mark.parametrize(
    ("regions", "told"),
    [
        ([region("Ann")], {"ann:1": "Ann"}),
        ([region("Ann"), region("Bob", 1)], {"ann:1": "Ann", "bob:1": "Bob"}),
        ([region("Ann"), region("ann")], {"ann:1": "Ann"}),  # two programs wrote it
        ([region("Ann"), region("Eve")], {}),
        ([region("Ann"), region("Eve", box={"left": 0.0, "top": 0.1, "width": 0.1, "height": 0.2})], {}),
        ([region("Ann", type="pet")], {}),
        ([region("Ann", type="focus")], {}),
        ([{"name": "Ann", "type": "person", "source": "XMP Iptc4xmpExt:PersonInImage"}], {}),
        ([{"type": "face", "box": region("")["box"], "source": "XMP mwg-rs:Regions"}], {}),
        ([{each: it for each, it in region("Ann").items() if each != "type"}], {"ann:1": "Ann"}),
        ([region("Ann", box={"left": 0.0, "top": 0.0, "width": 0.9, "height": 0.9})], {}),  # a group
        ([region("Ann", 2)], {}),  # nobody is there
        ([region("Rene\u0301")], {"ann:1": "Ren\u00e9"}),
    ],
)
def test_a_region_names_the_face_that_it_frames(regions: list[Record], told: dict[str, str]) -> None:
    faces = [found_face("ann:1", 0), found_face("bob:1", 1)]
    assert told_names(regions, faces) == told
    assert told_names(regions, []) == {}


def test_a_region_around_two_faces_names_the_one_that_it_overlaps_most() -> None:
    near = [found_face("a", 0), found_face("b", 0) | {"box": region("")["box"]}]
    assert told_names([region("Ann")], near) == {"b": "Ann"}


@pytest.mark.parametrize("seed", range(100))
def test_names_in_files_come_out_the_same_in_every_schedule(seed: int) -> None:
    chance = random.Random(seed)
    world = World()
    told = {
        "1": telling("Ann", "Bob"),
        "2": telling("ann"),
        "3": telling("Robert", None, None),
        "5": telling(None, "Dee"),
    }
    crash = chance.choice([0.0, 0.0, 0.05])
    found = {key: world.upload(key, faces, metadata=told.get(key, {})) for key, faces in PHOTOS.items()}

    def begin(key: str) -> Any:
        return lambda: group(key, "e", found[key], lambda: next(world.ids))

    twice = [*found, *chance.sample(sorted(found), 2)]
    chance.shuffle(twice)
    interleave([repeated(world, begin(key), chance, crash) for key in twice], chance)
    check(world)
    assert clusters(world) == TRUTH
    names = called(world)
    assert {(names[face] or "").casefold() for face in names if face.startswith("ann")} == {"ann"}
    assert names["dee:5"] == "Dee"
    assert names["cy:3"] is None


@pytest.mark.parametrize("seed", range(200))
def test_names_that_are_corrected_while_people_are_merged_and_split_are_counted_right(seed: int) -> None:
    chance = random.Random(seed)
    world = World()
    photos = {str(number): [f"ann:{number}"] for number in range(4)}
    for key, faces in photos.items():
        add(world, key, *faces, metadata=telling("Ann"))
    (ann,) = {person["person_id"] for person in world.of("person").values()}
    (eve,) = add(world, "e", "eve:1", metadata=telling("Eve"))
    anna = telling("Anna")
    found = {key: world.upload(key, faces, "again", metadata=anna) for key, faces in photos.items()}
    crash = chance.choice([0.0, 0.05])

    def begin(key: str) -> Any:
        return lambda: group(key, "again", found[key], lambda: next(world.ids))

    def split() -> Any:
        try:
            yield from wishes.split(ann, ["ann:1", "ann:2"])
        except wishes.UnknownPerson:
            return

    def merge() -> Any:
        try:
            yield from wishes.merge(ann, eve)
        except wishes.UnknownPerson:
            return

    running = [repeated(world, begin(key), chance, crash) for key in photos]
    running += [repeated(world, split, chance, crash), repeated(world, merge, chance, crash)]
    interleave(running, chance, 3)
    check(world)
    assert {face["told"] for face in world.of("face").values()} == {"Anna", "Eve"}


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda ann: wishes.name("nobody", "X"), "There is no person nobody"),
        (lambda ann: wishes.merge(ann, "nobody"), "There is no person nobody"),
        (lambda ann: wishes.merge("nobody", ann), "There is no person nobody"),
        (lambda ann: wishes.merge(ann, ann), "into itself"),
        (lambda ann: wishes.forget("nobody"), "There is no person nobody"),
        (lambda ann: wishes.split(ann, ["nothing"]), "nothing is no face of"),
        (lambda ann: wishes.split(ann, ["ann:1"]), "These are all faces of"),
    ],
)
def test_what_cannot_be_done_is_said(make: Any, says: str) -> None:
    world = World()
    (ann,) = add(world, "a", "ann:1")
    before = dict(world.records)
    with pytest.raises(wishes.UnknownPerson, match=says):
        run(world, make(ann))
    assert world.records == before
