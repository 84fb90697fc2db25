"""The folder of a library on the laptop, and who may have it."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from safelight_local.cloud import cloud
from safelight_local.cloud.folder import default_folder, delete, opening
from safelight_local.cloud.problems import CloudProblem

pytestmark = pytest.mark.usefixtures("socket_enabled")


def test_a_library_keeps_its_ports_and_secrets_to_itself(tmp_path: Path) -> None:
    folder = tmp_path / "some" / "library"
    with opening(folder) as (first, _):
        pass
    with opening(folder) as (second, _):
        assert second == first
    with opening(tmp_path / "other") as (other, _):
        for secret in ("access_key", "secret_key", "vision_token"):
            assert getattr(other, secret) != getattr(first, secret)
    assert [path.stat().st_mode & 0o077 for path in (folder, folder / "library.json")] == [0, 0]


def test_it_lies_in_the_users_data_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "safelight" / "library"
    monkeypatch.setenv("XDG_DATA_HOME", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_folder() == tmp_path / ".local" / "share" / "safelight" / "library"


def test_one_has_it_at_a_time(tmp_path: Path) -> None:
    with opening(tmp_path / "library"):
        with pytest.raises(CloudProblem, match="A cloud has the library"), opening(tmp_path / "library"):
            pass
        with pytest.raises(CloudProblem, match="A cloud has the library"):
            delete(tmp_path / "library")
    with opening(tmp_path / "library"):
        pass


def test_a_port_that_another_program_has_is_told(tmp_path: Path) -> None:
    with opening(tmp_path / "library") as (identity, _):
        pass
    with socket.socket() as other:
        other.bind(("127.0.0.1", identity.port))
        other.listen()
        with (
            pytest.raises(CloudProblem, match=f"listens on port {identity.port}"),
            opening(tmp_path / "library"),
        ):
            pass


def test_a_newer_versions_library_is_left_alone(tmp_path: Path) -> None:
    with opening(tmp_path / "library"):
        pass
    file = tmp_path / "library" / "library.json"
    kept = json.loads(file.read_text())
    file.write_text(json.dumps({**kept, "layout": kept["layout"] + 1, "more": 1}))
    with pytest.raises(CloudProblem, match="newer version"), opening(tmp_path / "library"):
        pass


def test_only_a_library_is_opened_and_deleted(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    with pytest.raises(CloudProblem, match="There is no library"):
        delete(folder)
    assert not folder.exists()
    folder.mkdir()
    (folder / "letter.txt").write_text("mine")
    with pytest.raises(CloudProblem, match="holds other things"), opening(folder):
        pass
    with pytest.raises(CloudProblem, match="There is no library"):
        delete(folder)
    assert (folder / "letter.txt").read_text() == "mine"


def test_what_is_not_the_librarys_stays_when_it_is_deleted(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    with opening(folder):
        (folder / "objects").mkdir()
    delete(folder)
    assert not folder.exists()
    with opening(folder):
        (folder / "letter.txt").write_text("mine")
    delete(folder)
    assert [path.name for path in folder.iterdir()] == ["letter.txt"]


def test_two_who_set_a_cloud_up_take_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFELIGHT_HOME", str(tmp_path))
    holder = (
        "import sys\n"
        "from safelight_local.cloud import cloud\n"
        "with cloud.turn('shared', lambda: None):\n"
        "    print('mine', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        told, end = other.stdout, other.stdin
        assert told
        assert end
        assert told.readline() == "mine\n"
        said: list[bool] = []

        def tell() -> None:
            said.append(other.poll() is None)
            end.close()

        with cloud.turn("shared", tell):
            assert other.wait() == 0
    assert said == [True]
