"""The `safelight` command against the deployed stack."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from safelight_local.command import cli
from vision.shelf import photo_of_people
from workflow.lab import Lab


@pytest.fixture
def album(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    Image.radial_gradient("L").resize((300, 200)).save(folder / "good.jpg")
    (folder / "bad.jpg").write_bytes(b"this is no photo")
    return folder


def safelight(monkeypatch: pytest.MonkeyPatch, lab: Lab, *arguments: str) -> Result:
    monkeypatch.setattr(cli, "_LAPTOP", lab.cloud.name)
    return CliRunner().invoke(cli.main, list(arguments))


def test_photos_are_added_and_shown(
    lab: Lab, album: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = safelight(monkeypatch, lab, "add", str(album), "--album", "from the command", "--json")
    assert added.exit_code == 0, added.output
    records = json.loads(added.stdout)
    assert {record["filename"]: record["status"] for record in records} == {
        "good.jpg": "ACTIVE",
        "bad.jpg": "REJECTED",
    }

    status = safelight(monkeypatch, lab, "status", "--json")
    assert json.loads(status.stdout)["from the command"] == {"ACTIVE": 1, "REJECTED": 1}
    assert "UnsupportedFormat" in safelight(monkeypatch, lab, "status").stdout

    shown = safelight(
        monkeypatch, lab, "show", "from the command", "--gallery", str(tmp_path / "gallery"), "--json"
    )
    assert json.loads(shown.stdout) == sorted(records, key=lambda record: record["id"])
    page = tmp_path / "gallery" / "from the command" / "index.html"
    assert "good.jpg" in page.read_text()
    assert (page.parent / "renditions" / "from the command" / "good.jpg" / "medium.jpg").exists()


def test_duplicates_are_found_and_nothing_is_deleted(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    photo = Image.open(photo_of_people(5)).resize((600, 400))  # copies of what no camera saw differ more
    photo.save(folder / "lake.jpg", quality=90)
    (folder / "lake copy.jpg").write_bytes((folder / "lake.jpg").read_bytes())
    photo.resize((300, 200)).save(folder / "small.jpg")
    photo.rotate(180).save(folder / "another.jpg")
    assert safelight(monkeypatch, lab, "add", str(folder), "--album", "alike").exit_code == 0

    (group,) = json.loads(safelight(monkeypatch, lab, "duplicates", "alike", "--json").stdout)
    assert group["keep"]["key"] == "alike/lake.jpg"
    assert {each["key"]: each["why"] for each in group["spare"]} == {
        "alike/lake copy.jpg": "the same file",
        "alike/small.jpg": "smaller: 25% of the pixels",
    }
    table = safelight(monkeypatch, lab, "duplicates").stdout
    for expected in ("keep", "alike/lake.jpg", "spare", "alike/small.jpg", "the same file"):
        assert expected in table
    assert json.loads(safelight(monkeypatch, lab, "status", "--json").stdout)["alike"] == {"ACTIVE": 4}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "no such album"], "There is no photo in the album no such album"),
        (["duplicates", "no such album"], "There is no photo in the album no such album"),
        (["add", "/no/such/file", "--album", "x"], "There is no file or folder /no/such/file"),
        (["add", "x"], "Missing option '--album'"),
    ],
)
def test_mistakes_are_told_in_words(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    result = safelight(monkeypatch, lab, *arguments)
    assert result.exit_code != 0
    assert message in result.output


def test_without_a_cloud_the_way_to_one_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "_LAPTOP", "no-such-cloud")
    result = CliRunner().invoke(cli.main, ["status"])
    assert result.exit_code == 1
    assert "safelight up" in result.output
