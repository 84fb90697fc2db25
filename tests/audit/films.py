"""Puts films as devices write them through a deployed stack, and plays each in Chromium: `make films`.

They are made by FFmpeg with the codec, container, turn and transfer that the device uses. Each has
to become ACTIVE, play, and go to another moment, in the app of the stack; a broken one has to be REJECTED. It
prints a table for docs/films.md, and ends with 1 where something did not play.
"""

import datetime
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page, sync_playwright

import reels
from safelight_library.library import Library
from safelight_library.uploads import Upload
from safelight_local import web
from safelight_local.cloud import cloud
from safelight_local.cloud import deployment as stack
from safelight_local.cloud.owner import ensure_owner, login_link

_HEVC = {"x265-params": "keyint=30:open-gop=1:bframes=3:log-level=none"}
_PLAY = """async (video) => {
    video.muted = true;
    await video.play();
    while (video.currentTime < 0.2) await new Promise((then) => setTimeout(then, 50));
    video.pause();
    video.currentTime = video.duration * 0.7;
    await new Promise((then) => video.addEventListener("seeked", then, { once: true }));
    return [video.videoWidth, video.videoHeight, video.duration, video.currentTime, video.readyState];
}"""


@dataclass(frozen=True)
class Device:
    """A kind of device: the file that it writes, and how such a one is made."""

    name: str
    file: str
    made: dict[str, Any]


def scene(size: tuple[int, int], number: int) -> reels.Drawn:
    """Return a picture of hills below a sun that goes along."""
    width, height = size
    down, across = np.mgrid[0:height, 0:width]
    picture = np.stack(
        [90 + down * 100 // height, 140 + down * 60 // height, 200 - down * 60 // height], axis=2
    )
    picture[down > height * (0.6 + np.sin(across / width * 7 + number / 30) * 0.08)] = (40, 90, 50)
    sun = (across - width * (0.2 + number % 100 * 0.006)) ** 2 + (down - height * 0.3) ** 2
    picture[sun < (height * 0.09) ** 2] = (255, 220, 120)
    return picture.astype(np.uint8)


DEVICES = (
    Device(
        "iPhone, High Efficiency, upright, HLG",
        "iphone.mov",
        {
            "codec": "libx265",
            "container": "mov",
            "pixels": "yuv420p10le",
            "transfer": 18,
            "turned": -90,
            "options": _HEVC,
        },
    ),
    Device("iPhone, Most Compatible", "compatible.mov", {"container": "mov", "options": {"g": "30"}}),
    Device("Android telephone, on its side", "android.mp4", {"turned": 90, "options": {"g": "30"}}),
    Device("Android telephone, HEVC", "android-hevc.mp4", {"codec": "libx265", "options": _HEVC}),
    Device(
        "browser's MediaRecorder",
        "recorded.webm",
        {
            "codec": "libvpx-vp9",
            "container": "webm",
            "sound": False,
            "options": {"deadline": "realtime", "cpu-used": "8"},
        },
    ),
    Device("camcorder, AVCHD", "camcorder.mts", {"container": "mpegts", "options": {"g": "25", "bf": "2"}}),
    Device(
        "camcorder, HDV, interlaced",
        "hdv.ts",
        {"codec": "mpeg2video", "container": "mpegts", "options": {"flags": "+ilme+ildct", "b": "9000000"}},
    ),
    Device(
        "compact camera, Motion JPEG",
        "compact.avi",
        {"codec": "mjpeg", "container": "avi", "pixels": "yuvj422p", "sound": False},
    ),
    Device(
        "video editor, ProRes", "edited.mov", {"codec": "prores", "container": "mov", "pixels": "yuv422p10le"}
    ),
    Device("screen recorder", "screen.mkv", {"container": "matroska", "options": {"g": "250"}}),
)


def films(folder: Path) -> Iterator[tuple[Device, Path]]:
    """Write each device's film into `folder`."""
    for device in DEVICES:
        path = folder / device.file
        path.write_bytes(reels.reel(4, **{"size": (640, 360), "sound": True, "draw": scene, **device.made}))
        yield device, path


def played(page: Page, name: str) -> list[float]:
    """Open the film of this name in the app; return its size, its length, and where it is after a jump."""
    page.locator(f".tile[aria-label^='{name}, a film of']").click()
    film = page.locator(f".pswp video[aria-label^='{name},']")
    seen: list[float] = film.evaluate(_PLAY)
    page.keyboard.press("Escape")
    page.locator(".pswp").wait_for(state="detached")
    return seen


def look(library: Library, made: list[tuple[Device, Path]], folder: Path) -> Iterator[tuple[str, bool]]:
    """Yield a row of the table for each film, and whether it is as it should be."""
    records = {
        it["filename"]: it for it in library.add([Upload(path, f"Films/{path.name}") for _, path in made])
    }
    (folder / "broken.mp4").write_bytes(reels.damaged(made[2][1].read_bytes()))
    (broken,) = library.add([Upload(folder / "broken.mp4", "Films/broken.mp4")])
    web.publish(library)
    ensure_owner(library, folder)
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        page.goto(login_link(library, folder))
        page.locator(".tile").first.wait_for()
        for device, path in made:
            record, is_good, seen = records[path.name], False, "not played"
            if record["status"] == "ACTIVE":
                width, height, length, at, ready = played(page, path.name)
                expected = record["photo"]["width"], record["photo"]["height"]
                is_good = (
                    (width, height) == expected
                    and abs(length - 4) < 0.2
                    and abs(at - 2.8) < 0.2
                    and ready > 1
                )
                seen = f"{width:.0f} x {height:.0f}, {length:.2f} s, jumps to {at:.2f} s"
            photo = record.get("photo", {})
            film = photo.get("film", {})
            coded = f"{photo.get('format')}, {film.get('video')}, {film.get('audio') or 'silent'}"
            yield f"| {device.name} | {coded} | {record['status']} | {seen} |", is_good
        chromium.close()
    told = broken["rejection"]["reason"] if "rejection" in broken else "not rejected"
    yield (
        f"| nobody: its frames are zeros | MP4 | {broken['status']} | {told} |",
        broken["status"] == "REJECTED",
    )


def main() -> int:
    """Return 0 where all is as it should be."""
    with tempfile.TemporaryDirectory() as directory, cloud.tied_cloud("films") as running:
        folder = Path(directory)
        stack.deploy(running, Labels="off", ReadText="never")
        made = list(films(folder))
        print(f"{datetime.date.today():%d %B %Y}, {platform.machine()}, Python {platform.python_version()}\n")
        print("| As written by | Coded | Becomes | In Chromium |\n|---|---|---|---|")
        all_good = True
        for row, is_good in look(stack.library_on(running), made, folder):
            print(row, flush=True)
            all_good &= is_good
    return 0 if all_good else 1


if __name__ == "__main__":
    sys.exit(main())
