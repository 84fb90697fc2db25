"""The wheel says what it needs, installs what belongs to Safelight alone, and brings what gets deployed."""

import email
import os
import subprocess
import sys
import sysconfig
from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile

import pytest

from contract.definitions import REPOSITORY
from images import picture


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(directory)]
    subprocess.run(build, cwd=REPOSITORY, check=True, capture_output=True)
    (built,) = directory.glob("*.whl")
    return built


def test_it_says_what_it_needs(wheel: Path) -> None:
    with ZipFile(wheel) as packed:
        (name,) = [each for each in packed.namelist() if each.endswith(".dist-info/METADATA")]
        told = email.message_from_bytes(packed.read(name))
        licences = [each for each in packed.namelist() if "/licenses/" in each]
    needed = {each for each in told.get_all("Requires-Dist", []) if "extra ==" not in each}
    assert needed == {"boto3", "click", "jinja2", "rich", "watchfiles"}
    assert set(told.get_all("Provides-Extra", [])) == {"dropbox", "local", "vision"}
    assert told["License-Expression"] == "Apache-2.0"
    assert {Path(each).name for each in licences} == {"LICENSE", "NOTICE"}


def test_it_installs_no_name_that_is_not_safelights(wheel: Path) -> None:
    with ZipFile(wheel) as packed:
        names = {each.partition("/")[0] for each in packed.namelist()}
    packages = {each for each in names if not each.endswith(".dist-info")}
    houses = {f"safelight_{name}" for name in ("data", "emulator", "library", "local", "vision")}
    assert packages == {"safelight"} | houses


def test_it_brings_all_that_is_deployed(wheel: Path) -> None:
    with ZipFile(wheel) as packed:
        brought = {each for each in packed.namelist() if each.startswith("safelight_data/stack/")}
    for pattern in (
        "template.yaml",
        "samconfig.toml",
        "statemachine/*",
        "functions/*/*/*.py",
        "layer/**/*.*",
    ):
        for file in REPOSITORY.glob(pattern):
            if file.is_file() and "__pycache__" not in file.parts:
                assert f"safelight_data/stack/{file.relative_to(REPOSITORY)}" in brought


@pytest.mark.parametrize(
    ("script", "printed"),
    [
        (
            "from safelight_local.command.cli import main; main(['--version'], 'safelight')",
            f"safelight, version {version('safelight')}",
        ),
        (
            "import safelight_library.people as it; print(it.__file__)",
            "{installed}/safelight_library/people.py",
        ),
        (
            "from safelight_data.home import REPOSITORY as it, home; print(it, home())",
            "{installed}/safelight_data/stack {installed}/.safelight",
        ),
        (
            "from pathlib import Path; from safelight_local.command.inspection import inspect;"
            "print(inspect(Path('{photo}'), 'none')[1])",
            "None",
        ),
    ],
)
def test_it_works_without_the_checkout(wheel: Path, tmp_path: Path, script: str, printed: str) -> None:
    picture(60, 40).save(tmp_path / "a.jpg")
    with ZipFile(wheel) as packed:
        packed.extractall(tmp_path)
    ran = subprocess.run(
        [sys.executable, "-S", "-c", script.replace("{photo}", str(tmp_path / "a.jpg"))],
        env={
            **{name: it for name, it in os.environ.items() if name != "SAFELIGHT_HOME"},
            "HOME": str(tmp_path),
            "PYTHONPATH": os.pathsep.join([str(tmp_path), sysconfig.get_path("purelib")]),
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == printed.replace("{installed}", str(tmp_path))
