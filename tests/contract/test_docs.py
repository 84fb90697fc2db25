"""The documentation names everything that a reader may have to look up."""

import json
import re
import tomllib
from typing import get_type_hints

import pytest
from click import Context

from contract.definitions import REPOSITORY, template
from safelight import errors, presets
from safelight.record import PhotoRecord
from safelight_local.command.cli import main

README = (REPOSITORY / "README.md").read_text()
OPERATIONS = (REPOSITORY / "docs" / "operations.md").read_text()
ARCHITECTURE = (REPOSITORY / "docs" / "architecture.md").read_text()
PRESETS = (REPOSITORY / "docs" / "presets.md").read_text()


def test_every_page_has_its_place_in_the_site() -> None:
    navigation = (REPOSITORY / "site" / "mkdocs.yml").read_text().partition("\nnav:")[2]
    named = re.findall(r": ([\w-]+\.md)$", navigation, re.MULTILINE)
    assert sorted(named) == sorted(["index.md", *(page.name for page in (REPOSITORY / "docs").glob("*.md"))])


def test_the_readme_explains_every_parameter_with_its_default() -> None:
    for name, parameter in template()["Parameters"].items():
        default = f"`{parameter['Default']}`" if parameter["Default"] != "" else ""
        assert f"| `{name}` | {default} | {parameter['Description']} |" in README


def test_the_readme_shows_every_command() -> None:
    for name in main.list_commands(Context(main)):
        assert re.search(rf"safelight {name}|make {name}|`{name}`", README), name


def test_operations_names_every_error() -> None:
    for error in errors.leaves(errors.SafelightError):
        assert f"| `{error.__name__}` |" in OPERATIONS


def test_architecture_explains_every_field_of_a_photos_record() -> None:
    section = ARCHITECTURE.partition("## The record of a photo")[2].partition("\n## ")[0]
    explained = {
        name
        for cell in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", cell)
    }
    assert explained == set(get_type_hints(PhotoRecord))


@pytest.mark.parametrize(
    ("heading", "keys"),
    [
        ("## The keys of a preset", presets.PRESET_KEYS),
        ("## The keys of a rendition", presets.RENDITION_KEYS),
    ],
)
def test_presets_explains_every_key_with_its_default(heading: str, keys: dict[str, presets.Key]) -> None:
    section = PRESETS.partition(heading)[2].partition("\n## ")[0]
    explained = dict(re.findall(r"^\| `(\w+)` \| (.*?) \| .+ \|$", section, re.MULTILINE))
    assert explained == {
        name: "required"
        if key.required
        else "by rule"
        if key.default is None
        else f"`{json.dumps(key.default)}`"
        for name, key in keys.items()
    }


def test_presets_names_every_preset_and_its_renditions() -> None:
    for name, preset in presets.load().presets.items():
        (row,) = re.findall(rf"^\| `{name}` \| (.*) \| `{preset.tagged}` \|$", PRESETS, re.MULTILINE)
        assert set(re.findall(r"`(\w+)`", row)) == {each.name for each in preset.renditions}


def test_the_preset_that_the_documentation_adds_is_right() -> None:
    (example,) = re.findall(r"```toml\n(\[presets\.blog\].*?)```", PRESETS, re.DOTALL)
    assert set(presets.checked(tomllib.loads(example)).presets) == {"blog"}


@pytest.mark.parametrize(
    "function", ["validate", "develop", "render", "metadata", "tag", "people", "memories", "notify"]
)
def test_every_function_has_an_example_event(function: str) -> None:
    json.loads((REPOSITORY / "events" / f"{function}.json").read_text())


def test_every_link_leads_to_a_file() -> None:
    for document in [REPOSITORY / "README.md", *(REPOSITORY / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!http)([^)#]+)", document.read_text()):
            assert (document.parent / target).exists(), (document, target)
