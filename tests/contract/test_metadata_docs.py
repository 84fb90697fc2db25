"""docs/metadata.md explains every field that a metadata record can have, and no other."""

import re
from typing import Any

import pytest

from contract.definitions import REPOSITORY, template
from metadata import times
from metadata.record import Asked, build_record

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

EXACT = build_record(EVERYTHING, ["a warning"], Asked("photo.jpg", 4000, 3000))
ROUNDED = build_record(BERLIN, [], Asked(gps_precision="rounded"))


def documented() -> set[str]:
    table = DOCUMENT.partition("## The fields")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+`) \|", table, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([\w.]+)`", row)}


def test_every_field_is_documented_and_every_documented_field_is_there() -> None:
    assert fields_of(EXACT) | fields_of(ROUNDED) == documented()


def test_every_field_of_the_record_has_a_source() -> None:
    told = {"sources", "warnings", "kinds", "taken_at_source", "offset_source", "offset_certainty"}
    for record in (EXACT, ROUNDED):
        sources = {name for name in record["sources"] if not name.startswith("kinds.")}
        assert sources == fields_of(record) - told
    assert EXACT["sources"]["kinds.hdr"] == "EXIF CustomRendered"


@pytest.mark.parametrize("word", [times.CERTAIN, times.PROBABLE, times.DOUBTFUL])
def test_how_sure_an_offset_is_is_explained(word: str) -> None:
    assert f"| `{word}` |" in DOCUMENT


def test_every_precision_is_explained() -> None:
    head = next(line for line in DOCUMENT.splitlines() if line.startswith("| | `exact`"))
    assert re.findall(r"`(\w+)`", head) == template()["Parameters"]["GpsPrecision"]["AllowedValues"]
