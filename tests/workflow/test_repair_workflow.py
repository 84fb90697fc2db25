"""A photo comes back within the hour, though nobody was told how its execution ended."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

import images
from workflow.lab import Lab


def test_what_an_outage_ended_unheard_comes_back(lab: Lab, tmp_path: Path) -> None:
    key, rules = "repair/a.jpg", lab.library.client("events")
    photo = tmp_path / "a.jpg"
    photo.write_bytes(images.saved(images.picture(160, 120), "JPEG"))
    rule = lab.physical("FailureWorkflowPhotoFailed")
    rules.disable_rule(Name=rule)
    try:
        with photo.open("rb") as file:
            lab.library.s3.put_object(Bucket=lab.library.outputs["OriginalsBucket"], Key=key, Body=file)
        cut: str = lab.until(lambda: lab.record(key), "the photo is claimed")["execution_arn"]
        lab.library.stepfunctions.stop_execution(executionArn=cut, error="ServiceUnavailable")
        late = datetime.now(UTC) + timedelta(minutes=16)
        ended, states = lab.run({"scheduled_for": late.isoformat()}, "RepairWorkflowArn")
        assert (ended, states[-1]) == ("SUCCEEDED", "BroughtBack")
    finally:
        rules.enable_rule(Name=rule)

    again = lab.until(lambda: (it := lab.record(key)) and "processed_at" in it and it, "the photo is back")
    assert (again["status"], again["execution_arn"] != cut) == ("ACTIVE", True)
    assert lab.event(again)["revived"] == 1


def test_a_part_of_a_version_is_no_more_than_that(lab: Lab) -> None:
    """Events that a command or a backfill sends name the version, by which headers are read in parts."""
    where = {"Bucket": lab.library.outputs["OriginalsBucket"], "Key": "repair/versions.xmp"}
    first = lab.library.s3.put_object(**where, Body=b"0123456789")["VersionId"]
    lab.library.s3.put_object(**where, Body=b"another")
    part = lab.library.s3.get_object(**where, VersionId=first, Range="bytes=2-4")
    assert (part["Body"].read(), part["ContentRange"]) == (b"234", "bytes 2-4/10")
    with pytest.raises(ClientError, match="InvalidRange"):
        lab.library.s3.get_object(**where, VersionId=first, Range="bytes=10-")
    named = lab.library.s3.get_object(**where, VersionId=first, ResponseContentDisposition="attachment")
    assert (named["Body"].read(), named["ContentDisposition"]) == (b"0123456789", "attachment")
