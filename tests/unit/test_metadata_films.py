"""What films say of themselves: when, where and with what they were taken."""

import io
import struct
from typing import Any

import pytest

from film_files import camcorder, film
from metadata.bounded import Header
from metadata.record import Asked, read_record
from metadata_files import box

KEYS = {"movflags": "use_metadata_tags"}
PARIS = "+48.8577+002.2950+035.0/"
UTC = "2024-05-03T08:11:12.000000Z"


def said(data: bytes, filename: str = "a film") -> Any:
    return read_record(Header(io.BytesIO(data)), Asked(filename))


def iphone(options: dict[str, str] = KEYS) -> bytes:
    keys = {
        "com.apple.quicktime.creationdate": "2024-05-03T10:11:12+0200",
        "com.apple.quicktime.location.ISO6709": PARIS,
        "com.apple.quicktime.make": "Apple",
        "com.apple.quicktime.model": "iPhone 15",
        "com.apple.quicktime.software": "17.4.1",
        "com.apple.quicktime.content.identifier": "0C2B6D3E-77F1-4C4B-9B0E-3F2A8D1E5A11",
        "creation_time": UTC,
    }
    return film("mov", metadata=keys, options=options)


@pytest.mark.parametrize("options", [KEYS, {"movflags": "use_metadata_tags+faststart"}])
def test_an_iphone_says_its_clock_and_its_offset(options: dict[str, str]) -> None:
    record = said(iphone(options))
    assert record["taken_at"] == "2024-05-03T10:11:12"
    assert (record["offset"], record["instant"]) == ("+02:00", "2024-05-03T08:11:12Z")
    assert record["sources"]["taken_at"] == "QuickTime CreationDate"
    assert record["offset_certainty"] == "certain", "the time zone at the position agrees"
    assert record["gps"] == {"latitude": 48.8577, "longitude": 2.295, "altitude_m": 35.0}
    assert record["place"]["locality"] == "Paris"
    assert record["camera"] == {"make": "Apple", "model": "iPhone 15"}
    assert record["software"] == "17.4.1"
    assert record["live_photo_id"] == "0C2B6D3E-77F1-4C4B-9B0E-3F2A8D1E5A11"


def test_the_header_of_a_film_is_an_instant_and_told_as_clocks_there_showed_it() -> None:
    record = said(film(metadata={"creation_time": UTC, "location": PARIS}))
    assert (record["taken_at"], record["offset"]) == ("2024-05-03T10:11:12", "+02:00")
    assert record["instant"] == "2024-05-03T08:11:12Z"
    assert record["sources"]["gps.latitude"] == "QuickTime GPSLatitude"


@pytest.mark.parametrize(
    ("name", "taken_at", "offset", "source"),
    [
        ("VID_20240503_101112.mp4", "2024-05-03T10:11:12", "+02:00", "file name"),
        ("20240503_134108.mp4", "2024-05-03T13:41:08", "+05:30", "file name"),
        ("PXL_20240503_081112345.mp4", "2024-05-03T08:11:12", "+00:00", "file name"),
        ("VID_20190101_000000.mp4", "2024-05-03T08:11:12", "+00:00", "QuickTime CreateDate"),
        ("a film", "2024-05-03T08:11:12", "+00:00", "QuickTime CreateDate"),
    ],
    ids=["summer time", "India", "Google counts in UTC", "another day", "nothing else is known"],
)
def test_where_no_place_is_known_the_files_name_has_the_clock(
    name: str, taken_at: str, offset: str, source: str
) -> None:
    record = said(film(metadata={"creation_time": UTC}), name)
    assert (record["taken_at"], record["offset"], record["taken_at_source"]) == (taken_at, offset, source)


def test_android_counts_when_a_recording_ends() -> None:
    metadata = {"com.android.version": "14", "com.android.manufacturer": "Google", "creation_time": UTC}
    record = said(film(rate=1, frames=30, metadata=metadata, options=KEYS))
    assert record["instant"] == "2024-05-03T08:10:42Z"
    assert record["camera"] == {"make": "Google"}


def with_user_data(*items: bytes) -> bytes:
    """A film whose index, which is its end, has such user data."""
    data = film(metadata={"creation_time": UTC})
    at, added = data.index(b"moov") - 4, box(b"udta", *items)
    return data[:at] + struct.pack(">I", len(data) - at + len(added)) + data[at + 4 :] + added


def test_a_gopro_has_no_time_zone_and_writes_its_own_clock() -> None:
    model = b"DEVC\x00\x01\x00\x14MINFc\x0c\x00\x01HERO11 Black"
    record = said(with_user_data(box(b"FIRM", b"H22.01.02.01.00"), box(b"GPMF", model)))
    assert record["taken_at"] == "2024-05-03T08:11:12"
    assert not record.keys() & {"offset", "instant"}
    assert record["camera"] == {"make": "GoPro", "model": "HERO11 Black"}


def test_canons_and_others_clocks_are_local_too() -> None:
    for mark in (b"CNTH", b"NCDT", b"PANA", b"OLYM", b"PENT", b"MVTG", b"TAGS"):
        assert "instant" not in said(with_user_data(box(mark, bytes(32))))


@pytest.mark.parametrize(
    ("text", "latitude", "longitude"),
    [
        ("+48.8577+002.2950/", 48.8577, 2.295),
        ("+4851.462+00217.700+35/", 48.8577, 2.2950),
        ("+485127.72+0021742.0/", 48.8577, 2.295),
        ("-33.8568+151.2153+015.000/", -33.8568, 151.2153),
        ("+37.3318-122.0312+40CRSWGS_84/", 37.3318, -122.0312),
    ],
    ids=["degrees", "minutes", "seconds", "south", "west, with its datum"],
)
def test_a_place_is_written_in_four_ways(text: str, latitude: float, longitude: float) -> None:
    place = struct.pack(">HH", len(text), 0x15C7) + text.encode()
    gps = said(with_user_data(box(b"\xa9xyz", place)))["gps"]
    assert (gps["latitude"], gps["longitude"]) == pytest.approx((latitude, longitude), abs=1e-5)


def test_a_receiver_without_a_fix_is_no_place() -> None:
    text = b"+00.0000+000.0000/"
    record = said(with_user_data(box(b"\xa9xyz", struct.pack(">HH", len(text), 0x15C7) + text)))
    assert "gps" not in record and "0, 0" in record["warnings"][0]


def test_a_3gp_has_a_place_of_its_own_kind() -> None:
    record = said(film("3gp", "mpeg4", metadata={"location": PARIS, "creation_time": UTC, "title": "Tour"}))
    assert (record["gps"]["latitude"], record["gps"]["longitude"]) == pytest.approx(
        (48.8577, 2.295), abs=1e-4
    )
    assert (record["title"], record["offset"]) == ("Tour", "+02:00")


def test_what_people_say_of_a_film() -> None:
    metadata = {"title": "Fête", "comment": "On the bridge", "artist": "Ada", "copyright": "© Ada"}
    record = said(film(metadata=metadata))
    assert [record[name] for name in ("title", "description", "creator", "copyright")] == [
        *("Fête", "On the bridge", "Ada", "© Ada")
    ]
    assert record["sources"]["title"] == "QuickTime Title"
    assert record["software"].startswith("Lavf")


def test_sonys_cameras_write_xml_beside_the_index() -> None:
    xml = (
        b'<?xml version="1.0"?><NonRealTimeMeta xmlns="urn:schemas-professionalDisc:nonRealTimeMeta">'
        b'<CreationDate value="2024-05-03T10:11:12+02:00"/><Device manufacturer="Sony" modelName="ILCE-7M4"/>'
        b"</NonRealTimeMeta>"
    )
    handler = box(b"hdlr", bytes(8), b"nrtm", bytes(12))
    record = said(
        film(metadata={"creation_time": UTC}) + box(b"meta", bytes(4), handler, box(b"xml ", bytes(4), xml))
    )
    assert (record["taken_at"], record["offset"]) == ("2024-05-03T10:11:12", "+02:00")
    assert record["camera"] == {"make": "Sony", "model": "ILCE-7M4"}


def test_xmp_in_a_film_is_read() -> None:
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4"/></rdf:RDF></x:xmpmeta>'
    )
    name = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
    assert said(film() + box(b"uuid", name, packet))["rating"] == 4
    assert said(with_user_data(box(b"XMP_", packet)))["rating"] == 4


def test_matroska_has_a_date_and_tags() -> None:
    metadata = {
        "creation_time": UTC,
        "title": "Fête",
        "RECORDING_LOCATION": PARIS,
        "comment": "On the bridge",
    }
    record = said(film("matroska", metadata=metadata))
    assert (record["taken_at"], record["offset"]) == ("2024-05-03T10:11:12", "+02:00")
    assert record["sources"]["taken_at"] == "Matroska DateUTC"
    assert (record["title"], record["description"]) == ("Fête", "On the bridge")
    assert said(film("webm", "libvpx-vp9", metadata=metadata))["title"] == "Fête"


@pytest.mark.parametrize(
    ("written", "taken_at"),
    [
        ("Mon May 06 15:04:43 2024", "2024-05-06T15:04:43"),
        ("2024/ 5/ 6/ 15:04", "2024-05-06T15:04:00"),
        ("2024/ 5/ 6  3:04PM", "2024-05-06T15:04:00"),
        ("2024-05-06 15:04:43", "2024-05-06T15:04:43"),
    ],
    ids=["as C writes it", "Casio", "Casio at noon", "Konica"],
)
def test_cameras_write_dates_into_avi_in_their_own_ways(written: str, taken_at: str) -> None:
    data = film("avi", "mjpeg", pix_fmt="yuvj420p", metadata={"title": "Fête"})
    date = written.encode() + b"\n\x00" + b"\x00" * (len(written) % 2)
    at = data.index(b"hdrl") + 4
    length = struct.unpack_from("<I", data, at - 8)[0]
    chunk = b"IDIT" + struct.pack("<I", len(date)) + date
    data = data[: at - 8] + struct.pack("<I", length + len(chunk)) + b"hdrl" + chunk + data[at:]
    record = said(data)
    assert (record["taken_at"], record["sources"]["taken_at"]) == (taken_at, "RIFF DateTimeOriginal")
    assert record["title"] == "Fête"


@pytest.mark.parametrize("options", [{}, {"mpegts_m2ts_mode": "1"}], ids=["ts", "m2ts"])
def test_a_camcorder_writes_its_clock_beside_the_pictures(options: dict[str, str]) -> None:
    unit = camcorder(
        {
            **{0x18: b"\x02\x20\x24\x05", 0x19: b"\x03\x10\x11\x12", 0xE0: b"\x01\x08\x00\x00"},
            **{0xB1: b"N\0\0\0", 0xB2: b"\0\x30\0\x01", 0xB3: b"\0\x33\0\x01", 0xB4: b"\0\x1b\0\x01"},
            **{0xB5: b"E\0\0\0", 0xB6: b"\0\x02\0\x01", 0xB7: b"\0\x11\0\x01", 0xB8: b"\0\x2a\0\x01"},
        }
    )
    record = said(film("mpegts", unit=unit, options=options))
    assert (record["taken_at"], record["offset"]) == ("2024-05-03T10:11:12", "+01:00")
    assert record["offset_certainty"] == "probable", "it was summer there"
    assert (record["gps"]["latitude"], record["gps"]["longitude"]) == (48.8575, 2.295)
    assert record["camera"] == {"make": "Sony"}


def test_a_film_is_read_in_pieces_wherever_its_index_lies() -> None:
    data = iphone()
    at = data.index(b"mdat") - 4
    length = struct.unpack_from(">I", data, at)[0]
    hole = 50_000_000
    large = (
        data[:at]
        + struct.pack(">I", length + hole)
        + data[at + 4 : at + length]
        + bytes(hole)
        + data[at + length :]
    )
    header = Header(io.BytesIO(large))
    assert read_record(header, Asked("a film"))["taken_at"] == "2024-05-03T10:11:12"
    assert len(header._blocks) <= 3


def test_of_a_fragmented_film_the_fragments_are_not_read() -> None:
    options = {"movflags": "frag_keyframe+empty_moov"}
    record = said(film(frames=200, coding={"g": "2"}, options=options, metadata={"creation_time": UTC}))
    assert record["taken_at"] == "2024-05-03T08:11:12" and "warnings" not in record


@pytest.mark.parametrize("container", ["mp4", "matroska", "mpegts", "avi"])
def test_a_film_never_fails_for_its_metadata(container: str) -> None:
    data = bytearray(film(container, "mpeg4", metadata={"title": "Fête", "location": PARIS}))
    for at in range(0, len(data), max(len(data) // 60, 1)):
        hostile = data[:at] + b"\xff\xff\xff\xff\x00\x7f" + data[at + 6 :]
        assert isinstance(said(bytes(hostile)), dict)
