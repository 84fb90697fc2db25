"""Runs the embedded AWS with the library in a folder: `python -P safelight_emulator/__main__.py FOLDER`.

The package is imported from where it lies alone: what lies beside it is of another environment.
"""

import sys
from pathlib import Path
from types import ModuleType

_PACKAGE = ModuleType("safelight_emulator")
_PACKAGE.__path__ = [str(Path(__file__).parent)]
sys.modules["safelight_emulator"] = _PACKAGE

from safelight_emulator.library import Library  # noqa: E402 (the package is known only now)

Library(Path(sys.argv.pop(1))).run()
