"""The embedded cloud leaves nothing behind, however the process that started it ends."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from safelight_local.cloud import cloud
from safelight_local.cloud.problems import CloudProblem

NAME = "lifecycle"
USER = f"""
import signal, time
from safelight_local.cloud import cloud
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs start with it ignored
with cloud.tied_cloud("{NAME}") as running:
    print(running.endpoint, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def user() -> Iterator[subprocess.Popen[str]]:
    """A process that uses a tied cloud, which answers."""
    process = subprocess.Popen(
        [sys.executable, "-c", USER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("http://127.0.0.1:")
    yield process
    process.kill()
    process.wait()


def relatives() -> list[psutil.Process]:
    """Return the processes of the cloud: those whose temporary folder is the cloud's, and its supervisor."""
    temporary = str(cloud.run_directory(NAME) / "tmp")
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("TMPDIR") == temporary or (
                "safelight_local.cloud.supervisor" in process.cmdline() and NAME in process.cmdline()
            ):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def kill(pid: int) -> None:
    """Kill a process, and wait until it does nothing more; its parent may leave it a zombie."""
    process = psutil.Process(pid)
    process.kill()
    with suppress(psutil.NoSuchProcess):
        while process.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)


def nothing_is_left(seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not relatives() and not cloud.run_directory(NAME).exists():
            return True
        time.sleep(0.2)
    return False


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_tied_cloud_ends_with_its_user(user: subprocess.Popen[str], ending: signal.Signals) -> None:
    assert len(relatives()) >= 3, "the supervisor, the embedded AWS and the vision service"

    user.send_signal(ending)

    assert nothing_is_left(), relatives()


def test_what_a_killed_supervisor_leaves_is_cleared_by_the_next_cloud(user: subprocess.Popen[str]) -> None:
    running = cloud.running(NAME)
    assert running is not None
    kill(running.supervisor)
    orphans = relatives()
    assert orphans

    with cloud.tied_cloud(NAME):
        assert not any(orphan.is_running() for orphan in orphans)

    assert nothing_is_left(1), relatives()


def test_what_a_killed_supervisor_leaves_is_cleared_by_stopping(user: subprocess.Popen[str]) -> None:
    running = cloud.running(NAME)
    assert running is not None
    kill(running.supervisor)
    assert relatives()

    assert not cloud.stop(NAME)

    assert nothing_is_left(1), relatives()


def test_a_killed_user_can_be_followed_by_another_at_once(user: subprocess.Popen[str]) -> None:
    user.kill()

    with cloud.tied_cloud(NAME) as running:
        assert cloud.running(NAME) == running

    assert nothing_is_left(1), relatives()


def test_a_service_that_dies_takes_the_cloud_down_with_it(user: subprocess.Popen[str]) -> None:
    ministack = next(
        process for process in relatives() if any(part.endswith(cloud.EMULATOR) for part in process.cmdline())
    )

    ministack.kill()

    assert nothing_is_left(), relatives()


def test_an_untied_cloud_runs_until_it_is_stopped(tmp_path: Path) -> None:
    running, _ = cloud.start(NAME, tmp_path / "library", tied=False)
    assert cloud.running(NAME) == running
    with pytest.raises(CloudProblem, match="runs already"):
        cloud.start(NAME, tmp_path / "library", tied=False)

    assert cloud.stop(NAME)

    assert nothing_is_left(1), relatives()
    assert not cloud.stop(NAME)
