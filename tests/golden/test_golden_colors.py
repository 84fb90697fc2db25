"""The colours of renditions against littleCMS in floating point, profile by profile."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import pyvips
from PIL import Image, ImageCms

import colors
import images
from golden.plans import rendered

MOST_DELTA_E = 1.0

SHARMA = np.array(
    [
        [50.0, 2.6772, -79.7751, 50.0, 0.0, -82.7485, 2.0425],
        [50.0, -1.3802, -84.2814, 50.0, 0.0, -82.7485, 1.0000],
        [50.0, 0.0, 0.0, 50.0, -1.0, 2.0, 2.3669],
        [50.0, 2.4900, -0.0010, 50.0, -2.4900, 0.0009, 7.1792],
        [50.0, 2.4900, -0.0010, 50.0, -2.4900, 0.0011, 7.2195],
        [50.0, 2.5, 0.0, 50.0, 0.0, -2.5, 4.3065],
        [50.0, 2.5, 0.0, 73.0, 25.0, -18.0, 27.1492],
        [6.7747, -0.2908, -2.4247, 5.8714, -0.0985, -2.2286, 0.6377],
        [2.0776, 0.0795, -1.1350, 0.9033, -0.0636, -0.5514, 0.9082],
    ]
)
"""Pairs of colours and their difference, from table 1 of Sharma, Wu and Dalal (2005)."""

PROFILES: dict[str, Callable[[], bytes]] = {
    "display-p3": lambda: colors.profile_of("display-p3"),
    "display-p3-v4": lambda: colors.profile_of("display-p3", version=4),
    "adobe-rgb": lambda: colors.profile_of("adobe-rgb"),
    "prophoto": lambda: colors.profile_of("prophoto"),
    "srgb": lambda: ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
    "press": lambda: bytes(pyvips.Operation.call("profile_load", "cmyk")),
}
"""Primaries as published, Pillow's sRGB, and the press that libvips carries."""


def tones(bands: int) -> np.ndarray:
    """Patches of 8 x 8 pixels, of all tones at random, as a picture of 256 x 256."""
    patches = np.random.default_rng(7).integers(0, 256, (32, 32, bands), dtype="uint8")
    return patches.repeat(8, axis=0).repeat(8, axis=1)


def apart(made: Image.Image, expected: np.ndarray) -> float:
    """The mean CIEDE2000 between a rendition and sRGB tones of 0 to 1."""
    pixels = np.asarray(made, dtype=float).reshape(-1, 3) / 255
    return float(colors.delta_e_2000(colors.srgb_to_lab(pixels), colors.srgb_to_lab(expected)).mean())


def assert_close(made: Image.Image, expected: np.ndarray, name: str) -> None:
    """Fail, and keep both pictures, where the mean CIEDE2000 is 1 or more."""
    found = apart(made, expected)
    if found >= MOST_DELTA_E:
        images.OUTPUT.mkdir(exist_ok=True)
        made.save(images.OUTPUT / f"{name}.actual.png")
        pixels = (expected * 255).round().astype("uint8").reshape(*made.size[::-1], 3)
        Image.fromarray(pixels).save(images.OUTPUT / f"{name}.expected.png")
    assert found < MOST_DELTA_E, f"{name}: compare the two files in {images.OUTPUT}."


def opened(body: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(body))
    image.load()
    return image


def test_the_measure_of_differences_gives_the_published_ones() -> None:
    found = colors.delta_e_2000(SHARMA[:, :3], SHARMA[:, 3:6])
    assert np.allclose(found, SHARMA[:, 6], atol=1e-4)


@pytest.mark.parametrize("name", PROFILES)
def test_colours_of_a_profile_are_those_of_littlecms_in_floating_point(tmp_path: Path, name: str) -> None:
    profile = PROFILES[name]()
    pixels = tones(4 if name == "press" else 3)
    mode, format_ = ("CMYK", "TIFF") if name == "press" else ("RGB", "PNG")
    data = images.saved(Image.fromarray(pixels, mode), format_, icc_profile=profile)
    expected = colors.to_srgb(profile, pixels.reshape(-1, pixels.shape[2]) / 255)
    assert_close(opened(rendered(tmp_path, data).body), expected, f"icc-{name}")
    if name not in ("srgb", "press"):  # what ignores the profile is told apart
        assert apart(Image.fromarray(pixels), expected) > 1.5


def test_a_press_jpeg_of_adobes_is_converted_by_its_profile(tmp_path: Path) -> None:
    profile = PROFILES["press"]()
    pixels = tones(4)
    data = images.saved(Image.fromarray(pixels, "CMYK"), "JPEG", quality=100, icc_profile=profile)
    decoded = np.asarray(Image.open(io.BytesIO(data)))
    expected = colors.to_srgb(profile, decoded.reshape(-1, 4) / 255)
    assert_close(opened(rendered(tmp_path, data).body), expected, "icc-press-jpeg")


@pytest.mark.parametrize("name", ["prophoto", "display-p3-v4"])
def test_sixteen_bits_are_converted_by_their_profile(tmp_path: Path, name: str) -> None:
    profile = PROFILES[name]()
    deep = tones(3).astype("uint16") * 257
    image = pyvips.Image.new_from_array(deep).copy(interpretation="rgb16")
    image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    data = image.pngsave_buffer(keep="icc")
    assert opened(data).size == (256, 256)
    assert_close(
        opened(rendered(tmp_path, data).body),
        colors.to_srgb(profile, deep.reshape(-1, 3) / 65535),
        f"deep-{name}",
    )


def test_a_camera_that_says_adobe_rgb_in_exif_alone_is_believed(tmp_path: Path) -> None:
    said = Image.Exif()
    said.get_ifd(0x8769).update({0xA001: 65535, 0xA005: {1: "R03"}})
    pixels = tones(3)
    data = images.saved(Image.fromarray(pixels), "JPEG", quality=100, subsampling=0, exif=said.tobytes())
    decoded = np.asarray(Image.open(io.BytesIO(data))).reshape(-1, 3) / 255
    expected = colors.to_srgb(PROFILES["adobe-rgb"](), decoded)
    assert_close(opened(rendered(tmp_path, data).body), expected, "exif-adobe-rgb")


@pytest.mark.parametrize("cut", [60, 140, 300])
def test_a_broken_profile_is_taken_for_srgb(tmp_path: Path, cut: int) -> None:
    pixels = tones(3)
    profile = PROFILES["prophoto"]()[:cut]
    data = images.saved(Image.fromarray(pixels), "PNG", icc_profile=profile)
    assert_close(opened(rendered(tmp_path, data).body), pixels.reshape(-1, 3) / 255, f"broken-{cut}")


def said_to_be(kind: bytes, connection: bytes = b"XYZ ") -> bytes:
    """Adobe RGB in a profile of that class and connection space."""
    profile = PROFILES["adobe-rgb"]()
    return profile[:12] + kind + profile[16:20] + connection + profile[24:]


UNUSABLE = {
    "device link": lambda: said_to_be(b"link"),
    "named colours": lambda: said_to_be(b"nmcl"),
    "abstract": lambda: said_to_be(b"abst"),
    "a matrix to Lab": lambda: said_to_be(b"mntr", b"Lab "),
    "damaged tags": lambda: PROFILES["adobe-rgb"]().replace(b"curv", b"\x00\x01\x02\x03"),
    "a missing primary": lambda: PROFILES["adobe-rgb"]().replace(b"gXYZ", b"xxxx"),
    "grey": lambda: said_to_be(b"mntr").replace(b"RGB ", b"GRAY"),
}


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("name", UNUSABLE)
def test_a_profile_that_says_nothing_of_pixels_costs_no_photo(
    tmp_path: Path, name: str, format_: str
) -> None:
    how = {"quality": 100, "subsampling": 0} if format_ == "JPEG" else {}
    data = images.saved(Image.fromarray(tones(3)), format_, icc_profile=UNUSABLE[name](), **how)
    expected = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).reshape(-1, 3) / 255
    made = opened(rendered(tmp_path, data).body)
    assert "icc_profile" not in made.info
    assert_close(made, expected, f"unusable-{name}-{format_}")


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_a_damaged_profile_costs_no_grey_or_press_photo(tmp_path: Path, mode: str) -> None:
    damaged = bytearray(PROFILES["press"]())
    damaged[12:20] = b"prtrCMYK" if mode == "CMYK" else b"mntrGRAY"
    damaged[160:] = bytes(len(damaged) - 160)
    plain = Image.new(mode, (32, 32), 120 if mode == "L" else (20, 200, 60, 10))
    made, expected = (
        opened(rendered(tmp_path, images.saved(plain, "TIFF", **how)).body)
        for how in ({"icc_profile": bytes(damaged)}, {})
    )
    assert made.getpixel((16, 16)) == expected.getpixel((16, 16))


@pytest.mark.parametrize("format_", ["jpeg", "webp", "avif", "png"])
def test_display_p3_is_kept_where_the_plan_says_so(tmp_path: Path, format_: str) -> None:
    profile = PROFILES["display-p3"]()
    pixels = tones(3)
    data = images.saved(Image.fromarray(pixels), "PNG", icc_profile=profile)
    made = opened(rendered(tmp_path, data, format=format_, color="display-p3", quality=95).body)
    kept = made.info["icc_profile"]
    lab = colors.to_lab(kept, np.asarray(made.convert("RGB"), dtype=float).reshape(-1, 3) / 255)
    expected = colors.to_lab(profile, pixels.reshape(-1, 3) / 255)
    found = colors.delta_e_2000(lab, expected).mean()
    assert found < (MOST_DELTA_E if format_ == "png" else 6)  # the others halve the colours of the patches


@pytest.mark.parametrize("name", ["srgb", None])
def test_nothing_is_kept_of_a_photo_that_has_no_wider_colours(tmp_path: Path, name: str | None) -> None:
    profile = PROFILES[name]() if name else b""
    data = images.saved(images.picture(), "PNG", icc_profile=profile)
    assert "icc_profile" not in opened(rendered(tmp_path, data, color="display-p3").body).info


FADING = np.tile(np.linspace(255, 128, 256).astype("uint8"), (256, 1))


@pytest.mark.parametrize("format_", ["png", "webp", "avif", "jpeg"])
@pytest.mark.parametrize("mode", ["RGBA", "opaque RGBA", "LA"])
def test_what_alpha_carries_does_not_outlive_its_join(tmp_path: Path, mode: str, format_: str) -> None:
    profile = PROFILES["adobe-rgb"]()
    image = Image.fromarray(tones(3)).convert(mode.removeprefix("opaque "))
    image.putalpha(255 if mode == "opaque RGBA" else Image.fromarray(FADING))
    data = images.saved(image, "PNG", icc_profile=profile)
    assert "icc_profile" not in opened(rendered(tmp_path, data, format=format_).body).info


def test_a_transparent_picture_is_converted_once(tmp_path: Path) -> None:
    profile = PROFILES["adobe-rgb"]()
    image = Image.fromarray(tones(3))
    image.putalpha(Image.fromarray(FADING))
    made = opened(rendered(tmp_path, images.saved(image, "PNG", icc_profile=profile)).body)
    expected = colors.to_srgb(profile, tones(3).reshape(-1, 3) / 255)
    assert_close(made.convert("RGB"), expected, "alpha-adobe-rgb")
    images.assert_similar(made.getchannel("A"), Image.fromarray(FADING), "alpha-adobe-rgb-alpha", most=1)


def test_a_transparent_picture_of_wide_colours_keeps_the_profile_of_what_it_became(tmp_path: Path) -> None:
    image = Image.fromarray(tones(3))
    image.putalpha(Image.fromarray(FADING))
    data = images.saved(image, "PNG", icc_profile=PROFILES["prophoto"]())
    kept = opened(rendered(tmp_path, data, color="display-p3").body).info["icc_profile"]
    assert kept == bytes(pyvips.Image.profile_load("p3"))
