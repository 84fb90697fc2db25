"""An archive is one that zipfile, unzip, jar, 7z and bsdtar read."""

import io
import shutil
import subprocess
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from export import checksums
from export.archive import Entry, Layout, Piece, layout, split
from export.parts import COPIED, LEAST, MOST_BYTES, WRITTEN, parts_of

READERS = {
    "unzip": ["unzip", "-tqq"],
    "7z": ["7z", "t", "-bd"],
    "bsdtar": ["bsdtar", "-tf"],
    "jar": ["jar", "tf"],
}


def entry(name: str, body: bytes, taken_at: str | None = None, instant: str | None = None) -> Entry:
    return Entry(name, len(body), zlib.crc32(body), taken_at, instant)


def written(made: Layout, bodies: list[bytes]) -> bytes:
    """Return the bytes of an archive, whose entries have these bodies."""
    return b"".join(
        (made.literals if each.source is None else bodies[each.source])[each.start : each.start + each.size]
        for each in made.pieces
    )


contents = st.lists(st.binary(max_size=200), max_size=8)


@given(contents)
def test_what_is_laid_out_is_read_back(bodies: list[bytes]) -> None:
    entries = [entry(f"Ferien/Käse {number}.jpg", body) for number, body in enumerate(bodies)]
    made = layout(entries)
    whole = written(made, bodies)
    assert (len(whole), zlib.crc32(whole)) == (made.size, made.crc32)
    with zipfile.ZipFile(io.BytesIO(whole)) as opened:
        assert opened.testzip() is None
        assert [opened.read(info) for info in opened.infolist()] == bodies
        assert opened.namelist() == [each.name for each in entries]


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_checksums_of_two_make_that_of_both(first: bytes, second: bytes) -> None:
    made = checksums.combined(zlib.crc32(first), zlib.crc32(second), len(second))
    assert made == zlib.crc32(first + second)


@pytest.mark.parametrize("reader", READERS)
def test_other_programs_find_nothing_wrong(reader: str, tmp_path: Path) -> None:
    if shutil.which(READERS[reader][0]) is None:
        pytest.skip(f"{reader} is not on this machine")
    bodies = [b"one" * 100, b"", b"three"]
    names = ["Año/été 日本 🎉.jpg", "empty.jpg", "z.jpg.xmp"]
    whens = ["2024-06-01T12:30:58", None, "1907-01-01T00:00:00"]
    path = tmp_path / "photos.zip"
    made = [
        entry(name, body, when, "2024-06-01T10:30:58+00:00")
        for name, body, when in zip(names, bodies, whens, strict=True)
    ]
    path.write_bytes(written(layout(made), bodies))
    ran = subprocess.run([*READERS[reader], path], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_files_have_the_time_at_which_photos_were_taken() -> None:
    times: dict[str | None, tuple[int, ...]] = {
        "2024-06-01T12:30:59": (2024, 6, 1, 12, 30, 58),
        "1907-05-01T12:30:59": (1980, 1, 1, 0, 0, 0),
        "2150-05-01T12:30:59": (2107, 12, 31, 23, 59, 58),
        None: (1980, 1, 1, 0, 0, 0),
    }
    entries = [entry(str(when), b"x", when) for when in times]
    with zipfile.ZipFile(io.BytesIO(written(layout(entries), [b"x"] * 4))) as opened:
        assert [info.date_time for info in opened.infolist()] == list(times.values())


@pytest.mark.parametrize(
    ("instant", "field"),
    [
        ("2024-06-01T12:00:00+02:00", b"UT\x05\x00\x01" + (1717236000).to_bytes(4, "little")),
        ("2024-06-01T10:00:00.250Z", b"UT\x05\x00\x01" + (1717236000).to_bytes(4, "little")),
        ("1907-06-01T10:00:00Z".replace("1907", "1890"), b""),
        (None, b""),
    ],
)
def test_the_moment_is_there_where_it_is_known(instant: str | None, field: bytes) -> None:
    whole = written(layout([entry("a.jpg", b"x", "2024-06-01T12:00:00", instant)]), [b"x"])
    with zipfile.ZipFile(io.BytesIO(whole)) as opened:
        assert opened.infolist()[0].extra == field


class Repeated(io.RawIOBase):
    """An archive of which the bytes of entries are a repeated byte, so that it takes no room."""

    def __init__(self, made: Layout) -> None:
        self._literals = made.literals
        self._size, self._at = made.size, 0
        self._places: list[tuple[int, Piece]] = []
        start = 0
        for piece in made.pieces:
            self._places.append((start, piece))
            start += piece.size

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence] + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        end = min(self._at + len(buffer), self._size)
        made = b""
        for start, piece in self._places:
            low, high = max(start, self._at), min(start + piece.size, end)
            if low < high:
                own = piece.start - start
                made += self._literals[low + own : high + own] if piece.source is None else bytes(high - low)
        buffer[: len(made)] = made
        self._at += len(made)
        return len(made)


LARGE = 5 << 30


@pytest.mark.parametrize("sizes", [[LARGE, 3], [3 << 30, 2 << 30, 7, 0], [0xFFFFFFFF, 1], [0xFFFFFFFE, 1]])
def test_entries_and_archives_above_4_gib_are_found_where_they_are(sizes: list[int]) -> None:
    crc32s = [checksums.combined(0, 0, size) if size > 7 else zlib.crc32(bytes(size)) for size in sizes]
    entries = [Entry(f"{n}.jpg", size, crc) for n, (size, crc) in enumerate(zip(sizes, crc32s, strict=True))]
    with zipfile.ZipFile(cast(IO[bytes], Repeated(layout(entries)))) as opened:
        assert [info.file_size for info in opened.infolist()] == sizes
        for info in opened.infolist():
            with opened.open(info) as file:
                assert file.read(2) == bytes(min(2, info.file_size))


def test_seventy_thousand_entries_are_listed() -> None:
    entries = [Entry(f"{number}.jpg", 0, 0) for number in range(70_000)]
    with zipfile.ZipFile(io.BytesIO(written(layout(entries), []))) as opened:
        assert len(opened.infolist()) == 70_000


sizes = st.lists(
    st.tuples(
        st.booleans(), st.integers(1, 40) | st.integers(LEAST - 2, 3 * LEAST) | st.just(2 * COPIED + 9)
    ),
    max_size=30,
)


@given(sizes)
def test_parts_are_the_archive_in_sizes_that_s3_takes(drawn: list[tuple[bool, int]]) -> None:
    pieces = [Piece(None if literal else number, 0, size) for number, (literal, size) in enumerate(drawn)]
    parts = list(parts_of(pieces))
    whole: list[Piece] = []
    for piece in (each for part in parts for each in part.pieces):
        if piece.start:  # it goes on where the piece before it ends
            before = whole.pop()
            assert (before.source, before.size) == (piece.source, piece.start)
            piece = Piece(piece.source, 0, before.size + piece.size)
        whole.append(piece)
    assert whole == pieces
    assert all(part.size >= LEAST for part in parts[:-1])
    for part in parts:
        assert part.size <= (COPIED + LEAST if part.is_copy else WRITTEN + LEAST)
        assert not part.is_copy or (len(part.pieces) == 1 and part.pieces[0].source is not None)


def test_an_upload_never_has_more_parts_than_s3_takes() -> None:
    assert MOST_BYTES / LEAST < 10_000


@given(st.lists(st.integers(0, 400), max_size=20), st.integers(300, 2000))
def test_archives_are_no_larger_than_asked_for(drawn: list[int], most: int) -> None:
    entries = [Entry(f"{number}.jpg", size, 0) for number, size in enumerate(drawn)]
    groups = list(split(entries, most))
    assert [each for group in groups for each in group] == entries
    assert all(layout(group).size <= most or len(group) == 1 for group in groups)
