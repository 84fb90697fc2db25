"""Decodes the first image of a file with libvips, as small as its use allows, and streamed."""

import mmap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyvips

from safelight.errors import CorruptFile, TruncatedFile, UnsupportedFormat
from safelight.files.jpeg import read_layout
from safelight.imaging import icc
from safelight.imaging.geometry import fit
from safelight.imaging.picture import Decoded

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
_ADOBE = b"\xff\xee\x00\x0eAdobe"
_CMYK_BANDS = 4
_TOP_TONE = 65535
_SIGNS_OF_AN_END = ("premature end", "unexpected end", "bad seek", "read error at scanline")
_SIGNS_OF_ANOTHER_CODING = (
    "not configured",
    "unsupported",
    "not supported",
    "not implemented",
    "bad labq",  # CIELAB of 8 bits
)
"""Words of libvips and of the libraries under it."""


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
        if start.startswith(b"\xff\xd8\xff"):
            return _jpeg(path, filename, lambda stored, orientation: placed(stored, box, orientation))
        image = _other(path, start)
        if image is None:
            raise CorruptFile(
                f"{filename} cannot be decoded: it is no JPEG, PNG, WebP, TIFF or GIF file. "
                "Copy it again from the camera or from a backup."
            )
        colored, profile = _colored(path, start, image)
        return Decoded(colored, _orientation(image), profile, (image.width, image.height))


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
    try:
        yield
    except pyvips.Error as error:
        raise _named(" ".join(str(error).split()), filename) from error


def _jpeg(path: Path, filename: str, wanted: Callable[[Size, int], Size]) -> Decoded:
    data = _whole_jpeg(path, filename)
    header = pyvips.Image.jpegload(str(path))
    orientation, full_size = _orientation(header), (header.width, header.height)
    size = wanted(full_size, orientation)
    scale = next((s for s in _DECODER_SCALES if _leaves_headroom(full_size, s, size)), 1)
    image = pyvips.Image.jpegload_buffer(data, shrink=scale, unlimited=True, **_STREAMED)
    if image.bands == _CMYK_BANDS and _ADOBE not in data[: data.find(b"\xff\xda")]:
        image = image.invert()  # libvips takes every CMYK JPEG for one of Adobe's, which are inverted
    return Decoded(image, orientation, icc.embedded(header), full_size)


def _whole_jpeg(path: Path, filename: str) -> bytes:
    """Return the JPEG at `path`, or what to decode in its place.

    Where an end marker comes before the data that the header promised, libjpeg paints the rest grey and
    only warns. Without the marker it runs out of data, which libvips reports. A few bytes stay in its
    place, since the decoder looks ahead.

    Raises:
        TruncatedFile, CorruptFile: see `safelight.files.jpeg.read_layout`.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        layout = read_layout(data, filename)
        if not layout.one_pass:
            return data[:]
        with memoryview(data) as whole, whole[: layout.scan_end] as scan:
            return b"".join((scan, bytes(_PADDING_BYTES)))  # one copy of what may be 100 MB


def _leaves_headroom(full_size: Size, scale: int, size: Size) -> bool:
    headroom = _SMALL_HEADROOM if max(size) <= _SMALL_PIXELS else _LARGE_HEADROOM
    return all(have >= headroom * scale * want for have, want in zip(full_size, size, strict=True))


def _other(path: Path, start: bytes) -> pyvips.Image | None:
    name = str(path)
    if start.startswith(b"\x89PNG"):
        return pyvips.Image.pngload(name, unlimited=True, **_STREAMED)
    if start.startswith(b"RIFF") and start.endswith(b"WEBP"):
        return pyvips.Image.webpload(name, **_FIRST, **_STREAMED)
    if start.startswith(b"GIF8"):
        return pyvips.Image.gifload(name, **_FIRST, **_STREAMED)
    if start.startswith((b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")):
        return _sixteen_bits(name)
    return None


def _colored(path: Path, start: bytes, image: pyvips.Image) -> tuple[pyvips.Image, bytes | None]:
    """Return `image` with its ICC profile, by whatever its format says colours with."""
    if not start.startswith(b"\x89PNG"):
        return image, icc.embedded(image)
    from safelight.imaging import png  # JPEG needs none of it

    return png.colored(path, image)


def _sixteen_bits(name: str) -> pyvips.Image:
    """Return the TIFF file `name`; greys of more depth than 16 bits are scaled by the tones that there are.

    Floating point RGB stays as it is: libvips takes it for linear light, which is what programs write.
    """
    image = pyvips.Image.tiffload(name, page=0, unlimited=True, **_STREAMED)
    if image.format in ("uchar", "ushort") or image.interpretation != "b-w":
        return image
    tones = pyvips.Image.tiffload(name, page=0, unlimited=True, **_STREAMED).stats()
    low, high = tones(0, 0)[0], tones(1, 0)[0]
    if image.format in ("float", "double") and low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    elif image.format not in ("float", "double") and low >= 0 and high <= _TOP_TONE:
        low, high = 0.0, float(_TOP_TONE)
    scale = _TOP_TONE / (high - low) if high > low else 0.0
    return image.linear(scale, -low * scale).cast("ushort").copy(interpretation="grey16")


def _orientation(image: pyvips.Image) -> int:
    """Return what the file says; libvips keeps a value that does not exist from us."""
    return int(image.get("orientation")) if image.get_typeof("orientation") else 1


def _named(text: str, filename: str) -> Exception:
    lower = text.lower()
    if "out of memory" in lower:
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
