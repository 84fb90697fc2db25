"""What is deployed is right in regions of every partition of AWS."""

import subprocess

from contract.definitions import REPOSITORY, WORKFLOWS
from safelight_local.cloud.environments import environment

REGIONS = ["us-east-1", "eu-central-1", "eu-north-1", "us-gov-west-1", "cn-north-1"]


def test_cfn_lint_has_nothing_to_say() -> None:
    command = [environment("sam") / "cfn-lint", "--regions", *REGIONS, "--", REPOSITORY / "template.yaml"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_nothing_that_is_deployed_names_a_partition() -> None:
    for path in (REPOSITORY / "template.yaml", *WORKFLOWS):
        assert "arn:aws" not in path.read_text(), path.name
