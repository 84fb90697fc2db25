"""What is measured: the engines, the plans they get, and the processes they run in."""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from photos import SCRATCH
from safelight import presets
from safelight.contracts import RenditionPlan
from validate.plan import plan_with

_HERE = Path(__file__).parent
_SHARP = ("node", SCRATCH / "engine_sharp.cjs")
ENGINES = {
    "Safelight": ((sys.executable, _HERE / "engine_safelight.py"), ()),
    "sharp": (_SHARP, ()),
    "sharp with mozjpeg": (_SHARP, ("mozjpeg",)),
    "Pillow alone": ((sys.executable, _HERE / "engine_pillow.py"), ()),
}
"""What each engine is started with, and what is said to it after the files and the plan."""


def install_sharp_engine() -> None:
    """Put what drives sharp beside sharp, where node looks for it."""
    (SCRATCH / "engine_sharp.cjs").write_bytes((_HERE / "engine_sharp.cjs").read_bytes())


def plans(preset: str) -> list[RenditionPlan]:
    """Return the plans of `preset`, without what sharp is not asked for: placeholder, facts, metadata."""
    plans, _ = plan_with(presets.load().presets[preset], "album/photo.jpg", "bench")
    return [
        {**plan, "placeholder": False, "facts": False, "metadata": "none", "gain_map": False}
        for plan in plans
    ]


def measure(command: Iterable[object]) -> tuple[float, float, float]:
    """Return the CPU and wall time in seconds and the peak memory in MB of one process."""
    whole = [sys.executable, _HERE / "measure.py", *command]
    alone = {**os.environ, "VIPS_CONCURRENCY": "1"}  # one thread, as sharp gets
    alone.pop("PYTHONDONTWRITEBYTECODE", None)  # Python compiles a module once, not in each process
    printed = subprocess.run(
        [str(part) for part in whole], check=True, stdout=subprocess.PIPE, text=True, env=alone
    )
    cpu, wall, memory = (float(number) for number in printed.stdout.split()[-3:])
    return cpu, wall, memory
