"""Working masters of camera RAW: from the embedded preview where that is as good, else from the sensor."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import colors
import images
import negatives
from develop.master import DEMOSAIC, PREVIEW, Master, develop
from safelight.contracts import MasterPlan
from safelight.errors import BadInput, CorruptFile, TruncatedFile, UnsupportedFormat

PLAN: MasterPlan = {"key": "masters/x", "width": 4000, "height": 4000, "color": "srgb"}
ORIENTATIONS = (1, 3, 6, 8)


@pytest.fixture
def developed(tmp_path: Path):  # type: ignore[no-untyped-def]
    def of(data: bytes, **plan: Any) -> Master:
        path = tmp_path / "original"
        path.write_bytes(data)
        return develop(path, "a photo.dng", "RAW", {**PLAN, **plan})

    return of


def opened(master: Master) -> Image.Image:
    return Image.open(io.BytesIO(master.body))


def marked() -> Image.Image:
    """The picture with a black square, so that a preview of it is told from its sensor data."""
    made = negatives.picture()
    made.paste((0, 0, 0), (130, 150, 190, 190))
    return made


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_sensor_data_come_out_upright_and_with_the_cameras_white(developed, orientation: int) -> None:  # type: ignore[no-untyped-def]
    master = developed(negatives.dng(negatives.picture(), orientation))
    assert (master.source, master.media_type) == (DEMOSAIC, "image/jpeg")
    made = opened(master)
    images.assert_similar(made, negatives.picture(), f"raw-{orientation}")
    for at, patch in {(20, 20): images.RED, (300, 20): images.GREEN, (300, 180): images.YELLOW}.items():
        assert made.getpixel(at) == pytest.approx(patch, abs=3)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_a_preview_as_large_as_the_raw_is_taken_and_turned_with_it(developed, orientation: int) -> None:  # type: ignore[no-untyped-def]
    preview = negatives.stored_as(marked(), orientation)
    master = developed(negatives.dng(negatives.picture(), orientation, preview))
    assert master.source == PREVIEW
    images.assert_similar(opened(master), marked(), f"raw-preview-{orientation}")


@pytest.mark.parametrize("orientation", [6, 8])
def test_a_preview_that_is_upright_already_is_not_turned_again(developed, orientation: int) -> None:  # type: ignore[no-untyped-def]
    master = developed(negatives.dng(negatives.picture(), orientation, marked()))
    assert master.source == PREVIEW
    images.assert_similar(opened(master), marked(), f"raw-upright-preview-{orientation}")


def test_a_small_preview_is_enough_for_a_small_master_alone(developed) -> None:  # type: ignore[no-untyped-def]
    data = negatives.dng(negatives.picture(), 1, marked().resize((160, 100)))
    assert developed(data).source == DEMOSAIC
    small = developed(data, width=160, height=160)
    assert small.source == PREVIEW
    assert opened(small).size == (160, 100)


@pytest.mark.parametrize(
    "preview",
    [
        pytest.param(lambda: marked().resize((300, 200)), id="another shape"),
        pytest.param(lambda: marked().resize((640, 400)), id="larger than the RAW"),
    ],
)
def test_a_preview_that_cannot_be_of_this_raw_is_left(developed, preview) -> None:  # type: ignore[no-untyped-def]
    master = developed(negatives.dng(negatives.picture(), 1, preview()), width=100, height=100)
    assert master.source == DEMOSAIC


def test_a_damaged_preview_is_left_for_the_sensor_data(developed) -> None:  # type: ignore[no-untyped-def]
    data = negatives.dng(negatives.picture(), 1, marked())
    start = data.index(b"\xff\xd8\xff")
    scan = data.index(b"\xff\xda", start) + 14
    damaged = data[:scan] + b"\xff\xc4" * 200 + data[scan + 400 :]
    master = developed(damaged)
    assert master.source == DEMOSAIC
    images.assert_similar(opened(master), negatives.picture(), "raw-damaged-preview")


def test_half_the_sensor_is_enough_for_half_the_size(developed) -> None:  # type: ignore[no-untyped-def]
    made = opened(developed(negatives.dng(negatives.picture(640, 400), 8), width=320, height=320))
    images.assert_similar(made, negatives.picture(640, 400).resize((320, 200)), "raw-half", most=4)


def test_a_frame_in_the_dark_stays_dark(developed) -> None:  # type: ignore[no-untyped-def]
    noise = np.random.default_rng(1).integers(0, 4, (200, 320, 3), dtype="uint8")
    made = opened(developed(negatives.dng(Image.fromarray(noise))))
    assert np.asarray(made).max() < 16


def test_an_underexposed_photo_is_brightened_by_a_stop_at_most(developed) -> None:  # type: ignore[no-untyped-def]
    made = opened(developed(negatives.dng(negatives.picture(), exposure=0.5)))
    images.assert_similar(made, negatives.picture(), "raw-one-stop")
    darker = opened(developed(negatives.dng(negatives.picture(), exposure=0.25)))
    assert darker.getpixel((160, 100)) == pytest.approx((188, 188, 188), abs=3), "half of white, in light"


def stops(tag: int, thousandths: int) -> negatives.Entry:
    return tag, negatives.SRATIONAL, [thousandths, 1000]


EXPOSED = {
    "two stops up": (0.25, [stops(50730, 2000)]),
    "three quarters up": (0.5946, [stops(50730, 750)]),
    "its profile asks for one more": (0.25, [stops(50730, 1000), stops(51109, 1000)]),
    "half a stop down": (1.0, [stops(50730, -500)]),
    "over zero": (1.0, [(50730, negatives.SRATIONAL, [1, 0])]),
    "of another type": (1.0, [(50730, negatives.SHORT, [2])]),
}
"""By what the sensor was underexposed, and what the file says that is to be done about it."""


@pytest.mark.parametrize("name", EXPOSED)
def test_a_negative_is_as_bright_as_it_says(developed, name: str) -> None:  # type: ignore[no-untyped-def]
    exposure, said = EXPOSED[name]
    made = opened(developed(negatives.dng(negatives.picture(), exposure=exposure, said=said)))
    images.assert_similar(made, negatives.picture(), f"raw-baseline-{name}")


def test_a_negative_that_says_more_than_its_white_is_white(developed) -> None:  # type: ignore[no-untyped-def]
    made = opened(developed(negatives.dng(negatives.picture(), said=[stops(50730, 2000)])))
    assert made.getpixel((160, 100)) == (255, 255, 255)
    assert made.getpixel((20, 20)) == pytest.approx((255, 62, 62), abs=4), "four times the light of red"


ADOBE = {
    "interoperability index": {"index": "R03"},
    "color space that Exif does not have": {"exif": [(0xA001, negatives.SHORT, [2])]},
    "DNG's color space of the preview": {"said": [(50970, negatives.LONG, [3])]},
    "both": {"said": [(50970, negatives.LONG, [3])], "index": "R98"},
}
SRGB = {
    "interoperability index": {"index": "R98"},
    "uncalibrated": {"exif": [(0xA001, negatives.SHORT, [65535])]},
    "DNG before Exif": {"said": [(50970, negatives.LONG, [2])], "index": "R03"},
    "nothing": {},
}


@pytest.mark.parametrize("name", ADOBE)
def test_a_preview_in_adobe_rgb_is_converted(developed, name: str) -> None:  # type: ignore[no-untyped-def]
    master = developed(negatives.dng(negatives.picture(), 1, marked(), **ADOBE[name]))
    made = opened(master)
    assert (master.source, made.info.get("icc_profile")) == (PREVIEW, None)
    for at, tones in {(20, 20): images.RED, (300, 20): images.GREEN}.items():
        expected = colors.to_srgb(colors.profile_of("adobe-rgb"), np.array([tones]) / 255)[0] * 255
        assert made.getpixel(at) == pytest.approx(expected, abs=5)


@pytest.mark.parametrize("name", SRGB)
def test_a_preview_in_srgb_stays_as_it_is(developed, name: str) -> None:  # type: ignore[no-untyped-def]
    master = developed(negatives.dng(negatives.picture(), 1, marked(), **SRGB[name]))
    assert master.source == PREVIEW
    images.assert_similar(opened(master), marked(), f"raw-srgb-preview-{name}")


def test_a_preview_in_prophoto_is_converted(developed) -> None:  # type: ignore[no-untyped-def]
    data = negatives.dng(negatives.picture(), 1, marked(), said=[(50970, negatives.LONG, [4])])
    expected = colors.to_srgb(colors.profile_of("prophoto"), np.array([images.YELLOW]) / 255)[0] * 255
    assert opened(developed(data)).getpixel((300, 180)) == pytest.approx(expected, abs=5)


def test_a_preview_has_the_profile_that_it_carries(developed) -> None:  # type: ignore[no-untyped-def]
    preview = marked()
    preview.info["icc_profile"] = images.swapped_channels_profile()
    data = negatives.dng(negatives.picture(), 1, preview, index="R03")
    red, green, blue = opened(developed(data)).getpixel((20, 20))  # type: ignore[misc]
    assert green > 150 and red < 60 and blue < 60, "what the profile calls red is green"


def test_sensor_data_are_not_in_the_colours_of_the_preview(developed) -> None:  # type: ignore[no-untyped-def]
    made = opened(developed(negatives.dng(negatives.picture(), index="R03")))
    images.assert_similar(made, negatives.picture(), "raw-adobe-without-preview")


def test_what_the_sensor_clipped_is_white_and_not_magenta(developed) -> None:  # type: ignore[no-untyped-def]
    made = opened(developed(negatives.dng(negatives.picture(), exposure=4.0)))
    assert min(made.getpixel((160, 100))) > 250  # type: ignore[type-var, arg-type]


def test_those_who_made_it_are_named_in_the_master(developed) -> None:  # type: ignore[no-untyped-def]
    for preview in (None, marked()):
        exif = opened(developed(negatives.dng(negatives.picture(), 1, preview, rights="Ansel"))).getexif()
        assert (exif[315], exif[33432]) == ("Ansel", "(c) Ansel")
        assert 271 not in exif


@pytest.mark.parametrize("share", [0.3, 0.6, 0.99])
def test_missing_sensor_data_are_bad_input(developed, share: float) -> None:  # type: ignore[no-untyped-def]
    data = negatives.dng(negatives.picture())
    with pytest.raises(BadInput, match=r"^a photo\.dng"):
        developed(data[: int(len(data) * share)])


def test_a_coding_that_libraw_does_not_know_is_unsupported(developed) -> None:  # type: ignore[no-untyped-def]
    data = bytearray(negatives.dng(negatives.picture()))
    at = data.index(b"\x03\x01\x03\x00\x01\x00\x00\x00\x01\x00")
    data[at + 8 : at + 10] = b"\x42\xcd"  # JPEG XL
    with pytest.raises((UnsupportedFormat, CorruptFile), match=r"^a photo\.dng"):
        developed(bytes(data))


@pytest.mark.skipif(not images.SAMPLES.exists(), reason="the sample photos are not here")
@pytest.mark.parametrize(
    ("name", "source", "size"),
    [("RAW_KODAK_DC50.KDC", DEMOSAIC, (768, 512)), ("test.dng", PREVIEW, (382, 510))],
)
def test_sample_negatives_develop(name: str, source: str, size: tuple[int, int]) -> None:
    master = develop(images.SAMPLES / "raw" / name, name, "RAW", PLAN)
    assert master.source == source
    assert opened(master).size == size


@pytest.mark.skipif(not images.SAMPLES.exists(), reason="the sample photos are not here")
def test_a_shortened_negative_of_an_old_camera_is_truncated(tmp_path: Path) -> None:
    data = (images.SAMPLES / "raw" / "RAW_KODAK_DC50.KDC").read_bytes()
    (tmp_path / "short").write_bytes(data[: len(data) // 2])
    with pytest.raises(TruncatedFile, match=r"^short\.kdc"):
        develop(tmp_path / "short", "short.kdc", "RAW", PLAN)


def test_sensor_data_without_a_picture_are_refused(developed) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(CorruptFile, match="not even noise"):
        developed(negatives.dng(Image.new("RGB", (320, 200))))


def test_a_frame_that_is_burnt_out_is_a_picture(developed) -> None:  # type: ignore[no-untyped-def]
    assert opened(developed(negatives.dng(Image.new("RGB", (320, 200), "white")))).getextrema()[1] == (
        255,
        255,
    )
