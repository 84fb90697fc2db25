"""Puts photos through a deployed stack, and the same renders through a bare pool of as many processes.

`make bench-load PHOTOS=300` runs it, and prints the table of docs/performance.md. Processor time is that of
the processes, so that it holds about as well on a busy machine; the time on the wall does not.
"""

import datetime
import os
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime as moment
from pathlib import Path
from statistics import quantiles

from family import EMULATOR, VISION, Family
from photographs import photograph
from render.rendition import render
from safelight_data.home import home
from safelight_library.library import Library
from safelight_local.cloud import cloud as clouds
from safelight_local.cloud.deployment import deploy, library_on
from safelight_local.cloud.environments import environment
from safelight_vision.weights.models import MODELS, ensure_models
from validate.plan import plan_of

_AT_ONCE = os.cpu_count() or 1
_AS_ON_AWS = {"Faces": "off", "SceneText": "off", "Moderation": "off"}
"""The defaults of the template, which are not those of a laptop."""


def main() -> None:
    """Measure both ways, and print them."""
    count, settings = int(sys.argv[1]), dict(each.split("=") for each in sys.argv[2:])
    for name in ("cloud", "sam", "lambda"):
        environment(name)
    ensure_models(home() / "models", *MODELS)
    with _photographs(count) as files:
        bare = _bare(files)
        with clouds.tied_cloud("overhead") as cloud:
            deploy(cloud, **_AS_ON_AWS, **settings)
            library = library_on(cloud)
            _put(library, files[:1], "warm")
            family, started = Family(cloud), time.monotonic()
            with family.watched():
                _put(library, files, "load")
                wall = time.monotonic() - started
            _print(count, bare, family, wall, _seconds_to_active(library))


@contextmanager
def _photographs(count: int) -> Iterator[list[Path]]:
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, f"{number:04}.jpg") for number in range(count)]
        for number, file in enumerate(files):
            file.write_bytes(photograph(number))
        yield files


def _bare(files: Sequence[Path]) -> tuple[float, float]:
    """Return the seconds of processor time and on the wall that the renders alone take."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with ProcessPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(_render, files))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, time.monotonic() - started


def _render(file: Path) -> None:
    for plan in plan_of("gallery", "load/a.jpg", "")[0]:
        render(file, file.name, plan)


def _put(library: Library, files: Sequence[Path], album: str) -> None:
    def put(file: Path) -> None:
        library.s3.upload_file(str(file), library.outputs["OriginalsBucket"], f"{album}/{file.name}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, files))
    done: set[str] = set()
    while len(done) < len(files):
        time.sleep(2)
        ours = [each for each in library.all_photos() if each["album"] == album and each["key"] not in done]
        done |= {each["key"] for each in ours if library.is_finished(each)}


def _seconds_to_active(library: Library) -> list[float]:
    """Return the seconds from the claim of each photo until it was published, sorted."""
    return sorted(
        (
            moment.fromisoformat(each["published_at"]) - moment.fromisoformat(each["claimed_at"])
        ).total_seconds()
        for each in library.all_photos()
        if each["album"] == "load"
    )


def _print(
    count: int, bare: tuple[float, float], family: Family, wall: float, to_active: Sequence[float]
) -> None:
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    today = datetime.datetime.now(datetime.UTC).date()
    print(
        f"`make bench-load PHOTOS={count}` on {today}, {_AT_ONCE} cores, Python {platform.python_version()}, "
        f"load {load}.\n"
    )
    seconds, memory = family.seconds(), family.megabytes()
    functions = {role: it for role, it in seconds.items() if role not in (EMULATOR, VISION)}
    rows = [
        ("the renders in a bare pool", bare[0]),
        ("all functions", sum(functions.values())),
        ("the emulator", seconds[EMULATOR]),
        ("the vision service", seconds[VISION]),
        ("together", sum(seconds.values())),
    ]
    print("| | CPU seconds of a photo | of the bare pool's |\n|---|---:|---:|")
    for what, spent in rows:
        print(f"| {what} | {spent / count:.2f} | {spent / bare[0]:.2f} |")
    print("\n| Function | CPU seconds of a photo | most memory of a process, MB |\n|---|---:|---:|")
    for role, spent in sorted(functions.items(), key=lambda it: -it[1]):
        print(f"| {role} | {spent / count:.3f} | {memory[role]:.0f} |")
    print(
        f"\nOn the wall {wall / count:.2f} s a photo, of the bare pool {bare[1] / count:.2f} s. "
        f"From claim to ACTIVE {quantiles(to_active, n=20)[9]:.1f} s in the median, "
        f"{quantiles(to_active, n=20)[18]:.1f} s at the 95th percentile."
    )


if __name__ == "__main__":
    main()
