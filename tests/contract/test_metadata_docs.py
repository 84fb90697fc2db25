"""docs/metadata.md explains every field that a metadata record can have, and no other."""

import re
from typing import Any, get_type_hints, is_typeddict

import pytest

from contract.definitions import REPOSITORY, template
from metadata import times
from metadata.record import COPYRIGHTS, CREATORS, DESCRIPTIONS, PROGRAMS, TITLES, Asked, build_record
from metadata.regions import Region
from safelight.record import Metadata

DOCUMENT = (REPOSITORY / "docs" / "metadata.md").read_text()
EVERYTHING: dict[str, Any] = {
    "EXIF DateTimeOriginal": "2024:05:03 10:11:12",
    "EXIF OffsetTimeOriginal": "+02:00",
    "EXIF SubSecTimeOriginal": "5",
    "GPS GPSLatitude": (48.0, 49.0, 8.0),
    "GPS GPSLatitudeRef": "N",
    "GPS GPSLongitude": (2.0, 17.0, 0.0),
    "GPS GPSLongitudeRef": "E",
    "GPS GPSAltitude": 73.0,
    "GPS GPSImgDirection": 271.0,
    "GPS GPSImgDirectionRef": "T",
    "GPS GPSDOP": 3.0,
    "GPS GPSMapDatum": "WGS-84",
    "GPS GPSDate": "2024:05:03",
    "GPS GPSTimeStamp": (8, 11, 12),
    "EXIF Make": "Make",
    "EXIF Model": "Model",
    "EXIF LensMake": "Make",
    "EXIF LensModel": "Model",
    "EXIF ExposureTime": 0.01,
    "EXIF FNumber": 2.8,
    "EXIF ISOSpeedRatings": 100,
    "EXIF FocalLength": 50.0,
    "EXIF FocalLengthIn35mmFilm": 50,
    "EXIF ExposureBiasValue": 0.0,
    "EXIF Flash": 1,
    "EXIF Orientation": 1,
    "EXIF ColorSpace": 1,
    "EXIF Software": "Software",
    "EXIF UserComment": "a comment of the wrong type is no comment",
    "EXIF CustomRendered": 3,
    "XMP dc:title": "Title",
    "XMP dc:description": "Description",
    "XMP dc:subject": ("Keyword",),
    "XMP dc:creator": ("Creator",),
    "XMP dc:rights": "Copyright",
    "XMP xmp:Rating": "6",
    "Sidecar xmp:Rating": "5",
    "MakerNote ContentIdentifier": "id",
    "MakerNote BurstUUID": "id",
}


def fields_of(record: dict[str, Any]) -> set[str]:
    return {
        f"{name}.{inner}" if inner else name
        for name, value in record.items()
        for inner in (value if isinstance(value, dict) and name != "sources" else [""])
    }


BERLIN: dict[str, Any] = {
    **EVERYTHING,
    "GPS GPSLatitude": (52.0, 28.0, 52.0),
    "GPS GPSLongitude": (13.0, 26.0, 7.0),
}
"""A position in a district; the other is in a town beside a city."""

REGION = Region("Ada", "face", (0.1, 0.2, 0.3, 0.4), None, "XMP mwg-rs:Regions")
EXACT = build_record(EVERYTHING, ["a warning"], Asked("photo.jpg", 4000, 3000), [REGION])
ROUNDED = build_record(BERLIN, [], Asked(gps_precision="rounded"))
COARSE = build_record({"XMP photoshop:DateCreated": "1985"}, [])


def documented() -> set[str]:
    table = DOCUMENT.partition("## The fields")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+`) \|", table, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([\w.]+)`", row)}


def test_every_field_is_documented_and_every_documented_field_is_there() -> None:
    assert fields_of(EXACT) | fields_of(ROUNDED) | fields_of(COARSE) == documented()


def test_every_documented_field_is_in_the_type_of_the_record() -> None:
    parts = get_type_hints(Metadata)
    typed = {
        f"{name}.{inner}" if inner else name
        for name, part in parts.items()
        for inner in (get_type_hints(part) if is_typeddict(part) else [""])
    }
    assert typed == documented()


def test_every_field_of_the_record_has_a_source() -> None:
    told = {"sources", "warnings", "kinds", "regions", "taken_at_source", "offset_source", "offset_certainty"}
    for record in (EXACT, ROUNDED, COARSE):
        sources = {name for name in record["sources"] if not name.startswith("kinds.")}
        assert sources == fields_of(record) - told
    assert EXACT["sources"]["kinds.hdr"] == "EXIF CustomRendered"


def test_every_key_of_a_region_is_documented() -> None:
    table = DOCUMENT.partition("## Regions")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(EXACT["regions"][0])


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("taken_at", times.DATES),
        ("title", TITLES),
        ("description", DESCRIPTIONS),
        ("creator", CREATORS),
        ("copyright", COPYRIGHTS),
        ("software", PROGRAMS),
    ],
)
def test_the_sources_of_a_field_are_documented_in_their_order(field: str, names: tuple[str, ...]) -> None:
    row = next(line for line in DOCUMENT.splitlines() if line.startswith(f"| `{field}` |"))
    told = [name for name in names if not name.startswith("Sidecar ")]
    if field == "taken_at":
        row = row.partition("xmp:CreateDate);")[2]
    for name in told:
        found = re.search(rf"\b{re.escape(name.partition(' ')[2])}\b", row)
        assert found, f"{name} is missing, or stands elsewhere"
        row = row[found.end() :]


@pytest.mark.parametrize("word", [times.CERTAIN, times.PROBABLE, times.DOUBTFUL])
def test_how_sure_an_offset_is_is_explained(word: str) -> None:
    assert f"| `{word}` |" in DOCUMENT


def test_every_precision_is_explained() -> None:
    head = next(line for line in DOCUMENT.splitlines() if line.startswith("| | `exact`"))
    assert re.findall(r"`(\w+)`", head) == template()["Parameters"]["GpsPrecision"]["AllowedValues"]
