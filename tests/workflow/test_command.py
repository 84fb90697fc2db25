"""The `safelight` command against the deployed stack."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image, ImageDraw
from pillow_heif import register_heif_opener

from safelight_local.command import cli, connection
from vision.shelf import photo_of_people
from workflow.lab import Lab

EXAMPLES = Path(__file__).parents[2] / "events"


@pytest.fixture
def album(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    Image.radial_gradient("L").resize((300, 200)).save(folder / "good.jpg")
    (folder / "bad.jpg").write_bytes(b"this is no photo")
    return folder


def drawing(width: int, height: int) -> Image.Image:
    """Return a picture of a few shapes, which looks the same in any size, and not upside down."""
    image = Image.radial_gradient("L").resize((width, height)).convert("RGB")
    draw = ImageDraw.Draw(image)
    draw.rectangle((width * 0.1, height * 0.55, width * 0.45, height * 0.9), fill=(220, 60, 40))
    draw.ellipse((width * 0.55, height * 0.1, width * 0.9, height * 0.5), fill=(40, 90, 200))
    return image


def safelight(monkeypatch: pytest.MonkeyPatch, lab: Lab, *arguments: str) -> Result:
    monkeypatch.setattr(connection, "LAPTOP", lab.cloud.name)
    return CliRunner().invoke(cli.main, list(arguments))


def test_photos_are_added_and_shown(
    lab: Lab, album: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = safelight(monkeypatch, lab, "add", str(album), "--album", "from the command", "--json")
    assert added.exit_code == 0, added.output
    records = json.loads(added.stdout)["photos"]
    assert {record["filename"]: record["status"] for record in records} == {
        "good.jpg": "ACTIVE",
        "bad.jpg": "REJECTED",
    }

    again = safelight(monkeypatch, lab, "add", str(album), "--album", "from the command", "--json")
    assert json.loads(again.stdout)["there"] == ["from the command/bad.jpg", "from the command/good.jpg"]
    assert json.loads(again.stdout)["photos"] == []

    status = safelight(monkeypatch, lab, "status", "--json")
    assert json.loads(status.stdout)["from the command"] == {"ACTIVE": 1, "REJECTED": 1}
    assert "UnsupportedFormat" in safelight(monkeypatch, lab, "status").stdout

    shown = safelight(
        monkeypatch, lab, "show", "from the command", "--gallery", str(tmp_path / "gallery"), "--json"
    )
    assert json.loads(shown.stdout) == sorted(records, key=lambda record: record["id"])
    page = tmp_path / "gallery" / "from the command" / "index.html"
    assert "good.jpg" in page.read_text()
    assert list((page.parent / "renditions" / "from the command" / "good.jpg").rglob("*medium*"))


def test_photos_are_processed_again_as_far_as_was_asked_for(
    lab: Lab, album: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    safelight(monkeypatch, lab, "add", str(album), "--album", "again")
    before = lab.record("again/good.jpg")

    stale = safelight(monkeypatch, lab, "reprocess", "again", "--stale")
    assert "Processed again: 0 photos as a whole, 0 by" in stale.output
    counted = safelight(monkeypatch, lab, "reprocess", "again", "--dry-run")
    assert "To process again: 1 photos as a whole, 0 by" in counted.output
    alone = safelight(monkeypatch, lab, "reprocess", "again", "--stage", "metadata")
    assert "0 photos as a whole, 1 by their metadata alone" in alone.output
    assert lab.record("again/good.jpg") == before, "nobody else took the photo"

    whole = safelight(monkeypatch, lab, "reprocess", "again")
    assert whole.exit_code == 0, whole.output
    after = lab.record("again/good.jpg")
    assert before and after
    assert after["execution_arn"] != before["execution_arn"]
    assert after["renditions"] == before["renditions"]


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


def looks_like(example: object, given: object) -> bool:
    """Tell whether an event has the fields of an example, in all depths; what is null may be anything."""
    match example, given:
        case dict(), dict():
            return example.keys() == given.keys() and all(looks_like(example[it], given[it]) for it in given)
        case [one, *_], [_, *_]:
            return any(looks_like(one, other) for other in given)
        case _:
            return type(example) is type(given) or example is None or given is None


@pytest.mark.needs("Labels", "Faces", "Moderation")
def test_the_event_that_a_function_got_is_printed_and_runs_it_again(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_heif_opener()
    Image.open(photo_of_people(5)).save(tmp_path / "a.heic")
    with lab.function_setting("TagFunction", "IMAGE_PROPERTIES", "off"):  # as the examples have it
        assert safelight(monkeypatch, lab, "add", str(tmp_path / "a.heic"), "--album", "given").exit_code == 0

    for file in sorted(EXAMPLES.glob("*.json")):
        if (name := file.stem) != "uploaded":
            told = safelight(monkeypatch, lab, "event", f"{name.title()}Function", "given/a.heic", "--all")
            example = json.loads(file.read_text())
            assert any(looks_like(example, event) for event in json.loads(told.stdout)), (name, told.stdout)

    told = safelight(monkeypatch, lab, "event", "MetadataFunction", "given/a.heic")
    answer = lab.library.client("lambda").invoke(
        FunctionName=lab.physical("MetadataFunction"), Payload=told.stdout.encode()
    )
    assert "FunctionError" not in answer, answer
    record = lab.record("given/a.heic")
    assert record
    assert json.load(answer["Payload"])["metadata"].keys() == record["metadata"].keys()

    wrong = safelight(monkeypatch, lab, "event", "metadata", "given/a.heic")
    assert "It has AdmitFunction" in wrong.output
    none = safelight(monkeypatch, lab, "event", "AdmitFunction", "given/a.heic")
    assert "AdmitFunction got no event in arn:aws:states" in none.output
    assert safelight(monkeypatch, lab, "remove", "given/a.heic").exit_code == 0


@pytest.mark.needs("Labels")
def test_what_stands_still_comes_back_by_one_command(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing(300, 200).save(tmp_path / "a.jpg")
    with lab.rekognition_that(lambda _: (400, "AccessDeniedException")):
        added = safelight(monkeypatch, lab, "add", str(tmp_path / "a.jpg"), "--album", "standing")
    assert added.exit_code == 1, "a photo FAILED"
    classes = json.loads(safelight(monkeypatch, lab, "failures", "--json").stdout)
    (denied,) = [each for each in classes if each["error"] == "AccessDenied"]
    assert "standing/a.jpg" in [each["key"] for each in denied["photos"]]

    retried = safelight(monkeypatch, lab, "retry", "standing/a.jpg", "--json")
    assert retried.exit_code == 0, retried.output
    assert json.loads(retried.stdout) == [{"key": "standing/a.jpg", "way": "redrive", "status": "ACTIVE"}]

    failed = lab.library.stepfunctions.list_executions(
        stateMachineArn=lab.library.outputs["PhotoWorkflowArn"], statusFilter="FAILED"
    )
    assert failed["executions"]
    found = json.loads(safelight(monkeypatch, lab, "doctor", "--older-than", "0", "--json").stdout)
    assert not [each for each in found if each["key"].startswith("standing/")]
    lab.library.dynamodb.delete_item(
        TableName=lab.library.outputs["LibraryTable"], Key={"id": {"S": "photo/standing/a.jpg"}}
    )
    mended = safelight(monkeypatch, lab, "doctor", "--repair", "--older-than", "0", "--json")
    assert ("no record", "standing/a.jpg", True) in [
        (each["kind"], each["key"], each["mended"]) for each in json.loads(mended.stdout)
    ]
    record = lab.record("standing/a.jpg")
    assert record
    assert record["status"] == "ACTIVE"


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
    monkeypatch.setattr(connection, "LAPTOP", "no-such-cloud")
    result = CliRunner().invoke(cli.main, ["status"])
    assert result.exit_code == 1
    assert "safelight up" in result.output
