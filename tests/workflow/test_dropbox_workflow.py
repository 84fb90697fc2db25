"""Photos come from a Dropbox: all at first, then what a webhook tells; what fails is left for later."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from dropbox_server import HOST, KEYS, Dropbox, serving
from safelight_library.dropbox import Keys, connect, webhook_of
from safelight_library.recovery import Recovery
from workflow.lab import Lab


@pytest.fixture
def box(lab: Lab) -> Iterator[Dropbox]:
    """A Dropbox on this machine, which the deployed functions ask."""
    with serving() as (running, certificate), ExitStack() as settings:
        for name in ("DROPBOX_API_HOST", "DROPBOX_API_CONTENT_HOST"):
            settings.enter_context(lab.function_setting("FetchFunction", name, HOST))
        settings.enter_context(lab.function_setting("FetchFunction", "REQUESTS_CA_BUNDLE", str(certificate)))
        yield running


def photo(number: int) -> bytes:
    file = BytesIO()
    Image.radial_gradient("L").resize((300 + number, 200)).convert("RGB").save(file, "JPEG")
    return file.getvalue()


def is_active(lab: Lab, name: str) -> Any:
    record = lab.record(f"Dropbox/{name}")
    return record is not None and record["status"] == "ACTIVE"


def runs(lab: Lab) -> list[str]:
    listed = lab.library.stepfunctions.list_executions(
        stateMachineArn=lab.library.outputs["DropboxWorkflowArn"]
    )
    return [it["status"] for it in listed["executions"]]


@pytest.mark.needs("Dropbox")
def test_photos_come_from_a_dropbox(lab: Lab, box: Dropbox) -> None:
    for number, name in enumerate(("Día/a.jpg", "b.jpg", "torn.jpg")):
        box.put(f"/{name}", photo(number))
    box.broken = {"/torn.jpg"}
    box.throttled = 1
    connect(lab.library, Keys(**KEYS))
    for name in ("Día/a.jpg", "b.jpg"):
        lab.until(lambda name=name: is_active(lab, name), f"{name} is there")
    lab.until(lambda: set(runs(lab)) == {"SUCCEEDED"}, "the rest was left")

    recovery = Recovery(lab.library)
    (left,) = [it for it in recovery.undelivered() if it.about == "File in Dropbox: torn.jpg"]
    assert "Unforeseen" in left.error
    assert lab.record("Dropbox/torn.jpg") is None
    box.broken = set()
    assert recovery.send_again(left)
    lab.until(lambda: is_active(lab, "torn.jpg"), "what was left comes")

    before = len(runs(lab))
    box.put("/new.jpg", photo(3))
    box.move("/b.jpg", "/moved.jpg")
    told = json.dumps({"list_folder": {"accounts": [KEYS["account_id"]]}})
    signature = hmac.new(KEYS["app_secret"].encode(), told.encode(), hashlib.sha256).hexdigest()
    hook = webhook_of(lab.library)
    with ThreadPoolExecutor(4) as pool:
        storm = [pool.submit(lab.post, hook, told, **{"X-Dropbox-Signature": signature}) for _ in range(30)]
    assert {answer.result().status for answer in storm} == {200}
    assert lab.post(hook, told, **{"X-Dropbox-Signature": "0" * 64}).status == 403
    lab.until(lambda: is_active(lab, "new.jpg"), "what has changed comes")
    assert len(runs(lab)) - before < 5, "a storm of webhooks is few executions"
    assert lab.record("Dropbox/moved.jpg") is None, "a rename is no upload"
