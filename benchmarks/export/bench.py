"""Exports albums of 200 MB and 2 GB from an embedded cloud, beside programs that write a ZIP in one stream.

`make bench-export` runs it, and prints a table for docs/export.md. The photos are noise of 3 to 13 MB, as
cameras' files are large; the workflow that processes uploads is held back, and records are written here.
The others read the same objects and write the same archive back (`one_stream.py`), or, as zip does, a folder.
"""

import datetime
import hashlib
import os
import platform
import random
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from safelight.attributes import attribute_value
from safelight_data.home import home
from safelight_library import exports
from safelight_library.library import Library
from safelight_local.cloud import cloud as clouds
from safelight_local.cloud.deployment import deploy, library_on
from safelight_local.cloud.environments import environment
from safelight_vision.weights.models import MODELS, ensure_models

_PACKAGES = ("boto3==1.44.5", "zipstream-ng==1.9.3", "stream-zip==0.0.84")
_LOOK_SECONDS = 0.05


@dataclass
class Run:
    """Seconds of the clock and of processors that something took, and the most memory of a process."""

    seconds: float
    cpu: float
    megabytes: float


@dataclass
class Watch:
    """The processes of a cloud's functions, as they are seen: the seconds and the memory of each."""

    root: int
    peaks: dict[int, float] = field(default_factory=dict)
    cpu: dict[int, float] = field(default_factory=dict)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look at all of them while the body runs."""
        done = threading.Event()
        looking = threading.Thread(target=self._look, args=(done,))
        before = self._cpu()
        looking.start()
        try:
            yield
        finally:
            done.set()
            looking.join()
            self.cpu = {pid: it - before.get(pid, 0.0) for pid, it in {**self.cpu, **self._cpu()}.items()}

    def _look(self, done: threading.Event) -> None:
        while not done.wait(_LOOK_SECONDS):
            self.cpu |= self._cpu()
            for process in self._functions():
                peak = _peak(process.pid)
                self.peaks[process.pid] = max(peak, self.peaks.get(process.pid, 0.0))

    def _functions(self) -> list[psutil.Process]:
        return [each for each in self._all() if _is_export(each)]

    def _all(self) -> list[psutil.Process]:
        return psutil.Process(self.root).children(recursive=True)

    def _cpu(self) -> dict[int, float]:
        found = {}
        for each in self._all():
            try:
                times = each.cpu_times()
            except psutil.Error:
                continue
            found[each.pid] = times.user + times.system
        return found


def _is_export(process: psutil.Process) -> bool:
    try:
        return process.environ().get("POWERTOOLS_SERVICE_NAME") == "export"
    except psutil.Error:
        return False


def _peak(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if "VmHWM" in line), 0.0)


def main() -> None:
    """Measure, and print a table."""
    sizes = [int(each) for each in sys.argv[1:]] or [200, 2000]
    for name in ("cloud", "sam", "lambda"):
        environment(name)
    ensure_models(home() / "models", *MODELS)
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    with clouds.tied_cloud("export") as cloud:
        deploy(cloud)
        library = library_on(cloud)
        rule = library.client("cloudformation").describe_stack_resource(
            StackName="safelight", LogicalResourceId="PhotoUploaded"
        )["StackResourceDetail"]["PhysicalResourceId"]
        library.client("events").disable_rule(Name=rule)
        rows = [row for size in sizes for row in _measured(library, cloud, size)]
    print(
        f"`make bench-export` on {datetime.datetime.now(datetime.UTC).date()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}; the machine's load before was {load}.\n"
    )
    print("| Album | With | Seconds | Seconds of processors | Most memory of a process, MB |")
    print("|---|---|---|---|---|")
    for size, what, run in rows:
        print(f"| {size:,} MB | {what} | {run.seconds:.1f} | {run.cpu:.1f} | {run.megabytes:.0f} |")


def _measured(library: Library, cloud: clouds.Cloud, megabytes: int) -> Iterator[tuple[int, str, Run]]:
    album = f"bench-{megabytes}"
    with tempfile.TemporaryDirectory() as folder:
        paths = list(_photos(Path(folder), megabytes * 1_000_000))
        for path in paths:
            _put(library, f"{album}/{path.name}", path)
        library.rebuild_index()
        wish = exports.Wish(album, album, None, None, False, False, 40_000_000_000, None)
        for what in ("safelight export, the first time", "safelight export"):
            watch = Watch(cloud.supervisor)
            started = time.monotonic()
            with watch.watching():
                made = exports.export(library, wish)
            seconds = time.monotonic() - started
            yield megabytes, what, Run(seconds, sum(watch.cpu.values()), max(watch.peaks.values()))
        whole = Path(folder, "whole.zip")
        exports.fetch(library, made.archives[0], whole, lambda _: None)
        subprocess.run(["unzip", "-tqq", whole], check=True)
        whole.unlink()
        given = [library.outputs["OriginalsBucket"], album, library.outputs["RenditionsBucket"]]
        with_packages = [each for package in _PACKAGES for each in ("--with", package)]
        alone = [".venv/bin/uv", "run", "--quiet", "--no-project", "--isolated", *with_packages]
        script = str(Path(__file__).with_name("one_stream.py"))
        variables = {**os.environ, **cloud.environment()}
        for package in ("zipstream-ng", "stream-zip"):
            command = [*alone, script, package, *given]
            ran = subprocess.run(command, env=variables, check=True, capture_output=True, text=True)
            yield megabytes, f"{package}, one stream", Run(*map(float, ran.stdout.split()))
        yield megabytes, "`zip -0` of a local folder", _zipped(Path(folder), whole)


def _photos(folder: Path, size: int) -> Iterator[Path]:
    draw = random.Random(2026)
    number = 0
    while size > 0:
        some = min(size, draw.randint(3_000_000, 13_000_000))
        path = folder / f"{number:05}.jpg"
        path.write_bytes(draw.randbytes(some))
        yield path
        size -= some
        number += 1


def _put(library: Library, key: str, path: Path) -> None:
    body = path.read_bytes()
    bucket = library.outputs["OriginalsBucket"]
    there = library.s3.put_object(Bucket=bucket, Key=key, Body=body)
    album, _, filename = key.rpartition("/")
    record: dict[str, Any] = {
        "id": f"photo/{key}",
        "status": "ACTIVE",
        "key": key,
        "album": album,
        "filename": filename,
        "execution_arn": "",
        "timeline": "photo#2026-11-27T00:00:00",
        "taken_at": "2026-11-27T00:00:00",
        "sequencer": "1",
        "original": {
            "bucket": bucket,
            "version_id": "null",
            "bytes": len(body),
            "etag": there["ETag"].strip('"'),
        },
        "photo": {
            "format": "JPEG",
            "media_type": "image/jpeg",
            "width": 4000,
            "height": 3000,
            "bytes": len(body),
            "crc32": f"{zlib.crc32(body):08x}",
            "sha256": hashlib.sha256(body).hexdigest(),
        },
        "renditions": {
            "large": {
                "key": f"renditions/{key}",
                "url": "",
                "width": 1600,
                "height": 1200,
                "bytes": 1,
                "media_type": "image/jpeg",
            }
        },
        "processed_at": "2026-11-27T00:00:00Z",
    }
    item = {name: attribute_value(value) for name, value in record.items()}
    library.dynamodb.put_item(TableName=library.outputs["LibraryTable"], Item=item)


def _zipped(folder: Path, whole: Path) -> Run:
    started = time.monotonic()
    process = subprocess.Popen(["zip", "-0", "-q", "-r", str(whole), "."], cwd=folder)
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0
    return Run(time.monotonic() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


if __name__ == "__main__":
    main()
