"""The template, transformed, is right in every region that cfn-lint is asked about."""

import subprocess

from contract.definitions import REPOSITORY
from safelight_local.cloud.environments import environment

REGIONS = ["us-east-1", "eu-central-1", "eu-north-1", "us-gov-west-1", "cn-north-1"]


def test_cfn_lint_has_nothing_to_say() -> None:
    command = [environment("sam") / "cfn-lint", "--regions", *REGIONS, "--", REPOSITORY / "template.yaml"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
