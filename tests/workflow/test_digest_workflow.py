"""Many photos, one message: on the deployed stack nothing is announced before the digest, and all by that."""

from pathlib import Path

import pytest

import images
from workflow.lab import Lab


@pytest.mark.needs("DigestMinutes")
def test_one_message_announces_the_photos_of_a_period(lab: Lab, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.jpg", tmp_path / "bad.jpg"
    good.write_bytes(images.saved(images.picture(160, 120), "JPEG"))
    bad.write_bytes(b"This is no photo.")
    queue = lab.library.outputs["WaitingMessagesQueue"]
    with lab.function_setting("NotifyFunction", "DIGEST_QUEUE", queue):
        lab.add(("digest/a.jpg", good), ("digest/b.jpg", good), ("digest/c.jpg", bad))
        assert lab.heard("NotificationsTopic", "digest") == []
        ended, states = lab.run({}, "DigestWorkflowArn")
        assert (ended, states) == ("SUCCEEDED", ["AnnounceTogether", "IsMore", "Announced"])
        (message,) = lab.until(lambda: lab.heard("NotificationsTopic", "digest"), "the digest is heard")
        assert message.subject == "Photos: 2 ready, 1 rejected"
        assert "  digest: 2\n" in message.text
        assert "c.jpg (digest): " in message.text
        assert message.attributes["status"] == {"Type": "String.Array", "Value": '["ACTIVE", "REJECTED"]'}
        assert lab.run({}, "DigestWorkflowArn")[0] == "SUCCEEDED"
        assert lab.heard("NotificationsTopic", "digest") == [message], "what was said is not said again"
