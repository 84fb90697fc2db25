"""Reads films of QuickTime's kind: MP4, MOV, M4V and 3GP (ISO/IEC 14496-12; QuickTime File Format).

The index of a film, `moov`, lies before its pictures or behind them; a fragmented film has more, in each
`moof`.
"""

import struct
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, NamedTuple

from safelight.files.boxes import Box, bodies_in, boxes
from safelight.files.films import coded
from safelight.files.films.reel import (
    CutShort,
    Damaged,
    Pictures,
    Protected,
    Reel,
    Transfer,
    Unfinished,
    rate_of,
    transfer_of,
)
from safelight.files.seekable import Seekable, read_at, size_of

_MAX_PARTS = 400_000
"""As many as ten hours have in fragments of half a second, with what stands beside each."""

_MAX_TRACKS = 100
_MAX_BODY_BYTES = 1024 * 1024
_MAX_TABLE_BYTES = 64 * 1024 * 1024
"""Of 24 hours in chunks of half a second there are 1.4 MB."""

_PARTS = {b"mdat", b"moov", b"moof", b"free", b"skip", b"uuid", b"wide", b"mfra", b"sidx", b"styp"}
"""Boxes of a film. Behind one that is whole, another kind that reaches past the end is a maker's trailer."""

_ENTRY_BYTES = 86
"""Those of a visual sample entry before the boxes in it (14496-12, 12.1.3)."""

_ENCRYPTED = {"encv", "drmi"}
_NAMES = {
    **{"avc3": "avc1", "hev1": "hvc1", "dvh1": "hvc1", "dvhe": "hvc1", "dva1": "avc1", "dvav": "avc1"},
    **dict.fromkeys(("sowt", "twos", "in24", "in32", "fl32", "raw"), "lpcm"),
    **dict.fromkeys(("jpeg", "mjpa", "mjpb"), "mjpg"),
    ".mp3": "mp3",
}
"""The same coding under names that say where its parameters are; Dolby Vision's base is plain HEVC."""

_DOLBY_BASES: dict[int, Transfer] = {0: "pq", 1: "pq", 2: "sdr", 4: "hlg", 6: "pq"}
"""By what the base of Dolby Vision is compatible with; 0 is with nothing (Dolby, streams within ISO-BMFF)."""

_TURNS: dict[tuple[int, ...], Literal[0, 90, 180, 270]] = {
    (0, 1, -1, 0): 90,
    (-1, 0, 0, -1): 180,
    (0, -1, 1, 0): 270,
}
"""By the signs of a track's matrix: the turn clockwise that displays it."""


class Index(NamedTuple):
    """Where the index of a film lies: its `moov`, and each `moof` of a fragmented one."""

    film: Box
    fragments: list[Box]


@dataclass
class Track:
    """What the index says of a track; `length` in its own `scale` per second."""

    number: int
    enabled: bool
    matrix: tuple[int, ...]
    size: tuple[float, float]
    handler: bytes
    scale: int
    length: int
    samples: int
    entry: bytes
    table: dict[bytes, Box]

    @property
    def seconds(self) -> float:
        """How long its samples are."""
        return self.length / self.scale if self.scale else 0.0


def reel_in(file: Seekable) -> Reel:
    """Return what the index of the film `file` says.

    Raises:
        CutShort, Unfinished: it ends before its end.
        Damaged, Protected: it can't be played.
    """
    index, end = index_in(file), size_of(file)
    inside = inside_of(file, index.film)
    tracks = list(tracks_of(file, index.film))
    for track in tracks:
        _check_chunks(file, track, end)
    if index.fragments:
        _add_fragments(file, inside.get(b"mvex"), index.fragments, tracks)
    there = [track for track in tracks if track.entry and track.samples]
    moving = [track for track in there if track.handler == b"vide"]
    sound = next((track for track in there if track.handler == b"soun"), None)
    shown = max(moving, key=lambda track: (track.enabled, _stored(track.entry)), default=None)
    scale, length = times_of(body(file, inside.get(b"mvhd")))
    duration = length / scale if scale else 0.0
    if not duration or index.fragments:
        duration = max([duration, *(track.seconds for track in there)])
    return Reel(
        _pictures(shown) if shown else None, _name(sound.entry) if sound else None, round(duration, 3)
    )


def index_in(file: Seekable) -> Index:
    """Return where the index of the film `file` lies.

    Raises:
        CutShort: one of its boxes reaches past its end.
        Unfinished: there is no index.
    """
    end = size_of(file)
    found: dict[bytes, Box] = {}
    fragments = []
    for box in boxes(file, 0, end, _MAX_PARTS):
        if box.end > end:
            if b"moov" in found and len(found) > 1 and box.kind not in _PARTS:
                break
            raise CutShort(box.end)
        if box.kind == b"moof":
            fragments.append(box)
        found.setdefault(box.kind, box)
    if b"moov" not in found:
        raise Unfinished
    return Index(found[b"moov"], fragments)


def extent_of(file: Seekable) -> int:
    """Return how many bytes the film takes with which `file` begins: a maker's trailer is no part of it."""
    end = 0
    for box in boxes(file, 0, size_of(file), _MAX_PARTS):
        if box.kind != b"ftyp" and box.kind not in _PARTS:
            break
        end = box.end
    return min(end, size_of(file))


def inside_of(file: Seekable, box: Box | None) -> dict[bytes, Box]:
    """Return the first box of each kind in `box`; none where there is no such box."""
    found: dict[bytes, Box] = {}
    if box:
        for each in boxes(file, box.start, box.end):
            found.setdefault(each.kind, each)
    return found


def body(file: Seekable, box: Box | None) -> bytes:
    """Return the body of `box`, a megabyte at most; nothing where there is no such box."""
    return read_at(file, box.start, min(box.length, _MAX_BODY_BYTES)) if box else b""


def times_of(header: bytes) -> tuple[int, int]:
    """Return scale and duration by the body of an `mvhd` or `mdhd`; 0 is a duration that is not known."""
    wide = header[:1] == b"\x01"
    if len(header) < (32 if wide else 20):
        return 0, 0
    scale, length = struct.unpack_from(">IQ" if wide else ">II", header, 20 if wide else 12)
    unknown = (1 << (64 if wide else 32)) - 1  # 14496-12, 8.2.2.3
    return scale, 0 if length == unknown else length


def tracks_of(file: Seekable, film: Box) -> Iterator[Track]:
    """Yield what the `moov` box `film` says of each of its tracks."""
    traks = (box for box in boxes(file, film.start, film.end) if box.kind == b"trak")
    for _, trak in zip(range(_MAX_TRACKS), traks, strict=False):
        inside = inside_of(file, trak)
        media = inside_of(file, inside.get(b"mdia"))
        table = inside_of(file, inside_of(file, media.get(b"minf")).get(b"stbl"))
        scale, length = times_of(body(file, media.get(b"mdhd")))
        described = body(file, table.get(b"stsd"))[8:]
        counted = table.get(b"stsz") or table.get(b"stz2")
        samples = read_at(file, counted.start + 8, 4) if counted else b""
        yield Track(
            *_header(body(file, inside.get(b"tkhd"))),
            handler=body(file, media.get(b"hdlr"))[8:12],
            scale=scale,
            length=length,
            samples=int.from_bytes(samples, "big"),
            entry=described[: int.from_bytes(described[:4], "big")],
            table=table,
        )


class _Header(NamedTuple):
    number: int = 0
    enabled: bool = True
    matrix: tuple[int, ...] = ()
    size: tuple[float, float] = (0, 0)


def _header(header: bytes) -> _Header:
    """Read a `tkhd` (14496-12, 8.3.2)."""
    wide = header[:1] == b"\x01"
    if len(header) < (96 if wide else 84):
        return _Header()
    number = int.from_bytes(header[20:24] if wide else header[12:16], "big")
    *matrix, across, down = struct.unpack_from(">9i2I", header, 52 if wide else 40)
    return _Header(number, bool(header[3] & 1), tuple(matrix), (across / 65536, down / 65536))


def _check_chunks(file: Seekable, track: Track, end: int) -> None:
    """Raise CutShort if a chunk of samples begins behind the `end` of the file."""
    for kind, code in ((b"stco", "I"), (b"co64", "Q")):
        if (offsets := _numbers(file, track.table.get(kind), 8, code)) and max(offsets) >= end:
            raise CutShort


def _numbers(file: Seekable, box: Box | None, start: int, code: str) -> "array[int]":
    numbers = array(code)
    if box is None:
        return numbers
    if box.length > _MAX_TABLE_BYTES:
        raise Damaged("a table of its index is longer than that of any film")
    data = read_at(file, box.start + start, max(box.length - start, 0))
    numbers.frombytes(data[: len(data) // numbers.itemsize * numbers.itemsize])
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


def _add_fragments(file: Seekable, extends: Box | None, fragments: list[Box], tracks: list[Track]) -> None:
    """Add to `tracks` what the fragments hold (14496-12, 8.8)."""
    by_number = {track.number: track for track in tracks}
    for track in tracks:
        track.length = track.length if track.samples else 0  # what some say in advance
    usual: dict[int, int] = {}
    for box in boxes(file, extends.start, extends.end) if extends else ():
        if box.kind == b"trex" and len(told := body(file, box)) >= 16:
            usual[int.from_bytes(told[4:8], "big")] = int.from_bytes(told[12:16], "big")
    for fragment in fragments:
        for part in boxes(file, fragment.start, fragment.end):
            if part.kind == b"traf":
                _add_fragment(file, part, by_number, usual)


def _add_fragment(file: Seekable, part: Box, tracks: dict[int, Track], usual: dict[int, int]) -> None:
    told = body(file, inside_of(file, part).get(b"tfhd"))
    number = int.from_bytes(told[4:8], "big")
    if len(told) < 8 or number not in tracks:
        return
    flags, each = int.from_bytes(told[1:4], "big"), usual.get(number, 0)
    if flags & 0x8:  # the usual duration, behind what other flags name
        at = 8 + (8 if flags & 0x1 else 0) + (4 if flags & 0x2 else 0)
        each = int.from_bytes(told[at : at + 4], "big")
    for run in boxes(file, part.start, part.end):
        if run.kind != b"trun":
            continue
        head = read_at(file, run.start, 8)
        flags, count = int.from_bytes(head[1:4], "big"), int.from_bytes(head[4:8], "big")
        fields = (flags >> 8 & 15).bit_count()
        start = 8 + (4 if flags & 0x1 else 0) + (4 if flags & 0x4 else 0)
        count = min(count, (run.length - start) // (4 * fields)) if fields else count
        tracks[number].samples += max(count, 0)
        if flags & 0x100:
            tracks[number].length += sum(_numbers(file, run, start, "I")[: count * fields : fields])
        else:
            tracks[number].length += count * each


def _name(entry: bytes) -> str:
    """Return the name of the coding of a sample entry."""
    name = entry[4:8].decode("latin-1").strip().lower()
    return _NAMES.get(name, name)


def _stored(entry: bytes) -> int:
    return int.from_bytes(entry[32:34], "big") * int.from_bytes(entry[34:36], "big")


def _pictures(track: Track) -> Pictures:
    entry, name = track.entry, _name(track.entry)
    if name in _ENCRYPTED:
        raise Protected
    if len(entry) < _ENTRY_BYTES:
        raise Damaged("the description of its pictures ends early")
    said = dict(bodies_in(entry[_ENTRY_BYTES:]))
    found = coded.of_avc_record(said.get(b"avcC", b"")) or coded.of_hevc_record(said.get(b"hvcC", b""))
    width, height = struct.unpack_from(">HH", entry, 32)
    return Pictures(
        codec=name,
        width=width,
        height=height,
        coded=(found.width, found.height) if found else (width, height),
        aspect=_aspect(said.get(b"pasp", b""), track, width, height)
        or (found.aspect if found else Fraction(1)),
        rotation=_turn(track.matrix),
        frame_rate=rate_of(track.samples, track.seconds),
        transfer=_transfer(said, found),
        seconds=track.seconds,
    )


def _aspect(pasp: bytes, track: Track, width: int, height: int) -> Fraction | None:
    """Return the shape of a pixel as `pasp` says it, or else the size that the track is displayed in."""
    across, down = int.from_bytes(pasp[:4], "big"), int.from_bytes(pasp[4:8], "big")
    if across and down:
        return Fraction(across, down)
    shown = [round(side) for side in track.size]
    if not all((*shown, width, height)) or shown == [width, height]:
        return None
    return Fraction(shown[0] * height, shown[1] * width)


def _turn(matrix: tuple[int, ...]) -> Literal[0, 90, 180, 270]:
    """Return the nearest quarter that a track's matrix turns its pictures by; a mirror is no turn."""
    if not matrix:
        return 0
    corners = matrix[0], matrix[1], matrix[3], matrix[4]
    half = max(map(abs, corners)) / 2
    signs = tuple((corner > half) - (corner < -half) for corner in corners)
    return _TURNS.get(signs, 0)


def _transfer(said: dict[bytes, bytes], found: coded.Coded | None) -> Transfer:
    for kind in (b"dvcC", b"dvvC", b"dvwC"):
        if len(told := said.get(kind, b"")) > 4:  # 8 bits of versions, 7 of the profile, 6 of the level ...
            return _DOLBY_BASES.get(told[4] >> 4, "sdr")
    color = said.get(b"colr", b"")
    if color[:4] in (b"nclx", b"nclc") and len(color) >= 8:
        return transfer_of(int.from_bytes(color[6:8], "big"))
    vp = said.get(b"vpcC", b"")
    if len(vp) > 8:
        return transfer_of(vp[8])
    return found.transfer if found else "sdr"
