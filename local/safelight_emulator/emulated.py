"""The emulator's own modules."""

from importlib import import_module
from typing import Any


def module(name: str) -> Any:
    """Return a module of the emulator, which has no types."""
    return import_module(f"ministack.{name}")
