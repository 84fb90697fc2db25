"""The canary sees a photo become ACTIVE, and somebody hears where it does not."""

import pytest

from workflow.lab import Lab

KEY = "safelight-canary/photo.jpg"


def test_all_is_well_and_nothing_of_the_canary_stays(lab: Lab) -> None:
    status, states = lab.run({}, "CanaryWorkflowArn")
    assert (status, states[-2:]) == ("SUCCEEDED", ["DeletePhoto", "AllIsWell"])
    lab.until(lambda: (lab.record(KEY) or {}).get("status") == "REMOVED", "the photo is removed")
    listed = lab.library.s3.list_object_versions(
        Bucket=lab.library.outputs["OriginalsBucket"], Prefix="safelight-canary/"
    )
    assert not listed.get("Versions")


@pytest.mark.needs("Labels")
def test_a_photo_that_fails_is_told(lab: Lab) -> None:
    with lab.rekognition_that(lambda _: (400, "AccessDeniedException")):
        status, states = lab.run({}, "CanaryWorkflowArn")
    assert (status, states[-1]) == ("FAILED", "PhotoNotActive")
    name = lab.library.outputs["CanaryWorkflowArn"].rpartition(":")[2]
    lab.until(lambda: lab.heard("AlertsTopic", f"{name}:"), "the topic of alerts hears of it")
    record = lab.record(KEY)
    assert record and record["status"] == "FAILED"
    lab.library.s3.delete_object(Bucket=lab.library.outputs["OriginalsBucket"], Key=KEY)
    lab.until(lambda: (lab.record(KEY) or {}).get("status") == "REMOVED", "the photo is removed")
