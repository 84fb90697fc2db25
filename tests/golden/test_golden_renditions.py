"""What presets may ask for, each output beside a picture that owes nothing to the code under test."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
import pyvips
from PIL import Image, ImageFilter
from ssimulacra2 import compute_ssimulacra2

import images
from golden.plans import rendered
from reference import reference
from render.rendition import Rendered

FORMATS = {"jpeg": "JPEG", "webp": "WEBP", "avif": "AVIF", "png": "PNG"}
RIGHTS = {0x013B: b"Ann L\xc3\xb6we", 0x8298: b"\xc2\xa9 2026 Ann L\xc3\xb6we"}


def opened(made: Rendered) -> Image.Image:
    image = Image.open(io.BytesIO(made.body))
    image.load()
    assert image.size == (made.width, made.height)
    return image


def said(**different: bytes) -> bytes:
    """An Exif block of rights, a description, a place and an orientation."""
    exif = Image.Exif()
    exif.load(images.exif(1))
    exif.get_ifd(0x8825)
    for tag, text in RIGHTS.items():
        exif[tag] = text
    return exif.tobytes()


def photo(width: int = 720) -> Image.Image:
    """A picture with edges, gradients and grain, as photos have."""
    plain = images.picture(width, width * 5 // 8)
    grain = np.random.default_rng(3).normal(0, 18, (plain.height, plain.width, 1))
    soft = Image.fromarray(np.clip(np.asarray(plain) + grain, 0, 255).astype("uint8"))
    return soft.filter(ImageFilter.GaussianBlur(1))


def natural(width: int = 720) -> Image.Image:
    """Noise with the spectrum of photographs, where amplitude falls with frequency, mostly in lightness."""
    height = width * 5 // 8
    random = np.random.default_rng(3)
    frequency = np.hypot(np.fft.rfftfreq(width)[None, :], np.fft.fftfreq(height)[:, None])
    frequency[0, 0] = 1

    def layer(fall: float) -> np.ndarray:
        spectrum = np.fft.rfft2(random.normal(size=(height, width))) / frequency**fall
        tones = np.fft.irfft2(spectrum, (height, width))
        return np.asarray(tones / tones.std())

    light, warm, cold = layer(1.2) * 45 + 120, layer(1.5) * 18, layer(1.5) * 18
    pixels = np.stack([light + warm, light - warm / 2 + cold / 2, light - cold], axis=-1)
    return Image.fromarray(pixels.clip(0, 255).astype("uint8"))


def score(made: bytes, original: Image.Image) -> float:
    files = io.BytesIO(), io.BytesIO()
    for image, file in zip((original, Image.open(io.BytesIO(made)).convert("RGB")), files, strict=True):
        image.save(file, "PNG", compress_level=0)
        file.seek(0)
    return float(compute_ssimulacra2(*files))


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_of_renditions_looks_like_the_original(tmp_path: Path, format_: str) -> None:
    data = images.saved(photo(), "PNG")
    made = rendered(tmp_path, data, format=format_)
    image = opened(made)
    assert (image.format, made.media_type) == (FORMATS[format_], f"image/{format_}")
    images.assert_similar(image, reference(data, (400, 400)), f"golden-{format_}", most=3.5)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format_", ["jpeg", "webp"])
def test_every_orientation_comes_out_upright(tmp_path: Path, orientation: int, format_: str) -> None:
    data = images.oriented("JPEG", orientation)
    image = opened(rendered(tmp_path, data, width=160, height=160, format=format_, metadata="copyright"))
    images.assert_similar(image, images.picture(160, 100), f"golden-{format_}-{orientation}", most=5)
    assert image.getexif().get(0x0112, 1) == 1


@pytest.mark.parametrize("format_", ["webp", "avif", "png"])
def test_alpha_is_kept_where_the_format_has_it(tmp_path: Path, format_: str) -> None:
    clear = images.picture().convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(clear.size))
    image = opened(rendered(tmp_path, images.saved(clear, "PNG"), format=format_, quality=95))
    assert image.mode == "RGBA"
    images.assert_similar(
        image.getchannel("A"), clear.getchannel("A").resize(image.size), f"alpha-{format_}", most=2
    )


@pytest.mark.parametrize("background", ["#ffffff", "#204080"])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_shows_its_background_where_the_original_is_clear(
    tmp_path: Path, background: str, progressive: bool
) -> None:
    clear = images.picture().convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(clear.size))
    data = images.saved(clear, "PNG")
    made = rendered(tmp_path, data, format="jpeg", background=background, progressive=progressive)
    images.assert_similar(opened(made), reference(data, (400, 400), background), f"over{background}")


def test_the_placeholder_too_lies_over_the_background(tmp_path: Path) -> None:
    data = images.saved(Image.new("RGBA", (64, 64), (0, 0, 0, 0)), "PNG")
    light, dark = (
        rendered(tmp_path, data, background=color, placeholder=True).placeholder
        for color in ("#ffffff", "#000000")
    )
    assert light != dark


@pytest.mark.parametrize(
    ("name", "box", "region"),
    [
        ("square", (100, 100), (60, 0, 260, 200)),
        ("wide", (160, 50), (0, 50, 320, 150)),
        ("tall", (40, 100), (120, 0, 200, 200)),
    ],
)
@pytest.mark.parametrize("orientation", [1, 6])
def test_a_box_is_covered_by_the_centre(
    tmp_path: Path, name: str, box: tuple[int, int], region: tuple[int, int, int, int], orientation: int
) -> None:
    made = opened(
        rendered(tmp_path, images.oriented("JPEG", orientation), width=box[0], height=box[1], fit="cover")
    )
    expected = images.picture().resize(box, Image.Resampling.BOX, box=region)
    images.assert_similar(made, expected, f"cover-{name}-{orientation}")


def test_a_box_larger_than_the_original_is_filled_in_its_shape_alone(tmp_path: Path) -> None:
    made = opened(rendered(tmp_path, images.plain("png"), width=1000, height=1000, fit="cover"))
    images.assert_similar(made, images.picture().crop((60, 0, 260, 200)), "cover-small", most=0.5)
    assert opened(rendered(tmp_path, images.plain("png"), width=640, height=300, fit="cover")).size == (
        320,
        150,
    )


def test_attention_crops_to_what_stands_out(tmp_path: Path) -> None:
    image = Image.new("RGB", (900, 300), (128, 128, 128))
    image.paste(photo(200).crop((0, 0, 120, 120)), (740, 90))
    crops = [
        opened(
            rendered(tmp_path, images.saved(image, "PNG"), width=150, height=150, fit="cover", crop=crop)
        ).convert("L")
        for crop in ("centre", "attention")
    ]
    centre, attention = (float(np.asarray(crop, dtype=float).std()) for crop in crops)
    assert centre < 1 < 10 < attention


@pytest.mark.parametrize("sigma", [0.5, 1.0, 3.0])
def test_sharpening_adds_the_difference_from_a_blur(tmp_path: Path, sigma: float) -> None:
    original = photo(400)
    made = opened(rendered(tmp_path, images.saved(original, "PNG"), sharpen=sigma))
    pixels = np.asarray(original, dtype=float)
    reach = int(np.ceil(4 * sigma))
    bell = np.exp(-((np.arange(-reach, reach + 1) / sigma) ** 2) / 2)
    blurred = pixels
    for axis in (0, 1):
        room = [(reach, reach) if n == axis else (0, 0) for n in range(3)]
        wide = np.pad(blurred, room, mode="edge")
        length = pixels.shape[axis]
        blurred = sum(
            weight * wide.take(range(at, at + length), axis=axis)
            for at, weight in enumerate(bell / bell.sum())
        )
    expected = Image.fromarray(np.clip(2 * pixels - blurred, 0, 255).round().astype("uint8"))
    images.assert_similar(made, expected, f"sharp-{sigma}", most=0.6)
    assert images.difference(made, original) > 0.4


@pytest.mark.parametrize("quality", [75, 85])
@pytest.mark.parametrize("asked", ["jpeg", "progressive", "webp", "avif"])
def test_a_quality_looks_the_same_in_every_format(tmp_path: Path, asked: str, quality: int) -> None:
    original = natural()
    how = {"format": "jpeg", "progressive": True} if asked == "progressive" else {"format": asked}
    made = rendered(tmp_path, images.saved(original, "PNG"), width=720, height=720, quality=quality, **how)
    libjpeg = images.saved(original, "JPEG", quality=quality, subsampling="4:2:0")
    assert score(made.body, original) == pytest.approx(score(libjpeg, original), abs=4)


def test_a_quality_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1 to 95, not 96"):
        rendered(tmp_path, images.plain("png"), format="jpeg", quality=96)


@pytest.mark.parametrize("source", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("format_", FORMATS)
def test_copyright_and_artist_alone_are_kept_where_the_plan_says_so(
    tmp_path: Path, source: str, format_: str
) -> None:
    tags = {"tiffinfo": {**RIGHTS, 0x010E: "SECRET"}} if source == "TIFF" else {"exif": said()}
    data = images.saved(images.picture(), source, **tags)
    assert b"SECRET" in data
    assert RIGHTS[0x013B] in data
    body = rendered(tmp_path, data, format=format_, metadata="copyright").body
    exif = Image.open(io.BytesIO(body)).getexif()
    assert {tag: text.encode("latin-1") for tag, text in exif.items()} == RIGHTS
    assert b"SECRET" not in body
    bare = rendered(tmp_path, data, format=format_).body
    assert dict(Image.open(io.BytesIO(bare)).getexif()) == {}


@pytest.mark.parametrize("source", ["JPEG", "PNG"])
def test_a_photo_that_says_nothing_of_rights_gets_no_exif(tmp_path: Path, source: str) -> None:
    data = images.saved(images.picture(), source, exif=images.exif(1))
    made = opened(rendered(tmp_path, data, format="jpeg", metadata="copyright"))
    assert "exif" not in made.info


def test_alpha_and_rights_go_together_in_webp(tmp_path: Path) -> None:
    data = images.saved(images.picture().convert("RGBA"), "PNG", exif=said())
    image = opened(rendered(tmp_path, data, format="webp", metadata="copyright"))
    assert (image.mode, image.getexif()[0x013B].encode("latin-1")) == ("RGBA", RIGHTS[0x013B])


@pytest.mark.parametrize("format_", FORMATS)
def test_the_same_original_always_gives_the_same_bytes(tmp_path: Path, format_: str) -> None:
    data = images.saved(photo(), "PNG", exif=said())
    first, second = (
        rendered(tmp_path, data, format=format_, placeholder=True, sharpen=0.5, metadata="copyright")
        for _ in "12"
    )
    assert first == second


def test_sixteen_bits_keep_their_tones(tmp_path: Path) -> None:
    deep = np.asarray(images.picture(), dtype="uint16") * 257
    image = pyvips.Image.new_from_array(deep).copy(interpretation="rgb16")
    for data in (image.pngsave_buffer(), image.tiffsave_buffer(compression="lzw")):
        images.assert_similar(opened(rendered(tmp_path, data)), images.picture(), "deep", most=0.5)


@pytest.mark.parametrize(
    "how",
    [
        {"tile": True, "tile_width": 64, "tile_height": 64},
        {"compression": "deflate", "predictor": "horizontal"},
        {"bigtiff": True, "tile": True},
        {"compression": "lzw", "pyramid": True, "tile": True},
    ],
    ids=["tiled", "deflate", "bigtiff", "pyramid"],
)
def test_tiff_files_of_every_layout(tmp_path: Path, how: dict[str, object]) -> None:
    image = pyvips.Image.new_from_array(np.asarray(images.picture())).copy(interpretation="srgb")
    made = opened(rendered(tmp_path, image.tiffsave_buffer(**how)))
    images.assert_similar(made, images.picture(), "tiff", most=0.5)


def test_a_planar_tiff(tmp_path: Path) -> None:
    picture = images.picture()
    planes = b"".join(band.tobytes() for band in picture.split())
    count, bits_at = 10, 8 + 2 + 10 * 12 + 4
    lists = struct.pack("<3H", 8, 8, 8) + bytes(2)
    offsets_at, sizes_at = bits_at + 8, bits_at + 20
    data_at, size = sizes_at + 12, picture.width * picture.height
    lists += struct.pack("<3I", *(data_at + n * size for n in range(3))) + struct.pack("<3I", *[size] * 3)
    entries = [
        (256, 4, 1, picture.width),
        (257, 4, 1, picture.height),
        (258, 3, 3, bits_at),
        (259, 3, 1, 1),
        (262, 3, 1, 2),
        (273, 4, 3, offsets_at),
        (277, 3, 1, 3),
        (278, 4, 1, picture.height),
        (279, 4, 3, sizes_at),
        (284, 3, 1, 2),
    ]
    directory = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    data = b"II*\x00" + struct.pack("<IH", 8, count) + directory + bytes(4) + lists + planes
    images.assert_similar(opened(rendered(tmp_path, data)), picture, "planar", most=0.5)


def test_floating_point_colour_is_linear_light(tmp_path: Path) -> None:
    tones = (np.asarray(images.picture(), dtype=float) / 255).clip(0, 1)
    linear = np.where(tones <= 0.04045, tones / 12.92, ((tones + 0.055) / 1.055) ** 2.4)
    image = pyvips.Image.new_from_array(linear.astype("float32")).copy(interpretation="scrgb")
    made = opened(rendered(tmp_path, image.tiffsave_buffer()))
    images.assert_similar(made, images.picture(), "float", most=0.6)


@pytest.mark.parametrize("subsampling", [0, 1, 2, "4:1:1"])
@pytest.mark.parametrize("progressive", [False, True])
def test_jpegs_of_every_sampling(tmp_path: Path, subsampling: int | str, progressive: bool) -> None:
    data = images.saved(
        images.picture(), "JPEG", quality=95, subsampling=subsampling, progressive=progressive
    )
    images.assert_similar(opened(rendered(tmp_path, data)), images.picture(), f"sampling-{subsampling}")


def ultra_hdr(exif: bytes) -> tuple[np.ndarray, bytes]:
    """A picture in linear light that is brighter than white, and its Ultra HDR JPEG."""
    down, across = np.mgrid[0:400, 0:600]
    light = np.stack([across / 150, down / 400, np.full(across.shape, 0.3)], axis=-1).astype("float32")
    base = pyvips.Image.new_from_array(light).copy(interpretation="scrgb").uhdrsave_buffer(Q=95)
    image = pyvips.Image.uhdrload_buffer(base).copy()
    image.set_type(pyvips.GValue.blob_type, "exif-data", exif)
    return light, image.uhdrsave_buffer(Q=95, keep="gainmap|exif")


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_gain_map_is_kept_shrunk_and_turned_where_the_plan_says_so(
    tmp_path: Path, orientation: int
) -> None:
    light, data = ultra_hdr(images.exif(orientation))
    made = rendered(tmp_path, data, format="jpeg", width=200, height=200, gain_map=True)
    shown = pyvips.Image.uhdrload_buffer(made.body).uhdr2scRGB().numpy()
    expected = light[1::3, 1::3]
    expected = np.rot90(expected, -1) if orientation == 6 else expected
    assert shown.shape[:2] == (made.height, made.width)
    trimmed = expected[: shown.shape[0], : shown.shape[1]]
    assert np.corrcoef(shown[..., 0].ravel(), trimmed[..., 0].ravel())[0, 1] > 0.98
    assert shown.max() > 2
    assert b"SECRET" not in made.body


def test_a_gain_map_is_left_out_unless_the_plan_asks(tmp_path: Path) -> None:
    _, data = ultra_hdr(images.exif(1))
    body = rendered(tmp_path, data, format="jpeg").body
    with pytest.raises(pyvips.Error):
        pyvips.Image.uhdrload_buffer(body)


def test_a_photo_without_a_gain_map_is_rendered_all_the_same(tmp_path: Path) -> None:
    made = rendered(tmp_path, images.plain("jpeg"), format="jpeg", gain_map=True)
    assert made == rendered(tmp_path, images.plain("jpeg"), format="jpeg")
