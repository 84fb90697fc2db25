"""Makes test images of every format, and compares pictures.

The picture has a different colour in each corner and a gradient, so that each of the eight orientations,
a lost channel and a wrong tone all show.
"""

import io
import struct
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image, ImageCms, ImageDraw, ImageOps

OUTPUT = Path(__file__).parent / "output"
SAMPLES = Path(__file__).parents[1].parent / "shared" / "samples"

RED, GREEN, BLUE, YELLOW = (200, 30, 30), (30, 170, 60), (40, 60, 200), (230, 210, 40)
_STORED_AS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How a camera held so stores the upright picture: the inverse of what a viewer must do."""


def picture(width: int = 320, height: int = 200) -> Image.Image:
    """An upright RGB picture: red, green, yellow, blue corners clockwise from the top left, on a gradient."""
    across = np.linspace(60, 220, width)[None, :]
    down = np.linspace(90, 190, height)[:, None]
    levels = np.stack(np.broadcast_arrays(across, down, (across + down) / 2), axis=-1)
    image = Image.fromarray(levels.round().astype("uint8"))
    draw = ImageDraw.Draw(image)
    w, h = width // 3, height // 3
    draw.rectangle((0, 0, w, h), RED)
    draw.rectangle((width - w, 0, width, h), GREEN)
    draw.rectangle((width - w, height - h, width, height), YELLOW)
    draw.rectangle((0, height - h, w, height), BLUE)
    return image


def grainy(width: int = 640, height: int = 400) -> Image.Image:
    """The same with grain, which no coder makes small."""
    grain = np.random.default_rng(1).integers(-20, 20, (height, width, 3))
    pixels = np.asarray(picture(width, height)).astype("int16") + grain
    return Image.fromarray(pixels.clip(0, 255).astype("uint8"))


def exif(orientation: int, **gps: Any) -> bytes:
    """An Exif block with an orientation, a description, and a place."""
    made = Image.Exif()
    made[0x0112] = orientation
    made[0x010E] = "SECRET-DESCRIPTION"
    made.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 29.0), 3: "E", 4: (2.0, 17.0, 40.0)})
    return made.tobytes()


def saved(image: Image.Image, format_: str, **how: Any) -> bytes:
    """`image` as a file."""
    pillow_heif.register_heif_opener()
    buffer = io.BytesIO()
    image.save(buffer, format_, **how)
    return buffer.getvalue()


def stored_as(orientation: int) -> Image.Image:
    """The picture as a camera held in that orientation stores it."""
    upright = picture()
    return upright.transpose(_STORED_AS[orientation]) if orientation > 1 else upright


def oriented(format_: str, orientation: int) -> bytes:
    """The picture as a camera held in that orientation stores it, with the Exif that says so."""
    stored = stored_as(orientation)
    if format_ == "HEIF":  # the writer turns Exif orientation into irot and imir, as a phone writes it
        return saved(stored, "HEIF", quality=90, exif=exif(orientation))
    how: dict[str, Any] = {"JPEG": {"quality": 95}, "WEBP": {"quality": 95}, "AVIF": {"quality": 95}}
    if format_ == "TIFF":
        return saved(stored, "TIFF", compression="tiff_lzw", tiffinfo={0x0112: orientation})
    return saved(stored, format_, exif=exif(orientation), **how.get(format_, {}))


def turned_by_exif_alone(format_: str, orientation: int) -> bytes:
    """The picture in HEIF or AVIF as a camera held so stores it; Exif says how, no `irot` and no `imir`."""
    stored = stored_as(orientation)
    block = exif(orientation)
    entry, hidden = struct.pack(">HHI", 0x0112, 3, 1), struct.pack(">HHI", 0x0113, 3, 1)
    data = saved(stored, format_, quality=90, exif=block.replace(entry, hidden))
    assert data.count(hidden) == 1  # writers make `irot` and `imir` of what they know
    return data.replace(hidden, entry)


PLAIN = {
    "jpeg": lambda: saved(picture(), "JPEG", quality=95),
    "progressive": lambda: saved(picture(), "JPEG", quality=95, progressive=True),
    "restarts": lambda: saved(picture(), "JPEG", quality=95, restart_marker_rows=1),
    "png": lambda: saved(picture(), "PNG"),
    "webp": lambda: saved(picture(), "WEBP", quality=95),
    "webp-lossless": lambda: saved(picture(), "WEBP", lossless=True),
    "tiff": lambda: saved(picture(), "TIFF"),
    "tiff-lzw": lambda: saved(picture(), "TIFF", compression="tiff_lzw"),
    "tiff-jpeg": lambda: saved(picture(), "TIFF", compression="jpeg", quality=95),
    "bigtiff": lambda: saved(picture(), "TIFF", big_tiff=True),
    "heic": lambda: saved(picture(), "HEIF", quality=90),
    "avif": lambda: saved(picture(), "AVIF", quality=95),
    "gif": lambda: saved(picture().quantize(256), "GIF"),
    "palette": lambda: saved(picture().quantize(256), "PNG"),
    "rgba": lambda: saved(picture().convert("RGBA"), "PNG"),
    "mpo": lambda: saved(
        picture(), "MPO", quality=95, save_all=True, append_images=[ImageOps.invert(picture())]
    ),
    "apng": lambda: saved(picture(), "PNG", save_all=True, append_images=[ImageOps.invert(picture())]),
    "pages": lambda: saved(picture(), "TIFF", save_all=True, append_images=[ImageOps.invert(picture())]),
    "big-endian-tiff": lambda: big_endian_tiff(),
}
"""The same picture in every format and variant that holds its colours."""

FORMATS = {"jpeg", "png", "webp", "tiff", "bigtiff", "heic", "avif", "gif"}


@cache
def plain(name: str) -> bytes:
    """One of `PLAIN`, made once."""
    return PLAIN[name]()


def big_endian_tiff() -> bytes:
    """The picture as an uncompressed TIFF of Motorola's byte order, which Pillow does not write."""
    image = picture()
    pixels, bits_at, data_at = image.tobytes(), 8 + 2 + 10 * 12 + 4, 8 + 2 + 10 * 12 + 4 + 6
    entries = [
        (256, 4, 1, image.width),
        (257, 4, 1, image.height),
        (258, 3, 3, bits_at),
        (259, 3, 1, 1 << 16),
        (262, 3, 1, 2 << 16),
        (273, 4, 1, data_at),
        (277, 3, 1, 3 << 16),
        (278, 4, 1, image.height),
        (279, 4, 1, len(pixels)),
        (284, 3, 1, 1 << 16),
    ]
    directory = struct.pack(">H", 10) + b"".join(struct.pack(">HHII", *entry) for entry in entries)
    return b"MM\x00*" + struct.pack(">I", 8) + directory + bytes(4) + struct.pack(">3H", 8, 8, 8) + pixels


def tiff_directory(tags: dict[int, tuple[int, int]], **sub: int) -> bytes:
    """A little-endian TIFF header with one directory of `tags`: type and value; 330 gets a second one."""
    entries = dict(tags)
    second = b""
    if sub:
        start = 8 + 2 + 12 * (len(entries) + 1) + 4
        entries[330] = (4, start)
        second = struct.pack("<HHHII", 1, sub["tag"], 3, 1, sub["value"]) + bytes(4)
    body = b"".join(
        struct.pack("<HHII", tag, kind, 1, value) for tag, (kind, value) in sorted(entries.items())
    )
    return b"II*\x00" + struct.pack("<IH", 8, len(entries)) + body + bytes(4) + second + bytes(64)


def renumbered(jpeg: bytes, numbers: dict[int, int]) -> bytes:
    """A JPEG of one scan whose restart markers, counted from 0, have other numbers."""
    data = bytearray(jpeg)
    scan = jpeg.index(b"\xff\xda")
    places = [at for at in range(scan, len(jpeg) - 2) if data[at] == 0xFF and 0xD0 <= data[at + 1] <= 0xD7]
    for nth, number in numbers.items():
        data[places[nth] + 1] = 0xD0 + number
    return bytes(data)


def png_chunk(kind: bytes, body: bytes) -> bytes:
    """One chunk of a PNG file with its checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A whole little PNG that claims to be huge."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(100_000))
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", packed) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def cut_profile() -> bytes:
    """`swapped_channels_profile` of which a tag that nothing needs, the copyright, is cut off."""
    profile = bytearray(swapped_channels_profile())
    at = profile.index(b"cprt")
    profile[at + 4 : at + 12] = struct.pack(">II", len(profile), 100)
    return struct.pack(">I", len(profile) + 100) + bytes(profile[4:])


def swapped_channels_profile() -> bytes:
    """An RGB profile that reads red as green and green as blue: nothing passes for it unconverted."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack(">I", profile[128:132])[0]
    at = {bytes(profile[p : p + 4]): p for p in range(132, 132 + 12 * count, 12)}
    red, green, blue = (bytes(profile[at[name] + 4 : at[name] + 12]) for name in (b"rXYZ", b"gXYZ", b"bXYZ"))
    for name, where in ((b"rXYZ", green), (b"gXYZ", blue), (b"bXYZ", red)):
        profile[at[name] + 4 : at[name] + 12] = where
    return bytes(profile)


def on_white(image: Image.Image, alpha: Image.Image) -> Image.Image:
    """`image` on white, as clear as `alpha` says."""
    return Image.composite(image, Image.new("RGB", image.size, "white"), alpha)


def difference(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of two pictures of one size, in levels of 0 to 255."""
    pixels = [np.asarray(image.convert("RGB"), dtype="int16") for image in (one, other)]
    return float(np.abs(pixels[0] - pixels[1]).mean())


def assert_similar(actual: Image.Image, expected: Image.Image, name: str, most: float = 3.0) -> None:
    """Fail, and keep both pictures in tests/output, where they differ by more than `most` levels."""
    apart = difference(actual, expected) if actual.size == expected.size else None
    if apart is None or apart > most:
        OUTPUT.mkdir(exist_ok=True)
        actual.convert("RGB").save(OUTPUT / f"{name}.actual.png")
        expected.convert("RGB").save(OUTPUT / f"{name}.expected.png")
        raise AssertionError(
            f"{name}: {actual.size} and {expected.size} differ by {apart} levels, more than {most}. "
            f"Compare the two files in {OUTPUT}."
        )
