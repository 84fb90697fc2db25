"""Makes tables of what was measured, and writes them into docs/performance.md."""

import datetime
import os
import platform
from dataclasses import dataclass
from pathlib import Path

import numpy as np

_REPORT = Path(__file__).parents[2] / "docs" / "performance.md"


@dataclass(frozen=True)
class Run:
    """One rendition by one engine.

    CPU (user and system) and wall time in seconds, peak memory in MB, size in bytes, PSNR in dB.
    """

    preset: str
    photo: str
    rendition: str
    format: str
    engine: str
    cpu: float
    wall: float
    memory: float
    bytes: int
    psnr: float
    ssimulacra2: float


@dataclass(frozen=True)
class Target:
    """A figure that is aimed at, and what was seen."""

    what: str
    limit: str
    seen: str
    missed_by: float


def _of(runs: list[Run], preset: str, engine: str, form: str = "") -> list[Run]:
    return [run for run in runs if run.preset == preset and run.engine == engine and form in ("", run.format)]


def _ratio(runs: list[Run], preset: str, engine: str, field: str, form: str = "", of: str = "sharp") -> float:
    """Return the geometric mean over the photos; of each photo, its renditions together; `of` is 1."""

    def totals(by: str) -> list[float]:
        chosen = _of(runs, preset, by, form)
        photos = sorted({run.photo for run in chosen})
        return [sum(getattr(run, field) for run in chosen if run.photo == photo) for photo in photos]

    return float(np.exp(np.mean(np.log(np.divide(totals(engine), totals(of))))))


def _differences(runs: list[Run], preset: str, engine: str, field: str, form: str = "") -> list[float]:
    """Return each rendition's difference from sharp's."""
    return [
        getattr(run, field) - getattr(sharp, field)
        for run, sharp in zip(_of(runs, preset, engine, form), _of(runs, preset, "sharp", form), strict=True)
    ]


def _targets(runs: list[Run], cold_start: float, artifacts: dict[str, float]) -> list[Target]:
    targets = []

    def at_most(what: str, limit: float, seen: float, unit: str = "") -> None:
        targets.append(Target(what, f"at most {limit:g}{unit}", f"{seen:.2f}{unit}", seen - limit))

    def at_least(what: str, limit: float, seen: float) -> None:
        targets.append(Target(what, f"at least {limit:g}", f"{seen:+.2f}", limit - seen))

    at_most("`gallery`: CPU, of sharp's", 0.80, _ratio(runs, "gallery", "Safelight", "cpu"))
    at_most("`web`: CPU, of sharp's", 0.85, _ratio(runs, "web", "Safelight", "cpu"))
    for preset in ("gallery", "web"):
        name = f"`{preset}`: JPEG bytes, of sharp's"
        at_most(name, 0.84, _ratio(runs, preset, "Safelight", "bytes", "jpeg"))
        of_mozjpeg = _ratio(runs, preset, "Safelight", "bytes", "jpeg", "sharp with mozjpeg")
        at_most(f"`{preset}`: JPEG bytes, of mozjpeg's", 1, of_mozjpeg)
        score_differences = _differences(runs, preset, "Safelight", "ssimulacra2", "jpeg")
        at_least(f"`{preset}`: SSIMULACRA2 of JPEGs less sharp's, mean", 0, float(np.mean(score_differences)))
        at_least(f"`{preset}`: SSIMULACRA2 of JPEGs less sharp's, worst", -1, min(score_differences))
    at_most("Cold start: process start to first byte rendered, warm disk", 1.5, cold_start, " s")
    for machine, megabytes in artifacts.items():
        at_most(f"Render artifact, unzipped, {machine}", 130, megabytes, " MB")
    return targets


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def target_table(runs: list[Run], cold_start: float, artifacts: dict[str, float]) -> str:
    """Return what is aimed at beside what was seen; `cold_start` in seconds, `artifacts` in MB."""
    targets = _targets(runs, cold_start, artifacts)
    rows = [
        [
            each.what,
            each.limit,
            each.seen,
            "yes" if each.missed_by <= 0 else f"**no**, by {each.missed_by:.2f}",
        ]
        for each in targets
    ]
    return table(["Target", "Limit", "Seen", "Met"], rows)


def means_table(runs: list[Run]) -> str:
    """Return geometric means per preset and engine; of quality, the mean and worst difference."""

    def quality(preset: str, engine: str, field: str, digits: int, form: str) -> str:
        values = _differences(runs, preset, engine, field, form)
        return f"{np.mean(values):+.{digits}f} ({min(values):+.{digits}f})" if values else ""

    def bytes_of(preset: str, engine: str, form: str) -> str:
        if not _of(runs, preset, engine, form):
            return ""
        return f"{_ratio(runs, preset, engine, 'bytes', form):.2f}"

    head = ["Preset", "Engine", "CPU", "Wall", "Peak memory", "JPEG bytes", "WebP bytes"]
    head += ["PSNR", "SSIMULACRA2, JPEG", "SSIMULACRA2, WebP"]
    rows = [
        [
            f"`{preset}`",
            engine,
            *(f"{_ratio(runs, preset, engine, field):.2f}" for field in ("cpu", "wall", "memory")),
            *(bytes_of(preset, engine, form) for form in ("jpeg", "webp")),
            quality(preset, engine, "psnr", 2, ""),
            *(quality(preset, engine, "ssimulacra2", 1, form) for form in ("jpeg", "webp")),
        ]
        for preset in dict.fromkeys(run.preset for run in runs)
        for engine in dict.fromkeys(run.engine for run in runs)
    ]
    return table(head, rows)


def cold_table(cold: dict[str, float], artifacts: dict[str, float]) -> str:
    """Return how long a first rendition takes, and how large its function is."""
    rows = [
        ["`import render.handler`, from process start", f"{cold['safelight']:.2f} s"],
        ['`require("sharp")`, from process start', f"{cold['sharp']:.2f} s"],
        ["Process start to the bytes of a thumbnail", f"{cold['thumbnail']:.2f} s"],
        ["Process start to the bytes of `large`", f"{cold['large']:.2f} s"],
        *([f"Artifact, unzipped, {machine}", f"{size:.0f} MB"] for machine, size in artifacts.items()),
    ]
    return table(["", "Seen"], rows)


def every_run(runs: list[Run]) -> str:
    """Return what was measured of each rendition."""
    head = ["Preset", "Photo", "Rendition", "Engine", "CPU s", "Wall s", "Peak MB", "KB", "PSNR dB"]
    rows = [
        [
            run.preset,
            run.photo,
            run.rendition,
            run.engine,
            f"{run.cpu:.2f}",
            f"{run.wall:.2f}",
            f"{run.memory:.0f}",
            f"{run.bytes / 1000:.0f}",
            f"{run.psnr:.1f}",
            f"{run.ssimulacra2:.1f}",
        ]
        for run in runs
    ]
    return table([*head, "SSIMULACRA2"], rows)


def write_section(name: str, text: str) -> None:
    """Write `text` between the markers `name` of docs/performance.md."""
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
    before, _, rest = _REPORT.read_text(encoding="utf-8").partition(begin)
    _, _, after = rest.partition(end)
    _REPORT.write_text(f"{before}{begin}{text}\n{end}{after}", encoding="utf-8")


def provenance(command: str) -> str:
    """Return the line that says how, when and where figures were had."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return f"`{command}`, {datetime.date.today()}, {machine}.\n\n"
