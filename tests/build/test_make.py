"""The Makefile's own rules."""

import subprocess
import sys

from contract.definitions import REPOSITORY


def planned(*arguments: str) -> str:
    """Return what `make demo` would run where no requirement is newer than the environment."""
    old = ["--assume-old=requirements/dev.txt", "--assume-old=pyproject.toml"]
    ran = subprocess.run(
        ["make", "--dry-run", *old, "demo", *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout


def test_a_python_that_is_named_is_heard_though_there_is_an_environment() -> None:
    assert "-m venv --clear" in planned("PYTHON=no-such-python")
    assert "-m venv --clear" not in planned(f"PYTHON={sys.executable}")
