"""Says in which sizes a film is played, and whether it is ready for that as it is."""

from fractions import Fraction

from film.source import TICKS, Source
from safelight.contracts import Film, Rung

_EDGES = (1080, 720)
"""The short edges, in pixels, of the pictures that are made of larger films."""

_MUCH_LARGER = 1.2
"""By how much the next size is smaller at least, or it is left out."""

MOST_FRAMES = 60
"""How many frames a second are played at most; of more, as slow motion is shot in, some are left out."""

_USUAL_FRAMES = 30.0

_CAP, _OF_PIXELS = 6_000_000, 1920 * 1080
"""The most bits of a second of 30 frames of 1080p, however busy they are; of other sizes see `_cap`."""

_READY = 2.0
"""How many times as much what is copied may have, or phones would wait for it."""

_LONGEST_GROUP = 10 * TICKS


def rate(film: Film) -> float:
    """Return how many frames a second of `film` has as it is played; what does not say it is taken for 30."""
    return min(max(film["frame_rate"] or _USUAL_FRAMES, 1.0), MOST_FRAMES)


def rungs(width: int, height: int, frame_rate: float) -> list[Rung]:
    """Return the sizes of a film of `width` x `height` pixels as displayed, the largest first."""
    short = min(width, height)
    edges = [short] if short <= _EDGES[0] else [_EDGES[0]]
    edges += [edge for edge in _EDGES[1:] if edges[0] >= edge * _MUCH_LARGER]
    return [_rung(width, height, edge, frame_rate) for edge in edges]


def _rung(width: int, height: int, edge: int, frame_rate: float) -> Rung:
    scale = edge / min(width, height)
    across, down = (max(2, round(side * scale / 2) * 2) for side in (width, height))
    return {
        "name": f"{min(across, down)}p",
        "width": across,
        "height": down,
        "bits_per_second": _cap(across, down, frame_rate),
    }


def _cap(width: int, height: int, frame_rate: float) -> int:
    """Return the most bits of a second: a quarter of the pixels need a third, twice the frames 1.5 times."""
    pace: float = (frame_rate / _USUAL_FRAMES) ** 0.585
    size: float = (width * height / _OF_PIXELS) ** 0.75
    return round(_CAP * size * pace)


def is_ready(source: Source, film: Film, size: tuple[int, int], byte_count: int) -> bool:
    """Return whether browsers play `source`, of `size` in pixels as displayed, as it is coded.

    It is H.264 in 8 bits and 4:2:0, not interlaced, upright, of 1080p at most, with AAC or without sound, not
    much larger than what would be made of it, and can be cut: its groups of pictures are closed and short.
    """
    context, audio = source.video.codec_context, source.audio
    width, height = size
    if context.name != "h264" or context.pix_fmt not in {"yuv420p", "yuvj420p"} or film["rotation"]:
        return False
    if film["transfer"] != "sdr" or (context.width, context.height) != size or min(size) > _EDGES[0]:
        return False
    if max(size) > 1920 or (film["frame_rate"] or 0) > MOST_FRAMES + 1 or width % 2 or height % 2:
        return False
    if audio is not None and not is_copied(source):
        return False
    if byte_count * 8 / max(film["duration"], 0.1) > _cap(width, height, rate(film)) * _READY:
        return False
    keys = source.key_frames()
    ends = [*keys[1:], round(film["duration"] * TICKS)]
    if not keys or any(end - start > _LONGEST_GROUP for start, end in zip(keys, ends, strict=True)):
        return False
    return _is_closed(source)


def is_copied(source: Source) -> bool:
    """Return whether the sound is played as it is: AAC of two channels at most."""
    audio = source.audio
    return (
        audio is not None
        and audio.codec_context.name == "aac"
        and audio.codec_context.profile == "LC"
        and audio.codec_context.channels <= 2
        and bool(audio.codec_context.extradata)
    )


def _is_closed(source: Source) -> bool:
    """Return whether nothing behind one of the first key frames is shown before it, nor they before the film.

    An edit list begins where somebody has cut the film, which need not be at a key frame.
    """
    base = source.video.time_base or Fraction(1, TICKS)
    source.seek(source.video, 0)
    key = None
    for count, packet in enumerate(source.packets(source.video)):
        if packet.pts is None:
            continue
        ticks = source.ticks(packet.pts, base)
        if packet.is_keyframe:
            key = ticks
            if key < 0:
                return False
        elif key is not None and ticks < key:
            return False
        if count > MOST_FRAMES * 20:
            break
    return not any(frame.interlaced_frame for _, (_, frame) in zip(range(2), source.frames(), strict=False))
