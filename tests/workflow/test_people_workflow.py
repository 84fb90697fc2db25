"""People on the deployed stack, with the local vision service's real answers about real photographs."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image, ImageOps

from safelight_local.command import cli, connection
from vision.shelf import photo_of_people
from workflow.lab import Lab


def safelight(monkeypatch: pytest.MonkeyPatch, lab: Lab, *arguments: str) -> Result:
    monkeypatch.setattr(connection, "LAPTOP", lab.cloud.name)
    return CliRunner().invoke(cli.main, list(arguments))


def vectors(lab: Lab) -> set[str]:
    listed = lab.library.client("rekognition").list_faces(CollectionId=lab.library.outputs["FaceCollection"])
    return {face["FaceId"] for face in listed["Faces"]}


@pytest.mark.needs("Faces")
def test_people_are_known_again_and_forgotten(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"first.jpg": photo_of_people(1), "other.jpg": photo_of_people(5)}
    with Image.open(files["first.jpg"]) as photo:
        files["again.jpg"] = tmp_path / "again.jpg"
        ImageOps.mirror(photo).resize((photo.width * 3 // 4, photo.height * 3 // 4)).save(
            files["again.jpg"], quality=90
        )
    records = dict(
        zip(files, lab.add(*((f"people/{name}", file) for name, file in files.items())), strict=True)
    )
    assert {record["status"] for record in records.values()} == {"ACTIVE"}
    faces = {name: record["tags"]["faces"] for name, record in records.items()}
    people = {name: record["people"] for name, record in records.items()}

    assert len(people["first.jpg"]) == len(faces["first.jpg"]) > 0
    assert set(people["again.jpg"]) <= set(people["first.jpg"])
    assert people["again.jpg"]
    assert not set(people["other.jpg"]) & set(people["first.jpg"])
    known = people["again.jpg"][0]
    listed = {
        each["person_id"]: each for each in json.loads(safelight(monkeypatch, lab, "people", "--json").stdout)
    }
    assert listed[known]["photo_count"] == 2
    assert set(listed) == set(people["first.jpg"]) | set(people["other.jpg"])

    assert safelight(monkeypatch, lab, "people", "name", known, "Ann").exit_code == 0
    assert "Ann" in safelight(monkeypatch, lab, "people").stdout
    (one, two) = json.loads(safelight(monkeypatch, lab, "people", "show", known, "--json").stdout)
    split = safelight(monkeypatch, lab, "people", "split", known, one["face_id"])
    assert split.exit_code == 0, split.output
    new = split.stdout.strip().rstrip(".").rpartition(" ")[2]
    assert new in json.dumps(lab.record(one["key"]))
    merged = safelight(monkeypatch, lab, "people", "merge", known, new)
    assert merged.exit_code == 0, merged.output
    (person,) = [
        each
        for each in json.loads(safelight(monkeypatch, lab, "people", "--json").stdout)
        if each["person_id"] == new
    ]
    assert (person["name"], person["photo_count"]) == ("Ann", 2)

    before = vectors(lab)
    forgotten = safelight(monkeypatch, lab, "people", "forget", new)
    assert forgotten.exit_code == 0, forgotten.output
    assert before - vectors(lab) == {one["face_id"], two["face_id"]}
    kept = lab.library.dynamodb.scan(TableName=lab.library.outputs["LibraryTable"])["Items"]
    for trace in (new, known, one["face_id"], two["face_id"], "Ann"):
        assert f"'{trace}'" not in str(kept), trace
    assert safelight(monkeypatch, lab, "people", "forget", new).exit_code != 0

    both = set(people["again.jpg"]) - {known}
    broken = [(f"people/{name}", _no_photo(tmp_path)) for name in ("other.jpg", "first.jpg")]
    for rejected in lab.add(*broken):
        assert rejected["status"] == "REJECTED"
        assert rejected["people"] == []
    assert vectors(lab).isdisjoint(
        face["face_id"] for name in ("other.jpg", "first.jpg") for face in faces[name]
    )
    left = json.loads(safelight(monkeypatch, lab, "people", "--json").stdout)
    covers = {it["person_id"]: it["cover"]["key"] for it in left if it["person_id"] in people["first.jpg"]}
    assert covers == dict.fromkeys(both, "people/again.jpg"), "another face stands for who is left"
    assert both


def _no_photo(folder: Path) -> Path:
    (folder / "bad.jpg").write_bytes(b"this is no photo")
    return folder / "bad.jpg"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["name", "nobody", "X"], "There is no person nobody"),
        (["name", "nobody", " "], "A name has 1 to"),
        (["show", "nobody"], "There is no person nobody"),
        (["merge", "nobody", "noone"], "There is no person noone"),
        (["split", "nobody", "f"], "There is no person nobody"),
        (["forget", "nobody"], "There is no person nobody"),
    ],
)
def test_what_cannot_be_done_is_said(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    said = safelight(monkeypatch, lab, "people", *arguments)
    assert said.exit_code == 1
    assert message in said.output
