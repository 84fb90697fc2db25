"""Which photos are developed into a working master, and how large that is."""

from typing import Any

import pytest

from safelight.contracts import Photo, RenditionPlan
from validate.plan import FROM_PIXELS, master_of


def photo(format_: str, width: int, height: int) -> Photo:
    return {"format": format_, "media_type": "image/x", "width": width, "height": height, "bytes": 1}


def rendition(width: int, height: int, **how: Any) -> RenditionPlan:
    plan: RenditionPlan = {
        "name": "any",
        "key": "renditions/a.jpg/any.jpg",
        "width": width,
        "height": height,
        "fit": "inside",
        "crop": "centre",
        "format": "jpeg",
        "quality": 85,
        "progressive": True,
        "sharpen": 0.0,
        "color": "srgb",
        "background": "#ffffff",
        "metadata": "none",
        "gain_map": False,
        "placeholder": False,
        "facts": False,
    }
    plan.update(how)  # type: ignore[typeddict-item]
    return plan


GALLERY = [rendition(400, 400), rendition(4000, 4000)]


@pytest.mark.parametrize("format_", ["RAW", "HEIC", "HEIF", "AVIF"])
def test_what_the_render_function_does_not_decode_is_always_developed(format_: str) -> None:
    assert master_of(photo(format_, 10, 10), GALLERY, "one") == {
        "key": "masters/one",
        "width": 10,
        "height": 10,
        "color": "srgb",
    }


def test_a_tiff_of_a_rare_coding_is_always_developed() -> None:
    assert master_of({**photo("TIFF", 10, 10), "rare": True}, GALLERY, "one")
    assert master_of(photo("TIFF", 10, 10), GALLERY, "one") is None


@pytest.mark.parametrize("format_", sorted(FROM_PIXELS))
def test_other_formats_are_developed_from_their_line_on(format_: str) -> None:
    width = 10_000
    height = FROM_PIXELS[format_] // width
    assert master_of(photo(format_, width, height), GALLERY, "one")
    assert master_of(photo(format_, width, height - 1), GALLERY, "one") is None


@pytest.mark.parametrize(
    ("size", "renditions", "expected"),
    [
        ((6000, 4000), [rendition(400, 400), rendition(4000, 4000)], (4000, 2667)),
        ((4000, 6000), [rendition(4000, 4000)], (2667, 4000)),
        ((6000, 4000), [rendition(800, 600), rendition(1000, 100)], (800, 533)),
        ((6000, 4000), [rendition(150, 150, fit="cover")], (225, 150)),
        ((4000, 6000), [rendition(150, 150, fit="cover"), rendition(160, 160)], (150, 225)),
        ((3000, 2000), [rendition(4000, 4000)], (3000, 2000)),
        ((50_000, 10), [rendition(100, 100)], (100, 1)),
    ],
)
def test_a_master_is_as_large_as_the_largest_rendition_needs(
    size: tuple[int, int], renditions: list[RenditionPlan], expected: tuple[int, int]
) -> None:
    plan = master_of(photo("RAW", *size), renditions, "one")
    assert plan is not None
    assert (plan["width"], plan["height"]) == expected


def test_display_p3_is_kept_where_one_rendition_keeps_it() -> None:
    plan = master_of(photo("HEIC", 100, 100), [*GALLERY, rendition(9, 9, color="display-p3")], "one")
    assert plan is not None
    assert plan["color"] == "display-p3"


def test_a_jpeg_whose_gain_map_is_wanted_has_no_master_that_would_lose_it() -> None:
    huge = photo("JPEG", 20_000, 20_000)
    assert master_of(huge, GALLERY, "one")
    assert master_of(huge, [*GALLERY, rendition(9, 9, gain_map=True)], "one") is None
    assert master_of(photo("HEIC", 9, 9), [rendition(9, 9, gain_map=True)], "one")
