"""Writes what each function is made of, a CycloneDX 1.6 file each: `make sbom`.

It is read from what `sam build` has built, the layer among it: the packages with their versions and licences
as their metadata say them, and the shared libraries that wheels bring along, by their SHA-256.
"""

import hashlib
import json
import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

import yaml

from safelight import __version__
from safelight_local.cloud.deployment import build


def licences(package: Distribution) -> list[dict[str, Any]]:
    """Return the licences that a package names: an expression of SPDX's, or words."""
    about = package.metadata
    if expression := about.get("License-Expression"):
        return [{"expression": expression}]
    named = [
        it.rpartition(" :: ")[2] for it in about.get_all("Classifier", []) if it.startswith("License ::")
    ]
    first_line = (about.get("License") or "").strip().partition("\n")[0]
    return [{"license": {"name": name}} for name in named or [first_line] if name]


def _named(package: Distribution) -> str:
    """Return the name of a package as PyPI has it in addresses (PEP 503)."""
    return re.sub(r"[-_.]+", "-", package.name).lower()


def components(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield what lies in a folder: packages, and shared libraries that are no package's own code."""
    for package in sorted(distributions(path=[str(folder)]), key=lambda it: it.name.lower()):
        yield {
            "type": "library",
            "bom-ref": (purl := f"pkg:pypi/{_named(package)}@{package.version}"),
            "purl": purl,
            "name": package.name,
            "version": package.version,
            "licenses": licences(package),
        }
    for library in sorted(folder.glob("*.libs/*.so*")):
        digest = hashlib.sha256(library.read_bytes()).hexdigest()
        yield {
            "type": "file",
            "bom-ref": f"{library.parent.name}/{library.name}",
            "name": library.name,
            "group": library.parent.name,
            "hashes": [{"alg": "SHA-256", "content": digest}],
        }


def bom(function: str, artifact: Path, layer: Path) -> dict[str, Any]:
    """Return the bill of materials of a function, by its artifact and the layer."""
    found = {it["bom-ref"]: it for folder in (artifact, layer) for it in components(folder)}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": function, "version": __version__}},
        "components": list(found.values()),
    }


def artifacts(built: Path) -> dict[str, Path]:
    """Return the folder of each function's artifact, by the function; functions of one room share theirs."""
    resources = yaml.safe_load((built / "template.yaml").read_text())["Resources"]
    return {
        name: built / Path(it["Properties"]["CodeUri"]).name
        for name, it in resources.items()
        if it["Type"] == "AWS::Serverless::Function"
    }


def main() -> None:
    built, folder = build(), Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for function, artifact in artifacts(built).items():
        made = bom(function, artifact, built / "SharedLayer" / "python")
        (folder / f"{function}.cdx.json").write_text(json.dumps(made, indent=1) + "\n")
        print(f"{function}: {len(made['components'])} components")
    print(f"They are in {folder}.")


if __name__ == "__main__":
    main()
