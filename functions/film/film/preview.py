"""Makes the short silent loop that a film is seen by in a grid, while a pointer rests on it."""

from collections.abc import Iterator
from pathlib import Path

import av
from av.video.frame import VideoFrame

from film.develop import Developer
from film.source import TICK, TICKS, Source
from safelight.contracts import Film

_SECONDS = 4
_EDGE, _FRAMES = 480, 24
_QUALITY = 27
_BT709, _LIMITED = 1, 1


def looped(source: Source, film: Film, size: tuple[int, int], around: int, folder: Path) -> bytes:
    """Return some seconds of a film of `size` in pixels, from the poster's moment on, as a silent MP4.

    `around` is in ticks. An MP4 of H.264 is no larger than an animated WebP that looks like it, and every
    browser has it decoded outside of the page (docs/performance.md).
    """
    scale = min(1.0, _EDGE / max(size))
    across, down = (max(2, round(side * scale / 2) * 2) for side in size)
    length = round(film["duration"] * TICKS)
    start = max(0, min(around, length - _SECONDS * TICKS))
    path = folder / "preview.mp4"  # the muxer reads again what it has written
    developer = Developer(film, (across, down), "yuv420p", folder)
    with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as output:
        stream = output.add_stream("libx264", rate=_FRAMES)
        context = stream.codec_context
        context.width, context.height, context.pix_fmt = across, down, "yuv420p"
        context.time_base = stream.time_base = TICK
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        context.color_range = _LIMITED
        context.options = {"preset": "medium", "crf": str(_QUALITY), "profile": "high"}
        for ticks, shown in developer.developed(_some(source, start)):
            shown.pts, shown.time_base = ticks - start, TICK
            output.mux(stream.encode(shown))
        output.mux(stream.encode(None))
    return path.read_bytes()


def _some(source: Source, start: int) -> Iterator[tuple[int, VideoFrame]]:
    due = start
    for ticks, frame in source.frames(start):
        if ticks >= start + _SECONDS * TICKS:
            return
        if ticks >= due:
            yield ticks, frame
            due = ticks + TICKS // (_FRAMES + 2)
