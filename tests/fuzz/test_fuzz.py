"""Whatever a file holds, it ends as a photo or as a rejection, in bounded memory and time."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fuzz.named import NAMED

_MUTANTS = "800"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run in a process that has not decoded before, as a function has not."""
    return subprocess.run(
        [sys.executable, str(Path(__file__).with_name("run.py")), *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_mutant_of_any_format_ends_as_a_photo_or_as_a_rejection(tmp_path: Path) -> None:
    """Twenty of each, always the same; `make fuzz` goes on."""
    ran = run("--count", _MUTANTS, "--keep", str(tmp_path))
    assert ran.returncode == 0, ran.stdout


@pytest.fixture(scope="module")
def ends() -> dict[str, str]:
    found: dict[str, str] = json.loads(run("--named").stdout)
    return found


@pytest.mark.parametrize("name", NAMED)
def test_what_is_known_to_harm_does_not(ends: dict[str, str], name: str) -> None:
    assert ends[name] in NAMED[name].ends
