"""A folder that is watched: what is still being written is not told, and what is complete is told once."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue
from threading import Event, Thread

import pytest
from click.testing import CliRunner

from safelight_local.command import watching
from safelight_local.command.cli import main

SECONDS = 0.3


@pytest.fixture
def told(tmp_path: Path) -> Iterator["Queue[str]"]:
    """The names of the files that are told of a folder with an old photo in it."""
    (tmp_path / "old.jpg").write_text("old")
    os.utime(tmp_path / "old.jpg", (0, 0))
    stop, names = Event(), Queue[str]()

    def follow() -> None:
        for files in watching.settled([tmp_path], SECONDS, stop):
            for file in files:
                names.put(file.relative_to(tmp_path).as_posix())

    thread = Thread(target=follow)
    thread.start()
    assert names.get(timeout=20) == "old.jpg"
    yield names
    stop.set()
    thread.join()


def nothing_more(told: "Queue[str]") -> bool:
    try:
        told.get(timeout=2 * SECONDS)
    except Empty:
        return True
    return False


def test_a_file_is_told_once_when_it_is_complete(told: "Queue[str]", tmp_path: Path) -> None:
    with (tmp_path / "slow.jpg").open("wb") as slow:
        for _ in range(6):
            slow.write(b"more")
            slow.flush()
            wrote = time.monotonic()
            time.sleep(SECONDS / 3)
            untold = told.empty()
            assert untold or time.monotonic() - wrote > SECONDS, "it is still being written"
    assert told.get(timeout=20) == "slow.jpg"
    assert nothing_more(told)


def test_folders_that_come_as_a_whole_and_files_that_are_renamed_at_last(
    told: "Queue[str]", tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "card"
    (elsewhere / "day 1").mkdir(parents=True)
    (elsewhere / "day 1" / "a.jpg").write_text("a")
    elsewhere.rename(tmp_path / "card")
    (tmp_path / "b.jpg.crdownload").write_text("b")
    assert told.get(timeout=20) == "card/day 1/a.jpg"
    assert nothing_more(told)
    (tmp_path / "b.jpg.crdownload").rename(tmp_path / "b.jpg")
    assert told.get(timeout=20) == "b.jpg"


def test_only_folders_are_watched(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_text("a")
    told = CliRunner().invoke(main, ["add", str(tmp_path / "a.zip"), "--album", "x", "--watch"])
    assert told.exit_code == 2
    assert "Only folders can be watched" in told.output
