"""TIFF files of every kind of samples, from the judge to the rendition, beside what they were made from."""

import io
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import colors
import images
import tiff_files as tiff
from golden.plans import rendered
from safelight.errors import CorruptFile, TruncatedFile, UnsupportedFormat
from safelight.files.tiff import Tiff
from tiff_files import Page, page
from validate.photo import describe

MOST_DELTA_E = 1.5
"""Lab of 8 bits is as coarse as that."""

RGB = np.asarray(images.picture(80, 50))
GREY = RGB[:, :, 1]
ALPHA = np.tile(np.linspace(0, 255, 80).astype("uint8"), (50, 1))
RGBA, GREY_ALPHA = np.dstack([RGB, ALPHA]), np.dstack([GREY, ALPHA])
PREMULTIPLIED = np.dstack([(RGB * (ALPHA[:, :, None] / 255)).round().astype("uint8"), ALPHA])
SELECTION = 255 - ALPHA
INKS = np.dstack([255 - RGB, np.zeros_like(GREY)])
LUMA_CHROMA = np.asarray(Image.fromarray(RGB).convert("YCbCr"))
STUDIO = np.dstack(
    [16 + LUMA_CHROMA[:, :, 0] * (219 / 255), 128 + (LUMA_CHROMA[:, :, 1:] - 128.0) * (224 / 255)]
)
LIGHT = np.where(RGB / 255 <= 0.04045, RGB / 255 / 12.92, ((RGB / 255 + 0.055) / 1.055) ** 2.4)
LAB = colors.srgb_to_lab(RGB.reshape(-1, 3) / 255).reshape(50, 80, 3)
INDEXES = Image.fromarray(RGB).quantize(256)
TABLE = np.pad(np.array(INDEXES.getpalette()).reshape(-1, 3), ((0, 256), (0, 0)))[:256].T.reshape(-1) * 257
PALETTE = {"t320": (tiff.SHORT, TABLE.tolist())}
NO_SUBSAMPLING = {"t530": (tiff.SHORT, [1, 1])}
NO_PICTURE = Page({305: (tiff.ASCII, b"x\x00")}, [])


def deep(pixels: np.ndarray) -> np.ndarray:
    """8 bits as 16."""
    return pixels.astype("uint16") * 257


def lab_8(signed: bool) -> np.ndarray:
    opponents = LAB[:, :, 1:].round().astype("int8").view("uint8") + (0 if signed else 128)
    return np.dstack([(LAB[:, :, 0] * 2.55).round().astype("uint8"), opponents.astype("uint8")])


def lab_16(signed: bool) -> np.ndarray:
    opponents = (LAB[:, :, 1:] * 256).round().astype("int32") + (0 if signed else 32768)
    lightness = LAB[:, :, 0] * (655.35 if signed else 652.8)
    return np.dstack([lightness.round().astype("uint16"), (opponents % 65536).astype("uint16")])


def extra(*kinds: int) -> dict[str, tiff.Entry]:
    return {"t338": (tiff.SHORT, list(kinds))}


OPAQUE: dict[str, tuple[np.ndarray, int, dict[str, tiff.Entry]]] = {
    "rgb": (RGB, tiff.RGB, {}),
    "rgb 16": (deep(RGB), tiff.RGB, {}),
    "rgb 32": (RGB.astype("uint32") * 0x01010101, tiff.RGB, {}),
    "rgb called signed": (RGB.view("int8"), tiff.RGB, {}),
    "rgb signed 16": ((deep(RGB).astype("int32") - 32768).astype("int16"), tiff.RGB, {}),
    "rgb half float": (LIGHT.astype("float16"), tiff.RGB, {}),
    "rgb float": (LIGHT.astype("float32"), tiff.RGB, {}),
    "rgb and a saved selection": (np.dstack([RGB, SELECTION]), tiff.RGB, extra(tiff.UNSPECIFIED)),
    "cmyk and a channel that nothing is said of": (np.dstack([INKS, SELECTION]), tiff.CMYK, {}),
    "rgb and two selections": (
        np.dstack([RGB, SELECTION, ALPHA]),
        tiff.RGB,
        extra(tiff.UNSPECIFIED, tiff.UNSPECIFIED),
    ),
    "cmyk": (INKS, tiff.CMYK, {}),
    "cmyk 16": (deep(INKS), tiff.CMYK, {}),
    "cmyk and a spot colour": (np.dstack([INKS, SELECTION]), tiff.CMYK, extra(tiff.UNSPECIFIED)),
    "ycbcr": (LUMA_CHROMA, tiff.YCBCR, NO_SUBSAMPLING),
    "ycbcr 16": (deep(LUMA_CHROMA), tiff.YCBCR, NO_SUBSAMPLING),
    "ycbcr of a studio's range": (
        STUDIO.round().astype("uint8"),
        tiff.YCBCR,
        NO_SUBSAMPLING | {"t532": (tiff.RATIONAL, [16, 1, 235, 1, 128, 1, 240, 1, 128, 1, 240, 1])},
    ),
    "lab 8": (lab_8(signed=True), tiff.CIELAB, {}),
    "lab 16": (lab_16(signed=True), tiff.CIELAB, {}),
    "lab float": (LAB.astype("float32"), tiff.CIELAB, {}),
    "icclab 8": (lab_8(signed=False), tiff.ICCLAB, {}),
    "icclab 16": (lab_16(signed=False), tiff.ICCLAB, {}),
    "palette": (np.asarray(INDEXES), tiff.PALETTE, PALETTE),
}
CLEAR: dict[str, tuple[np.ndarray, int, dict[str, tiff.Entry]]] = {
    "rgb and a channel that nothing is said of": (RGBA, tiff.RGB, {}),
    "rgb": (RGBA, tiff.RGB, extra(tiff.UNASSOCIATED)),
    "rgb 16": (deep(RGBA), tiff.RGB, extra(tiff.UNASSOCIATED)),
    "rgb 32": (RGBA.astype("uint32") * 0x01010101, tiff.RGB, extra(tiff.UNASSOCIATED)),
    "rgb half float": (
        np.dstack([LIGHT, ALPHA / 255]).astype("float16"),
        tiff.RGB,
        extra(tiff.UNASSOCIATED),
    ),
    "rgb premultiplied": (PREMULTIPLIED, tiff.RGB, extra(tiff.ASSOCIATED)),
    "rgb, a selection and alpha": (
        np.dstack([RGB, SELECTION, ALPHA]),
        tiff.RGB,
        extra(tiff.UNSPECIFIED, tiff.UNASSOCIATED),
    ),
    "rgb, alpha and a selection": (
        np.dstack([RGB, ALPHA, SELECTION]),
        tiff.RGB,
        extra(tiff.UNASSOCIATED, tiff.UNSPECIFIED),
    ),
    "cmyk": (np.dstack([INKS, ALPHA]), tiff.CMYK, extra(tiff.UNASSOCIATED)),
    "ycbcr": (
        np.dstack([LUMA_CHROMA, ALPHA]),
        tiff.YCBCR,
        NO_SUBSAMPLING | extra(tiff.UNASSOCIATED),
    ),
    "lab 8": (np.dstack([lab_8(signed=True), ALPHA]), tiff.CIELAB, extra(tiff.UNASSOCIATED)),
    "lab 16": (np.dstack([lab_16(signed=True), deep(ALPHA)]), tiff.CIELAB, extra(tiff.UNASSOCIATED)),
    "palette": (np.dstack([np.asarray(INDEXES), ALPHA]), tiff.PALETTE, PALETTE | extra(tiff.UNASSOCIATED)),
}
GREYS: dict[str, tuple[np.ndarray, int, dict[str, tiff.Entry]]] = {
    "8": (GREY, tiff.BLACK_IS_ZERO, {}),
    "16": (deep(GREY), tiff.BLACK_IS_ZERO, {}),
    "half float": ((GREY / 255).astype("float16"), tiff.BLACK_IS_ZERO, {}),
    "float": ((GREY / 255).astype("float32"), tiff.BLACK_IS_ZERO, {}),
    "8, called signed": (GREY.view("int8"), tiff.BLACK_IS_ZERO, {}),
    "signed 16 above zero": ((deep(GREY) // 2).astype("int16"), tiff.BLACK_IS_ZERO, {}),
    "32": (np.maximum(GREY, 1).astype("uint32") * 0x01010101, tiff.BLACK_IS_ZERO, {}),
    "white is zero": (255 - GREY, tiff.WHITE_IS_ZERO, {}),
    "white is zero 16": (deep(255 - GREY), tiff.WHITE_IS_ZERO, {}),
    "a selection": (np.dstack([GREY, SELECTION]), tiff.BLACK_IS_ZERO, extra(tiff.UNSPECIFIED)),
}
CLEAR_GREYS: dict[str, tuple[np.ndarray, int, dict[str, tiff.Entry]]] = {
    "8": (GREY_ALPHA, tiff.BLACK_IS_ZERO, extra(tiff.UNASSOCIATED)),
    "16": (deep(GREY_ALPHA), tiff.BLACK_IS_ZERO, extra(tiff.UNASSOCIATED)),
    "float": ((GREY_ALPHA / 255).astype("float32"), tiff.BLACK_IS_ZERO, extra(tiff.UNASSOCIATED)),
    "white is zero": (np.dstack([255 - GREY, ALPHA]), tiff.WHITE_IS_ZERO, extra(tiff.UNASSOCIATED)),
}
ALL = [
    (f"{group}: {name}", *made, expected, clear)
    for group, table, expected, clear in (
        ("colour", OPAQUE, RGB, False),
        ("clear", CLEAR, RGB, True),
        ("grey", GREYS, GREY, False),
        ("clear grey", CLEAR_GREYS, GREY, True),
    )
    for name, made in table.items()
]
BUILT = {"little": ("<", False), "big": (">", False), "BigTIFF": ("<", True), "big BigTIFF": (">", True)}


def over_white(image: Image.Image) -> np.ndarray:
    flat = Image.new("RGBA", image.size, "white")
    flat.alpha_composite(image.convert("RGBA"))
    return np.asarray(flat.convert("RGB"), dtype=float).reshape(-1, 3) / 255


def assert_shown(tmp_path: Path, data: bytes, expected: np.ndarray, name: str, clear: bool = False) -> None:
    """Fail unless the judge measures `data` and the rendition shows it as `expected`."""
    wanted = Image.fromarray(expected).convert("RGB")
    if clear:
        wanted.putalpha(Image.fromarray(ALPHA))
    made = rendered(tmp_path, data)
    photo = describe(tmp_path / "original", "a photo.tif", 1_000_000)
    assert (photo["width"], photo["height"]) == (made.width, made.height) == wanted.size
    image = Image.open(io.BytesIO(made.body))
    image.load()
    assert image.mode == ("RGBA" if clear else "RGB")
    one, other = (colors.srgb_to_lab(over_white(each)) for each in (image, wanted))
    apart = float(colors.delta_e_2000(one, other).mean())
    if apart >= MOST_DELTA_E:
        images.OUTPUT.mkdir(exist_ok=True)
        image.save(images.OUTPUT / f"tiff-{name}.actual.png")
        wanted.save(images.OUTPUT / f"tiff-{name}.expected.png")
    assert apart < MOST_DELTA_E, f"{name}: compare the two files in {images.OUTPUT}."


@pytest.mark.parametrize("planar", [False, True], ids=["chunky", "planar"])
@pytest.mark.parametrize(
    ("name", "pixels", "photometric", "more", "expected", "clear"), ALL, ids=[each[0] for each in ALL]
)
def test_every_kind_of_samples_is_shown_as_it_was_meant(  # type: ignore[no-untyped-def]
    tmp_path: Path, name: str, pixels, photometric: int, more, expected, clear: bool, planar: bool
) -> None:
    data = tiff.file(page(pixels, photometric, planar=planar, **more))
    assert_shown(tmp_path, data, expected, name, clear)


@pytest.mark.parametrize("tiled", [False, True], ids=["strips", "tiles"])
@pytest.mark.parametrize("planar", [False, True], ids=["chunky", "planar"])
@pytest.mark.parametrize("built", BUILT)
def test_every_layout_of_directories_and_planes_is_read(
    tmp_path: Path, built: str, planar: bool, tiled: bool
) -> None:
    order, big = BUILT[built]
    for pixels, photometric, expected in (
        (RGBA, tiff.RGB, RGB),
        (deep(GREY_ALPHA), tiff.BLACK_IS_ZERO, GREY),
    ):
        more = extra(tiff.UNASSOCIATED)
        made = page(pixels, photometric, order=order, planar=planar, tiled=tiled, **more)
        assert_shown(tmp_path, tiff.file(made, order=order, big=big), expected, built, clear=True)


PICTURE = page(RGB, tiff.RGB)
STAMP = page(RGB[::4, ::4], tiff.RGB, t254=(tiff.LONG, [1]))
MASK = page(GREY, 4, t254=(tiff.LONG, [4]))
OLD_STAMP = page(RGB[::4, ::4], tiff.RGB, t255=(tiff.SHORT, [2]))
OLD_PICTURE = page(RGB, tiff.RGB, t255=(tiff.SHORT, [1]))
SECOND = page(RGB[::2, ::2], tiff.RGB)
PAGES: dict[str, tuple[Page, ...]] = {
    "a thumbnail first": (STAMP, PICTURE),
    "a thumbnail first, as it was said before 1992": (OLD_STAMP, PICTURE),
    "a picture first, as it was said before 1992": (OLD_PICTURE, SECOND),
    "two thumbnails first": (STAMP, STAMP, PICTURE),
    "a mask first": (MASK, PICTURE),
    "a thumbnail later": (PICTURE, STAMP),
    "a page later": (PICTURE, SECOND),
    "a directory without a picture first": (NO_PICTURE, PICTURE),
    "a directory without a picture later": (PICTURE, NO_PICTURE),
    "an empty directory later": (PICTURE, Page({}, [])),
}


@pytest.mark.parametrize("built", BUILT)
@pytest.mark.parametrize("name", PAGES)
def test_the_page_that_is_the_picture_is_shown(tmp_path: Path, name: str, built: str) -> None:
    order, big = BUILT[built]
    assert_shown(tmp_path, tiff.file(*PAGES[name], order=order, big=big), RGB, name)


def below(*pages: Page) -> bytes:
    """A file of the first page alone, which has the others as its sub-directories."""
    first = pages[0]._replace(entries={**pages[0].entries, 330: (tiff.LONG, [0x1A2B3C4D] * (len(pages) - 1))})
    data = bytearray(tiff.file(first, *pages[1:]))
    reader = Tiff(io.BytesIO(data))
    made = list(reader.pages())
    entry = made[0].entries[330]
    struct.pack_into(f"<{len(pages) - 1}I", data, entry.start, *(each.start for each in made[1:]))
    struct.pack_into("<I", data, made[0].start + 2 + 12 * len(made[0].entries), 0)
    return bytes(data)


BELOW: dict[str, tuple[Page, ...]] = {
    "the picture": (STAMP, PICTURE),
    "another thumbnail and the picture": (STAMP, STAMP, PICTURE),
    "a mask, nothing and the picture": (OLD_STAMP, MASK, NO_PICTURE, PICTURE),
    "thumbnails": (PICTURE, STAMP, STAMP),
    "a smaller page": (PICTURE, SECOND),
}


@pytest.mark.parametrize("name", BELOW)
def test_a_picture_below_its_thumbnail_is_shown(tmp_path: Path, name: str) -> None:
    assert_shown(tmp_path, below(*BELOW[name]), RGB, name)


@pytest.mark.parametrize("tiled", [False, True], ids=["strips", "tiles"])
@pytest.mark.parametrize("built", BUILT)
def test_a_piece_of_the_picture_that_lies_nowhere_is_lost(tmp_path: Path, built: str, tiled: bool) -> None:
    order, big = BUILT[built]
    data = bytearray(tiff.file(page(RGB, tiff.RGB, order=order, tiled=tiled), order=order, big=big))
    (made,) = Tiff(io.BytesIO(data)).pages()
    entry = made.entries[324 if tiled else 273]
    size = entry.length // entry.amount
    for last, lost in ((15 if big else 7, True), (16 if big else 8, False)):
        struct.pack_into(f"{order}{'Q' if big else 'I'}", data, entry.start + size, last)
        (tmp_path / "original").write_bytes(data)
        if lost:
            with pytest.raises(CorruptFile, match=rf"^a scan\.tif is damaged: .* at byte {last}, is lost"):
                describe(tmp_path / "original", "a scan.tif", 1_000_000)
        else:
            describe(tmp_path / "original", "a scan.tif", 1_000_000)


@pytest.mark.parametrize("planar", [False, True], ids=["chunky", "planar"])
def test_strips_that_are_said_to_be_longer_than_the_picture_are_whole(tmp_path: Path, planar: bool) -> None:
    made = page(RGB, tiff.RGB, planar=planar)
    whole = [RGB[:, :, n].tobytes() for n in range(3)] if planar else [RGB.tobytes()]
    data = bytearray(tiff.file(Page({**made.entries, 278: (tiff.LONG, [2545])}, whole)))
    (directory,) = Tiff(io.BytesIO(data)).pages()
    entry = directory.entries[279]
    for n in range(entry.amount):
        struct.pack_into("<I", data, entry.start + 4 * n, 35_711_440)
    assert_shown(tmp_path, bytes(data), RGB, "long strips")
    (tmp_path / "original").write_bytes(data[:10_000])
    with pytest.raises(TruncatedFile):
        describe(tmp_path / "original", "a scan.tif", 1_000_000)


def test_a_strip_that_is_half_a_jpeg_is_not_painted_grey(tmp_path: Path) -> None:
    data = images.saved(images.grainy(), "TIFF", compression="jpeg")
    path = tmp_path / "original"
    path.write_bytes(data)
    assert describe(path, "a scan.tif", 1_000_000)["width"] == 640
    (made,) = Tiff(io.BytesIO(data)).pages()
    end = data.rindex(b"\xff\xd9", 0, made.start) + 2
    for lost in (1, 1000):
        path.write_bytes(data[: end - lost] + bytes(lost) + data[end:])
        with pytest.raises(CorruptFile, match=r"a piece of its picture, at byte [\d,]+, is lost"):
            describe(path, "a scan.tif", 1_000_000)


def test_a_file_of_a_thumbnail_alone_shows_it(tmp_path: Path) -> None:
    assert_shown(tmp_path, tiff.file(STAMP), RGB[::4, ::4], "stamp")


COMPLAINTS: dict[str, dict[int, tiff.Entry]] = {
    "a private tag": {65123: (tiff.ASCII, b"hello\x00")},
    "metadata of wrong types": {305: (tiff.SHORT, [1, 2, 3]), 306: (tiff.LONG, [7]), 33723: (tiff.LONG, [1])},
    "a profile that is none": {34675: (tiff.UNDEFINED, b"no profile")},
    "XMP that is none": {700: (tiff.BYTE, b"<x")},
    "an Exif directory that is none": {34665: (tiff.LONG, [9])},
    "resolutions of nothing": {282: (tiff.RATIONAL, [1, 0]), 283: (tiff.RATIONAL, [0, 0])},
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_what_a_library_complains_of_in_metadata_is_no_damage(tmp_path: Path, name: str) -> None:
    said = PICTURE._replace(entries={**PICTURE.entries, **COMPLAINTS[name]})
    assert_shown(tmp_path, tiff.file(said), RGB, name)


def test_a_profile_that_lies_behind_the_end_of_the_file_is_left_out(tmp_path: Path) -> None:
    said = PICTURE._replace(entries={**PICTURE.entries, 34675: (tiff.UNDEFINED, b"profile!")})
    data = tiff.file(said).replace(b"\x73\x87\x07\x00\x08\x00\x00\x00", b"\x73\x87\x07\x00\xff\xff\xff\x00")
    assert_shown(tmp_path, data, RGB, "profile outside")


REFUSED: dict[str, Callable[[], bytes]] = {
    "planes of chroma that are smaller": lambda: tiff.file(
        page(LUMA_CHROMA, tiff.YCBCR, planar=True, t530=(tiff.SHORT, [2, 2]))
    ),
    "chroma of no range": lambda: tiff.file(
        page(LUMA_CHROMA, tiff.YCBCR, t532=(tiff.RATIONAL, [0, 1] * 6), **NO_SUBSAMPLING)
    ),
    "luma of two weights": lambda: tiff.file(
        page(LUMA_CHROMA, tiff.YCBCR, t529=(tiff.RATIONAL, [1, 3, 1, 3]), **NO_SUBSAMPLING)
    ),
    "JBIG": lambda: tiff.file(page(RGB, tiff.RGB, t259=(tiff.SHORT, [34661]))),
    "a compression of the future": lambda: tiff.file(page(RGB, tiff.RGB, t259=(tiff.SHORT, [60123]))),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_decoder_reads_right_is_refused_by_name_before_it_is_rendered(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / "original"
    path.write_bytes(REFUSED[name]())
    with pytest.raises(UnsupportedFormat, match=r"^a scan\.tif is coded in a way .* Export it as JPEG"):
        describe(path, "a scan.tif", 1_000_000)


def test_a_page_whose_directory_is_cut_is_truncated_for_the_renderer_too(tmp_path: Path) -> None:
    data = tiff.file(PICTURE)
    with pytest.raises(TruncatedFile, match=r"ends after 12,010 bytes of the 12,\d\d\d that it needs"):
        rendered(tmp_path, data[:12_010])
