"""Dates of every form, dates that are known in part, and what contradicts what."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metadata import times
from metadata.bounded import Header
from metadata.filenames import date_in
from metadata.record import Asked, build_record, read_record
from metadata.values import wall_clock
from metadata_files import exif_segment, iptc, jpeg, photoshop_segment, tiff, xmp


def read(data: bytes, **asked: Any) -> dict[str, Any]:
    return dict(read_record(Header(io.BytesIO(data)), Asked(**asked)))


def taken(tags: dict[str, Any], filename: str = "") -> tuple[Any, ...]:
    record = build_record(tags, [], Asked(filename))
    return tuple(record.get(name) for name in ("taken_at", "taken_at_precision", "taken_at_source"))


@pytest.mark.parametrize(
    ("written", "taken_at", "precision"),
    [
        ("1985-11-25", "1985-11-25T00:00:00", "day"),
        ("1985-11", "1985-11-01T00:00:00", "month"),
        ("1985", "1985-01-01T00:00:00", "year"),
        ("1985-11-25T10:11", "1985-11-25T10:11:00", None),
        ("1985-11-25Z", "1985-11-25T00:00:00", "day"),
        ("1985-11-25+02:00", "1985-11-25T00:00:00", "day"),
        ("1985:11:25", "1985-11-25T00:00:00", "day"),
        ("1985:11:25   :  :  ", "1985-11-25T00:00:00", "day"),
        ("1985:11:  ", "1985-11-01T00:00:00", "month"),
        ("1985:00:00 00:00:00", "1985-01-01T00:00:00", "year"),
        ("1985:11:00 00:00:00", "1985-11-01T00:00:00", "month"),
        ("19851125", "1985-11-25T00:00:00", "day"),
        ("19851125T101112+0200", "1985-11-25T10:11:12", None),
        ("1985:11:25:10:11:12", "1985-11-25T10:11:12", None),
        ("1970", "1970-01-01T00:00:00", "year"),
    ],
)
@pytest.mark.parametrize(
    "name", ["XMP photoshop:DateCreated", "Sidecar xmp:CreateDate", "EXIF DateTimeOriginal"]
)
def test_a_date_is_as_exact_as_it_says(name: str, written: str, taken_at: str, precision: str | None) -> None:
    record = build_record({name: written}, [])
    assert (record["taken_at"], record.get("taken_at_precision")) == (taken_at, precision)
    assert ("taken_at_precision" in record["sources"]) == (precision is not None)
    if precision:
        assert "offset" not in record and "instant" not in record


@pytest.mark.parametrize(
    ("day", "time", "taken_at", "precision"),
    [
        ("19850603", None, "1985-06-03T00:00:00", "day"),
        ("19850600", None, "1985-06-01T00:00:00", "month"),
        ("19850000", None, "1985-01-01T00:00:00", "year"),
        ("1985-06-03", None, "1985-06-03T00:00:00", "day"),
        ("1985:06:03", "10:11:12", "1985-06-03T10:11:12", None),
        ("19850603", "101112+0200", "1985-06-03T10:11:12", None),
        ("19850603", "noon", "1985-06-03T00:00:00", "day"),
        ("1985-06-03T10:11:12", None, "1985-06-03T00:00:00", "day"),  # its time has a field of its own
    ],
)
def test_a_date_of_iptc_needs_no_time(
    day: str, time: str | None, taken_at: str, precision: str | None
) -> None:
    datasets = [(2, 55, day.encode()), *([(2, 60, time.encode())] if time else [])]
    record = read(jpeg(photoshop_segment(iptc(*datasets))))
    assert (record["taken_at"], record.get("taken_at_precision")) == (taken_at, precision)
    assert record["taken_at_source"] == "IPTC DateCreated"


def test_a_day_beats_the_scanners_second() -> None:
    scan = {
        "XMP xmp:CreateDate": "2010-04-21T16:50:46-05:00",
        "EXIF DateTimeDigitized": "2010:04:21 16:50:46",
    }
    for day in ("1985-11-25", "1985-11", "1985"):
        assert taken(scan | {"XMP photoshop:DateCreated": day})[1:] == (
            {4: "year", 7: "month", 10: "day"}[len(day)],
            "XMP photoshop:DateCreated",
        )


@pytest.mark.parametrize("day", ["2024-05-03", "2024-05", "2024"])
def test_a_second_of_the_very_day_is_more_of_the_same(day: str) -> None:
    digitized = {"EXIF DateTimeDigitized": "2024:05:03 10:11:12"}
    assert taken(digitized | {"XMP photoshop:DateCreated": day}) == (
        "2024-05-03T10:11:12",
        None,
        "EXIF DateTimeDigitized",
    )


@pytest.mark.parametrize(
    ("said", "later"),
    [
        ("1985", "1986:11:25"),
        ("1985-11", "1985:12:25"),
        ("1985-11", "1985:10:25"),
        ("1985-11-25", "1985:11:26"),
    ],
)
def test_a_neighbouring_day_is_another(said: str, later: str) -> None:
    tags = {"XMP photoshop:DateCreated": said, "EXIF DateTimeDigitized": f"{later} 10:11:12"}
    assert taken(tags)[2] == "XMP photoshop:DateCreated"


def test_a_date_of_a_png_is_read_as_mail_has_it_or_as_iso_8601() -> None:
    for written in (
        "Fri, 03 May 2024 10:11:12 +0200",
        "03 May 2024 10:11:12 +0200",
        "2024-05-03T10:11:12+02:00",
    ):
        record = build_record({"PNG Creation Time": written}, [])
        assert (record["taken_at"], record["instant"]) == ("2024-05-03T10:11:12", "2024-05-03T08:11:12Z")


def test_a_day_is_no_more_of_the_same_day() -> None:
    tags = {
        "XMP photoshop:DateCreated": "2024-05-03",
        "XMP xmp:CreateDate": "2024-05-03",
        "EXIF DateTime": "2024",
    }
    assert taken(tags) == ("2024-05-03T00:00:00", "day", "XMP photoshop:DateCreated")


SIDECAR_DATES = ("exif:DateTimeOriginal", "photoshop:DateCreated", "exif:DateTimeDigitized", "xmp:CreateDate")


@pytest.mark.parametrize("name", SIDECAR_DATES)
def test_each_date_of_a_sidecar_outranks_the_file(name: str) -> None:
    photo = jpeg(exif_segment(tiff({0x8769: {0x9003: "2003:01:01 00:00:00"}})))
    record = read(photo, sidecar=xmp(f'{name}="1985-06-03T10:11:12"'))
    assert (record["taken_at"], record["taken_at_source"]) == ("1985-06-03T10:11:12", f"Sidecar {name}")


ALASKA: dict[str, Any] = {
    "GPS GPSLatitude": (61.2, 0.0, 0.0),
    "GPS GPSLatitudeRef": "N",
    "GPS GPSLongitude": (149.9, 0.0, 0.0),
    "GPS GPSLongitudeRef": "W",
}


@pytest.mark.parametrize("zone", ["Z", "+00:00", "-00:00"])
@pytest.mark.parametrize(
    "name", ["Sidecar exif:DateTimeOriginal", "XMP photoshop:DateCreated", "XMP xmp:CreateDate"]
)
def test_utc_at_a_known_zone_is_an_instant(name: str, zone: str) -> None:
    record = build_record(ALASKA | {name: f"2019-07-22T07:06:38{zone}"}, [])
    assert record["taken_at"] == "2019-07-21T23:06:38"
    assert (record["offset"], record["instant"]) == ("-08:00", "2019-07-22T07:06:38Z")


def test_utc_is_a_wall_clock_where_no_zone_is_known() -> None:
    record = build_record({"XMP photoshop:DateCreated": "2019-07-22T07:06:38Z"}, [])
    assert (record["taken_at"], record["instant"]) == ("2019-07-22T07:06:38", "2019-07-22T07:06:38Z")


def test_a_cameras_clock_is_what_it_showed() -> None:
    exif = {"EXIF DateTimeOriginal": "2019:07:22 07:06:38", "EXIF OffsetTimeOriginal": "+00:00"}
    record = build_record(ALASKA | exif, [])
    assert (record["taken_at"], record["offset"]) == ("2019-07-22T07:06:38", "+00:00")
    assert record["offset_certainty"] == "probable", "the time zone says otherwise"


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1880-01-01T12:00:00Z"])
def test_an_instant_that_has_no_wall_clock_stays_as_it_is(moment: str) -> None:
    tokyo = ALASKA | {"GPS GPSLatitude": (35.0, 0.0, 0.0), "GPS GPSLongitude": (139.0, 0.0, 0.0)}
    for position in (ALASKA, tokyo | {"GPS GPSLongitudeRef": "E"}):
        assert build_record(position | {"XMP xmp:CreateDate": moment}, [])["taken_at"][:4] in (
            moment[:4],
            "1879",
        )


@pytest.mark.parametrize(
    ("written", "taken_at"),
    [
        ("2015:08:22 24:08:19", "2015-08-22T00:08:19"),
        ("2015:08:22 24:00:00", "2015-08-22T00:00:00"),
        ("2015-08-22T24:08:19", "2015-08-22T00:08:19"),
        ("2015-08-22T24:00:00", "2015-08-23T00:00:00"),
        ("2015-12-31T24:00", "2016-01-01T00:00:00"),
        ("2024:05:03 08:10:11 PM", "2024-05-03T20:10:11"),
        ("2024:05:03 08:10:11 AM", "2024-05-03T08:10:11"),
        ("2024:05:03 12:10:11 AM", "2024-05-03T00:10:11"),
        ("2024:05:03 12:10:11 p.m.", "2024-05-03T12:10:11"),
        ("2024:05:03 1:10:11PM", "2024-05-03T13:10:11"),
        ("2024:05:03 20:10:11 PM", "2024-05-03T20:10:11"),
        ("2024:05:03 00:10:11 PM", "2024-05-03T00:10:11"),
        ("2016:12:31 23:59:60", "2016-12-31T23:59:59"),
    ],
)
def test_odd_hours_are_read(written: str, taken_at: str) -> None:
    assert taken({"EXIF DateTimeOriginal": written})[:2] == (taken_at, None)


@pytest.mark.parametrize(
    "written",
    [
        "98",
        "98:04",
        "2024:05:03 noon",
        "2024:13:01",
        "2024:02:30",
        "2024:05:03 10",
        "next May",
        "9999-12-31T24:00:00",
    ],
)
def test_what_is_no_date_is_refused(written: str) -> None:
    record = build_record({"EXIF DateTimeOriginal": written}, [])
    assert list(record) == ["warnings"]


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(9999, 12, 30)))
def test_every_date_is_read_in_every_form(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    for form in ("%Y:%m:%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y%m%dT%H%M%S", "%Y/%m/%d %H:%M:%S"):
        year = f"{moment.year:04}"
        clock = wall_clock(moment.strftime(form.replace("%Y", year)))
        assert clock is not None and (clock.moment, clock.precision) == (moment, "second")


@given(st.text("0123456789:-/.TZ +APM", max_size=30))
def test_no_text_breaks_a_date(written: str) -> None:
    for name in ("EXIF DateTimeOriginal", "IPTC DateCreated", "PNG Creation Time", "XMP exif:GPSTimeStamp"):
        build_record({name: written}, [])


@pytest.mark.parametrize(
    ("filename", "taken_at", "precision"),
    [
        ("IMG-20190722-WA0001.jpg", "2019-07-22T00:00:00", "day"),
        ("WhatsApp Image 2024-05-03 at 10.11.12.jpeg", "2024-05-03T10:11:12", None),
        ("WhatsApp Image 2024-05-03 at 1.11.12 PM.jpeg", "2024-05-03T13:11:12", None),
        ("signal-2019-07-22-123045.jpeg", "2019-07-22T12:30:45", None),
        ("signal-2019-07-22-12-30-45-123.jpg", "2019-07-22T12:30:45", None),
        ("Screenshot_20240503-101112.png", "2024-05-03T10:11:12", None),
        ("Screenshot_20240503_101112_One UI Home.jpg", "2024-05-03T10:11:12", None),
        ("Screenshot_2024-05-03-10-11-12-123_com.app.png", "2024-05-03T10:11:12", None),
        ("Screen Shot 2019-01-01 at 10.00.00.png", "2019-01-01T10:00:00", None),
        ("Screenshot 2024-05-03 at 1.11.12\u202fPM.png", "2024-05-03T13:11:12", None),
        ("Screenshot 2024-05-03 101112.png", "2024-05-03T10:11:12", None),
        ("Bildschirmfoto 2024-05-03 um 10.11.12.png", "2024-05-03T10:11:12", None),
        ("PXL_20230607_124555123.jpg", "2023-06-07T12:45:55", None),
        ("20240503_101112.jpg", "2024-05-03T10:11:12", None),
        ("20240503_101112(0).jpg", "2024-05-03T10:11:12", None),
        ("IMG_20240503_101112.jpg", "2024-05-03T10:11:12", None),
        ("IMG20240503101112.jpg", "2024-05-03T10:11:12", None),
        ("MVIMG_20190101_101112.jpg", "2019-01-01T10:11:12", None),
        ("WP_20140503_10_11_12_Pro.jpg", "2014-05-03T10:11:12", None),
        ("photo_2024-05-03_10-11-12.jpg", "2024-05-03T10:11:12", None),
        ("2024-05-03 10.11.12.jpg", "2024-05-03T10:11:12", None),
        ("2024-05-03 beach.jpg", "2024-05-03T00:00:00", "day"),
        ("IMG_0001.jpg", None, None),
        ("DSC20240.jpg", None, None),
        ("1920x1080.jpg", None, None),
        ("20241303_101112.jpg", None, None),
        ("20240503_256112.jpg", None, None),
        ("2024050310111299.jpg", None, None),
        ("920240503_101112.jpg", None, None),
        ("18000503_101112.jpg", None, None),
        ("20990503_101112.jpg", None, None),
        ("invoice 20240503.jpg", None, None),
        ("0049 30 2024-0503 1234.jpg", None, None),
        ("20240503-7.jpg", None, None),
    ],
)
def test_a_name_is_the_last_resort(filename: str, taken_at: str | None, precision: str | None) -> None:
    source = "file name" if taken_at else None
    assert taken({}, filename) == (taken_at, precision, source)
    assert taken({"EXIF DateTime": "2001:01:02 03:04:05"}, filename)[2] == "EXIF DateTime"


def test_a_pixel_names_its_files_by_utc() -> None:
    record = build_record(ALASKA, [], Asked("PXL_20190722_070638123.jpg"))
    assert (record["taken_at"], record["instant"]) == ("2019-07-21T23:06:38", "2019-07-22T07:06:38Z")
    assert (record["offset"], record["taken_at_source"]) == ("-08:00", "file name")
    alone = build_record({}, [], Asked("PXL_20190722_070638123.jpg"))
    assert (alone["offset"], alone["instant"]) == ("+00:00", "2019-07-22T07:06:38Z")
    samsung = build_record(ALASKA, [], Asked("20190722_070638.jpg"))
    assert (samsung["taken_at"], samsung["offset"]) == ("2019-07-22T07:06:38", "-08:00")


def test_the_satellites_know_more_than_a_name() -> None:
    fix = {"GPS GPSDate": "2019:07:22", "GPS GPSTimeStamp": (7, 6, 38)}
    assert taken(ALASKA | fix, "IMG-20190101-WA0001.jpg")[2] == "GPS GPSTimeStamp"
    assert taken(fix, "IMG-20190101-WA0001.jpg")[2] == "file name"


@given(st.text(max_size=60))
def test_no_name_breaks_a_date(filename: str) -> None:
    date_in(filename)


NEW_YORK: dict[str, Any] = ALASKA | {
    "GPS GPSLatitude": (40.71, 0.0, 0.0),
    "GPS GPSLongitude": (74.0, 0.0, 0.0),
}


def fix(at: datetime) -> dict[str, Any]:
    return {"GPS GPSDate": f"{at:%Y:%m:%d}", "GPS GPSTimeStamp": (at.hour, at.minute, at.second)}


NOON = datetime(2024, 7, 4, 12)


def offset(tags: dict[str, Any]) -> tuple[Any, ...]:
    record = build_record({"EXIF DateTimeOriginal": f"{NOON:%Y:%m:%d %H:%M:%S}"} | tags, [])
    return tuple(record.get(name) for name in ("offset", "offset_source", "offset_certainty"))


STATED = "EXIF OffsetTimeOriginal"


@pytest.mark.parametrize(
    ("stated", "position", "fix_at", "expected"),
    [
        # nothing contradicts
        ("-04:00", {}, None, ("-04:00", STATED, "certain")),
        ("-04:00", NEW_YORK, None, ("-04:00", STATED, "certain")),
        ("-04:00", NEW_YORK, NOON + timedelta(hours=4), ("-04:00", STATED, "certain")),
        ("-04:00", {}, NOON + timedelta(hours=4, minutes=5), ("-04:00", STATED, "certain")),
        ("-04:00", {}, NOON + timedelta(hours=3, minutes=20), ("-04:00", STATED, "certain")),  # an old fix
        ("+02:00", NEW_YORK, NOON - timedelta(hours=2), ("+02:00", STATED, "certain")),  # a clock from home
        # the zone, or the satellites, or a fix of sixteen hours ago contradict
        ("-05:00", NEW_YORK, None, ("-05:00", STATED, "probable")),
        ("-04:00", {}, NOON - timedelta(hours=12), ("-04:00", STATED, "probable")),
        ("-04:00", {}, NOON + timedelta(hours=3), ("-04:00", STATED, "probable")),
        ("-04:00", {}, NOON + timedelta(hours=4, minutes=6), ("-04:00", STATED, "probable")),
        ("-04:00", NEW_YORK, NOON - timedelta(hours=12, minutes=7), ("-04:00", STATED, "probable")),
        # a desk's zone does not beat satellites and position that agree, exactly or with an old fix
        ("+01:00", NEW_YORK, NOON + timedelta(hours=4), ("-04:00", "GPS GPSTimeStamp", "probable")),
        ("-05:00", NEW_YORK, NOON + timedelta(hours=3, minutes=54), ("-04:00", "time zone", "probable")),
        # but it beats satellites that disagree with the position
        ("+01:00", NEW_YORK, NOON + timedelta(hours=2), ("+01:00", STATED, "probable")),
        # without a statement
        (None, NEW_YORK, NOON + timedelta(hours=4), ("-04:00", "GPS GPSTimeStamp", "certain")),
        (None, NEW_YORK, NOON + timedelta(hours=4, minutes=5), ("-04:00", "GPS GPSTimeStamp", "certain")),
        (None, NEW_YORK, NOON + timedelta(hours=4, minutes=6), ("-04:00", "time zone", "probable")),
        (
            None,
            NEW_YORK,
            NOON + timedelta(hours=3, minutes=33),
            ("-04:00", "time zone", "probable"),
        ),  # not -03:30
        (None, NEW_YORK, NOON + timedelta(hours=3), ("-03:00", "GPS GPSTimeStamp", "probable")),
        (None, NEW_YORK, NOON + timedelta(hours=3, minutes=4), ("-03:00", "GPS GPSTimeStamp", "probable")),
        (None, {}, NOON + timedelta(hours=3, minutes=33), ("-03:30", "GPS GPSTimeStamp", "probable")),
        (None, {}, NOON + timedelta(hours=3, minutes=37), (None, None, None)),
    ],
)
def test_certain_is_what_nothing_contradicts(
    stated: str | None, position: dict[str, Any], fix_at: datetime | None, expected: tuple[Any, ...]
) -> None:
    tags = dict(position)
    if stated:
        tags[STATED] = stated
    if fix_at:
        tags |= fix(fix_at)
    assert offset(tags) == expected


KIRITIMATI: dict[str, Any] = ALASKA | {
    "GPS GPSLatitude": (1.87, 0.0, 0.0),
    "GPS GPSLongitude": (157.4, 0.0, 0.0),
}
SINGAPORE: dict[str, Any] = NEW_YORK | {
    "GPS GPSLatitude": (1.35, 0.0, 0.0),
    "GPS GPSLongitude": (103.85, 0.0, 0.0),
    "GPS GPSLongitudeRef": "E",
}


@pytest.mark.parametrize(
    ("position", "noon", "ahead", "explained"),
    [
        (KIRITIMATI, NOON, timedelta(hours=14, minutes=59), True),  # no offset is beyond +14:00
        (KIRITIMATI, NOON, timedelta(hours=15), False),
        (
            SINGAPORE,
            datetime(1981, 7, 4, 12),
            timedelta(hours=7, minutes=25),
            True,
        ),  # +07:30 then, no more since
        (SINGAPORE, datetime(1981, 7, 4, 12), timedelta(hours=7, minutes=24), False),
    ],
)
def test_a_fix_explains_less_than_an_hour_or_a_clock_five_minutes_off(
    position: dict[str, Any], noon: datetime, ahead: timedelta, explained: bool
) -> None:
    tags = {"EXIF DateTimeOriginal": f"{noon:%Y:%m:%d %H:%M:%S}"} | fix(noon - ahead)
    record = build_record(tags | position, [])
    assert record["offset_source"] == "time zone"
    assert ("warnings" not in record) == explained
    stated = {STATED: "+14:00" if position is KIRITIMATI else "+07:30"}
    assert build_record(tags | stated, [])["offset_certainty"] == ("certain" if explained else "probable")


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (timedelta(minutes=37), "the wall clock is 0:37:00 ahead of it"),
        (timedelta(minutes=-37), "the wall clock is 0:37:00 behind it"),
        (timedelta(hours=16), "the wall clock is 16:00:00 ahead of it"),
    ],
)
def test_satellites_that_no_offset_explains_are_told(ahead: timedelta, said: str) -> None:
    record = build_record({"EXIF DateTimeOriginal": f"{NOON:%Y:%m:%d %H:%M:%S}"} | fix(NOON - ahead), [])
    assert record["warnings"] == [f"GPS time gives no offset: {said}."]


@pytest.mark.parametrize(
    ("hours", "expected"), [(14, "+14:00"), (15, None), (-12, "-12:00"), (-13, None), (0, "+00:00")]
)
def test_an_offset_of_tiff_ep_is_one_that_zones_have(hours: int, expected: str | None) -> None:
    assert offset({"EXIF TimeZoneOffset": hours})[0] == expected


def test_an_hour_that_clocks_showed_twice_contradicts_neither_offset() -> None:
    tags = NEW_YORK | {"EXIF DateTimeOriginal": "2024:11:03 01:30:00"}
    for stated in ("-04:00", "-05:00"):
        assert build_record(tags | {STATED: stated}, [])["offset_certainty"] == "certain"


def test_the_high_seas_contradict_no_offset() -> None:
    atlantic = NEW_YORK | {"GPS GPSLatitude": (30.0, 0.0, 0.0), "GPS GPSLongitude": (40.0, 0.0, 0.0)}
    assert offset(atlantic | {STATED: "+02:00"}) == ("+02:00", STATED, "certain")


@pytest.mark.parametrize(
    ("day", "time", "at"),
    [
        ("2024:05:03 08:11:12", (8, 11, 12), "2024-05-03T08:11:12Z"),
        ("2024:05:03\x00", (8, 11, 12.9), "2024-05-03T08:11:12Z"),
        ("2024:05:03", (8, 11, None), "2024-05-03T08:11:00Z"),
        ("2024-05-03", (8, 11, 12), "2024-05-03T08:11:12Z"),
        ("2024:05:03", (None, 11, 12), None),
        ("1899:12:30", (1, 0, 14), None),
        ("1980:01:05", (23, 59, 59), None),
        ("1980:01:06", (0, 0, 0), "1980-01-06T00:00:00Z"),
        ("0000:00:00", (1, 0, 14), None),
    ],
)
def test_the_satellites_time_is_read_or_refused(day: str, time: tuple[Any, ...], at: str | None) -> None:
    record = build_record({"GPS GPSDate": day, "GPS GPSTimeStamp": time}, [])
    assert record.get("gps", {}).get("at") == at
    assert (at is None) == ("warnings" in record)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("+2:00", "+02:00"),
        ("+02", "+02:00"),
        ("-7", "-07:00"),
        ("+0530", "+05:30"),
        ("Z", "+00:00"),
        ("UTC", "+00:00"),
    ],
)
def test_an_offset_in_another_form_is_read(written: str, expected: str) -> None:
    assert offset({STATED: written})[0] == expected


def test_the_offsets_in_use_are_those_of_the_tz_database() -> None:
    moments = [
        datetime(year, month, day, tzinfo=UTC)
        for year in range(2000, 2027)
        for month in range(1, 13)
        for day in (1, 16)
    ]
    used = {
        moment.astimezone(ZoneInfo(name)).utcoffset()
        for name in available_timezones()
        if not name.startswith("Etc/")
        for moment in moments
    }
    quarters = {int(each.total_seconds() // 60) for each in used if each is not None}
    assert {each for each in quarters if each % 60} == {each for each in times.QUARTERS_IN_USE if each % 60}
    assert {each for each in times.QUARTERS_IN_USE if not each % 60} == set(range(-720, 841, 60))
