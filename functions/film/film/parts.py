"""Cuts a film into parts that are encoded by themselves, and these into segments."""

from film.source import TICKS

_PART_SECONDS, _MOST_PARTS = 24, 150
_SEGMENT_SECONDS, _MOST_SEGMENTS = 4, 900
"""How long they are; longer where there would be more than a workflow passes on, as of more than an hour.

It passes on 256 KiB (AWS Step Functions Developer Guide, quotas).
"""

_NEAR = 3 * TICKS
"""How far a cut moves to a key frame, so that the frames before it need not be decoded twice."""


def cut(length: int, key_frames: list[int], *, only_there: bool) -> list[tuple[int, int]]:
    """Return where the parts of a film of `length` start and end, in ticks, about as long as one another.

    They start at key frames where such are near; `only_there` cuts nowhere else, as copying needs.
    """
    count = min(max(1, round(length / (_PART_SECONDS * TICKS))), _MOST_PARTS)
    starts = [0]
    for number in range(1, count):
        even = length * number // count
        nearest = min(key_frames, key=lambda each: abs(each - even), default=even)
        if only_there or abs(nearest - even) <= _NEAR:
            even = nearest
        if even > starts[-1] and even < length:
            starts.append(even)
    return list(zip(starts, [*starts[1:], length], strict=True))


def segments(start: int, end: int, length: int) -> list[int]:
    """Return where the segments of a part start, in ticks, of a film of `length`: each with a key frame."""
    each = max(_SEGMENT_SECONDS * TICKS, length // _MOST_SEGMENTS)
    count = max(1, round((end - start) / each))
    return [start + (end - start) * number // count for number in range(count)]
