"""PNG files that say their colours otherwise than by an ICC profile, beside what Chromium 156 shows."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

import colors
import images
from golden.plans import rendered

Chunk = tuple[bytes, bytes]

PATCHES = (
    (10, 10, 10),
    (66, 66, 66),
    (130, 130, 130),
    (254, 254, 254),
    (130, 0, 0),
    (0, 130, 0),
    (0, 0, 254),
)
SRGB, ADOBE = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)), ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
PROPHOTO = ((0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001))


def gama(value: int) -> Chunk:
    return b"gAMA", struct.pack(">I", value)


def chrm(primaries: tuple[tuple[float, float], ...], white: tuple[float, float] = (0.3127, 0.3290)) -> Chunk:
    numbers = [round(value * 100_000) for point in (white, *primaries) for value in point]
    return b"cHRM", struct.pack(">8I", *numbers)


def cicp(*numbers: int) -> Chunk:
    return b"cICP", bytes(numbers)


def iccp(profile: bytes) -> Chunk:
    return b"iCCP", b"x\x00\x00" + zlib.compress(profile)


def png(pixels: np.ndarray, *said: Chunk, kind: int = 2) -> bytes:
    """`pixels` of 8 or 16 bits as a PNG of that colour type, with the chunks `said` before its data."""
    bits = pixels.dtype.itemsize * 8
    rows = b"".join(b"\x00" + row.astype(f">u{bits // 8}").tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], bits, kind, 0, 0, 0)
    parts = [(b"IHDR", header), *said, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(images.png_chunk(*part) for part in parts)


def patches() -> np.ndarray:
    """`PATCHES` beside each other, of 8 x 8 pixels."""
    return np.array(PATCHES, dtype="uint8")[None].repeat(8, axis=0).repeat(8, axis=1)


def shown(folder: Path, data: bytes) -> list[tuple[int, ...]]:
    """The middle of each patch of the rendition, which is in sRGB."""
    made = Image.open(io.BytesIO(rendered(folder, data).body))
    assert "icc_profile" not in made.info
    return [made.convert("RGB").getpixel((x, 4)) for x in range(4, made.width, 8)]  # type: ignore[misc]


SAID: dict[str, tuple[tuple[Chunk, ...], tuple[tuple[int, int, int], ...]]] = {
    "nothing": ((), PATCHES),
    "linear": (
        (gama(100_000),),
        (
            (56, 56, 56),
            (139, 139, 139),
            (189, 189, 189),
            (255, 255, 255),
            (189, 0, 0),
            (0, 189, 0),
            (0, 0, 255),
        ),
    ),
    "gamma of sRGB": ((gama(45_455),), PATCHES),
    "gamma near sRGB": ((gama(44_000),), PATCHES),
    "gamma of 2.5": (
        (gama(40_000),),
        ((1, 1, 1), (52, 52, 52), (119, 119, 119), (254, 254, 254), (119, 0, 0), (0, 119, 0), (0, 0, 254)),
    ),
    "gamma and primaries": (
        (gama(45_455), chrm(ADOBE)),
        ((3, 3, 3), (64, 64, 64), (131, 131, 131), (254, 254, 254), (153, 0, 0), (0, 131, 0), (0, 0, 255)),
    ),
    "ProPhoto of another white": (
        (chrm(PROPHOTO, (0.3457, 0.3585)), gama(55_556)),
        ((10, 10, 10), (84, 84, 84), (148, 148, 148), (254, 254, 254), (204, 0, 0), (0, 163, 0), (0, 0, 255)),
    ),
    "primaries alone": ((chrm(ADOBE),), PATCHES),
    "no gamma": ((gama(0),), PATCHES),
    "an absurd gamma": ((gama(10),), PATCHES),
    "primaries that mix nothing": (
        (gama(100_000), chrm(((0, 0), (0, 0), (0, 0)), (0, 0))),
        (
            (56, 56, 56),
            (139, 139, 139),
            (189, 189, 189),
            (255, 255, 255),
            (189, 0, 0),
            (0, 189, 0),
            (0, 0, 255),
        ),
    ),
    "sRGB before gamma": ((gama(100_000), (b"sRGB", b"\x00")), PATCHES),
    "a sound profile before gamma": (
        (gama(100_000), iccp(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())),
        PATCHES,
    ),
    "gamma where the profile is broken": (
        (gama(100_000), iccp(b"garbage" * 50)),
        (
            (56, 56, 56),
            (139, 139, 139),
            (189, 189, 189),
            (255, 255, 255),
            (189, 0, 0),
            (0, 189, 0),
            (0, 0, 255),
        ),
    ),
    "Display P3": (
        (cicp(12, 13, 0, 1),),
        ((10, 10, 10), (66, 66, 66), (130, 130, 130), (254, 254, 254), (143, 0, 0), (0, 132, 0), (0, 0, 255)),
    ),
    "BT.709 with its curve": (
        (cicp(1, 1, 0, 1),),
        ((1, 1, 1), (56, 56, 56), (123, 123, 123), (254, 254, 254), (123, 0, 0), (0, 123, 0), (0, 0, 254)),
    ),
    "BT.2020 with its curve": (
        (cicp(9, 14, 0, 1),),
        ((1, 1, 1), (56, 56, 56), (123, 123, 123), (254, 254, 254), (155, 0, 0), (0, 130, 0), (0, 0, 255)),
    ),
    "SMPTE 240M": (
        (cicp(1, 7, 0, 1),),
        ((25, 25, 25), (83, 83, 83), (143, 143, 143), (254, 254, 254), (143, 0, 0), (0, 143, 0), (0, 0, 254)),
    ),
    "NTSC of 1953, and white C": (
        (cicp(4, 4, 0, 1),),
        ((3, 3, 3), (64, 64, 64), (131, 131, 131), (254, 254, 254), (157, 0, 0), (0, 128, 0), (0, 75, 255)),
    ),
    "cICP before a sound profile": (
        (cicp(12, 8, 0, 1), iccp(colors.profile_of("adobe-rgb"))),
        (
            (56, 56, 56),
            (139, 139, 139),
            (189, 189, 189),
            (255, 255, 255),
            (207, 0, 0),
            (0, 193, 0),
            (0, 0, 255),
        ),
    ),
    "an unspecified cICP": ((cicp(2, 2, 0, 1),), PATCHES),
    "cICP of narrow range": ((cicp(1, 8, 0, 0),), PATCHES),
    "cICP of YCbCr": ((cicp(9, 13, 1, 1),), PATCHES),
}
"""What Chromium shows of the patches; black where it computes with an absurd gamma, and here left alone."""


@pytest.mark.parametrize("name", SAID)
def test_colours_that_a_png_names_are_those_of_a_browser(tmp_path: Path, name: str) -> None:
    said, expected = SAID[name]
    for made, wanted in zip(shown(tmp_path, png(patches(), *said)), expected, strict=True):
        assert made == pytest.approx(wanted, abs=2)


def test_sixteen_bits_with_a_gamma(tmp_path: Path) -> None:
    deep = patches().astype("uint16") * 257
    assert shown(tmp_path, png(deep, gama(100_000)))[1] == pytest.approx((139, 139, 139), abs=1)


def test_a_grey_png_with_a_gamma(tmp_path: Path) -> None:
    grey = np.ascontiguousarray(patches()[..., 0])
    assert shown(tmp_path, png(grey, gama(100_000), kind=0))[1:3] == [(139,) * 3, (189,) * 3]


def test_a_palette_with_a_gamma(tmp_path: Path) -> None:
    indexes = np.ascontiguousarray(patches()[..., 0])
    palette = b"PLTE", bytes(value for index in range(256) for value in (index, index, 255 - index))
    assert shown(tmp_path, png(indexes, gama(100_000), palette, kind=3))[1] == pytest.approx(
        (139, 139, 223), abs=1
    )


def test_transparency_lies_beside_the_colours_that_a_png_names(tmp_path: Path) -> None:
    clear = np.dstack([patches(), np.full(patches().shape[:2], 100, dtype="uint8")])
    made = Image.open(io.BytesIO(rendered(tmp_path, png(clear, gama(100_000), kind=6)).body))
    assert made.getpixel((12, 4)) == pytest.approx((139, 139, 139, 100), abs=1)


def pq(nits: np.ndarray) -> np.ndarray:
    """The tones of SMPTE ST 2084 for linear light."""
    power = (nits / 10_000) ** (2610 / 16384)
    return np.asarray(((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32))


def light(levels: np.ndarray) -> np.ndarray:
    tones = levels / 255
    return np.where(tones <= 0.04045, tones / 12.92, ((tones + 0.055) / 1.055) ** 2.4)


SRGB_TO = {
    1: np.eye(3),
    9: np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]),
    12: np.array([[0.8225, 0.1774, 0.0], [0.0332, 0.9669, 0.0], [0.0171, 0.0724, 0.9108]]),
}
"""Linear light of sRGB in other primaries (ITU-R BT.2087-0; and from the primaries)."""


@pytest.mark.parametrize("primaries", SRGB_TO)
def test_pq_without_highlights_is_its_sdr_sibling(tmp_path: Path, primaries: int) -> None:
    nits = light(patches().astype(float)) @ SRGB_TO[primaries].T * 203
    data = png((pq(nits.clip(0)) * 65535).round().astype("uint16"), cicp(primaries, 16, 0, 1))
    for made, wanted in zip(shown(tmp_path, data), PATCHES, strict=True):
        assert made == pytest.approx(wanted, abs=1)


@pytest.mark.parametrize("primaries", SRGB_TO)
def test_highlights_keep_their_hue(tmp_path: Path, primaries: int) -> None:
    colours = np.array([[255, 0, 0], [255, 65, 65], [255, 140, 0], [60, 60, 255], [128, 128, 128]])
    bright = light(colours.astype(float)) * [[4], [4], [4], [4], [1]]
    nits = (bright @ SRGB_TO[primaries].T * 203)[None].repeat(8, axis=0).repeat(8, axis=1)
    data = png((pq(nits.clip(0)) * 65535).round().astype("uint16"), cicp(primaries, 16, 0, 1))
    *bright_ones, grey = shown(tmp_path, data)
    for made, wanted in zip(bright_ones, colours[:4], strict=True):
        assert made == pytest.approx(tuple(wanted), abs=3)
    assert grey == pytest.approx((92, 92, 92), abs=2), "half its light, as in Chromium"


RAMP = np.arange(1024)[None].repeat(8, axis=0)[..., None].repeat(3, axis=2) * 65535 // 1023
LIGHT_LEVEL, NO_LIGHT_LEVEL = ((b"cLLI", struct.pack(">II", nits * 10_000, 1_000_000)) for nits in (400, 0))
MASTERING = b"mDCV", bytes(16) + struct.pack(">II", 4000 * 10_000, 50)
TO_1000 = (5, 30, 70, 131, 213, 255, 255)


@pytest.mark.parametrize(
    ("transfer", "said", "expected"),
    [
        (16, (), TO_1000),
        (16, (NO_LIGHT_LEVEL,), TO_1000),
        (16, (MASTERING,), (5, 30, 70, 131, 202, 225, 250)),
        (16, (NO_LIGHT_LEVEL, MASTERING), (5, 30, 70, 131, 202, 225, 250)),
        (16, (LIGHT_LEVEL, MASTERING), (8, 39, 87, 162, 249, 255, 255)),
        (18, (), (14, 43, 71, 99, 135, 188, 228)),
        (18, (LIGHT_LEVEL,), (20, 54, 89, 123, 166, 230, 255)),
    ],
)
def test_hdr_is_dimmed_and_bent_as_in_chromium(
    tmp_path: Path, transfer: int, said: tuple[Chunk, ...], expected: tuple[int, ...]
) -> None:
    data = png(RAMP.astype("uint16"), cicp(9, transfer, 0, 1), *said)
    made = Image.open(io.BytesIO(rendered(tmp_path, data, width=1024, height=1024).body)).convert("RGB")
    assert [made.getpixel((at, 4)) for at in range(128, 1024, 128)] == [
        pytest.approx((level,) * 3, abs=3) for level in expected
    ]


def test_a_grey_pq_png_of_eight_bits(tmp_path: Path) -> None:
    grey = (pq(light(patches()[..., 0].astype(float)) * 203) * 255).round().astype("uint8")
    for made, wanted in zip(shown(tmp_path, png(grey, cicp(9, 16, 0, 1), kind=0))[:4], PATCHES, strict=False):
        assert made == pytest.approx(wanted, abs=5)
