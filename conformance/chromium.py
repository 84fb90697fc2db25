"""What Chromium shows of pictures: one headless browser draws them all, and sends back their pixels."""

import json
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from pictures import SIDE

MINUTES = 20
"""How long the browser may take for all of them."""

_PAGE = """<!doctype html><script>
(async () => {
  const count = %d, side = %d;
  for (let at = 0; at < count; at++) {
    try {
      const image = new Image();
      image.src = `/file/${at}`;
      await Promise.race([image.decode(), new Promise((_, fail) => setTimeout(fail, 20000))]);
      const scale = Math.min(1, side / Math.max(image.naturalWidth, image.naturalHeight));
      const canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
      canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
      const drawn = canvas.getContext("2d");
      drawn.imageSmoothingQuality = "high";
      drawn.drawImage(image, 0, 0, canvas.width, canvas.height);
      const painted = drawn.getImageData(0, 0, canvas.width, canvas.height).data;
      if (!painted.some((value, n) => n %% 4 === 3 && value)) continue;
      drawn.globalCompositeOperation = "destination-over";
      drawn.fillStyle = "white";
      drawn.fillRect(0, 0, canvas.width, canvas.height);
      const png = await new Promise((take) => canvas.toBlob(take, "image/png"));
      await fetch(`/shown/${at}`, {method: "POST", body: png});
    } catch {}
  }
  await fetch("/done", {method: "POST"});
})();
</script>"""

_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".avif": "image/avif",
    ".bmp": "image/bmp",
}
"""What browsers show. They go by the bytes, and by these names only for what they ask a server for."""


def chromium() -> str | None:
    """Return the program, where it is installed."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def shows(path: Path) -> bool:
    """Return whether browsers show files of this name."""
    return path.suffix.lower() in _TYPES


def shown_by_chromium(paths: Sequence[Path]) -> dict[Path, bytes]:
    """Return the PNG of each file of `paths` that Chromium shows: its first frame, in sRGB, on white.

    Of damaged files it makes an image of the right size without a pixel in it: that shows nothing.
    """
    program = chromium()
    if program is None or not paths:
        return {}
    shown: dict[Path, bytes] = {}
    done = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/file/"):
                path = paths[int(self.path.rpartition("/")[2])]
                self._answer(path.read_bytes(), _TYPES[path.suffix.lower()])
            else:
                self._answer((_PAGE % (len(paths), SIDE)).encode(), "text/html")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path == "/done":
                done.set()
            elif body:  # a canvas without pixels is sent as nothing
                shown[paths[int(self.path.rpartition("/")[2])]] = body
            self._answer(json.dumps({}).encode(), "application/json")

        def _answer(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: each request would be a line."""

    with (
        ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        options += ["--force-color-profile=srgb", f"--user-data-dir={profile}"]
        page = f"http://127.0.0.1:{server.server_port}/"
        # --remote-debugging-port keeps the page open until it is told to end.
        command = [program, *options, "--remote-debugging-port=0", page]
        browser = subprocess.Popen(  # noqa: S603 - a fixed program
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            done.wait(MINUTES * 60)
        finally:
            browser.terminate()
            browser.wait()
            server.shutdown()
    return shown
