"""What the judge measures is what the worker decodes: odd files that are whole, from end to end."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

import heif_files
import images
import metadata_files
from golden.plans import plan
from pipeline import renditions_of
from safelight.errors import BadInput
from safelight.files import gif
from validate.photo import describe

NAME = "a photo"


def shown(tmp_path: Path, data: bytes) -> Image.Image:
    """What the pipeline shows of a file, in the size that the judge has measured."""
    path = tmp_path / "original"
    path.write_bytes(data)
    photo = describe(path, NAME, 1_000_000)
    ((_, made),) = renditions_of(path, NAME, [plan(width=4000, height=4000)], tmp_path)
    image = Image.open(io.BytesIO(made.body))
    image.load()
    assert image.size == (photo["width"], photo["height"])
    return image


def png(*before: bytes, behind: bytes = b"") -> bytes:
    """The picture as a PNG with more chunks before its pixels, or behind."""
    data = images.plain("png")
    end = data.index(b"IEND") - 4
    return data[:33] + b"".join(before) + data[33:end] + behind + data[end:]


def chunk(kind: bytes, body: bytes) -> bytes:
    return images.png_chunk(kind, body)


def with_wrong_checksum(whole: bytes) -> bytes:
    return whole[:-1] + bytes([whole[-1] ^ 1])


def jpeg(*segments: bytes) -> bytes:
    return metadata_files.jpeg(*segments, picture=images.picture())


def clear(picture: Image.Image) -> Image.Image:
    made = picture.convert("RGBA")
    made.putalpha(Image.linear_gradient("L").resize(made.size))
    return made


def gif_ended(without_trailer: bool) -> bytes:
    data = images.plain("gif")
    return data[:-1] if without_trailer else data[:-1] + b"\x00junk"


HEALTHY: dict[str, Callable[[], bytes]] = {
    "png: text of 2 MB": lambda: png(chunk(b"tEXt", b"Comment\x00" + b"x" * 2_000_000)),
    "png: packed text of 2 MB": lambda: png(
        chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(b"x" * 2_000_000))
    ),
    "png: XMP of 2 MB": lambda: png(chunk(b"iTXt", b"XML:com.adobe.xmp" + bytes(5) + b"x" * 2_000_000)),
    "png: a profile of 2 MB": lambda: png(chunk(b"iCCP", b"icc\x00\x00" + zlib.compress(bytes(2_000_000)))),
    "png: a profile that is not packed": lambda: png(chunk(b"iCCP", b"icc\x00\x00not zlib")),
    "png: text of a wrong checksum": lambda: png(with_wrong_checksum(chunk(b"tEXt", b"Comment\x00hi"))),
    "png: a profile of a wrong checksum": lambda: png(
        with_wrong_checksum(chunk(b"iCCP", b"icc\x00\x00" + zlib.compress(images.swapped_channels_profile())))
    ),
    "png: Exif of a wrong checksum behind the pixels": lambda: png(
        behind=with_wrong_checksum(chunk(b"eXIf", images.exif(6)[6:]))
    ),
    "png: primaries that are cut": lambda: png(chunk(b"cHRM", bytes(4))),
    "png: text packed in a way that there is not": lambda: png(chunk(b"zTXt", b"Comment\x00xx")),
    "png: a palette's transparency in RGB": lambda: png(chunk(b"tRNS", bytes(3))),
    "png: private chunks": lambda: png(chunk(b"prVt", b"x" * 70_000), behind=chunk(b"prVt", b"y")),
    "png: XMP that says a turn": lambda: png(
        chunk(b"iTXt", b"XML:com.adobe.xmp" + bytes(5) + metadata_files.xmp('tiff:Orientation="6"'))
    ),
    "jpeg: an empty JFIF": lambda: jpeg(metadata_files.segment(0xE0, b"JFIF\x00")),
    "jpeg: an APP0 of somebody's": lambda: jpeg(metadata_files.segment(0xE0, b"AVI1\x00")),
    "jpeg: two JFIFs, of other versions": lambda: jpeg(
        metadata_files.segment(0xE0, b"JFIF\x00\x07\x07\x00\x00\x00\x00\x00\x00\x00") * 2
    ),
    "jpeg: an Adobe segment that is cut": lambda: jpeg(metadata_files.segment(0xEE, b"Adobe\x00")),
    "jpeg: Exif that is none": lambda: jpeg(metadata_files.exif_segment(b"II*\x00\xff\xff\xff\xff")),
    "jpeg: XMP that says a turn": lambda: jpeg(
        metadata_files.xmp_segment(metadata_files.xmp('tiff:Orientation="6"'))
    ),
    "jpeg: a profile in parts of which one is missing": lambda: jpeg(
        metadata_files.segment(0xE2, b"ICC_PROFILE\x00\x01\x03" + bytes(200))
    ),
    "webp: XMP that says a turn": lambda: images.saved(
        images.picture(), "WEBP", quality=95, xmp=metadata_files.xmp('tiff:Orientation="6"')
    ),
    "webp: Exif that is none": lambda: images.saved(
        images.picture(), "WEBP", quality=95, exif=b"II*\x00\xff\xff\xff\xff"
    ),
    "gif: without its trailer": lambda: gif_ended(without_trailer=True),
    "gif: junk for its trailer": lambda: gif_ended(without_trailer=False),
    "avif: Exif that is none": lambda: (
        images.saved(images.picture(), "AVIF", quality=95, exif=images.exif(1))
        .replace(b"Exif\x00\x00MM\x00*", b"Exif\x00\x00junk")
        .replace(b"MM\x00*\x00\x00\x00\x08", b"\xff" * 8)
    ),
    "avif: a sequence": lambda: images.saved(
        images.picture(),
        "AVIF",
        quality=95,
        save_all=True,
        append_images=[images.picture().rotate(180)],
        duration=100,
    ),
    "heic: Exif that is none": lambda: images.saved(
        images.picture(), "HEIF", quality=90, exif=images.exif(1)
    ).replace(b"MM\x00*\x00\x00\x00\x08", b"\xff" * 8),
}


@pytest.mark.parametrize("name", HEALTHY)
def test_what_is_odd_about_metadata_neither_refuses_nor_turns_a_photo(tmp_path: Path, name: str) -> None:
    images.assert_similar(shown(tmp_path, HEALTHY[name]()).convert("RGB"), images.picture(), "judged", most=3)


def exif_of(kind: int, orientation: int, big: bool = False) -> bytes:
    """An Exif block whose orientation has that type."""
    order = ">" if big else "<"
    code = {1: "B", 3: "H", 4: "I", 9: "i"}[kind]
    value = struct.pack(order + code, orientation).ljust(4, b"\x00")
    head = (b"MM\x00*" if big else b"II*\x00") + struct.pack(order + "IHHHI", 8, 1, 0x0112, kind, 1)
    return b"Exif\x00\x00" + head + value + bytes(4)


def turned(format_: str, kind: int, big: bool) -> bytes:
    stored, block = images.picture().transpose(Image.Transpose.ROTATE_90), exif_of(kind, 6, big)
    if format_ == "late PNG":
        data = images.saved(stored, "PNG")
        end = data.index(b"IEND") - 4
        return data[:end] + chunk(b"eXIf", block[6:]) + data[end:]
    if format_ == "TIFF":
        data = images.saved(stored, "TIFF", tiffinfo={0x0112: 6})
        return data.replace(struct.pack("<HH", 0x0112, 3), struct.pack("<HH", 0x0112, kind))
    how = {"exif": block} if format_ == "PNG" else {"exif": block, "quality": 95}
    return images.saved(stored, format_, **how)


@pytest.mark.parametrize("big", [False, True], ids=["little", "big"])
@pytest.mark.parametrize("kind", [1, 3, 4])
@pytest.mark.parametrize("format_", ["JPEG", "PNG", "late PNG", "WEBP", "TIFF"])
def test_an_orientation_of_any_type_of_integer_is_one_answer(
    tmp_path: Path, format_: str, kind: int, big: bool
) -> None:
    image = shown(tmp_path, turned(format_, kind, big))
    images.assert_similar(image.convert("RGB"), images.picture(), "turned", most=3)


def clap(width: int, height: int, left: int, top: int) -> bytes:
    """A clean aperture of the picture of 320 x 200 (ISO/IEC 14496-12, 12.1.4)."""
    across, down = 2 * left + width - 320, 2 * top + height - 200
    numbers = struct.pack(">4I2i2i", width, 1, height, 1, across, 2, down, 2)
    return metadata_files.box(b"clap", numbers)


@pytest.mark.parametrize("name", ["avif", "heic"])
def test_a_clean_aperture_is_one_answer(tmp_path: Path, name: str) -> None:
    data = heif_files.with_property(images.plain(name), clap(160, 120, 0, 0))
    image = shown(tmp_path, data)
    images.assert_similar(image.convert("RGB"), images.picture().crop((0, 0, 160, 120)), "clap", most=4)


@pytest.mark.parametrize("quarters", [1, 2, 3])
@pytest.mark.parametrize("name", ["avif", "heic"])
def test_a_turn_of_a_heif_file_is_one_answer(tmp_path: Path, name: str, quarters: int) -> None:
    data = heif_files.with_property(images.plain(name), metadata_files.box(b"irot", bytes([quarters])))
    expected = images.picture().rotate(90 * quarters, expand=True)
    images.assert_similar(shown(tmp_path, data).convert("RGB"), expected, "irot", most=4)


def test_alpha_of_an_avif_that_does_not_say_its_size_is_shown(tmp_path: Path) -> None:
    made = clear(images.picture())
    data = heif_files.without_size(images.saved(made, "AVIF", quality=95), item=1)
    image = shown(tmp_path, data)
    images.assert_similar(image.getchannel("A"), made.getchannel("A"), "no-ispe", most=3)


GRAINY: dict[str, Callable[[Image.Image], bytes]] = {
    "jpeg": lambda made: images.saved(made, "JPEG", quality=90),
    "progressive": lambda made: images.saved(made, "JPEG", quality=90, progressive=True),
    "png": lambda made: images.saved(made, "PNG"),
    "webp": lambda made: images.saved(made, "WEBP", quality=90),
    "webp-lossless": lambda made: images.saved(made, "WEBP", lossless=True),
    "webp-alpha": lambda made: images.saved(clear(made), "WEBP", quality=90),
    "webp-animation": lambda made: images.saved(
        made, "WEBP", quality=90, save_all=True, append_images=[made.rotate(180)]
    ),
    "tiff-jpeg": lambda made: images.saved(made, "TIFF", compression="jpeg"),
    "tiff-lzw": lambda made: images.saved(made, "TIFF", compression="tiff_lzw"),
    "heic": lambda made: images.saved(made, "HEIF", quality=90),
    "avif": lambda made: images.saved(made, "AVIF", quality=90),
    "gif": lambda made: images.saved(made.quantize(256), "GIF"),
    "gif-animation": lambda made: images.saved(
        made.quantize(256), "GIF", save_all=True, append_images=[made.rotate(180).quantize(256)]
    ),
}


@pytest.mark.parametrize("share", [0.3, 0.7, 0.95])
@pytest.mark.parametrize("name", GRAINY)
def test_a_file_that_a_copy_has_left_zeros_in_for_its_end_is_never_shown(
    tmp_path: Path, name: str, share: float
) -> None:
    """Whoever makes room for a file first and is stopped leaves one of the right length."""
    data = GRAINY[name](images.grainy())
    if name.endswith("animation"):
        share /= 2  # the first frame is what is shown
    kept = int(len(data) * share)
    with pytest.raises(BadInput):
        shown(tmp_path, data[:kept] + bytes(len(data) - kept))


@pytest.mark.parametrize("name", sorted(GRAINY.keys() - {"progressive", "tiff-jpeg", "gif-animation"}))
def test_a_file_that_has_lost_a_sector_of_its_pixels_is_never_shown(tmp_path: Path, name: str) -> None:
    data = GRAINY[name](images.grainy())
    at = len(data) // (4 if name.endswith("animation") else 2)
    with pytest.raises(BadInput):
        shown(tmp_path, data[:at] + bytes(4096) + data[at + 4096 :])


PLAIN_WALLS: dict[str, Callable[[Image.Image], bytes]] = {
    name: make for name, make in GRAINY.items() if "animation" not in name and name != "webp-alpha"
}


@pytest.mark.parametrize("color", ["white", "black", "#7f7f7f"])
@pytest.mark.parametrize("name", PLAIN_WALLS)
def test_a_picture_of_one_colour_has_lost_nothing(tmp_path: Path, name: str, color: str) -> None:
    """A coder may make long runs of zeros of it."""
    wall = Image.new("RGB", (1200, 800), color)
    images.assert_similar(shown(tmp_path, PLAIN_WALLS[name](wall)).convert("RGB"), wall, "wall", most=3)


GIFS: dict[str, Callable[[], Image.Image]] = {
    "of many codes": lambda: images.grainy().quantize(256),
    "of few colours": lambda: images.picture().quantize(4),
    "of two colours": lambda: images.picture().convert("1"),
    "of one colour": lambda: Image.new("P", (700, 500)),
    "of a pixel": lambda: Image.new("P", (1, 1)),
}


@pytest.mark.parametrize("interlace", [0, 1])
@pytest.mark.parametrize("name", GIFS)
def test_a_gif_before_a_trailer_of_junk_is_judged_by_its_pixels(
    tmp_path: Path, name: str, interlace: int
) -> None:
    data = images.saved(GIFS[name](), "GIF", interlace=interlace)
    (frame,) = gif.frames(io.BytesIO(data))
    assert gif.holds_all(io.BytesIO(data), frame)
    for more in (frame._replace(height=frame.height + 1), frame._replace(width=frame.width + 1)):
        assert not gif.holds_all(io.BytesIO(data), more), "one code is not counted as more than it is"
    made = shown(tmp_path, data[:-1] + b"\x00junk")
    images.assert_similar(made.convert("RGB"), GIFS[name]().convert("RGB"), "gif", most=1)


def test_a_gif_whose_codes_stand_for_nothing_holds_nothing() -> None:
    data = images.plain("gif")
    (frame,) = gif.frames(io.BytesIO(data))
    for size in (0, 8, 11, 12, 64, 255):
        nonsense = data[: frame.data] + bytes([size]) + b"\x04\x00\xff\xff\xff\x00"
        assert not gif.holds_all(io.BytesIO(nonsense), frame)


@pytest.mark.parametrize("name", ["avif", "heic", "jpeg", "png", "tiff-lzw", "webp", "gif"])
def test_an_error_is_told_by_its_own_words_alone(tmp_path: Path, name: str) -> None:
    """libvips keeps what it complains of until somebody asks: complaints of one photo are not another's."""
    shown(tmp_path, images.plain("avif"))
    (tmp_path / "original").write_bytes(images.plain(name)[:150])
    with pytest.raises(BadInput) as raised:
        describe(tmp_path / "original", NAME, 1_000_000)
    assert "bad seek" not in str(raised.value)
    assert str(tmp_path) not in str(raised.value)
