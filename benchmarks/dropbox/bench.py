"""Fetches one file of several GB from a Dropbox on this machine into an embedded cloud: `make bench-dropbox`.

The Dropbox is the tests' server, over TLS, and everything else is what is deployed. The file is no photo, and
larger than what is processed: it comes all the same, and is REJECTED.
"""

import datetime
import os
import platform
import random
import sys
import time
from contextlib import ExitStack

from dropbox_server import HOST, KEYS, Dropbox, serving
from family import Family
from safelight_data.home import home
from safelight_library.dropbox import Keys, connect
from safelight_library.library import Library
from safelight_local.cloud import cloud as clouds
from safelight_local.cloud.deployment import deploy, library_on
from safelight_local.cloud.environments import environment
from safelight_vision.weights.models import MODELS, ensure_models
from workflow.lab import Lab

_KEY = "Dropbox/film.bin"
_BLOCK = 16_000_000
_POLL_SECONDS = 0.5


def main() -> None:
    """Fetch a file of as many GB as are named, and print a row of a table for docs/import.md."""
    size = int(float(sys.argv[1]) * 1e9)
    for name in ("cloud", "sam", "lambda"):
        environment(name)
    ensure_models(home() / "models", *MODELS)
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    content = random.Random(2026).randbytes(_BLOCK) * (size // _BLOCK)
    with clouds.tied_cloud("dropbox") as cloud, serving() as (box, certificate), ExitStack() as settings:
        deploy(cloud, Dropbox="on")
        library = library_on(cloud)
        lab = Lab(library, cloud)
        for variable in ("DROPBOX_API_HOST", "DROPBOX_API_CONTENT_HOST"):
            settings.enter_context(lab.function_setting("FetchFunction", variable, HOST))
        settings.enter_context(lab.function_setting("FetchFunction", "REQUESTS_CA_BUNDLE", str(certificate)))
        box.put("/film.bin", content)
        family = Family(cloud)
        with family.watched():
            started = time.monotonic()
            connect(library, Keys(**KEYS))
            record = _waited_for(library)
            seconds = time.monotonic() - started
        _compare(library, content)
        _print(len(content), seconds, family, box, record, load)


def _waited_for(library: Library) -> str:
    while not (photos := library.photos_at([_KEY])) or photos[0]["status"] == "PROCESSING":
        time.sleep(_POLL_SECONDS)
    return f"{photos[0]['status']}, {photos[0]['rejection']['reason']}"


def _compare(library: Library, content: bytes) -> None:
    """See that what lies among the originals is the file, byte for byte."""
    body = library.s3.get_object(Bucket=library.outputs["OriginalsBucket"], Key=_KEY)["Body"]
    at = 0
    for some in iter(lambda: body.read(_BLOCK), b""):
        assert some == content[at : at + len(some)], f"Another byte after {at:,}."
        at += len(some)
    assert at == len(content)


def _print(size: int, seconds: float, family: Family, box: Dropbox, record: str, load: str) -> None:
    print(
        f"`make bench-dropbox GIGABYTES={size / 1e9:.1f}` on {datetime.datetime.now(datetime.UTC).date()}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}; the machine's load before was {load}.\n"
    )
    print("| GB | Ranges | Seconds | MB a second | Most memory of the function, MB | The record |")
    print("|---:|---:|---:|---:|---:|---|")
    print(
        f"| {size / 1e9:.1f} | {len(box.ranges)} | {seconds:.0f} | {size / 1e6 / seconds:.0f} "
        f"| {family.megabytes()['fetch']:.0f} | {record} |"
    )


if __name__ == "__main__":
    main()
