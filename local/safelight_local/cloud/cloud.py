"""Starts, finds and stops the embedded cloud: an emulated AWS and the local vision service, on loopback.

Both run under a supervisor process of their own (`supervisor.py`). A cloud that is *tied* stops as soon
as the process that started it ends, however that happens; an untied one runs until it is stopped.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from safelight_data.home import having, home
from safelight_local.cloud.environments import environment
from safelight_local.cloud.problems import CloudProblem

REGION = "us-east-1"

PATIENCE_SECONDS = 15
"""How long a cloud may take to end; ending its processes by force takes 5 s, and mostly 1 s do."""


@dataclass(frozen=True)
class Cloud:
    """A running embedded cloud."""

    name: str
    endpoint: str
    vision_endpoint: str
    supervisor: int

    def environment(self) -> dict[str, str]:
        """Return the AWS variables that point any AWS client or tool at this cloud, and at nothing else."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ENDPOINT_URL_REKOGNITION": self.vision_endpoint,
            "AWS_ENDPOINT_URL_TEXTRACT": self.vision_endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
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


def start(name: str, *, tied: bool) -> tuple[Cloud, subprocess.Popen[str]]:
    """Start the cloud `name` and return it with its supervisor's process, once both services answer.

    Raises:
        CloudProblem: it is in use, or it did not start; the message says why.
        ToolMissing: its environment could not be made.
    """
    program = environment("cloud") / "ministack"
    log = home() / "logs" / f"{name}-cloud.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as log_file:
        supervisor = subprocess.Popen(  # noqa: S603
            [
                *(sys.executable, "-m", "safelight_local.cloud.supervisor", name, str(program)),
                *(["--tied"] if tied else []),
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

    Raises:
        CloudProblem, ToolMissing: as `start`.
    """
    cloud, supervisor = start(name, tied=True)
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
    """End each process and all that it started: politely, and after five seconds by force."""
    family: set[psutil.Process] = set()
    for process in processes:
        try:
            family |= {process, *process.children(recursive=True)}
        except psutil.NoSuchProcess:
            continue
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    for process in psutil.wait_procs(family, timeout=5)[1]:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(family, timeout=5)


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
