"""Brings frames to what is shown: upright, of the size that is asked for, and in the colours of BT.709."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import av.error
import pyvips
from av.filter import Graph
from av.video.frame import VideoFrame

from film.source import TICK, TICKS
from safelight.contracts import Film
from safelight.imaging import cicp

_CUBE = 33
"""How many steps the table of colours has each way; between them it is interpolated."""

_SDR, _BT2020 = "sdr", 9
_TRANSFERS = {"pq": 16, "hlg": 18}
"""Numbers of ITU-T H.273, tables 2 and 3."""

_MATRICES = {1: "bt709", 5: "smpte170m", 6: "smpte170m", 7: "smpte240m", 9: "bt2020nc", 10: "bt2020nc"}
"""FFmpeg's names of the matrices of H.273, table 4."""

_HIGH_DEFINITION = 720
"""From so many lines on, a film that does not say its matrix has that of BT.709, as players have it."""

_TURNS = {90: ["transpose=clock"], 180: ["hflip", "vflip"], 270: ["transpose=cclock"]}
_FULL_RANGE = 2


class Developer:
    """Develops the frames of one film. HDR becomes SDR as `safelight.imaging.cicp` does it for photos."""

    def __init__(self, film: Film, size: tuple[int, int], pixels: str, folder: Path) -> None:
        """Make frames of `size` pixels as displayed, in FFmpeg's format `pixels`; `folder` is for tables."""
        self._film, self._size, self._pixels, self._folder = film, size, pixels, folder
        self._graph: Graph | None = None
        self._shape: tuple[int, int, str] | None = None

    def developed(self, frames: Iterable[tuple[int, VideoFrame]]) -> Iterator[tuple[int, VideoFrame]]:
        """Yield `frames` as they are shown, with their ticks; what is interlaced waits for its next."""
        for ticks, frame in frames:
            shape = frame.width, frame.height, frame.format.name
            if self._graph is None or shape != self._shape:
                yield from self._last()
                self._graph, self._shape = self._made(frame), shape
            frame.pts, frame.time_base = ticks, TICK
            self._graph.vpush(frame)
            yield from _pulled(self._graph)
        yield from self._last()

    def _last(self) -> Iterator[tuple[int, VideoFrame]]:
        if self._graph is not None:
            self._graph.vpush(None)
            yield from _pulled(self._graph)
            self._graph = None

    def _made(self, frame: VideoFrame) -> Graph:
        graph = Graph()
        source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=TICK)
        links = [source]
        for described in self._filters(frame):
            name, _, arguments = described.partition("=")
            links.append(graph.add(name, arguments))
            links[-2].link_to(links[-1])
        sink = graph.add("buffersink")
        links[-1].link_to(sink)
        graph.configure()
        return graph

    def _filters(self, frame: VideoFrame) -> list[str]:
        rotation, transfer = self._film["rotation"], self._film["transfer"]
        width, height = self._size if rotation % 180 == 0 else self._size[::-1]
        is_full = frame.color_range == _FULL_RANGE or frame.format.name.startswith("yuvj")
        usual = "bt709" if frame.height >= _HIGH_DEFINITION else "smpte170m"
        matrix = "bt2020nc" if transfer != _SDR else _MATRICES.get(frame.colorspace, usual)
        seen = f"in_color_matrix={matrix}:in_range={'pc' if is_full else 'tv'}"
        sized = f"scale=w={width}:h={height}:flags=bicubic+accurate_rnd+full_chroma_int:{seen}"
        turned = _TURNS.get(rotation, [])
        is_rgb = self._pixels.startswith("rgb")
        shown = "out_range=pc" if is_rgb else "out_color_matrix=bt709:out_range=tv"
        filters = ["bwdif=mode=send_frame:deint=interlaced"] if frame.interlaced_frame else []
        if transfer == _SDR:
            return [*filters, f"{sized}:{shown}", f"format={self._pixels}", *turned, "setsar=1"]
        table = self._folder / f"{transfer}.cube"
        if not table.exists():
            table.write_text(cube(transfer))
        return [
            *filters,
            f"{sized}:out_range=pc",
            "format=gbrp10le",
            f"lut3d=file={table}:interp=tetrahedral",
            f"scale=flags=accurate_rnd+full_chroma_int:{shown}",
            f"format={self._pixels}",
            *turned,
            "setsar=1",
        ]


def _pulled(graph: Graph) -> Iterator[tuple[int, VideoFrame]]:
    while True:
        try:
            frame = graph.vpull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        yield round((frame.pts or 0) * (frame.time_base or TICK) * TICKS), frame


@cache
def cube(transfer: str) -> str:
    """Return what colours of an HDR `transfer` (`pq` or `hlg`, BT.2020) are in sRGB, as a .cube file.

    The format is Adobe's *Cube LUT Specification*, version 1.0: red changes fastest.
    """
    steps = pyvips.Image.identity(ushort=True, size=_CUBE).cast("float") * (65535 / (_CUBE - 1))
    red = steps.replicate(_CUBE * _CUBE, 1)
    green = steps.resize(_CUBE, kernel="nearest", vscale=1).replicate(_CUBE, 1)
    blue = steps.resize(_CUBE * _CUBE, kernel="nearest", vscale=1)
    lattice = red.bandjoin([green, blue]).rint().cast("ushort").copy(interpretation="rgb16")
    shown, _ = cicp.applied(lattice, cicp.Cicp(_BT2020, _TRANSFERS[transfer]))
    tones = shown.cast("uchar").write_to_memory()
    rows = (" ".join(f"{tone / 255:.5f}" for tone in tones[at : at + 3]) for at in range(0, len(tones), 3))
    return f"LUT_3D_SIZE {_CUBE}\n" + "\n".join(rows) + "\n"
