"""A herd of uploads: whoever puts them there and however fast, each ends, and few are at work at a time."""

import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from PIL import Image

from workflow.lab import Lab

SIGNS = ["", "", "", " +%2F?&#", "a\nb", "\x01\x1b[31m"]
"""What the names of the herd have in them: no sign of a key is denied, and all ends in the library."""
HERD = len(SIGNS)


def small(number: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (160, 120), (number * 9 % 256, number * 5 % 256, 90)).save(file, "JPEG")
    return file.getvalue()


def put(lab: Lab, keys: list[str]) -> None:
    """Put photos as any other S3 client does, all at once."""

    def one(number: int) -> None:
        lab.library.s3.put_object(
            Bucket=lab.library.outputs["OriginalsBucket"], Key=keys[number], Body=small(number)
        )

    with ThreadPoolExecutor(len(keys)) as pool:
        list(pool.map(one, range(len(keys))))


def places(lab: Lab) -> int:
    settings = lab.library.client("lambda").get_function_configuration(
        FunctionName=lab.physical("AdmitFunction")
    )
    return int(settings["Environment"]["Variables"]["PHOTOS_AT_ONCE"])


def test_a_herd_of_uploads_waits_and_each_is_finished(lab: Lab) -> None:
    keys = [f"herd/{number}{sign}.jpg" for number, sign in enumerate(SIGNS)]
    most = 0
    put(lab, keys)

    def are_finished() -> bool:
        nonlocal most
        running = lab.library.stepfunctions.list_executions(
            stateMachineArn=lab.library.outputs["PhotoWorkflowArn"], statusFilter="RUNNING"
        )
        most = max(most, len(running["executions"]))
        records: list[Any] = lab.library.photos_at(keys)
        return len(records) == HERD and all("processed_at" in record for record in records)

    for _ in range(4):  # patience is for one photo
        try:
            lab.until(are_finished, "the herd is finished")
            break
        except AssertionError:
            continue
    ended = lab.library.photos_at(keys)
    assert [record for record in ended if record["status"] != "ACTIVE"] == []
    assert 1 < most <= places(lab) + 1
    lab.until(lambda: lab.library.waiting() == 0, "nothing waits")
    list(lab.library.remove(keys))
    assert {record["status"] for record in lab.library.photos_at(keys)} == {"REMOVED"}
