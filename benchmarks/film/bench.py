"""Encodes a short film and a long one by parts, in one piece, and by `ffmpeg`, with the same settings.

`make bench-film` runs it and prints a table for docs/performance.md; `make bench-film SECONDS="20 120"` takes
films of these lengths. They are FFmpeg's moving test picture with noise, 1080p at 30 frames a second. Seconds
are those of processors, which a busy machine does not change much. Similarity is the SSIM of luma with the
source, in the frames beside the joins of parts, and in the same frames of the film in one piece.
"""

import datetime
import io
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path

import av
from av.filter import Graph

from film import encode, ladder, parts, preview
from film.encode import Track
from film.source import TICKS, Source, opened
from safelight.contracts import Film, Rung

_RATE, _SIZE = 30, (1920, 1080)
_BESIDE = 8
"""How many frames on each side of a join are looked at."""


def synthetic(path: Path, seconds: int) -> None:
    """Write a film of so many seconds to `path`."""
    graph = Graph()
    drawn = graph.add("testsrc2", f"size={_SIZE[0]}x{_SIZE[1]}:rate={_RATE}")
    noise = graph.add("noise", "alls=2:allf=t:all_seed=7")
    shaped, sink = graph.add("format", "yuv420p"), graph.add("buffersink")
    for one, other in ((drawn, noise), (noise, shaped), (shaped, sink)):
        one.link_to(other)
    graph.configure()
    with av.open(str(path), "w") as output:
        stream = output.add_stream(
            "libx264", rate=_RATE, options={"preset": "ultrafast", "crf": "16", "g": "60"}
        )
        stream.width, stream.height, stream.pix_fmt = *_SIZE, "yuv420p"
        for _ in range(seconds * _RATE):
            output.mux(stream.encode(graph.vpull()))
        output.mux(stream.encode(None))


def spent(work: Callable[[], object], who: int = resource.RUSAGE_SELF) -> float:
    """Return the seconds of processors that `work` takes, by this process or its children."""
    before = resource.getrusage(who)
    work()
    after = resource.getrusage(who)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def by_ffmpeg(path: Path, rungs: list[Rung], folder: Path) -> list[str]:
    """Return the command that encodes both sizes at once as the film function does."""
    split = "".join(f"[{each['name']}]" for each in rungs)
    scaled = ";".join(
        f"[{it['name']}]scale={it['width']}:{it['height']}:flags=bicubic[out{it['name']}]" for it in rungs
    )
    command = ["ffmpeg", "-loglevel", "error", "-y", "-i", str(path)]
    command += ["-filter_complex", f"[0:v]split={len(rungs)}{split};{scaled}"]
    for each in rungs:
        bits = each["bits_per_second"]
        command += ["-map", f"[out{each['name']}]", "-c:v", "libx264", "-preset", encode.EFFORT]
        command += [
            "-profile:v",
            "high",
            "-crf",
            str(encode.QUALITY),
            "-maxrate",
            str(bits),
            "-bufsize",
            str(bits * 2),
        ]
        command += ["-g", "300", "-forced-idr", "1", "-force_key_frames", "expr:gte(t,n_forced*4)"]
        command += ["-movflags", "cmaf", str(folder / f"{each['name']}.mp4")]
    return command


def luma(body: bytes) -> Iterator[tuple[int, av.VideoFrame]]:
    """Yield the frames of an encoded film by their numbers."""
    with av.open(io.BytesIO(body)) as film:
        yield from enumerate(film.decode(video=0))


def similarity(path: Path, body: bytes, wanted: set[int]) -> float:
    """Return the mean SSIM with the film at `path` of the frames of `body` whose numbers are `wanted`."""
    graph = Graph()
    with av.open(str(path)) as source:
        stream = source.streams.video[0]
        ends = [
            graph.add_buffer(
                width=_SIZE[0], height=_SIZE[1], format=stream.format, time_base=Fraction(1, _RATE)
            )
            for _ in range(2)
        ]
        compared, sink = graph.add("ssim"), graph.add("buffersink")
        for place, end in enumerate(ends):
            end.link_to(compared, 0, place)
        compared.link_to(sink)
        graph.configure()
        found = []
        for (number, made), frame in zip(luma(body), source.decode(video=0), strict=False):
            if number not in wanted:
                continue
            for end, each in zip(ends, (made, frame), strict=True):
                each.pts, each.time_base = len(found), Fraction(1, _RATE)
                end.push(each)
            found.append(float(graph.vpull().metadata["lavfi.ssim.Y"]))
    return sum(found) / len(found)


def whole(tracks: list[Track]) -> bytes:
    """Return the parts of a track as one film."""
    return tracks[0].header + b"".join(it.body for track in tracks for it in track.segments)


def measured(path: Path, seconds: int, folder: Path) -> Iterator[str]:
    """Yield the rows of a film's table."""
    film: Film = {
        **{"duration": float(seconds), "frame_rate": float(_RATE), "video": "avc1", "audio": None},
        **{"rotation": 0, "transfer": "sdr"},
    }  # type: ignore[typeddict-item]
    rungs = ladder.rungs(*_SIZE, _RATE)
    length = seconds * TICKS
    made: dict[tuple[str, int], list[Track]] = {}
    times: dict[str, list[float]] = {"by parts": [], "in one piece": []}
    with opened(path.open("rb"), path.name, "MP4") as source:
        cuts = parts.cut(length, source.key_frames(), only_there=False)
    for how, spans in (("by parts", cuts), ("in one piece", [(0, length)])):
        for span in spans:
            with opened(path.open("rb"), path.name, "MP4") as source:
                taken = spent(lambda s=source, at=span, to=how: keep(s, film, rungs, at, folder, made, to))
            times[how].append(taken)
    joins = [round(start * _RATE / TICKS) for start, _ in cuts[1:]] or [seconds * _RATE // 2]
    beside = {at + step for at in joins for step in range(-_BESIDE, _BESIDE)}
    for how in times:
        megabytes = [sum(map(len, (whole(made[how, place]),))) / 1e6 for place in range(len(rungs))]
        seen = similarity(path, whole(made[how, 0]), beside)
        slowest = max(times[how])
        yield row(
            seconds,
            f"safelight {how} ({len(times[how])})",
            sum(times[how]),
            slowest,
            megabytes,
            f"{seen:.4f}",
        )
    if not shutil.which("ffmpeg"):
        print("There is no ffmpeg here: one process of PyAV in one piece stands for it.", file=sys.stderr)
        return
    command = by_ffmpeg(path, rungs, folder)
    taken = spent(lambda: subprocess.run(command, check=True), resource.RUSAGE_CHILDREN)
    bodies = [(folder / f"{each['name']}.mp4").read_bytes() for each in rungs]
    megabytes = [len(body) / 1e6 for body in bodies]
    seen = similarity(path, bodies[0], beside)
    yield row(seconds, "ffmpeg", taken, taken, megabytes, f"{seen:.4f}")


def keep(
    source: Source,
    film: Film,
    rungs: list[Rung],
    span: tuple[int, int],
    folder: Path,
    made: dict[tuple[str, int], list[Track]],
    how: str,
) -> None:
    """Encode a part, and keep each of its tracks."""
    for place, track in enumerate(encode.encoded(source, film, rungs, span, folder)):
        made.setdefault((how, place), []).append(track)


def row(seconds: int, how: str, total: float, longest: float, megabytes: list[float], seen: str) -> str:
    """Return a row of the table."""
    sizes = " and ".join(f"{size:.1f}" for size in megabytes)
    return f"| {seconds} s | {how} | {total:.1f} | {longest:.1f} | {total / seconds:.2f} | {sizes} | {seen} |"


def loops(path: Path, folder: Path) -> str:
    """Return how many bytes the preview has as H.264, and as an animated WebP of the same frames."""
    film: Film = {
        **{"duration": 20.0, "frame_rate": float(_RATE), "video": "avc1", "audio": None},
        **{"rotation": 0, "transfer": "sdr"},
    }  # type: ignore[typeddict-item]
    with opened(path.open("rb"), path.name, "MP4") as source:
        body = preview.looped(source, film, _SIZE, 0, folder)
    sizes = []
    for quality in (50, 75):
        webp = folder / "preview.webp"
        with av.open(io.BytesIO(body)) as shown, av.open(str(webp), "w", format="webp") as output:
            stream = output.add_stream("libwebp_anim", rate=24, options={"quality": str(quality)})
            stream.width, stream.height = shown.streams.video[0].width, shown.streams.video[0].height
            stream.pix_fmt = "yuv420p"
            for frame in shown.decode(video=0):
                output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
        sizes.append(webp.stat().st_size)
    as_webp = " and ".join(
        f"{size / 1000:.0f} kB (quality {q})" for size, q in zip(sizes, (50, 75), strict=True)
    )
    return f"A preview has {len(body) / 1000:.0f} kB as H.264, and {as_webp} as an animated WebP."


def main() -> None:
    """Make the films, encode them, and print the table."""
    lengths = [int(each) for each in sys.argv[1:]] or [20, 600]
    ffmpeg = (
        subprocess.run(["ffmpeg", "-version"], capture_output=True, text=True)
        if shutil.which("ffmpeg")
        else None
    )
    print(f"{datetime.date.today():%d %B %Y}, {platform.machine()}, Python {platform.python_version()},")
    print(f"PyAV {version('av')}, {ffmpeg.stdout.split(' Copyright')[0] if ffmpeg else 'no ffmpeg'}\n")
    print("| Film | Encoded | CPU s | longest function | a second | MB, 1080p and 720p | SSIM at joins |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        for seconds in lengths:
            synthetic(path := folder / f"{seconds}.mp4", seconds)
            for each in measured(path, seconds, folder):
                print(each, flush=True)
        print(f"\n{loops(folder / f'{lengths[0]}.mp4', folder)}")


if __name__ == "__main__":
    main()
