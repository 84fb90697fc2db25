"""A preset or a parameter that is not there is refused before anything is built, started or deployed."""

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from safelight import presets
from safelight_local.cloud import cloud
from safelight_local.cloud import deployment as stack
from safelight_local.cloud.problems import DeployProblem
from safelight_local.command.cli import main

NOWHERE = cloud.Cloud(
    "nowhere", "", "http://127.0.0.1:1", "http://127.0.0.1:1", "key", "secret", supervisor=0
)


@pytest.mark.parametrize("command", ["up", "demo"])
def test_the_command_refuses_an_unknown_preset_and_names_those_that_there_are(command: str) -> None:
    result = CliRunner().invoke(main, [command, "--set", "Preset=poster"])
    assert result.exit_code == 1
    first, *listed = result.output.splitlines()
    assert first == "Error: There is no preset poster. layer/safelight/presets.toml has:"
    assert [line.split(maxsplit=1) for line in listed] == [
        [name, preset.description] for name, preset in sorted(presets.load().presets.items())
    ]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("Face=on", "The template has no parameter Face. Did you mean Faces?"),
        ("colour=red", "The template has no parameter colour. It has "),
        ("LaptopPort=80", "LaptopPort is as this machine is. Leave it out."),
        ("Faces", "'Faces' sets nothing. Give a name and a value, as in: Preset=web"),
    ],
)
def test_what_the_template_does_not_have_is_told(given: str, words: str) -> None:
    result = CliRunner().invoke(main, ["up", "--set", given])
    assert result.exit_code in {1, 2}
    assert words in result.output


def test_no_deployment_takes_an_unknown_preset() -> None:
    with pytest.raises(DeployProblem, match="There is no preset poster"):
        stack.deploy(NOWHERE, Preset="poster")


def test_a_preset_that_the_template_does_not_allow_is_told_with_what_to_write(tmp_path: Path) -> None:
    parameter = {"Type": "String", "AllowedValues": ["web", "gallery"]}
    (tmp_path / "template.yaml").write_text(yaml.safe_dump({"Parameters": {"Preset": parameter}}))
    with pytest.raises(DeployProblem, match=r"AllowedValues: \[archive-4k, gallery, web\]"):
        stack._check_allowed_presets(tmp_path)
