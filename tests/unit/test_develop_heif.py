"""Working masters of HEIC and AVIF: upright once, in the right colours, at the depth of 8 bits."""

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from numpy.typing import NDArray
from PIL import Image

import images
from develop.master import DECODED, Master, develop
from heif_files import tiled, with_property
from safelight.contracts import MasterPlan
from safelight.errors import CorruptFile, TruncatedFile, UnsupportedFormat
from safelight.imaging.read import header

PLAN: MasterPlan = {"key": "masters/x", "width": 4000, "height": 4000, "color": "srgb"}
P3_TO_SRGB = np.array([[1.2249, -0.2247, 0.0], [-0.0420, 1.0419, 0.0], [-0.0197, -0.0786, 1.0979]])
SRGB_TO_BT2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])
CORNERS = {(20, 20): images.RED, (300, 20): images.GREEN, (20, 180): images.BLUE}


@pytest.fixture
def developed(tmp_path: Path):  # type: ignore[no-untyped-def]
    def of(data: bytes, format_: str = "HEIC", **plan: Any) -> Master:
        path = tmp_path / "original"
        path.write_bytes(data)
        return develop(path, "a photo.heic", format_, {**PLAN, **plan})

    return of


def opened(master: Master) -> Image.Image:
    return Image.open(io.BytesIO(master.body))


def light(levels: Any) -> NDArray[np.float64]:
    tones = np.asarray(levels, dtype="float64") / 255
    return np.where(tones <= 0.04045, tones / 12.92, ((tones + 0.055) / 1.055) ** 2.4)


def levels_of(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    linear = linear.clip(0, 1)
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def heic(tones: NDArray[np.float64], bits: int = 8, **how: Any) -> bytes:
    """A HEIC file of RGB `tones`, 0 to 1, as good as the encoder can."""
    height, width, _ = tones.shape
    mode, kind = ("RGB", "uint8") if bits == 8 else (f"RGB;{bits}", "uint16")
    counts = (tones * (2**bits - 1)).round().astype(kind)
    buffer = io.BytesIO()
    pillow_heif.from_bytes(mode, (width, height), counts.tobytes()).save(
        buffer, quality=95, chroma=444, **how
    )
    return buffer.getvalue()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format_", ["HEIF", "AVIF"])
def test_each_orientation_is_applied_once(developed, format_: str, orientation: int) -> None:  # type: ignore[no-untyped-def]
    kind = "HEIC" if format_ == "HEIF" else "AVIF"
    master = developed(images.oriented(format_, orientation), kind)
    assert master.source == DECODED
    assert master.media_type == "image/jpeg"
    made = opened(master)
    assert made.getexif().get(0x0112, 1) == 1
    images.assert_similar(made, images.picture(), f"master-{format_}-{orientation}")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_turns_a_heic_that_does_not_turn_itself(developed, orientation: int) -> None:  # type: ignore[no-untyped-def]
    made = opened(developed(images.turned_by_exif_alone("HEIF", orientation)))
    images.assert_similar(made, images.picture(), f"master-heic-exif-{orientation}")


def test_exif_does_not_turn_an_avif(developed) -> None:  # type: ignore[no-untyped-def]
    made = opened(developed(images.turned_by_exif_alone("AVIF", 6), "AVIF"))
    images.assert_similar(made, images.picture().transpose(Image.Transpose.ROTATE_90), "master-avif-exif-6")


def test_a_master_is_baseline_without_subsampling_and_keeps_no_secrets(developed) -> None:  # type: ignore[no-untyped-def]
    master = developed(images.oriented("HEIF", 6))
    made = opened(master)
    assert "progressive" not in made.info
    assert {component[1:3] for component in made.layer} == {(1, 1)}  # type: ignore[attr-defined]
    assert b"SECRET-DESCRIPTION" not in master.body
    assert not made.getexif().get_ifd(0x8825)


def test_a_master_fits_inside_its_box_upright(developed) -> None:  # type: ignore[no-untyped-def]
    made = opened(developed(images.oriented("HEIF", 8), width=160, height=160))
    assert made.size == (160, 100)
    images.assert_similar(made, images.picture(160, 100), "master-box", most=4)


@pytest.mark.parametrize("bits", [10, 12])
def test_deep_tones_are_rounded_to_8_bits_and_white_stays_white(developed, bits: int) -> None:  # type: ignore[no-untyped-def]
    tones = np.asarray(images.picture(), dtype="float64") / 255
    tones[80:120, 120:200] = 1.0
    made = opened(developed(heic(tones, bits)))
    assert made.getpixel((160, 100)) == (255, 255, 255)
    expected = Image.fromarray((tones * 255).round().astype("uint8"))
    images.assert_similar(made, expected, f"master-{bits}-bits", most=2)


def test_a_grid_of_tiles_is_one_picture(developed) -> None:  # type: ignore[no-untyped-def]
    data = images.saved(images.picture(), "HEIF", quality=90, tile_size=128)
    assert pillow_heif.open_heif(io.BytesIO(data)).info["tiling"]["num_columns"] == 3
    images.assert_similar(opened(developed(data)), images.picture(), "master-grid")


def test_transparency_is_kept_in_a_png(developed) -> None:  # type: ignore[no-untyped-def]
    picture = images.picture().convert("RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, 100, 60))
    master = developed(images.saved(picture, "HEIF", quality=95))
    assert master.media_type == "image/png"
    made = opened(master)
    assert made.mode == "RGBA"
    assert made.getpixel((10, 10))[3] < 8  # type: ignore[index]
    assert made.getpixel((300, 180))[3] > 247  # type: ignore[index]
    images.assert_similar(
        made.convert("RGB").crop((110, 0, 320, 200)),
        images.picture().crop((110, 0, 320, 200)),
        "master-alpha",
    )


def test_an_embedded_profile_is_honoured(developed) -> None:  # type: ignore[no-untyped-def]
    data = images.saved(images.picture(), "HEIF", quality=95, icc_profile=images.swapped_channels_profile())
    master = developed(data)
    made = opened(master)
    assert "icc_profile" not in made.info
    red, green, blue = made.getpixel((20, 20))  # type: ignore[misc]
    assert green > 150 and red < 60 and blue < 60, "what the profile calls red is green"


@pytest.mark.parametrize("format_", ["HEIC", "AVIF"])
def test_display_p3_named_by_numbers_becomes_srgb(developed, format_: str) -> None:  # type: ignore[no-untyped-def]
    made = opened(developed(p3(format_), format_))
    assert "icc_profile" not in made.info
    for at, stored in CORNERS.items():
        expected = levels_of(P3_TO_SRGB @ light(stored))
        assert made.getpixel(at) == pytest.approx(expected, abs=5), at


@pytest.mark.parametrize("format_", ["HEIC", "AVIF"])
def test_display_p3_is_kept_where_a_rendition_keeps_it(developed, format_: str) -> None:  # type: ignore[no-untyped-def]
    made = opened(developed(p3(format_), format_, color="display-p3"))
    assert len(made.info["icc_profile"]) > 128
    images.assert_similar(made, images.picture(), f"master-p3-{format_}")


def p3(format_: str) -> bytes:
    """The picture's numbers in a file that says by nclx that they are Display P3's."""
    if format_ == "HEIC":
        tones = np.asarray(images.picture(), dtype="float64") / 255
        return heic(tones, color_primaries=12, transfer_characteristics=13)
    data = images.plain("avif")
    at = data.index(b"colrnclx") + 8
    return data[:at] + b"\x00\x0c" + data[at + 2 :]


@pytest.mark.parametrize("format_", ["HEIF", "AVIF"])
def test_a_cut_profile_is_taken_for_srgb(developed, format_: str) -> None:  # type: ignore[no-untyped-def]
    data = images.saved(images.picture(), format_, quality=95, icc_profile=images.cut_profile())
    images.assert_similar(opened(developed(data, format_)), images.picture(), f"master-cut-profile-{format_}")


def sequence_without_a_still(image: Image.Image) -> bytes:
    data = images.saved(image, "AVIF", quality=95, save_all=True, append_images=[image.rotate(180)])
    at = data.index(b"meta")
    return data[:at] + b"free" + data[at + 4 :]


def test_the_first_frame_stands_for_an_avif_sequence_without_a_still(developed, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    data = sequence_without_a_still(images.picture())
    images.assert_similar(opened(developed(data, "AVIF")), images.picture(), "master-sequence")
    assert header(tmp_path / "original", "a photo.avif").displayed == images.picture().size


@pytest.mark.parametrize("length", [700, 900, -1500])
def test_a_sequence_that_is_cut_is_refused_by_name(developed, length: int) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises((CorruptFile, TruncatedFile)):
        developed(sequence_without_a_still(images.picture())[:length], "AVIF")


CROP = struct.pack(">I4sIIIIiIiI", 40, b"clap", 200, 1, 120, 1, -30, 1, 15, 1)
QUARTER, UPSIDE_DOWN = struct.pack(">I4sB", 9, b"irot", 1), struct.pack(">I4sB", 9, b"imir", 0)


@pytest.mark.parametrize("turns", [(CROP,), (QUARTER,), (UPSIDE_DOWN,), (CROP, QUARTER, UPSIDE_DOWN)])
@pytest.mark.parametrize("format_", ["HEIF", "AVIF"])
def test_alpha_that_says_nothing_is_turned_with_its_picture(
    developed, format_: str, turns: tuple[bytes, ...]
) -> None:  # type: ignore[no-untyped-def]
    image = images.picture().convert("RGBA")
    image.paste((0, 0, 0, 0), (40, 20, 120, 90))
    picture_alone = both = images.saved(image, format_, quality=95)
    for turn in turns:
        picture_alone = with_property(picture_alone, turn)
        both = with_property(with_property(both, turn), turn, item=1)
    made, wanted = opened(developed(picture_alone, format_)), opened(developed(both, format_))
    for band in ("RGB", "A"):
        pair = [each.convert("RGBA").getchannel("A") if band == "A" else each for each in (made, wanted)]
        images.assert_similar(*pair, f"master-turned-alpha-{format_}")


@pytest.mark.parametrize(("stated", "dimmed"), [(0, 0.5), (4000, 0.5), (400, 0.7873), (203, 1.0)])
def test_hdr_makes_as_much_room_for_what_is_brighter_as_it_states(
    developed, stated: int, dimmed: float
) -> None:  # type: ignore[no-untyped-def]
    linear = light(images.picture()) @ SRGB_TO_BT2020.T
    linear[80:120, 120:160] = 1000 / 203
    power = (linear * 203 / 10_000) ** (2610 / 16384)
    tones = ((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)
    data = heic(tones, 10, color_primaries=9, transfer_characteristics=16, matrix_coefficients=9)
    if stated:
        data = with_property(data, struct.pack(">I4sHH", 12, b"clli", stated, 100))
    made = opened(developed(data))
    for at, tones_of_sdr in CORNERS.items():
        assert made.getpixel(at) == pytest.approx(levels_of(light(tones_of_sdr) * dimmed), abs=8), at
    assert min(made.getpixel((140, 100))) > (220 if stated == 4000 else 250)  # type: ignore[type-var, arg-type]


def test_hlg_is_seen_as_on_the_display_that_it_is_graded_on(developed) -> None:  # type: ignore[no-untyped-def]
    signal = 0.6323  # 101.5 of 1,000 cd/m2, which is half of SDR white (ITU-R BT.2100, BT.2408)
    data = heic(np.full((64, 64, 3), signal), 10, color_primaries=9, transfer_characteristics=18)
    assert opened(developed(data)).getpixel((30, 30)) == pytest.approx((188, 188, 188), abs=2)


def test_bt2020_without_hdr_becomes_srgb(developed) -> None:  # type: ignore[no-untyped-def]
    tones = levels_of(light(images.picture()) @ SRGB_TO_BT2020.T) / 255
    data = heic(tones, 10, color_primaries=9, transfer_characteristics=14, matrix_coefficients=9)
    images.assert_similar(opened(developed(data)), images.picture(), "master-bt2020")


@pytest.mark.parametrize("primaries", [1, 9, 12])
def test_highlights_keep_their_hue(developed, primaries: int) -> None:  # type: ignore[no-untyped-def]
    to = {1: np.eye(3), 9: SRGB_TO_BT2020, 12: np.linalg.inv(P3_TO_SRGB)}[primaries]
    for colour in ((255, 0, 0), (255, 65, 65), (255, 140, 0)):
        nits = 4 * 203 * (light(colour) @ to.T).clip(0)
        power = (nits / 10_000) ** (2610 / 16384)
        tones = ((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)
        numbers = {"color_primaries": primaries, "transfer_characteristics": 16, "matrix_coefficients": 0}
        made = opened(developed(heic(np.full((64, 64, 3), tones), 10, **numbers)))
        assert made.getpixel((30, 30)) == pytest.approx(colour, abs=6)


def test_hlg_highlights_keep_their_hue(developed) -> None:  # type: ignore[no-untyped-def]
    scene = np.array([0.8, 0.2, 0.2])
    tones = np.where(
        scene <= 1 / 12, np.sqrt(3 * scene), 0.17883277 * np.log(12 * scene - 0.28466892) + 0.55991073
    )
    data = heic(np.full((64, 64, 3), tones), 10, color_primaries=1, transfer_characteristics=18)
    red, green, blue = light(opened(developed(data)).getpixel((30, 30)))
    assert red > 0.7
    assert green / red == pytest.approx(0.25, abs=0.02) and blue / red == pytest.approx(0.25, abs=0.02)


GREYS = {"L": 1, "L;10": 1023, "L;12": 4095, "L;16": 65535}


@pytest.mark.parametrize("mode", GREYS)
def test_grey_of_every_depth_stays_grey(developed, mode: str) -> None:  # type: ignore[no-untyped-def]
    tones = np.tile(np.linspace(0, 1, 128), (64, 1))
    kind, most = ("uint8", 255) if mode == "L" else ("uint16", GREYS[mode])
    buffer = io.BytesIO()
    counts = (tones * most).round().astype(kind)
    pillow_heif.from_bytes(mode, (128, 64), counts.tobytes()).save(buffer, quality=95)
    made = np.asarray(opened(developed(buffer.getvalue())).convert("RGB"), dtype=float)
    assert np.abs(made - 255 * tones[..., None]).mean() < 1.5


def test_grey_with_transparency_keeps_both(developed) -> None:  # type: ignore[no-untyped-def]
    picture = Image.merge("LA", (Image.new("L", (64, 64), 120), Image.new("L", (64, 64), 90)))
    made = opened(developed(images.saved(picture, "HEIF", quality=95)))
    assert made.convert("RGBA").getpixel((30, 30)) == pytest.approx((120, 120, 120, 90), abs=3)


def ramp() -> Image.Image:
    return Image.fromarray(np.tile(np.arange(256, dtype="uint8"), (64, 1)))


def grey_avif(**how: Any) -> bytes:
    return images.saved(ramp(), "AVIF", **{"quality": 95, "subsampling": "4:0:0", **how})


@pytest.mark.parametrize("said", ["by both", "by the bitstream alone"])
@pytest.mark.parametrize("range_", ["full", "limited"])
def test_grey_avif_reaches_from_black_to_white(developed, range_: str, said: str) -> None:  # type: ignore[no-untyped-def]
    data = grey_avif(range=range_)
    if said == "by the bitstream alone":
        data = data.replace(b"colrnclx", b"freenclx")
    made = np.asarray(opened(developed(data, "AVIF")).convert("L"), dtype=float)
    assert np.abs(made - np.asarray(ramp(), dtype=float)).mean() < 1.5


def grey_profile(gamma: float) -> bytes:
    """A grey ICC profile of version 2."""
    curve = b"curv" + struct.pack(">IIHxx", 0, 1, round(gamma * 256))
    white = b"XYZ " + struct.pack(">I3i", 0, 0xF6D6, 0x10000, 0xD32D)
    start = 132 + 2 * 12
    directory = b"kTRC" + struct.pack(">II", start, len(curve))
    directory += b"wtpt" + struct.pack(">II", start + len(curve), len(white))
    size = start + len(curve) + len(white)
    head = struct.pack(">I4xI4s4s4s12x4s", size, 2 << 24, b"mntr", b"GRAY", b"XYZ ", b"acsp").ljust(
        68, b"\x00"
    )
    head = (head + struct.pack(">3i", 0xF6D6, 0x10000, 0xD32D)).ljust(128, b"\x00")
    return head + struct.pack(">I", 2) + directory + curve + white


@pytest.mark.parametrize("format_", ["HEIC", "AVIF"])
def test_a_grey_profile_is_honoured(developed, format_: str) -> None:  # type: ignore[no-untyped-def]
    how: dict[str, Any] = {"quality": 95, "icc_profile": grey_profile(1.0)}
    data = grey_avif(**how) if format_ == "AVIF" else images.saved(ramp(), "HEIF", **how)
    made = opened(developed(data, format_)).convert("RGB")
    for at in (30, 128, 220):
        expected = float(levels_of(np.array(at / 255)))
        assert made.getpixel((at, 30)) == pytest.approx((expected,) * 3, abs=3)


NCLX = {
    "unspecified": (2, 2, 2, b"\x80"),
    "BT.601 of full range": (1, 13, 6, b"\x80"),
}


@pytest.mark.parametrize("name", NCLX)
def test_the_range_that_an_avif_file_says_outranks_its_bitstream(developed, name: str) -> None:  # type: ignore[no-untyped-def]
    *numbers, range_ = NCLX[name]
    black_to_white = ramp().convert("RGB")
    data = images.saved(black_to_white, "AVIF", quality=95, subsampling="4:4:4", range="limited")
    at = data.index(b"colrnclx") + 8
    said = data[:at] + struct.pack(">3H", *numbers) + range_ + data[at + 7 :]
    made = np.asarray(opened(developed(said, "AVIF")).convert("L"), dtype=float)
    assert made[:, 0].mean() == pytest.approx(16, abs=2), "black of limited range, as a browser shows it"
    assert made[:, -1].mean() == pytest.approx(235, abs=2)


@pytest.mark.parametrize(("transfer", "shown"), [(1, 130), (13, 130), (8, 189), (4, 131), (5, 109), (7, 143)])
def test_the_curve_that_an_avif_file_names_is_that_of_a_browser(developed, transfer: int, shown: int) -> None:  # type: ignore[no-untyped-def]
    data = images.saved(Image.new("RGB", (64, 64), (130, 130, 130)), "AVIF", quality=95, subsampling="4:4:4")
    at = data.index(b"colrnclx") + 8
    said = data[:at] + struct.pack(">2H", 1, transfer) + data[at + 4 :]
    assert opened(developed(said, "AVIF")).getpixel((30, 30)) == pytest.approx((shown,) * 3, abs=2)


@pytest.mark.parametrize("container", ["says nothing", "says sRGB"])
def test_colours_that_the_bitstream_names_count_where_the_container_says_nothing(  # type: ignore[no-untyped-def]
    developed, container: str
) -> None:
    data = images.saved(Image.new("RGB", (64, 64), (200, 30, 30)), "AVIF", quality=95, subsampling="4:4:4")
    at = data.index(b"mdat") + 4
    bits = "".join(f"{byte:08b}" for byte in data[at : at + 32])
    named = "1" + "".join(f"{number:08b}" for number in (1, 13, 6))
    assert bits.count(named) == 1, "primaries, curve and matrix in the sequence header"
    bits = bits.replace(named, "1" + "".join(f"{number:08b}" for number in (12, 13, 6)))
    data = data[:at] + int(bits, 2).to_bytes(32, "big") + data[at + 32 :]
    expected = (200.0, 30.0, 30.0)
    if container == "says nothing":
        data = data.replace(b"colrnclx", b"freenclx")
        expected = tuple(levels_of(P3_TO_SRGB @ light(expected)))
    assert opened(developed(data, "AVIF")).getpixel((30, 30)) == pytest.approx(expected, abs=4)


@pytest.mark.parametrize("damage", [b"\x00", b"\xff"])
def test_damaged_image_data_are_corrupt(developed, damage: bytes) -> None:  # type: ignore[no-untyped-def]
    data = images.plain("heic")
    start = data.index(b"mdat") + 4
    with pytest.raises(CorruptFile, match=r"^a photo\.heic cannot be decoded"):
        developed(data[:start] + damage * (len(data) - start))


def test_a_coding_that_nothing_here_decodes_is_unsupported(developed) -> None:  # type: ignore[no-untyped-def]
    data = images.plain("heic").replace(b"hvc1", b"vvc1").replace(b"hvcC", b"vvcC")
    with pytest.raises(UnsupportedFormat, match="Export it as JPEG"):
        developed(data)


SAMPLES = {
    "HMD_Nokia_8.3_5G.heif": (3456, 4608),
    "IMG_5195.HEIC": (2566, 3313),
    "iphone_13_pro_max.HEIC": (3024, 4032),
}


@pytest.mark.skipif(not images.SAMPLES.exists(), reason="the sample photos are not here")
@pytest.mark.parametrize("name", SAMPLES)
def test_sample_photos_develop_in_full(name: str) -> None:
    plan: MasterPlan = {**PLAN, "width": 5000, "height": 5000}
    made = opened(develop(images.SAMPLES / "heic" / name, name, "HEIC", plan))
    assert made.size == SAMPLES[name]
    pillow_heif.register_heif_opener()
    expected = Image.open(images.SAMPLES / "heic" / name)
    if not expected.info.get("icc_profile"):
        images.assert_similar(made, expected, f"master-{name}")


def test_more_tiles_are_shown_than_libheif_takes_by_itself(developed: Any) -> None:
    image = opened(developed(tiled(33)))
    assert image.size == (33 * 64, 33 * 64)
    tile = images.picture(64, 64)
    corner = image.convert("RGB").crop((32 * 64, 32 * 64, 33 * 64, 33 * 64))
    images.assert_similar(corner, tile, "the last of 1,089 tiles", most=12)
