"""The workflows are valid by the schema of the Amazon States Language, and their expressions are JSONata."""

import subprocess
from pathlib import Path

from contract.definitions import WORKFLOWS
from engine.lab import deployed, node_packages
from safelight_data.packages import of_node


def validated(folder: Path, definitions: dict[str, str]) -> subprocess.CompletedProcess[str]:
    validator = node_packages() / "asl-validator" / "dist" / "bin" / "asl-validator.js"
    command = [*of_node("node"), str(validator)]
    for name, definition in definitions.items():
        (folder / name).write_text(definition)
        command += ["--json-path", str(folder / name)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_validator_accepts_every_workflow(tmp_path: Path) -> None:
    ran = validated(tmp_path, {path.name: deployed(path) for path in WORKFLOWS})
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_validator_refuses_a_line_feed_inside_of_an_expression(tmp_path: Path) -> None:
    definitions = {path.name: deployed(path).replace("\\\\n", "\\n") for path in WORKFLOWS}
    ran = validated(tmp_path, definitions)
    assert ran.returncode != 0
    assert "/States/AnnounceMemory/Arguments/Message" in ran.stderr
