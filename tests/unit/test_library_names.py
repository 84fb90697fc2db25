"""Photos whose keys are spelled in both of Unicode's ways, as people look for them in the library."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from catalog.handler import handler
from safelight import clients
from safelight_library.library import Library
from safelight_library.uploads import Upload
from safelight_local.command import cli, connection
from unit.stack import library_of_moto

COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"
KEYS = [f"{COMPOSED}/a.jpg", f"{DECOMPOSED}/b.jpg", f"{DECOMPOSED}/{DECOMPOSED}.jpg", "cafe/c.jpg"]


@pytest.fixture
def library(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    """The library of a stack with a photo at each of `KEYS`."""
    clients.dynamodb.cache_clear()
    monkeypatch.setenv("LIBRARY_TABLE", "library")
    monkeypatch.setenv("MODERATION", "off")
    monkeypatch.setenv("TAGGING", "off")
    made = library_of_moto()
    for key in KEYS:
        made.s3.put_object(Bucket="originals", Key=key, Body=b"a photo")
        uploaded = {"key": key, "size": 1000, "sequencer": "01", "etag": "e"}
        upload = {"detail": {"bucket": {"name": "originals"}, "object": uploaded}}
        handler(
            {"step": "claim", "event": upload, "execution": "arn:1", "at": "2026-11-26T10:00:00Z"},  # type: ignore[arg-type]
            None,
        )
    yield made
    clients.dynamodb.cache_clear()


@pytest.mark.parametrize("typed", [COMPOSED, DECOMPOSED])
def test_an_album_of_two_spellings_lists_together(
    library: Library, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    assert {photo["key"] for photo in library.album(typed)} == set(KEYS[:3])
    monkeypatch.setattr(connection, "library_of", lambda _: library)
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


def test_a_file_that_is_added_again_is_known_in_any_spelling(library: Library, tmp_path: Path) -> None:
    for name in ("x", "y"):
        (tmp_path / name).write_bytes(b"another photo")
    files = [Upload(tmp_path / "x", f"{COMPOSED}/b.jpg"), Upload(tmp_path / "y", f"{COMPOSED}/\u00e9.jpg")]
    plan = library.plan(files, COMPOSED, "replace")
    assert [upload.key for upload in plan.uploads] == [KEYS[1], f"{COMPOSED}/\u00e9.jpg"]
    assert [upload.key for upload in plan.replaced] == [KEYS[1]]
    (tmp_path / "x").write_bytes(b"a photo")
    assert [upload.key for upload in library.plan(files, COMPOSED, "replace").there] == [KEYS[1]]
