"""What a photo says of itself: every value is sound, absent or refused, and no file fails a photo."""

import io
import json
import random
import re
import struct
from decimal import Decimal
from typing import Any

import pillow_heif
import pytest
from boto3.dynamodb.types import TypeDeserializer
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

import images
import metadata_files
from images import png_chunk
from metadata.bounded import MAX_BLOCKS, Header
from metadata.record import Asked, build_record, read_record
from metadata_files import (
    cr3,
    exif_segment,
    iptc,
    jpeg,
    listed,
    more_xmp_segments,
    photoshop_segment,
    raf,
    xmp,
    xmp_segment,
)
from safelight.attributes import attribute_value
from safelight.errors import SafelightError, ServiceThrottled

TAGS = {
    0x010F: "Nikon",
    0x0110: "COOLPIX P6000",
    0x0112: 6,
    0x0132: "2008:11:01 21:15:07",
}
EXIF = {
    0x9003: "2008:10:22 16:28:39",
    0x9011: "+02:00",
    0x9291: "054",
    0x829A: IFDRational(1, 75),
    0x829D: IFDRational(59, 10),
    0x8827: 64,
    0x9204: IFDRational(-1, 3),
    0x9209: 16,
    0x920A: IFDRational(24, 1),
    0xA405: 112,
    0xA434: "Zoom 6-24",
}
GPS = {
    1: "N",
    2: (43.0, 28.0, 2.814),
    3: "E",
    4: (11.0, 53.0, 6.456),
    5: b"\x01",
    6: IFDRational(75, 2),
    7: (14.0, 27.0, 7.24),
    0x11: IFDRational(93, 1),
    0x1D: "2008:10:22",
}


def exif(tags: dict[int, Any] = TAGS, sub: dict[int, Any] = EXIF, gps: dict[int, Any] = GPS) -> Image.Exif:
    made = Image.Exif()
    made.update(tags)
    made.get_ifd(0x8769).update(sub)
    made.get_ifd(0x8825).update(gps)
    return made


def image_file(form: str, made: Image.Exif | None = None, **options: Any) -> bytes:
    pillow_heif.register_heif_opener()
    buffer = io.BytesIO()
    with_exif = {"exif": made.tobytes()} if made is not None else {}
    Image.new("RGB", (64, 48), "teal").save(buffer, form, **with_exif, **options)
    return buffer.getvalue()


def read(data: bytes) -> dict[str, Any]:
    return read_record(Header(io.BytesIO(data)))


def test_the_whole_record() -> None:
    asked = Asked("IMG_1.jpg", 4000, 3000)
    assert read_record(Header(io.BytesIO(image_file("JPEG", exif()))), asked) == {
        "taken_at": "2008-10-22T16:28:39",
        "taken_at_source": "EXIF DateTimeOriginal",
        "offset": "+02:00",
        "offset_source": "EXIF OffsetTimeOriginal",
        "offset_certainty": "certain",
        "instant": "2008-10-22T14:28:39Z",
        "subseconds": "054",
        "camera": {"make": "Nikon", "model": "COOLPIX P6000"},
        "lens": {"model": "Zoom 6-24"},
        "exposure": {
            "seconds": 0.013333333,
            "f_number": 5.9,
            "iso": 64,
            "focal_length_mm": 24.0,
            "focal_length_35mm": 112,
            "bias_ev": -0.333333,
            "flash_fired": False,
        },
        "gps": {
            "latitude": 43.4674483,
            "longitude": 11.8851267,
            "altitude_m": -37.5,
            "direction_deg": 93.0,
            "at": "2008-10-22T14:27:07Z",
        },
        "time_zone": "Europe/Rome",
        "place": {
            "locality": "Arezzo",
            "region": "Toscana",
            "region_code": "IT-52",
            "country": "Italy",
            "country_code": "IT",
        },
        "orientation": 6,
        "width": 4000,
        "height": 3000,
        "sources": {
            "taken_at": "EXIF DateTimeOriginal",
            "gps.latitude": "GPS GPSLatitude",
            "gps.longitude": "GPS GPSLongitude",
            "gps.altitude_m": "GPS GPSAltitude",
            "gps.direction_deg": "GPS GPSImgDirection",
            "gps.at": "GPS GPSTimeStamp",
            "camera.make": "EXIF Make",
            "camera.model": "EXIF Model",
            "lens.model": "EXIF LensModel",
            "exposure.seconds": "EXIF ExposureTime",
            "exposure.f_number": "EXIF FNumber",
            "exposure.iso": "EXIF ISOSpeedRatings",
            "exposure.focal_length_mm": "EXIF FocalLength",
            "exposure.focal_length_35mm": "EXIF FocalLengthIn35mmFilm",
            "exposure.bias_ev": "EXIF ExposureBiasValue",
            "exposure.flash_fired": "EXIF Flash",
            "orientation": "EXIF Orientation",
            "subseconds": "EXIF SubSecTimeOriginal",
            "offset": "EXIF OffsetTimeOriginal",
            "instant": "taken_at and offset",
            "time_zone": "tzfpy at the position",
            "place.locality": "GeoNames at the position",
            "place.region": "GeoNames at the position",
            "place.region_code": "GeoNames at the position",
            "place.country": "tz database at the position",
            "place.country_code": "tz database at the position",
            "width": "image header",
            "height": "image header",
        },
    }


@pytest.mark.parametrize("form", ["JPEG", "TIFF", "PNG", "WEBP", "HEIF", "AVIF"])
def test_every_format_says_the_same(form: str) -> None:
    record = read(image_file(form, exif()))
    assert record["taken_at"] == "2008-10-22T16:28:39"
    assert record["gps"]["latitude"] == pytest.approx(43.4674483, abs=1e-6)
    assert record["camera"]["model"] == "COOLPIX P6000"
    assert "warnings" not in record


@pytest.mark.parametrize("form", ["HEIF", "AVIF"])
def test_no_turn_is_named_that_decoders_have_made(form: str) -> None:
    for data in (images.oriented(form, 6), images.turned_by_exif_alone(form, 6)):
        made = read(data)
        assert "orientation" not in made
        assert "orientation" not in made["sources"]
        assert made["description"] == "SECRET-DESCRIPTION"


@pytest.mark.parametrize("form", ["GIF", "BMP", "JPEG", "PNG", "WEBP", "HEIF"])
def test_a_photo_without_metadata_has_an_empty_record(form: str) -> None:
    assert read(image_file(form)) == {}


def test_exif_is_found_behind_a_large_profile() -> None:
    plain = image_file("JPEG", exif())
    profile = b"\xff\xe2\xff\xff" + b"\x00" * 0xFFFD
    assert read(plain[:2] + profile * 3 + plain[2:])["taken_at"] == "2008-10-22T16:28:39"


def test_exif_is_found_at_the_end_of_a_png() -> None:
    plain, tagged = image_file("PNG"), image_file("PNG", exif())
    at = tagged.index(b"eXIf") - 4
    chunk = tagged[at : at + 12 + struct.unpack(">I", tagged[at : at + 4])[0]]
    assert read(plain[:-12] + chunk + plain[-12:])["taken_at"] == "2008-10-22T16:28:39"


def test_what_looks_like_a_chunk_among_pixels_is_none() -> None:
    plain, tagged = image_file("PNG"), image_file("PNG", exif())
    at = tagged.index(b"eXIf") - 4
    chunk = tagged[at : at + 12 + struct.unpack(">I", tagged[at : at + 4])[0]]
    pixels = png_chunk(b"IDAT", bytes(70_000)) * 30
    assert read(plain[:33] + pixels + chunk + plain[-12:])["taken_at"] == "2008-10-22T16:28:39"
    damaged = chunk[:-1] + bytes([chunk[-1] ^ 1])
    assert read(plain[:33] + pixels + damaged + plain[-12:]) == {}


def xmp_file(attributes: str) -> bytes:
    return image_file("JPEG", exif(sub={0x9010: "+02:00"}, gps={}), xmp=xmp(attributes))


def test_a_capture_time_that_an_editor_moved_to_xmp_outranks_the_time_of_editing() -> None:
    record = read(xmp_file('photoshop:DateCreated="2008-10-22T16:28:39.61"'))
    assert record["taken_at"] == "2008-10-22T16:28:39"
    assert record["taken_at_source"] == "XMP photoshop:DateCreated"
    assert "offset" not in record, "OffsetTime is the editor's, not the camera's"


def test_an_xmp_date_brings_its_own_offset() -> None:
    record = read(xmp_file("xmp:CreateDate='2008-10-22T16:28-04:00'"))
    assert (record["taken_at"], record["instant"]) == ("2008-10-22T16:28:00", "2008-10-22T20:28:00Z")


def test_without_a_capture_time_the_last_change_is_taken_with_its_own_offset() -> None:
    record = read(image_file("JPEG", exif(sub={0x9010: "+05:30"})))
    assert record["taken_at_source"] == "EXIF DateTime"
    assert record["instant"] == "2008-11-01T15:45:07Z"


def test_digitized_comes_second() -> None:
    record = read(image_file("JPEG", exif(sub={0x9004: "2008:10:22 10:00:00", 0x9012: "-01:00"})))
    assert record["taken_at_source"] == "EXIF DateTimeDigitized"
    assert record["instant"] == "2008-10-22T11:00:00Z"


@pytest.mark.parametrize(
    ("written", "warned"),
    [
        ("0000:00:00 00:00:00", "zeros"),
        ("1970:01:01 00:00:00", "never set"),
        ("1904:01:01 00:00:00", "never set"),
        ("2008:13:22 16:28:39", "does not exist"),
        ("2008:02:30 16:28:39", "does not exist"),
        ("2008:10:22 25:00:00", "does not exist"),
        ("2008:10:22 noon", "malformed"),
        ("yesterday", "malformed"),
        (20081022, "not text"),
    ],
)
def test_a_date_that_means_nothing_gives_way_to_the_next(written: Any, warned: str) -> None:
    record = build_record({"EXIF DateTimeOriginal": written, "EXIF DateTime": "2009:01:01 10:00:00"}, [])
    assert record["taken_at"] == "2009-01-01T10:00:00"
    assert warned in record["warnings"][0] and "DateTimeOriginal" in record["warnings"][0]


@pytest.mark.parametrize("blank", ["", "    :  :     :  :  ", "\x00\x00", None, ()])
def test_a_blank_date_is_unknown_without_a_warning(blank: Any) -> None:
    assert build_record({"EXIF DateTimeOriginal": blank}, []) == {}


@pytest.mark.parametrize("written", ["+25:00", "+14:30", "02:00", "+02:60", "local"])
def test_an_offset_that_no_zone_has_is_dropped(written: str) -> None:
    record = build_record(
        {"EXIF DateTimeOriginal": "2009:01:01 10:00:00", "EXIF OffsetTimeOriginal": written}, []
    )
    assert record["taken_at"] == "2009-01-01T10:00:00"
    assert "offset" not in record and "instant" not in record
    assert "OffsetTimeOriginal was dropped" in record["warnings"][0]


def test_an_instant_before_the_first_year_is_dropped() -> None:
    record = build_record(
        {"EXIF DateTimeOriginal": "0001:01:01 01:00:00", "EXIF OffsetTimeOriginal": "+02:00"}, []
    )
    assert record["taken_at"] == "0001-01-01T01:00:00" and "instant" not in record


NORTH_EAST = {"GPS GPSLatitudeRef": "N", "GPS GPSLongitudeRef": "E"}


@pytest.mark.parametrize(
    "tags",
    [
        {"GPS GPSLatitude": (0.0, 0.0, 0.0), "GPS GPSLongitude": (0.0, 0.0, 0.0)},
        {"GPS GPSLatitude": (91.0, 0.0, 0.0), "GPS GPSLongitude": (8.0, 0.0, 0.0)},
        {"GPS GPSLatitude": (47.0, 0.0, 0.0), "GPS GPSLongitude": (180.0, 0.0, 1.0)},
        {"GPS GPSLatitude": (47.0, 61.0, 0.0), "GPS GPSLongitude": (8.0, 0.0, 0.0)},
        {"GPS GPSLatitude": (47.0, None, 0.0), "GPS GPSLongitude": (8.0, 0.0, 0.0)},
        {"GPS GPSLatitude": (47.0, float("nan"), 0.0), "GPS GPSLongitude": (8.0, 0.0, 0.0)},
        {"GPS GPSLatitude": (-47.0, 0.0, 0.0), "GPS GPSLongitude": (8.0, 0.0, 0.0)},
        {"GPS GPSLatitude": (47.0, 0.0), "GPS GPSLongitude": (8.0, 0.0, 0.0)},
        {"GPS GPSLatitude": "47", "GPS GPSLongitude": (8.0, 0.0, 0.0)},
        {"GPS GPSLatitude": (47.0, 0.0, 0.0), "GPS GPSLongitude": (8.0, 0.0, 0.0), "GPS GPSLatitudeRef": ""},
    ],
)
def test_a_place_that_is_none_is_dropped(tags: dict[str, Any]) -> None:
    record = build_record(NORTH_EAST | tags, [])
    assert "gps" not in record
    assert "GPS" in record["warnings"][0]


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("EXIF ExposureTime", None, "seconds"),
        ("EXIF FNumber", float("nan"), "f_number"),
        ("EXIF FNumber", float("inf"), "f_number"),
        ("EXIF ISOSpeedRatings", "fast", "iso"),
        ("EXIF FocalLength", -5.0, "focal_length_mm"),
        ("EXIF ExposureBiasValue", -2.0e9, "bias_ev"),
        ("EXIF Flash", "on", "flash_fired"),
    ],
)
def test_a_number_that_is_none_is_dropped(name: str, value: Any, field: str) -> None:
    record = build_record({name: value}, [])
    assert list(record) == ["warnings"] and f"{name} was dropped" in record["warnings"][0], field


@pytest.mark.parametrize("name", ["EXIF FNumber", "EXIF FocalLengthIn35mmFilm", "EXIF ISOSpeedRatings"])
def test_zero_means_unknown(name: str) -> None:
    assert build_record({name: 0}, []) == {}


def test_text_is_one_clean_short_line() -> None:
    record = build_record(
        {"EXIF ImageDescription": "a\x00b\x1b[31m\n\tc \u202egpj.exe", "EXIF Artist": "é" * 999}, []
    )
    assert record["description"] == "ab[31m c gpj.exe"
    assert record["creator"] == "é" * 512


def test_latin_text_is_read() -> None:
    data = image_file("JPEG", exif(tags={0x013B: "XXXX"})).replace(b"XXXX", b"Ren\xe9")
    assert read(data)["creator"] == "René"


def tiff(entries: list[tuple[int, int, int, int]], tail: bytes = b"") -> bytes:
    made = b"II*\x00" + struct.pack("<IH", 8, len(entries))
    return made + b"".join(struct.pack("<HHII", *entry) for entry in entries) + struct.pack("<I", 0) + tail


def test_a_tag_that_lies_costs_only_itself() -> None:
    entries = [(0x013B, 2, 0xFFFFFFFF, 8), (0x010F, 99, 1, 0), (0x0112, 3, 1, 6)]
    record = read(tiff(entries))
    assert record["orientation"] == 6
    assert "claims 4294967295 values" in record["warnings"][0]


def test_tags_that_the_record_has_no_use_for_are_not_read() -> None:
    header = Header(io.BytesIO(tiff([(0x0111, 4, 900, 40), (0x0112, 3, 1, 6)], bytes(4000))))
    assert read_record(header) == {"orientation": 6, "sources": {"orientation": "EXIF Orientation"}}
    assert header._reads < 20


@pytest.mark.parametrize("wrap", [False, True])
def test_a_file_made_to_waste_time_is_given_up(wrap: bool) -> None:
    if wrap:
        entries = tiff([(0x0112, 5, 999, 8)] * 5000, b"\x01" * 5000)[: 0xFFFF - 8]
        data = (
            b"\xff\xd8\xff\xe1"
            + struct.pack(">H", len(entries) + 8)
            + b"Exif\x00\x00"
            + entries
            + b"\xff\xd9"
        )
    else:
        data = tiff([(0x0112, 5, 999, 8)] * 0xFFFF, b"\x01" * 9000)
    header = Header(io.BytesIO(data))
    assert "warnings" in read_record(header)
    assert header._reads <= 100_001


def test_a_file_made_to_be_read_whole_is_given_up() -> None:
    chunk = struct.pack("<4sI", b"JUNK", 70_000) + bytes(70_000)
    data = b"RIFF\x00\x00\x00\x00WEBP" + chunk * 80
    header = Header(io.BytesIO(data))
    assert "spread over" in read_record(header)["warnings"][0]
    assert len(header._blocks) == MAX_BLOCKS + 1


def assert_dynamodb_takes(record: dict[str, Any]) -> None:
    """What DynamoDB refuses: numbers that are not finite, or of more than 38 digits, and large items."""
    stored = attribute_value(record)
    size = len(json.dumps(stored, ensure_ascii=False).encode())
    assert size < 128 * 1024, size
    for number in re.findall(r"'N': '([^']*)'", str(stored)):
        value = Decimal(number)
        assert value.is_finite() and len(value.as_tuple().digits) <= 38 and abs(value.adjusted()) < 126
    TypeDeserializer().deserialize(stored)


def everywhere() -> bytes:
    """A JPEG with metadata of every kind."""
    packet = xmp(
        'xmp:Rating="4" exif:FNumber="56/10" exif:GPSLatitude="46,24.6N" exif:GPSLongitude="11,51,0E"',
        listed("dc:title", "Alt", "A title") + listed("dc:subject", "Bag", "one", "two"),
    )
    block = iptc((1, 90, b"\x1b%G"), (2, 5, b"Title"), (2, 25, b"word"), (2, 55, b"20240503"))
    made = exif()
    return jpeg(
        exif_segment(made.tobytes()[6:]),
        xmp_segment(packet),
        *more_xmp_segments("A" * 32, xmp(elements=listed("dc:subject", "Bag", *"abc")), 200),
        photoshop_segment(block),
    )


DAMAGED = {
    **{
        form: lambda form=form: image_file(form, exif())
        for form in ("JPEG", "TIFF", "PNG", "WEBP", "HEIF", "AVIF")
    },
    "every kind": everywhere,
    "CR3": lambda: cr3({0x0110: "R5"}, {0x9003: "2024:05:03 10:11:12"}, {1: "N"}, xmp('xmp:Rating="1"')),
    "RAF": lambda: raf(everywhere()),
    "RW2": lambda: metadata_files.tiff({0x0110: "GH6", 0x002E: everywhere()}, b"IIU\x00"),
}


@settings(max_examples=300)
@given(st.data())
def test_no_damage_fails_a_photo(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(sorted(DAMAGED)))
    whole = bytearray(FILES.setdefault(form, DAMAGED[form]()))
    chance = random.Random(data.draw(st.integers(0, 2**32)))
    for _ in range(data.draw(st.integers(1, 30))):
        whole[chance.randrange(len(whole))] = chance.randrange(256)
    assert_dynamodb_takes(read(bytes(whole[: data.draw(st.integers(0, len(whole)))])))


ANYTHING = st.one_of(
    st.none(),
    st.integers(),
    st.floats(),
    st.text(max_size=40),
    st.sampled_from(
        ["\ud800", "x" * 1_000_000, "2024:05:03 10:11:12", "9999-12-31T23:59:59-12:00", "46,24.6N"]
    ),
    st.tuples(st.floats(), st.floats(), st.floats()),
    st.lists(st.text(max_size=20), max_size=5).map(tuple),
    st.just(("word " * 1000,) * 500),
)
NAMES = sorted(
    {
        f"{group}{name}"
        for group, names in {
            "EXIF ": (
                *(
                    "DateTimeOriginal",
                    "OffsetTimeOriginal",
                    "TimeZoneOffset",
                    "SubSecTimeOriginal",
                    "DateTime",
                ),
                *("Make", "FNumber", "ISOSpeedRatings", "Flash", "Orientation", "ColorSpace", "Rating"),
                *("ImageDescription", "Artist", "UserComment", "CustomRendered"),
            ),
            "GPS ": (
                *(
                    "GPSLatitude",
                    "GPSLatitudeRef",
                    "GPSLongitude",
                    "GPSLongitudeRef",
                    "GPSAltitude",
                    "GPSDOP",
                ),
                *("GPSAltitudeRef", "GPSDate", "GPSTimeStamp", "GPSImgDirection", "GPSImgDirectionRef"),
            ),
            "XMP ": (
                *(
                    "dc:title",
                    "dc:description",
                    "dc:subject",
                    "dc:creator",
                    "xmp:Rating",
                    "exif:GPSTimeStamp",
                ),
                *("exif:GPSLatitude", "exif:GPSLongitude", "exif:GPSAltitude", "photoshop:DateCreated"),
            ),
            "IPTC ": ("DateCreated", "TimeCreated", "Keywords", "By-line", "Caption-Abstract"),
            "MakerNote ": ("ContentIdentifier", "HDRImageType"),
            "ICC ": ("description",),
        }.items()
        for name in names
    }
)


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(NAMES), ANYTHING, max_size=12), st.sampled_from(["exact", "rounded"]))
def test_no_value_breaks_a_record(tags: dict[str, Any], precision: str) -> None:
    assert_dynamodb_takes(build_record(tags, [], Asked("photo.jpg", gps_precision=precision)))


FILES: dict[str, bytes] = {}


class Failing(io.BytesIO):
    """A file whose reads fail after the first `sound` ones, as S3 may."""

    def __init__(self, data: bytes, sound: int, error: Exception) -> None:
        super().__init__(data)
        self.sound, self.error = sound, error

    def read(self, size: int | None = -1) -> bytes:
        self.sound -= 1
        if self.sound < 0:
            raise self.error
        return super().read(size)


@pytest.mark.parametrize("form", ["JPEG", "TIFF", "PNG", "WEBP", "HEIF"])
@pytest.mark.parametrize("error", [ServiceThrottled("slow"), ConnectionError("down"), ValueError("odd")])
@pytest.mark.parametrize("sound", [0, 1, 2, 4])
def test_an_outage_never_passes_for_a_photo_without_metadata(form: str, error: Exception, sound: int) -> None:
    with pytest.raises(type(error)) as caught:
        read_record(Header(Failing(image_file(form, exif()), sound, error)))
    assert caught.value is error


def test_an_outage_in_the_middle_of_the_tags_is_raised() -> None:
    error: SafelightError = ServiceThrottled("slow")
    data = image_file("TIFF", exif())
    for sound in range(5, 60, 5):
        with pytest.raises(ServiceThrottled):
            read_record(Header(Failing(data, sound, error)))
