"""Settings from the environment, parsed once into typed objects.

A function declares the settings it needs as a frozen dataclass whose fields are named like the
environment variables, in lower case:

    @dataclass(frozen=True)
    class Settings:
        renditions_bucket: str
        max_pixels: int

    settings = from_environment(Settings, os.environ)
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar, get_type_hints

from safelight.errors import Misconfigured

T = TypeVar("T")

_PARSERS: dict[type, Any] = {str: str, int: int, float: float}


def from_environment(settings: type[T], environment: Mapping[str, str]) -> T:
    """Build the dataclass `settings` from the variables named like its fields, in upper case.

    Raises:
        Misconfigured: a variable is missing or empty, or is not of its field's type.
    """
    hints = get_type_hints(settings)
    values: dict[str, Any] = {}
    for field in fields(settings):  # type: ignore[arg-type]
        variable = field.name.upper()
        text = environment.get(variable, "")
        kind = hints[field.name]
        if not text:
            raise Misconfigured(
                f"The environment variable {variable} is missing. "
                "Set it under the function's Environment in template.yaml and deploy again."
            )
        try:
            values[field.name] = _PARSERS[kind](text)
        except ValueError:
            raise Misconfigured(
                f"The environment variable {variable} is {text!r}, which is not of type {kind.__name__}. "
                "Mend it under the function's Environment in template.yaml and deploy again."
            ) from None
    return settings(**values)
