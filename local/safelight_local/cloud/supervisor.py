"""Runs the embedded AWS and the vision service, and leaves nothing behind when it ends.

`python -m safelight_local.cloud.supervisor NAME PYTHON FOLDER [--tied]`: prints the running cloud as one line
of JSON when both services answer, then waits. PYTHON is the one of the embedded AWS, and FOLDER that of the
library. It ends on SIGTERM, when a service ends by itself, and, when tied, as soon as its standard input
closes, as it does when the process that started it dies.
"""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from safelight_data.home import home
from safelight_local.cloud.cloud import (
    EMULATOR,
    REGION,
    Cloud,
    alone,
    clear_leftovers,
    end_processes,
    run_directory,
)
from safelight_local.cloud.folder import Identity, opening
from safelight_local.cloud.problems import CloudProblem

START_SECONDS = 60
"""How long a service may take to answer; a cold disk is slow, and the emulator itself takes about 2 s."""


_NOT_INHERITED = ("AWS_", "PYTHONDONTWRITEBYTECODE")
"""Which account is meant is for us to say; and a function is to compile what it imports once."""


def emulator_environment(cloud: Cloud, folder: Path, temporary: Path) -> dict[str, str]:
    """Return the variables that the embedded AWS runs with; its functions inherit them."""
    port = cloud.endpoint.rpartition(":")[2]
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(_NOT_INHERITED)},
        **cloud.environment(),
        "GATEWAY_PORT": port,
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "AUTH": "true",
        "LOG_LEVEL": "WARNING",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(folder / "emulator"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(folder / "objects"),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "TMPDIR": str(temporary),
    }


def wait_until_answering(url: str, process: subprocess.Popen[bytes]) -> None:
    """Return when `url` answers.

    Raises:
        RuntimeError: `process` ended, or did not answer within `START_SECONDS`.
    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with status {process.returncode}.")
        with suppress(URLError, OSError):
            urlopen(url, timeout=2).close()  # noqa: S310
            return
        time.sleep(0.05)
    raise RuntimeError(f"{url} did not answer within {START_SECONDS} s.")


def wait_for_the_end(processes: list[subprocess.Popen[bytes]], *, tied: bool) -> None:
    """Return when a process ends or, if tied, when standard input closes; SIGTERM raises SystemExit."""
    watched = [sys.stdin] if tied else []
    while all(process.poll() is None for process in processes):
        if select.select(watched, [], [], 0.5)[0] and not os.read(sys.stdin.fileno(), 1024):
            return


def main() -> None:
    """Supervise one cloud from start to end."""
    name, python, folder, *flags = sys.argv[1:]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.umask(0o077)
    try:
        with alone(name):
            clear_leftovers(name)
            with opening(Path(folder)) as (identity, lock):
                supervise(name, python, Path(folder), identity, lock, tied="--tied" in flags)
    except CloudProblem as problem:
        sys.exit(str(problem))


def supervise(name: str, python: str, folder: Path, identity: Identity, lock: int, *, tied: bool) -> None:
    """Run the cloud `name` until its end, and leave nothing of it but the library's folder.

    The services hold `lock`, too: while one of them is left, nobody else opens the library.
    """
    directory = run_directory(name)
    temporary = directory / "tmp"
    temporary.mkdir(parents=True)
    processes: list[subprocess.Popen[bytes]] = []
    try:
        cloud = Cloud(
            name=name,
            folder=str(folder),
            endpoint=f"http://127.0.0.1:{identity.port}",
            vision_endpoint=f"http://127.0.0.1:{identity.vision_port}/{identity.vision_token}",
            access_key=identity.access_key,
            secret_key=identity.secret_key,
            supervisor=os.getpid(),
        )
        environment = emulator_environment(cloud, folder, temporary)
        for command, url in (
            (
                [python, "-P", str(Path(__file__).parents[2] / EMULATOR), str(folder)],
                f"{cloud.endpoint}/_ministack/health",
            ),
            (
                [
                    *(sys.executable, "-m", "safelight_vision", "--port", str(identity.vision_port)),
                    *("--s3-endpoint", cloud.endpoint, "--models", str(home() / "models")),
                    *("--collections", str(folder / "faces")),
                ],
                f"http://127.0.0.1:{identity.vision_port}/health",
            ),
        ):
            process = subprocess.Popen(  # noqa: S603
                command,
                env={**environment, "SAFELIGHT_VISION_TOKEN": identity.vision_token},
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr,
                cwd=temporary,
                pass_fds=[lock],
            )
            processes.append(process)
            wait_until_answering(url, process)
        (directory / "cloud.json").write_text(json.dumps(asdict(cloud)))
        print(json.dumps(asdict(cloud)), flush=True)  # noqa: T201
        wait_for_the_end(processes, tied=tied)
    finally:
        (directory / "cloud.json").unlink(missing_ok=True)  # from here on it counts as ended
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        end_processes(psutil.Process(process.pid) for process in processes if process.poll() is None)
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
