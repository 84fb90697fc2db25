"""The plan of the house in docs/architecture.md is what the modules really import."""

import subprocess
import sys

import pytest

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
