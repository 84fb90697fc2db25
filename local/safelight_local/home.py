"""Where the command keeps what it makes: environments, models, builds and running clouds."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
"""The checkout that this command was installed from; its template.yaml is what gets deployed."""


def home() -> Path:
    """Return the folder for everything that can be made again: `.safelight`, or SAFELIGHT_HOME."""
    return Path(os.environ.get("SAFELIGHT_HOME") or REPOSITORY / ".safelight").resolve()


@contextmanager
def making(directory: Path) -> Iterator[int]:
    """Hold the right to make `directory`; yield a descriptor to pass on to the programs that make it.

    They hold it too, so that a run whose predecessor was killed waits for what that one left running.
    """
    directory.parent.mkdir(parents=True, exist_ok=True)
    with directory.with_name(f"{directory.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()
