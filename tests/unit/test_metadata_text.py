"""Text is never damaged, whatever code it is in, and what cameras write of themselves is no description."""

import io
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metadata.bounded import Header
from metadata.decoding import decoded, decoded_alike
from metadata.exif import read_exif
from metadata.record import Asked, build_record, read_record
from metadata_files import exif_segment, iptc, jpeg, photoshop_segment, segment, tiff, xmp, xmp_segment


def read(data: bytes) -> dict[str, Any]:
    return dict(read_record(Header(io.BytesIO(data)), Asked()))


WESTERN = [
    "“Café” \u2013 5 € \u2013 Lódz\u2019s Œuvre",
    "Zürich",
    "Größe in Köln",
    "François à Nîmes",
    "São Paulo",
    "Señor Ñandú",
    "ÅSTRÖM",
    "Ærø",
    "© Ada Müller 2004",
    "naïve",
    "hôtel",
]


@pytest.mark.parametrize("text", [*WESTERN, "Žižek Šimon", "Paris\u2013Rome", "¿Qué?", "25°C", "½ mile"])
def test_windows_text_keeps_its_letters(text: str) -> None:
    assert decoded(text.encode("cp1252")) == text


@pytest.mark.parametrize("text", WESTERN)
def test_macintosh_text_keeps_its_letters(text: str) -> None:
    assert decoded(text.encode("mac_roman")) == text


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"])))
def test_utf8_is_utf8(text: str) -> None:
    assert decoded(text.encode()) == text


@given(st.binary(max_size=300))
def test_every_text_is_read(data: bytes) -> None:
    assert isinstance(decoded(data), str)


def test_text_that_is_cut_within_a_letter_keeps_the_others() -> None:
    assert decoded("Łódź, Žižek".encode()[:-1] + "ž".encode()[:1]) == "Łódź, Žiže"


def test_texts_of_one_block_are_in_one_code() -> None:
    macintosh = [text.encode("mac_roman") for text in ("Malmö", "Zürich", "Köln")]
    assert decoded_alike([*macintosh, "東京".encode()]) == ["Malmö", "Zürich", "Köln", "東京"]


@pytest.mark.parametrize("code", ["cp1252", "mac_roman"])
@pytest.mark.parametrize("said", [None, b"\x1b%G", b"\x1b.A"])
def test_iptc_of_before_unicode_is_read_whatever_it_says(code: str, said: bytes | None) -> None:
    text = "“Café” \u2013 Lódz\u2019s Œuvre"
    marker = [] if said is None else [(1, 90, said)]
    block = iptc(*marker, (2, 120, text.encode(code)), (2, 80, "Müller".encode(code)), (2, 25, b"plain"))
    record = read(jpeg(photoshop_segment(block)))
    assert (record["description"], record["creator"], record["keywords"]) == (text, "Müller", ["plain"])


@pytest.mark.parametrize("code", ["cp1252", "mac_roman", "utf-8"])
def test_exif_text_is_read(code: str) -> None:
    made = jpeg(exif_segment(tiff({0x013B: "X" * 20}))).replace(
        b"X" * 20, "Jürgen Müller".encode(code).ljust(20, b"\0")
    )
    assert read(made)["creator"] == "Jürgen Müller"


@pytest.mark.parametrize("kind", [1, 2, 7, 129])
def test_exif_text_of_any_type_is_read(kind: int) -> None:
    text = "Grüße aus Köln".encode() + b"\x00"
    block = struct.pack("<4sIHHHII", b"II*\x00", 8, 1, 0x010E, kind, len(text), 26) + bytes(4) + text
    assert read(jpeg(exif_segment(block)))["description"] == "Grüße aus Köln"


def test_both_parts_of_a_copyright_are_read() -> None:
    assert read(tiff({0x8298: "Ada\x00Bo"}))["copyright"] == "Ada; Bo"
    assert read(tiff({0x8298: " \x00Bo"}))["copyright"] == "Bo"


def wide(text: str) -> bytes:
    return text.encode("utf-16-le") + b"\x00\x00"


def test_the_fields_of_windows_are_read() -> None:
    record = read(
        tiff(
            {
                0x9C9B: wide("Ein Bärenfoto"),
                0x9C9C: wide("東京 \U0001f60a"),
                0x9C9D: wide("Ada;Bo"),
                0x9C9E: wide("one;two; one"),
            }
        )
    )
    assert record["title"] == "Ein Bärenfoto"
    assert record["description"] == "東京 \U0001f60a"
    assert record["creator"] == "Ada;Bo"
    assert record["keywords"] == ["one", "two"]
    assert record["sources"]["title"] == "EXIF XPTitle"


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        (b"ASCII\x00\x00\x00The castle", "The castle"),
        (b"ASCII\x00\x00\x00The castle\x00\x00garbage", "The castle"),
        (b"\x00" * 8 + "Schloß".encode(), "Schloß"),
        (b"\x00" * 8 + "Schloß".encode("cp1252"), "Schloß"),
        (b"UNICODE\x00" + "Schloß".encode("utf-16-le"), "Schloß"),
        (b"UNICODE\x00" + "Schloß".encode("utf-16-be"), "Schloß"),
        (b"UNICODE\x00" + "Schloß 東京".encode("utf-16"), "Schloß 東京"),
        (b"UNICODE\x00" + "東京".encode("utf-16-le"), "東京"),
        (b"UNICODE\x00The castle", "The castle"),
        (b"JIS\x00\x00\x00\x00\x00" + "東京".encode("iso2022_jp"), "東京"),
        (b"The castle of Chambord", "The castle of Chambord"),
        (b"ASCII\x00\x00\x00" + b" " * 200, None),
        (b"\x00" * 264, None),
        (b"ASCII\x00\x00\x00Screenshot", None),
    ],
)
def test_a_users_comment_is_a_description(comment: bytes, expected: str | None) -> None:
    assert read(tiff({0x8769: {0x9286: comment}})).get("description") == expected


@pytest.mark.parametrize("order", [b"II", b"MM"])
def test_a_comment_without_letters_of_europe_is_in_the_byte_order_of_the_file(order: bytes) -> None:
    code, name = ("<", "utf-16-le") if order == b"II" else (">", "utf-16-be")
    comment = b"UNICODE\x00" + "東京都".encode(name)
    block = order + struct.pack(f"{code}HIHHHII", 42, 8, 1, 0x9286, 7, len(comment), 26) + bytes(4) + comment
    assert read_exif(Header(io.BytesIO(block)), "EXIF").tags["EXIF UserComment"] == "東京都"


def test_a_comment_of_a_jpeg_is_a_description() -> None:
    record = read(jpeg(segment(0xFE, b"\x00"), segment(0xFE, "Schloß\x00".encode("cp1252"))))
    assert (record["description"], record["sources"]["description"]) == ("Schloß", "JPEG Comment")


def test_what_somebody_wrote_outranks_every_comment() -> None:
    said = tiff({0x010E: "By Exif", 0x8769: {0x9286: b"ASCII\x00\x00\x00By a user"}})
    assert read(jpeg(segment(0xFE, b"By a comment"), exif_segment(said)))["description"] == "By Exif"


BOILERPLATE = [
    "OLYMPUS DIGITAL CAMERA",
    "OLYMPUS DIGITAL CAMERA         ",
    "SONY DSC",
    "Minolta DSC",
    "KONICA MINOLTA DIGITAL CAMERA",
    "KODAK Digital Still Camera",
    "SAMSUNG",
    "DIGITAL CAMERA",
    "Exif_JPEG_PICTURE",
    "default",
    "CREATOR: gd-jpeg v1.0 (using IJG JPEG v62), quality = 90",
    "Creator: JasPer Version 1.700.1",
    "LEAD Technologies Inc. V1.01",
    "Created with GIMP",
    "Lavc58.54.100",
    "binary comment",
    "GCM_TAG",
    "R:  139 G:  255 B:  189 X:39852 Y:    0",
    "---",
]


@pytest.mark.parametrize("text", BOILERPLATE)
@pytest.mark.parametrize("name", ["EXIF ImageDescription", "XMP dc:description", "JPEG Comment"])
def test_what_cameras_and_encoders_write_is_no_description(text: str, name: str) -> None:
    assert build_record({name: text}, []) == {}
    assert build_record({name: text, "GIF Comment": "Two swans"}, [])["description"] == "Two swans"


@pytest.mark.parametrize(
    ("make", "text"),
    [
        ("NIKON", "E5700"),
        ("Nikon", "nikon e5700"),
        ("HUAWEI", "oznor"),
        ("HUAWEI", "edf"),
        ("HONOR", "dav_vivi"),
    ],
)
def test_the_camera_itself_is_no_description(make: str, text: str) -> None:
    record = build_record({"EXIF Make": make, "EXIF Model": "E5700", "EXIF ImageDescription": text}, [])
    assert "description" not in record


@pytest.mark.parametrize(
    "text",
    [
        "My new digital camera",
        "Ada with a Sony DSC",
        "Made by Ada",
        "Untitled dreams",
        "dav",
        "A jpeg of a cat",
        "NONE OF US",
    ],
)
def test_what_people_write_is_a_description(text: str) -> None:
    assert build_record({"EXIF Make": "Canon", "EXIF ImageDescription": text}, [])["description"] == text


@pytest.mark.parametrize(
    ("subject", "keywords"),
    [
        ("<dc:subject>one; two</dc:subject>", ["one", "two"]),
        ("<dc:subject>one, two</dc:subject>", ["one, two"]),
        ("<dc:subject><rdf:Bag><rdf:li>one; two</rdf:li></rdf:Bag></dc:subject>", ["one; two"]),
    ],
)
def test_keywords_in_one_text_are_several(subject: str, keywords: list[str]) -> None:
    assert read(jpeg(xmp_segment(xmp(elements=subject))))["keywords"] == keywords


@pytest.mark.parametrize(("written", "rating"), [("3.5", 3.5), ("4", 4), ("-1", -1), ("5.0", 5.0)])
def test_half_a_star_is_kept(written: str, rating: float) -> None:
    assert build_record({"XMP xmp:Rating": written}, [])["rating"] == rating
