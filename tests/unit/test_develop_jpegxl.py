"""Working masters of JPEG XL: the right pixels in the right colours, upright once, or an honest refusal."""

import io
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import Image, ImageCms

import images
from develop.master import Master, develop
from jpegxl_files import encoded
from safelight.contracts import MasterPlan, Photo
from safelight.errors import BadInput, CorruptFile, TooManyPixels, TruncatedFile, UnsupportedFormat
from validate.photo import describe
from validate.plan import master_of, plan_of

PICTURE = images.picture()
TONES = np.asarray(PICTURE)
DISPLAY_P3, PQ, HLG, LINEAR = 11, 16, 18, 8


@pytest.fixture
def made(tmp_path: Path):  # type: ignore[no-untyped-def]
    def of(data: bytes, max_pixels: int = 250_000_000, color: str = "srgb") -> tuple[Photo, Master]:
        path = tmp_path / "original"
        path.write_bytes(data)
        photo = describe(path, "a.jxl", max_pixels)
        plan = master_of(photo, plan_of("gallery", "album/a.jxl", "v")[0], "execution")
        assert plan is not None
        whole: MasterPlan = {**plan, "width": photo["width"], "height": photo["height"]}
        return photo, develop(path, "a.jxl", photo["format"], {**whole, "color": color})  # type: ignore[typeddict-item]

    return of


def shown(master: Master) -> Image.Image:
    return Image.open(io.BytesIO(master.body))


@pytest.mark.parametrize(
    "data",
    [
        imagecodecs.jpegxl_encode(TONES, distance=0.5),
        imagecodecs.jpegxl_encode(TONES, lossless=True),
        imagecodecs.jpegxl_encode(TONES, lossless=True, usecontainer=True),
        encoded(TONES),
        encoded(TONES, lossless=False),
        encoded(TONES.astype("uint16") * 257),
    ],
    ids=["lossy", "lossless", "in boxes", "plain", "plain lossy", "16 bits"],
)
def test_pixels_are_shown_as_they_are(made, data: bytes) -> None:  # type: ignore[no-untyped-def]
    photo, master = made(data)
    assert (photo["format"], photo["media_type"]) == ("JPEG XL", "image/jxl")
    assert (photo["width"], photo["height"]) == (320, 200)
    assert master.media_type == "image/jpeg"
    assert "icc_profile" not in shown(master).info
    images.assert_similar(shown(master), PICTURE, "jxl")


@pytest.mark.parametrize("size", [(64, 64), (17, 513), (320, 200), (160, 120), (1600, 900), (9000, 3)])
def test_sizes_are_read_as_the_decoder_finds_them(made, size: tuple[int, int]) -> None:  # type: ignore[no-untyped-def]
    photo, master = made(encoded(np.zeros((size[1], size[0], 3), "uint8")))
    assert (photo["width"], photo["height"]) == size == shown(master).size


@pytest.mark.parametrize("orientation", range(1, 9))
def test_each_orientation_is_applied_once(made, orientation: int) -> None:  # type: ignore[no-untyped-def]
    stored = np.asarray(images.stored_as(orientation))
    data = encoded(stored, orientation=orientation, exif=images.exif(orientation)[6:])
    photo, master = made(data)
    assert (photo["width"], photo["height"]) == (320, 200)
    images.assert_similar(shown(master), PICTURE, f"jxl-{orientation}")
    assert b"SECRET" not in master.body


def test_the_maker_is_kept(made) -> None:  # type: ignore[no-untyped-def]
    block = Image.Exif()
    block[0x8298] = "© Ana".encode().decode("latin-1")
    kept = shown(made(encoded(TONES, exif=block.tobytes()[6:]))[1]).getexif()
    assert set(kept) == {0x8298}


def test_grey_and_transparency(made) -> None:  # type: ignore[no-untyped-def]
    grey = PICTURE.convert("L")
    images.assert_similar(shown(made(encoded(np.asarray(grey)[..., None]))[1]).convert("L"), grey, "jxl-grey")
    clear = PICTURE.convert("RGBA")
    clear.paste((0, 0, 0, 0), (0, 0, 100, 60))
    master = made(encoded(np.asarray(clear)))[1]
    assert master.media_type == "image/png"
    assert shown(master).getpixel((10, 10))[3] == 0  # type: ignore[index]
    assert shown(master).getpixel((300, 20)) == (*images.GREEN, 255)


def test_an_embedded_profile_is_honoured(made) -> None:  # type: ignore[no-untyped-def]
    made_of = shown(made(encoded(TONES, profile=images.swapped_channels_profile()))[1])
    red, green, blue = made_of.getpixel((20, 20))  # type: ignore[misc]
    assert green > 150 and red < 60 and blue < 60, "what the profile calls red is green"


@pytest.mark.parametrize("lossless", [True, False])
def test_display_p3_by_number_becomes_srgb_or_stays(made, lossless: bool) -> None:  # type: ignore[no-untyped-def]
    data = encoded(TONES, primaries=DISPLAY_P3, lossless=lossless)
    # (200, 30, 30) by the matrix from Display P3 to sRGB, both with D65 (IEC 61966-2-1, SMPTE EG 432-1)
    assert shown(made(data)[1]).getpixel((20, 20)) == pytest.approx((218, 0, 6), abs=5)
    kept = shown(made(data, color="display-p3")[1])
    assert "P3" in ImageCms.getProfileDescription(io.BytesIO(kept.info["icc_profile"]))  # type: ignore[arg-type]
    images.assert_similar(kept, PICTURE, "jxl-p3")


def test_linear_light_is_shown_as_light(made) -> None:  # type: ignore[no-untyped-def]
    levels = TONES / 255
    light = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    data = encoded((light * 65535).round().astype("uint16"), transfer=LINEAR)
    images.assert_similar(shown(made(data)[1]), PICTURE, "jxl-linear")


@pytest.mark.parametrize(("transfer", "white"), [(PQ, 0.5807), (HLG, 0.75)])
def test_paper_white_of_hdr_is_white(made, transfer: int, white: float) -> None:  # type: ignore[no-untyped-def]
    tones = np.full((64, 64, 3), round(white * 65535), "uint16")
    level = shown(made(encoded(tones, transfer=transfer))[1]).getpixel((30, 30))
    assert level == pytest.approx((255, 255, 255), abs=4)


WHOLE = encoded(TONES)
INKS = np.dstack([TONES, np.zeros((200, 320), "uint8")])


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (WHOLE[:1_000], TruncatedFile, "ends before its image does"),
        (WHOLE[:4], TruncatedFile, "ends after 4 bytes"),
        (encoded(TONES, exif=bytes(100))[:-500], TruncatedFile, "ends after"),
        (WHOLE[:200] + bytes(len(WHOLE) - 200), CorruptFile, "damaged"),
        (encoded(INKS, black=True), UnsupportedFormat, "in CMYK, .* Export it as JPEG"),
    ],
)
def test_what_cannot_be_shown_is_refused_by_name(
    made, data: bytes, error: type[BadInput], words: str
) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error, match=words):
        made(data)


def test_bombs_are_refused_before_they_are_decoded(made) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(TooManyPixels):
        made(WHOLE, max_pixels=63_999)
