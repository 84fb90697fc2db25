"""Third-party programs, each in an environment of its own, made from a pinned requirements file.

The SAM command line tool and the embedded AWS each pin botocore for themselves, and the functions must
see exactly what AWS's Python runtime gives them: one environment each, so that none bends another.
"""

import hashlib
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from uv import find_uv_bin

from safelight_data.home import REPOSITORY, having, home
from safelight_local.cloud.problems import ToolMissing


def uv(*arguments: str, lock: int) -> None:
    """Run uv, quietly, holding the descriptor `lock`.

    Raises:
        ToolMissing: uv failed; its own words are in the message.
    """
    ran = subprocess.run(  # noqa: S603
        [find_uv_bin(), "--quiet", *arguments], capture_output=True, text=True, pass_fds=[lock]
    )
    if ran.returncode != 0:
        raise ToolMissing(
            f"uv {' '.join(arguments[:2])} failed:\n{ran.stderr.strip()}\n"
            "Check that this machine reaches a Python package index, and try again."
        )


def environment(name: str) -> Path:
    """Return the folder with the programs of the environment `name`, made first if need be.

    `name` is the stem of a file in requirements/. An environment is made anew when that file or the
    Python version changes; one that was left half-made is made again.
    """
    requirements = REPOSITORY / "requirements" / f"{name}.txt"
    identity = hashlib.sha256(requirements.read_bytes() + platform.python_version().encode()).hexdigest()
    directory = home() / "environments" / name
    stamp = directory / "made-from"
    with having(directory) as lock:
        if not stamp.exists() or stamp.read_text() != identity:
            shutil.rmtree(directory, ignore_errors=True)
            uv("venv", "--python", sys.executable, str(directory), lock=lock)
            uv(
                "pip",
                "install",
                "--require-hashes",
                "--python",
                str(directory / "bin" / "python"),
                "--requirements",
                str(requirements),
                lock=lock,
            )
            stamp.write_text(identity)
    return directory / "bin"
