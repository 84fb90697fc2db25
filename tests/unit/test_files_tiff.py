"""Directories of TIFF files, of either byte order and size, as the specification has them."""

import io
import mmap
import struct

import pytest

from safelight.files import tiff
from safelight.files.tiff import Entry, OutsideFile, Tiff, exif_orientation

BUILT = {"little": ("<", False), "big": (">", False), "BigTIFF": ("<", True), "big BigTIFF": (">", True)}
TAGS = {
    "NEW_SUBFILE_TYPE": 254,
    "IMAGE_WIDTH": 256,
    "IMAGE_LENGTH": 257,
    "BITS_PER_SAMPLE": 258,
    "COMPRESSION": 259,
    "PHOTOMETRIC": 262,
    "MAKE": 271,
    "MODEL": 272,
    "STRIP_OFFSETS": 273,
    "ORIENTATION": 274,
    "SAMPLES_PER_PIXEL": 277,
    "STRIP_BYTE_COUNTS": 279,
    "PLANAR": 284,
    "TILE_OFFSETS": 324,
    "TILE_BYTE_COUNTS": 325,
    "SUB_IFDS": 330,
    "INK_SET": 332,
    "EXTRA_SAMPLES": 338,
    "SAMPLE_FORMAT": 339,
    "YCBCR_COEFFICIENTS": 529,
    "YCBCR_SUBSAMPLING": 530,
    "REFERENCE_BLACK_WHITE": 532,
    "ICC_PROFILE": 34675,
    "DNG_VERSION": 50706,
}
"""TIFF 6.0, appendix A; ICC.1, B.4; DNG 1.7."""

WIDTHS = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}
"""TIFF 6.0, section 2; 13 of TIFF Technical Note 1; 16 to 18 of BigTIFF."""


class Writer:
    """Writes directories one by one, wherever they shall lie."""

    def __init__(self, built: str) -> None:
        self.order, self.big = BUILT[built]
        self.word, self.count = ("Q", "Q") if self.big else ("I", "H")
        self.room = struct.calcsize(self.word)
        mark = b"II" if self.order == "<" else b"MM"
        version = self.pack("HHH", 43, 8, 0) if self.big else self.pack("H", 42)
        self.data = bytearray(mark + version + self.pack(self.word, 0))
        self.link = len(self.data) - self.room

    def pack(self, code: str, *values: int) -> bytes:
        return struct.pack(self.order + code, *values)

    def put(self, block: bytes) -> int:
        """Append a block, and return where it lies."""
        self.data += block
        return len(self.data) - len(block)

    def directory(self, *entries: tuple[int, int, int, bytes | int], linked: bool = True) -> int:
        """Append a directory of (tag, type, number of values, the values or their offset)."""
        body = self.pack(self.count, len(entries))
        for tag, kind, number, value in entries:
            inline = (
                value.ljust(self.room, b"\x00") if isinstance(value, bytes) else self.pack(self.word, value)
            )
            body += self.pack("HH" + self.word, tag, kind, number) + inline
        start = self.put(body + bytes(self.room))
        if linked:
            self.point(self.link, start)
            self.link = len(self.data) - self.room
        return start

    def point(self, at: int, offset: int) -> None:
        self.data[at : at + self.room] = self.pack(self.word, offset)

    def short(self, tag: int, value: int) -> tuple[int, int, int, bytes]:
        return tag, 3, 1, self.pack("H", value)

    @property
    def reader(self) -> Tiff:
        return Tiff(io.BytesIO(bytes(self.data)))

    @property
    def page(self) -> tiff.Directory:
        return next(self.reader.pages())


@pytest.fixture(params=BUILT)
def writer(request: pytest.FixtureRequest) -> Writer:
    return Writer(request.param)


def test_tags_are_those_of_the_specifications() -> None:
    assert {name: getattr(tiff, name) for name in TAGS} == TAGS


def test_the_width_of_each_type_is_that_of_the_specification() -> None:
    assert {kind: Entry(kind, 3, 0).length for kind in WIDTHS} == {k: 3 * v for k, v in WIDTHS.items()}
    assert tiff.SIZES == {**WIDTHS, 129: 1}, "129 is UTF-8 (Exif 3.0, 4.6.2)"
    assert Entry(99, 5, 0).length == 5


def test_a_directory_lies_where_the_header_says(writer: Writer) -> None:
    writer.put(bytes(10))
    start = writer.directory(writer.short(256, 70), writer.short(257, 30))
    page = writer.page
    assert (page.start, page.following, list(page.entries)) == (start, 0, [256, 257])
    assert writer.reader.first() == start
    assert writer.reader.integers(page, 257) == (30,)


def test_pages_follow_one_another(writer: Writer) -> None:
    starts = [writer.directory(writer.short(256, n)) for n in range(3)]
    pages = list(writer.reader.pages())
    assert [page.start for page in pages] == starts
    assert [page.following for page in pages] == [*starts[1:], 0]


def test_a_file_of_no_directory_has_no_page(writer: Writer) -> None:
    assert list(writer.reader.pages()) == []
    assert writer.reader.shown() is None


@pytest.mark.parametrize(("kind", "code"), [(1, "B"), (3, "H"), (4, "I"), (13, "I"), (16, "Q"), (18, "Q")])
@pytest.mark.parametrize("number", range(1, 10))
def test_integers_lie_in_the_entry_while_they_fit(writer: Writer, kind: int, code: str, number: int) -> None:
    values = [200 + n for n in range(number)]
    raw = writer.pack(f"{number}{code}", *values)
    writer.directory((300, kind, number, raw if len(raw) <= writer.room else writer.put(raw)))
    assert writer.reader.integers(writer.page, 300) == tuple(values)
    assert writer.reader.bytes_of(writer.page, 300) == raw


@pytest.mark.parametrize("kind", [2, 5, 6, 7, 8, 9, 10, 11, 12, 17, 129, 14])
def test_what_is_no_integer_has_none(writer: Writer, kind: int) -> None:
    writer.directory((300, kind, 1, b"\x01"))
    assert writer.reader.integers(writer.page, 300) == ()
    assert writer.reader.integers(writer.page, 301) == ()


def test_integers_of_an_absurd_number_are_not_read(writer: Writer) -> None:
    writer.directory(
        (300, 1, 4_000_001, 0), (301, 1, 4_000_000, 0), (302, 5, 4_000_001, 0), (303, 5, 4_000_000, 0)
    )
    page = writer.page
    assert writer.reader.integers(page, 300) == writer.reader.rationals(page, 302) == ()
    with pytest.raises(OutsideFile) as integers:
        writer.reader.integers(page, 301)
    with pytest.raises(OutsideFile) as fractions:
        writer.reader.rationals(page, 303)
    assert (integers.value.needed, fractions.value.needed) == (4_000_000, 32_000_000)


def test_fractions_are_divided(writer: Writer) -> None:
    two = writer.put(writer.pack("4I", 1, 2, 3, 4))
    signed = writer.put(writer.pack("4i", -3, 2, 5, 4))
    none = writer.put(writer.pack("4I", 1, 2, 3, 0))
    writer.directory((5, 5, 2, two), (6, 10, 2, signed), (7, 5, 2, none), (8, 4, 1, b"\x01"))
    page = writer.page
    assert [writer.reader.rationals(page, tag) for tag in (5, 6, 7, 8, 9)] == [
        (0.5, 0.75),
        (-1.5, 1.25),
        (),
        (),
        (),
    ]
    assert [writer.reader.rational(page, tag) for tag in (5, 6, 7, 8, 9)] == [0.5, -1.5, None, None, None]


def test_text_ends_at_a_zero_or_after_64_characters(writer: Writer) -> None:
    long = writer.put(b"y" * 70)
    writer.directory((271, 2, 4, b" ab\x00"), (272, 2, 70, long), (305, 7, 2, b"no"))
    page = writer.page
    assert [writer.reader.text(page, tag) for tag in (271, 272, 305, 306)] == ["ab", "y" * 64, "", ""]


def test_the_first_of_two_entries_counts(writer: Writer) -> None:
    writer.directory(writer.short(274, 6), writer.short(274, 3))
    assert writer.reader.integers(writer.page, 274) == (6,)
    assert [tag for tag, _ in writer.reader.entries(writer.page.start)] == [274, 274]


def test_what_is_missing_is_told_to_the_byte(writer: Writer) -> None:
    outside = len(writer.data) + 1000
    start = writer.directory((300, 4, 100, outside), (301, 2, 50, outside))
    with pytest.raises(OutsideFile) as numbers:
        writer.reader.integers(writer.page, 300)
    with pytest.raises(OutsideFile) as text:
        writer.reader.text(writer.page, 301)
    assert (numbers.value.needed, text.value.needed) == (outside + 400, outside + 50)
    whole = len(writer.data)
    entry = 20 if writer.big else 12
    table = start + (8 if writer.big else 2)
    cuts = {
        whole - 1: whole,
        table + 2 * entry - 1: table + 2 * entry,
        table + entry - 1: table + entry,
        table - 1: table,
    }
    for length, needed in cuts.items():
        with pytest.raises(OutsideFile) as cut:
            list(Tiff(io.BytesIO(bytes(writer.data[:length]))).pages())
        assert cut.value.needed == needed


def test_an_entry_at_the_very_end_of_the_file_is_read(writer: Writer) -> None:
    at = writer.put(b"")
    writer.directory((300, 1, 9, at + 1000))
    writer.put(bytes(at + 1000 - len(writer.data)) + bytes(range(9)))
    assert writer.reader.integers(writer.page, 300) == tuple(range(9))


@pytest.mark.parametrize(("count", "followed"), [(4096, True), (4097, False)])
def test_a_directory_of_an_absurd_number_of_entries_ends_the_chain(
    writer: Writer, count: int, followed: bool
) -> None:
    writer.directory(*(writer.short(n, n) for n in range(count)))
    writer.directory(writer.short(256, 1))
    pages = list(writer.reader.pages())
    assert len(pages[0].entries) == 4096
    assert len(pages) == 1 + followed
    assert list(writer.reader.entries(pages[0].start))[-1][0] == 4095


def test_a_chain_has_at_most_1000_pages(writer: Writer) -> None:
    for n in range(1001):
        writer.directory(writer.short(256, n))
    assert len(list(writer.reader.pages())) == 1000


def test_a_chain_that_chases_its_tail_ends(writer: Writer) -> None:
    first = writer.directory(writer.short(256, 1))
    writer.directory(writer.short(256, 2))
    writer.point(writer.link, first)
    assert len(list(writer.reader.pages())) == 2


def test_sub_directories_follow_their_page_up_to_32(writer: Writer) -> None:
    subs = [writer.directory(writer.short(256, 100 + n), linked=False) for n in range(40)]
    offsets = writer.put(writer.pack("40I", *subs))
    writer.directory(writer.short(256, 1), (330, 13, 40, offsets))
    writer.directory(writer.short(256, 2))
    widths = [writer.reader.integers(each, 256)[0] for each in writer.reader.directories()]
    assert widths == [1, *range(100, 132), 2]


def picture(writer: Writer, width: int, *more: tuple[int, int, int, bytes]) -> int:
    entries = [writer.short(256, width), writer.short(257, 1), *more]
    return writer.directory(*sorted(entries))


@pytest.mark.parametrize("subfile", [1, 3, 4, 5, 7])
def test_a_thumbnail_or_a_mask_is_not_what_is_shown(writer: Writer, subfile: int) -> None:
    picture(writer, 1, writer.short(254, subfile))
    picture(writer, 2, writer.short(254, 2))
    picture(writer, 3)
    shown = writer.reader.shown()
    assert shown
    assert writer.reader.integers(shown, 256) == (2,)


def test_a_thumbnail_is_shown_where_there_is_nothing_else(writer: Writer) -> None:
    writer.directory(writer.short(256, 9))
    writer.directory(writer.short(257, 9))
    picture(writer, 1, writer.short(254, 1))
    picture(writer, 2, writer.short(254, 4))
    shown = writer.reader.shown()
    assert shown
    assert writer.reader.integers(shown, 256) == (1,)


def test_a_directory_is_left_alone_with_what_is_kept_of_it(writer: Writer) -> None:
    values = writer.put(writer.pack("9H", *range(9)))
    writer.directory(writer.short(256, 1))
    start = writer.directory(
        writer.short(256, 70),
        (258, 3, 9, values),
        writer.short(262, 6),
        (273, 3, 2, writer.pack("2H", 8, 9)),
        (305, 2, 2, b"x\x00"),
    )
    writer.directory(writer.short(256, 3))
    page = list(writer.reader.pages())[1]
    with mmap.mmap(-1, len(writer.data)) as copy:
        copy.write(bytes(writer.data))
        kept = {tag: entry for tag, entry in page.entries.items() if tag != 305}
        kept[258] = Entry(3, writer.room // 2, values + 2)  # so few that they fit into the entry
        Tiff(copy).keep_alone(copy, start, kept, {262: 2, 277: 1})
        alone = Tiff(copy)
        (only,) = alone.pages()
        assert {tag: alone.integers(only, tag) for tag in only.entries} == {
            256: (70,),
            258: tuple(range(1, 1 + writer.room // 2)),
            262: (2,),
            273: (8, 9),
            277: (1,),
        }
        assert [only.entries[tag][:2] for tag in (258, 262)] == [(3, writer.room // 2), (3, 1)]
        assert only.entries[258].start > start
        Tiff(copy).keep_alone(copy, start, {258: Entry(3, 9, values)}, {})
        assert next(Tiff(copy).pages()).entries == {258: Entry(3, 9, values)}
        assert len(copy) == len(writer.data)


def test_what_is_absent_has_no_bytes_and_no_values(writer: Writer) -> None:
    writer.directory(writer.short(256, 6))
    (page,) = writer.reader.pages()
    assert writer.reader.bytes_of(page, 700) == b""
    assert writer.reader.integers(page, 700) == writer.reader.rationals(page, 700) == ()
    assert writer.reader.text(page, 700) == ""


@pytest.mark.parametrize("before", [0, 6, 59, 60, 61, 64])
def test_a_header_may_have_so_much_before_it(writer: Writer, before: int) -> None:
    assert tiff.header_in(bytes(before) + bytes(writer.data)) == (before if before <= 60 else -1)


@pytest.mark.parametrize("value", range(-1, 11))
@pytest.mark.parametrize("code", ["H", "I", "B"])
def test_an_orientation_is_1_to_8(writer: Writer, code: str, value: int) -> None:
    kind = {"B": 1, "H": 3, "I": 4}[code]
    writer.directory((274, kind, 1, writer.pack(code, value % 256)))
    assert exif_orientation(bytes(writer.data)) == (value if 1 <= value <= 8 else 1)


def test_a_block_that_says_nothing_of_a_turn_is_upright(writer: Writer) -> None:
    assert exif_orientation(bytes(writer.data)) == 1
    writer.directory(writer.short(256, 6))
    writer.directory(writer.short(274, 6))
    assert exif_orientation(bytes(writer.data)) == 1
    assert exif_orientation(bytes(writer.data)[:-60]) == 1
    assert exif_orientation(b"") == 1
