"""The folder in which a library of the laptop lasts: over stops, crashes, reboots and upgrades of the code.

    library.json   what the library keeps for itself: ports, credentials, and the version of this layout
    objects/       what the buckets hold, written by the embedded AWS
    checkpoints/   everything else that it holds; see `safelight_emulator`
    journal/       which items of DynamoDB changed since, and executions/, which workflows started and ended
    emulator/      the code of the functions, and keys
    faces/         the vision service's collections
    owner-password the password of the library's first user

Only its owner may read it.
"""

import json
import os
import secrets
import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from safelight_data.home import having
from safelight_local.cloud.owner import PASSWORD_FILE
from safelight_local.cloud.problems import CloudProblem

_LAYOUT = 1
_PORTS = range(20_000, 32_000)
"""Below those that Linux gives to outgoing connections, so that nothing takes one by chance."""

_PARTS = (
    *("objects", "checkpoints", "journal", "executions", "emulator", "faces"),
    *(PASSWORD_FILE, "library.json"),
)


@dataclass(frozen=True)
class Identity:
    """What stays the same of a library whenever it is opened.

    The URLs of photos have `port` in them. `vision_token` is in the URL of the vision service.
    """

    layout: int
    port: int
    vision_port: int
    access_key: str
    secret_key: str
    vision_token: str


def default_folder() -> Path:
    """Return the folder of the user's library: below XDG_DATA_HOME, or ~/.local/share."""
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return data / "safelight" / "library"


@contextmanager
def opening(folder: Path) -> Iterator[tuple[Identity, int]]:
    """Have the library in `folder` to oneself; an empty or missing folder becomes one.

    Yields what it keeps for itself, and the descriptor of the lock.

    Raises:
        CloudProblem: a cloud has it, it is no library's, a newer version made it, or its port is taken.
    """
    with _alone_with(folder) as lock:
        yield _opened(folder), lock


@contextmanager
def _alone_with(folder: Path) -> Iterator[int]:
    with ExitStack() as stack:
        try:
            lock = stack.enter_context(having(folder, 0))
        except TimeoutError:
            raise CloudProblem(f"A cloud has the library in {folder}. Stop that one first.") from None
        yield lock


def _opened(folder: Path) -> Identity:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / "library.json"
    if not file.exists():
        if any(folder.iterdir()):
            raise CloudProblem(f"{folder} holds other things. Name an empty folder, or a new one.")
        port, vision_port = free_port(), free_port()
        key, secret = f"AKIA{secrets.token_hex(8).upper()}", secrets.token_urlsafe(30)
        identity = Identity(_LAYOUT, port, vision_port, key, secret, secrets.token_urlsafe(30))
        folder.chmod(0o700)
        part = file.with_suffix(".tmp")
        part.touch(mode=0o600)
        part.write_text(json.dumps(asdict(identity), indent=2) + "\n")
        part.rename(file)
        return identity
    kept = json.loads(file.read_text())
    if kept["layout"] > _LAYOUT:
        raise CloudProblem(f"A newer version of Safelight made the library in {folder}. Use that version.")
    identity = Identity(**kept)
    for port in (identity.port, identity.vision_port):
        if not _is_free(port):
            raise CloudProblem(
                f"Another program listens on port {port}, which the library in {folder} has for its own. "
                f"End that program; or write another port into {file}, and process the photos again, "
                "since their URLs have the old one."
            )
    return identity


def free_port() -> int:
    """Return a TCP port of the loopback interface that nothing listens on."""
    while not _is_free(port := secrets.choice(_PORTS)):
        pass
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what has just ended is no obstacle
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def delete(folder: Path) -> None:
    """Delete the library in `folder`, and the folder if nothing else is in it.

    Raises:
        CloudProblem: there is none, or a cloud has it.
    """
    if not (folder / "library.json").exists():
        raise CloudProblem(f"There is no library in {folder}.")
    with _alone_with(folder):
        for part in _PARTS:  # library.json last: what was cut short can be deleted again
            path = folder / part
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        if not any(folder.iterdir()):
            folder.rmdir()
