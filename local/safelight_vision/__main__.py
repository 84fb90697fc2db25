"""Runs the vision service until it is told to stop: python -m safelight_vision --port 8484 ...

The variable SAFELIGHT_VISION_TOKEN, where it is set, is what callers must know.
"""

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from safelight_vision.service import HOST, make_server


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT, and return 0; return 1 where the port is taken."""
    parser = argparse.ArgumentParser(prog="python -m safelight_vision", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="the port on loopback; 0 takes a free one")
    parser.add_argument("--s3-endpoint", help="the URL of S3; the environment's own where it is not given")
    parser.add_argument("--models", type=Path, required=True, help="the folder where the models are kept")
    parser.add_argument("--collections", type=Path, required=True, help="the folder where faces are kept")
    options = parser.parse_args(arguments)
    try:
        token = os.environ.get("SAFELIGHT_VISION_TOKEN", "")
        server = make_server(options.port, options.models, options.collections, options.s3_endpoint, token)
    except OSError as error:
        sys.stderr.write(f"Port {options.port} cannot be listened on: {error}. Give another --port.\n")
        return 1

    def stop(*_: object) -> None:
        threading.Thread(target=server.shutdown).start()  # it waits for serve_forever, which runs here

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    sys.stdout.write(f"The vision service listens on http://{HOST}:{server.server_address[1]}\n")
    sys.stdout.flush()
    with server:
        server.serve_forever(poll_interval=0.2)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
