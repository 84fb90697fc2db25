"""Metadata in the deployed workflow: the record is that of `safelight inspect`, and sidecars are read."""

import json
from pathlib import Path
from zipfile import ZipFile

import pytest
from PIL import Image

from metadata_files import listed, xmp
from safelight_library.uploads import Upload
from safelight_local.command.inspection import inspect
from safelight_local.command.uploads import uploads_of
from workflow.lab import Lab
from workflow.parameters import gps_precision


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A JPEG taken in Lisbon, with a title that its sidecar corrects."""
    exif = Image.Exif()
    exif[0x0112], exif[0x0110] = 6, "Test Camera"
    exif.get_ifd(0x8769)[0x9003] = "2024:05:03 10:11:12"
    exif.get_ifd(0x8825).update({1: "N", 2: (38.0, 43.0, 12.0), 3: "W", 4: (9.0, 8.0, 24.0)})
    path = tmp_path / "photo.jpg"
    Image.radial_gradient("L").resize((300, 200)).convert("RGB").save(
        path, exif=exif, xmp=xmp(elements=listed("dc:title", "Alt", "Before"))
    )
    return path


def sidecar(folder: Path, title: str) -> Path:
    path = folder / "photo.xmp"
    path.write_bytes(xmp('xmp:Rating="5"', listed("dc:title", "Alt", title)))
    return path


def test_the_record_is_what_inspect_says_with_a_sidecar_that_came_before(
    lab: Lab, photo: Path, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    beside = sidecar(tmp_path, "First")
    uploads = [Upload(photo, "sidecar first/frame.jpg"), Upload(beside, "sidecar first/frame.xmp")]

    (record,) = lab.library.add(uploads)

    inspected, rejected = inspect(photo, gps_precision(pytestconfig.getoption("--stack")))
    assert rejected is None
    assert record["metadata"] == inspected
    assert (record["metadata"]["title"], record["metadata"]["rating"]) == ("First", 5)
    assert record["metadata"]["place"]["locality"] == "Lisbon"
    assert record["metadata"]["instant"] == "2024-05-03T09:11:12Z"
    assert lab.record("sidecar first/frame.xmp") is None, "a sidecar is no photo"


def test_what_a_takeout_knows_is_in_the_record_below_what_the_file_says(
    lab: Lab, photo: Path, tmp_path: Path
) -> None:
    plain, archive = tmp_path / "plain.jpg", tmp_path / "takeout.zip"
    Image.radial_gradient("L").resize((300, 200)).convert("RGB").save(plain)
    told = {
        "photoTakenTime": {"timestamp": "1588448998"},
        "description": "At the sea",
        "geoData": {"latitude": 38.7131, "longitude": -9.1334},
        "people": [{"name": "Ada"}],
    }
    with ZipFile(archive, "w") as made:
        for path, name in ((photo, "filed.jpg"), (plain, "plain.jpg")):
            made.write(path, f"Takeout/Google Photos/Sea/{name}")
            made.writestr(f"Takeout/Google Photos/Sea/{name}.supplemental-meta.json", json.dumps(told))

    records = {it["filename"]: it["metadata"] for it in lab.library.add(uploads_of([archive], "g").uploads)}

    alone, filed = records["plain.jpg"], records["filed.jpg"]
    assert (alone["taken_at"], alone["instant"]) == ("2020-05-02T20:49:58", "2020-05-02T19:49:58Z")
    assert alone["sources"]["taken_at"] == "Takeout exif:DateTimeOriginal"
    assert alone["place"]["locality"] == "Lisbon"
    assert [it["name"] for it in alone["regions"]] == ["Ada"]
    assert (filed["taken_at"], filed["gps"]["latitude"]) == ("2024-05-03T10:11:12", 38.72)
    assert {it["description"] for it in (alone, filed)} == {"At the sea"}


def test_a_sidecar_that_comes_after_its_photo_is_read_too(lab: Lab, photo: Path, tmp_path: Path) -> None:
    before, other = lab.add(("sidecar last/frame.jpg", photo), ("sidecar last/frame 2.jpg", photo))
    assert before["metadata"]["title"] == "Before"

    lab.library.upload(Upload(sidecar(tmp_path, "After"), "sidecar last/frame.xmp"))

    def read_again() -> bool:
        record = lab.record("sidecar last/frame.jpg")
        return record is not None and record["metadata"].get("title") == "After"

    lab.until(read_again, "the photo is read with its sidecar")
    record = lab.record("sidecar last/frame.jpg")
    assert record is not None
    assert (record["status"], record["metadata"]["rating"]) == ("ACTIVE", 5)
    told = {"metadata", "ledger", "taken_at", "timeline", "memory_id", "memory_version"}
    for name in before.keys() - told:
        assert record[name] == before[name], f"{name}: nothing else was done again"
    assert lab.record("sidecar last/frame 2.jpg") == other, "its neighbour is left alone"
    assert lab.record("sidecar last/frame.xmp") is None
