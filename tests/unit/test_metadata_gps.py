"""The corners of GPS and of Exif's numbers: another height, no position, 0/0, a wrong type."""

import io
import struct
from typing import Any

import pytest

from metadata.bounded import Header
from metadata.record import Asked, build_record, read_record
from metadata_files import exif_segment, jpeg, tiff

POSITION: dict[str, Any] = {
    "GPS GPSLatitude": (48.0, 12.0, 0.0),
    "GPS GPSLatitudeRef": "N",
    "GPS GPSLongitude": (16.0, 22.0, 12.0),
    "GPS GPSLongitudeRef": "E",
}


@pytest.mark.parametrize(
    ("reference", "altitude"),
    [
        (0, 430.0),
        (1, -430.0),
        (2, 430.0),
        (3, -430.0),
        ("\x01", -430.0),
        ("\x03", -430.0),
        ("3", -430.0),
        (None, 430.0),
    ],
)
@pytest.mark.parametrize("group", ["GPS ", "XMP exif:"])
def test_a_height_is_above_or_below_as_exif_3_counts(group: str, reference: Any, altitude: float) -> None:
    tags = {
        f"{group}GPSAltitude": "4300/10" if group == "XMP exif:" else 430.0,
        f"{group}GPSAltitudeRef": reference,
    }
    assert build_record(tags, [])["gps"]["altitude_m"] == altitude


@pytest.mark.parametrize(
    ("tags", "gps"),
    [
        ({"GPS GPSAltitude": 47.5}, {"altitude_m": 47.5}),
        (
            {"GPS GPSImgDirection": 101.4, "GPS GPSImgDirectionRef": "T"},
            {"direction_deg": 101.4, "direction_reference": "true"},
        ),
        ({"XMP exif:GPSImgDirection": "1014/10"}, {"direction_deg": 101.4}),
        ({"GPS GPSDOP": 3.5, "GPS GPSMapDatum": "WGS-84"}, {"dop": 3.5, "datum": "WGS-84"}),
        ({"GPS GPSAltitude": 47.5, "GPS GPSLatitude": (91.0, 0.0, 0.0)}, {"altitude_m": 47.5}),
    ],
)
def test_what_is_known_without_a_position_is_kept(tags: dict[str, Any], gps: dict[str, Any]) -> None:
    assert build_record(tags, [])["gps"] == gps
    assert "altitude_m" not in build_record(tags, [], Asked(gps_precision="rounded")).get("gps", {})
    assert "gps" not in build_record(tags, [], Asked(gps_precision="none"))


def test_a_receiver_without_a_fix_knows_no_height() -> None:
    nowhere = {
        "GPS GPSLatitude": (0.0, 0.0, 0.0),
        "GPS GPSLongitude": (0.0, 0.0, 0.0),
        "GPS GPSAltitude": 0.0,
    }
    assert "gps" not in build_record(POSITION | nowhere, [])


@pytest.mark.parametrize(
    ("written", "latitude"),
    [
        ("52,50,34.0118", 52.8427811),
        ("52 50 34.0118", 52.8427811),
        ("52/1 50/1 340118/10000", 52.8427811),
        ("52,00000,50,00000,34,01180", 52.8427811),  # decimal commas
        ("52,0 50,0 34,0118", 52.8427811),
        ("52° 50' 34.0118\"", 52.8427811),
        ("52;50.5", 52.8416667),
        ("52.8427811", 52.8427811),
        ("52,50,34.0118\x00\x00", 52.8427811),
        ("52/0 50/1 34/1", None),
        ("52,61,0", None),
        ("91.5", None),
        ("52", None),  # nobody measures whole degrees
        ("52 50 34 12", None),
        ("north", None),
    ],
)
def test_degrees_that_are_written_as_text_are_read_or_refused(written: str, latitude: float | None) -> None:
    record = build_record(POSITION | {"GPS GPSLatitude": written}, [])
    assert record.get("gps", {}).get("latitude") == latitude
    assert bool(record.get("warnings")) is (latitude is None)


@pytest.mark.parametrize("written", ["17,00000,8,00000,29,00000", "17:08:29", "17 8 29", "17/1,8/1,29/1"])
def test_satellites_time_that_is_written_as_text_is_read(written: str) -> None:
    tags = {"GPS GPSDate": "2014:04:26", "GPS GPSTimeStamp": written}
    assert build_record(tags, [])["gps"] == {"at": "2014-04-26T17:08:29Z"}


@pytest.mark.parametrize(
    ("latitude", "expected"),
    [
        ((48.0, 12.0, None), 48.2),
        ((48.2, None, None), 48.2),
        ((48.0, 12.5, None), 48.2083333),
        ((48.0, None, 12.0), None),
        ((None, 12.0, 0.0), None),
        ((None, None, None), None),
        ((48.0, 12.0), None),
        (b"\x30\x0c\x00", None),
    ],
)
def test_seconds_of_0_0_are_none(latitude: Any, expected: float | None) -> None:
    record = build_record(POSITION | {"GPS GPSLatitude": latitude}, [])
    assert record.get("gps", {}).get("latitude") == expected


@pytest.mark.parametrize(
    ("written", "latitude"),
    [
        ("48.2082", 48.2082),
        ("-48.2082", -48.2082),
        ("+48.2082", 48.2082),
        ("48.2082N", 48.2082),
        ("48.2082 S", -48.2082),
        ("48,12.492S", -48.2082),
        ("-48.2082S", None),
        ("95.5", None),
        ("48.2082E", None),
        ("48", None),
    ],
)
def test_decimal_degrees_in_xmp_are_read(written: str, latitude: float | None) -> None:
    record = build_record({"XMP exif:GPSLatitude": written, "XMP exif:GPSLongitude": "16,22.428E"}, [])
    assert record.get("gps", {}).get("latitude") == latitude
    assert (latitude is None) == ("warnings" in record)


def entry(kind: int, count: int, data: bytes, tag: int = 0x9204) -> bytes:
    """A JPEG whose Exif directory has one entry of any type."""
    inline = data.ljust(4, b"\x00") if len(data) <= 4 else struct.pack("<I", 44)
    image = struct.pack("<4sIHHHIII", b"II*\x00", 8, 1, 0x8769, 4, 1, 26, 0)
    sub = struct.pack("<HHHI", 1, tag, kind, count) + inline + bytes(4)
    return jpeg(exif_segment(image + sub + data))


@pytest.mark.parametrize(
    ("kind", "count", "data", "bias"),
    [
        (10, 1, struct.pack("<ii", -1, 3), -0.333333),
        (5, 1, struct.pack("<ii", -1, 3), -0.333333),  # called unsigned
        (5, 1, struct.pack("<II", 2, 3), 0.666667),
        (3, 2, struct.pack("<HH", 1, 3), 0.333333),  # a ratio of two shorts
        (9, 2, struct.pack("<ii", -1, 3), -0.333333),
        (11, 1, struct.pack("<f", 0.5), 0.5),
        (12, 1, struct.pack("<d", -0.5), -0.5),
        (8, 1, struct.pack("<h", -1), -1),
        (2, 5, b"-1/3\x00", -0.333333),
        (10, 1, struct.pack("<ii", 0, 0), None),
        (10, 1, struct.pack("<ii", 36, 1), None),  # more than any camera compensates
        (7, 8, struct.pack("<ii", 36, 1), None),
        (1, 4, b"\x24\x00\x01\x00", None),
        (3, 3, struct.pack("<HHH", 36, 1, 1), None),
        (2, 2, b"$\x00", None),
        (99, 1, b"\x24", None),
        (10, 9999, bytes(8), None),
    ],
)
def test_a_number_under_another_type_is_right_or_refused(
    kind: int, count: int, data: bytes, bias: float | None
) -> None:
    record = read_record(Header(io.BytesIO(entry(kind, count, data))))
    assert record.get("exposure", {}).get("bias_ev") == bias
    assert (bias is None) == ("warnings" in record)


def test_of_several_sensitivities_the_first_counts() -> None:
    record = read_record(Header(io.BytesIO(entry(3, 2, struct.pack("<HH", 200, 0), tag=0x8827))))
    assert record["exposure"] == {"iso": 200}


def test_a_byte_that_tells_the_sign_of_a_height_may_be_undefined() -> None:
    record = read_record(Header(io.BytesIO(tiff({0x8825: {5: b"\x01", 6: ((12, 1),)}}))))
    assert record["gps"] == {"altitude_m": -12.0}
