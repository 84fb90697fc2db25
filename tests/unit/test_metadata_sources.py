"""Every place in which files keep metadata is read, the best source of each field wins, and it is named."""

import io
import json
import shutil
import subprocess
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms

from images import png_chunk, saved
from metadata.bounded import Header
from metadata.record import Asked, build_record, read_record
from metadata_files import (
    apple_note,
    cr3,
    exif_segment,
    iptc,
    jpeg,
    listed,
    more_xmp_segments,
    photoshop_segment,
    raf,
    segment,
    tiff,
    xmp,
    xmp_segment,
)

SUB = {0x9003: "2024:05:03 10:11:12", 0x9011: "+02:00"}
GPS = {
    1: "N",
    2: ((46, 1), (24, 1), (36, 1)),
    3: "E",
    4: ((11, 1), (51, 1), (0, 1)),
    5: (1,),
    6: ((12, 1),),
    0x0B: ((5, 2),),
    0x10: "T",
    0x12: "WGS-84",
}
IMAGE = {0x010F: "Canon", 0x0110: "Canon EOS R5"}
WHOLE = {**IMAGE, 0x8769: SUB, 0x8825: GPS}
TITLED = xmp(elements=listed("dc:title", "Alt", "Dolomites"))


def read(data: bytes, **asked: Any) -> dict[str, Any]:
    return read_record(Header(io.BytesIO(data)), Asked(**asked))


RAWS = {
    "CR3": (cr3(IMAGE, SUB, GPS, TITLED), "crx.cr3"),
    "RAF": (raf(jpeg(exif_segment(tiff(WHOLE)), xmp_segment(TITLED))), "f.raf"),
    "ORF": (tiff({**WHOLE, 0x02BC: TITLED}, b"IIRO"), "o.orf"),
    "RW2": (tiff({**WHOLE, 0x02BC: TITLED}, b"IIU\x00"), "p.rw2"),
    "DNG": (tiff({**WHOLE, 0x02BC: TITLED, 0xC612: (1, 4, 0, 0)}), "d.dng"),
}


@pytest.mark.parametrize("form", RAWS)
def test_raw_files_say_when_and_where(form: str) -> None:
    record = read(RAWS[form][0])
    assert record["taken_at"] == "2024-05-03T10:11:12"
    assert record["instant"] == "2024-05-03T08:11:12Z"
    assert record["camera"] == {"make": "Canon", "model": "Canon EOS R5"}
    assert record["gps"]["latitude"] == pytest.approx(46.41)
    assert record["gps"]["altitude_m"] == -12
    assert (record["gps"]["dop"], record["gps"]["datum"]) == (2.5, "WGS-84")
    assert record["title"] == "Dolomites"
    assert "warnings" not in record


@pytest.mark.skipif(not shutil.which("exiftool"), reason="exiftool is not installed")
@pytest.mark.parametrize("form", RAWS)
def test_exiftool_reads_the_same_from_these_raw_files(form: str, tmp_path: Path) -> None:
    data, name = RAWS[form]
    (tmp_path / name).write_bytes(data)
    (said,) = json.loads(subprocess.check_output(["exiftool", "-n", "-j", tmp_path / name]))
    record = read(data)
    assert said["DateTimeOriginal"] == "2024:05:03 10:11:12"
    assert said["GPSLatitude"] == pytest.approx(record["gps"]["latitude"], abs=1e-6)
    assert said["Title"] == record["title"]


def test_a_panasonic_raw_file_without_exif_has_it_in_its_preview() -> None:
    data = tiff({**IMAGE, 0x002E: jpeg(exif_segment(tiff(WHOLE)))}, b"IIU\x00")
    assert read(data)["taken_at"] == "2024-05-03T10:11:12"


CAPTION = iptc(
    (1, 90, b"\x1b%G"),
    (2, 5, "Zürich".encode()),
    (2, 25, b"lake"),
    (2, 25, b"swans"),
    (2, 80, b"Ada"),
    (2, 80, b"Bo"),
    (2, 116, "© Ada".encode()),
    (2, 120, b"Two swans"),
)


@pytest.mark.parametrize(
    "data",
    [jpeg(photoshop_segment(CAPTION)), tiff({0x83BB: CAPTION})],
    ids=["jpeg", "tiff"],
)
def test_iptc_is_read(data: bytes) -> None:
    record = read(data)
    assert record["title"] == "Zürich"
    assert record["keywords"] == ["lake", "swans"]
    assert record["creator"] == "Ada; Bo"
    assert record["copyright"] == "© Ada"
    assert record["description"] == "Two swans"
    assert record["sources"]["description"] == "IPTC Caption-Abstract"


def test_iptc_in_latin_letters_of_before_unicode_is_read() -> None:
    assert read(jpeg(photoshop_segment(iptc((2, 5, b"Z\xfcrich")))))["title"] == "Zürich"


@pytest.mark.parametrize("cut", range(1, len(CAPTION), 7))
def test_cut_iptc_keeps_what_came_before(cut: int) -> None:
    record = read(jpeg(photoshop_segment(CAPTION[:cut])))
    assert set(record) <= {"title", "keywords", "creator", "copyright", "sources", "warnings"}


EVERYTHING = xmp(
    'xmp:Rating="4" xmp:CreatorTool="Editor 1" tiff:Make="Maker" exif:FNumber="56/10" aux:Lens="35mm F2"'
    ' exif:GPSLatitude="46,24.6N" exif:GPSLongitude="11,51,0E" exif:GPSAltitude="120000/100"',
    listed("dc:title", "Alt", "A title")
    + listed("dc:description", "Alt", "A line")
    + listed("dc:subject", "Bag", "one", "two", "one")
    + listed("dc:creator", "Seq", "Ada", "Bo")
    + listed("dc:rights", "Alt", "© Ada")
    + listed("exif:ISOSpeedRatings", "Seq", "200"),
)


@pytest.mark.parametrize(
    "data",
    [
        jpeg(xmp_segment(EVERYTHING)),
        saved(Image.new("RGB", (8, 8)), "WEBP", xmp=EVERYTHING),
        saved(Image.new("RGB", (8, 8)), "HEIF", xmp=EVERYTHING),
        saved(Image.new("RGB", (8, 8)), "AVIF", xmp=EVERYTHING),
        tiff({0x02BC: EVERYTHING}),
    ],
    ids=["JPEG", "WebP", "HEIF", "AVIF", "TIFF"],
)
def test_xmp_is_read(data: bytes) -> None:
    record = read(data)
    assert record["rating"] == 4
    assert record["title"] == "A title"
    assert record["description"] == "A line"
    assert record["keywords"] == ["one", "two"]
    assert record["creator"] == "Ada; Bo"
    assert record["copyright"] == "© Ada"
    assert record["software"] == "Editor 1"
    assert record["camera"] == {"make": "Maker"}
    assert record["lens"] == {"model": "35mm F2"}
    assert record["exposure"] == {"f_number": 5.6, "iso": 200}
    assert record["gps"] == {"latitude": 46.41, "longitude": 11.85, "altitude_m": 1200.0}
    assert record["sources"]["gps.latitude"] == "XMP exif:GPSLatitude"
    assert record["sources"]["keywords"] == "XMP dc:subject"


@pytest.mark.parametrize("packed", [False, True])
def test_xmp_in_a_png_is_read(packed: bool) -> None:
    plain = saved(Image.new("RGB", (8, 8)), "PNG")
    text = zlib.compress(EVERYTHING) if packed else EVERYTHING
    flags = b"\x01\x00" if packed else b"\x00\x00"
    chunk = png_chunk(b"iTXt", b"XML:com.adobe.xmp\x00" + flags + b"\x00\x00" + text)
    assert read(plain[:33] + chunk + plain[33:])["title"] == "A title"


def test_extended_xmp_is_joined_and_anothers_is_left() -> None:
    mine, other = "A" * 32, "B" * 32
    long = xmp(elements=listed("dc:subject", "Bag", *(f"word {n:05}" for n in range(3000))))
    wrong = xmp('xmp:Rating="1"')
    parts = [*more_xmp_segments(other, wrong), *more_xmp_segments(mine, long)]
    assert len(parts) > 2
    record = read(jpeg(xmp_segment(xmp(f'xmpNote:HasExtendedXMP="{mine}" dc:format="x"')), *parts))
    assert record["keywords"][:2] == ["word 00000", "word 00001"]
    assert "rating" not in record


@pytest.mark.parametrize(
    "packet",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
        b"<x><y></x>",
        b"\xff\xfe\x00",
        b'<?xml version="1.0" encoding="no-such-code"?><x/>',
    ],
)
def test_a_packet_that_is_an_attack_or_damaged_is_refused(packet: bytes) -> None:
    record = read(jpeg(xmp_segment(packet), exif_segment(tiff(WHOLE))))
    assert record["taken_at"] == "2024-05-03T10:11:12"
    assert "XMP cannot be read" in record["warnings"][0]


def test_what_people_say_comes_from_the_sidecar_then_xmp_then_iptc_then_exif() -> None:
    by_exif = {0x010E: "exif", 0x013B: "exif", 0x8298: "exif"}
    by_iptc = iptc((2, 120, b"iptc"), (2, 80, b"iptc"), (2, 25, b"iptc"))
    by_xmp = xmp(
        'xmp:Rating="2"', listed("dc:description", "Alt", "xmp") + listed("dc:subject", "Bag", "xmp")
    )
    by_sidecar = xmp('xmp:Rating="5"', listed("dc:description", "Alt", "sidecar"))
    data = jpeg(exif_segment(tiff(by_exif)), photoshop_segment(by_iptc), xmp_segment(by_xmp))
    record = read(data, sidecar=by_sidecar)
    assert [record[name] for name in ("description", "keywords", "creator", "copyright", "rating")] == [
        "sidecar",
        ["xmp"],
        "iptc",
        "exif",
        5,
    ]
    assert {
        name: record["sources"][name] for name in ("description", "keywords", "creator", "copyright")
    } == {
        "description": "Sidecar dc:description",
        "keywords": "XMP dc:subject",
        "creator": "IPTC By-line",
        "copyright": "EXIF Copyright",
    }


def test_a_sidecar_brings_a_position_and_corrects_a_date() -> None:
    sidecar = xmp(
        'exif:GPSLatitude="38,43.2N" exif:GPSLongitude="9,8.4W" exif:DateTimeOriginal="2024-05-04T10:11:12"'
    )
    record = read(jpeg(exif_segment(tiff({**IMAGE, 0x8769: SUB}))), sidecar=sidecar)
    assert record["place"]["locality"] == "Lisbon"
    assert record["taken_at"] == "2024-05-04T10:11:12"
    assert record["sources"]["taken_at"] == "Sidecar exif:DateTimeOriginal"
    assert record["instant"] == "2024-05-04T09:11:12Z", "the offset of another second is not its own"


def test_a_sidecar_that_cannot_be_read_costs_nothing_else() -> None:
    record = read(jpeg(exif_segment(tiff(WHOLE))), sidecar=b"<x")
    assert record["taken_at"] == "2024-05-03T10:11:12"
    assert record["warnings"] == ["Sidecar cannot be read: ParseError."]


def test_bursts_and_live_photos_are_identified() -> None:
    record = read(jpeg(exif_segment(tiff({**IMAGE, 0x8769: {**SUB, 0x927C: apple_note()}}))))
    assert record["live_photo_id"] == "7E7C0E80-8B1A-4D9C-8F2D-0A5A3C0F1B77"
    assert record["burst_id"] == "B" * 36
    assert record["kinds"] == ["hdr"]
    assert record["sources"]["live_photo_id"] == "MakerNote ContentIdentifier"


@pytest.mark.parametrize("damage", range(0, len(apple_note()), 5))
def test_a_damaged_maker_note_costs_only_itself(damage: int) -> None:
    note = bytearray(apple_note())
    note[damage] ^= 0xFF
    record = read(jpeg(exif_segment(tiff({**IMAGE, 0x8769: {**SUB, 0x927C: bytes(note)}}))))
    assert record["taken_at"] == "2024-05-03T10:11:12"


@pytest.mark.parametrize(
    ("tags", "filename", "kinds"),
    [
        ({}, "Screenshot_20240503-101112.png", ["screenshot"]),
        ({}, "Bildschirmfoto 2024-05-03.png", ["screenshot"]),
        ({}, "Screen Shot 2019-01-01 at 10.00.00.png", ["screenshot"]),
        ({"EXIF UserComment": "Screenshot"}, "IMG_0001.PNG", ["screenshot"]),
        ({"XMP GPano:ProjectionType": "equirectangular"}, "a.jpg", ["panorama"]),
        ({"EXIF CustomRendered": 6}, "a.jpg", ["panorama"]),
        ({"EXIF CustomRendered": 3}, "a.jpg", ["hdr"]),
        ({"XMP hdrgm:Version": "1.0"}, "a.jpg", ["hdr"]),
        ({"XMP GCamera:MotionPhoto": "1"}, "a.jpg", ["motion_photo"]),
        ({"XMP GCamera:MotionPhoto": "0", "EXIF CustomRendered": 1}, "The screen.jpg", None),
    ],
)
def test_screenshots_panoramas_and_hdr_are_told(
    tags: dict[str, Any], filename: str, kinds: list[str] | None
) -> None:
    record = build_record(tags, [], Asked(filename))
    assert record.get("kinds") == kinds
    if kinds:
        assert {name for name in record["sources"] if name.startswith("kinds.")} == {f"kinds.{kinds[0]}"}


PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "TIFF"])
def test_the_colour_space_is_that_of_the_profile(form: str) -> None:
    assert read(saved(Image.new("RGB", (8, 8)), form, icc_profile=PROFILE))["color_space"] == "sRGB built-in"


def test_the_colour_space_of_exif_counts_where_there_is_no_profile() -> None:
    assert build_record({"EXIF ColorSpace": 1}, [])["color_space"] == "sRGB"
    assert "color_space" not in build_record({"EXIF ColorSpace": 0xFFFF}, [])


def test_a_cut_profile_is_told() -> None:
    record = read(jpeg(segment(0xE2, b"ICC_PROFILE\x00\x01\x01" + PROFILE[:140])))
    assert record == {"warnings": ["The ICC profile is cut."]}


@pytest.mark.parametrize(
    ("tags", "altitude"),
    [
        ({"GPS GPSAltitude": 8848.86}, 8848.86),
        ({"GPS GPSAltitude": 430.0, "GPS GPSAltitudeRef": 1}, -430.0),
        ({"GPS GPSAltitude": 224000.0}, None),  # centimetres
        ({"GPS GPSAltitude": 3000.0, "GPS GPSAltitudeRef": 1}, None),
        ({"GPS GPSAltitude": None}, None),
        ({"XMP exif:GPSAltitude": "1200/10"}, 120.0),
    ],
)
def test_an_altitude_in_another_unit_is_dropped_with_a_note(
    tags: dict[str, Any], altitude: float | None
) -> None:
    position = {
        "GPS GPSLatitude": (46.0, 0.0, 0.0),
        "GPS GPSLatitudeRef": "N",
        "GPS GPSLongitude": (11.0, 0.0, 0.0),
        "GPS GPSLongitudeRef": "E",
    }
    record = build_record(position | tags, [])
    assert record["gps"].get("altitude_m") == altitude
    assert (altitude is None) == any("GPSAltitude was dropped" in each for each in record.get("warnings", []))
