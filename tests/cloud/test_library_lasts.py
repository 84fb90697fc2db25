"""A library on the laptop outlives its cloud: an orderly end, and the end that a power cut makes."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import boto3
import psutil
import pytest
from botocore.exceptions import ClientError
from PIL import Image

from safelight.keys import INDEX_KEY
from safelight_data.home import home
from safelight_library.library import Library, Upload
from safelight_library.people import People
from safelight_local.cloud import cloud as clouds
from safelight_local.cloud.cloud import Cloud
from safelight_local.cloud.deployment import chosen_parameters, deploy, library_on
from safelight_local.cloud.folder import delete
from safelight_local.cloud.problems import CloudProblem
from safelight_local.cloud.resumption import resume
from safelight_vision.weights.models import MODELS, ensure_models
from vision.shelf import photo_of_people

NAME = "lasting"
ALBUM = "Summer"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where a library lies; no cloud has it in the end."""
    ensure_models(home() / "models", *MODELS)
    yield tmp_path_factory.mktemp("lasting") / "library"
    clouds.stop(NAME)


@pytest.fixture(scope="module")
def first(folder: Path) -> Cloud:
    """A cloud with the library, in which people and a memory are known and one person has a name."""
    cloud, _ = clouds.start(NAME, folder, tied=False)
    deploy(cloud, Preset="web", RenditionsTogether="on")
    return cloud


def dated(path: Path, day: int) -> Path:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = f"2024:07:{day:02} 12:00:00"
    with Image.open(photo_of_people(5)) as portrait:
        portrait.resize((portrait.width - day, portrait.height)).save(path, exif=exif, quality=90)
    return path


def end_as_a_power_cut_does(name: str) -> None:
    """Kill the supervisor, the embedded AWS, the vision service and every function, at once."""
    cloud = clouds.running(name)
    assert cloud
    supervisor = psutil.Process(cloud.supervisor)
    family = [supervisor, *supervisor.children(recursive=True)]
    for process in family:
        process.suspend()
    for process in family:
        process.kill()
    psutil.wait_procs(family, timeout=10)


def everything(library: Library) -> dict[str, Any]:
    """Return all that is kept of the library: records, objects by key, and faces; not the index of them."""
    scan = library.dynamodb.get_paginator("scan").paginate(TableName=library.outputs["LibraryTable"])
    faces = library.client("rekognition").get_paginator("list_faces")
    return {
        "outputs": library.outputs,
        "records": {it["id"]["S"]: it for page in scan for it in page["Items"]},
        "faces": [
            face
            for page in faces.paginate(CollectionId=library.outputs["FaceCollection"])
            for face in page["Faces"]
        ],
        "objects": {
            (bucket, it["Key"]): (it["ETag"], it["Size"])
            for bucket in ("OriginalsBucket", "RenditionsBucket")
            for page in library.s3.get_paginator("list_objects_v2").paginate(Bucket=library.outputs[bucket])
            for it in page.get("Contents", [])
            if it["Key"] != INDEX_KEY  # it follows the records
        },
    }


def executions(library: Library) -> dict[str, str]:
    """Return the status of each execution of the photo workflow, by ARN."""
    pages = library.stepfunctions.get_paginator("list_executions").paginate(
        stateMachineArn=library.outputs["PhotoWorkflowArn"]
    )
    return {it["executionArn"]: it["status"] for page in pages for it in page["executions"]}


def again(folder: Path) -> tuple[Cloud, Library]:
    cloud, _ = clouds.start(NAME, folder, tied=False)
    return cloud, library_on(cloud)


def test_after_a_power_cut_what_was_there_is_there_and_what_was_cut_short_is_done(
    first: Cloud, folder: Path, tmp_path: Path
) -> None:
    checkpoints, aside = folder / "checkpoints", folder.parent / "aside"
    checkpoints.rename(aside)  # from here on only the journals know
    library = library_on(first)
    broken = tmp_path / "broken.jpg"
    broken.write_text("no photo")
    paths = [dated(tmp_path / "1.jpg", 1), dated(tmp_path / "2.jpg", 2), broken]
    done = list(library.add([Upload(path, f"{ALBUM}/{path.name}") for path in paths]))
    assert sorted(record["status"] for record in done) == ["ACTIVE", "ACTIVE", "REJECTED"]
    People(library).name(People(library).all()[0]["person_id"], "Ann")
    before = everything(library)
    assert before["faces"]
    assert library.memories_of(library.album(ALBUM))
    library.upload(Upload(dated(tmp_path / "cut.jpg", 4), f"{ALBUM}/cut.jpg"))
    until(lambda: library.photos_at([f"{ALBUM}/cut.jpg"]), "the photo is claimed")
    library.upload(Upload(dated(tmp_path / "new.jpg", 5), f"{ALBUM}/new.jpg"))
    library.s3.delete_object(Bucket=library.outputs["OriginalsBucket"], Key=f"{ALBUM}/broken.jpg")

    end_as_a_power_cut_does(NAME)
    aside.rename(checkpoints)
    with max((folder / "executions").iterdir(), key=lambda file: int(file.stem)).open("ab") as journal:
        journal.write(b'{"executionArn": "cut sh')
    cloud, library = again(folder)

    assert (cloud.endpoint, cloud.vision_endpoint) == (first.endpoint, first.vision_endpoint)
    after, gone = everything(library), {("OriginalsBucket", f"{ALBUM}/broken.jpg"): None}
    assert after["outputs"] == before["outputs"]
    assert {it["FaceId"] for it in before["faces"]} <= {it["FaceId"] for it in after["faces"]}
    objects = {where: after["objects"].get(where) for where in before["objects"]}
    assert objects == before["objects"] | gone
    for id_, record in before["records"].items():
        assert "broken" in id_ or after["records"][id_] == record
    deploy(cloud)
    assert chosen_parameters(library)["Preset"] == "web", "what was chosen stays, and is said"
    assert resume(library, cloud) == 3, "cut.jpg, new.jpg, and the removal of broken.jpg"
    photos = {it["key"].rpartition("/")[2]: it for it in library.album(ALBUM)}
    assert {name: it["status"] for name, it in photos.items()} == dict.fromkeys(
        ("1.jpg", "2.jpg", "cut.jpg", "new.jpg"), "ACTIVE"
    )
    assert library.photos_at([f"{ALBUM}/broken.jpg"])[0]["status"] == "REMOVED"
    first_ones = {it["key"]: it["execution_arn"] for it in done if it["status"] == "ACTIVE"}
    assert {photos[name]["key"]: photos[name]["execution_arn"] for name in ("1.jpg", "2.jpg")} == first_ones
    assert sorted(executions(library).values()) == ["SUCCEEDED"] * 5, "what was finished is not begun again"
    assert "Ann" in {person["name"] for person in People(library).all()}
    assert resume(library, cloud) == 0


def test_an_orderly_end_keeps_the_library(first: Cloud, folder: Path) -> None:
    cloud = clouds.running(NAME)
    assert cloud
    before = everything(library_on(cloud))

    assert clouds.stop(NAME)
    cloud, library = again(folder)

    assert everything(library) == before
    assert resume(library, cloud) == 0


def test_who_has_no_keys_has_nothing(first: Cloud, folder: Path) -> None:
    cloud = clouds.running(NAME)
    assert cloud
    for key, secret in (("test", "test"), ("000000000000", "test"), (cloud.access_key, "guessed")):
        client = boto3.client(
            "dynamodb",
            endpoint_url=cloud.endpoint,
            region_name="us-east-1",
            aws_access_key_id=key,
            aws_secret_access_key=secret,
        )
        with pytest.raises(ClientError, match=r"signature|security token"):
            client.list_tables()
    for url in (f"{cloud.endpoint}/_ministack/reset", cloud.vision_endpoint.rpartition("/")[0]):
        with pytest.raises(HTTPError) as refused:
            urlopen(Request(url, data=b"{}", method="POST"))
        assert refused.value.code in {400, 404}
    private = [
        folder,
        *folder.rglob("*"),
        clouds.run_directory(NAME),
    ]  # who enters none of them reads nothing
    assert {path: oct(mode) for path in private if (mode := path.stat().st_mode & 0o077)} == {}


def test_one_library_has_one_cloud(first: Cloud, folder: Path) -> None:
    running = clouds.running(NAME)
    assert running
    with pytest.raises(CloudProblem, match="A cloud has the library"):
        clouds.start("lasting-two", folder, tied=False)
    with pytest.raises(CloudProblem, match="runs already"):
        clouds.start(NAME, folder, tied=False)
    with pytest.raises(CloudProblem, match="A cloud has the library"):
        delete(folder)
    assert clouds.running(NAME) == running


def until(condition: Callable[[], Any], what: str) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, f"Waited in vain until {what}."
        time.sleep(0.1)
