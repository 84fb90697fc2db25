"""What `sam build` makes of each function: it fits into Lambda, and its handler imports from it alone."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import yaml

from audit.sbom import bom
from contract.definitions import REPOSITORY, resources
from safelight_local.cloud.cloud import Cloud
from safelight_local.cloud.deployment import build, forget_older_builds
from safelight_local.cloud.environments import environment
from safelight_local.cloud.supervisor import emulator_environment

MAX_UNZIPPED_BYTES = 262_144_000
"""What a function and its layers may have unzipped (AWS Lambda Developer Guide, quotas: 250 MB)."""

FUNCTIONS = sorted(resources("AWS::Serverless::Function"))


class Built:
    """The folder that `sam build` makes, with its template; functions of one room share their artifact."""

    def __init__(self, folder: Path) -> None:
        self.layer = folder / "SharedLayer"
        self.folder = folder
        self._functions = yaml.safe_load((folder / "template.yaml").read_text())["Resources"]

    def artifact(self, function: str) -> Path:
        code: str = self._functions[function]["Properties"]["CodeUri"]
        return self.folder / Path(code).name

    def module(self, function: str) -> str:
        handler: str = self._functions[function]["Properties"]["Handler"]
        return handler.rpartition(".")[0]


@pytest.fixture(scope="session")
def built() -> Built:
    return Built(build())


@cache
def size_of(folder: Path) -> int:
    """Return the bytes below `folder`, without what is compiled for this machine alone."""
    return sum(it.stat().st_size for it in folder.rglob("*") if it.is_file() and it.suffix != ".pyc")


@cache
@cache
def fault_of(module: str, artifact: Path, layer: Path) -> str:
    """Import a handler as Lambda would; return what is wrong, or nothing."""
    imported = subprocess.run(
        [environment("lambda") / "python", "-c", f"import {module}; print({module}.__file__)"],
        cwd=artifact,
        env={"PYTHONPATH": f"{artifact}:{layer / 'python'}"},
        capture_output=True,
        text=True,
    )
    return "" if imported.stdout.startswith(str(artifact)) else imported.stdout + imported.stderr


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_artifact_and_the_layer_fit_into_lambda(built: Built, function: str) -> None:
    assert size_of(built.artifact(function)) + size_of(built.layer) < MAX_UNZIPPED_BYTES


def test_builds_that_were_used_last_are_kept_beside_what_sam_keeps(built: Built, tmp_path: Path) -> None:
    beside = [each.name for each in built.folder.parent.iterdir() if each.is_file()]
    for name in beside:
        tmp_path.joinpath(name).touch()
    for number, name in enumerate("dacb"):
        tmp_path.joinpath(name).mkdir()
        tmp_path.joinpath(name, "finished").touch()
        os.utime(tmp_path / name / "finished", (number, number))
    tmp_path.joinpath("unfinished").mkdir()
    forget_older_builds(tmp_path)
    assert beside, "SAM keeps something there, or this test shows nothing"
    assert {each.name for each in tmp_path.iterdir()} == {"a", "b", "c", *beside}


def test_what_a_function_imports_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")  # as images of Python have it
    (tmp_path / "module.py").write_text("")
    cloud = Cloud("none", str(tmp_path), "http://127.0.0.1:1", "http://127.0.0.1:2", "key", "secret", 0)
    variables = emulator_environment(cloud, tmp_path, tmp_path)
    subprocess.run([sys.executable, "-c", "import module"], cwd=tmp_path, env=variables, check=True)
    assert list(tmp_path.glob("__pycache__/module.*.pyc"))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_artifact_is_made_of_what_is_locked_and_the_bill_of_materials_says_so(
    built: Built, function: str
) -> None:
    room = REPOSITORY / resources("AWS::Serverless::Function")[function]["Properties"]["CodeUri"]
    locks = (room / "requirements.txt").read_text() + (REPOSITORY / "layer/requirements.txt").read_text()
    locked = {line.split()[0] for line in locks.splitlines() if "==" in line}
    told = bom(function, built.artifact(function), built.layer / "python")["components"]
    packages = [it for it in told if it["type"] == "library"]
    assert packages
    assert {it["purl"].removeprefix("pkg:pypi/").replace("@", "==") for it in packages} <= locked
    assert all(it["licenses"] for it in packages)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_handler_imports_from_the_artifact_the_layer_and_the_runtime_alone(
    built: Built, function: str
) -> None:
    assert fault_of(built.module(function), built.artifact(function), built.layer) == ""
