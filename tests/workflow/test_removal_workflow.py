"""Originals that are deleted: their photos leave the library, and late events do not bring them back."""

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner
from PIL import Image

from safelight.transactions import Record
from safelight_local.command import cli, connection
from workflow.lab import Lab

LAST = "F" * 18
"""A sequencer later than any of a run."""


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2020:02:08 12:00:00"
    Image.effect_noise((120, 90), 40).convert("RGB").save(tmp_path / "photo.jpg", exif=exif)
    return tmp_path / "photo.jpg"


def record_of(lab: Lab, key: str) -> Record:
    record = lab.record(key)
    assert record is not None
    return record


def removed(lab: Lab, key: str) -> Record:
    """Delete the original at `key`, and return its record when the removal has ended."""
    before = record_of(lab, key)["execution_arn"]
    lab.library.s3.delete_object(Bucket=lab.library.outputs["OriginalsBucket"], Key=key)
    lab.until(lambda: record_of(lab, key)["execution_arn"] != before, f"the removal of {key} is claimed")
    arn = record_of(lab, key)["execution_arn"]
    lab.until(lambda: lab.library.execution_status(arn) != "RUNNING", f"{arn} ends")
    assert lab.library.execution_status(arn) == "SUCCEEDED"
    return record_of(lab, key)


def deletion(record: Record, sequencer: str, **more: Any) -> dict[str, Any]:
    """Return an event as S3 sends it when a delete marker is put over the original of `record`."""
    return {
        "source": "aws.s3",
        "detail-type": "Object Deleted",
        "detail": {
            "bucket": {"name": record["original"]["bucket"]},
            "object": {"key": record["key"], "version-id": "of-the-marker", "sequencer": sequencer},
            "reason": "DeleteObject",
            "deletion-type": "Delete Marker Created",
            **more,
        },
    }


def is_rendered(lab: Lab, key: str) -> bool:
    try:
        lab.library.s3.head_object(Bucket=lab.library.outputs["RenditionsBucket"], Key=key)
    except ClientError:
        return False
    return True


def test_a_removed_photo_leaves_nothing_behind_until_it_is_uploaded_again(lab: Lab, photo: Path) -> None:
    stays, goes = lab.add(("removal/stays.jpg", photo), ("removal/goes.jpg", photo))
    uploaded = lab.event(goes)
    (memory,) = lab.library.timeline("removal", "memory")
    assert memory["photo_count"] == 2

    tombstone = removed(lab, "removal/goes.jpg")

    assert tombstone["status"] == "REMOVED"
    assert set(tombstone) == {
        *("id", "status", "key", "album", "filename", "sequencer", "execution_arn", "removed_at")
    }
    assert lab.states_of(tombstone["execution_arn"])[:3] == [
        *("ClaimRemoval", "LeavePeople", "LeaveMemories")
    ]
    assert not any(is_rendered(lab, each["key"]) for each in goes["renditions"].values())
    assert all(is_rendered(lab, each["key"]) for each in stays["renditions"].values())
    (left,) = lab.library.timeline("removal", "memory")
    assert (left["memory_id"], left["photo_count"]) == (memory["memory_id"], 1)
    assert left["cover_key"] == "removal/stays.jpg"
    assert [each["key"] for each in lab.library.timeline("removal", "photo")] == ["removal/stays.jpg"]
    assert "removal/goes.jpg" not in {each["key"] for each in lab.library.photos()}

    handled = ("SUCCEEDED", ["ClaimPhoto", "AlreadyHandled"])
    assert lab.run(uploaded) == handled, "an older event comes late"
    assert lab.run({**uploaded, "reprocess": True}) == handled, "a sidecar cannot bring it back"
    assert lab.run(lab.event(tombstone), "RemovalWorkflowArn") == (
        "SUCCEEDED",
        ["ClaimRemoval", "AlreadyHandled"],
    )
    assert record_of(lab, "removal/goes.jpg") == tombstone

    (again,) = lab.add(("removal/goes.jpg", photo))
    assert again["status"] == "ACTIVE"
    assert "removed_at" not in again
    assert all(is_rendered(lab, each["key"]) for each in again["renditions"].values())
    (both,) = lab.library.timeline("removal", "memory")
    assert (both["memory_id"], both["photo_count"]) == (memory["memory_id"], 2)
    assert lab.run(lab.event(tombstone), "RemovalWorkflowArn")[1][-1] == "AlreadyHandled"


def test_the_deletion_of_a_version_removes_the_photo_of_that_version_alone(lab: Lab, photo: Path) -> None:
    (record,) = lab.add(("versions/a.jpg", photo))
    another = {"deletion-type": "Permanently Deleted"}

    assert lab.run(deletion(record, LAST, **another), "RemovalWorkflowArn")[1][-1] == "AlreadyHandled"
    assert record_of(lab, "versions/a.jpg") == record

    own = deletion(record, LAST, **another)
    own["detail"]["object"]["version-id"] = record["original"]["version_id"]
    assert lab.run(own, "RemovalWorkflowArn")[1][-1] == "RemovalFinished"
    assert record_of(lab, "versions/a.jpg")["status"] == "REMOVED"


def test_a_deletion_that_arrives_before_its_upload_keeps_the_photo_out(lab: Lab, photo: Path) -> None:
    (record,) = lab.add(("early/a.jpg", photo))
    never = {**record, "key": "early/never.jpg"}
    upload = lab.event(record)
    upload["detail"]["object"]["key"] = "early/never.jpg"

    assert lab.run(deletion(never, LAST), "RemovalWorkflowArn")[1][-1] == "RemovalFinished"
    assert lab.run(upload)[1] == ["ClaimPhoto", "AlreadyHandled"]
    assert record_of(lab, "early/never.jpg")["status"] == "REMOVED"


@pytest.mark.needs("Labels")
def test_a_photo_that_is_removed_while_it_is_made_ends_removed(lab: Lab, photo: Path) -> None:
    (record,) = lab.add(("hasty/a.jpg", photo))
    asked, answer = threading.Event(), threading.Event()

    def waits(_: int) -> None:
        asked.set()
        answer.wait(30)

    with lab.rekognition_that(waits):
        lab.library.s3.upload_file(str(photo), record["original"]["bucket"], "hasty/b.jpg")
        assert asked.wait(30)
        published = record_of(lab, "hasty/b.jpg")
        lab.library.s3.delete_object(Bucket=record["original"]["bucket"], Key="hasty/b.jpg")
        lab.until(lambda: record_of(lab, "hasty/b.jpg")["status"] == "REMOVED", "the photo is out of sight")
        removal = record_of(lab, "hasty/b.jpg")["execution_arn"]
        lab.until(lambda: lab.library.execution_status(removal) == "SUCCEEDED", f"{removal} ends")
        answer.set()
        maker = published["execution_arn"]
        lab.until(lambda: lab.library.execution_status(maker) == "SUCCEEDED", f"{maker} ends")

    assert lab.states_of(maker)[-2:] == ["DeleteUnused", "NotifyPhoto"]
    assert not lab.heard("NotificationsTopic", "hasty/b.jpg")
    assert record_of(lab, "hasty/b.jpg")["status"] == "REMOVED"
    assert not any(is_rendered(lab, each["key"]) for each in published["renditions"].values())
    assert [each["photo_count"] for each in lab.library.timeline("hasty", "memory")] == [1]
    assert not lab.heard("AlertsTopic", "hasty/b.jpg")


def everything(lab: Lab, prefix: str) -> list[str]:
    """Return the keys of all renditions below `prefix`, whoever wrote them."""
    pages = lab.library.s3.get_paginator("list_objects_v2").paginate(
        Bucket=lab.library.outputs["RenditionsBucket"], Prefix=f"renditions/{prefix}"
    )
    return sorted(each["Key"] for page in pages for each in page.get("Contents", []))


@pytest.mark.needs("Moderation")
def test_renditions_that_were_made_and_never_published_are_deleted(lab: Lab, photo: Path) -> None:
    (record,) = lab.add(("unpublished/a.jpg", photo))
    with lab.rekognition_that(lambda _: time.sleep(3), "DetectModerationLabels"):
        again = lab.event(record)
        again["detail"]["object"]["sequencer"] = "E" * 18
        made = lab.library.stepfunctions.start_execution(
            stateMachineArn=lab.library.outputs["PhotoWorkflowArn"], input=json.dumps(again)
        )["executionArn"]
        lab.until(lambda: "ModeratePhoto" in lab.states_of(made), "the photo is rendered anew")
        assert len(everything(lab, "unpublished/")) == 8, "beside those that are served"
        assert lab.run(deletion(record, LAST), "RemovalWorkflowArn")[1][-1] == "RemovalFinished"
        lab.until(lambda: lab.library.execution_status(made) == "SUCCEEDED", f"{made} ends")

    assert lab.states_of(made)[-3:] == ["AbandonRenditions", "DeleteUnused", "NotifyPhoto"]
    assert everything(lab, "unpublished/") == []


def test_an_older_execution_cannot_touch_the_pixels_of_a_newer_upload(lab: Lab, tmp_path: Path) -> None:
    """The older one is slower: it is large, and writes its renditions after the newer one is published."""
    Image.effect_noise((3500, 3500), 20).convert("RGB").save(tmp_path / "slow.jpg", quality=95)
    Image.new("RGB", (300, 200), "red").save(tmp_path / "quick.jpg")
    bucket = lab.library.outputs["OriginalsBucket"]
    lab.library.s3.upload_file(str(tmp_path / "slow.jpg"), bucket, "overtaken/a.jpg")
    lab.until(lambda: lab.record("overtaken/a.jpg"), "the first upload is claimed")
    first = record_of(lab, "overtaken/a.jpg")["execution_arn"]
    lab.library.s3.upload_file(str(tmp_path / "quick.jpg"), bucket, "overtaken/a.jpg")

    def are_both_done() -> bool:
        record = record_of(lab, "overtaken/a.jpg")
        is_newer = record["execution_arn"] != first and lab.library.is_finished(record)
        return is_newer and lab.library.execution_status(first) != "RUNNING"

    lab.until(are_both_done, "the newer execution ends, and the older one")
    record = record_of(lab, "overtaken/a.jpg")
    assert record["status"] == "ACTIVE", record
    assert record["photo"]["width"] == 300
    assert everything(lab, "overtaken/") == sorted(each["key"] for each in record["renditions"].values())
    with Image.open(
        lab.library.s3.get_object(
            Bucket=lab.library.outputs["RenditionsBucket"], Key=record["renditions"]["small"]["key"]
        )["Body"]
    ) as served:
        assert served.size == (300, 200)


def test_a_broken_file_in_the_place_of_a_photo_leaves_nothing_of_it_to_be_seen(
    lab: Lab, photo: Path, tmp_path: Path
) -> None:
    lab.add(("replaced/a.jpg", photo))
    (tmp_path / "broken.jpg").write_bytes(photo.read_bytes()[:900])
    (rejected,) = lab.add(("replaced/a.jpg", tmp_path / "broken.jpg"))
    assert rejected["status"] == "REJECTED"
    assert not [name for name in rejected if name.endswith("_url")]
    assert everything(lab, "replaced/") == []


def test_the_command_removes_photos_and_knows_those_that_there_are(
    lab: Lab, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "LAPTOP", lab.cloud.name)
    lab.add(("by hand/a.jpg", photo), ("by hand/b.jpg", photo))

    unknown = CliRunner().invoke(cli.main, ["remove", "by hand/a.jpg", "by hand/no.jpg"])
    assert unknown.exit_code == 1
    assert "There is no photo by hand/no.jpg" in unknown.output
    assert record_of(lab, "by hand/a.jpg")["status"] == "ACTIVE"

    done = CliRunner().invoke(cli.main, ["remove", "by hand/a.jpg"])
    assert done.exit_code == 0, done.output
    assert "Removed by hand/a.jpg" in done.stdout
    assert record_of(lab, "by hand/a.jpg")["status"] == "REMOVED"
    status = CliRunner().invoke(cli.main, ["status", "--json"])
    assert json.loads(status.stdout)["by hand"] == {"ACTIVE": 1}
    again = CliRunner().invoke(cli.main, ["remove", "by hand/a.jpg"])
    assert "There is no photo by hand/a.jpg" in again.output


def test_somebody_hears_of_a_removal_that_failed(lab: Lab) -> None:
    steps = lab.library.stepfunctions
    failed = steps.start_execution(
        stateMachineArn=lab.library.outputs["RemovalWorkflowArn"],
        input=json.dumps({"detail": {"nothing": "of a photo"}}),
    )["executionArn"]
    (message,) = lab.until(lambda: lab.heard("AlertsTopic", failed), "the alert goes out")
    assert "is FAILED. Look at it in Step Functions" in message.text
