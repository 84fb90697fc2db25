"""What `sam build` makes of each function: it fits into Lambda, and its handler imports from it alone."""

import subprocess
from pathlib import Path

import pytest
import yaml

from contract.definitions import resources
from safelight_local.cloud.deployment import build
from safelight_local.cloud.environments import environment

MAX_UNZIPPED_BYTES = 262_144_000
"""What a function and its layers may have unzipped (AWS Lambda Developer Guide, quotas: 250 MB)."""

FUNCTIONS = sorted(resources("AWS::Serverless::Function"))


@pytest.fixture(scope="session")
def built() -> Path:
    return build()


def artifact_of(built: Path, function: str) -> Path:
    """Return the folder of a function's artifact; functions of one room share theirs."""
    template = yaml.safe_load((built / "template.yaml").read_text())
    return (built / template["Resources"][function]["Properties"]["CodeUri"]).with_suffix("")


def size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_artifact_and_the_layer_fit_into_lambda(built: Path, function: str) -> None:
    layer, artifact = size_of(built / "SharedLayer"), size_of(artifact_of(built, function))
    assert artifact + layer < MAX_UNZIPPED_BYTES


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_handler_imports_from_the_artifact_the_layer_and_the_runtime_alone(
    built: Path, function: str
) -> None:
    template = yaml.safe_load((built / "template.yaml").read_text())
    artifact = artifact_of(built, function)
    module = template["Resources"][function]["Properties"]["Handler"].rpartition(".")[0]
    imported = subprocess.run(
        [environment("lambda") / "python", "-c", f"import {module}; print({module}.__file__)"],
        cwd=artifact,
        env={"PYTHONPATH": f"{artifact}:{built / 'SharedLayer' / 'python'}"},
        capture_output=True,
        text=True,
    )
    assert imported.returncode == 0, imported.stderr
    assert imported.stdout.startswith(str(artifact))
