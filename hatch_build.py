"""Puts into the wheel what `safelight up` deploys; an editable install deploys the checkout."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

DEPLOYED = ("template.yaml", "samconfig.toml", "statemachine", "functions", "layer", "requirements", "web")


class Stack(BuildHookInterface):  # type: ignore[type-arg]
    """Adds what is deployed as it lies in the checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add it below the package of the data."""
        if version == "standard":
            build_data["force_include"] |= {name: f"safelight_data/stack/{name}" for name in DEPLOYED}
