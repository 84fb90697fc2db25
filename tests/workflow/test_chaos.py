"""A bad day ends, by one command, as a quiet day would have; `make chaos` is the long form of it."""

import threading
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from safelight_library.uploads import Upload
from safelight_local.command import cli, connection
from vision.shelf import photo_of_people
from workflow.faults import Call, Fault
from workflow.lab import Lab
from workflow.sameness import state_of

LOST = Fault("reset", late=True)
TORN = Fault("torn", late=True)
REFUSED = Fault("error", reply=(400, "AccessDeniedException"))


class BadDay:
    """The first reply of each operation is lost, the second one torn; one search for a face is refused."""

    def __init__(self) -> None:
        self.calls = Counter[Call]()
        self._turn = threading.Lock()

    def __call__(self, call: Call) -> Fault | None:
        with self._turn:
            self.calls[call] += 1
            number = self.calls[call]
        if call.operation == "SearchFaces":
            return REFUSED if number == 1 else None
        return {1: LOST, 2: TORN}.get(number)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two photos of one person on one day, of different sizes."""
    paths = [tmp_path / "a.jpg", tmp_path / "b.jpg"]
    portrait = Image.open(photo_of_people(5))
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2024:07:01 12:00:00"
    for number, path in enumerate(paths):
        portrait.resize((640 + 8 * number, 480)).save(path, exif=exif, quality=90)
    return paths


@pytest.mark.needs("Labels", "Faces")
def test_a_bad_day_leaves_what_a_quiet_day_leaves(
    lab: Lab, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads = {album: [Upload(it, f"{album}/{it.name}") for it in files] for album in ("quiet", "stormy")}
    assert {it["status"] for it in lab.library.add(uploads["quiet"])} == {"ACTIVE"}

    with lab.faults(bad := BadDay()):
        ended = {it["key"]: it["status"] for it in lab.library.add(uploads["stormy"])}
    assert sorted(ended.values()) == ["ACTIVE", "FAILED"]
    assert {"s3", "dynamodb", "rekognition", "sns"} == {call.service for call in bad.calls}

    monkeypatch.setattr(connection, "LAPTOP", lab.cloud.name)
    retried = CliRunner().invoke(cli.main, ["retry", *(key for key in ended if ended[key] == "FAILED")])
    assert retried.exit_code == 0, retried.output
    quiet, saved = (state_of(lab.library, lab.heard("NotificationsTopic", it), it) for it in uploads)
    assert len(quiet.messages) == len(files)
    assert saved.differences(quiet) == []
