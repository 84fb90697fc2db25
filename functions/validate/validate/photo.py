"""Says what a downloaded original is, or why it cannot be processed."""

import hashlib
import mmap
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from safelight.errors import EmptyFile, FileTooLarge, TooManyPixels
from safelight.imaging.read import has_all_pixels
from validate.size import measure
from validate.sniff import identify
from validate.structure import check_complete

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


def describe(path: Path, filename: str, max_pixels: int) -> "Photo":
    """Return what the file at `path` is; nothing of it is decoded while its form is as it should be.

    Raises:
        UnsupportedFormat, EmptyFile, TruncatedFile, CorruptFile
        TooManyPixels: the image would have more than `max_pixels` pixels.
    """
    size = path.stat().st_size
    check_bytes(size, size, filename)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        kind = identify(data, filename)
        found = check_complete(kind, data, filename)
        width, height, is_rare = measure(kind, path, filename)
    if width * height > max_pixels:
        raise TooManyPixels(
            f"{filename} would decode to {width:,} x {height:,} pixels, {width * height / 1e6:,.0f} "
            f"megapixels; at most {max_pixels / 1e6:,.0f} are accepted. Upload a smaller version."
        )
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
    return photo
