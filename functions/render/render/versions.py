"""Says what renders, with versions."""

from importlib.metadata import version

from safelight import __version__

_ENGINES = ("pyvips-binary", "pyjpegli", "Pillow", "pillow-heif")

RENDERER = ", ".join([f"safelight {__version__}", *(f"{name} {version(name)}" for name in _ENGINES)])
"""What renders: the version of each part that pixels or bytes depend on."""
