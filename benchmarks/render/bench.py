"""Renders real photographs with Safelight and others side by side, and writes docs/performance.md.

`make bench-render` runs it. Every rendition is made in a process of its own, as on Lambda, the engines in
turn; the least CPU, wall time and memory of `_ROUNDS` count, since whatever disturbs a run only adds to it.
"""

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict
from functools import cache
from pathlib import Path

import numpy as np
from photos import SCRATCH, originals
from report import Run, cold_table, every_run, means_table, provenance, target_table, write_section
from scoring import Rows, pixels, reference, score, window

from safelight import presets
from safelight.contracts import RenditionPlan
from validate.presets import plan_with

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[1]
_MEASURED = SCRATCH / "measured.json"

_PRESETS = ("gallery", "web", "archive-4k")
_SHARP = ("node", SCRATCH / "engine_sharp.cjs")
_ENGINES = {
    "Safelight": ((sys.executable, _HERE / "engine_safelight.py"), ()),
    "sharp": (_SHARP, ()),
    "sharp with mozjpeg": (_SHARP, ("mozjpeg",)),
    "Pillow alone": ((sys.executable, _HERE / "engine_pillow.py"), ()),
}
"""What each engine is started with, and what is said to it after the files and the plan."""

_ROUNDS = 3
_PLATFORMS = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
_PYTHON_OF_LAMBDA = "3.13"


def measure(command: Iterable[object]) -> tuple[float, float, float]:
    """Return the CPU and wall time in seconds and the peak memory in MB of one process."""
    whole = [sys.executable, _HERE / "measure.py", *command]
    printed = subprocess.run([str(part) for part in whole], check=True, capture_output=True, text=True)
    cpu, wall, memory = (float(number) for number in printed.stdout.split()[-3:])
    return cpu, wall, memory


def _compare(preset: str, plan: RenditionPlan, original: Path) -> list[Run]:
    measured: dict[str, list[tuple[float, float, float]]] = {engine: [] for engine in _ENGINES}
    files = {engine: SCRATCH / f"{original.stem}-{preset}-{plan['name']}-{engine}" for engine in _ENGINES}
    for _ in range(_ROUNDS):
        for engine, (program, options) in _ENGINES.items():
            measured[engine].append(measure([*program, original, files[engine], json.dumps(plan), *options]))
    made = {engine: pixels(file) for engine, file in files.items()}
    expected = _reference(original, json.dumps(plan), made["sharp"].shape[1::-1])
    runs = []
    for engine, file in files.items():
        cpu, wall, memory = np.min(measured[engine], axis=0).tolist()
        shown = window(expected, made[engine]) if plan["fit"] == "cover" else expected
        psnr, ssimulacra2 = score(shown, made[engine])
        what = (preset, original.stem, plan["name"], plan["format"], engine)
        runs.append(Run(*what, cpu, wall, memory, file.stat().st_size, psnr, ssimulacra2))
    return runs


@cache
def _reference(original: Path, plan: str, size: tuple[int, int]) -> Rows:
    return reference(original, json.loads(plan), size)


def _plans(preset: str) -> list[RenditionPlan]:
    """Return the plans of `preset`, without what sharp is not asked for: placeholder, facts, metadata."""
    plans, _ = plan_with(presets.load().presets[preset], "album/photo.jpg")
    return [
        {**plan, "placeholder": False, "facts": False, "metadata": "none", "gain_map": False}
        for plan in plans
    ]


def _cold_start(photo: Path) -> dict[str, float]:
    """Return seconds from the start of a process: to the end of an import, to the bytes of a rendition."""
    largest, smallest = _plans("gallery")[-1], _plans("gallery")[0]
    whole = "import runpy, sys, render.handler; sys.argv.pop(0); runpy.run_path(sys.argv[0])"
    engine = _HERE / "engine_safelight.py"

    def least(command: list[object]) -> float:
        return min(measure(command)[1] for _ in range(_ROUNDS))

    def rendered(plan: RenditionPlan) -> list[object]:
        return [sys.executable, "-c", whole, engine, photo, SCRATCH / "cold", json.dumps(plan)]

    return {
        "safelight": least([sys.executable, "-c", "import render.handler"]),
        "sharp": least(["node", "-e", f"require({json.dumps(str(SCRATCH / 'node_modules/sharp'))})"]),
        "thumbnail": least(rendered(smallest)),
        "large": least(rendered(largest)),
    }


def _artifact_megabytes(machine: str) -> float:
    """Return the unzipped size of the render function's packages and its own code, as built for Lambda."""
    folder = SCRATCH / f"artifact-{machine}"
    target = ["--python-platform", _PLATFORMS[machine], "--python-version", _PYTHON_OF_LAMBDA]
    # pyvips is pure Python and published as source alone; all else has wheels.
    wheels = ["--only-binary", ":all:", "--no-binary", "pyvips"]
    room = _ROOT / "functions/render"
    install = [Path(sys.executable).with_name("uv"), "pip", "install", "--quiet", "--target", folder]
    command = [*install, *target, *wheels, "--requirements", room / "requirements.txt"]
    subprocess.run([str(part) for part in command], check=True)
    files = [*folder.rglob("*"), *(room / "render").rglob("*.py"), *(_ROOT / "layer").rglob("*.py")]
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6


def main() -> None:
    """Measure, and write the tables."""
    photos = originals()
    (SCRATCH / "engine_sharp.cjs").write_bytes((_HERE / "engine_sharp.cjs").read_bytes())
    runs = []
    for photo in photos:
        for preset in _PRESETS:
            for plan in _plans(preset):
                runs += _compare(preset, plan, photo)
                print(photo.stem, preset, plan["name"], flush=True)
        _reference.cache_clear()
    cold = _cold_start(photos[0])
    artifacts = {machine: _artifact_megabytes(machine) for machine in _PLATFORMS}
    _MEASURED.write_text(json.dumps([asdict(run) for run in runs]), encoding="utf-8")
    head = provenance("make bench-render")
    write_section("targets", head + target_table(runs, max(cold["thumbnail"], cold["large"]), artifacts))
    write_section("means", means_table(runs))
    write_section("cold-start", cold_table(cold, artifacts))
    write_section("every-rendition", every_run(runs))


if __name__ == "__main__":
    main()
