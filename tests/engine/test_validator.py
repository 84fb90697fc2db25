"""The workflows are valid by the schema of the Amazon States Language, and their expressions are JSONata."""

import subprocess
from pathlib import Path

from contract.definitions import WORKFLOWS
from engine.lab import node_packages
from safelight_data.packages import of_node


def validated(*paths: Path) -> subprocess.CompletedProcess[str]:
    validator = node_packages() / "asl-validator" / "dist" / "bin" / "asl-validator.js"
    named = [argument for path in paths for argument in ("--json-path", str(path))]
    return subprocess.run(
        [*of_node("node"), str(validator), *named], capture_output=True, text=True, check=False
    )


def test_the_validator_accepts_every_workflow() -> None:
    ran = validated(*WORKFLOWS)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_validator_refuses_a_line_feed_inside_of_an_expression(tmp_path: Path) -> None:
    (day,) = [path for path in WORKFLOWS if path.name == "on-this-day.asl.json"]
    spoilt = tmp_path / "spoilt.asl.json"
    spoilt.write_text(day.read_text().replace("\\\\n", "\\n"))
    ran = validated(*WORKFLOWS, spoilt)
    assert ran.returncode != 0
    assert "/States/AnnounceMemory/Arguments/Message" in ran.stderr
