"""No log and no message says where a photo was taken or who is on it, or opens what is not public."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from safelight.people.records import name_of
from safelight.table import plain_record
from safelight.transactions import Record
from safelight_local.command import cli, connection
from vision.shelf import photo_of_people
from workflow.lab import Lab
from workflow.parameters import gps_precision

KEY, NAME = "privacy/a.jpg", "Wilhelmina Nobody-Knows"


@pytest.fixture
def record(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Record:
    """A photo of people taken in Tampere, one of whom has a name, processed once more since."""
    monkeypatch.setattr(connection, "LAPTOP", lab.cloud.name)
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (61.0, 29.0, 52.12), 3: "E", 4: (23.0, 45.0, 39.76)})
    Image.open(photo_of_people(2)).save(tmp_path / "a.jpg", exif=exif)
    (added,) = lab.add((KEY, tmp_path / "a.jpg"))
    assert added["people"]
    for command in (("people", "name", added["people"][0], NAME), ("reprocess", "privacy")):
        ran = CliRunner().invoke(cli.main, list(command))
        assert ran.exit_code == 0, ran.output
    again = lab.record(KEY)
    assert again
    return again


def secrets_of(records: list[Record]) -> Iterator[str]:
    """Yield what is nobody's business: positions, faces, names of people."""
    for each in records:
        gps = each.get("metadata", {}).get("gps", {})
        yield from (str(gps[it])[:8] for it in ("latitude", "longitude") if len(str(gps.get(it, ""))) >= 6)
        kind, _, rest = each["id"].partition("/")
        if kind == "face":
            yield rest
        if kind == "person" and (name := name_of(each)):
            yield name


@pytest.mark.needs("Faces", "Dropbox")
def test_logs_and_messages_keep_to_themselves_who_and_where(
    lab: Lab, record: Record, pytestconfig: pytest.Config
) -> None:
    scan = lab.library.dynamodb.get_paginator("scan").paginate(TableName=lab.library.outputs["LibraryTable"])
    found = {*secrets_of([plain_record(item) for page in scan for item in page["Items"]])}
    assert {NAME, record["tags"]["faces"][0]["face_id"]} <= found
    assert ("61.49781" in found) == (gps_precision(pytestconfig.getoption("--stack")) == "exact")
    secrets = {*found, "61.49781", "X-Amz-Signature"}

    logs = lab.library.client("logs").get_paginator("filter_log_events")
    told = [
        event["message"]
        for page in logs.paginate(logGroupName=lab.physical("FunctionLogs"))
        for event in page["events"]
    ]
    for topic in ("NotificationsTopic", "AlertsTopic"):
        told += [f"{it.subject} {it.text} {it.attributes}" for it in lab.heard(topic, "")]
    assert any(KEY in line for line in told)
    leaks = {secret: line for secret in secrets for line in told if secret in line}
    assert not leaks
    lab.library.s3.delete_object(Bucket=lab.library.outputs["OriginalsBucket"], Key=KEY)
    lab.until(lambda: (lab.record(KEY) or {}).get("status") == "REMOVED", "the photo is removed")
