"""Reads what is deployed: the template with its CloudFormation tags, and the workflows."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).parents[2]
WORKFLOWS = sorted((REPOSITORY / "statemachine").glob("*.asl.json"))


class _Tags(yaml.SafeLoader):
    """Reads `!Ref x` and its kind as {"Ref": "x"}."""


def _tag(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    match node:
        case yaml.ScalarNode():
            return {name: loader.construct_scalar(node)}
        case yaml.SequenceNode():
            return {name: loader.construct_sequence(node, deep=True)}
        case yaml.MappingNode():
            return {name: loader.construct_mapping(node, deep=True)}
        case _:
            raise TypeError(node)


_Tags.add_multi_constructor("!", _tag)


@cache
def template() -> dict[str, Any]:
    """Return template.yaml, its short tags written long; it is read once, and nobody changes it."""
    loaded: dict[str, Any] = yaml.load((REPOSITORY / "template.yaml").read_text(), _Tags)
    return loaded


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """Return the template's resources of a type, by logical id."""
    return {name: it for name, it in template()["Resources"].items() if it["Type"] == kind}


def workflow(path: Path) -> dict[str, Any]:
    """Return a workflow's definition."""
    loaded: dict[str, Any] = json.loads(path.read_text())
    return loaded


def states(definition: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every state of a workflow with its name, those inside of Map and Parallel too."""
    for name, state in definition["States"].items():
        yield name, state
        for inner in [*state.get("Branches", []), *filter(None, [state.get("ItemProcessor")])]:
            yield from states(inner)


def strings(value: Any) -> Iterator[str]:
    """Yield every string inside of a JSON value."""
    match value:
        case str():
            yield value
        case dict():
            for member in value.values():
                yield from strings(member)
        case list():
            for member in value:
                yield from strings(member)


def expressions(value: Any) -> Iterator[str]:
    """Yield every JSONata expression inside of a JSON value, without its `{% %}`."""
    for text in strings(value):
        if match := re.fullmatch(r"\{%(.*)%\}", text, re.DOTALL):
            yield match.group(1).strip()
