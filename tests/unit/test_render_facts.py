"""What the pixels say, of images whose answers are known, and of real photos where the samples are there."""

import base64
import io
from math import cos, pi
from pathlib import Path

import numpy as np
import pytest
import pyvips
from PIL import Image, ImageEnhance, ImageFilter

from images import SAMPLES, picture
from render.facts import facts_of, thumbhash
from safelight.record import Facts

ROLL = sorted((SAMPLES / "roll").glob("*.jpg"))


def facts(image: Image.Image) -> Facts:
    return facts_of(pyvips.Image.new_from_array(np.asarray(image.convert("RGB"))))


def distance(one: Facts, other: Facts) -> int:
    return (int(one["perceptual_hash"], 16) ^ int(other["perceptual_hash"], 16)).bit_count()


def flat(color: tuple[int, int, int], size: tuple[int, int] = (60, 40)) -> Image.Image:
    return Image.new("RGB", size, color)


def checkerboard(cell: int, edge: int = 256) -> Image.Image:
    rows, columns = np.indices((edge, edge)) // cell
    return Image.fromarray(((rows + columns) % 2 * 255).astype("uint8"))


def halves(left: tuple[int, int, int], right: tuple[int, int, int], share: float = 0.5) -> Image.Image:
    image = flat(left, (100, 100))
    image.paste(right, (round(100 * share), 0, 100, 100))
    return image


def rgb(color: str) -> np.ndarray:
    return np.array([int(color[start : start + 2], 16) for start in (1, 3, 5)])


def seen_in(hash_: bytes, width: int, height: int) -> np.ndarray:
    """The image that an opaque ThumbHash stands for, decoded after the specification; 0 to 1."""
    head = int.from_bytes(hash_[:5], "little")
    steps = [half for byte in hash_[5:] for half in (byte & 15, byte >> 4)]
    landscape, known = head >> 39, head >> 24 & 7
    across, down = (7, known) if landscape else (known, 7)
    means = (head & 63) / 63, (head >> 6 & 63) / 31.5 - 1, (head >> 12 & 63) / 31.5 - 1
    scales = (head >> 18 & 31) / 31, (head >> 27 & 63) / 63 * 1.25, (head >> 33 & 63) / 63 * 1.25
    grids = (max(3, across), max(3, down)), (3, 3), (3, 3)
    channels = []
    for mean, scale, (nx, ny) in zip(means, scales, grids, strict=True):
        channel = np.full((height, width), mean)
        for wave_y in range(ny):
            for wave_x in range(nx):
                if (wave_x or wave_y) and wave_x * ny < nx * (ny - wave_y):
                    weight = (steps.pop(0) / 7.5 - 1) * scale
                    row = [cos(pi / width * wave_x * (x + 0.5)) for x in range(width)]
                    column = [cos(pi / height * wave_y * (y + 0.5)) for y in range(height)]
                    channel += 2 * weight * np.outer(column, row)
        channels.append(channel)
    luminance, yellow_blue, red_green = channels
    blue = luminance - 2 / 3 * yellow_blue
    red = (3 * luminance - blue + red_green) / 2
    return np.clip(np.stack([red, red - red_green, blue], axis=-1), 0, 1)


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (32, 24, "H0cORYhSZ3hgeXmGiGeIh1FvBdm2"),
        (18, 32, "WScKTAZhJocIiIiHV5dic2+f+A=="),
        (32, 32, "HUgKRwZCZ3dVeYmAiIiIeHiFOVT1QR8M"),
    ],
)
def test_the_thumbhash_is_that_of_the_reference(width: int, height: int, expected: str) -> None:
    """The expected values were made with the reference, thumbhash 0.1.1 of npm."""
    pixels = bytes(
        tone % 256 for y in range(height) for x in range(width) for tone in (x * 7 + y * 3, x * y, y * 9 + 40)
    )
    assert base64.b64encode(thumbhash(width, height, pixels)).decode() == expected


@pytest.mark.parametrize("size", [(320, 200), (200, 320), (300, 300)])
def test_the_thumbhash_decodes_to_what_the_photo_looks_like(size: tuple[int, int]) -> None:
    photo = picture(*size)
    hash_ = base64.b64decode(facts(photo)["thumbhash"])
    decoded = seen_in(hash_, size[0] // 10, size[1] // 10) * 255
    wanted = np.asarray(photo.filter(ImageFilter.GaussianBlur(min(size) / 10)).resize(decoded.shape[1::-1]))
    error = np.abs(decoded - wanted).mean()
    assert len(hash_) <= 25
    assert error < 20
    assert error < np.abs(decoded - wanted[:, ::-1]).mean() / 2, "left is told from right"
    assert error < np.abs(decoded - wanted[::-1]).mean() / 2, "above is told from below"


def test_a_flat_image_has_the_hash_that_matches_nothing() -> None:
    for color in ((0, 0, 0), (255, 255, 255), (200, 30, 40)):
        assert facts(flat(color))["perceptual_hash"] == "0" * 16


def test_the_perceptual_hash_has_the_bits_of_the_frequencies_that_an_image_holds() -> None:
    """One wave, 3 across and 2 down, is the bit of row 2, column 3: the 11th from the highest."""
    across = np.cos(np.pi / 256 * 3 * (np.arange(256) + 0.5))
    down = np.cos(np.pi / 256 * 2 * (np.arange(256) + 0.5))
    wave = 128 + 100 * np.outer(down, across)
    bits = int(facts(Image.fromarray(wave.round().astype("uint8")))["perceptual_hash"], 16)
    assert bits >> (63 - 10) & 1
    opposite = int(facts(Image.fromarray((255 - wave).round().astype("uint8")))["perceptual_hash"], 16)
    assert not opposite >> (63 - 10) & 1


def reencoded(image: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file)


def cropped(image: Image.Image, share: float) -> Image.Image:
    across, down = (round(edge * share / 2) for edge in image.size)
    return image.crop((across, down, image.width - across, image.height - down))


@pytest.mark.skipif(not ROLL, reason="the sample photographs are not here")
def test_versions_of_a_photo_have_near_hashes_and_different_photos_far_ones() -> None:
    """What `safelight.alike` takes for alike rests on this; docs/memories.md holds the figures."""
    photos = [reduced(path) for path in ROLL]
    hashes = [facts(photo) for photo in photos]
    apart = [distance(one, two) for place, one in enumerate(hashes) for two in hashes[:place]]
    assert min(apart) >= 16
    for photo, own in zip(photos, hashes, strict=True):
        assert distance(own, facts(photo.resize((photo.width // 4, photo.height // 4)))) <= 4
        assert distance(own, facts(reencoded(photo, 30))) <= 4
        assert distance(own, facts(ImageEnhance.Brightness(photo).enhance(1.1))) <= 6
        assert distance(own, facts(cropped(photo, 0.02))) <= 8


def reduced(path: Path) -> Image.Image:
    with Image.open(path) as image:
        image.draft("RGB", (1000, 1000))
        return image.convert("RGB")


def test_the_dominant_color_is_of_the_largest_cluster_and_no_mud() -> None:
    """The mean of a red and a green half is brown, which is nowhere in the image."""
    red, green = (200, 30, 30), (30, 170, 60)
    assert facts(flat(red))["dominant_color"] == "#c81e1e"
    for share, expected in ((0.7, red), (0.3, green)):
        found = rgb(facts(halves(red, green, share))["dominant_color"])
        assert np.abs(found - expected).max() <= 8


def test_the_dominant_color_spans_the_shades_of_a_gradient() -> None:
    """A sky of many blues, each rare, outweighs a patch of a single red."""
    sky = np.zeros((100, 100, 3), np.uint8)
    sky[..., 0], sky[..., 1], sky[..., 2] = 90, np.linspace(120, 150, 100)[:, None], 220
    sky[:25] = (200, 30, 30)
    red, _, blue = rgb(facts(Image.fromarray(sky))["dominant_color"])
    assert blue > 200
    assert red < 110


def test_sharpness_is_the_variance_of_the_laplacian() -> None:
    """Every inner pixel of a board of single pixels differs from its 4 neighbours by 255."""
    board = checkerboard(1, 512)
    assert facts(board)["sharpness"] == pytest.approx((4 * 255) ** 2, rel=0.02)
    assert facts(flat((90, 90, 90)))["sharpness"] == 0


def test_a_checkerboard_is_sharper_than_its_blur() -> None:
    board = checkerboard(16)
    sharp, soft, softer = (
        facts(board if radius == 0 else board.filter(ImageFilter.GaussianBlur(radius)))["sharpness"]
        for radius in (0, 1, 3)
    )
    assert sharp > 4 * soft > 16 * softer > 0


def test_sharpness_depends_little_on_the_size_above_1024_pixels() -> None:
    rng = np.random.default_rng(1)
    noise = Image.fromarray(rng.integers(0, 256, (150, 150), dtype=np.uint8))
    large = noise.resize((3000, 3000), Image.Resampling.BICUBIC)
    half = large.resize((1500, 1500), Image.Resampling.LANCZOS)
    assert facts(large)["sharpness"] == pytest.approx(facts(half)["sharpness"], rel=0.1)


def test_clipping_counts_the_pixels_at_the_ends() -> None:
    black, white = facts(flat((0, 0, 0))), facts(flat((255, 255, 255)))
    assert (black["clipped_shadows"], black["clipped_highlights"]) == (1, 0)
    assert (white["clipped_shadows"], white["clipped_highlights"]) == (0, 1)
    mixed = facts(halves((2, 1, 0), (253, 255, 254), 0.3))
    assert (mixed["clipped_shadows"], mixed["clipped_highlights"]) == (0.3, 0.7)
    inside = facts(halves((3, 3, 3), (252, 252, 252)))
    assert (inside["clipped_shadows"], inside["clipped_highlights"]) == (0, 0)


def test_a_saturated_color_is_not_clipped() -> None:
    red = facts(flat((255, 0, 0)))
    assert (red["clipped_shadows"], red["clipped_highlights"]) == (0, 0)


@pytest.mark.parametrize("size", [(1, 1), (4000, 1), (1, 4000), (33, 20)])
def test_an_image_of_any_shape_has_facts(size: tuple[int, int]) -> None:
    found = facts(flat((200, 30, 40), size))
    assert found["dominant_color"] == "#c81e28"
    assert found["sharpness"] == 0


def test_the_same_pixels_give_the_same_facts() -> None:
    rng = np.random.default_rng(2)
    noise = Image.fromarray(rng.integers(0, 256, (1200, 1600, 3), dtype=np.uint8))
    first = facts(noise)
    assert all(facts(noise.copy()) == first for _ in range(5))
