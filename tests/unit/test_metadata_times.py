"""The wall clock, the instant, and the three witnesses of how far they are apart."""

from typing import Any

import pytest

from metadata.record import build_record

NOON = "2024:07:04 12:00:00"


def degrees(value: float) -> tuple[float, float, float]:
    return (abs(value), 0.0, 0.0)


def at(latitude: float, longitude: float) -> dict[str, Any]:
    """The tags of a position."""
    return {
        "GPS GPSLatitude": degrees(latitude),
        "GPS GPSLatitudeRef": "N" if latitude >= 0 else "S",
        "GPS GPSLongitude": degrees(longitude),
        "GPS GPSLongitudeRef": "E" if longitude >= 0 else "W",
    }


def satellites(day: str, *time: float) -> dict[str, Any]:
    return {"GPS GPSDate": day, "GPS GPSTimeStamp": time}


PARIS, KATHMANDU, DENVER, SYDNEY = at(48.85, 2.35), at(27.7, 85.3), at(39.7, -105.0), at(-33.87, 151.2)
ATLANTIC = at(30.0, -40.0)


def when(tags: dict[str, Any]) -> tuple[Any, ...]:
    record = build_record(tags, [])
    return tuple(record.get(name) for name in ("offset", "offset_source", "offset_certainty", "instant"))


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (  # a stated offset comes first, and the satellites may confirm it
            PARIS | {"EXIF OffsetTimeOriginal": "-06:00"} | satellites("2024:07:04", 18, 0, 9),
            ("-06:00", "EXIF OffsetTimeOriginal", "certain", "2024-07-04T18:00:00Z"),
        ),
        (  # or contradict it
            {"EXIF OffsetTimeOriginal": "+02:00"} | satellites("2024:07:04", 11, 0, 0),
            ("+02:00", "EXIF OffsetTimeOriginal", "probable", "2024-07-04T10:00:00Z"),
        ),
        (
            {"EXIF TimeZoneOffset": (-7, 0)},
            ("-07:00", "EXIF TimeZoneOffset", "certain", "2024-07-04T19:00:00Z"),
        ),
        (  # the same second written elsewhere is the same moment
            {"XMP exif:DateTimeOriginal": "2024-07-04T12:00:00.5+05:45"},
            ("+05:45", "XMP exif:DateTimeOriginal", "certain", "2024-07-04T06:15:00Z"),
        ),
        (
            {"EXIF DateTime": NOON, "EXIF OffsetTime": "+09:00"},
            ("+09:00", "EXIF OffsetTime", "certain", "2024-07-04T03:00:00Z"),
        ),
        (  # another second is the desk of the editor
            {"EXIF DateTime": "2024:08:01 09:00:00", "EXIF OffsetTime": "+09:00"},
            (None, None, None, None),
        ),
        (
            {"IPTC DateCreated": "20240704", "IPTC TimeCreated": "120000+0200"},
            ("+02:00", "IPTC DateCreated", "certain", "2024-07-04T10:00:00Z"),
        ),
        (  # IPTC demands an offset, so that zero is a filler
            {"IPTC DateCreated": "20240704", "IPTC TimeCreated": "120000+0000"},
            (None, None, None, None),
        ),
        (  # then the satellites, which the zone may confirm
            KATHMANDU | satellites("2024:07:04", 6, 14, 20),
            ("+05:45", "GPS GPSTimeStamp", "certain", "2024-07-04T06:15:00Z"),
        ),
        (  # a clock left at home is no less right about the instant
            DENVER | satellites("2024:07:04", 10, 0, 0),
            ("+02:00", "GPS GPSTimeStamp", "probable", "2024-07-04T10:00:00Z"),
        ),
        (
            {"XMP exif:GPSTimeStamp": "2024-07-04T02:00:11Z"},
            ("+10:00", "XMP exif:GPSTimeStamp", "probable", "2024-07-04T02:00:00Z"),
        ),
        (  # an offset that no clock is set to is none
            satellites("2024:07:04", 10, 45, 0),
            (None, None, None, None),
        ),
        (  # seven minutes off any quarter hour: an old fix
            PARIS | satellites("2024:07:04", 9, 53, 0),
            ("+02:00", "time zone", "probable", "2024-07-04T10:00:00Z"),
        ),
        (  # a day off
            PARIS | satellites("2024:07:05", 10, 0, 0),
            ("+02:00", "time zone", "probable", "2024-07-04T10:00:00Z"),
        ),
        (  # a time of day without its day says nothing
            SYDNEY | {"GPS GPSTimeStamp": (6.0, 0.0, 0.0)},
            ("+10:00", "time zone", "probable", "2024-07-04T02:00:00Z"),
        ),
        (ATLANTIC, ("-03:00", "time zone", "doubtful", "2024-07-04T15:00:00Z")),
        ({}, (None, None, None, None)),
    ],
)
def test_the_offset_comes_from_the_best_witness(tags: dict[str, Any], expected: tuple[Any, ...]) -> None:
    assert when({"EXIF DateTimeOriginal": NOON} | tags) == expected


@pytest.mark.parametrize(
    ("moment", "certainty", "instant"),
    [
        ("2024:10:27 01:59:59", "probable", "2024-10-26T23:59:59Z"),
        ("2024:10:27 02:30:00", "doubtful", "2024-10-27T00:30:00Z"),  # shown twice
        ("2024:10:27 03:00:00", "probable", "2024-10-27T02:00:00Z"),
        ("2024:03:31 02:30:00", "doubtful", "2024-03-31T01:30:00Z"),  # never shown
    ],
)
def test_an_hour_that_clocks_show_twice_or_never_is_doubtful(
    moment: str, certainty: str, instant: str
) -> None:
    assert when(PARIS | {"EXIF DateTimeOriginal": moment})[2:] == (certainty, instant)


def test_the_new_year_of_sydney_is_not_londons() -> None:
    midnight = {"EXIF DateTimeOriginal": "2019:01:01 00:15:00"}
    assert when(SYDNEY | midnight)[3] == "2018-12-31T13:15:00Z"
    assert when(at(51.5, -0.12) | midnight)[3] == "2019-01-01T00:15:00Z"


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("1955:06:01 12:00:00", "1955-06-01T11:00:00Z"),  # a scanned slide
        ("1880:06:01 12:00:00", None),  # Paris was 9 minutes and 21 seconds ahead
        ("0001:01:01 00:00:00", None),
    ],
)
def test_a_date_before_1970_is_a_date(moment: str, expected: str | None) -> None:
    record = build_record(PARIS | {"EXIF DateTimeOriginal": moment}, [])
    assert record["taken_at"] == moment.replace(":", "-", 2).replace(" ", "T")
    assert record.get("instant") == expected


@pytest.mark.parametrize(
    ("written", "taken_at"),
    [
        ("98:04:23 08:00:47", "1998-04-23T08:00:47"),
        ("68:04:23 08:00:47", "2068-04-23T08:00:47"),
        ("2004: 1: 9  8: 0: 7", "2004-01-09T08:00:07"),
        ("2004/01/09 08:00:07", "2004-01-09T08:00:07"),
        ("2004-01-09T08:00", "2004-01-09T08:00:00"),
    ],
)
def test_odd_dates_are_read_where_they_have_one_meaning(written: str, taken_at: str) -> None:
    assert build_record({"EXIF DateTimeOriginal": written}, [])["taken_at"] == taken_at


def test_without_a_date_the_satellites_know_when_and_the_zone_what_the_clocks_showed() -> None:
    record = build_record(SYDNEY | satellites("2024:01:01", 13, 30, 0), [])
    assert record["taken_at"] == "2024-01-02T00:30:00"
    assert record["taken_at_source"] == "GPS GPSTimeStamp"
    assert (record["offset"], record["instant"]) == ("+11:00", "2024-01-01T13:30:00Z")
    assert "taken_at" not in build_record(satellites("2024:01:01", 13, 30, 0), [])


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("EXIF SubSecTimeOriginal", "054", "054"),
        ("EXIF SubSecTimeOriginal", 54, "54"),
        ("EXIF SubSecTimeOriginal", "-1", None),
        ("EXIF SubSecTimeOriginal", "  ", None),
    ],
)
def test_fractions_of_a_second_are_kept(name: str, value: Any, expected: str | None) -> None:
    assert build_record({"EXIF DateTimeOriginal": NOON, name: value}, []).get("subseconds") == expected


def test_a_fraction_in_xmp_is_kept() -> None:
    record = build_record({"XMP photoshop:DateCreated": "2024-07-04T12:00:00.691465+02:00"}, [])
    assert (record["subseconds"], record["offset"]) == ("691465", "+02:00")
