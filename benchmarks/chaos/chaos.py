"""Breaks an embedded cloud in every way that a bad day does, and compares what is left with a quiet day.

`make chaos` runs it, and prints a table for docs/operations.md. Each fault has a copy of an empty library,
into which the same photos are put at once by an S3 client that knows nothing of Safelight. When all have
ended, the fault is taken away, what FAILED is brought back by `safelight retry`, and what `safelight doctor`
finds is mended by its `--repair`. Then all that is kept has to be what the quiet day has left.

Step Functions' pauses between tries are shortened, so that the tries are as many as on AWS and an hour of
waiting takes some minutes.
"""

import argparse
import datetime
import io
import json
import os
import platform
import random
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import psutil
from botocore.exceptions import BotoCoreError, ClientError
from PIL import Image, ImageOps
from pillow_heif import register_heif_opener

from safelight.record import PhotoRecord
from safelight_data.home import home
from safelight_library.library import Library
from safelight_local.cloud import cloud as clouds
from safelight_local.cloud.cloud import Cloud
from safelight_local.cloud.deployment import STACK_NAME, deploy, library_on
from safelight_local.cloud.environments import environment
from safelight_local.cloud.resumption import resume
from safelight_local.demo.roll import PACKAGE, SHOTS, develop_roll, expose
from safelight_vision.weights.models import MODELS, ensure_models
from workflow.faults import KINDS, SERVICES, Plan, at_random, quiet
from workflow.lab import Lab
from workflow.sameness import State, state_of

_ALBUM = "chaos"
_CLOUD = "chaos"
_EMPTY = home() / "chaos" / "empty"
_PHOTOS_AT_ONCE = 6
_WAIT_SCALE = 0.05
"""How much shorter the pauses of Retry are."""

_SHARES = (0.5, 0.2, 0.05)
_LONGEST_FAULT_SECONDS = 420
"""Then a fault ends, as an outage does, and what waits for its next try goes on."""

_STALL_SECONDS = 240
"""After so long without a photo that ended, what has not is left to the doctor."""

_PARAMETERS = {
    "PhotosAtOnce": str(_PHOTOS_AT_ONCE),
    "SceneText": "off",
    "ReadText": "never",
}
"""What takes most of the processor's time here is reading text, which no fault is about."""


@dataclass(frozen=True)
class Run:
    """What became of the photos: how many had FAILED and came back, and all that is kept in the end."""

    name: str
    seconds: float
    faults: int
    failed: Counter[str]
    came_back: int
    found: Counter[str]
    statuses: Counter[str]
    state: State


class Ward:
    """A deployed stack whose functions' calls go by a fault proxy."""

    def __init__(self, cloud: Cloud, folder: Path) -> None:
        """Take the stack on `cloud`, which has the library in `folder`."""
        self.cloud, self.folder = cloud, folder
        self.lab = Lab(library_on(cloud), cloud)
        self.proxy = self.lab.proxy

    @property
    def library(self) -> Library:
        """The library, of the cloud as it is now."""
        return self.lab.library

    def emulator(self) -> psutil.Process:
        """Return the process of the embedded AWS."""
        return psutil.Process(self.cloud.supervisor).children()[0]

    def functions_at_work(self) -> list[psutil.Process]:
        """Return the processes of the functions that have just used the processor."""
        known = {it: it.cpu_times() for it in self.emulator().children()}
        time.sleep(0.1)
        return [it for it, before in known.items() if it.is_running() and it.cpu_times() != before]


Harm = Callable[[Ward, threading.Event], None]
"""Does harm to a cloud until the event is set."""


def killed(ward: Ward, over: threading.Event) -> None:
    """Kill a function at work every second or so, as a failing machine does."""
    _strike(ward, over, lambda function: function.kill())


def out_of_memory(ward: Ward, over: threading.Event) -> None:
    """Kill what has most memory of a function at work and what it forked, as the kernel does."""

    def strike(function: psutil.Process) -> None:
        family = [function, *function.children(recursive=True)]
        max(family, key=lambda it: it.memory_info().rss).kill()

    _strike(ward, over, strike)


def past_their_time(ward: Ward, over: threading.Event) -> None:
    """Stop a function at work every second or so; Lambda ends it when its time is over."""
    _strike(ward, over, lambda function: function.suspend())


def _strike(ward: Ward, over: threading.Event, strike: Callable[[psutil.Process], None]) -> None:
    dice = random.Random(1)
    while not over.wait(dice.uniform(0.5, 1.5)):
        try:
            if at_work := ward.functions_at_work():
                strike(dice.choice(at_work))
                ward.proxy.faults["functions", "reset"] += 1
        except psutil.NoSuchProcess:
            continue


def emulator_killed(ward: Ward, over: threading.Event) -> None:
    """Kill the embedded AWS amid the work, and start it on its library as `safelight up` does."""
    photos = len(list(ward.library.originals()))
    while sum(map(ward.library.is_finished, ward.library.photos())) < photos / 3:
        if over.wait(1):
            return
    ward.lab.heard("NotificationsTopic", "")
    supervisor = psutil.Process(ward.cloud.supervisor)
    ward.emulator().kill()
    ward.proxy.faults["emulator", "reset"] += 1
    psutil.wait_procs([supervisor], timeout=60)
    _start(ward)
    resume(ward.library, ward.cloud)


def _start(ward: Ward) -> None:
    cloud, _ = clouds.start(ward.cloud.name, ward.folder, tied=True)
    ward.cloud = ward.lab.cloud = cloud
    ward.lab.library = library_on(cloud)
    ward.lab.sqs = ward.library.client("sqs")


@dataclass(frozen=True)
class Trial:
    """What is done to a cloud: to its functions' calls, to itself; `longest` seconds a function may run."""

    name: str
    plan: Plan = quiet
    harm: Harm | None = None
    longest: int = 900


_HARMS = (
    Trial("functions killed", harm=killed),
    Trial("functions out of memory", harm=out_of_memory),
    Trial("functions past their time", harm=past_their_time, longest=25),
    Trial("emulator killed", harm=emulator_killed),
)


def main() -> None:
    """Run each fault that was asked for, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("photos", type=int)
    parser.add_argument("--only", default="", help="run the faults whose names have this in them")
    parser.add_argument("--each-service", action="store_true", help="also break one service at a time")
    arguments = parser.parse_args()
    for name in ("cloud", "sam", "lambda"):
        environment(name)
    ensure_models(home() / "models", *MODELS)
    os.environ["SFN_WAIT_SCALE"] = str(_WAIT_SCALE)
    photos = make_photos(arguments.photos)
    _deploy()
    runs = []
    calm = run(Trial("a quiet day"), photos)
    _print_head(len(photos), calm)
    for trial in trials(each_service=arguments.each_service):
        if arguments.only in trial.name:
            runs.append(run(trial, photos))
            _print_row(runs[-1], calm)
    sys.exit(any(it.state.differences(calm.state) or it.statuses != calm.statuses for it in runs))


def trials(*, each_service: bool) -> Iterator[Trial]:
    """Yield all that is done to a cloud, the worst first."""
    yield Trial("nothing")
    yield from _HARMS
    groups = {"all services": SERVICES}
    if each_service:
        groups |= {service: (service,) for service in SERVICES}
    for about, services in groups.items():
        for share in _SHARES:
            for kind in KINDS:
                yield Trial(f"{about}: {kind} {share:.0%}", at_random(kind, share, services, seed=1))


def make_photos(count: int) -> dict[str, bytes]:
    """Return so many files by their keys: the demo's roll, and then again a little smaller, a month later.

    Those with people on them come first, so that the same people are seen again.
    """
    develop_roll(home() / "roll", home() / "packages")
    order = sorted(SHOTS, key=lambda shot: shot.package == PACKAGE and shot.kept == 1)
    photos = {}
    for number in range(count):
        again, index = divmod(number, len(order))
        shot = order[index]
        file = (home() / "roll" / shot.filename).read_bytes()
        if again and shot.kept == 1:
            if shot.capture:
                later = shot.capture.taken_at + datetime.timedelta(days=30 * again)
                shot = replace(shot, capture=replace(shot.capture, taken_at=later))
            file = expose(shot, _smaller(file, 4 * again))
        photos[f"{_ALBUM}/{again:02}-{shot.filename}"] = file
    return photos


def _smaller(file: bytes, pixels: int) -> bytes:
    """Return the photo in `file` upright, as a JPEG without metadata, with fewer pixels at each edge."""
    register_heif_opener()
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(file))).convert("RGB")
    smaller = io.BytesIO()
    ImageOps.crop(upright, pixels).save(smaller, "JPEG", quality=95)
    return smaller.getvalue()


def _deploy() -> None:
    """Make the empty library, of which each run has a copy."""
    shutil.rmtree(_EMPTY, ignore_errors=True)
    cloud, _ = clouds.start(_CLOUD, _EMPTY, tied=True)
    try:
        deploy(cloud, **_PARAMETERS)
    finally:
        clouds.stop(_CLOUD)


def run(trial: Trial, photos: Mapping[str, bytes]) -> Run:
    """Put the photos into a new library amid a trial, bring back what FAILED, and tell what there is."""
    folder = home() / "chaos" / "library"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(_EMPTY, folder)
    try:
        cloud, _ = clouds.start(_CLOUD, folder, tied=True)
        started = time.monotonic()
        ward = Ward(cloud, folder)
        with ward.proxy.listening() as variables:
            ward.lab.go_by_the_proxy(variables, trial.longest)
            urlopen(Request(f"{cloud.endpoint}/_safelight/checkpoint", method="POST"), timeout=300).close()
            with ward.lab.faults(trial.plan), _doing(trial.harm, ward):
                with ThreadPoolExecutor(16) as pool:
                    list(pool.map(lambda key: _put(ward, key, photos[key]), photos))
                _wait(ward, len(photos), time.monotonic() + _LONGEST_FAULT_SECONDS)
            _wait(ward, len(photos))
            failed = Counter(
                _why(photo) for photo in ward.library.all_photos() if photo["status"] == "FAILED"
            )
            retried = _safelight(ward, "retry", "--failed") if failed else []
            found = _safelight(ward, "doctor", "--repair", "--older-than", "0")
            _wait(ward, len(photos))
            return Run(
                trial.name,
                time.monotonic() - started,
                ward.proxy.faults.total(),
                failed,
                sum(each["status"] != "FAILED" for each in retried),
                Counter(f"{each['kind']}{'' if each['mended'] else ', not mended'}" for each in found),
                Counter(photo["status"] for photo in ward.library.all_photos()),
                state_of(ward.library, ward.lab.heard("NotificationsTopic", "")),
            )
    finally:
        clouds.stop(_CLOUD)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _doing(harm: Harm | None, ward: Ward) -> Iterator[None]:
    over = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        doing = pool.submit(harm or (lambda *_: None), ward, over)
        try:
            yield
        finally:
            over.set()
        doing.result()


def _put(ward: Ward, key: str, file: bytes) -> None:
    ward.library.s3.put_object(Bucket=ward.library.outputs["OriginalsBucket"], Key=key, Body=file)


def _wait(ward: Ward, photos: int, until: float = inf) -> None:
    """Wait until every photo has ended, or none does any more, or the clock says `until`."""
    ended, since = -1, time.monotonic()
    while ended < photos and time.monotonic() < min(until, since + _STALL_SECONDS):
        time.sleep(2)
        try:
            now = sum(map(ward.library.is_finished, ward.library.all_photos()))
        except (BotoCoreError, ClientError):
            continue  # the emulator is being killed
        if now != ended:
            ended, since = now, time.monotonic()


def _why(photo: PhotoRecord) -> str:
    failure = photo.get("failure")
    return f"{failure['error']} at {failure['step']}" if failure else "unknown"


def _safelight(ward: Ward, *arguments: str) -> list[dict[str, Any]]:
    """Return what the command prints."""
    ran = subprocess.run(
        [str(Path(sys.executable).with_name("safelight")), "--stack", STACK_NAME, *arguments, "--json"],
        env={**os.environ, **ward.cloud.environment()},
        capture_output=True,
        text=True,
    )
    if not ran.stdout:
        sys.exit(ran.stderr)
    told: list[dict[str, Any]] = json.loads(ran.stdout)
    return told


def _print_head(photos: int, calm: Run) -> None:
    today, cores = datetime.datetime.now(datetime.UTC).date(), os.cpu_count()
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(
        f"`make chaos PHOTOS={photos}` on {today}, {cores} cores, Python {platform.python_version()}, "
        f"load {load}; a quiet day: {calm.seconds:.0f} s, {_counted(calm.statuses)}, "
        f"{len(calm.state.records)} records, {len(calm.state.objects)} renditions, "
        f"{len(calm.state.faces)} faces, {len(calm.state.messages)} messages.\n"
    )
    print(
        "| Fault | Faults | FAILED before retry | Back by it | The doctor found | In the end | Differences |"
    )
    print("|---|---:|---|---:|---|---|---:|", flush=True)


def _print_row(it: Run, calm: Run) -> None:
    differences = it.state.differences(calm.state)
    print(
        f"| {it.name} | {it.faults:,} | {it.failed.total()}{_in_brackets(it.failed)} | {it.came_back} | "
        f"{_counted(it.found) or 'nothing'} | {_counted(it.statuses)} | {len(differences)} |",
        flush=True,
    )
    for difference in differences:
        print(f"{it.name}: {difference}", file=sys.stderr, flush=True)


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {what}" for what, count in counts.most_common())


def _in_brackets(counts: Counter[str]) -> str:
    return f" ({_counted(counts)})" if counts else ""


if __name__ == "__main__":
    main()
