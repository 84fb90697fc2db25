"""Renditions compared with the picture that their originals were made from."""

import base64
import io
import re
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyvips
from PIL import Image, ImageCms

import images
from reference import reference
from render.rendition import Rendered, render
from safelight.contracts import RenditionPlan
from safelight.errors import BadInput, CorruptFile, TruncatedFile
from safelight.imaging.geometry import cover
from safelight.imaging.read import decode


def plan(width: int = 160, height: int = 160, **different: Any) -> RenditionPlan:
    chosen: RenditionPlan = {
        "name": "medium",
        "key": "renditions/a.jpg/medium.jpg",
        "width": width,
        "height": height,
        "quality": 85,
        "fit": "inside",
        "crop": "centre",
        "format": "jpeg",
        "progressive": False,
        "sharpen": 0.0,
        "color": "srgb",
        "background": "#ffffff",
        "metadata": "none",
        "gain_map": False,
        "facts": False,
        "placeholder": False,
    }
    chosen.update(**different)  # type: ignore[misc]
    return chosen


def rendered(folder: Path, data: bytes, box: RenditionPlan | None = None) -> Rendered:
    path = folder / "original"
    path.write_bytes(data)
    return render(path, "a photo.jpg", box or plan())


def opened(made: Rendered) -> Image.Image:
    image = Image.open(io.BytesIO(made.body))
    image.load()
    assert (image.mode, image.size) == ("RGB", (made.width, made.height))
    return image


def color(image: Image.Image, at: tuple[int, int] = (32, 32)) -> tuple[int, ...]:
    found = image.getpixel(at)
    assert isinstance(found, tuple)
    return found


def expected(width: int = 160, height: int = 100) -> Image.Image:
    """The picture shrunk by averaging in linear steps of two, which owes nothing to the code under test."""
    pixels = np.asarray(images.picture(), dtype=float)
    step = 320 // width
    return Image.fromarray(
        pixels.reshape(height, step, width, step, 3).mean(axis=(1, 3)).round().astype("uint8")
    )


def markers(jpeg: bytes) -> list[int]:
    """Every marker before the image data of a JPEG file, and those between its scans."""
    return [found[0][1] for found in re.finditer(rb"\xff[\x01-\xfe]", _without_payloads(jpeg))]


def _without_payloads(jpeg: bytes) -> bytes:
    kept, position = b"", 0
    while position < len(jpeg):
        if jpeg[position] != 0xFF or jpeg[position + 1] == 0:
            position += 1
            continue
        kept += jpeg[position : position + 2]
        alone = jpeg[position + 1] in {*range(0xD0, 0xDA)}
        position += 2 if alone else 2 + int.from_bytes(jpeg[position + 2 : position + 4], "big")
    return kept


@pytest.mark.parametrize("name", sorted(set(images.PLAIN) - {"heic", "avif"}))
def test_every_format_comes_out_as_the_picture_that_went_in(tmp_path: Path, name: str) -> None:
    images.assert_similar(opened(rendered(tmp_path, images.plain(name))), expected(), name)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_every_orientation_comes_out_upright_exactly_once(
    tmp_path: Path, format_: str, orientation: int
) -> None:
    made = rendered(tmp_path, images.oriented(format_, orientation))
    images.assert_similar(opened(made), expected(), f"{format_}-{orientation}")


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_is_upright(tmp_path: Path, orientation: int) -> None:
    data = images.saved(images.picture(), "JPEG", quality=95, exif=images.exif(orientation))
    images.assert_similar(opened(rendered(tmp_path, data)), expected(), f"orientation-{orientation}")


def test_uncompressed_tiff_is_turned_once_too(tmp_path: Path) -> None:
    stored = images.picture().transpose(Image.Transpose.ROTATE_90)
    made = rendered(tmp_path, images.saved(stored, "TIFF", tiffinfo={0x0112: 6}))
    images.assert_similar(opened(made), expected(), "tiff-raw-6")


@pytest.mark.parametrize(
    ("size", "box", "result"),
    [
        ((320, 200), (160, 160), (160, 100)),
        ((320, 200), (1000, 100), (160, 100)),
        ((320, 200), (4000, 4000), (320, 200)),
        ((320, 200), (320, 200), (320, 200)),
        ((1, 1), (400, 400), (1, 1)),
        ((3000, 2), (400, 400), (400, 1)),
        ((2, 3000), (400, 400), (1, 400)),
        ((333, 777), (400, 400), (171, 400)),
    ],
)
def test_it_fits_inside_the_box_and_is_never_enlarged(
    tmp_path: Path, size: tuple[int, int], box: tuple[int, int], result: tuple[int, int]
) -> None:
    made = rendered(tmp_path, images.saved(Image.new("RGB", size, "white"), "PNG"), plan(*box))
    assert (made.width, made.height) == result


@pytest.mark.parametrize("orientation", [1, 6])
def test_the_box_is_meant_for_the_upright_picture(tmp_path: Path, orientation: int) -> None:
    made = rendered(tmp_path, images.oriented("JPEG", orientation), plan(160, 50))
    assert (made.width, made.height) == (80, 50)


def test_alpha_lies_over_white_and_takes_no_hidden_colour_along(tmp_path: Path) -> None:
    image = Image.new("RGBA", (200, 200), (0, 255, 0, 0))
    image.paste((200, 0, 0, 255), (0, 0, 100, 200))
    made = opened(rendered(tmp_path, images.saved(image, "PNG"), plan(50, 50)))
    clear = Image.new("RGB", (50, 50), "white")
    clear.paste((200, 0, 0), (0, 0, 25, 50))
    images.assert_similar(made, clear, "alpha", most=2.5)
    assert min(color(made, (45, 25))) > 250


def test_half_transparent_black_is_grey(tmp_path: Path) -> None:
    image = Image.new("LA", (64, 64), (0, 127))
    for name, data in {"LA": image, "RGBA": image.convert("RGBA")}.items():
        made = opened(rendered(tmp_path, images.saved(data, "PNG")))
        images.assert_similar(made, Image.new("RGB", (64, 64), (128, 128, 128)), name)


@pytest.mark.parametrize("mode", ["P", "RGB", "L"])
def test_a_transparent_colour_lies_over_white(tmp_path: Path, mode: str) -> None:
    image = Image.new("RGB", (64, 64), (10, 10, 10))
    image = image.quantize(4) if mode == "P" else image.convert(mode)
    key = {"P": image.getpixel((0, 0)), "RGB": (10, 10, 10), "L": 10}[mode]
    made = opened(rendered(tmp_path, images.saved(image, "PNG", transparency=key)))
    assert color(made) == (255, 255, 255)


def ramp(top: float, kind: str) -> np.ndarray:
    return np.tile(np.linspace(0, top, 256), (64, 1)).astype(kind)


RAMP = Image.fromarray(ramp(255, "uint8")).convert("RGB")


@pytest.mark.parametrize(
    ("name", "format_", "tones"),
    [
        ("png-16", "PNG", ramp(65535, "uint16")),
        ("tiff-16", "TIFF", ramp(65535, "uint16")),
        ("tiff-32", "TIFF", ramp(2_000_000_000, "int32")),
        ("tiff-float", "TIFF", ramp(1.0, "float32")),
        ("tiff-float-wide", "TIFF", ramp(3000.0, "float32")),
    ],
)
def test_deep_greys_are_scaled_and_not_clipped(
    tmp_path: Path, name: str, format_: str, tones: np.ndarray
) -> None:
    made = opened(rendered(tmp_path, images.saved(Image.fromarray(tones), format_), plan(400, 400)))
    images.assert_similar(made, RAMP, name, most=1.5)


def test_deep_greys_whose_zero_is_white_are_no_negative(tmp_path: Path) -> None:
    data = images.saved(Image.fromarray(65535 - ramp(65535, "uint16")), "TIFF")
    black_is_zero, white_is_zero = (struct.pack("<HHIHH", 262, 3, 1, value, 0) for value in (1, 0))
    assert black_is_zero in data
    made = opened(rendered(tmp_path, data.replace(black_is_zero, white_is_zero), plan(400, 400)))
    images.assert_similar(made, RAMP, "white-is-zero", most=1.5)


@pytest.mark.parametrize("mode", ["L", "1"])
def test_grey_and_black_and_white_keep_their_tones(tmp_path: Path, mode: str) -> None:
    image = RAMP.convert("L").point(lambda tone: 255 if tone > 127 else 0) if mode == "1" else RAMP
    made = opened(rendered(tmp_path, images.saved(image.convert(mode), "PNG"), plan(400, 400)))
    images.assert_similar(made, image.convert("RGB"), mode)


@pytest.mark.parametrize("format_", ["JPEG", "TIFF"])
def test_cmyk_without_a_profile_is_no_negative(tmp_path: Path, format_: str) -> None:
    how = {"quality": 95} if format_ == "JPEG" else {}
    data = images.saved(images.picture().convert("CMYK"), format_, **how)
    images.assert_similar(opened(rendered(tmp_path, data)), expected(), f"cmyk-{format_}")


def test_cmyk_without_adobes_marker_is_not_inverted(tmp_path: Path) -> None:
    data = images.saved(images.picture().convert("CMYK").point(lambda ink: 255 - ink), "JPEG", quality=95)
    at = data.index(b"\xff\xee")
    plain = data[:at] + data[at + 2 + int.from_bytes(data[at + 2 : at + 4], "big") :]
    images.assert_similar(opened(rendered(tmp_path, plain)), expected(), "cmyk-plain")


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_the_embedded_profile_is_applied(tmp_path: Path, format_: str) -> None:
    profile = images.swapped_channels_profile()
    how = {} if format_ in ("PNG", "TIFF") else {"quality": 95}
    data = images.saved(Image.new("RGB", (64, 64), (220, 20, 20)), format_, icc_profile=profile, **how)
    red, green, blue = color(opened(rendered(tmp_path, data)))
    assert green > 180, (red, green, blue)
    assert max(red, blue) < 60


def test_alpha_and_profile_go_together(tmp_path: Path) -> None:
    image = Image.new("RGBA", (64, 64), (220, 20, 20, 255))
    data = images.saved(image, "PNG", icc_profile=images.swapped_channels_profile())
    assert color(opened(rendered(tmp_path, data)))[1] > 180


@pytest.mark.parametrize(
    "profile",
    [b"not a profile", images.swapped_channels_profile()[:200]],
    ids=["nonsense", "cut"],
)
def test_a_broken_profile_is_taken_for_srgb(tmp_path: Path, profile: bytes) -> None:
    data = images.saved(images.picture(), "PNG", icc_profile=profile)
    images.assert_similar(opened(rendered(tmp_path, data)), expected(), "broken-profile")


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_cut_profile_is_taken_for_srgb(tmp_path: Path, format_: str) -> None:
    how = {"quality": 95} if format_ == "JPEG" else {"lossless": True} if format_ == "WEBP" else {}
    profile = images.cut_profile()
    data = images.saved(images.picture(), format_, icc_profile=profile, **how)
    images.assert_similar(opened(rendered(tmp_path, data)), expected(), f"cut-profile-{format_}")


def test_a_profile_of_another_kind_of_image_is_ignored(tmp_path: Path) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    data = images.saved(images.picture(), "JPEG", quality=95, icc_profile=lab)
    images.assert_similar(opened(rendered(tmp_path, data)), expected(), "lab-profile")


@pytest.mark.parametrize("progressive", [False, True])
def test_nothing_is_left_of_what_the_file_said(tmp_path: Path, progressive: bool) -> None:
    data = images.saved(
        images.picture(),
        "JPEG",
        exif=images.exif(6),
        comment=b"SECRET-COMMENT",
        xmp=b"<x:xmpmeta>SECRET-XMP</x:xmpmeta>",
        icc_profile=images.swapped_channels_profile(),
        dpi=(300, 300),
    )
    assert data.count(b"SECRET") == 3
    made = rendered(tmp_path, data, plan(progressive=progressive))
    found = markers(made.body)
    assert [marker for marker in found if 0xE0 <= marker <= 0xEF or marker == 0xFE] == [0xE0]
    assert made.body[6:11] == b"JFIF\x00"
    assert b"SECRET" not in made.body
    frame = made.body.index(b"\xff\xc2" if progressive else b"\xff\xc0")
    assert made.body[frame + 11 : frame + 18 : 3] == b"\x22\x11\x11"  # 4:2:0: luminance is sampled 2 x 2


@pytest.mark.parametrize("format_", ["PNG", "TIFF", "WEBP", "GIF"])
def test_metadata_of_other_formats_is_left_behind_too(tmp_path: Path, format_: str) -> None:
    how = {"comment": b"SECRET"} if format_ == "GIF" else {"exif": images.exif(1)}
    data = images.saved(images.picture(), format_, **how)
    assert b"SECRET" in data
    made = rendered(tmp_path, data).body
    assert [marker for marker in markers(made) if 0xE0 <= marker <= 0xEF or marker == 0xFE] == [0xE0]


def test_the_same_original_always_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (rendered(tmp_path, images.oriented("JPEG", 6), plan(placeholder=True)) for _ in "12")
    assert first == second


def test_the_placeholder_is_a_small_picture_of_the_photo(tmp_path: Path) -> None:
    made = rendered(tmp_path, images.plain("png"), plan(placeholder=True))
    assert made.placeholder is not None
    start, _, body = made.placeholder.partition(",")
    assert start == "data:image/webp;base64"
    assert len(made.placeholder) < 1000
    stamp = Image.open(io.BytesIO(base64.b64decode(body)))
    assert max(stamp.size) == 20
    images.assert_similar(stamp.resize((160, 100)), expected(), "placeholder", most=25)


def test_there_is_a_placeholder_only_where_the_plan_asks(tmp_path: Path) -> None:
    assert rendered(tmp_path, images.plain("png")).placeholder is None


def test_a_jpeg_is_shrunk_by_its_decoder_to_no_less_than_twice_the_rendition(tmp_path: Path) -> None:
    path = tmp_path / "original"
    path.write_bytes(images.saved(images.picture(3200, 2000), "JPEG"))
    for side, decoded in ((400, 800), (401, 1600), (1601, 3200)):
        assert decode(path, "a photo.jpg", (side, side)).image.width == decoded
    assert decode(path, "a photo.jpg", (400, 400), cover).image.width == 1600


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_comes_out_as_pillow_alone_makes_it(tmp_path: Path, orientation: int) -> None:
    data = images.saved(
        images.picture().resize((900, 600)),
        "JPEG",
        quality=95,
        exif=images.exif(orientation),
        icc_profile=images.swapped_channels_profile() if orientation % 2 else b"",
    )
    made = opened(rendered(tmp_path, data, plan(150, 150, format="png")))
    images.assert_similar(made, reference(data, (150, 150)), f"pillow-{orientation}", most=1.5)


def middle_cut(jpeg: bytes, count: int = 2000) -> bytes:
    """Without `count` bytes at the end of its image data; the end marker is there."""
    return jpeg[: -2 - count] + jpeg[-2:]


def test_a_jpeg_whose_data_stop_before_its_end_marker_is_not_painted_grey(tmp_path: Path) -> None:
    noise = images.saved(Image.effect_noise((640, 480), 80).convert("RGB"), "JPEG", quality=90)
    Image.open(io.BytesIO(middle_cut(noise))).load()  # a decoder alone notices nothing
    assert rendered(tmp_path, noise)
    with pytest.raises(TruncatedFile, match=r"a photo\.jpg"):
        rendered(tmp_path, middle_cut(noise))


def test_a_jpeg_with_a_wiped_stretch_is_corrupt(tmp_path: Path) -> None:
    noise = images.saved(Image.effect_noise((640, 480), 80).convert("RGB"), "JPEG", quality=90)
    half = len(noise) // 2
    with pytest.raises(CorruptFile, match="damaged inside its image data"):
        rendered(tmp_path, noise[:half] + b"\xff" * 4096 + b"\x9f" + noise[half + 4097 :])


@pytest.mark.parametrize("name", ["png", "webp", "tiff", "tiff-lzw", "gif", "progressive"])
def test_an_original_cut_in_half_is_bad_input(tmp_path: Path, name: str) -> None:
    data = images.plain(name)
    with pytest.raises(BadInput, match=r"a photo\.jpg") as raised:
        rendered(tmp_path, data[: len(data) // 2])
    assert raised.type in (TruncatedFile, CorruptFile)


@pytest.mark.parametrize("name", ["jpeg", "progressive", "restarts"])
def test_a_jpeg_without_its_end_marker_is_rendered_as_with_it(tmp_path: Path, name: str) -> None:
    data = images.plain(name)
    assert rendered(tmp_path, data[:-2]).body == rendered(tmp_path, data).body


def test_wrong_numbers_of_restart_markers_lose_no_stretch(tmp_path: Path) -> None:
    data = images.plain("restarts")
    for wrong in ({3: 5}, {3: 4}, {0: 7, 5: 1}):
        assert rendered(tmp_path, images.renumbered(data, wrong)).body == rendered(tmp_path, data).body


def gif_frame(at: tuple[int, int], canvas: tuple[int, int], transparent: int | None = None) -> bytes:
    """A GIF whose only frame, of one green, lies somewhere on its canvas; black is its background."""
    how = {} if transparent is None else {"transparency": transparent}
    frame = Image.new("P", (64, 40), 1)
    frame.putpalette([0, 0, 0, 0, 200, 0])
    data = bytearray(images.saved(frame, "GIF", **how))
    descriptor = data.index(b"," + struct.pack("<4H", 0, 0, 64, 40))
    data[descriptor + 1 : descriptor + 5] = struct.pack("<HH", *at)
    data[6:10] = struct.pack("<HH", *canvas)
    return bytes(data)


@pytest.mark.parametrize("transparent", [None, 0], ids=["opaque", "clear"])
@pytest.mark.parametrize("at", [(0, 0), (20, 10), (96, 60), (0, 60)])
def test_a_frame_that_does_not_fill_its_canvas_leaves_it_clear(
    tmp_path: Path, at: tuple[int, int], transparent: int | None
) -> None:
    image = opened(rendered(tmp_path, gif_frame(at, (160, 100), transparent)))
    expected = Image.new("RGB", (160, 100), "white")
    expected.paste((0, 200, 0), (*at, at[0] + 64, at[1] + 40))
    images.assert_similar(image, expected, "gif-frame", most=1.5)


def gif_without_its_end(image: Image.Image) -> bytes:
    """An image of 128 colours as codes of 8 bits that stand for one pixel each; none says the end."""
    codes, step = image.tobytes(), 100
    coded = b"".join(b"\x80" + codes[at : at + step] for at in range(0, len(codes), step))
    blocks = b"".join(
        bytes([len(coded[at : at + 255])]) + coded[at : at + 255] for at in range(0, len(coded), 255)
    )
    size = struct.pack("<2H", *image.size)
    palette = bytes(image.getpalette() or []).ljust(384, b"\x00")
    return (
        b"GIF89a"
        + size
        + b"\xf6\x00\x00"
        + palette
        + b","
        + bytes(4)
        + size
        + b"\x00\x07"
        + blocks
        + b"\x00;"
    )


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (3, 5), (160, 100)])
def test_a_gif_whose_codes_do_not_say_their_end_has_all_its_pixels(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    indexed = images.picture(*size).quantize(128) if size[0] > 5 else Image.new("P", size, 1)
    if size[0] <= 5:
        indexed.putpalette([0, 0, 0, 250, 250, 250])
    image = opened(rendered(tmp_path, gif_without_its_end(indexed)))
    images.assert_similar(image, indexed.convert("RGB"), "gif-end", most=4)


def test_what_follows_the_first_frame_of_a_gif_may_be_damaged(tmp_path: Path) -> None:
    first, second = (images.picture(160, 100).rotate(turn).quantize(128) for turn in (0, 180))
    data = gif_without_its_end(first)[:-1] + gif_without_its_end(second)[397:]
    image = opened(rendered(tmp_path, data[:-300] + b"\xff" * 290 + data[-10:]))
    images.assert_similar(image, first.convert("RGB"), "gif-first", most=4)


def test_a_later_frame_of_a_gif_does_not_count(tmp_path: Path) -> None:
    first = Image.new("P", (64, 40), 1)
    first.putpalette([0, 0, 0, 0, 200, 0, 255, 0, 0])
    second = Image.new("P", (64, 40), 2)
    second.putpalette([0, 0, 0, 0, 200, 0, 255, 0, 0])
    data = images.saved(first, "GIF", save_all=True, append_images=[second], duration=100)
    assert color(opened(rendered(tmp_path, data)))[1] > 180


def test_a_webp_animation_that_starts_with_a_part_of_its_canvas_leaves_the_rest_clear(tmp_path: Path) -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)

    def small(number: int) -> bytes:
        return number.to_bytes(3, "little")

    still = images.saved(Image.new("RGB", (64, 40), (0, 200, 0)), "WEBP", lossless=True)[12:]
    frame = small(20 // 2) + small(10 // 2) + small(63) + small(39) + small(100) + b"\x00" + still
    chunks = chunk(b"VP8X", b"\x02\x00\x00\x00" + small(159) + small(99))
    chunks += chunk(b"ANIM", b"\x00\x00\xff\xff\x00\x00") + chunk(b"ANMF", frame)
    image = opened(rendered(tmp_path, b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks))
    expected = Image.new("RGB", (160, 100), "white")
    expected.paste((0, 200, 0), (20, 10, 84, 50))
    images.assert_similar(image, expected, "webp-frame", most=1.5)


def test_bytes_that_are_no_image_are_corrupt(tmp_path: Path) -> None:
    with pytest.raises(CorruptFile, match=r"a photo\.jpg cannot be decoded"):
        rendered(tmp_path, b"nothing at all")


@pytest.mark.parametrize(
    ("said", "meant"),
    [("out of memory --- size == 73MB", MemoryError), ("write failed\nNo space left on device", OSError)],
)
def test_what_the_machine_lacks_is_not_the_photos_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, meant: type[Exception]
) -> None:
    def fail(self: pyvips.Image) -> bytes:
        raise pyvips.Error("unable to call", said)

    monkeypatch.setattr(pyvips.Image, "write_to_memory", fail)
    with pytest.raises(meant):
        rendered(tmp_path, images.plain("jpeg"))


@pytest.mark.skipif(not images.SAMPLES.exists(), reason="the sample photos are not here")
@pytest.mark.parametrize("name", ["Landscape", "Portrait"])
def test_sample_photos_of_all_orientations_look_alike(name: str) -> None:
    folder = images.SAMPLES / "orientation"
    upright = opened(render(folder / f"{name}_1.jpg", "a.jpg", plan(400, 400)))
    for n in range(2, 9):
        other = opened(render(folder / f"{name}_{n}.jpg", "a.jpg", plan(400, 400)))
        images.assert_similar(other, upright, f"{name}_{n}", most=3.0)


def test_the_facts_of_a_photo_are_the_same_in_any_colour_space_of_the_rendition(tmp_path: Path) -> None:
    """The rendition may keep the numbers of Display P3; the facts are told in those of sRGB."""
    flat = pyvips.Image.black(200, 100).copy(interpretation="srgb").new_from_image([60, 200, 60])
    wide = flat.icc_transform("p3", input_profile="srgb")
    data = wide.pngsave_buffer()
    kept, converted = (
        rendered(tmp_path, data, plan(facts=True, color=color)) for color in ("display-p3", "srgb")
    )
    assert kept.facts is not None
    assert kept.facts == converted.facts
    color = [int(kept.facts["dominant_color"][start : start + 2], 16) for start in (1, 3, 5)]
    assert np.abs(np.array(color) - (60, 200, 60)).max() <= 3


def test_what_is_transparent_counts_as_the_background(tmp_path: Path) -> None:
    clear = images.saved(Image.new("RGBA", (80, 60), (200, 30, 30, 0)), "PNG")
    made = rendered(tmp_path, clear, plan(facts=True, format="png", background="#1e1ec8"))
    assert made.facts is not None
    assert made.facts["dominant_color"] == "#1e1ec8"
