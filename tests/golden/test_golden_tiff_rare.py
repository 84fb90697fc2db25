"""TIFF files of rare depths and codings, from the judge over the master to the rendition."""

import io
import lzma
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import colors
import images
import tiff_files as tiff
from develop.master import develop
from golden.plans import plan
from pipeline import renditions_of
from render.rendition import render
from safelight.contracts import MasterPlan
from safelight.errors import CorruptFile, UnsupportedFormat
from tiff_files import Entry, Page, page
from validate.photo import describe

RGB = np.asarray(images.picture(80, 50))
GREY = RGB[:, :, 1]
ALPHA = np.tile(np.linspace(0, 255, 80).astype("uint8"), (50, 1))
INKS = np.dstack([255 - RGB, np.zeros_like(GREY)])
LIGHT = np.where(RGB / 255 <= 0.04045, RGB / 255 / 12.92, ((RGB / 255 + 0.055) / 1.055) ** 2.4)
PREMULTIPLIED = np.dstack([(RGB * (ALPHA[:, :, None] / 255)).round().astype("uint8"), ALPHA])
MOST_DELTA_E = 1.5
MASTER: MasterPlan = {"key": "masters/x", "width": 80, "height": 50, "color": "srgb"}


def packed(pixels: np.ndarray, bits: int, photometric: int, *, planar: bool = False, **more: Entry) -> bytes:
    """8 bits a sample as `bits` of them, which follow one another without a gap, but for the ends of rows."""
    samples = pixels.reshape(*pixels.shape[:2], -1)
    deep = np.round(samples.astype(float) / 255 * ((1 << bits) - 1)).astype(np.uint64)
    planes = [deep[:, :, n] for n in range(deep.shape[2])] if planar else [deep.reshape(len(deep), -1)]
    places = np.arange(bits - 1, -1, -1, dtype=np.uint64)
    pieces = [
        np.packbits(((each[:, :, None] >> places) & np.uint64(1)).reshape(len(each), -1) != 0, axis=1)
        for each in planes
    ]
    made = page(samples, photometric, planar=planar, **more)
    count = samples.shape[2]
    entries = {258: (tiff.SHORT, [bits] * count), 278: (tiff.SHORT, [50])}
    wanted = {**made.entries, **entries, **{int(name[1:]): entry for name, entry in more.items()}}
    return tiff.file(Page(wanted, [each.tobytes() for each in pieces]))


def extra(kind: int) -> dict[str, Entry]:
    return {"t338": (tiff.SHORT, [kind])}


def shown(tmp_path: Path, data: bytes) -> Image.Image:
    """The rendition, on white."""
    path = tmp_path / "original"
    path.write_bytes(data)
    ((_, made),) = renditions_of(path, "a scan.tif", [plan()], tmp_path)
    image = Image.open(io.BytesIO(made.body)).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


def assert_shown(tmp_path: Path, data: bytes, expected: np.ndarray, alpha: np.ndarray | None = None) -> None:
    """Fail unless the judge calls `data` rare, and it is shown as `expected`."""
    path = tmp_path / "original"
    path.write_bytes(data)
    photo = describe(path, "a scan.tif", 1_000_000)
    assert photo.get("rare")
    assert (photo["width"], photo["height"]) == (80, 50)
    wanted = Image.fromarray(expected).convert("RGBA")
    if alpha is not None:
        wanted.putalpha(Image.fromarray(alpha))
    wanted = Image.alpha_composite(Image.new("RGBA", wanted.size, "white"), wanted).convert("RGB")
    one, other = (
        colors.srgb_to_lab(np.asarray(each, float).reshape(-1, 3) / 255)
        for each in (shown(tmp_path, data), wanted)
    )
    apart = float(colors.delta_e_2000(one, other).mean())
    assert apart < MOST_DELTA_E


@pytest.mark.parametrize("planar", [False, True], ids=["chunky", "planar"])
@pytest.mark.parametrize("bits", [7, 10, 11, 12, 14, 20, 24])
def test_every_depth_is_shown(tmp_path: Path, bits: int, planar: bool) -> None:
    assert_shown(tmp_path, packed(RGB, bits, tiff.RGB, planar=planar), RGB)
    assert_shown(tmp_path, packed(GREY, bits, tiff.BLACK_IS_ZERO), GREY)


def coarse(pixels: np.ndarray, bits: int) -> np.ndarray:
    """8 bits a sample of which so many are left."""
    top = (1 << bits) - 1
    return np.round(np.round(pixels / 255 * top) * 255 / top).astype("uint8")


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_few_bits_of_several_samples_are_shown(tmp_path: Path, bits: int) -> None:
    assert_shown(tmp_path, packed(RGB, bits, tiff.RGB), coarse(RGB, bits))
    grey_alpha = packed(np.dstack([GREY, ALPHA]), bits, tiff.BLACK_IS_ZERO, **extra(tiff.UNASSOCIATED))
    assert_shown(tmp_path, grey_alpha, coarse(GREY, bits), coarse(ALPHA, bits))


TABLE = np.linspace(0, 65535, 16).astype(int)
SIXTEEN = np.round(GREY / 17).astype("uint8")
RARE: dict[str, tuple[bytes, np.ndarray, np.ndarray | None]] = {
    "white is zero": (packed(255 - GREY, 12, tiff.WHITE_IS_ZERO), GREY, None),
    "cmyk": (packed(INKS, 12, tiff.CMYK), RGB, None),
    "alpha": (packed(np.dstack([RGB, ALPHA]), 12, tiff.RGB, **extra(tiff.UNASSOCIATED)), RGB, ALPHA),
    "premultiplied": (packed(PREMULTIPLIED, 12, tiff.RGB, **extra(tiff.ASSOCIATED)), RGB, ALPHA),
    "a saved selection": (
        packed(np.dstack([RGB, ALPHA]), 12, tiff.RGB, **extra(tiff.UNSPECIFIED)),
        RGB,
        None,
    ),
    "palette and alpha": (
        packed(
            np.dstack([SIXTEEN * 17, ALPHA]),
            4,
            tiff.PALETTE,
            t320=(tiff.SHORT, [*TABLE, *TABLE[::-1], *TABLE]),
            **extra(tiff.UNASSOCIATED),
        ),
        np.dstack([SIXTEEN * 17, 255 - SIXTEEN * 17, SIXTEEN * 17]),
        coarse(ALPHA, 4),
    ),
    "bits from the other end": (
        packed(GREY, 12, tiff.BLACK_IS_ZERO, t266=(tiff.SHORT, [2])),
        GREY,
        None,
    ),
    "float of 64 bits": (tiff.file(page(LIGHT, tiff.RGB)), RGB, None),
    "grey float of 64 bits": (tiff.file(page(GREY / 255, tiff.BLACK_IS_ZERO)), GREY, None),
    "Zstandard": (images.saved(images.picture(80, 50), "TIFF", compression="zstd"), RGB, None),
    "LZMA": (images.saved(images.picture(80, 50), "TIFF", compression="lzma"), RGB, None),
}


@pytest.mark.parametrize("name", RARE)
def test_rare_colours_and_codings_are_shown(tmp_path: Path, name: str) -> None:
    data, expected, alpha = RARE[name]
    if name == "bits from the other end":
        (piece,) = [data[8 : 8 + 50 * 120]]
        turned = bytes(int(f"{byte:08b}"[::-1], 2) for byte in piece)
        data = data[:8] + turned + data[8 + 50 * 120 :]
    assert_shown(tmp_path, data, expected, alpha)


def old_jpeg(image: Image.Image, *left_out: int, **how: object) -> bytes:
    """A JPEG in a TIFF file as before 1995 (TIFF 6.0, 22), without the entries that are `left_out`."""
    data = images.saved(image, "JPEG", quality=95, **how)
    count = len(image.getbands())
    entries: dict[int, Entry] = {
        256: (tiff.SHORT, [image.width]),
        257: (tiff.SHORT, [image.height]),
        258: (tiff.SHORT, [8] * count),
        259: (tiff.SHORT, [6]),
        262: (tiff.SHORT, [tiff.YCBCR if count == 3 else tiff.BLACK_IS_ZERO]),
        277: (tiff.SHORT, [count]),
        278: (tiff.SHORT, [image.height]),
        512: (tiff.SHORT, [1]),
        513: (tiff.LONG, [8]),
        514: (tiff.LONG, [len(data)]),
        530: (tiff.SHORT, [1, 1]),
    }
    kept = {tag: entry for tag, entry in entries.items() if tag not in left_out}
    return tiff.file(Page(kept, [data]))


@pytest.mark.parametrize("left_out", [(), (277,), (514,)], ids=["whole", "no samples", "no length"])
def test_jpeg_as_before_1995_is_shown(tmp_path: Path, left_out: tuple[int, ...]) -> None:
    assert_shown(tmp_path, old_jpeg(images.picture(80, 50), *left_out, subsampling=0), RGB)


def test_a_rare_file_is_turned(tmp_path: Path) -> None:
    data = packed(RGB, 12, tiff.RGB, t274=(tiff.SHORT, [6]))
    path = tmp_path / "original"
    path.write_bytes(data)
    photo = describe(path, "a scan.tif", 1_000_000)
    assert (photo["width"], photo["height"]) == (50, 80)
    images.assert_similar(shown(tmp_path, data), images.picture(80, 50).rotate(-90, expand=True), "rare-6")


def test_an_ordinary_file_is_not_rare(tmp_path: Path) -> None:
    path = tmp_path / "original"
    path.write_bytes(tiff.file(page(RGB, tiff.RGB)))
    assert "rare" not in describe(path, "a scan.tif", 1_000_000)


DAMAGED = {
    "old JPEG in tiles, without its tables": tiff.file(
        page(RGB, tiff.YCBCR, tiled=True, t259=(tiff.SHORT, [6]), t530=(tiff.SHORT, [2, 2]))
    ),
    "old JPEG in strips, without its tables": tiff.file(page(RGB, tiff.RGB, t259=(tiff.SHORT, [6]))),
    "no Zstandard": tiff.file(page(RGB, tiff.RGB, t259=(tiff.SHORT, [50000]))),
    "half of its LZMA": tiff.file(
        Page(
            {**page(RGB, tiff.RGB).entries, 259: (tiff.SHORT, [34925]), 278: (tiff.SHORT, [50])},
            [lzma.compress(RGB.tobytes())[:500]],
        )
    ),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_rare_data_that_are_damaged_are_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / "original"
    path.write_bytes(DAMAGED[name])
    with pytest.raises(CorruptFile, match=r"^a scan\.tif cannot be decoded .* Copy it again"):
        develop(path, "a scan.tif", "TIFF", MASTER)


@pytest.mark.parametrize(
    "data",
    [
        packed(RGB, 12, tiff.CIELAB),
        packed(RGB, 12, tiff.RGB, t339=(tiff.SHORT, [2, 2, 2])),
        packed(RGB, 12, tiff.RGB, t259=(tiff.SHORT, [7])),
        tiff.file(page(RGB, tiff.YCBCR, t259=(tiff.SHORT, [50000]), t530=(tiff.SHORT, [1, 1]))),
    ],
    ids=["Lab", "signed", "JPEG", "YCbCr"],
)
def test_what_is_rare_twice_is_refused_by_the_judge(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "original"
    path.write_bytes(data)
    with pytest.raises(
        UnsupportedFormat, match=r"with colours or a coding that are as rare\). Export it as JPEG"
    ):
        describe(path, "a scan.tif", 1_000_000)


def test_a_palette_that_is_too_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "original"
    path.write_bytes(packed(GREY, 6, tiff.PALETTE, t320=(tiff.SHORT, [0] * 9)))
    with pytest.raises(UnsupportedFormat, match="a palette of another length than its indexes"):
        develop(path, "a scan.tif", "TIFF", MASTER)


def test_other_samples_than_the_file_means_are_refused(tmp_path: Path) -> None:
    made = page(LIGHT, tiff.RGB)
    entries = {tag: entry for tag, entry in made.entries.items() if tag not in (258, 277)}
    path = tmp_path / "original"
    path.write_bytes(tiff.file(made._replace(entries={**entries, 258: (tiff.SHORT, [64])})))
    with pytest.raises(UnsupportedFormat, match="a TIFF of 64 bits"):
        develop(path, "a scan.tif", "TIFF", MASTER)


def test_the_renderer_refuses_what_is_developed(tmp_path: Path) -> None:
    path = tmp_path / "original"
    path.write_bytes(packed(RGB, 12, tiff.RGB))
    with pytest.raises(UnsupportedFormat, match=r"a TIFF of 12 bits\)"):
        render(path, "a scan.tif", plan())
