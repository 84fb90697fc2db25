"""Renders very large files in processes that get no more memory than the render function does.

`make bench-large` runs it. `prlimit --data` caps the memory that a process may write to and that nothing
on disk backs, which is what would kill it on Lambda; peak memory is its largest resident set, file pages
included.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyvips

from engines import ENGINES, measure, plans
from photos import SCRATCH, originals
from report import provenance, table, write_section

_LIMIT_MB = 3008
_FOLDER = SCRATCH / "large"


def _filled(width: int, height: int) -> pyvips.Image:
    """Return `width` x `height` pixels of the largest photograph, side by side."""
    photo = pyvips.Image.new_from_file(str(originals()[-1]))
    tiled = photo.replicate(-(-width // photo.width), -(-height // photo.height))
    return tiled.crop(0, 0, width, height)


def _tiff(path: Path) -> None:
    _filled(26_000, 25_800).tiffsave(str(path), compression="none")


def _deep_tiff(path: Path) -> None:
    _filled(18_400, 18_200).colourspace("rgb16").tiffsave(str(path), compression="none")


def _jpeg(path: Path) -> None:
    _filled(16_384, 12_288).jpegsave(str(path), Q=92)


def _progressive_jpeg(path: Path) -> None:
    _filled(16_384, 12_288).jpegsave(str(path), Q=92, interlace=True)


_FILES: dict[str, tuple[str, Callable[[Path], None]]] = {
    "TIFF, 671 MP, 8 bit": ("eight.tif", _tiff),
    "TIFF, 335 MP, 16 bit": ("sixteen.tif", _deep_tiff),
    "JPEG, 201 MP, baseline": ("baseline.jpg", _jpeg),
    "JPEG, 201 MP, progressive": ("progressive.jpg", _progressive_jpeg),
}


def _row(name: str, path: Path) -> list[list[str]]:
    program, _ = ENGINES["Safelight"]
    rows = []
    for plan in plans("gallery"):
        limited = ["prlimit", f"--data={_LIMIT_MB * 1_000_000}", *program]
        cpu, wall, memory = measure([*limited, path, _FOLDER / "rendition", json.dumps(plan)])
        size = f"{path.stat().st_size / 1e6:,.0f} MB"
        rows.append([name, size, plan["name"], f"{memory:,.0f}", f"{wall:.1f}", f"{cpu:.1f}"])
        print(*rows[-1], flush=True)
    return rows


def main() -> None:
    """Make each file, render it, delete it, and write the table."""
    rows = []
    _FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        for name, (filename, make) in _FILES.items():
            path = _FOLDER / filename
            make(path)
            rows += _row(name, path)
            path.unlink()
    finally:
        shutil.rmtree(_FOLDER)
    head = ["File", "Size", "Rendition", "Peak MB", "Wall s", "CPU s"]
    write_section("large-files", provenance("make bench-large") + table(head, rows))


if __name__ == "__main__":
    main()
