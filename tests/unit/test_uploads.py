from pathlib import Path

import pytest
from click.testing import CliRunner

from safelight_library.errors import UnsafeKey
from safelight_library.library import Upload, path_of
from safelight_local.command.cli import main
from safelight_local.command.uploads import PhotoProblem, uploads_of


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


def test_two_files_whose_names_read_the_same_never_go_up_together(tmp_path: Path) -> None:
    for name in ("caf\u00e9.jpg", "cafe\u0301.jpg"):
        (tmp_path / name).touch()
        assert uploads_of([tmp_path / name], "trip") == [Upload(tmp_path / name, f"trip/{name}")]

    with pytest.raises(PhotoProblem, match="would both be"):
        uploads_of([tmp_path], "trip")


@pytest.mark.parametrize("album", ["/", "", "//", "a/../b", "./a"])
def test_an_album_without_a_name_is_refused_in_words(tmp_path: Path, album: str) -> None:
    for command in (["add", str(tmp_path), "--album"], ["show"], ["duplicates"], ["demo", "--album"]):
        told = CliRunner().invoke(main, [*command, album])
        assert told.exit_code == 2
        assert "names no album" in told.output


def test_slashes_too_many_make_no_empty_parts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    keys: list[str] = []

    def develop(_: object, __: object, uploads: list[Upload], ___: int) -> tuple[list[object], float]:
        keys.extend(upload.key for upload in uploads)
        return [], 0.0

    monkeypatch.setattr("safelight_local.command.progress.develop", develop)
    monkeypatch.setattr("safelight_local.command.cli._library", lambda _: None)
    told = CliRunner().invoke(main, ["add", str(tmp_path), "--album", "/2026//Lisbon/", "--json"])
    assert (told.exit_code, told.output) == (0, "[]\n")
    assert keys == ["2026/Lisbon/a.jpg"]


@pytest.mark.parametrize("key", ["renditions/../../a.jpg", "/etc/a.jpg"])
def test_no_key_leads_out_of_the_folder_that_it_is_fetched_into(tmp_path: Path, key: str) -> None:
    assert path_of("renditions/..a../a.jpg", tmp_path) == tmp_path / "renditions/..a../a.jpg"
    with pytest.raises(UnsafeKey, match="leads out of"):
        path_of(key, tmp_path)
