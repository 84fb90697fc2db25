"""Photos whose keys are spelled in both of Unicode's ways, as people look for them in the library."""

import json
from pathlib import Path

import boto3
import pytest
from botocore.stub import Stubber
from click.testing import CliRunner
from rich.console import Console

from catalog.handler import handler
from safelight_library.library import Library, Upload
from safelight_local.command import cli, progress

COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"
KEYS = [f"{COMPOSED}/a.jpg", f"{DECOMPOSED}/b.jpg", f"{DECOMPOSED}/{DECOMPOSED}.jpg", "cafe/c.jpg"]


@pytest.fixture
def library(library_table: str, monkeypatch: pytest.MonkeyPatch) -> Library:
    """The library of a stack with a photo at each of `KEYS`."""
    outputs = [{"OutputKey": "LibraryTable", "OutputValue": library_table}]
    stack = {"StackName": "stack", "CreationTime": "2026-11-26", "StackStatus": "x", "Outputs": outputs}
    formation = boto3.client("cloudformation")
    stubber = Stubber(formation)
    stubber.add_response("describe_stacks", {"Stacks": [stack]}, {"StackName": "stack"})
    stubber.activate()
    session = boto3.Session()
    create = session.client
    monkeypatch.setattr(
        session, "client", lambda name, **how: formation if name == "cloudformation" else create(name, **how)
    )
    for key in KEYS:
        uploaded = {"key": key, "size": 1000, "sequencer": "01", "etag": "e"}
        upload = {"detail": {"bucket": {"name": "originals"}, "object": uploaded}}
        handler(
            {"step": "claim", "event": upload, "execution": "arn:1", "at": "2026-11-26T10:00:00Z"},  # type: ignore[arg-type]
            None,
        )
    return Library(session, "stack")


@pytest.mark.parametrize("typed", [COMPOSED, DECOMPOSED])
def test_an_album_of_two_spellings_lists_together(
    library: Library, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    assert {photo["key"] for photo in library.album(typed)} == set(KEYS[:3])
    monkeypatch.setattr(cli, "_library", lambda _: library)
    told = CliRunner().invoke(cli.main, ["show", typed, "--json"])
    shown = json.loads(told.stdout)
    assert {(photo["album"], photo["key"]) for photo in shown} == {(COMPOSED, key) for key in KEYS[:3]}
    assert {photo["filename"] for photo in shown} == {"a.jpg", "b.jpg", f"{COMPOSED}.jpg"}


def test_a_name_stands_for_the_photo_however_it_is_spelled(library: Library) -> None:
    names = [
        f"{DECOMPOSED}/a.jpg",
        f"{COMPOSED}/{COMPOSED}.jpg",
        KEYS[1],
        "cafe/c.jpg",
        f"{DECOMPOSED}/new.jpg",
    ]
    assert library.keys_of(names) == [KEYS[0], KEYS[2], KEYS[1], "cafe/c.jpg", f"{DECOMPOSED}/new.jpg"]
    sidecars = [f"{COMPOSED}/{COMPOSED}.xmp", f"{COMPOSED}/{COMPOSED}.jpg.xmp"]
    assert library.keys_of(sidecars) == [
        f"{DECOMPOSED}/{DECOMPOSED}.xmp",
        f"{DECOMPOSED}/{DECOMPOSED}.jpg.xmp",
    ]


def test_where_both_spellings_are_photos_each_is_meant_by_its_own(library: Library) -> None:
    key = f"{COMPOSED}/b.jpg"
    upload = {"detail": {"bucket": {"name": "o"}, "object": {"key": key, "size": 1, "sequencer": "01"}}}
    handler({"step": "claim", "event": upload, "execution": "arn:1", "at": "2026-11-26T10:00:00Z"}, None)  # type: ignore[arg-type]
    assert library.keys_of([key, KEYS[1]]) == [key, KEYS[1]]


def test_a_file_that_is_added_again_replaces_the_photo_of_its_name(
    library: Library, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    went_up: list[str] = []

    def add(uploads: list[Upload], _: int) -> list[object]:
        went_up.extend(upload.key for upload in uploads)
        return []

    monkeypatch.setattr(library, "add", add)
    uploads = [Upload(tmp_path / "x", f"{COMPOSED}/b.jpg"), Upload(tmp_path / "y", "new/\u00e9.jpg")]
    photos, _ = progress.develop(Console(quiet=True), library, uploads, 1)
    assert went_up == [KEYS[1], "new/\u00e9.jpg"]
    assert [photo["key"] for photo in photos] == [KEYS[1]]
