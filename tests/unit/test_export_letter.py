"""The letter and the sidecars say what people and programs understand."""

from typing import Any
from xml.etree import ElementTree

from export.letter import Ready, letter
from export.sidecar import sidecar_of
from metadata.xmp import read_xmp

ARCHIVE: Ready = {"name": "Sea.zip", "url": "https://x/exports/1/Sea.zip?a&b", "bytes": 1_234_000_000}
UNTIL = "2026-12-04T02:00:00Z"


def test_a_letter_says_how_much_how_long_and_where() -> None:
    said = letter("Ada & <Bo>", 1203, [ARCHIVE], UNTIL, "https://x/cover.jpg")
    for text in (said["text"], said["html"]):
        for words in ("1,203 photos", "1.2 GB", "4 December 2026"):
            assert words in text
    assert ARCHIVE["url"] in said["text"]
    assert "Ada &amp; &lt;Bo&gt;" in said["html"]
    assert 'href="https://x/exports/1/Sea.zip?a&amp;b"' in said["html"]
    assert 'src="https://x/cover.jpg"' in said["html"]


def test_a_letter_about_several_archives_names_each() -> None:
    said = letter("Sea", 1, [ARCHIVE, {**ARCHIVE, "name": "Sea (2 of 2).zip", "bytes": 5000}], UNTIL, None)
    assert "1 photo, 1.2 GB, in 2 files" in said["text"]
    assert "Sea (2 of 2).zip (5 KB)" in said["text"]
    assert "<img" not in said["html"]


def test_a_sidecar_says_what_is_known() -> None:
    record: Any = {
        "taken_at": "2024-06-01T10:00:00",
        "metadata": {
            "offset": "+02:00",
            "title": "Käse & <Brot>\x00",
            "keywords": ["Sea", "sun"],
            "rating": 4,
            "gps": {"latitude": -33.856784, "longitude": 151.215297},
        },
        "tags": {"labels": [{"name": "Sea"}]},
    }
    root = ElementTree.fromstring(sidecar_of(record))
    found = {each.tag.rpartition("}")[2]: "".join(each.itertext()).strip() for each in root.iter()}
    assert found["DateCreated"] == "2024-06-01T10:00:00+02:00"
    assert found["title"] == "Käse & <Brot>"
    assert found["subject"] == "Seasun"
    assert found["Rating"] == "4"
    assert (found["GPSLatitude"], found["GPSLongitude"]) == ("33,51.407040S", "151,12.917820E")


def test_the_reader_of_sidecars_reads_ours() -> None:
    record: Any = {
        "taken_at": "2024-06-01T10:00:00",
        "metadata": {
            "title": "T",
            "rating": 4,
            "keywords": ["Sea"],
            "gps": {"latitude": -33.8, "longitude": 0},
        },
    }
    tags, _, warnings = read_xmp(sidecar_of(record).encode(), "sidecar")
    assert warnings == []
    assert tags == {
        "sidecar photoshop:DateCreated": "2024-06-01T10:00:00",
        "sidecar xmp:Rating": "4",
        "sidecar exif:GPSLatitude": "33,48.000000S",
        "sidecar exif:GPSLongitude": "0,0.000000E",
        "sidecar dc:title": "T",
        "sidecar dc:subject": ("Sea",),
    }
