"""Puts many photos into the originals bucket of an embedded cloud at once, and watches what becomes of them.

`make load PHOTOS=1000` runs it, and prints a table for docs/operations.md. Each photo is another one: a small
JPEG of noise and colours, so that what is measured is the library, not the renders.
"""

import datetime
import io
import os
import platform
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import psutil
from PIL import Image

from safelight_data.home import home
from safelight_library.library import Library
from safelight_local.cloud import cloud as clouds
from safelight_local.cloud.deployment import deploy, library_on
from safelight_local.cloud.environments import environment
from safelight_vision.weights.models import MODELS, ensure_models

_PUTS_AT_ONCE = 32
_LOOKS_SECONDS = 5.0


@dataclass(frozen=True)
class Look:
    """What was seen `seconds` after the first put.

    emulator, vision: the resident memory in MB of these processes alone, without the functions.
    """

    seconds: float
    done: int
    running: int
    waiting: int
    emulator: float
    vision: float


def main() -> None:
    """Measure, and print a table."""
    count = int(sys.argv[1])
    for name in ("cloud", "sam", "lambda"):
        environment(name)
    ensure_models(home() / "models", *MODELS)
    with clouds.tied_cloud("load") as cloud:
        deploy(cloud)
        library = library_on(cloud)
        keys = [f"load/{number:06}.jpg" for number in range(count)]
        started = time.monotonic()
        with ThreadPoolExecutor(_PUTS_AT_ONCE) as pool:
            list(pool.map(lambda key: _put(library, key), keys))
        put = time.monotonic() - started
        looks = list(_looks(library, cloud, count, started))
        statuses = Counter(photo["status"] for photo in library.all_photos())
    _print(count, put, looks, statuses)


def _put(library: Library, key: str) -> None:
    random = np.random.default_rng(int.from_bytes(key.encode()))
    coarse = Image.fromarray(random.integers(0, 255, (12, 16, 3), dtype=np.uint8))
    file = io.BytesIO()
    coarse.resize((800, 600), Image.Resampling.BICUBIC).save(file, "JPEG", quality=90)
    library.s3.put_object(Bucket=library.outputs["OriginalsBucket"], Key=key, Body=file.getvalue())


def _looks(library: Library, cloud: clouds.Cloud, count: int, started: float) -> Iterator[Look]:
    """Look at the library until every photo has ended, or nothing has happened for five minutes."""
    done, since = -1, time.monotonic()
    while done < count and time.monotonic() < since + 300:
        time.sleep(_LOOKS_SECONDS)
        running = library.stepfunctions.list_executions(
            stateMachineArn=library.outputs["PhotoWorkflowArn"], statusFilter="RUNNING"
        )["executions"]
        ended = sum(photo["status"] == "FAILED" or "processed_at" in photo for photo in library.all_photos())
        if ended != done:
            done, since = ended, time.monotonic()
        seconds = time.monotonic() - started
        emulator, vision = psutil.Process(cloud.supervisor).children()
        memory = [process.memory_info().rss / 1e6 for process in (emulator, vision)]
        yield Look(seconds, done, len(running), library.waiting(), *memory)


def _print(count: int, put: float, looks: list[Look], statuses: Counter[str]) -> None:
    today, cores = datetime.datetime.now(datetime.UTC).date(), os.cpu_count()
    took = looks[-1].seconds
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(
        f"`make load PHOTOS={count}` on {today}, {cores} cores, Python {platform.python_version()}; "
        f"the machine's load in the end was {load}.\n"
    )
    print("| | |\n|---|---|")
    print(f"| {count} photos were put in | {put:.1f} s |")
    print(f"| all were done after | {took:.0f} s, {count / took * 60:.0f} a minute |")
    print(f"| ended as | {', '.join(f'{many} {status}' for status, many in sorted(statuses.items()))} |")
    print(f"| most that waited | {max(look.waiting for look in looks)} |")
    print(f"| most in the workflow at once | {max(look.running for look in looks)} |")
    for share in (0.1, 0.5, 1.0):
        reached = next(look for look in looks if look.done >= share * looks[-1].done)
        print(
            f"| memory when {share:.0%} were done | "
            f"the emulator {reached.emulator:.0f} MB, the vision service {reached.vision:.0f} MB |"
        )


if __name__ == "__main__":
    main()
