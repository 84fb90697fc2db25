"""A photo comes back within the hour, though nobody was told how its execution ended."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

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
