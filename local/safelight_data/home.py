"""Where the command keeps what it makes: environments, models, builds and running clouds."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[2]
_INSTALLED = not (_CHECKOUT / "template.yaml").exists()

REPOSITORY = Path(__file__).with_name("stack") if _INSTALLED else _CHECKOUT
"""What gets deployed: the checkout that this was installed from, or its copy in the package."""


def home() -> Path:
    """Return the folder for everything that can be made again: SAFELIGHT_HOME, or `.safelight`.

    That lies in the checkout, or in the user's home where there is none.
    """
    beside = Path.home() if _INSTALLED else _CHECKOUT
    return Path(os.environ.get("SAFELIGHT_HOME") or beside / ".safelight").resolve()


@contextmanager
def having(directory: Path, patience_seconds: float = inf) -> Iterator[int]:
    """Have `directory` to oneself, and yield the descriptor of the lock.

    Programs that the descriptor is passed on to have it, too: then a run whose predecessor was killed
    waits for what that one left running.

    Raises:
        TimeoutError: another process had it all the time.
    """
    deadline = time.monotonic() + patience_seconds
    directory.parent.mkdir(parents=True, exist_ok=True)
    with directory.with_name(f"{directory.name}.lock").open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"Another process uses {directory}.") from None
                time.sleep(0.05)
        yield lock.fileno()
