"""Measures the app in a browser and the API by its routes, over a library of 100,000 made-up records.

`make bench-web` runs it and prints the tables of docs/web.md. The records are those of benchmarks/index.
"""

import argparse
import shutil
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import psutil
from playwright.sync_api import sync_playwright

from bench import library, made
from safelight.index import schema
from safelight.keys import public_id
from served import served
from unit.api_client import Stack

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Page

ROUNDS = 60
OPENINGS = 5
_CATEGORIES = "toplevel,devtools.timeline,disabled-by-default-devtools.timeline,__metadata"
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}

_WATCH = """
const shown = () => [...document.querySelectorAll(".tile img")].filter((image) => {
  const { top, bottom } = image.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
});
const isThere = (image) => image.complete && image.naturalWidth > 0;
window.told = {};
const look = (at) => {
  const images = shown();
  if (!told.first && images.some(isThere)) told.first = at;
  if (!told.all && images.length && images.every(isThere)) told.all = at;
  if (!told.all) requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
"""Notes when the first photo on the screen is there, and when all of them are, since the navigation began."""

_SCROLL = """(pixels) => new Promise((done) => {
  let last = 0, longest = 0, frames = 0;
  const ended = performance.now() + 8000;
  const step = (at) => {
    if (last) { longest = Math.max(longest, at - last); frames += 1; }
    last = at;
    scrollBy(0, pixels);
    if (at < ended) requestAnimationFrame(step); else done({ longest, frames });
  };
  requestAnimationFrame(step);
})"""

_JUMP = """(parts) => (async () => {
  let longest = 0;
  const frame = () => new Promise(requestAnimationFrame);
  for (let at = 0; at < parts; at++) {
    scrollTo(0, (document.documentElement.scrollHeight * (at * 7 % parts)) / parts);
    let before = await frame();
    for (let i = 0; i < 12; i++) {
      const now = await frame();
      longest = Math.max(longest, now - before);
      before = now;
    }
  }
  return longest;
})()"""


def routes(stack: Stack, path: Path, count: int) -> dict[str, str]:
    """Return what is asked of the API, by its name; some records are put where they are read one by one."""
    index = schema.readable(path)
    key, album = index.execute("SELECT key, album FROM photo LIMIT 1 OFFSET ?", (count // 3,)).fetchone()
    (person,) = index.execute("SELECT id FROM person WHERE name > '' LIMIT 1").fetchone()
    (place,) = index.execute("SELECT id FROM place LIMIT 1").fetchone()
    index.close()
    stack.put(next(it for it in library(count) if it.get("key") == key))
    return {
        "GET /api/session": "/api/session",
        "GET /api/timeline": "/api/timeline?first=60",
        "GET /api/timeline of an album": f"/api/timeline?first=60&album={quote(album)}",
        "GET /api/photos, a month": "/api/photos?month=2016-03&limit=200",
        "GET /api/photos of a person": f"/api/photos?person={person}&limit=200",
        "GET /api/photos of a place": f"/api/photos?place={quote(place)}&limit=200",
        "GET /api/photos, a search": "/api/photos?q=beach&limit=200",
        "GET /api/photos, a mistyped search": "/api/photos?q=recepit&limit=200",
        "GET /api/photos/{photo_id}": f"/api/photos/{public_id(key)}",
        "GET /api/albums": "/api/albums?limit=100",
        "GET /api/memories": "/api/memories?limit=100",
        "GET /api/people": "/api/people",
        "GET /api/places": "/api/places",
        "GET /api/search/suggestions": "/api/search/suggestions?q=be",
        "GET /api/status/photos": "/api/status/photos?status=HELD",
    }


def ask_all(address: str, token: str, asked: dict[str, str]) -> None:
    """Print how long each route takes, over one connection."""
    server = urlsplit(address)
    connection = HTTPConnection(str(server.hostname), server.port)
    print("\n| Route | median | p95 | answer |\n|---|---|---|---|")
    for name, path in asked.items():
        took, size = [], 0
        for _ in range(ROUNDS + 1):
            started = time.perf_counter()
            headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip"}
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            size = len(answer.read())
            took.append((time.perf_counter() - started) * 1000)
            assert answer.status == 200, (path, answer.status)
        warm = sorted(took[1:])
        p95 = warm[int(len(warm) * 0.95)]
        print(
            f"| `{name}` | {warm[len(warm) // 2]:.0f} ms | {p95:.0f} ms | {size / 1000:.1f} kB |", flush=True
        )


def visit(browser: "Browser", size: dict[str, int], address: str, token: str) -> "tuple[Page, CDPSession]":
    """Return a page of somebody who is logged in, with the timeline open."""
    context = browser.new_context(viewport=size, bypass_csp=True, device_scale_factor=2)  # type: ignore[arg-type]
    context.add_cookies([{"name": "session", "value": token, "url": f"{address}/api"}])
    page = context.new_page()
    page.add_init_script(_WATCH)
    page.goto(address)
    page.wait_for_function("told.all")
    return page, context.new_cdp_session(page)


def longest_task(trace: list[dict[str, Any]], clock: str) -> float:
    """Return how many milliseconds the longest task of a page's main thread took.

    clock: `dur` of the wall, in which other programs have their turns, or `tdur` of the processor.
    """
    main = {
        (it["pid"], it["tid"])
        for it in trace
        if it["name"] == "thread_name" and it["args"].get("name") == "CrRendererMain"
    }
    tasks = [it for it in trace if it["name"].endswith("RunTask") and (it["pid"], it["tid"]) in main]
    return max(float(it.get(clock, 0)) for it in tasks) / 1000


def look(browser: "Browser", address: str, token: str) -> None:
    """Print how fast the timeline opens and scrolls, and what it holds."""
    for name, size in (("desktop, 1280 x 800", DESKTOP), ("phone, 390 x 844", PHONE)):
        opened = []
        for _ in range(OPENINGS):
            page, _ = visit(browser, size, address, token)
            opened.append(page.evaluate("told"))
            page.context.close()
        first, whole = (sorted(it[which] for it in opened)[OPENINGS // 2] for which in ("first", "all"))
        page, session = visit(browser, size, address, token)
        trace: list[dict[str, Any]] = []
        session.on("Tracing.dataCollected", lambda told, kept=trace: kept.extend(told["value"]))
        session.send("Tracing.start", {"categories": _CATEGORIES})
        scrolled = page.evaluate(_SCROLL, 60)
        jumped = page.evaluate(_JUMP, 40)
        with _ended(session):
            session.send("Tracing.end")
        page.context.close()
        page, session = visit(browser, size, address, token)  # a trace would be part of the memory
        page.evaluate(_SCROLL, 60)
        page.evaluate(_JUMP, 40)
        session.send("HeapProfiler.collectGarbage")
        used = _memory()
        session.send("Memory.simulatePressureNotification", {"level": "critical"})
        page.wait_for_timeout(1000)
        heap = page.evaluate("performance.memory.usedJSHeapSize") / 1e6
        nodes = page.evaluate("document.querySelectorAll('*').length")
        print(f"\n| {name} | |\n|---|---|")
        print(f"| the first photo is on the screen, median of {OPENINGS} | {first:.0f} ms |")
        print(f"| all photos on the screen are there | {whole:.0f} ms |")
        print(f"| longest frame of {scrolled['frames']} in 8 s of scrolling | {scrolled['longest']:.0f} ms |")
        print(f"| longest frame in 40 jumps over all years | {jumped:.0f} ms |")
        print(f"| longest task in the trace of both | {longest_task(trace, 'dur'):.0f} ms |")
        print(f"| the same in time of the processor | {longest_task(trace, 'tdur'):.0f} ms |")
        print(f"| JavaScript's heap afterwards | {heap:.0f} MB |")
        print(f"| memory of the page's process, with the browser's cache of pictures | {used / 1e6:.0f} MB |")
        print(f"| the same when memory is scarce, and the browser drops those | {_memory() / 1e6:.0f} MB |")
        print(f"| elements in the page | {nodes:,} |", flush=True)
        page.context.close()


class _ended:  # noqa: N801 (a context)
    """Waits until a trace has come."""

    def __init__(self, session: "CDPSession") -> None:
        self.session, self.done = session, False
        session.once("Tracing.tracingComplete", lambda _: setattr(self, "done", True))

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        while not self.done:
            self.session.send("Runtime.evaluate", {"expression": "1"})
            time.sleep(0.05)


def _memory() -> int:
    """Return the bytes that the largest renderer has to itself."""
    children = psutil.Process().children(recursive=True)
    renderers = [each for each in children if "--type=renderer" in " ".join(each.cmdline())]
    return max(each.memory_full_info().uss for each in renderers)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--photos", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, help="where the index is, or is put")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        path = asked.keep or Path(directory, "index.sqlite")
        if not path.exists():
            made(path, asked.photos)[0].close()
        with served(path) as (address, stack), sync_playwright() as driver:
            token = stack.token("ada")
            ask_all(address, token, routes(stack, path, asked.photos))
            chromium = shutil.which("chromium") or shutil.which("google-chrome")
            browser = driver.chromium.launch(
                executable_path=chromium,
                args=["--no-sandbox", "--disable-gpu", "--enable-precise-memory-info"],
            )
            look(browser, address, token)
            browser.close()


if __name__ == "__main__":
    main()
