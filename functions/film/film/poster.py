"""Chooses the frame that a film is seen by, and makes a picture of it."""

import math
from dataclasses import dataclass
from pathlib import Path

import pyvips
from av.video.frame import VideoFrame

from film.develop import Developer
from film.source import TICKS, Source
from safelight.contracts import Film, MasterPlan

_CANDIDATES = 9
_AT_MOST_FRAMES = 900
"""How many frames are decoded to see one that no key frame is near to."""

_SMALL = 256
"""The long edge, in pixels, that candidates are compared at: what noise is there does not count as sharp."""

_MIDDLE, _WIDTH = 0.46, 0.22
"""The mean of a well exposed picture's tones, 0 to 1, and how far from it one is half as good."""

_FLAT = 0.04
"""Below this standard deviation of its tones, 0 to 1, a picture shows nothing: black, white or fog."""

_QUALITY = 97


@dataclass(frozen=True)
class Candidate:
    """A frame that may become the poster, and when it is, in ticks; the score is higher the better."""

    ticks: int
    frame: VideoFrame
    score: float


def chosen(source: Source, film: Film) -> Candidate:
    """Return the best of several frames that are spread over `source`: sharp, exposed, and not empty.

    Raises:
        CorruptFile: nothing in it can be decoded.
    """
    best: Candidate | None = None
    last = -1
    length = max(1, round(film["duration"] * TICKS))
    for place in range(_CANDIDATES):
        wanted = length * (2 * place + 1) // (2 * _CANDIDATES)
        seen = _near(source, wanted, last)
        if seen is None:
            continue
        last = seen[0]
        candidate = Candidate(*seen, score(seen[1]))
        if best is None or candidate.score > best.score:
            best = candidate
    if best is None:
        ticks, frame = next(source.frames())
        best = Candidate(ticks, frame, score(frame))
    return best


def _near(source: Source, wanted: int, last: int) -> tuple[int, VideoFrame] | None:
    """Return a frame behind `last`: a key frame, which is coded best, or else the one at `wanted`."""
    for count, (ticks, frame) in enumerate(source.frames(wanted)):
        if (ticks > last and frame.key_frame) or (ticks > last and ticks >= wanted):
            return ticks, frame
        if count >= _AT_MOST_FRAMES:
            break
    return None


def score(frame: VideoFrame) -> float:
    """Return how good a picture `frame` is; only scores of frames of one film compare."""
    scale = _SMALL / max(frame.width, frame.height)
    grey = frame.reformat(
        width=max(8, round(frame.width * scale)), height=max(8, round(frame.height * scale)), format="gray"
    )
    plane = grey.planes[0]
    tones = pyvips.Image.new_from_memory(bytes(plane), plane.line_size, grey.height, 1, "uchar")
    tones = tones.crop(0, 0, grey.width, grey.height)
    spread, mean = tones.deviate() / 255, tones.avg() / 255
    edges = tones.cast("short").conv(pyvips.Image.new_from_array([[0, 1, 0], [1, -4, 1], [0, 1, 0]]))
    sharp = math.log1p(edges.deviate())
    exposed: float = 2 ** -(((mean - _MIDDLE) / _WIDTH) ** 2)
    return float(sharp * exposed * min(1.0, spread / _FLAT))


def pictured(
    candidate: Candidate, film: Film, size: tuple[int, int], plan: MasterPlan, folder: Path
) -> bytes:
    """Return the master that `plan` asks for of a film of `size` in pixels: an upright JPEG in sRGB."""
    scale = min(1.0, plan["width"] / size[0], plan["height"] / size[1])
    wanted = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    developer = Developer(film, wanted, "rgb24", folder)
    _, frame = next(developer.developed([(candidate.ticks, candidate.frame)]))
    plane = frame.planes[0]
    padded = pyvips.Image.new_from_memory(bytes(plane), plane.line_size, frame.height, 1, "uchar")
    tones = padded.crop(0, 0, frame.width * 3, frame.height).write_to_memory()
    image = pyvips.Image.new_from_memory(tones, frame.width, frame.height, 3, "uchar")
    saved: bytes = image.copy(interpretation="srgb").jpegsave_buffer(
        Q=_QUALITY, subsample_mode="off", keep="icc"
    )
    return saved
