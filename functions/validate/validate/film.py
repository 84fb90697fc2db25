"""Says what a film is, from the index of its container, or why it cannot be played."""

from typing import TYPE_CHECKING

from safelight.errors import BadInput, CorruptFile, FileTooLarge, TruncatedFile, UnsupportedFormat
from safelight.files.films.kinds import CONTAINERS
from safelight.files.films.reel import CutShort, Damaged, Protected, Unfinished
from safelight.files.seekable import Seekable, size_of
from validate.size import check_pixels

if TYPE_CHECKING:
    from safelight.contracts import Film

_EXPORT = "Export it as MP4 with H.264 and upload that."


def film_of(
    data: Seekable, container: str, filename: str, max_pixels: int, max_seconds: float
) -> "tuple[Film, int, int]":
    """Return what the film `data` is, and its width and height in pixels as displayed.

    `container` is one of `CONTAINERS`.

    Raises:
        TruncatedFile: it was cut short, or its recording never ended.
        CorruptFile, UnsupportedFormat: it holds no pictures that could be played.
        TooManyPixels: each of its pictures decodes to more than `max_pixels` pixels.
        FileTooLarge: it is longer than `max_seconds`.
    """
    try:
        reel = CONTAINERS[container].reel_in(data)
    except (CutShort, Unfinished, Damaged, Protected) as problem:
        raise _told(problem, size_of(data), filename) from problem
    pictures = reel.pictures
    if pictures is None:
        what = "sound and no pictures" if reel.sound else "neither pictures nor sound"
        raise UnsupportedFormat(f"{filename} holds {what}. Upload a film or a photo.")
    width, height = pictures.displayed
    if min(width, height, *pictures.coded) < 1:
        raise CorruptFile(f"{filename} says that its pictures are {width} x {height} pixels. {_EXPORT}")
    check_pixels(*pictures.coded, max_pixels, filename)
    longest = max(reel.duration, pictures.seconds)
    if longest > max_seconds:
        raise FileTooLarge(
            f"{filename} lasts {longest / 60:,.1f} minutes; at most {max_seconds / 60:,.0f} are accepted. "
            "Cut it into shorter films and upload those."
        )
    film: Film = {
        "duration": reel.duration,
        "frame_rate": pictures.frame_rate,
        "video": pictures.codec,
        "audio": reel.sound,
        "rotation": pictures.rotation,
        "transfer": pictures.transfer,
    }
    return film, width, height


def _told(problem: Exception, size: int, filename: str) -> BadInput:
    if isinstance(problem, Unfinished):
        return TruncatedFile(
            f"{filename} has {size:,} bytes of a film and not its index: it was cut off while it was "
            "recorded or copied. Copy it again from the camera, or have it repaired."
        )
    if isinstance(problem, CutShort):
        of = f" of the {problem.needed:,} that it needs" if problem.needed else ", before its pictures do"
        return TruncatedFile(f"{filename} ends after {size:,} bytes{of}. Copy or upload it again.")
    if isinstance(problem, Protected):
        return UnsupportedFormat(
            f"{filename} is a film that is protected against copying, and cannot be read. "
            "Upload a film of your own."
        )
    return CorruptFile(f"{filename} is damaged: {problem}. Copy it again from where it came from.")
