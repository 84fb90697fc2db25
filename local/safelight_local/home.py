"""Where the command keeps what it makes: environments, models, builds and running clouds."""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
"""The checkout that this command was installed from; its template.yaml is what gets deployed."""


def home() -> Path:
    """Return the folder for everything that can be made again: `.safelight`, or SAFELIGHT_HOME."""
    return Path(os.environ.get("SAFELIGHT_HOME") or REPOSITORY / ".safelight").resolve()
