"""Working masters of BMP, JPEG 2000 and Photoshop documents: the right pixels, or an honest refusal."""

import io
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

import images
import photoshop_files as psd
from develop.master import Master, develop
from safelight.contracts import MasterPlan, Photo
from safelight.errors import BadInput, CorruptFile, TooManyPixels, TruncatedFile, UnsupportedFormat
from validate.photo import describe
from validate.plan import master_of, plan_of

PICTURE = images.picture()
SWAPPED = images.swapped_channels_profile()


@pytest.fixture
def made(tmp_path: Path):  # type: ignore[no-untyped-def]
    def of(data: bytes, max_pixels: int = 250_000_000) -> tuple[Photo, Master]:
        path = tmp_path / "original"
        path.write_bytes(data)
        photo = describe(path, "a photo", max_pixels)
        plan = master_of(photo, plan_of("gallery", "album/a photo", "v")[0], "execution")
        assert plan is not None
        whole: MasterPlan = {**plan, "width": photo["width"], "height": photo["height"]}
        return photo, develop(path, "a photo", photo["format"], whole)

    return of


def shown(master: Master) -> Image.Image:
    return Image.open(io.BytesIO(master.body))


def bmp_with_profile(profile: bytes) -> bytes:
    """A bitmap of version 5 with an embedded profile."""
    pixels = images.saved(PICTURE, "BMP")[54:]
    header = struct.pack("<IiiHHIIiiII", 124, 320, 200, 1, 24, 0, len(pixels), 2835, 2835, 0, 0)
    header += (
        bytes(16) + b"DEBM" + bytes(48) + struct.pack("<III", 4, 124 + len(pixels), len(profile)) + bytes(4)
    )
    assert len(header) == 124
    return struct.pack("<2sIHHI", b"BM", 138 + len(pixels), 0, 0, 138) + header + pixels + profile


def jp2(image: Image.Image = PICTURE, profile: bytes = b"", **how: object) -> bytes:
    data = images.saved(image, "JPEG2000", irreversible=False, **how)
    return with_colors(data, b"\x02\x00\x00" + profile) if profile else data


def deep_jp2(pixels: NDArray[np.uint16], bits: int = 16, profile: bytes = b"") -> bytes:
    data = imagecodecs.jpeg2k_encode(pixels, level=0, reversible=True, codecformat="jp2", bitspersample=bits)
    return with_colors(data, b"\x02\x00\x00" + profile) if profile else data


def with_colors(data: bytes, said: bytes, more: bytes = b"") -> bytes:
    """The JPEG 2000 file with `said` in its colour box, and with `more` boxes behind that."""
    at = data.index(b"colr") - 4
    length = int.from_bytes(data[at : at + 4], "big")
    colors = struct.pack(">I4s", 8 + len(said), b"colr") + said + more
    header = data.index(b"jp2h") - 4
    grown = int.from_bytes(data[header : header + 4], "big") + len(colors) - length
    data = data[:at] + colors + data[at + length :]
    return data[:header] + struct.pack(">I", grown) + data[header + 4 :]


def top_down(data: bytes) -> bytes:
    """A bitmap with its rows in the order that they are seen in."""
    pixels = np.frombuffer(data[54:], "uint8").reshape(200, -1)[::-1]
    return data[:22] + struct.pack("<i", -200) + data[26:54] + pixels.tobytes()


FILES = {
    "BMP": images.saved(PICTURE, "BMP"),
    "BMP top down": top_down(images.saved(PICTURE, "BMP")),
    "JPEG 2000": jp2(),
    "JPEG 2000 without boxes": jp2(no_jp2=True),
    "Photoshop": psd.document(psd.planes_of(PICTURE)),
    "Photoshop, not packed": psd.document(psd.planes_of(PICTURE), coding=psd.RAW),
    "Photoshop, large": psd.document(psd.planes_of(PICTURE), large=True),
    "Photoshop, 16 bits": psd.document(psd.planes_of(PICTURE).astype("uint16") * 257),
    "Photoshop, saved selection": psd.document(
        np.concatenate([psd.planes_of(PICTURE), np.zeros((1, 200, 320), "uint8")])
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_pixels_are_shown_as_they_are(made, name: str) -> None:  # type: ignore[no-untyped-def]
    photo, master = made(FILES[name])
    assert photo["format"] == name.partition(",")[0].removesuffix(" top down").removesuffix(" without boxes")
    assert (photo["width"], photo["height"]) == (320, 200)
    assert master.media_type == "image/jpeg"
    images.assert_similar(shown(master), PICTURE, f"others-{name}")


def test_pillow_takes_what_the_tests_make_for_photoshop_documents() -> None:
    for name, data in FILES.items():
        if name in ("Photoshop", "Photoshop, not packed", "Photoshop, saved selection"):
            with Image.open(io.BytesIO(data), formats=["PSD"]) as opened:
                assert np.array_equal(np.asarray(opened.convert("RGB")), np.asarray(PICTURE))


@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_bitmaps_of_other_kinds(made, mode: str) -> None:  # type: ignore[no-untyped-def]
    image = PICTURE.convert(mode)
    images.assert_similar(
        shown(made(images.saved(image, "BMP"))[1]).convert("RGB"), image.convert("RGB"), f"bmp-{mode}"
    )


def dib(
    rows: np.ndarray, bits: int, *, header: int = 40, coding: int = 0, width: int = 320, **more: Any
) -> bytes:
    """A bitmap of 200 packed rows; `more` are `masks`, the `palette` as stored, and how many are `used`."""
    masks, palette = more.get("masks", ()), more.get("palette", b"")
    padded = np.pad(rows, ((0, 0), (0, -rows.shape[1] % 4)))[::-1].tobytes()
    fields = struct.pack(f"<{len(masks)}I", *masks)
    if header == 12:
        info = struct.pack("<IHHHH", 12, width, 200, 1, bits)
    elif header == 16:
        info = struct.pack("<IIIHH", 16, width, 200, 1, bits)
    else:
        used = more.get("used", 0)
        info = struct.pack("<IiiHHIIiiII", 40, width, 200, 1, bits, coding, len(padded), 0, 0, used, 0)
        info = struct.pack("<I", header) + (info[4:] + (fields if header > 40 else b"")).ljust(
            header - 4, b"\x00"
        )
    fields = fields if header == 40 else b""
    start = 14 + len(info) + len(fields) + len(palette)
    return struct.pack("<2sIHHI", b"BM", start + len(padded), 0, 0, start) + info + fields + palette + padded


def with_fields(pixels: np.ndarray, masks: Sequence[int], kind: str, **how: Any) -> bytes:
    """Pixels as numbers of one `kind`, their bands under `masks`."""
    numbers = np.zeros(pixels.shape[:2], "uint32")
    for band, mask in enumerate(masks):
        low = (mask & -mask).bit_length() - 1
        top = mask >> low
        numbers |= (np.round(pixels[:, :, band] / 255 * top).astype("uint64") << low).astype("uint32")
    rows = numbers.astype(kind).view("uint8").reshape(len(pixels), -1)
    return dib(rows, np.dtype(kind).itemsize * 8, coding=how.pop("coding", 3), masks=masks, **how)


SHOWN = np.asarray(PICTURE)
CLEAR = np.dstack([SHOWN, np.tile(np.linspace(0, 255, 320).astype("uint8"), (200, 1))])
FIELDS = {
    "5-5-5": with_fields(SHOWN, (0x7C00, 0x3E0, 0x1F), "<u2", coding=0, header=40),
    "5-6-5": with_fields(SHOWN, (0xF800, 0x7E0, 0x1F), "<u2"),
    "6-5-5 in version 2": with_fields(SHOWN, (0xFC00, 0x3E0, 0x1F), "<u2", header=52),
    "8-8-8 in an odd order": with_fields(SHOWN, (0xFF00, 0xFF000000, 0xFF), "<u4"),
    "11-11-10": with_fields(SHOWN, (0xFFE00000, 0x1FFC00, 0x3FF), "<u4"),
    "9-9-9": with_fields(SHOWN, (0x1FF, 0x1FF << 9, 0x1FF << 18), "<u4", header=56),
}


@pytest.mark.parametrize("name", FIELDS)
def test_bit_fields_of_any_width_are_shown(made, name: str) -> None:  # type: ignore[no-untyped-def]
    images.assert_similar(shown(made(FIELDS[name])[1]), PICTURE, f"bmp-{name}", most=4)


@pytest.mark.parametrize(
    ("masks", "kind", "how"),
    [
        ((0xF00, 0xF0, 0xF, 0xF000), "<u2", {"header": 124}),
        ((0xFF0000, 0xFF00, 0xFF, 0xFF000000), "<u4", {"header": 108}),
        ((0xFF0000, 0xFF00, 0xFF, 0xFF000000), "<u4", {"header": 56}),
        ((0xFF000000, 0xFF0000, 0xFF00, 0xFF), "<u4", {"coding": 6}),
    ],
)
def test_bit_fields_of_alpha_are_transparency(made, masks, kind: str, how) -> None:  # type: ignore[no-untyped-def]
    master = made(with_fields(CLEAR, masks, kind, **how))[1]
    assert master.media_type == "image/png"
    assert np.abs(np.asarray(shown(master)).astype(int) - CLEAR)[:, 20:].mean() < 5


def test_alpha_of_nothing_is_none(made) -> None:  # type: ignore[no-untyped-def]
    none = np.dstack([SHOWN, np.zeros_like(SHOWN[:, :, 0])])
    for coding, header in ((3, 56), (3, 124), (6, 40)):
        data = with_fields(none, (0xFF0000, 0xFF00, 0xFF, 0xFF000000), "<u4", coding=coding, header=header)
        images.assert_similar(shown(made(data)[1]), PICTURE, "bmp-no-alpha")
    plain = dib(np.dstack([none[:, :, 2::-1], none[:, :, 3]]).reshape(200, -1), 32)
    images.assert_similar(shown(made(plain)[1]), PICTURE, "bmp-32")


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("header", [12, 16, 40, 64, 124])
def test_palettes_of_every_header_are_shown(made, bits: int, header: int) -> None:  # type: ignore[no-untyped-def]
    count = 1 << bits
    indexed = PICTURE.resize((317, 200)).quantize(count, dither=Image.Dither.NONE)
    table = np.array(indexed.getpalette()).reshape(-1, 3)[:count]
    table = np.pad(table, ((0, count - len(table)), (0, 0))).astype("uint8")
    stored = np.pad(table[:, ::-1], ((0, 0), (0, 0 if header == 12 else 1))).tobytes()
    indexes = np.asarray(indexed)
    places = np.arange(bits - 1, -1, -1)
    packed = np.packbits(((indexes[:, :, None] >> places) & 1).reshape(200, -1), axis=1)
    photo, master = made(dib(packed, bits, header=header, width=317, palette=stored))
    assert (photo["width"], photo["height"]) == (317, 200)
    images.assert_similar(shown(master), indexed.convert("RGB"), f"bmp-{bits}-{header}", most=4)


def test_more_colours_than_there_can_be_are_left_out(made) -> None:  # type: ignore[no-untyped-def]
    indexed = PICTURE.quantize(256)
    table = np.pad(np.array(indexed.getpalette()).reshape(-1, 3)[:, ::-1], ((0, 0), (0, 1))).astype("uint8")
    for used, more in ((300, bytes(44 * 4)), (305_402_420, b"")):
        stored = table.tobytes().ljust(1024, b"\x00") + more
        data = dib(np.asarray(indexed), 8, palette=stored, used=used)
        images.assert_similar(shown(made(data)[1]), indexed.convert("RGB"), "bmp-colours", most=4)


def test_a_bitmap_of_no_width_is_damaged(made) -> None:  # type: ignore[no-untyped-def]
    data = bytearray(images.saved(PICTURE, "BMP"))
    for width in (-320, 0):
        struct.pack_into("<i", data, 18, width)
        with pytest.raises(CorruptFile, match=f"says that it is {width} x 200 pixels"):
            made(bytes(data))


def test_a_transparent_bitmap_keeps_its_alpha(made) -> None:  # type: ignore[no-untyped-def]
    image = PICTURE.convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 100, 60))
    master = made(images.saved(image, "JPEG2000", irreversible=False))[1]
    assert master.media_type == "image/png"
    assert shown(master).getpixel((10, 10))[3] == 0  # type: ignore[index]
    assert shown(master).getpixel((300, 20)) == (*images.GREEN, 255)


@pytest.mark.parametrize(
    "data",
    [
        bmp_with_profile(SWAPPED),
        jp2(profile=SWAPPED),
        deep_jp2(np.asarray(PICTURE).astype("uint16") * 257, profile=SWAPPED),
        psd.document(psd.planes_of(PICTURE), resources=psd.resource(psd.PROFILE, SWAPPED, b"odd")),
    ],
    ids=["BMP", "JPEG 2000", "deep JPEG 2000", "Photoshop"],
)
def test_an_embedded_profile_is_honoured(made, data: bytes) -> None:  # type: ignore[no-untyped-def]
    red, green, blue = shown(made(data)[1]).getpixel((20, 20))  # type: ignore[misc]
    assert green > 150 and red < 60 and blue < 60, "what the profile calls red is green"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photoshop_document_is_turned_as_its_exif_says(made, orientation: int) -> None:  # type: ignore[no-untyped-def]
    stored = images.stored_as(orientation)
    block = psd.resource(psd.EXIF, images.exif(orientation).removeprefix(b"Exif\x00\x00"))
    photo, master = made(psd.document(psd.planes_of(stored), resources=psd.version_info(True) + block))
    upright = images.stored_as(1)
    assert (photo["width"], photo["height"]) == upright.size
    images.assert_similar(shown(master), upright, f"psd-turned-{orientation}")


def test_jpeg_2000_of_16_bits_of_grey(made) -> None:  # type: ignore[no-untyped-def]
    grey = PICTURE.convert("L")
    deep = Image.fromarray(np.asarray(grey).astype("uint16") * 257)
    images.assert_similar(shown(made(jp2(deep))[1]).convert("L"), grey, "jp2-16")


@pytest.mark.parametrize("bits", [10, 12, 16])
def test_jpeg_2000_of_deep_colours_is_shown_as_it_is(made, bits: int) -> None:  # type: ignore[no-untyped-def]
    most = (1 << bits) - 1
    deep = (np.asarray(PICTURE).astype("uint32") * most // 255).astype("uint16")
    data = deep_jp2(deep, bits)
    images.assert_similar(shown(made(data)[1]), PICTURE, f"jp2-rgb{bits}")


def test_jpeg_2000_of_deep_colours_keeps_its_transparency(made) -> None:  # type: ignore[no-untyped-def]
    opaque = np.full((*np.asarray(PICTURE).shape[:2], 1), 65535, "uint16")
    deep = np.concatenate([np.asarray(PICTURE).astype("uint16") * 257, opaque], axis=2)
    data = deep_jp2(deep)
    images.assert_similar(shown(made(data)[1]).convert("RGB"), PICTURE, "jp2-rgba16")


@pytest.mark.parametrize("bits", [8, 16])
def test_jpeg_2000_in_ink_is_shown_in_light(made, bits: int) -> None:  # type: ignore[no-untyped-def]
    inks = np.asarray(PICTURE.convert("CMYK"))
    data = (
        deep_jp2(inks.astype("uint16") * 257)
        if bits == 16
        else jp2(Image.merge("RGBA", PICTURE.convert("CMYK").split()))
    )
    images.assert_similar(
        shown(made(with_colors(data, b"\x01\x00\x00\x00\x00\x00\x0c"))[1]), PICTURE, f"jp2-cmyk{bits}"
    )


def test_the_channels_of_jpeg_2000_lie_as_it_says(made) -> None:  # type: ignore[no-untyped-def]
    blue_first = Image.merge("RGB", PICTURE.split()[::-1])
    order = struct.pack(">I4s10H", 28, b"cdef", 3, 0, 0, 3, 1, 0, 2, 2, 0, 1)
    data = with_colors(jp2(blue_first), b"\x01\x00\x00\x00\x00\x00\x10", order)
    images.assert_similar(shown(made(data)[1]), PICTURE, "jp2-channels")


@pytest.mark.parametrize("coding", [psd.RAW, psd.PACK_BITS])
@pytest.mark.parametrize(("mode", "name"), [(psd.RGB, "RGB"), (psd.GREY, "L"), (psd.CMYK, "CMYK")])
def test_colours_that_a_document_keeps_where_it_is_clear_are_not_shown(
    made, mode: int, name: str, coding: int
) -> None:  # type: ignore[no-untyped-def]
    alpha = Image.new("L", PICTURE.size, 255)
    alpha.paste(0, (0, 0, 100, 100))
    colors = psd.planes_of(PICTURE.convert(name))
    planes = np.concatenate([255 - colors if mode == psd.CMYK else colors, psd.planes_of(alpha)])
    image = shown(made(psd.document(planes, mode, coding, clear=True))[1])
    assert image.getpixel((20, 20))[-1] == 0  # type: ignore[index]
    wanted = images.on_white(PICTURE.convert(name).convert("RGB"), alpha)
    images.assert_similar(
        images.on_white(image.convert("RGB"), image.getchannel("A")), wanted, f"psd-clear-{name}"
    )


def test_a_document_that_is_white_where_it_is_clear_needs_no_alpha(made) -> None:  # type: ignore[no-untyped-def]
    alpha = Image.new("L", PICTURE.size, 255)
    alpha.paste(0, (0, 0, 100, 100))
    matted = images.on_white(PICTURE, alpha)
    planes = np.concatenate([psd.planes_of(matted), psd.planes_of(alpha)])
    image = shown(made(psd.document(planes, clear=True))[1])
    assert image.mode == "RGB"
    images.assert_similar(image, matted, "psd-matted")


def test_photoshop_documents_in_other_modes(made) -> None:  # type: ignore[no-untyped-def]
    grey = PICTURE.convert("L")
    images.assert_similar(
        shown(made(psd.document(psd.planes_of(grey), psd.GREY))[1]).convert("L"), grey, "psd-grey"
    )
    indexed = PICTURE.quantize(64)
    palette = np.zeros((3, 256), "uint8")
    palette[:, :64] = np.asarray(indexed.getpalette()).reshape(-1, 3)[:64].T
    data = psd.document(psd.planes_of(indexed), psd.INDEXED, palette=palette.tobytes())
    images.assert_similar(shown(made(data)[1]), indexed.convert("RGB"), "psd-indexed")
    light = np.concatenate([psd.planes_of(PICTURE), np.full((1, 200, 320), 255, "uint8")])
    images.assert_similar(shown(made(psd.document(light, psd.CMYK))[1]), PICTURE, "psd-cmyk", most=2)
    to_lab = ImageCms.buildTransform(
        ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
    )
    lab = np.asarray(ImageCms.applyTransform(PICTURE, to_lab)).transpose(2, 0, 1).copy()
    lab[1:] ^= 128
    images.assert_similar(shown(made(psd.document(lab, psd.LAB))[1]), PICTURE, "psd-lab", most=4)


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (FILES["BMP"][:20_000], TruncatedFile, "ends before its image does"),
        (FILES["BMP"][:20], TruncatedFile, "ends after 20 bytes"),
        (FILES["JPEG 2000"][:3_000], TruncatedFile, "ends after 3,000 bytes of the"),
        (FILES["JPEG 2000 without boxes"][:3_000], CorruptFile, "damaged"),
        (FILES["JPEG 2000"][:90], TruncatedFile, "ends after 90 bytes"),
        (FILES["Photoshop"][:30_000], TruncatedFile, r"ends after 30,000 bytes of the [\d,]+ that it needs"),
        (FILES["Photoshop"][:24], TruncatedFile, "ends after 24 bytes of the 26"),
        (psd.document(psd.planes_of(PICTURE), psd.MULTICHANNEL), UnsupportedFormat, "like Multichannel"),
        (
            psd.document(psd.planes_of(PICTURE), resources=psd.version_info(False)),
            UnsupportedFormat,
            "Maximize Compatibility",
        ),
        (
            FILES["BMP"][:30] + struct.pack("<I", 4) + FILES["BMP"][34:],
            UnsupportedFormat,
            "Export it as JPEG",
        ),
        (FILES["JPEG 2000"][:200] + bytes(len(FILES["JPEG 2000"]) - 200), CorruptFile, "damaged"),
    ],
)
def test_what_cannot_be_shown_is_refused_by_name(
    made, data: bytes, error: type[BadInput], words: str
) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error, match=words):
        made(data)


@pytest.mark.parametrize("name", ["BMP", "JPEG 2000", "Photoshop"])
def test_bombs_are_refused_before_they_are_decoded(made, name: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(TooManyPixels):
        made(FILES[name], max_pixels=63_999)


def test_a_document_with_its_picture_says_so(made) -> None:  # type: ignore[no-untyped-def]
    data = psd.document(psd.planes_of(PICTURE), resources=psd.version_info(True))
    images.assert_similar(shown(made(data)[1]), PICTURE, "psd-merged")
