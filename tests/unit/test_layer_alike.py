"""One shot or its neighbour: scenes that are drawn, edited, panned and looked at by the real facts."""

import io
from collections.abc import Callable, Iterator
from functools import cache
from itertools import combinations, count
from typing import Any

import numpy as np
import pytest
import pyvips
from PIL import Image, ImageDraw, ImageEnhance

from render.facts import facts_of
from safelight.alike import Kin, is_near, kin, look_of

NOON = "2024-05-03T12:00:00"
SCENES = range(6)
ETAGS = count()


@cache
def scene(seed: int, face: bool = True) -> Image.Image:
    """A wide landscape of hills and houses before a sky, with somebody in the middle."""
    chance = np.random.default_rng(seed)
    sky = np.tile(np.linspace(215, 120, 800)[:, None], (1, 1200)).astype("uint8")
    image = Image.fromarray(sky).convert("RGB")
    draw = ImageDraw.Draw(image)
    for depth in range(5):
        heights = 800 * (0.25 + 0.13 * depth + 0.08 * np.interp(range(0, 1201, 20), *hills(chance)))
        tone = tuple(int(it) for it in chance.integers(20, 200, 3))
        line = zip(range(0, 1201, 20), heights.tolist(), strict=True)
        draw.polygon([(0, 800), *line, (1200, 800)], fill=tone)
    for _ in range(25):
        x, y = (float(it) for it in chance.uniform((0, 250), (1150, 700)))
        wide, high = (float(it) for it in chance.uniform(15, 130, 2))
        draw.rectangle((x, y, x + wide, y + high), fill=tuple(int(it) for it in chance.integers(0, 255, 3)))
    if face:
        draw.ellipse((540, 330, 660, 480), fill=(225, 180, 155))
    return image


def hills(chance: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return np.linspace(0, 1200, 12), chance.uniform(-1, 1, 12)


def view(image: Image.Image, pan: float = 0.0) -> Image.Image:
    """What a camera sees that points to the middle, or past it by a share of the picture's width."""
    left = round(120 + 960 * pan)
    return image.crop((left, 80, left + 960, 720))


@cache
def facts(width: int, height: int, pixels: bytes) -> dict[str, Any]:
    """The facts of pixels in RGB; many tests look at the same scenes."""
    return facts_of(pyvips.Image.new_from_memory(pixels, width, height, 3, "uchar"))


def record(image: Image.Image, name: str, **metadata: Any) -> dict[str, Any]:
    """The record of a photo, as far as it says what it looks like."""
    if "taken_at" in metadata:
        metadata = {"taken_at_source": "EXIF DateTimeOriginal", **metadata}
    return {
        "key": f"album/{name}",
        "original": {"etag": f"{next(ETAGS)}", "bytes": 9},
        "photo": {"width": image.width, "height": image.height},
        "facts": facts(*image.size, image.tobytes()),
        "metadata": metadata,
    }


def kinship(one: dict[str, Any], other: dict[str, Any]) -> Kin | None:
    found = kin(look_of(one), look_of(other))
    assert kin(look_of(other), look_of(one)) is found, "either way round"
    return found


def reencoded(image: Image.Image) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=40)
    return Image.open(file).convert("RGB")


EDITS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "re-encoded": reencoded,
    "small": lambda image: image.resize((240, 160)),
    "cropped": lambda image: image.crop((10, 7, image.width - 10, image.height - 7)),
    "lighter": lambda image: ImageEnhance.Brightness(image).enhance(1.2),
    "more contrast": lambda image: ImageEnhance.Contrast(image).enhance(1.2),
    "grey": lambda image: image.convert("L").convert("RGB"),
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("seed", SCENES)
def test_an_edit_that_keeps_its_date_is_the_same_shot(seed: int, edit: str) -> None:
    original = view(scene(seed))
    edited = record(EDITS[edit](original), "IMG_0412-edited.jpg", taken_at=NOON)
    assert kinship(record(original, "IMG_0412.jpg", taken_at=NOON, subseconds="12"), edited) is Kin.SAME
    assert (
        kinship(record(original, "IMG_0412.jpg", taken_at=NOON), edited | {"key": "a/beach.jpg"}) is Kin.SAME
    )


@pytest.mark.parametrize("edit", ["re-encoded", "small"])
@pytest.mark.parametrize("seed", SCENES)
def test_a_copy_without_a_date_is_the_same_shot(seed: int, edit: str) -> None:
    original = view(scene(seed))
    copy = record(EDITS[edit](original), "IMG-20240503-WA0001.jpg")
    assert kinship(record(original, "IMG_0412.jpg", taken_at=NOON), copy) is Kin.SAME


def next_frames(seed: int) -> Iterator[Image.Image]:
    yield view(scene(seed, face=False))
    yield from (view(scene(seed), pan) for pan in (0.0, 0.005, 0.01, 0.04))


@pytest.mark.parametrize("seed", SCENES)
@pytest.mark.parametrize(
    ("first", "later", "number"),
    [
        ({"taken_at": NOON}, {"taken_at": "2024-05-03T12:00:02"}, "IMG_0412.jpg"),
        ({"taken_at": NOON, "subseconds": "10"}, {"taken_at": NOON, "subseconds": "55"}, "IMG_0412.jpg"),
        ({"taken_at": NOON}, {"taken_at": NOON}, "IMG_0413.jpg"),
        ({"taken_at": NOON, "subseconds": "00"}, {"taken_at": NOON, "subseconds": "00"}, "IMG_0413.jpg"),
    ],
    ids=["seconds", "subseconds", "numbers", "a clock that writes zeros"],
)
def test_the_next_frame_is_a_neighbour_however_alike(
    seed: int, first: dict[str, str], later: dict[str, str], number: str
) -> None:
    one = record(view(scene(seed)), "IMG_0412.jpg", **first)
    for frame in next_frames(seed):
        assert kinship(one, record(frame, number, **later)) in (Kin.NEIGHBOUR, None)
    assert kinship(one, record(view(scene(seed)), number, **later)) is Kin.NEIGHBOUR


@pytest.mark.parametrize("seed", SCENES)
def test_a_pan_within_seconds_is_still_a_neighbour(seed: int) -> None:
    one = record(view(scene(seed)), "a.jpg", taken_at=NOON)
    panned = view(scene(seed), 0.02)
    assert kinship(one, record(panned, "b.jpg", taken_at="2024-05-03T12:00:03")) is Kin.NEIGHBOUR


def test_different_scenes_are_nothing_to_each_other_whatever_their_dates() -> None:
    records = [record(view(scene(seed)), f"{seed}.jpg", taken_at=NOON) for seed in SCENES]
    assert {kinship(one, other) for one, other in combinations(records, 2)} == {None}


PICTURE = record(view(scene(0)), "IMG_0412.jpg", taken_at=NOON)


def test_the_same_file_is_the_same_shot_whatever_it_is_called() -> None:
    other = {**PICTURE, "key": "b/IMG_9999.jpg", "metadata": {}}
    del other["facts"]
    assert kinship(PICTURE, other) is Kin.SAME
    longer = {**other, "original": {**PICTURE["original"], "bytes": 1}}
    assert kinship(PICTURE, longer) is None, "an ETag of files of another length"


@pytest.mark.parametrize(
    ("metadata", "name", "expected"),
    [
        # another tag's date may be that of the edit; without a word of the camera the picture decides
        ({"taken_at": "2024-06-01T10:00:00", "taken_at_source": "EXIF DateTime"}, "IMG_0412.jpg", Kin.SAME),
        ({"taken_at": "2024-06-01T10:00:00"}, "IMG_0412.jpg", Kin.NEIGHBOUR),
        # a date without a time says nothing
        ({"taken_at": "2024-05-03T00:00:00"}, "IMG_0412.jpg", Kin.SAME),
        ({}, "IMG_0413.jpg", Kin.NEIGHBOUR),
        ({}, "DSC_0413.jpg", Kin.SAME),
        ({}, "img_0412.png", Kin.SAME),
        ({}, "IMG_04123.jpg", Kin.SAME),
        ({"taken_at": NOON, "kinds": ["screenshot"]}, "IMG_0412.jpg", Kin.NEIGHBOUR),
    ],
)
def test_what_the_camera_says_decides(metadata: dict[str, Any], name: str, expected: Kin) -> None:
    changed = {"taken_at_source": "EXIF DateTimeOriginal", **metadata} if metadata else metadata
    other = {**PICTURE, "key": name, "metadata": changed, "original": {"etag": "other", "bytes": 1}}
    assert kinship(PICTURE, other) is expected


def test_in_a_burst_a_second_of_its_own_is_not_enough() -> None:
    frame = {**PICTURE, "key": "a", "metadata": {**PICTURE["metadata"], "burst_id": "b"}}
    turned = record(view(scene(0, face=False)), "b", **frame["metadata"])
    assert kinship(frame, turned) is Kin.NEIGHBOUR
    assert kinship(frame, {**frame, "original": {"etag": "copy", "bytes": 1}}) is Kin.SAME


def test_a_crop_to_another_shape_needs_the_word_of_the_camera() -> None:
    other = {**PICTURE, "original": {"etag": "x", "bytes": 1}, "photo": {"width": 960, "height": 620}}
    assert kinship(PICTURE, other) is Kin.SAME
    assert kinship(PICTURE, {**other, "metadata": {}}) is Kin.NEIGHBOUR


@pytest.mark.parametrize(
    ("apart", "moments", "near"),
    [
        (10, ("", ""), True),
        (12, ("", ""), False),
        (12, (NOON, ""), False),
        (16, (NOON, "2024-05-03T12:00:10"), True),
        (16, ("2024-05-03T12:00:10", NOON), True),
        (16, (NOON, "2024-05-03T12:00:11"), False),
        (18, (NOON, NOON), False),
    ],
)
def test_what_is_nearly_the_same_picture(apart: int, moments: tuple[str, str], near: bool) -> None:
    assert is_near(apart, *moments) is near
