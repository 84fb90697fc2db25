"""People against the table of template.yaml: what is written, when it is refused, what each error means."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from people.handler import handler
from people.settings import Settings
from safelight import clients
from safelight.attributes import attribute_value
from safelight.errors import AccessDenied, Misconfigured, PeopleChanged, ServiceThrottled
from safelight.people import wishes
from safelight.people.carrier import Carrier
from safelight.people.records import PhotoChange, Transfer, name_of
from safelight.people.steps import DeleteVectors, Faces, Search, group
from safelight.table import plain_record
from safelight.transactions import Write


class Collection:
    """Stands in for Rekognition: faces are named `<who>:<anything>`, and who is who is known."""

    def __init__(self) -> None:
        self.faces: set[str] = set()

    def search_faces(self, **asked: Any) -> dict[str, Any]:
        face_id = asked["FaceId"]
        if face_id not in self.faces:
            raise ClientError({"Error": {"Code": "InvalidParameterException"}}, "SearchFaces")
        who = face_id.partition(":")[0]
        alike = [each for each in sorted(self.faces - {face_id}) if each.partition(":")[0] == who]
        return {"FaceMatches": [{"Face": {"FaceId": each}, "Similarity": 99.0} for each in alike]}

    def delete_faces(self, **asked: Any) -> None:
        assert asked["FaceIds"], "an empty list is refused"
        self.faces -= set(asked["FaceIds"])


@pytest.fixture
def collection(library_table: str, monkeypatch: pytest.MonkeyPatch) -> Collection:
    monkeypatch.setenv("FACE_COLLECTION", "faces")
    monkeypatch.setenv("FACE_MATCH_THRESHOLD", "80")
    shelf = Collection()
    monkeypatch.setattr("people.handler.rekognition", lambda: shelf)
    return shelf


def carrier(shelf: Any) -> Carrier:
    return Carrier(clients.dynamodb(), shelf, "library", "faces", 80)


def tag(
    shelf: Collection, key: str, *faces: str, execution: str = "arn:1", told: str = ""
) -> list[dict[str, Any]]:
    shelf.faces |= set(faces)
    found = [
        {
            "face_id": face,
            "box": {"left": 0.1 + 0.3 * place, "top": 0.2, "width": 0.15, "height": 0.25},
            "confidence": 99.91,
            "sharpness": 81.3 - place,
            "brightness": 60.25,
        }
        for place, face in enumerate(faces)
    ]
    record = {
        "id": f"photo/{key}",
        "key": key,
        "execution_arn": execution,
        "original": {"etag": "e"},
        "tags": {"labels": [], "faces": found},
    }
    if told:
        region = {"name": told, "type": "face", "box": found[0]["box"], "source": "XMP mwg-rs:Regions"}
        record["metadata"] = {"regions": [region]}
    item = {name: attribute_value(value) for name, value in record.items()}
    boto3.client("dynamodb").put_item(TableName="library", Item=item)
    return found


def add(shelf: Collection, key: str, *faces: str, execution: str = "arn:1", told: str = "") -> list[str]:
    found = tag(shelf, key, *faces, execution=execution, told=told)
    return handler({"key": key, "execution": execution, "faces": found}, None)["people"]


def records(kind: str = "") -> dict[str, dict[str, Any]]:
    items = boto3.client("dynamodb").scan(TableName="library")["Items"]
    return {item["id"]["S"]: plain_record(item) for item in items if item["id"]["S"].startswith(kind)}


def test_one_person_in_two_photos_is_one_person(collection: Collection) -> None:
    (ann,) = add(collection, "album/a.jpg", "ann:1")
    both = add(collection, "album/b.jpg", "ann:2", "bob:2")
    assert len(both) == 2
    assert ann in both
    person = records("person/")[f"person/{ann}"]
    assert person["face_count"] == 2
    assert person["cover"] == {
        "face_id": "ann:1",
        "key": "album/a.jpg",
        "box": {"left": 0.1, "top": 0.2, "width": 0.15, "height": 0.25},
        "quality": pytest.approx(15.94, abs=0.01),
    }
    assert records("photo/")["photo/album/b.jpg"]["people"] == both
    assert set(records("faces-of/")["faces-of/album/b.jpg"]["faces"].values()) == set(both)
    assert {each["face_id"] for each in carrier(collection).perform(Faces(ann))} == {"ann:1", "ann:2"}
    assert {each["person_id"] for each in carrier(collection).people()} == set(both)


def test_a_name_that_a_file_tells_is_written_and_corrected(collection: Collection) -> None:
    (ann,) = add(collection, "a.jpg", "ann:1", told="Ann")
    assert add(collection, "b.jpg", "ann:2") == [ann]
    (person,) = carrier(collection).people()
    assert (name_of(person), person["told"]) == ("Ann", {"Ann": 1})
    add(collection, "a.jpg", "ann:1", execution="arn:2", told="\u017diga")
    (person,) = carrier(collection).people()
    assert (name_of(person), person["told"]) == ("\u017diga", {"\u017diga": 1})
    assert records("face/")["face/ann:1"]["told"] == "\u017diga"
    assert records("faces-of/")["faces-of/a.jpg"]["version"] == 2
    add(collection, "a.jpg", "ann:1", execution="arn:3")
    assert name_of(carrier(collection).people()[0]) is None
    assert "told" not in records("face/")["face/ann:1"]


def test_what_a_person_decides_is_written(collection: Collection) -> None:
    do = carrier(collection).carry_out
    (ann,) = add(collection, "a.jpg", "ann:1")
    add(collection, "b.jpg", "ann:2")
    boto3.client("dynamodb").put_item(
        TableName="library", Item={"id": {"S": "faces/b.jpg"}, "face_ids": {"SS": ["ann:2", "other"]}}
    )
    (old,) = add(collection, "c.jpg", "old:1")
    do(wishes.name(old, "Ann"))
    do(wishes.merge(old, ann))
    assert records("person/")[f"person/{ann}"]["name"] == "Ann"
    new = do(wishes.split(ann, ["old:1"]))
    assert records("person/")[f"person/{new}"]["not_same"] == [ann]
    assert records("photo/")["photo/c.jpg"]["people"] == [new]
    do(wishes.forget(ann))
    do(wishes.forget(new))
    listing = {"TableName": "library", "Key": {"id": {"S": "faces/b.jpg"}}}
    left = boto3.client("dynamodb").delete_item(**listing, ReturnValues="ALL_OLD")["Attributes"]
    assert left["face_ids"] == {"SS": ["other"]}
    assert set(records()) == {
        f"{kind}/{name}.jpg" for kind in ("photo", "faces-of") for name in ("a", "b", "c")
    }
    assert collection.faces == set()
    assert "ann" not in str(records()).casefold()
    photo = records("photo/")["photo/a.jpg"]
    assert (photo["people"], photo["tags"]) == ([], {"labels": [], "faces": []})


def test_who_comes_second_is_refused_and_goes_again(collection: Collection) -> None:
    """Both see that neither has a person; then both write."""
    first = group("a.jpg", "arn:1", tag(collection, "a.jpg", "ann:1"))
    second = group("b.jpg", "arn:1", tag(collection, "b.jpg", "ann:2"))
    waiting = []
    for steps in (first, second):
        step = next(steps)
        while not isinstance(step, Write):
            step = steps.send(carrier(collection).perform(step))
        waiting.append((steps, step))
    (steps, write), (other, refused) = waiting
    assert carrier(collection).perform(write)
    assert not carrier(collection).perform(refused)
    with pytest.raises(PeopleChanged):
        other.send(False)
    found = tag(collection, "b.jpg", "ann:2")
    handler({"key": "b.jpg", "execution": "arn:1", "faces": found}, None)
    assert len(records("person/")) == 1


@pytest.mark.parametrize(
    "write",
    [
        Write(({"id": "person/x", "version": 1},), versions={"person/x": 0}),
        Write(({"id": "person/x", "version": 3},), versions={"person/x": 2}),
        Write(deletes=("person/x",), versions={"person/x": 2}),
        Write(({"id": "person/y", "version": 1},), absent=("person/x",)),
        Transfer(photo=PhotoChange("photo/none", {"execution_arn": "arn:1"}, [])),
        Transfer(photo=PhotoChange("photo/a.jpg", {"execution_arn": "arn:2"}, [])),
        Transfer(photo=PhotoChange("photo/a.jpg", {"execution_arn": "arn:1", "processed_at": "now"}, [])),
        Transfer(photo=PhotoChange("photo/a.jpg", {"original": None}, [], [])),
    ],
)
def test_a_write_on_what_has_changed_is_refused(collection: Collection, write: Write) -> None:
    tag(collection, "a.jpg", "ann:1")
    assert carrier(collection).perform(Write(({"id": "person/x", "version": 1},), versions={"person/x": 0}))
    before = records()
    assert not carrier(collection).perform(write)
    assert records() == before


def rekognition_that_answers(operation: str, code: str, status: int = 400) -> Any:
    client = boto3.client("rekognition")
    stub = Stubber(client)
    parameters = {"CollectionId": "faces"} | (
        {"FaceId": "f", "FaceMatchThreshold": 80, "MaxFaces": ANY}
        if operation == "search_faces"
        else {"FaceIds": ["f"]}
    )
    stub.add_client_error(operation, code, http_status_code=status, expected_params=parameters)
    stub.activate()
    return client


@pytest.mark.parametrize("code", ["InvalidParameterException", "ResourceNotFoundException"])
def test_a_face_that_is_gone_is_like_nobody(collection: Collection, code: str) -> None:
    assert carrier(rekognition_that_answers("search_faces", code)).perform(Search("f")) is None


def test_a_collection_that_is_gone_has_nothing_to_delete(collection: Collection) -> None:
    shelf = rekognition_that_answers("delete_faces", "ResourceNotFoundException")
    carrier(shelf).perform(DeleteVectors(("f",)))


@pytest.mark.parametrize("operation", ["search_faces", "delete_faces"])
@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ProvisionedThroughputExceededException", ServiceThrottled),
        ("ThrottlingException", ServiceThrottled),
        ("AccessDeniedException", AccessDenied),
        ("InvalidImageFormatException", ClientError),
    ],
)
def test_what_rekognition_answers_leaves_under_our_names(
    collection: Collection, operation: str, code: str, error: type[Exception]
) -> None:
    do = carrier(rekognition_that_answers(operation, code))
    with pytest.raises(error):
        if operation == "search_faces":
            do.perform(Search("f"))
        else:
            do.perform(DeleteVectors(("f",)))


def test_a_threshold_that_is_no_percentage_is_refused() -> None:
    with pytest.raises(Misconfigured, match="FACE_MATCH_THRESHOLD"):
        Settings("library", "faces", 101)
