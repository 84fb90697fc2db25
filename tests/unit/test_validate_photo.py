"""What an original really is, said without decoding it."""

import io
import mmap
import re
import struct
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import images
import metadata_files
import negatives
import tiff_files
from golden.plans import rendered
from safelight.contracts import Photo
from safelight.errors import (
    BadInput,
    CorruptFile,
    EmptyFile,
    FileTooLarge,
    TooManyPixels,
    TruncatedFile,
    UnsupportedFormat,
)
from validate.photo import check_bytes, describe
from validate.sniff import identify

LIMIT = 1_000_000
NAMES = {
    "jpeg": ("JPEG", "image/jpeg"),
    "progressive": ("JPEG", "image/jpeg"),
    "restarts": ("JPEG", "image/jpeg"),
    "mpo": ("JPEG", "image/jpeg"),
    "webp": ("WebP", "image/webp"),
    "webp-lossless": ("WebP", "image/webp"),
    "heic": ("HEIC", "image/heic"),
    "avif": ("AVIF", "image/avif"),
    "gif": ("GIF", "image/gif"),
    **dict.fromkeys(("png", "palette", "rgba", "apng"), ("PNG", "image/png")),
    **dict.fromkeys(
        ("tiff", "tiff-lzw", "tiff-jpeg", "bigtiff", "pages", "big-endian-tiff"), ("TIFF", "image/tiff")
    ),
}


@pytest.fixture
def described(tmp_path: Path):  # type: ignore[no-untyped-def]
    def of(data: bytes, filename: str = "a photo.jpg", limit: int = LIMIT) -> Photo:
        path = tmp_path / "original"
        path.write_bytes(data)
        return describe(path, filename, limit)

    return of


ORIENTED = {
    (format_, n): images.oriented(format_, n)
    for format_ in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF")
    for n in range(1, 9)
}


@pytest.mark.parametrize("name", images.PLAIN)
def test_every_format_is_known_by_its_contents(described, name: str) -> None:  # type: ignore[no-untyped-def]
    data = images.plain(name)
    format_, media_type = NAMES[name]
    assert described(data, "mislabelled.pdf") == {
        "format": format_,
        "media_type": media_type,
        "width": 320,
        "height": 200,
        "bytes": len(data),
    }


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_heic_that_exif_alone_turns_is_measured_turned(described, orientation: int) -> None:  # type: ignore[no-untyped-def]
    photo = described(images.turned_by_exif_alone("HEIF", orientation))
    assert (photo["width"], photo["height"]) == (320, 200)


def test_an_avif_that_exif_alone_turns_is_measured_as_it_is(described) -> None:  # type: ignore[no-untyped-def]
    photo = described(images.turned_by_exif_alone("AVIF", 6))
    assert (photo["width"], photo["height"]) == (200, 320)


@pytest.mark.parametrize(("format_", "orientation"), ORIENTED)
def test_sizes_are_as_displayed(described, format_: str, orientation: int) -> None:  # type: ignore[no-untyped-def]
    photo = described(ORIENTED[format_, orientation])
    assert (photo["width"], photo["height"]) == (320, 200)


def test_a_png_with_its_exif_behind_the_pixels_is_not_decoded(described) -> None:  # type: ignore[no-untyped-def]
    data = images.plain("png")
    end = data.index(b"IEND") - 4
    chunk = images.png_chunk(b"eXIf", images.exif(6)[6:])
    photo = described(data[:end] + chunk + data[end:])
    assert (photo["width"], photo["height"]) == (200, 320)


def test_broken_exif_does_not_make_a_broken_photo(described) -> None:  # type: ignore[no-untyped-def]
    data = images.plain("jpeg")
    broken = b"Exif\x00\x00II*\x00\xff\xff\xff\xff"
    segment = b"\xff\xe1" + struct.pack(">H", len(broken) + 2) + broken
    assert described(data[:2] + segment + data[2:])["width"] == 320


def without_pixels(name: str) -> bytes:
    """A plain file whose structure is whole, and whose coded pixels are nonsense."""
    data = images.plain(name)
    if name == "png":
        start = data.index(b"IDAT") - 4
        end = data.index(b"IEND") - 4
        return data[:start] + images.png_chunk(b"IDAT", b"nonsense") + data[end:]
    at = {
        "jpeg": data.index(b"\xff\xda") + 20 if name == "jpeg" else 0,
        "webp": 32,
        "tiff-lzw": 10,
        "heic": len(data) - 200,
        "avif": len(data) - 200,
        "gif": 800,
    }[name]
    return data[:at] + bytes(16) + data[at + 16 :]


@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "tiff-lzw", "heic", "avif", "gif"])
def test_nothing_is_decoded(described, name: str) -> None:  # type: ignore[no-untyped-def]
    assert described(without_pixels(name))["width"] == 320


def test_an_empty_file_says_so(described) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(EmptyFile, match=r"a photo\.jpg has no bytes"):
        described(b"")


def test_sizes_are_checked_at_their_limits() -> None:
    check_bytes(100, 100, "a.jpg")
    with pytest.raises(FileTooLarge, match=r"a\.jpg has 101 bytes; at most 100"):
        check_bytes(101, 100, "a.jpg")


def test_a_bomb_is_refused_from_its_header(described) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(TooManyPixels, match=r"a photo\.jpg would decode to 60,000 x 60,000 pixels, 3,600"):
        described(images.bomb())


@pytest.mark.parametrize("name", sorted(images.FORMATS))
def test_the_limit_of_pixels_is_exact(described, name: str) -> None:  # type: ignore[no-untyped-def]
    assert described(images.plain(name), limit=64_000)
    with pytest.raises(TooManyPixels):
        described(images.plain(name), limit=63_999)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("name", sorted(images.PLAIN.keys() - {"mpo"}))
def test_a_file_cut_short_is_truncated(described, name: str, share: float) -> None:  # type: ignore[no-untyped-def]
    data = images.plain(name)
    cut = data[: int(len(data) * share)]
    with pytest.raises(TruncatedFile, match=rf"a photo\.jpg ends after {len(cut):,} bytes"):
        described(cut)


def test_an_mpo_is_whole_with_its_first_image(described) -> None:  # type: ignore[no-untyped-def]
    data = images.plain("mpo")
    second = data.index(b"\xff\xd9\xff\xd8") + 2
    assert described(data[:second])["width"] == 320
    with pytest.raises(TruncatedFile):
        described(data[: second - 3])


@pytest.mark.parametrize("name", sorted(images.FORMATS - {"jpeg", "gif", "png"}))
def test_one_missing_byte_is_noticed_and_what_is_needed_is_told(described, name: str) -> None:  # type: ignore[no-untyped-def]
    data = images.plain("tiff-lzw" if name == "tiff" else name)
    if name in ("tiff", "bigtiff"):
        data = images.plain("big-endian-tiff")
    with pytest.raises(TruncatedFile, match=f"of the {len(data):,} that it needs"):
        described(data[:-1])


@pytest.mark.parametrize("name", ["heic", "avif"])
def test_an_item_that_lies_behind_the_end_of_whole_boxes_is_missed(described, name: str) -> None:  # type: ignore[no-untyped-def]
    data = images.plain(name)
    at = data.index(b"mdat") - 4
    assert struct.unpack(">I", data[at : at + 4])[0] == len(data) - at
    cut = data[:at] + struct.pack(">I", len(data) - at - 100) + data[at + 4 : -100]
    with pytest.raises(TruncatedFile, match=f"ends after {len(cut):,} bytes of the {len(data):,}"):
        described(cut)


WITHOUT_THEIR_ENDS = {
    "jpeg": (1, 2),
    "progressive": (1, 2),
    "restarts": (1, 2),
    "gif": (1,),
    "png": tuple(range(1, 17)),
}
"""How many bytes of each kind say the end, or are a checksum, and nothing else."""


@pytest.mark.parametrize("name", WITHOUT_THEIR_ENDS)
def test_a_file_that_lacks_its_end_marker_alone_is_whole(described, name: str) -> None:  # type: ignore[no-untyped-def]
    for cut in WITHOUT_THEIR_ENDS[name]:
        photo = described(images.plain(name)[:-cut])
        assert (photo["width"], photo["height"], "incomplete" in photo) == (320, 200, False)


@pytest.mark.parametrize("lost", [1, 2, 6, 18, 98])
@pytest.mark.parametrize("name", WITHOUT_THEIR_ENDS)
def test_a_file_that_lacks_the_least_of_its_pixels_is_truncated(described, name: str, lost: int) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(TruncatedFile, match="Copy or upload it again"):
        described(images.plain(name)[: -max(WITHOUT_THEIR_ENDS[name]) - lost])


def test_a_png_without_its_end_whose_pixels_are_too_few_is_truncated(described) -> None:  # type: ignore[no-untyped-def]
    data = images.plain("png")
    end = data.index(b"IEND") - 4
    start = data.index(b"IDAT") - 4
    half = images.png_chunk(b"IDAT", data[start + 8 : end - 4][:-200])
    with pytest.raises(TruncatedFile, match="its end marker is missing"):
        described(data[:start] + half)


def test_a_png_that_is_cut_within_what_follows_its_pixels_is_truncated(described) -> None:  # type: ignore[no-untyped-def]
    data = images.plain("png")
    text = images.png_chunk(b"tEXt", b"Comment\x00" + bytes(100))
    with pytest.raises(TruncatedFile):
        described(data[:-12] + text[:50])


def test_the_limit_of_pixels_comes_before_pixels_are_judged(described) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(TooManyPixels):
        described(images.plain("jpeg")[:-100], limit=63_999)


def ends_of_scans(data: bytes) -> list[int]:
    """Where the data of each scan of a JPEG end."""
    scans = [found.start() for found in re.finditer(rb"\xff\xda", data)]
    marker = re.compile(rb"\xff[\xc4\xda\xd9]")
    return [next(marker.finditer(data, at + 2)).start() for at in scans]


@pytest.mark.parametrize("end", [b"\xff\xd9", b""], ids=["ended", "cut"])
@pytest.mark.parametrize("missing", [0, 1, 2, 5, -1])
def test_a_jpeg_of_some_of_its_scans_says_so(described, missing: int, end: bytes) -> None:  # type: ignore[no-untyped-def]
    data = images.plain("progressive")
    ends = ends_of_scans(data)
    photo = described(data[: ends[0 if missing < 0 else len(ends) - 1 - missing]] + end)
    assert photo.get("incomplete", False) is (missing != 0)


@pytest.mark.parametrize("name", sorted(images.PLAIN.keys() - {"progressive"}))
def test_what_is_whole_is_not_called_incomplete(described, name: str) -> None:  # type: ignore[no-untyped-def]
    assert "incomplete" not in described(images.plain(name))


def test_a_jpeg_of_some_of_its_components_says_so(described) -> None:  # type: ignore[no-untyped-def]
    data = images.plain("jpeg")
    header = data.index(b"\xff\xda")
    of_luma = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"
    assert described(data[:header] + of_luma + data[header + 14 :])["incomplete"]


@pytest.mark.parametrize("name", images.PLAIN)
@pytest.mark.parametrize(
    "trailer", [bytes(512), b"MotionPhoto_Data" + bytes(range(256))], ids=["zeros", "video"]
)
def test_what_follows_the_image_does_not_matter(described, name: str, trailer: bytes) -> None:  # type: ignore[no-untyped-def]
    assert described(images.plain(name) + trailer)["width"] == 320


@pytest.mark.parametrize("name", ["png", "heic"])
def test_a_damaged_structure_never_passes(described, name: str) -> None:  # type: ignore[no-untyped-def]
    data = images.plain(name)
    with pytest.raises((CorruptFile, TruncatedFile)):
        described(data[:12] + b"\xf5" * 64 + data[76:])


def test_a_flipped_bit_in_a_png_is_found_by_its_checksum(described) -> None:  # type: ignore[no-untyped-def]
    data = bytearray(images.plain("png"))
    at = data.index(b"IDAT")
    data[at + 40] ^= 1
    with pytest.raises(CorruptFile, match=r"checksum of its IDAT chunk at byte 33 is wrong"):
        described(bytes(data))


def two_parts(data: bytes) -> tuple[bytes, bytes, bytes]:
    """What is before the one IDAT chunk of a PNG, and the halves of what is in it."""
    start, end = data.index(b"IDAT") - 4, data.index(b"IEND") - 4
    coded = data[start + 8 : end - 4]
    return data[:start], coded[: len(coded) // 2], coded[len(coded) // 2 :]


def test_a_png_whose_pixels_are_all_there_is_whole_whatever_its_checksums_say(  # type: ignore[no-untyped-def]
    described, tmp_path: Path
) -> None:
    head, first, second = two_parts(images.plain("png"))
    wrong = [images.png_chunk(b"IDAT", part)[:-4] + b"none" for part in (first, second)]
    right = [images.png_chunk(b"IDAT", part) for part in (first, second)]
    end = images.png_chunk(b"IEND", b"")
    for made in (
        [*wrong, end],
        [right[0], wrong[1], end],
        [wrong[0], right[1], images.png_chunk(b"tEXt", b"Comment\x00x"), end],
        [right[0], wrong[1]],
        [*right, right[0][:-40]],
    ):
        data = head + b"".join(made)
        assert described(data)["width"] == 320
        shown = Image.open(io.BytesIO(rendered(tmp_path, data).body))
        images.assert_similar(shown.convert("RGB"), images.picture(), "png-checksums")


def test_a_wrong_checksum_of_a_palette_or_a_header_is_damage(described) -> None:  # type: ignore[no-untyped-def]
    data = images.saved(images.picture().quantize(16), "PNG")
    for kind in (b"IHDR", b"PLTE"):
        at = data.index(kind)
        length = int.from_bytes(data[at - 4 : at], "big")
        broken = data[: at + 4 + length] + b"none" + data[at + 8 + length :]
        with pytest.raises(CorruptFile, match=rf"checksum of its {kind.decode()} chunk"):
            described(broken)


def test_a_jpeg_that_lost_a_stretch_between_restart_markers_is_corrupt(described) -> None:  # type: ignore[no-untyped-def]
    data = images.plain("restarts")
    first, second = data.index(b"\xff\xd0"), data.index(b"\xff\xd1")
    with pytest.raises(CorruptFile, match="damaged inside its image data"):
        described(data[:first] + data[second:])
    last = max(data.rfind(bytes([0xFF, 0xD0 + n])) for n in range(8))
    with pytest.raises(CorruptFile, match="has only 12 of the 13 stretches"):
        described(data[:last] + data[-2:])


@pytest.mark.parametrize("wrong", [{3: 5}, {0: 7}, {11: 0}, {2: 3, 3: 2}, dict.fromkeys(range(12), 0)])
def test_wrong_numbers_of_restart_markers_that_are_all_there_are_no_damage(described, wrong) -> None:  # type: ignore[no-untyped-def]
    data = images.plain("restarts")
    assert described(images.renumbered(data, wrong))["width"] == 320


def test_a_jpeg_that_claims_to_have_no_components_is_refused(described) -> None:  # type: ignore[no-untyped-def]
    data = bytearray(images.plain("restarts"))
    data[data.index(b"\xff\xc0") + 9] = 0
    with pytest.raises(BadInput, match=r"^a photo\.jpg"):
        described(bytes(data))


@pytest.mark.parametrize("tag", [324, 325])
def test_a_tiff_that_claims_more_planes_than_a_file_can_have_is_truncated(described, tag: int) -> None:  # type: ignore[no-untyped-def]
    page = tiff_files.page(np.asarray(images.picture(64, 48)), tiff_files.RGB, planar=True, tiled=True)
    entry, many = struct.pack("<HHI", tag, 4, 12), struct.pack("<HHI", tag, 4, 0xFFFFFFFF)
    data = tiff_files.file(page)
    assert data.count(entry) == 1
    with pytest.raises(TruncatedFile, match="that it needs"):
        described(data.replace(entry, many))


def test_a_tiff_that_claims_thousands_of_planes_is_refused(described) -> None:  # type: ignore[no-untyped-def]
    page = tiff_files.page(np.asarray(images.picture(64, 48)), tiff_files.RGB, planar=True)
    extra = (tiff_files.SHORT, [0] * 59_997)
    many = {
        **page.entries,
        277: (tiff_files.SHORT, [60_000]),
        338: extra,
        258: (tiff_files.SHORT, [8] * 60_000),
    }
    with pytest.raises(UnsupportedFormat, match="60,000 planes"):
        described(tiff_files.file(page._replace(entries=many)))


def test_a_jpeg_ls_is_named(described) -> None:  # type: ignore[no-untyped-def]
    data = images.plain("jpeg")
    at = data.index(b"\xff\xc0") + 1
    with pytest.raises(UnsupportedFormat, match=r"is a JPEG-LS image, .* Save it as PNG"):
        described(data[:at] + b"\xf7" + data[at + 1 :])


def test_a_jpeg_without_an_image_is_corrupt(described) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(CorruptFile, match="without an image"):
        described(b"\xff\xd8\xff\xe0\x00\x04\x00\x00\xff\xd9")


def test_zeros_are_a_lost_file_and_not_a_format(described) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(CorruptFile, match="2,380 zero bytes"):
        described(bytes(2380))


@pytest.mark.parametrize(
    ("data", "looks_like"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
        (b"\x00\x00\x00\x10ftypjxs \x00\x00\x00\x00\x00\x00\x00\x08meta", "an ISO media file without"),
        (b"\x1aE\xdf\xa3\x84\x42\x82\x81x", "a file of EBML that is no film"),
        (b"\x00\x00\x01\xba\x44\x00\x04", "an MPEG program stream, as of a DVD"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9", "a Windows Media file"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "a sound"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
        (b"PK\x03\x04\x14\x00", "a ZIP archive"),
        (b"just some words, and a line\n", "text"),
        ("Grüße, résumé".encode(), "text"),
        (b"\n<!DOCTYPE html><html><body>404", "a web page"),
        (b"\x01\x02\x03\x04\x05\x06\x07", "in no format that Safelight knows"),
    ],
)
def test_what_is_no_photo_is_named_with_a_remedy(described, data: bytes, looks_like: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UnsupportedFormat) as raised:
        described(data, "holiday.jpg")
    message = str(raised.value)
    assert message.startswith(f"holiday.jpg is {looks_like}")
    assert message.count(".") >= 3  # the name, what is wrong, what to do
    assert any(verb in message for verb in ("Upload", "Save", "Export", "Convert", "upload"))


def maker(name: bytes) -> bytes:
    """A TIFF whose sub-directory holds a colour filter array, as a NEF, ARW or PEF has it."""
    at = 8 + 2 + 12 * 2 + 4 + 18
    data = bytearray(images.tiff_directory({271: (2, at)}, tag=262, value=32803))
    entry = struct.pack("<HHII", 271, 2, len(name), at)
    data[10:22] = entry
    return bytes(data[:at]) + name + bytes(64)


def branded(name: str, major: bytes, minor: bytes = bytes(4)) -> bytes:
    """A plain HEIC or AVIF file with another major brand."""
    data = images.plain(name)
    return data[:8] + major + minor + data[16:]


def coded_as(kind: bytes) -> bytes:
    """A HEIC file whose pictures are said to be coded otherwise."""
    return images.plain("heic").replace(b"hvc1", kind)


@pytest.mark.parametrize(
    "major", [b"mif1", b"mif2", b"mif3", b"msf1", b"miaf", b"jpeg", b"avis", b"heic", b"avif"]
)
@pytest.mark.parametrize("name", ["heic", "avif"])
def test_a_heif_file_is_what_its_picture_is_coded_as(described, name: str, major: bytes) -> None:  # type: ignore[no-untyped-def]
    photo = described(branded(name, major))
    assert (photo["format"], photo["width"]) == (NAMES[name][0], 320)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (b"jpeg", "JPEG"),
        (b"vvc1", "VVC"),
        (b"avc1", r"H\.264"),
        (b"j2k1", "JPEG 2000"),
        (b"unci", "plain samples"),
    ],
)
def test_a_heif_file_that_no_decoder_here_reads_is_refused_by_name(
    described, kind: bytes, words: str
) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UnsupportedFormat, match=rf"is a HEIF image coded as {words}, .* Export it as JPEG"):
        described(coded_as(kind))


@pytest.mark.parametrize("major", [b"avis", b"hevc", b"msf1"])
def test_a_sequence_without_a_still_picture_is_refused_by_name(described, major: bytes) -> None:  # type: ignore[no-untyped-def]
    boxes = metadata_files.box(b"ftyp", major, bytes(4), b"iso8") + metadata_files.box(b"moov", bytes(64))
    with pytest.raises(UnsupportedFormat, match="is an image sequence without a still picture"):
        described(boxes + metadata_files.box(b"mdat", bytes(64)))


def test_a_sequence_with_a_still_picture_is_shown_by_it(described) -> None:  # type: ignore[no-untyped-def]
    upright = images.picture()
    data = images.saved(upright, "AVIF", save_all=True, append_images=[upright.rotate(180)], duration=100)
    assert b"moov" in data
    assert described(data)["format"] == "AVIF"


RAWS = {
    "Fujifilm RAF": b"FUJIFILMCCD-RAW 0201" + bytes(80),
    "Olympus ORF": b"IIRO\x08\x00\x00\x00" + bytes(80),
    "Olympus ORF (S)": b"IIRS\x08\x00\x00\x00" + bytes(80),
    "Olympus ORF (M)": b"MMOR\x00\x00\x00\x08" + bytes(80),
    "Panasonic RW2": b"IIU\x00\x18\x00\x00\x00" + bytes(80),
    "Canon CR2": b"II*\x00\x10\x00\x00\x00CR\x02\x00" + bytes(80),
    "Canon CR3": b"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01crx isom" + bytes(80),
    "Canon CRW": b"II\x1a\x00\x00\x00HEAPCCDR" + bytes(80),
    "Minolta MRW": b"\x00MRM" + bytes(80),
    "Sigma X3F": b"FOVb" + bytes(80),
    "DNG": images.tiff_directory({256: (4, 10), 50706: (1, 0x0401)}),
    "Nikon NEF": maker(b"NIKON CORPORATION\x00"),
    "Sony ARW": maker(b"SONY\x00"),
    "Pentax PEF": maker(b"PENTAX Corporation\x00"),
    "TIFF-based camera RAW": images.tiff_directory({259: (3, 34713)}),
}


MEDIA_TYPES = {
    "Fujifilm RAF": "image/x-fuji-raf",
    "Olympus ORF": "image/x-olympus-orf",
    "Panasonic RW2": "image/x-panasonic-rw2",
    "Canon CR2": "image/x-canon-cr2",
    "Canon CR3": "image/x-canon-cr3",
    "Canon CRW": "image/x-canon-crw",
    "Minolta MRW": "image/x-minolta-mrw",
    "Sigma X3F": "image/x-sigma-x3f",
    "DNG": "image/x-adobe-dng",
    "Nikon NEF": "image/x-nikon-nef",
    "Sony ARW": "image/x-sony-arw",
    "Pentax PEF": "image/x-pentax-pef",
    "TIFF-based camera RAW": "image/x-dcraw",
}


@pytest.mark.parametrize("kind", RAWS)
def test_camera_raws_are_recognised_by_their_contents(described, kind: str) -> None:  # type: ignore[no-untyped-def]
    with mmap.mmap(-1, len(RAWS[kind])) as data:
        data.write(RAWS[kind])
        found = identify(data, "IMG_1.tif")
    assert (found.name, found.media_type) == ("RAW", MEDIA_TYPES[kind.partition(" (")[0]])
    with pytest.raises(BadInput, match=r"^IMG_1\.tif"):  # there is nothing behind these headers
        described(RAWS[kind], "IMG_1.tif")


def test_a_camera_raw_that_libraw_does_not_know_is_refused_with_a_remedy(described) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UnsupportedFormat, match=r"IMG_1\.tif is a camera RAW file .* Convert it to DNG"):
        described(RAWS["DNG"], "IMG_1.tif")


@pytest.mark.parametrize("preview", [None, images.picture(160, 100)], ids=["alone", "with a preview"])
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_camera_raw_is_described_as_displayed(described, orientation: int, preview) -> None:  # type: ignore[no-untyped-def]
    data = negatives.dng(negatives.picture(), orientation, preview)
    assert described(data) == {
        "format": "RAW",
        "media_type": "image/x-adobe-dng",
        "width": 320,
        "height": 200,
        "bytes": len(data),
    }


@pytest.mark.parametrize("preview", [None, images.picture(160, 100)], ids=["alone", "with a preview"])
def test_a_camera_raw_without_its_last_byte_is_truncated(described, preview) -> None:  # type: ignore[no-untyped-def]
    data = negatives.dng(negatives.picture(), 1, preview)
    for length in (len(data) - 1, len(data) // 2, 100):
        with pytest.raises(TruncatedFile, match=rf"a photo\.jpg ends after {length:,} bytes"):
            described(data[:length])


def test_the_limit_of_pixels_holds_for_camera_raw(described) -> None:  # type: ignore[no-untyped-def]
    data = negatives.dng(negatives.picture())
    assert described(data, limit=64_000)
    with pytest.raises(TooManyPixels):
        described(data, limit=63_999)


def test_a_raf_says_where_its_parts_end(described) -> None:  # type: ignore[no-untyped-def]
    header = b"FUJIFILMCCD-RAW 0201".ljust(84, b"\x00") + struct.pack(">6I", 200, 100, 300, 100, 400, 600)
    with pytest.raises(TruncatedFile, match="ends after 999 bytes of the 1,000 that it needs"):
        described(header.ljust(999, b"\x00"))
    with pytest.raises((UnsupportedFormat, CorruptFile)):  # whole, but LibRaw finds no camera in it
        described(header.ljust(1000, b"\x00"))


def rw2(packing: int, bits: int, data: int) -> bytes:
    """A Panasonic RW2 of 560 x 400 pixels with so many bytes of sensor data."""
    tags = {0x02: 560, 0x03: 400, 0x0A: bits, 0x2D: packing, 0x118: 1000}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    header = b"IIU\x00" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)
    return header.ljust(1000, b"\x00") + bytes(data)


RW2_BYTES = {(4, 12): 256_000, (5, 12): 358_400, (5, 14): 396_800, (6, 14): 320_000, (7, 12): 358_400}


@pytest.mark.parametrize(("packing", "bits"), RW2_BYTES)
def test_an_rw2_that_lacks_sensor_data_is_truncated_and_no_noise(described, packing: int, bits: int) -> None:  # type: ignore[no-untyped-def]
    least = RW2_BYTES[packing, bits] - 0x4000
    with pytest.raises(TruncatedFile, match=f"of the {1000 + least:,} that it needs"):
        described(rw2(packing, bits, least - 1))
    with pytest.raises((UnsupportedFormat, CorruptFile)):  # whole, but LibRaw finds no camera in it
        described(rw2(packing, bits, least))


def test_an_rw2_of_a_packing_that_is_not_known_is_left_to_libraw(described) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises((UnsupportedFormat, CorruptFile)):
        described(rw2(8, 14, 1000))


def test_no_damage_to_a_camera_raw_escapes_as_anything_but_bad_input(described) -> None:  # type: ignore[no-untyped-def]
    data = negatives.dng(negatives.picture(64, 40), 6, images.picture(64, 40))
    for at in range(0, 700, 3):
        with suppress(BadInput):
            described(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])


def test_a_tiff_exported_by_a_camera_maker_is_a_tiff(described) -> None:  # type: ignore[no-untyped-def]
    buffer = io.BytesIO()
    images.picture().save(buffer, "TIFF", tiffinfo={271: "NIKON CORPORATION", 272: "NIKON D850"})
    assert described(buffer.getvalue())["format"] == "TIFF"


def test_directories_that_chase_their_own_tail_come_to_an_end(described) -> None:  # type: ignore[no-untyped-def]
    loop = bytearray(images.tiff_directory({256: (4, 10)}))
    loop[8 + 2 + 12 : 8 + 2 + 16] = struct.pack("<I", 8)
    with pytest.raises(BadInput):
        described(bytes(loop))


@pytest.mark.parametrize("name", images.PLAIN)
def test_no_damage_to_a_header_escapes_as_anything_but_bad_input(described, name: str) -> None:  # type: ignore[no-untyped-def]
    data = images.plain(name)
    for at in range(0, min(len(data), 600), 3):
        damaged = data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]
        with suppress(BadInput):
            described(damaged)


SAMPLES = {
    "broken/broken image.JPG": (CorruptFile, "zero bytes"),
    "broken/corrupted.jpg": (CorruptFile, "at byte 212,992"),
}


@pytest.mark.skipif(not images.SAMPLES.exists(), reason="the sample photos are not here")
@pytest.mark.parametrize("name", SAMPLES)
def test_sample_files_that_cannot_be_rendered(name: str) -> None:
    error, words = SAMPLES[name]
    with pytest.raises(error, match=words):
        describe(images.SAMPLES / name, Path(name).name, 250_000_000)
