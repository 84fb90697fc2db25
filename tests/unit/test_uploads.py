from pathlib import Path

import pytest

from safelight_library.library import Upload, uploads_of
from safelight_local.command.problems import PhotoProblem


def test_folders_become_albums_and_hidden_files_stay(tmp_path: Path) -> None:
    for name in ("b.jpg", "day 1/a.jpg", "day 1/ünï.HEIC", ".hidden.jpg", ".thumbnails/x.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    uploads = uploads_of([tmp_path, tmp_path / "b.jpg"], "trip")

    assert uploads == [
        Upload(tmp_path / "b.jpg", "trip/b.jpg"),
        Upload(tmp_path / "day 1/a.jpg", "trip/day 1/a.jpg"),
        Upload(tmp_path / "day 1/ünï.HEIC", "trip/day 1/ünï.HEIC"),
    ]


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PhotoProblem, match="nowhere"):
        uploads_of([tmp_path / "nowhere"], "trip")


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(PhotoProblem, match=f"no photos in {tmp_path}"):
        uploads_of([tmp_path], "trip")


def test_two_files_never_share_a_key(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.jpg").touch()

    with pytest.raises(PhotoProblem, match=r"would both be trip/a\.jpg"):
        uploads_of([tmp_path / "one" / "a.jpg", tmp_path / "two" / "a.jpg"], "trip")
