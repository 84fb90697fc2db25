"""The conformance run, in short: a dozen made files, and no other program."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import images
import run
from facts import Fact, facts_of, said_by_us
from metadata_files import exif_segment, jpeg, tiff, xmp, xmp_segment
from pictures import RIGHT, damaged, difference, made
from run import DISPUTED, OURS_ALONE, REFUSED, RIGHT_, WRONG, Outcome, print_facts, print_pictures

LOSSLESS = {"PNG": "png", "TIFF": "tif", "GIF": "gif"}
LOSSY = {"JPEG": "jpg", "WEBP": "webp", "AVIF": "avif", "HEIF": "heic"}


def png_of(image: Image.Image) -> bytes:
    return images.saved(image, "PNG")


@pytest.mark.parametrize(("format_", "end"), [*LOSSLESS.items(), *LOSSY.items()])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_made_file_of_every_format_is_right(tmp_path: Path, format_: str, end: str, mode: str) -> None:
    picture = images.picture().convert(mode)
    path = tmp_path / f"made.{end}"
    path.write_bytes(images.saved(picture, format_))
    ours = made(path)
    assert ours.png is not None, ours.words
    assert difference(ours.png, png_of(picture)) < RIGHT


def test_a_file_that_is_refused_says_why(tmp_path: Path) -> None:
    path = tmp_path / "made.png"
    whole = png_of(images.picture())
    path.write_bytes(whole[: len(whole) // 2])
    ours = made(path)
    assert (ours.png, ours.refusal) == (None, "TruncatedFile")
    assert "made.png" in ours.words


def test_other_colours_and_other_shapes_differ() -> None:
    picture = images.picture()
    red, green, blue = picture.split()
    assert difference(png_of(picture), png_of(picture)) == 0
    assert difference(png_of(picture), png_of(Image.merge("RGB", (blue, green, red)))) > RIGHT
    assert difference(png_of(picture), png_of(picture.rotate(90, expand=True))) == float("inf")


@pytest.mark.parametrize(
    ("in_browser", "elsewhere", "verdict", "off"),
    [
        ("same", None, RIGHT_, 0.0),
        ("other", "same", DISPUTED, 0.0),
        ("other", "other", WRONG, None),
        ("other", None, WRONG, None),
        (None, "same", OURS_ALONE, None),  # what Chromium does not show of its own formats, nobody shows
    ],
)
def test_a_second_reference_is_asked_where_the_first_shows_another_picture(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    in_browser: str | None,
    elsewhere: str | None,
    verdict: str,
    off: float | None,
) -> None:
    picture = images.picture()
    shown = {"same": png_of(picture), "other": png_of(picture.rotate(90, expand=True)), None: None}
    monkeypatch.setattr(run, "chromium", lambda: "chromium")
    monkeypatch.setattr(run, "shown_by_imagemagick", lambda _: shown[elsewhere])
    monkeypatch.setattr(run, "shown_by_pillow", lambda _: None)
    path = tmp_path / "made.png"
    path.write_bytes(png_of(picture))
    outcome = run.outcome_of(path, "made.png", shown[in_browser])
    assert outcome.verdict == verdict
    assert outcome.off == (None if off is None else pytest.approx(off, abs=0.01))


@pytest.mark.parametrize(("end", "verdict"), [("tif", DISPUTED), ("gif", WRONG)])
def test_pillow_is_asked_of_what_is_not_decoded_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str, verdict: str
) -> None:
    picture = images.picture()
    monkeypatch.setattr(run, "chromium", lambda: None)
    monkeypatch.setattr(run, "shown_by_imagemagick", lambda _: png_of(picture.rotate(90, expand=True)))
    path = tmp_path / f"made.{end}"
    path.write_bytes(images.saved(picture, {"tif": "TIFF", "gif": "GIF"}[end]))
    outcome = run.outcome_of(path, path.name, None)
    assert outcome.verdict == verdict


def test_what_is_transparent_is_compared_on_white() -> None:
    clear = Image.new("RGBA", (20, 10), (0, 0, 0, 0))
    assert difference(png_of(clear), png_of(Image.new("RGB", (20, 10), "white"))) == 0


def test_facts_of_a_made_file_agree_with_what_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "made.jpg"
    block = tiff({0x010F: "Maker", 0x0110: "Model 1", 0x8769: {0x9003: "2024:05:03 10:11:12"}})
    packet = xmp(attributes='xmp:Rating="4"')
    path.write_bytes(jpeg(exif_segment(block), xmp_segment(packet)))
    theirs = {
        "IFD0:Make": "Maker",
        "IFD0:Model": "Model 2",
        "ExifIFD:DateTimeOriginal": "2024:05:03 10:11:12",
        "XMP-xmp:Rating": 4,
        "IFD0:Artist": "Somebody",
        "IFD0:ModifyDate": "0000:00:00 00:00:00",
    }
    agreed = {fact.field: fact.agrees for fact in facts_of(said_by_us(path), theirs)}
    assert agreed == {
        "taken_at": True,
        "camera.make": True,
        "camera.model": False,
        "rating": True,
        "creator": False,
    }


@pytest.mark.parametrize(
    ("field", "ours", "theirs", "agrees"),
    [
        ("taken_at", "2024-05-03T10:11:12", "2024:05:03 10:11:12.50+02:00", True),
        ("taken_at", "1985-06-03", "1985:06:03", True),
        ("taken_at", "2024-05-03T10:11:12", "2024:05:03 10:11:13", False),
        ("exposure.seconds", 0.013333333, 0.01333333333, True),
        ("exposure.seconds", 0.0125, 0.01333333333, False),
        ("keywords", ["one", "two"], ["one", "two"], True),
        ("keywords", ["one"], ["one", "two"], False),
        ("keywords", ["one", "two"], "one; two", True),
        ("exposure.seconds", 0.00625, "1 160", True),
        ("creator", "One; Two", ["One", "Two"], True),
        ("title", None, "A title", False),
    ],
)
def test_a_fact_agrees_when_it_says_the_same(field: str, ours: Any, theirs: Any, agrees: bool) -> None:
    assert Fact(field, ours, (theirs,)).agrees is agrees


@pytest.mark.parametrize(
    ("theirs", "rules"),
    [
        ({"IFD0:ImageDescription": "OLYMPUS DIGITAL CAMERA", "File:Comment": "Created with GIMP"}, [True]),
        ({"IFD0:ImageDescription": "A house", "File:Comment": "Created with GIMP"}, [False]),
        ({"IFD0:Orientation": 6, "File:FileType": "HEIC"}, [True]),
        ({"IFD0:Orientation": 6, "File:FileType": "JPEG"}, [False]),
        ({"IFD0:Make": "Maker", "File:FileType": "EXV"}, [True]),
        ({"Composite:GPSLatitude": 0, "Composite:GPSLongitude": 0}, [True, True]),
        ({"Composite:GPSLatitude": 0, "Composite:GPSLongitude": 9.5}, [False, False]),
    ],
)
def test_what_is_none_by_a_rule_is_no_difference(theirs: dict[str, Any], rules: list[bool]) -> None:
    assert [bool(fact.rule) for fact in facts_of({}, theirs)] == rules


def test_a_date_in_utc_is_the_same_moment_as_a_wall_clock() -> None:
    ours = {"taken_at": "2025-01-14T11:34:51", "instant": "2025-01-14T10:34:51Z"}
    for theirs, agrees in (
        ("2025:01:14 10:34:51Z", True),
        ("2025:01:14 10:34:51", False),
        ("2025:01:14 09:34:51Z", False),
    ):
        (fact,) = facts_of(ours, {"XMP-xmp:CreateDate": theirs})
        assert fact.agrees is agrees


@pytest.mark.parametrize(
    ("name", "is_damaged"),
    [
        ("made/photo.png", False),
        ("made/issue_ghsa_5p8g_poc.png", True),
        ("made/crash-63b1dff.png", True),
        ("made/xcsn0g01.png", True),
        ("made/xcf__pilot.png", False),
    ],
)
def test_a_name_tells_what_is_damaged_on_purpose(tmp_path: Path, name: str, is_damaged: bool) -> None:
    path = tmp_path / "made.png"
    path.write_bytes(png_of(images.picture()))
    assert damaged(path, name) is is_damaged


def test_the_tables_name_every_difference(capsys: pytest.CaptureFixture[str]) -> None:
    print_pictures(
        [
            Outcome("PNG", "one.png", RIGHT_, "", 0.5),
            Outcome("PNG", "two.png", WRONG, "ΔE 9.0", 9.0),
            Outcome("PNG", "three.png", DISPUTED, "ΔE 8.0 beside Chromium, ΔE 1.0 beside ImageMagick", 1.0),
            Outcome("PNG", "four.png", REFUSED, "TruncatedFile: it ends", damaged=True),
        ]
    )
    print_facts(
        [
            ("one.png", Fact("title", "A", ("A",))),
            ("two.png", Fact("title", "A", ("B",))),
            ("three.png", Fact("title", "A", ())),
            ("four.png", Fact("title", None, ("C",), "a rule")),
        ]
    )
    said = capsys.readouterr().out
    assert "| PNG | 4 | 2 (50.0%) | 2 (66.7%) of 3 | 1 | 1 | 1 | 3.50 | 0 | 0 |" in said
    refused = "four.png (damaged): refused, Truncated"
    for line in ("two.png: wrong, ΔE 9.0", "three.png: disputed, ΔE 8.0", refused):
        assert f"- {line}" in said
    assert "one.png: right" not in said
    assert "| all | 3 | 1 | 1 (50.0%) | 1 |" in said
    assert "- 1 of exiftool's are none by the rule: a rule." in said
    assert "four.png: `title`" not in said
    assert "- two.png: `title` 'A', exiftool ('B',)" in said
