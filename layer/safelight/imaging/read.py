"""Decodes the first image of a file with libvips, as small as its use allows, and streamed."""

import mmap
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyvips

from safelight.errors import CorruptFile, TruncatedFile, UnsupportedFormat
from safelight.files.jpeg import EOI, read_layout
from safelight.imaging import icc
from safelight.imaging.geometry import as_stored, fit
from safelight.imaging.picture import Decoded

if TYPE_CHECKING:  # what reads other formats than JPEG is loaded where it is needed: processes are short
    from safelight.imaging import tiff

Size = tuple[int, int]

_STREAMED = {"access": "sequential", "fail_on": "error"}
_FIRST = {"page": 0, "n": 1}
_SMALL_PIXELS = 1000
_SMALL_HEADROOM, _LARGE_HEADROOM = 2, 1.5
"""How many times the pixels a side that are wanted a decoder that shrinks leaves at least.

More of them make small pictures better, and larger ones only dearer (docs/decisions/0004).
"""

_DECODER_SCALES = (8, 4, 2)
_PADDING_BYTES = 64
_JPEG = b"\xff\xd8\xff"
_PNG = b"\x89PNG\r\n\x1a\n"
_ADOBE = b"\xff\xee\x00\x0eAdobe"
_CMYK_BANDS = 4
_SIGNS_OF_NO_MEMORY = ("out of memory", "insufficient memory", "memory allocation", "cannot allocate memory")
_SIGNS_OF_AN_END = ("premature end", "unexpected end", "read error at scanline")
_SIGNS_OF_ANOTHER_CODING = (
    "not configured",
    "unsupported",
    "not supported",
    "not implemented",
    "samples out of range",  # of 64 bits
    "bad labq",  # CIELAB of 8 bits
)
"""Words of libvips and of the libraries under it."""

_SEARCHED = "bad seek to"
"""What libvips says of every HEIF file, since libheif finds out in this way where it ends."""


class Header(NamedTuple):
    """What a file says of its picture: its size in pixels as stored, and its orientation as in Exif.

    `is_rare` is true of a TIFF that is coded as `decode` does not know, and the develop function does.
    """

    size: Size
    orientation: int
    is_rare: bool = False

    @property
    def displayed(self) -> Size:
        """Width and height in pixels, upright."""
        return as_stored(self.size, self.orientation)


def header(path: Path, filename: str) -> Header:
    """Return what `decode` will find in the file at `path`, or HEIC, HEIF and AVIF decoders; decodes nothing.

    Raises:
        TruncatedFile, CorruptFile, UnsupportedFormat, MemoryError: see `naming`.
    """
    with path.open("rb") as file:
        start = file.read(12)
    with naming(filename):
        if start.startswith(_JPEG):
            image = pyvips.Image.jpegload(str(path), unlimited=True)
        elif start[4:8] == b"ftyp":
            from safelight.files.boxes import turn_left_to_exif
            from safelight.files.sequence import still_in

            with path.open("rb") as file:  # libheif has turned it as the file says, but for Exif
                if still := still_in(file):
                    image = pyvips.Image.heifload_buffer(still, unlimited=True)
                else:
                    image = pyvips.Image.heifload(str(path), unlimited=True)
                return Header((image.width, image.height), turn_left_to_exif(file))
        elif picture := _tiff(path, start, filename):
            if picture.is_rare:
                return Header(picture.size, picture.orientation, is_rare=True)
            image = picture.header()
        else:
            image = _other(path, start, filename)
        return Header((image.width, image.height), _orientation(path, start, image))


def decode(path: Path, filename: str, box: Size, placed: Callable[[Size, Size, int], Size] = fit) -> Decoded:
    """Return the first image of the JPEG, PNG, WebP, TIFF or GIF file at `path`; `filename` is for messages.

    A JPEG is shrunk by its decoder, to no less than twice what `placed`, a function of
    `safelight.imaging.geometry`, makes of it in a `box` of pixels. Pixels are decoded when they are asked
    for: that, too, is to be done within `naming`.

    Raises:
        TruncatedFile, CorruptFile, UnsupportedFormat, MemoryError: see `naming`.
    """
    pyvips.cache_set_max(0)  # no photo is read twice, and files come and go under one name
    pyvips.concurrency_set(1)  # less CPU time in all; other renditions use the other cores
    with path.open("rb") as file:
        start = file.read(12)
    with naming(filename):
        if start.startswith(_JPEG):
            return _jpeg(path, filename, lambda stored, orientation: placed(stored, box, orientation))
        if picture := _tiff(path, start, filename):
            image, profile = picture.image(), picture.profile
        else:
            image, profile = _colored(path, start, _other(path, start, filename))
        return Decoded(image, _orientation(path, start, image), profile, (image.width, image.height))


@contextmanager
def naming(filename: str) -> Iterator[None]:
    """Give what libvips reports of the file `filename` its name among Safelight's errors.

    Raises:
        TruncatedFile: image data are missing.
        CorruptFile: the file cannot be decoded.
        UnsupportedFormat: it is coded in a way that no decoder here knows.
        MemoryError: there is not enough memory.
        OSError: the disk failed, or is full.
    """
    pyvips.vips_lib.vips_error_clear()  # what libvips complained of and went on would be told of this error
    try:
        yield
    except (pyvips.Error, UnicodeDecodeError) as error:
        lines = [line for line in _words_of(error).splitlines() if _SEARCHED not in line]
        raise _named(" ".join(" ".join(lines).split()), filename) from error
    finally:
        pyvips.vips_lib.vips_error_clear()  # pyvips leaves there what it could not decode, for the next photo


def _words_of(error: pyvips.Error | UnicodeDecodeError) -> str:
    """Return what libvips says, which may be bytes of the file: pyvips fails to decode those."""
    undecoded = isinstance(error, UnicodeDecodeError)
    text = error.object.decode(errors="replace") if undecoded else str(error)
    return "".join(sign if sign.isprintable() or sign.isspace() else "\ufffd" for sign in text)


def lacks_memory(text: str) -> bool:
    """Return whether a decoder's `text` says that it had not enough memory."""
    lower = text.lower()  # libheif says the same of a box that claims too much
    return "security limit" not in lower and any(sign in lower for sign in _SIGNS_OF_NO_MEMORY)


def _jpeg(path: Path, filename: str, wanted: Callable[[Size, int], Size]) -> Decoded:
    data, fail_on = _whole_jpeg(path, filename)
    header = pyvips.Image.jpegload(str(path))
    orientation, full_size = _orientation(path, data[:12], header), (header.width, header.height)
    size = wanted(full_size, orientation)
    scale = next((s for s in _DECODER_SCALES if _leaves_headroom(full_size, s, size)), 1)
    image = pyvips.Image.jpegload_buffer(
        data, shrink=scale, unlimited=True, access="sequential", fail_on=fail_on
    )
    if image.bands == _CMYK_BANDS and _ADOBE not in data[: data.find(b"\xff\xda")]:
        image = image.invert()  # libvips takes every CMYK JPEG for one of Adobe's, which are inverted
    return Decoded(image, orientation, icc.embedded(header), full_size)


def has_all_pixels(path: Path, filename: str) -> bool:
    """Return whether all pixels of the JPEG or PNG at `path` are there, which are decoded.

    Raises:
        CorruptFile: see `safelight.files.jpeg.read_layout`.
        MemoryError: there is not enough memory.
    """
    with path.open("rb") as file:
        is_png = file.read(len(_PNG)) == _PNG
    with naming(filename):
        try:
            if is_png:
                _png(path).avg()
            else:
                data, fail_on = _whole_jpeg(path, filename)
                pyvips.Image.jpegload_buffer(data, unlimited=True, access="sequential", fail_on=fail_on).avg()
        except pyvips.Error as error:
            if lacks_memory(str(error)):
                raise
            return False
    return True


def _whole_jpeg(path: Path, filename: str) -> tuple[bytes, str]:
    """Return the JPEG at `path`, or what to decode in its place; and what libvips is to fail on.

    Where an end marker comes before the data that the header promised, libjpeg paints the rest grey and
    only warns. Without the marker it runs out of data, which libvips reports. A few bytes stay in its
    place, since the decoder looks ahead. A file without the marker gets one, and then every warning is of
    pixels that are missing. Restart markers that are all there get the right numbers, since libjpeg would
    skip to those.

    Raises:
        TruncatedFile, CorruptFile: see `safelight.files.jpeg.read_layout`.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        layout, fail_on = read_layout(data, filename), "error"
        if not layout.ended:
            whole, fail_on = data[:] + EOI, "warning"
        elif layout.one_pass:
            with memoryview(data) as view, view[: layout.scan_end] as scan:
                whole = b"".join((scan, bytes(_PADDING_BYTES)))  # one copy of what may be 100 MB
        else:
            whole = data[:]
    if not layout.restarts:
        return whole, fail_on
    mended = bytearray(whole)
    for offset, marker in layout.restarts:
        mended[offset] = marker
    return bytes(mended), fail_on


def _leaves_headroom(full_size: Size, scale: int, size: Size) -> bool:
    headroom = _SMALL_HEADROOM if max(size) <= _SMALL_PIXELS else _LARGE_HEADROOM
    return all(have >= headroom * scale * want for have, want in zip(full_size, size, strict=True))


def _tiff(path: Path, start: bytes, filename: str) -> "tiff.Picture | None":
    from safelight.files.tiff import HEADERS

    if not start.startswith(HEADERS):
        return None
    from safelight.imaging import tiff

    return tiff.Picture(path, filename)


def _other(path: Path, start: bytes, filename: str) -> pyvips.Image:
    name = str(path)
    if start.startswith(_PNG):
        return _png(path)
    if start.startswith(b"RIFF") and start.endswith(b"WEBP"):
        return pyvips.Image.webpload(name, **_FIRST, **_STREAMED)
    if start.startswith(b"GIF8"):
        return _gif(path)
    raise CorruptFile(
        f"{filename} cannot be decoded: it is no JPEG, PNG, WebP, TIFF or GIF file. "
        "Copy it again from the camera or from a backup."
    )


def _png(path: Path) -> pyvips.Image:
    """Return the PNG at `path`, or what is to be decoded in its place."""
    from safelight.files import png

    with path.open("rb") as file:
        mended = png.mended(file)
    if mended:
        return pyvips.Image.pngload_buffer(mended, unlimited=True, **_STREAMED)
    return pyvips.Image.pngload(str(path), unlimited=True, **_STREAMED)


def _gif(path: Path) -> pyvips.Image:
    """Return the first frame of a GIF, clear where it leaves the canvas free, as browsers show it."""
    from safelight.files import gif

    frame, alone = None, b""
    with path.open("rb") as file, suppress(gif.CutShort, gif.Astray):  # libvips finds that out, too
        if frame := next(gif.frames(file), None):
            alone = gif.alone(file, frame)
    image = pyvips.Image.gifload_buffer(alone or path.read_bytes(), **_FIRST, **_STREAMED)
    if frame is None or frame[:4] == (0, 0, image.width, image.height) or image.hasalpha():
        return image
    covered = (pyvips.Image.black(frame.width, frame.height) + 255).cast("uchar")
    return image.bandjoin(covered.embed(frame.left, frame.top, image.width, image.height))


def _colored(path: Path, start: bytes, image: pyvips.Image) -> tuple[pyvips.Image, bytes | None]:
    """Return `image` with its ICC profile, by whatever its format says colours with."""
    if not start.startswith(_PNG):
        return image, icc.embedded(image)
    from safelight.imaging import png

    return png.colored(path, image)


def _orientation(path: Path, start: bytes, image: pyvips.Image) -> int:
    """Return what the file says in Exif; libvips keeps a value that does not exist from us.

    It reads a PNG up to its pixels, and the eXIf chunk may stand behind them (PNG, 5.6).
    """
    if image.get_typeof("orientation"):
        return int(image.get("orientation"))
    if not start.startswith(_PNG):
        return 1
    from safelight.files import png
    from safelight.files.tiff import exif_orientation

    with path.open("rb") as file:
        return exif_orientation(png.exif(file))


def _named(text: str, filename: str) -> Exception:
    lower = text.lower()
    if lacks_memory(text):
        return MemoryError(text)
    if "no space left" in lower or "write failed" in lower:
        return OSError(text)
    if any(sign in lower for sign in _SIGNS_OF_AN_END):
        return TruncatedFile(f"{filename} ends before its image does ({text}). Copy or upload it again.")
    if any(sign in lower for sign in _SIGNS_OF_ANOTHER_CODING):
        return UnsupportedFormat(
            f"{filename} is coded in a way that cannot be read ({text}). Export it as JPEG and upload that."
        )
    return CorruptFile(
        f"{filename} cannot be decoded ({text}): its image data are damaged. "
        "Copy it again from the camera or from a backup."
    )
