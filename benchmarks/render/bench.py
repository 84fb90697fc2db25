"""Renders real photographs with Safelight and others side by side, and writes docs/performance.md.

`make bench-render` runs it. Every rendition is made in a process of its own, as on Lambda, the engines in
turn; the least CPU, wall time and memory of `_ROUNDS` count, since whatever disturbs a run only adds to it.
"""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np

from engines import ENGINES, install_sharp_engine, measure, plans
from photos import SCRATCH, originals
from report import Run, cold_table, every_run, means_table, provenance, target_table, write_section
from safelight.contracts import RenditionPlan
from scoring import MILD, filtered, pixels, reference, score, unsharp, window

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[1]
_MEASURED = SCRATCH / "measured.json"

_PRESETS = ("gallery", "web", "archive-4k")
_ROUNDS = 3
_PLATFORMS = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
_PYTHON_OF_LAMBDA = "3.13"


def _compare(preset: str, plan: RenditionPlan, original: Path) -> list[Run]:
    measured: dict[str, list[tuple[float, float, float]]] = {engine: [] for engine in ENGINES}
    files = {engine: SCRATCH / f"{original.stem}-{preset}-{plan['name']}-{engine}" for engine in ENGINES}
    for _ in range(_ROUNDS):
        for engine, (program, options) in ENGINES.items():
            measured[engine].append(measure([*program, original, files[engine], json.dumps(plan), *options]))
    runs = []
    for engine, file in files.items():
        cpu, wall, memory = np.min(measured[engine], axis=0).tolist()
        made = pixels(file)
        expected = reference(original, plan["fit"], made.shape[1::-1])  # some round sides down
        if plan["sharpen"]:
            expected = filtered(expected, MILD if "sharp" in engine else unsharp(plan["sharpen"]))
        psnr, ssimulacra2 = score(window(expected, made) if plan["fit"] == "cover" else expected, made)
        what = (preset, original.stem, plan["name"], plan["format"], engine)
        runs.append(Run(*what, cpu, wall, memory, file.stat().st_size, psnr, ssimulacra2))
    return runs


def _cold_start(photo: Path) -> dict[str, float]:
    """Return seconds from the start of a process: to the end of an import, to the bytes of a rendition."""
    largest, smallest = plans("gallery")[-1], plans("gallery")[0]
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
    install_sharp_engine()
    runs = []
    for photo in photos:
        for preset in _PRESETS:
            for plan in plans(preset):
                runs += _compare(preset, plan, photo)
                print(photo.stem, preset, plan["name"], flush=True)
        reference.cache_clear()
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
