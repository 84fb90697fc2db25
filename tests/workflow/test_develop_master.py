"""Photos that are dear to decode: developed once, rendered from their master, which is gone afterwards."""

import io
import json
from pathlib import Path

import pytest
from PIL import Image

import images
import negatives
from safelight.keys import master_key
from safelight.transactions import Record
from workflow.lab import Lab


def rendition(lab: Lab, record: Record, name: str) -> Image.Image:
    answer = lab.library.s3.get_object(
        Bucket=lab.library.outputs["RenditionsBucket"], Key=record["renditions"][name]["key"]
    )
    return Image.open(io.BytesIO(answer["Body"].read()))


def masters(lab: Lab) -> list[str]:
    listed = lab.library.s3.list_objects_v2(
        Bucket=lab.library.outputs["RenditionsBucket"], Prefix=master_key("")
    )
    return [each["Key"] for each in listed.get("Contents", [])]


def damaged_heic() -> bytes:
    data = images.plain("heic")
    start = data.index(b"mdat") + 4
    return data[:start] + bytes(len(data) - start)


def test_what_is_dear_to_decode_is_developed_once_and_its_master_deleted(lab: Lab, tmp_path: Path) -> None:
    files = {
        "phone.heic": (images.oriented("HEIF", 6), "HEIC", "decoded", images.picture()),
        "sensor.dng": (negatives.dng(negatives.picture(), 8), "RAW", "demosaic", negatives.picture()),
        "preview.dng": (
            negatives.dng(negatives.picture(), 1, images.picture()),
            "RAW",
            "embedded preview",
            images.picture(),
        ),
    }
    for name, (data, *_) in files.items():
        (tmp_path / name).write_bytes(data)
    records = lab.add(*((f"Darkroom/{name}", tmp_path / name) for name in files))
    for record, (_, format_, source, expected) in zip(records, files.values(), strict=True):
        assert record["status"] == "ACTIVE", record
        assert record["photo"]["format"] == format_
        assert record["photo"]["developed"] == source
        assert "rawpy" in record["ledger"]["develop"]
        images.assert_similar(rendition(lab, record, "large"), expected, record["filename"], most=4)
        states = lab.states_of(record["execution_arn"])
        assert [name for name in states if "Master" in name] == ["NeedsMaster", "DevelopMaster"]
    assert masters(lab) == []


def test_what_is_cheap_to_decode_has_no_master(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "small.jpg").write_bytes(images.plain("jpeg"))
    (record,) = lab.add(("Darkroom/small.jpg", tmp_path / "small.jpg"))
    assert record["status"] == "ACTIVE"
    assert "developed" not in record["photo"]
    assert "develop" not in record["ledger"]
    assert "DevelopMaster" not in lab.states_of(record["execution_arn"])


@pytest.mark.parametrize(
    ("name", "data", "reason", "words"),
    [
        ("short.dng", negatives.dng(negatives.picture())[:-500], "TruncatedFile", "Copy or upload it again"),
        ("other.dng", images.tiff_directory({256: (4, 10), 50706: (1, 0x0401)}), "UnsupportedFormat", "DNG"),
        ("damaged.heic", damaged_heic(), "CorruptFile", "damaged"),
    ],
)
def test_what_cannot_be_developed_is_rejected_and_leaves_no_master(
    lab: Lab, tmp_path: Path, name: str, data: bytes, reason: str, words: str
) -> None:
    (tmp_path / name).write_bytes(data)
    (record,) = lab.add((f"Darkroom/{name}", tmp_path / name))
    assert record["status"] == "REJECTED"
    assert record["rejection"]["reason"] == reason
    assert name in record["rejection"]["message"] and words in record["rejection"]["message"]
    assert masters(lab) == []


def test_a_rejection_deletes_the_master_that_its_execution_left(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "later.heic").write_bytes(damaged_heic())
    (record,) = lab.add(("Darkroom/later.heic", tmp_path / "later.heic"))
    left, other = master_key("rejected-again"), master_key("another")
    for key in (left, other):
        lab.library.s3.put_object(Bucket=lab.library.outputs["RenditionsBucket"], Key=key, Body=b"x")
    started = lab.library.stepfunctions.start_execution(
        stateMachineArn=lab.library.outputs["PhotoWorkflowArn"],
        name="rejected-again",
        input=json.dumps({**lab.event(record), "reprocess": True}),
    )
    arn = started["executionArn"]
    lab.until(lambda: lab.library.execution_status(arn) != "RUNNING", f"{arn} ends")
    assert "RejectPhoto" in lab.states_of(arn)
    assert lab.states_of(arn)[-2:] == ["DeleteUnused", "NotifyPhoto"]
    assert masters(lab) == [other]
    lab.library.s3.delete_object(Bucket=lab.library.outputs["RenditionsBucket"], Key=other)
