"""The plan of the house in docs/architecture.md is what the modules really import."""

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import images
from contract.definitions import REPOSITORY
from validate.plan import plan_of

_, _, PLAN = (REPOSITORY / "docs" / "architecture.md").read_text().partition("### The plan of the house\n")
PLAN = PLAN.partition("\n## ")[0]
AWS = {"boto3", "botocore", "textractcaller"}
FOLDERS = [REPOSITORY / "layer", REPOSITORY / "local", *sorted((REPOSITORY / "functions").iterdir())]
MODULES = {
    ".".join(file.relative_to(folder).with_suffix("").parts).removesuffix(".__init__"): file
    for folder in FOLDERS
    for file in folder.rglob("*.py")
}


def imported(file: Path) -> set[str]:
    """Return what a module imports, wherever it does; what it imports for types alone is left out."""
    found: set[str] = set()
    for node in _running(ast.parse(file.read_text())):
        match node:
            case ast.Import(names=names):
                found |= {each.name for each in names}
            case ast.ImportFrom(module=str(module), names=names):
                inner = {f"{module}.{each.name}" for each in names}
                found |= {each if each in MODULES else module for each in inner}
    return found


def _running(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield child
            yield from _running(child)


def room_of(module: str) -> str:
    """Return the room of the plan that a module is in; functions share a row."""
    package, _, rest = module.partition(".")
    if package == "safelight_local":
        return f"{package}.{rest.partition('.')[0]}"
    return package if package.startswith("safelight") else "functions/*"


def test_rooms_import_what_the_plan_says() -> None:
    planned = {
        room: set(re.findall(r"`([^`]+)`", imports))
        for room, imports in re.findall(r"^\| `([^`]+)` \|.*\|([^|]*)\|$", PLAN, re.MULTILINE)
    }
    real: dict[str, set[str]] = {room_of(module): set() for module in MODULES if module != "safelight_local"}
    for module, file in MODULES.items():
        for other in imported(file) & set(MODULES):
            if room_of(other) != room_of(module):
                real[room_of(module)].add(room_of(other))
    assert real == planned


def test_no_function_imports_another() -> None:
    for module, file in MODULES.items():
        if room_of(module) == "functions/*":
            for other in imported(file) & set(MODULES):
                assert room_of(other) == "safelight" or other.split(".")[0] == module.split(".")[0], module


def test_no_modules_import_each_other() -> None:
    tuple(TopologicalSorter({m: imported(file) & set(MODULES) for m, file in MODULES.items()}).static_order())


def test_who_talks_to_aws_is_known() -> None:
    talking = {
        module
        for module, file in MODULES.items()
        if AWS & {each.partition(".")[0] for each in imported(file)}
    }
    _, _, named = PLAN.partition("import an AWS SDK")
    assert talking == set(re.findall(r"`([^`]+)`", named))


BLOCKED = """
import importlib, pkgutil, sys
for name in {blocked!r}:
    sys.modules[name] = None
import {package}
for module in pkgutil.walk_packages({package}.__path__, "{package}."):
    importlib.import_module(module.name)
"""


@pytest.mark.parametrize(
    ("package", "blocked"),
    [
        (
            "safelight_library",
            ["click", "psutil", "rich", "safelight_data", "safelight_local", "safelight_vision", "uv"],
        ),
        ("safelight_vision", ["click", "metadata", "rich", "safelight_library", "safelight_local", "uv"]),
        ("safelight_data", ["boto3", "click", "safelight_library", "safelight_local", "safelight_vision"]),
        ("safelight_local", []),
    ],
)
def test_a_house_stands_alone(package: str, blocked: list[str]) -> None:
    script = BLOCKED.format(package=package, blocked=blocked)
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys\n"
        "from safelight_local.command.cli import main\n"
        "main(['--help'], standalone_mode=False)\n"
        "assert not {'boto3', 'numpy', 'onnxruntime', 'PIL'} & set(sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "Usage" in ran.stdout


RENDERED = """
import io, json, sys
from pathlib import Path
import render.handler
from render.rendition import render
render(Path(sys.argv[1]), "photo.jpg", json.loads(sys.argv[2]))
wanted = {"contracts", "files", "imaging", "record"}
print(*(name for name in sys.modules if name.startswith("safelight.") and name.split(".")[1] in wanted))
print(*{"PIL", "numpy"} & set(sys.modules))
"""


def test_a_plain_jpeg_is_rendered_without_what_other_formats_and_types_need(tmp_path: Path) -> None:
    """Each rendition is a process of its own where it is cold: what it loads is CPU that every photo pays."""
    (tmp_path / "photo.jpg").write_bytes(images.saved(images.picture(64, 48), "JPEG"))
    (plan, *_), _ = plan_of("gallery", "album/photo.jpg", "version")
    ran = subprocess.run(
        [sys.executable, "-c", RENDERED, tmp_path / "photo.jpg", json.dumps({**plan, "facts": True})],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    ours, heavy = ran.stdout.splitlines()
    assert set(ours.split()) == {
        "safelight.files",
        "safelight.files.jpeg",
        "safelight.files.seekable",
        "safelight.imaging",
        *(f"safelight.imaging.{part}" for part in ("embed", "finish", "geometry", "icc", "picture", "read")),
        "safelight.imaging.rights",
    }
    assert heavy == ""


def test_without_the_extra_the_way_to_it_is_told() -> None:
    script = (
        "import sys\n"
        "sys.modules['psutil'] = None\n"
        "from safelight_local.command.cli import main\n"
        "main(['down'])"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ran.returncode == 1
    assert "psutil is missing" in ran.stderr
    assert "pip install 'safelight[local]'" in ran.stderr
