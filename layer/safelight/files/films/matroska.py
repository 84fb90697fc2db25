"""Reads films in Matroska and WebM (RFC 8794, RFC 9559)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, NamedTuple

from safelight.files.films import avi, coded
from safelight.files.films.reel import (
    CutShort,
    Damaged,
    Pictures,
    Protected,
    Reel,
    Unfinished,
    rate_of,
    transfer_of,
)
from safelight.files.seekable import Seekable, read_at, size_of

HEADER, DOC_TYPE, SEGMENT = 0x1A45DFA3, 0x4282, 0x18538067
INFO, TRACKS, CLUSTER = 0x1549A966, 0x1654AE6B, 0x1F43B675
_SCALE, _DURATION = 0x2AD7B1, 0x4489
_TRACK, _NUMBER, _TYPE, _CODEC, _PRIVATE, _EACH = 0xAE, 0xD7, 0x83, 0x86, 0x63A2, 0x23E383
_VIDEO, _WIDTH, _HEIGHT, _SHOWN_WIDTH, _SHOWN_HEIGHT = 0xE0, 0xB0, 0xBA, 0x54B0, 0x54BA
_CROPS = (0x54CC, 0x54DD), (0x54BB, 0x54AA)
_COLOUR, _TRANSFER, _PROJECTION, _ROLL = 0x55B0, 0x55BA, 0x7670, 0x7675
_ENCODINGS, _ENCODING, _ENCRYPTION = 0x6D80, 0x6240, 0x5035
_TIMESTAMP, _SIMPLE_BLOCK, _BLOCK_GROUP, _BLOCK = 0xE7, 0xA3, 0xA0, 0xA1

_MASTERS = {_VIDEO, _COLOUR, _PROJECTION, _ENCODINGS, _ENCODING}
_PICTURES, _SOUND = 1, 2
_MAX_ELEMENTS = 3_000_000
"""As many as ten hours have blocks, if there is no sum of them."""

_MAX_BODY_BYTES = 1024 * 1024
_MAX_TRACKS = 100
_SECOND = 1_000_000_000

_CODECS = {
    "V_MPEG4/ISO/AVC": "avc1",
    "V_MPEGH/ISO/HEVC": "hvc1",
    "V_AV1": "av01",
    "V_VP9": "vp09",
    "V_VP8": "vp08",
    "V_MPEG4/ISO/ASP": "mp4v",
    "V_MPEG1": "mp2v",
    "V_MPEG2": "mp2v",
    "V_MJPEG": "mjpg",
    "A_AAC": "mp4a",
    "A_MPEG/L3": "mp3",
    "A_AC3": "ac-3",
    "A_EAC3": "ec-3",
    "A_PCM/INT/LIT": "lpcm",
}

Said = dict[int, bytes]
"""The bodies of elements by their ids."""


class Element(NamedTuple):
    """Its id, and offset and length in bytes of its body; the length is None where it is not known."""

    id: int
    start: int
    length: int | None


@dataclass
class _Segment:
    info: Said = field(default_factory=dict)
    tracks: list[Said] = field(default_factory=list)
    clusters: int = 0
    blocks: dict[int, int] = field(default_factory=dict)
    last: int = 0


def element_at(file: Seekable, position: int) -> Element | None:
    """Return the element of `file` at `position`; None where there is none."""
    head = read_at(file, position, 12)
    if not head or not (wide := 9 - head[0].bit_length()) or wide > 4:
        return None
    rest = head[wide:]
    if not rest or not rest[0] or len(rest) < (size := 9 - rest[0].bit_length()):
        return None
    bits = 7 * size
    length = int.from_bytes(rest[:size], "big") & (1 << bits) - 1
    known = None if length == (1 << bits) - 1 else length
    return Element(int.from_bytes(head[:wide], "big"), position + wide + size, known)


def elements(file: Seekable, start: int, end: int) -> Iterator[Element]:
    """Yield each element of `file` between `start` and `end`, until what follows is none of known length."""
    position = start
    while position < end and (element := element_at(file, position)):
        yield element
        if element.length is None:
            return
        position = element.start + element.length


def body(file: Seekable, element: Element) -> bytes:
    """Return the body of `element`, a megabyte at most."""
    return read_at(file, element.start, min(element.length or 0, _MAX_BODY_BYTES))


def number(data: bytes) -> int:
    """Return the unsigned number that a body holds."""
    return int.from_bytes(data[:8], "big")


def real(data: bytes) -> float:
    """Return the real number that a body holds; 0 where it holds none."""
    value = struct.unpack(">d" if len(data) == 8 else ">f", data)[0] if len(data) in (4, 8) else 0.0
    return value if abs(value) < 1e18 else 0.0  # nor what is not a number


def doc_type_of(file: Seekable) -> str:
    """Return the kind of EBML that `file` is: `matroska`, `webm`, or another."""
    header = element_at(file, 0)
    if header is None or header.id != HEADER or header.length is None:
        return ""
    kinds = (e for e in elements(file, header.start, header.start + header.length) if e.id == DOC_TYPE)
    return next((body(file, e).rstrip(b"\x00").decode("latin-1") for e in kinds), "")


def reel_in(file: Seekable) -> Reel:
    """Return what the segment of the film `file` says.

    Raises:
        CutShort, Unfinished: it ends before its end.
        Damaged, Protected: it can't be played.
    """
    segment = _segment_in(file)
    if not segment.tracks or not segment.clusters:
        raise Unfinished
    scale = number(segment.info.get(_SCALE, b"")) or 1_000_000
    length = real(segment.info.get(_DURATION, b"")) or segment.last
    duration = max(length, 0) * scale / _SECOND
    pictures, sound = None, None
    for track in segment.tracks:
        kind = number(track.get(_TYPE, b""))
        if kind == _PICTURES and pictures is None:
            pictures = _pictures(track, duration, segment.blocks.get(number(track.get(_NUMBER, b"")), 0))
        elif kind == _SOUND and sound is None:
            sound = _codec(track)
    return Reel(pictures, sound, round(duration, 3))


def _segment_in(file: Seekable) -> _Segment:
    """Walk the segment, and into its clusters where it does not say how long it is."""
    found, end = _Segment(), size_of(file)
    position, now, counts = 0, 0, True
    for _ in range(_MAX_ELEMENTS):
        element = element_at(file, position) if position < end else None
        if element is None:
            return found
        id_, start, length = element
        if length is not None and start + length > end:
            raise CutShort(start + length)
        enters = id_ in (SEGMENT, _BLOCK_GROUP) or (id_ == CLUSTER and (counts or length is None))
        if length is None and not enters:
            raise Damaged("the length of one of its parts is not said")
        position = start if enters else start + (length or 0)
        if id_ == INFO:
            found.info = _flat(file, element)
            counts = _DURATION not in found.info
        elif id_ == TRACKS:
            found.tracks = [
                _flat(file, each)
                for each, _ in zip(elements(file, start, position), range(_MAX_TRACKS), strict=False)
                if each.id == _TRACK
            ]
        elif id_ == CLUSTER:
            found.clusters += 1
        elif id_ == _TIMESTAMP:
            now = number(body(file, element))
        elif id_ in (_SIMPLE_BLOCK, _BLOCK):
            head = read_at(file, start, 3)
            if len(head) == 3 and head[0] & 0x80:  # numbers of tracks above 127 are none of a film
                found.blocks[head[0] & 0x7F] = found.blocks.get(head[0] & 0x7F, 0) + 1
                found.last = max(found.last, now + int.from_bytes(head[1:], "big", signed=True))
    raise Damaged("it has more parts than any film")


def _flat(file: Seekable, element: Element) -> Said:
    """Return the bodies of what lies in `element`, at any depth: no id means two things (RFC 9559, 5)."""
    said: Said = {}
    inside = [element]
    while inside:
        start, length = inside[-1].start, inside.pop().length
        for each in elements(file, start, start + (length or 0)):
            if each.id in _MASTERS:
                inside.append(each)
            said.setdefault(each.id, b"" if each.id in _MASTERS else body(file, each))
    return said


def _codec(track: Said) -> str:
    name = track.get(_CODEC, b"").rstrip(b"\x00").decode("latin-1")
    if name == "V_MS/VFW/FOURCC":
        return avi.codec_of(track.get(_PRIVATE, b"")[16:20])
    return _CODECS.get(name, name[2:].lower())


def _pictures(track: Said, duration: float, blocks: int) -> Pictures:
    if _ENCRYPTION in track:
        raise Protected
    private, codec = track.get(_PRIVATE, b""), _codec(track)
    found = coded.of_avc_record(private) if codec == "avc1" else None
    found = coded.of_hevc_record(private) if codec == "hvc1" else found
    stored = [number(track.get(id_, b"")) for id_ in (_WIDTH, _HEIGHT)]
    width, height = (
        max(side - sum(number(track.get(id_, b"")) for id_ in crops), 0)
        for side, crops in zip(stored, _CROPS, strict=True)
    )
    across, down = number(track.get(_SHOWN_WIDTH, b"")), number(track.get(_SHOWN_HEIGHT, b""))
    said = all((across, down, width, height))
    aspect = Fraction(across * height, down * width) if said else found.aspect if found else Fraction(1)
    each = number(track.get(_EACH, b""))
    transfer = transfer_of(number(track.get(_TRANSFER, b"")))
    return Pictures(
        codec=codec,
        width=width,
        height=height,
        coded=(found.width, found.height) if found else (stored[0], stored[1]),
        aspect=aspect,
        rotation=_turn(real(track.get(_ROLL, b""))),
        frame_rate=round(_SECOND / each, 3) if each else rate_of(blocks, duration),
        transfer=found.transfer if found and transfer == "sdr" else transfer,
        seconds=duration,
    )


def _turn(roll: float) -> Literal[0, 90, 180, 270]:
    """Return the nearest quarter clockwise of a roll, which is counted the other way."""
    turns: tuple[Literal[0, 90, 180, 270], ...] = (0, 270, 180, 90)
    return turns[round(roll / 90) % 4]
