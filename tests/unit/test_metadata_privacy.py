"""Where a photo was taken is said as exactly as its owner allows; public renditions say nothing at all."""

import base64
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import images
from images import saved
from metadata.bounded import Header
from metadata.record import Asked, build_record, read_record
from metadata.settings import Settings
from metadata_files import exif_segment, iptc, jpeg, listed, photoshop_segment, tiff, xmp, xmp_segment
from pipeline import renditions_of
from render.rendition import Rendered
from safelight.errors import BadInput, Misconfigured
from safelight.keys import url_of
from safelight.settings import from_environment
from validate.plan import plan_of

VANVES = {
    "EXIF DateTimeOriginal": "2024:05:03 10:11:12",
    "GPS GPSLatitude": (48.0, 49.0, 7.68),
    "GPS GPSLatitudeRef": "N",
    "GPS GPSLongitude": (2.0, 17.0, 19.32),
    "GPS GPSLongitudeRef": "E",
    "GPS GPSAltitude": 73.25,
    "GPS GPSImgDirection": 271.5,
    "GPS GPSDOP": 3.5,
    "GPS GPSDate": "2024:05:03",
    "GPS GPSTimeStamp": (8, 11, 12),
}
MENDOZA = {**VANVES, "GPS GPSLatitudeRef": "S", "GPS GPSLongitudeRef": "W"}
TELLING = ("48.8", "2.28", "Vanves", "Paris", "France", "FR", "73.25", "271.5", "3.5", "Europe")


def record_of(precision: str, tags: dict[str, Any] = VANVES) -> dict[str, Any]:
    return build_record(tags, [], Asked(gps_precision=precision))


def test_exactly_is_as_the_file_says() -> None:
    record = record_of("exact")
    assert (record["gps"]["latitude"], record["gps"]["longitude"]) == (48.8188, 2.2887)
    assert {"altitude_m", "direction_deg", "dop"} <= set(record["gps"])
    assert record["place"]["locality"] == "Vanves"


@pytest.mark.parametrize(("tags", "sign"), [(VANVES, 1), (MENDOZA, -1)])
def test_rounded_is_a_kilometre_and_nothing_finer(tags: dict[str, Any], sign: int) -> None:
    record = record_of("rounded", tags)
    assert record["gps"] == {
        "latitude": sign * 48.82,
        "longitude": sign * 2.29,
        "rounded": True,
        "at": "2024-05-03T08:11:12Z",
    }
    assert "gps.altitude_m" not in record["sources"]
    assert not any(exact in str(record) for exact in ("48.8188", "2.2887", "73.25", "271.5"))


def test_the_place_of_a_rounded_position_is_named() -> None:
    assert record_of("rounded")["place"]["locality"] == "Vanves"


def test_withheld_leaves_no_trace_but_the_instant() -> None:
    record = record_of("none")
    assert record["instant"] == "2024-05-03T08:11:12Z"
    assert not {"gps", "place", "time_zone"} & set(record)
    assert not any(field.startswith("gps") for field in record["sources"])
    assert not any(word in str(record) for word in TELLING)


def test_what_was_wrong_with_a_withheld_position_is_withheld_too() -> None:
    tags = {**VANVES, "GPS GPSLatitude": (99.0, 49.0, 7.68), "GPS GPSAltitude": 73250.0}
    assert "99.8188" in str(record_of("exact", tags)["warnings"])
    assert not any(number in str(record_of("none", tags)) for number in ("99.8", "73250"))


@pytest.mark.parametrize("word", ["exactly", "Rounded", "1"])
def test_a_precision_that_does_not_exist_is_refused(word: str) -> None:
    with pytest.raises(Misconfigured, match="GpsPrecision"):
        from_environment(Settings, {"GPS_PRECISION": word})


# ---------------------------------------------------------------- public renditions

SECRETS = {
    0x010E: "SECRET description",
    0x010F: "SECRETMAKE",
    0x0110: "SECRETMODEL",
    0x0131: "SECRET software",
    0x013B: "SECRET artist",
    0x8298: "SECRET copyright",
    0x8769: {0x9003: "2024:05:03 10:11:12", 0x9011: "+02:00", 0xA433: "SECRET lens"},
    0x8825: {1: "N", 2: ((48, 1), (49, 1), (768, 100)), 3: "E", 4: ((2, 1), (17, 1), (1932, 100))},
}
PACKET = xmp('photoshop:City="SECRET city"', listed("dc:subject", "Bag", "SECRET keyword"))
BLOCK = iptc((2, 25, b"SECRET keyword"), (2, 120, b"SECRET caption"))


def secret_files() -> dict[str, bytes]:
    exif = Image.Exif()
    exif.load(b"Exif\x00\x00" + tiff(SECRETS))
    pictures = {
        form: saved(images.picture(), form, exif=exif.tobytes(), **more)
        for form, more in {
            "PNG": {"xmp": PACKET},
            "WEBP": {"xmp": PACKET},
            "HEIF": {"xmp": PACKET},
            "AVIF": {"xmp": PACKET},
            "TIFF": {},
        }.items()
    }
    in_jpeg = jpeg(
        exif_segment(tiff(SECRETS)), xmp_segment(PACKET), photoshop_segment(BLOCK), picture=images.picture()
    )
    return {"JPEG": in_jpeg, **pictures}


FILES = secret_files()
REJECTED = {"broken image.JPG", "corrupted.jpg"}
SAMPLES = (
    sorted(path for path in images.SAMPLES.rglob("*") if path.is_file()) if images.SAMPLES.exists() else []
)


def said(record: Any) -> Iterator[str]:
    """Every text of a record that is its owner's or the camera's: words that no pixels spell by chance."""
    match record:
        case dict():
            for name, value in record.items():
                if name not in ("sources", "warnings", "color_space", "place", "time_zone"):
                    yield from said(value)
        case list():
            for value in record:
                yield from said(value)
        case str() if len(record) >= 6:
            yield record


def assert_it_says_nothing(body: bytes, words: set[str]) -> None:
    image = Image.open(io.BytesIO(body))
    profile = image.info.get("icc_profile") or b""
    assert not image.getexif()
    assert not {"exif", "xmp", "comment", "photoshop", "XML:com.adobe.xmp"} & set(image.info)
    shown = body.replace(profile, b"") if profile else body
    for mark in (b"Exif\x00", b"ns.adobe.com", b"xmpmeta", b"Photoshop", b"SECRET"):
        assert mark not in shown, mark
    for word in words:
        assert word.encode() not in shown, word


def everything_public(made: Rendered) -> Iterator[bytes]:
    yield made.body
    if "placeholder" in made.described:
        yield base64.b64decode(made.described["placeholder"].partition(",")[2])


@pytest.mark.parametrize("form", sorted(FILES))
def test_every_rendition_says_nothing(form: str, tmp_path: Path) -> None:
    (tmp_path / "original").write_bytes(FILES[form])
    assert b"SECRET" in FILES[form]
    plans = plan_of("gallery", "album/photo.jpg", "v")[0]
    for _, made in renditions_of(tmp_path / "original", "photo.jpg", plans, tmp_path):
        for body in everything_public(made):
            assert_it_says_nothing(body, {"2024:05:03", "2024-05-03"})


@pytest.mark.skipif(not SAMPLES, reason="the sample photos are not here")
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_every_rendition_of_every_sample_says_nothing(path: Path, tmp_path: Path) -> None:
    with path.open("rb") as file:
        record = read_record(Header(io.BytesIO(file.read())))
    words = {
        *said(record),
        *(stamp.replace("-", ":") for stamp in said(record) if re.match(r"\d{4}-", stamp)),
    }
    key = f"album/{path.name}"
    try:
        for plan, made in renditions_of(path, path.name, plan_of("gallery", key, "v")[0], tmp_path):
            address = url_of("https://example.org", plan["key"])
            assert not [word for word in words if word in address.replace(path.name, "")]
            for body in everything_public(made):
                assert_it_says_nothing(body, words)
    except BadInput:  # there is no rendition to say anything
        assert path.name in REJECTED
