"""Wherever a file keeps metadata, it is read; damage, length and order cost only what they touch."""

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

import photoshop_files as psd
from images import png_chunk, saved
from metadata.bounded import BLOCK_BYTES, MAX_BLOCKS, MAX_READ_BYTES, Header
from metadata.record import Asked, read_record
from metadata_files import (
    box,
    exif_segment,
    iptc,
    jpeg,
    listed,
    more_xmp_segments,
    photoshop_segment,
    segment,
    tiff,
    xmp,
    xmp_segment,
)

TAKEN = "2024-05-03T10:11:12"
BLOCK = tiff({0x0110: "Model", 0x8769: {0x9003: "2024:05:03 10:11:12"}})
TITLED = xmp(elements=listed("dc:title", "Alt", "A title"))
CAPTION = iptc((2, 5, b"A title"), (2, 120, b"A caption"))
PNG = saved(Image.new("RGB", (8, 8), "teal"), "PNG")
HEAD, TAIL = PNG[:33], PNG[33:]
IEND = PNG[-12:]
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def read(data: bytes, **asked: Any) -> dict[str, Any]:
    return dict(read_record(Header(io.BytesIO(data)), Asked(**asked)))


def profile(name: str, block: bytes, packed: bool = True) -> bytes:
    """A chunk in which ImageMagick writes a block in hexadecimal digits, 36 bytes a line."""
    digits = block.hex()
    lines = "\n".join(digits[at : at + 72] for at in range(0, len(digits), 72))
    text = f"\n{name}\n{len(block):8}\n{lines}\n".encode()
    keyword = f"Raw profile type {name}\x00".encode()
    if packed:
        return png_chunk(b"zTXt", keyword + b"\x00" + zlib.compress(text))
    return png_chunk(b"tEXt", keyword + text)


RESOURCES = photoshop_segment(CAPTION)[4 + len(b"Photoshop 3.0\x00") :]


@pytest.mark.parametrize(
    ("chunk", "field", "value"),
    [
        (profile("exif", b"Exif\x00\x00" + BLOCK), "taken_at", TAKEN),
        (profile("exif", BLOCK, packed=False), "taken_at", TAKEN),
        (profile("APP1", b"Exif\x00\x00" + BLOCK), "taken_at", TAKEN),
        (profile("APP1", b"http://ns.adobe.com/xap/1.0/\x00" + TITLED), "title", "A title"),
        (profile("xmp", TITLED), "title", "A title"),
        (profile("iptc", CAPTION), "description", "A caption"),
        (profile("8bim", RESOURCES), "description", "A caption"),
        (profile("iptc", RESOURCES, packed=False), "description", "A caption"),
        (png_chunk(b"tEXt", b"Title\x00A title"), "title", "A title"),
        (png_chunk(b"zTXt", b"Author\x00\x00" + zlib.compress(b"Ada")), "creator", "Ada"),
        (png_chunk(b"iTXt", b"Copyright\x00\x00\x00\x00\x00\xc2\xa9 Ada"), "copyright", "© Ada"),
        (png_chunk(b"tEXt", b"Copyright\x00\xa9 Ada"), "copyright", "© Ada"),
        (png_chunk(b"tEXt", b"Software\x00GIMP"), "software", "GIMP"),
        (png_chunk(b"tEXt", b"comment\x00Two swans"), "description", "Two swans"),
        (png_chunk(b"tEXt", b"Creation Time\x00Fri, 03 May 2024 10:11:12 +0200"), "taken_at", TAKEN),
        (png_chunk(b"tEXt", b"Creation Time\x002024:05:03 10:11:12"), "taken_at", TAKEN),
        (png_chunk(b"iTXt", b"XML:com.adobe.xmp\x00\x00\x00\x00\x00" + TITLED), "title", "A title"),
        (png_chunk(b"eXIf", BLOCK), "taken_at", TAKEN),
    ],
)
@pytest.mark.parametrize("where", ["before the pixels", "behind them", "behind many"])
def test_every_chunk_of_a_png_is_read(chunk: bytes, field: str, value: str, where: str) -> None:
    pixels = png_chunk(b"IDAT", bytes(8192)) * 400
    start, end = {
        "before the pixels": (HEAD, TAIL),
        "behind them": (PNG[:-12], IEND),
        "behind many": (HEAD + pixels, IEND),
    }[where]
    data = start + chunk + end
    header = Header(io.BytesIO(data))
    record = dict(read_record(header))
    assert record[field] == value
    assert "warnings" not in record
    assert len(header._blocks) <= 4


def test_long_metadata_behind_many_pixels_of_a_png_are_read() -> None:
    packet = xmp(
        elements=listed("dc:title", "Alt", "A title") + listed("dc:subject", "Bag", *"ab") + " " * 200_000
    )
    chunk = png_chunk(b"iTXt", b"XML:com.adobe.xmp\x00\x00\x00\x00\x00" + packet)
    assert read(HEAD + png_chunk(b"IDAT", bytes(8192)) * 400 + chunk + IEND)["title"] == "A title"


@pytest.mark.parametrize(
    "bad",
    [
        png_chunk(b"iCCP", b"icc\x00\x00no zlib"),
        png_chunk(b"zTXt", b"Comment\x00\x00no zlib"),
        png_chunk(b"iCCP", b"icc\x00\x00" + zlib.compress(bytes(range(256)) * 400)[:-200]),
        profile("exif", b"no tiff"),
        png_chunk(b"zTXt", b"Raw profile type exif\x00\x00" + zlib.compress(b"\nexif\n 4\nno digits")),
    ],
)
def test_a_damaged_chunk_costs_only_itself(bad: bytes) -> None:
    record = read(HEAD + bad + png_chunk(b"eXIf", BLOCK) + TAIL)
    assert record["taken_at"] == TAKEN


def test_a_damaged_profile_is_told() -> None:
    record = read(HEAD + png_chunk(b"iCCP", b"icc\x00\x00no zlib") + png_chunk(b"eXIf", BLOCK) + TAIL)
    assert record["warnings"] == ["The ICC profile is damaged: 0 bytes of it were read."]


def test_more_blocks_of_metadata_than_one_can_count_are_read() -> None:
    depth = [segment(0xE1, b"http://ns.adobe.com/xmp/extension/\x00" + b"D" * 40 + bytes(60_000))] * 13
    others = [segment(0xE2, b"MPF\x00" + bytes(60_000))] * 13
    data = jpeg(*depth, *others, xmp_segment(TITLED), photoshop_segment(CAPTION), exif_segment(BLOCK))
    record = read(data)
    assert (record["title"], record["description"], record["taken_at"]) == ("A title", "A caption", TAKEN)
    assert "warnings" not in record


def test_what_was_found_before_the_bound_stays_and_the_rest_is_told() -> None:
    depth = [segment(0xE2, b"MPF\x00" + bytes(65_000))] * (MAX_BLOCKS + 10)
    header = Header(
        io.BytesIO(jpeg(exif_segment(BLOCK), xmp_segment(TITLED), *depth, photoshop_segment(CAPTION)))
    )
    record = read_record(header)
    assert (record["title"], record["taken_at"]) == ("A title", TAKEN)
    assert "description" not in record
    assert len(record["warnings"]) == 1
    assert record["warnings"][0].startswith("Not all of the metadata was read: the header is spread over")
    assert len(header._blocks) == MAX_BLOCKS + 1


def padded(size: int) -> bytes:
    """A packet of `size` bytes with its title in front and its rating behind."""
    start, end = TITLED.split(b"</rdf:Description>")
    end = b"<xmp:Rating>5</xmp:Rating></rdf:Description>" + end
    mask = b"<photoshop:History>%s</photoshop:History>"
    return start + mask % (b"x" * (size - len(start) - len(end) - len(mask) + 2)) + end


LONG: dict[str, Callable[[bytes], bytes]] = {
    "TIFF": lambda packet: tiff({0x02BC: packet}),
    "PNG": lambda packet: HEAD + png_chunk(b"iTXt", b"XML:com.adobe.xmp\x00\x00\x00\x00\x00" + packet) + TAIL,
    "packed PNG": lambda packet: (
        HEAD + png_chunk(b"iTXt", b"XML:com.adobe.xmp\x00\x01\x00\x00\x00" + zlib.compress(packet)) + TAIL
    ),
    "WebP": lambda packet: saved(Image.new("RGB", (8, 8)), "WEBP", xmp=packet),
    "HEIF": lambda packet: saved(Image.new("RGB", (8, 8)), "HEIF", xmp=packet),
    "AVIF": lambda packet: saved(Image.new("RGB", (8, 8)), "AVIF", xmp=packet),
    "JPEG XL": lambda packet: box(b"JXL ", b"\r\n\x87\n") + box(b"ftyp", b"jxl ") + box(b"xml ", packet),
}


@pytest.mark.parametrize("form", LONG)
def test_a_long_packet_is_read_whole(form: str) -> None:
    record = read(LONG[form](padded(900_000)))
    assert (record["title"], record["rating"]) == ("A title", 5)
    assert "warnings" not in record


@pytest.mark.parametrize("form", LONG)
def test_of_a_longer_packet_the_start_is_read_and_the_rest_is_told(form: str) -> None:
    packet = padded(MAX_READ_BYTES + 50_000)
    record = read(LONG[form](packet))
    assert record["title"] == "A title"
    assert "rating" not in record
    assert any("cut" in warning for warning in record["warnings"])


def test_of_a_longer_sidecar_the_start_is_read_and_the_rest_is_told() -> None:
    record = read(jpeg(), sidecar=padded(900_000)[:600_000])
    assert record["title"] == "A title"
    assert record["warnings"] == ["Sidecar is damaged or cut; what stands before that was read."]


def test_a_long_profile_tells_its_name() -> None:
    text = b"A printer profile\x00"
    element = b"desc" + bytes(4) + struct.pack(">I", len(text)) + text
    icc = bytes(36) + b"acsp" + bytes(88) + struct.pack(">I4sII", 1, b"desc", 144, len(element)) + element
    assert read(tiff({0x8773: icc + bytes(200_000)}))["color_space"] == "A printer profile"


def test_an_extended_packet_is_joined_in_the_order_of_its_offsets() -> None:
    name = "A" * 32
    long = xmp(elements=listed("dc:subject", "Bag", *(f"word {n:05}" for n in range(3000))))
    parts = more_xmp_segments(name, long)
    packet = xmp_segment(xmp(f'xmpNote:HasExtendedXMP="{name}"'))
    for order in (parts[::-1], [*parts[1:], parts[0]], [parts[0], *parts]):
        record = read(jpeg(*order, packet))
        assert record["keywords"][0] == "word 00000"
        assert "warnings" not in record


def test_of_an_extended_packet_with_a_gap_the_start_is_read() -> None:
    name = "A" * 32
    long = xmp(
        elements=listed("dc:title", "Alt", "A title") + listed("dc:subject", "Bag", *(["word"] * 9000))
    )
    first, _, *rest = more_xmp_segments(name, long)
    record = read(jpeg(xmp_segment(xmp(f'xmpNote:HasExtendedXMP="{name}"')), first, *rest))
    assert record["title"] == "A title"
    assert record["warnings"][0].startswith("Extended XMP was cut")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-8-sig"])
def test_a_packet_in_any_unicode_is_read(encoding: str) -> None:
    packet = xmp(elements=listed("dc:title", "Alt", "Žižek 東京")).decode().encode(encoding)
    assert read(jpeg(xmp_segment(packet)))["title"] == "Žižek 東京"
    assert read(jpeg(), sidecar=packet)["title"] == "Žižek 東京"


def test_a_packet_in_the_code_that_it_declares_is_read() -> None:
    packet = b'<?xml version="1.0" encoding="ISO-8859-1"?>' + xmp(
        elements=listed("dc:title", "Alt", "Zürich")
    )
    assert read(jpeg(), sidecar=packet.decode().replace("\ufeff", "").encode("latin-1"))["title"] == "Zürich"


LEFTOVER = b"</rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n<?xpacket end='w'?>"


@pytest.mark.parametrize(
    ("packet", "warned"),
    [
        (TITLED + LEFTOVER, False),
        (TITLED + b"\x00" * 100 + b"<", False),
        (TITLED[:-3], False),
        (TITLED.replace(b"?xpacket end='w'?>", b""), False),
        (b"garbage " + TITLED, False),
        (TITLED.replace(b"A title", b"A \x00\x0btitle"), False),
        (TITLED.split(b"</rdf:Description>")[0], True),
        (TITLED.replace(b"</dc:title>", b"</dc:title><dc:subject></wrong>"), True),
        (TITLED.replace(b"</dc:title>", b"</dc:title><photoshop:City>R&D</photoshop:City>"), True),
    ],
)
def test_leftovers_and_damage_cost_only_what_follows(packet: bytes, warned: bool) -> None:
    record = read(jpeg(xmp_segment(packet)))
    assert record["title"] == "A title"
    assert ("warnings" in record) == warned


@given(st.integers(0, len(TITLED)))
def test_a_cut_packet_says_a_whole_title_or_none(length: int) -> None:
    assert read(jpeg(xmp_segment(TITLED[:length]))).get("title") in (None, "A title")


QUALIFIED = (
    '<rdf:li xml:lang="x-default" rdf:parseType="Resource"><rdf:value>A title</rdf:value>'
    "<xmp:Label>q</xmp:Label></rdf:li>"
)
EMPTY = '<rdf:li xml:lang="x-default"> </rdf:li>'


@pytest.mark.parametrize(
    "elements",
    [
        f"<dc:title><rdf:Alt>{QUALIFIED}</rdf:Alt></dc:title>",
        '<dc:title rdf:parseType="Resource"><xmp:Label/><rdf:value>A title</rdf:value></dc:title>',
        "<dc:title><rdf:Description><rdf:value>A title</rdf:value></rdf:Description></dc:title>",
        '<dc:title><rdf:Description rdf:value="A title" xmp:Label="q"/></dc:title>',
        f'<dc:title><rdf:Alt>{EMPTY}<rdf:li xml:lang="de">A title</rdf:li></rdf:Alt></dc:title>',
        f"<dc:title><rdf:Alt>{EMPTY}<rdf:li>A title</rdf:li></rdf:Alt></dc:title>",
    ],
)
def test_qualified_and_empty_values_say_what_they_mean(elements: str) -> None:
    assert read(jpeg(xmp_segment(xmp(elements=elements))))["title"] == "A title"


def test_what_an_ingredient_says_is_not_said_of_the_picture() -> None:
    inside = f"<rdf:Description xmp:Rating='1'>{listed('dc:title', 'Alt', 'Another')}</rdf:Description>"
    pantry = f"<xmpNote:Pantry><rdf:Bag><rdf:li>{inside}</rdf:li></rdf:Bag></xmpNote:Pantry>"
    assert read(jpeg(xmp_segment(xmp(elements=pantry)))) == {}


def test_a_flash_in_xmp_is_read() -> None:
    fields = '<exif:Flash rdf:parseType="Resource"><exif:Fired>True</exif:Fired></exif:Flash>'
    assert read(jpeg(xmp_segment(xmp(elements=fields))))["exposure"] == {"flash_fired": True}


def gif(*blocks: bytes, behind: bytes = b"") -> bytes:
    plain = saved(Image.new("P", (8, 8)), "GIF")
    start = 13 + 3 * 2 ** ((plain[10] & 7) + 1) if plain[10] & 0x80 else 13
    return b"GIF89a" + plain[6:start] + b"".join(blocks) + plain[start:-1] + behind + b";"


GIF_XMP = b"!\xff\x0bXMP DataXMP" + TITLED + b"\x01" + bytes(range(255, -1, -1)) + b"\x00"
GIF_LOOP = b"!\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
GIF_COMMENT = b"!\xfe\x09Two swans\x00"


@pytest.mark.parametrize(
    "data",
    [
        gif(GIF_XMP),
        gif(GIF_LOOP, GIF_XMP),
        gif(behind=GIF_XMP),
        gif(b"!\xfe\xff" + b"x" * 255 + b"\x00", behind=GIF_XMP),
        gif(behind=b"!\xfe" + (b"\xff" + b"x" * 255) * 2000 + b"\x00" + GIF_XMP),
    ],
)
def test_xmp_in_a_gif_is_read(data: bytes) -> None:
    header = Header(io.BytesIO(data))
    assert read_record(header)["title"] == "A title"
    assert len(header._blocks) <= 4


def test_a_comment_in_a_gif_is_a_description() -> None:
    assert read(gif(GIF_LOOP, GIF_COMMENT))["description"] == "Two swans"


def bigtiff(order: str, entries: dict[int, tuple[int, int, bytes]]) -> bytes:
    """A BigTIFF of one directory: of each tag its type, count, and values."""
    head = {"<": b"II+\x00", ">": b"MM\x00+"}[order] + struct.pack(f"{order}HHQ", 8, 0, 16)
    body, tail, at = b"", b"", 16 + 8 + 20 * len(entries) + 8
    for tag, (kind, count, data) in sorted(entries.items()):
        inline = data.ljust(8, b"\x00") if len(data) <= 8 else struct.pack(f"{order}Q", at + len(tail))
        tail += data if len(data) > 8 else b""
        body += struct.pack(f"{order}HHQ", tag, kind, count) + inline
    head = head[:4] + struct.pack(f"{order}HHQ", 8, 0, 16)
    return head + struct.pack(f"{order}Q", len(entries)) + body + struct.pack(f"{order}Q", 0) + tail


@pytest.mark.parametrize("order", ["<", ">"])
def test_bigtiff_is_read(order: str) -> None:
    record = read(
        bigtiff(
            order,
            {
                0x010F: (2, 12, b"A long make\x00"),
                0x0110: (2, 4, b"R5\x00\x00"),
                0x0112: (3, 1, struct.pack(f"{order}H", 6)),
                0x829A: (5, 1, struct.pack(f"{order}II", 1, 125)),
                0x8827: (16, 1, struct.pack(f"{order}Q", 200)),
                0x02BC: (7, len(TITLED), TITLED),
            },
        )
    )
    assert record["camera"] == {"make": "A long make", "model": "R5"}
    assert (record["orientation"], record["title"]) == (6, "A title")
    assert record["exposure"] == {"seconds": 0.008, "iso": 200}


def test_the_exposure_in_the_first_directory_is_read() -> None:
    record = read(tiff({0x829A: ((1, 160),), 0x829D: ((62, 10),), 0x8827: 200, 0x9204: ((1, 3),), 0x9209: 1}))
    assert record["exposure"] == {
        "seconds": 0.00625,
        "f_number": 6.2,
        "iso": 200,
        "bias_ev": 0.333333,
        "flash_fired": True,
    }


def test_the_exif_directory_outranks_the_first() -> None:
    record = read(tiff({0x8827: 200, 0x9003: "2024:05:03 10:11:12", 0x8769: {0x8827: 400}}))
    assert (record["exposure"], record["taken_at"]) == ({"iso": 400}, TAKEN)


def test_the_sensitivity_of_a_panasonic_raw_file_is_read() -> None:
    assert read(tiff({0x0110: "GH6", 0x0017: 800}, b"IIU\x00"))["exposure"] == {"iso": 800}
    assert read(tiff({0x0110: "GH6", 0x0017: 800})) == read(tiff({0x0110: "GH6"})), (
        "in a TIFF it means nothing"
    )


@pytest.mark.parametrize(
    ("sub", "exposure"),
    [
        ({0x9201: ((6965784, 1_000_000),), 0x9202: ((4, 1),)}, {"seconds": 0.008000002, "f_number": 4.0}),
        ({0x9201: ((696578428, 100_000_000),)}, {"seconds": 0.008}),
        ({0x9201: ((0, 1),), 0x9202: ((0, 1),)}, {"seconds": 1.0}),
        ({0x829A: ((1, 60),), 0x9201: ((7, 1),)}, {"seconds": 0.016666667}),
        ({0x829A: ((0, 0),), 0x9201: ((7, 1),)}, {"seconds": 0.0078125}),
        ({0x8827: 0xFFFF, 0x8832: 102_400}, {"iso": 102_400}),
        ({0x8831: 640}, {"iso": 640}),
    ],
)
def test_an_exposure_that_is_told_otherwise_is_read(sub: dict[int, Any], exposure: dict[str, Any]) -> None:
    assert read(jpeg(exif_segment(tiff({0x8769: sub}))))["exposure"] == exposure


def test_photoshops_resources_in_a_tiff_hold_iptc() -> None:
    assert read(tiff({0x8649: RESOURCES}))["description"] == "A caption"


@pytest.mark.parametrize("large", [False, True])
def test_a_photoshop_document_has_blocks_among_its_resources(large: bool) -> None:
    kept = psd.resource(psd.IPTC, CAPTION, b"odd") + psd.version_info(True) + psd.resource(psd.XMP, TITLED)
    kept += psd.resource(psd.EXIF, BLOCK) + psd.resource(psd.PROFILE, SRGB)
    planes = np.zeros((3, 4, 5), "uint8")
    record = read(psd.document(planes, resources=kept, palette=b"odd", large=large))
    told = read(jpeg(exif_segment(BLOCK), xmp_segment(TITLED), photoshop_segment(CAPTION)))
    assert record == {**told, "color_space": record["color_space"], "sources": record["sources"]}
    assert "sRGB" in record["color_space"]


@pytest.mark.parametrize("kept", [20, 30, 35, 60])
def test_a_photoshop_document_that_is_cut_has_what_is_left(kept: int) -> None:
    whole = psd.document(np.zeros((3, 4, 5), "uint8"), resources=psd.resource(psd.IPTC, CAPTION))
    assert read(whole)["description"] == "A caption"
    assert "description" not in read(whole[:kept])


def test_iptc_is_found_behind_resources_of_other_programs() -> None:
    foreign = b"AgHg" + struct.pack(">HBxI", 1, 0, 2) + b"ab"
    assert read(jpeg(segment(0xED, b"Photoshop 3.0\x00" + foreign + RESOURCES)))["description"] == "A caption"


def test_a_long_caption_of_iptc_costs_nothing_that_follows() -> None:
    long = struct.pack(">BBBHI", 0x1C, 2, 120, 0x8004, 40_000) + b"x" * 40_000
    assert read(jpeg(photoshop_segment(long + iptc((2, 5, b"A title")))))["title"] == "A title"


@pytest.mark.parametrize("kept", range(0, len(BLOCK), 7))
def test_of_cut_exif_the_rest_is_read_or_told(kept: int) -> None:
    record = read(jpeg(exif_segment(BLOCK[:kept]), xmp_segment(TITLED)))
    assert record["title"] == "A title"
    if kept > 4:
        assert "warnings" in record


def test_exif_without_a_tiff_file_gives_way_to_the_next() -> None:
    assert read(jpeg(segment(0xE1, b"Exif\x00\x00"), exif_segment(BLOCK)))["taken_at"] == TAKEN


@pytest.mark.parametrize("cut", [30, 60, len(BLOCK) - 1])
def test_exif_that_goes_on_in_the_next_segment_is_joined(cut: int) -> None:
    pieces = exif_segment(BLOCK[:cut]), exif_segment(BLOCK[cut:])
    assert read(jpeg(*pieces)) == read(jpeg(exif_segment(BLOCK)))


def test_exif_without_the_filling_byte_is_read_and_joined() -> None:
    block = tiff({0x010E: "x" * 100})
    pieces = segment(0xE1, b"Exif\x00" + block[:60]), exif_segment(block[60:])
    assert read(jpeg(*pieces))["description"] == "x" * 100


@pytest.mark.parametrize("between", [xmp_segment(TITLED), segment(0xE2, b"MPF\x00"), exif_segment(BLOCK)])
def test_exif_goes_on_only_in_the_next_segment(between: bytes) -> None:
    block = tiff({0x0110: "Model", 0x8298: "x" * 100})
    record = read(jpeg(exif_segment(block[:60]), between, exif_segment(block[60:])))
    assert record["camera"] == {"model": "Model"}
    assert "copyright" not in record
    assert record["warnings"] == ["EXIF Copyright cannot be read: it lies behind the end of the data."]


@pytest.mark.parametrize("rubbish", [b"\x00" * 118, b"\xff\x00\xff\x00", b"JFIF\xff", b"\xff" * 9])
def test_what_lies_between_segments_is_skipped_as_decoders_do(rubbish: bytes) -> None:
    data = jpeg(segment(0xEC, b"Ducky"), rubbish, exif_segment(BLOCK))
    assert Image.open(io.BytesIO(data)).size == (8, 8)
    assert read(data)["taken_at"] == TAKEN


@pytest.mark.parametrize("rubbish", [b"\x00" * 200_000, b""])
def test_rubbish_to_the_end_of_a_jpeg_is_no_segment(rubbish: bytes) -> None:
    assert read(jpeg(xmp_segment(TITLED))[: len(xmp_segment(TITLED)) + 2] + rubbish)["title"] == "A title"


def test_of_png_texts_with_one_keyword_the_one_that_was_written_last_counts() -> None:
    texts = [png_chunk(b"tEXt", b"Software\x00" + name) for name in (b"XV 3.10a", b"Ghostscript", b" ")]
    assert read(HEAD + b"".join(texts[:2]) + TAIL)["software"] == "Ghostscript"
    assert (
        read(HEAD + texts[0] + PNG[len(HEAD) : -12] + texts[1] + texts[2] + IEND)["software"] == "Ghostscript"
    )


@pytest.mark.parametrize("file", ["jpeg", "gif"])
def test_of_several_comments_the_first_counts(file: str) -> None:
    if file == "jpeg":
        data = jpeg(segment(0xFE, b"Two swans"), segment(0xFE, b"One swan"))
    else:
        data = gif(b"!\xfe\x09Two swans\x00", b"!\xfe\x08One swan\x00")
    assert read(data)["description"] == "Two swans"


def test_who_wrote_the_file_outranks_who_made_the_picture() -> None:
    """XMP's CreatorTool is the first tool that is known of the resource (XMP part 1, 8.4)."""
    made_with = xmp('xmp:CreatorTool="Lightroom"')
    written_by = png_chunk(b"tEXt", b"Software\x00GIMP")
    packet = png_chunk(b"iTXt", b"XML:com.adobe.xmp\x00\x00\x00\x00\x00" + made_with)
    assert read(HEAD + written_by + packet + TAIL)["software"] == "GIMP"
    assert read(HEAD + packet + TAIL)["software"] == "Lightroom"


def test_metadata_in_boxes_of_jpeg_xl_and_jpeg_2000_is_read() -> None:
    jxl = (
        box(b"JXL ", b"\r\n\x87\n")
        + box(b"ftyp", b"jxl ")
        + box(b"Exif", bytes(4) + BLOCK)
        + box(b"jxlc", bytes(9))
    )
    assert read(jxl)["taken_at"] == TAKEN
    jp2 = box(b"jP  ", b"\r\n\x87\n") + box(b"ftyp", b"jp2 ") + box(b"uuid", b"JpgTiffExif->JP2" + BLOCK)
    assert read(jp2)["taken_at"] == TAKEN


def test_a_file_is_never_read_whole() -> None:
    header = Header(io.BytesIO(HEAD + png_chunk(b"IDAT", bytes(60_000)) * 500 + IEND))
    assert read_record(header) == {}
    assert len(header._blocks) * BLOCK_BYTES <= 4 * BLOCK_BYTES


@pytest.mark.parametrize("form", ["HEIF", "AVIF"])
def test_no_record_says_a_turn_that_is_made_anyway(form: str) -> None:
    made = Image.Exif()
    made[0x0110], made[0x0112] = "Model", 6
    record = read(saved(Image.new("RGB", (64, 48)), form, exif=made.tobytes()))
    assert record["camera"] == {"model": "Model"}
    assert "orientation" not in record


def test_an_orientation_that_nobody_honours_is_none() -> None:
    assert read(jpeg(xmp_segment(xmp('tiff:Orientation="6"')))) == {}
