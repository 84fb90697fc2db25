"""Says what a downloaded original is, or why it cannot be processed."""

import hashlib
import math
import mmap
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from safelight.errors import EmptyFile, FileTooLarge
from safelight.imaging.read import has_all_pixels
from validate.motion import motion_in
from validate.size import check_pixels, measure
from validate.sniff import identify
from validate.structure import Found, check_complete

if TYPE_CHECKING:
    from safelight.contracts import Photo


def check_bytes(size: int, max_bytes: int, filename: str) -> None:
    """Return if a file of `size` bytes may be read at all.

    Raises:
        EmptyFile: it has none.
        FileTooLarge: it has more than `max_bytes`.
    """
    if size == 0:
        raise EmptyFile(f"{filename} has no bytes: the upload or the copy failed. Upload it again.")
    if size > max_bytes:
        raise FileTooLarge(
            f"{filename} has {size:,} bytes; at most {max_bytes:,} are accepted. Upload a smaller version."
        )


def summed(path: Path, photo: "Photo") -> "Photo":
    """Return a photo with the checksums of its file, which is in hand: nobody need read it again for them."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return {**photo, "crc32": f"{zlib.crc32(data):08x}", "sha256": hashlib.sha256(data).hexdigest()}


def describe(path: Path, filename: str, max_pixels: int, max_seconds: float = math.inf) -> "Photo":
    """Return what the file at `path` is; nothing of it is decoded while its form is as it should be.

    Raises:
        UnsupportedFormat, EmptyFile, TruncatedFile, CorruptFile
        TooManyPixels: the image, or each of a film, would have more than `max_pixels` pixels.
        FileTooLarge: the film is longer than `max_seconds`.
    """
    size = path.stat().st_size
    check_bytes(size, size, filename)
    film, motion, found, is_rare = None, None, Found(), False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        kind = identify(data, filename)
        if kind.is_film:
            from validate.film import film_of  # photos do without what films need

            film, width, height = film_of(data, kind.name, filename, max_pixels, max_seconds)
        else:
            found = check_complete(kind, data, filename)
            width, height, is_rare = measure(kind, path, filename)
            motion = motion_in(data, kind.name, found.image_end, max_pixels, max_seconds)
    check_pixels(width, height, max_pixels, filename)
    if found.otherwise and not has_all_pixels(path, filename):
        raise found.otherwise
    photo: Photo = {
        "format": kind.name,
        "media_type": kind.media_type,
        "width": width,
        "height": height,
        "bytes": size,
    }
    if found.incomplete:
        photo["incomplete"] = True
    if is_rare:
        photo["rare"] = True
    if film:
        photo["film"] = film
    if motion:
        photo["motion"] = motion
    return photo
