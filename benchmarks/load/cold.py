"""Starts each function as Lambda would, and measures how long it takes until it asks for its first event.

`make bench-cold` runs it, and prints the table of docs/performance.md. Each start is of a new process, from
the built artifact: the modules of the function, of the layer and of AWS's Python runtime are imported. What
Lambda does before that, fetching the artifact and starting a machine, is not in it.
"""

import datetime
import os
import platform
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import psutil
import yaml

from safelight_local.cloud.deployment import build

_ROUNDS = 5


class _Runtime(BaseHTTPRequestHandler):
    """Lambda's runtime API, which never has an event."""

    asked = threading.Event()
    release = threading.Event()

    def do_GET(self) -> None:
        self.asked.set()
        self.release.wait()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def main() -> None:
    """Measure every function, and print the table."""
    built = build()
    template = yaml.safe_load((built / "template.yaml").read_text())
    functions = [
        it["Properties"] for it in template["Resources"].values() if it["Type"] == "AWS::Serverless::Function"
    ]
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(
        f"`make bench-cold` on {datetime.datetime.now(datetime.UTC).date()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, load {load}. The least of {_ROUNDS}.\n"
    )
    print("| Function | Seconds | of CPU | Artifact, MB |\n|---|---:|---:|---:|")
    for properties in sorted(functions, key=lambda it: str(it["Handler"])):
        bootstrap = built / properties["CodeUri"] / "bootstrap"
        artifact = built / bootstrap.parent.name
        starts = [_start(bootstrap, properties["Handler"]) for _ in range(_ROUNDS)]
        wall, cpu = (min(each) for each in zip(*starts, strict=True))
        size = sum(it.stat().st_size for it in artifact.rglob("*") if it.is_file() and it.suffix != ".pyc")
        room = properties["Handler"].partition(".")[0]
        print(f"| {room} | {wall:.2f} | {cpu:.2f} | {size / 1e6:.1f} |", flush=True)


def _start(bootstrap: Path, handler: str) -> tuple[float, float]:
    """Return the seconds on the wall and of processor time until a function asks for an event."""
    _Runtime.asked.clear()
    _Runtime.release.clear()
    server = HTTPServer(("127.0.0.1", 0), _Runtime)
    threading.Thread(target=server.handle_request, daemon=True).start()
    variables = {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_port}",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "LAMBDA_TASK_ROOT": str(bootstrap.parent),
        "POWERTOOLS_SERVICE_NAME": handler.partition(".")[0],
        "_HANDLER": handler,
    }
    started = time.monotonic()
    process = subprocess.Popen([bootstrap], cwd=bootstrap.parent, env=variables)
    try:
        if not _Runtime.asked.wait(60):
            raise SystemExit(f"{handler} did not start.")
        wall, times = time.monotonic() - started, psutil.Process(process.pid).cpu_times()
        return wall, times.user + times.system
    finally:
        process.kill()
        process.wait()
        _Runtime.release.set()
        server.server_close()


if __name__ == "__main__":
    main()
