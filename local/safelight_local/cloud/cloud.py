"""Starts, finds and stops the embedded cloud: an emulated AWS and the local vision service, on loopback.

What it holds is in a library's folder (`folder.py`), which only one cloud has at a time. Both services run
under a supervisor process of their own (`supervisor.py`). A cloud that is *tied* stops as soon as the process
that started it ends, however that happens, and its library is gone then; an untied one runs until it is
stopped.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from safelight_data.home import having, home
from safelight_local.cloud.environments import environment
from safelight_local.cloud.problems import CloudProblem

REGION = "us-east-1"

EMULATOR = "safelight_emulator/__main__.py"
"""The program that runs the embedded AWS."""

SAVE_SECONDS = 30
"""How long the embedded AWS may take to save what it holds; what it has no time for is in its journal."""

PATIENCE_SECONDS = SAVE_SECONDS + 15
"""How long a cloud may take to end; mostly 2 s do."""


@dataclass(frozen=True)
class Cloud:
    """A running embedded cloud."""

    name: str
    folder: str
    endpoint: str
    vision_endpoint: str
    access_key: str
    secret_key: str
    supervisor: int

    def started(self) -> datetime:
        """Return when the cloud was started."""
        return datetime.fromtimestamp(psutil.Process(self.supervisor).create_time(), UTC)

    def environment(self) -> dict[str, str]:
        """Return the AWS variables that point any AWS client or tool at this cloud, and at nothing else."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ENDPOINT_URL_REKOGNITION": self.vision_endpoint,
            "AWS_ENDPOINT_URL_TEXTRACT": self.vision_endpoint,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_EC2_METADATA_DISABLED": "true",
        }


def run_directory(name: str) -> Path:
    """Return the folder of the cloud `name`; it exists while the cloud runs, with all its temporary files."""
    return home() / "run" / name


def running(name: str) -> Cloud | None:
    """Return the running cloud `name`, or None."""
    state = run_directory(name) / "cloud.json"
    try:
        cloud = Cloud(**json.loads(state.read_text()))
    except (FileNotFoundError, json.JSONDecodeError, TypeError):
        cloud = None
    return cloud if cloud and _is_supervisor(cloud.supervisor) else None


def start(name: str, folder: Path, *, tied: bool) -> tuple[Cloud, subprocess.Popen[str]]:
    """Start the cloud `name` on the library in `folder`; return it and its supervisor's process.

    Both of its services answer then.

    Raises:
        CloudProblem: it runs already, it or the library is in use, or it did not start; the message says why.
        ToolMissing: its environment could not be made.
    """
    if not tied and running(name):  # one that is tied may be ending, as its user was killed: it is waited for
        raise CloudProblem(f"The {name} cloud runs already.")
    python = environment("cloud") / "python"
    log = home() / "logs" / f"{name}-cloud.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    log.touch(mode=0o600)
    with log.open("w") as log_file:
        supervisor = subprocess.Popen(  # noqa: S603
            [
                *(sys.executable, "-m", "safelight_local.cloud.supervisor"),
                *(name, str(python), str(folder), *(["--tied"] if tied else [])),
            ],
            stdin=subprocess.PIPE if tied else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log_file,
            text=True,
            start_new_session=True,
        )
    answer = supervisor.stdout.readline() if supervisor.stdout else ""
    if not answer:
        supervisor.wait()
        ending = "".join(log.read_text().splitlines(keepends=True)[-15:])
        raise CloudProblem(f"The embedded cloud did not start. {log} ends with:\n{ending}")
    return Cloud(**json.loads(answer)), supervisor


@contextmanager
def tied_cloud(name: str) -> Iterator[Cloud]:
    """Run the cloud `name` for the body of a `with`; it also stops when this process is killed.

    Its library is a throw-away one.

    Raises:
        CloudProblem, ToolMissing: as `start`.
    """
    cloud, supervisor = start(name, run_directory(name) / "library", tied=True)
    try:
        yield cloud
    finally:
        if supervisor.stdin:
            supervisor.stdin.close()
        supervisor.wait()


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Have the cloud `name` to oneself; another one that is just ending is waited for."""
    try:
        with having(run_directory(name), PATIENCE_SECONDS):
            yield
    except TimeoutError as error:
        raise CloudProblem(f"Another process uses the {name} cloud. End that one first.") from error


@contextmanager
def turn(name: str, before_waiting: Callable[[], None]) -> Iterator[None]:
    """Be the only one to set the cloud `name` up; while another one does, wait, and say so before."""
    with ExitStack() as stack:
        mark = run_directory(f"{name}-up")
        try:
            stack.enter_context(having(mark, 0))
        except TimeoutError:
            before_waiting()
            stack.enter_context(having(mark))
        yield


def stop(name: str) -> bool:
    """Stop the cloud `name` and wait until nothing of it is left; return whether one was running.

    Raises:
        CloudProblem: it is being started or stopped by another process.
    """
    cloud = running(name)
    if cloud:
        process = psutil.Process(cloud.supervisor)
        process.terminate()
        process.wait()
    with alone(name):
        clear_leftovers(name)
    return cloud is not None


def clear_leftovers(name: str) -> None:
    """End the processes and remove the files that a cloud `name` whose supervisor was killed left."""
    directory = run_directory(name)
    if not directory.exists():
        return
    end_processes(process for process in psutil.process_iter() if _belongs_to(process, directory))
    shutil.rmtree(directory, ignore_errors=True)


def end_processes(processes: Iterable[psutil.Process]) -> None:
    """End each process and all that it started: politely, and after five seconds by force.

    The embedded AWS goes first, and saves what it holds, so that no workflow sees its functions end.
    """
    family: set[psutil.Process] = set()
    for process in processes:
        try:
            family |= {process, *process.children(recursive=True)}
        except psutil.NoSuchProcess:
            continue
    emulators = {process for process in family if _is_emulator(process)}
    for members, seconds in ((emulators, SAVE_SECONDS), (family - emulators, 5)):
        for process in members:
            with suppress(psutil.NoSuchProcess):
                process.terminate()
        for process in psutil.wait_procs(members, timeout=seconds)[1]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
    psutil.wait_procs(family, timeout=5)


def _is_emulator(process: psutil.Process) -> bool:
    try:
        return any(part.endswith(EMULATOR) for part in process.cmdline()[:3])
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _is_supervisor(pid: int) -> bool:
    try:
        return "safelight_local.cloud.supervisor" in psutil.Process(pid).cmdline()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _belongs_to(process: psutil.Process, directory: Path) -> bool:
    """Tell whether `process` was started for the cloud in `directory`: its TMPDIR lies there."""
    try:
        return process.environ().get("TMPDIR") == str(directory / "tmp")
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
