"""Writes the template as CloudFormation gets it: `python transform.py REPOSITORY FILE`, with SAM installed.

What SAM makes of a function or a workflow - roles, rules, permissions - is there to be checked, too.
"""

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any


class NoManagedPolicies:
    """The template names none."""

    def load(self) -> dict[str, str]:
        return {}


def transformed(template: dict[str, Any]) -> dict[str, Any]:
    for resource in template["Resources"].values():
        for place in ("CodeUri", "ContentUri", "DefinitionUri"):
            if place in resource["Properties"]:  # `sam deploy` uploads it
                resource["Properties"][place] = f"s3://artifacts/{resource['Properties'][place]}"
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    transform: Any = importlib.import_module("samtranslator.translator.transform")
    whole: dict[str, Any] = transform.transform(template, {}, NoManagedPolicies())
    return whole


if __name__ == "__main__":
    repository, file = sys.argv[1:]
    sys.path.insert(0, str(Path(repository, "tests")))
    from contract.definitions import template

    Path(file).write_text(json.dumps(transformed(json.loads(json.dumps(template(), default=str))), indent=1))
