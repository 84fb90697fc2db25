"""Reads films in AVI (Microsoft's AVI RIFF file reference; OpenDML AVI file format extensions 1.02)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from safelight.files.films.reel import CutShort, Damaged, Pictures, Reel, Unfinished, rate_of
from safelight.files.seekable import Seekable, read_at, size_of

_MAX_CHUNKS = 10_000
_MAX_BODY_BYTES = 64 * 1024
_UNKNOWN = (0, 0xFFFFFFFF)
_ROUNDED = 1
"""A length is even, and the last byte of a file that is not may be missing."""

_CODECS = {
    **dict.fromkeys(("h264", "x264", "avc1", "davc"), "avc1"),
    **dict.fromkeys(("hevc", "h265", "hvc1", "hev1"), "hvc1"),
    **dict.fromkeys(("xvid", "divx", "dx50", "fmp4", "mp4v", "div3"), "mp4v"),
    **dict.fromkeys(("mjpg", "jpeg", "dmb1"), "mjpg"),
    **{"vp80": "vp08", "vp90": "vp09", "av01": "av01", "mpg1": "mp2v", "mpg2": "mp2v"},
}
_WAVES = {1: "lpcm", 3: "lpcm", 0x50: "mp3", 0x55: "mp3", 0xFF: "mp4a", 0x1600: "mp4a", 0x2000: "ac-3"}
"""By the tags of wave formats (RFC 2361)."""


class Chunk(NamedTuple):
    """Its name, of a list what it is a list of, and offset and length in bytes of its body."""

    name: bytes
    start: int
    length: int

    @property
    def end(self) -> int:
        """The offset of what follows."""
        return self.start + self.length


@dataclass
class _Said:
    streams: list[dict[bytes, bytes]] = field(default_factory=list)
    whole: dict[bytes, bytes] = field(default_factory=dict)
    has_pictures: bool = False


def chunks(file: Seekable, start: int, end: int) -> Iterator[Chunk]:
    """Yield each chunk of `file` between `start` and `end`; a list by the name of what it lists."""
    position = start
    for _ in range(_MAX_CHUNKS):
        head = read_at(file, position, min(12, end - position)) if position < end else b""
        if len(head) < 8:
            return
        name, length = struct.unpack_from("<4sI", head)
        if not name.isascii():
            return
        if name in (b"LIST", b"RIFF") and len(head) == 12 and (length >= 4 or length == 0):
            yield Chunk(head[8:], position + 12, max(length - 4, 0))
        else:
            yield Chunk(name, position + 8, length)
        position += 8 + length + length % 2


def reel_in(file: Seekable) -> Reel:
    """Return what the headers of the AVI `file` say.

    Raises:
        CutShort, Unfinished: it ends before its end.
        Damaged: it can't be played.
    """
    said, end = _Said(), size_of(file)
    for part in chunks(file, 0, end):
        if part.name not in (b"AVI ", b"AVIX"):
            continue
        if part.name == b"AVI " and part.length + 4 in (*_UNKNOWN, 4):
            raise Unfinished
        if part.end > end + _ROUNDED:
            raise CutShort(part.end)
        for chunk in chunks(file, part.start, part.end):
            if chunk.name == b"hdrl":
                _read_header(file, chunk, said)
            said.has_pictures |= chunk.name == b"movi"
    if not said.has_pictures:
        raise Unfinished
    return _reel(said)


def codec_of(name: bytes) -> str:
    """Return the name of the coding that four letters of a bitmap's header stand for."""
    plain = name.decode("latin-1").strip(" \x00").lower()
    return _CODECS.get(plain, plain if plain.isalnum() else "raw")


def _read_header(file: Seekable, header: Chunk, said: _Said) -> None:
    for chunk in chunks(file, header.start, header.end):
        if chunk.name in (b"strl", b"odml"):
            inside = {
                each.name: read_at(file, each.start, min(each.length, _MAX_BODY_BYTES))
                for each in chunks(file, chunk.start, chunk.end)
            }
            if chunk.name == b"strl":
                said.streams.append(inside)
            else:
                said.whole |= inside
        else:
            said.whole[chunk.name] = read_at(file, chunk.start, min(chunk.length, _MAX_BODY_BYTES))


def _reel(said: _Said) -> Reel:
    pictures, sound = None, None
    for stream in said.streams:
        header, format_ = stream.get(b"strh", b""), stream.get(b"strf", b"")
        if header[:4] == b"vids" and pictures is None:
            pictures = _pictures(header, format_, stream.get(b"vprp", b""), said.whole)
        elif header[:4] == b"auds" and sound is None and len(format_) >= 2:
            tag = int.from_bytes(format_[:2], "little")
            sound = _WAVES.get(tag, f"wave.{tag:x}")
    return Reel(pictures, sound, round(pictures.seconds, 3) if pictures else 0.0)


def _pictures(header: bytes, format_: bytes, shape: bytes, whole: dict[bytes, bytes]) -> Pictures:
    if len(header) < 36 or len(format_) < 20:
        raise Damaged("the description of its pictures ends early")
    scale, rate, _, frames = struct.unpack_from("<4I", header, 20)
    width, height = struct.unpack_from("<2i", format_, 4)
    frames = max(frames, int.from_bytes(whole.get(b"dmlh", b"")[:4], "little"))
    frames = frames or int.from_bytes(whole.get(b"avih", b"")[16:20], "little")
    seconds = frames * scale / rate if rate else 0.0
    across, down = int.from_bytes(shape[22:24], "little"), int.from_bytes(shape[20:22], "little")
    width, height = abs(width), abs(height)
    aspect = Fraction(across * height, down * width) if across and down and width and height else Fraction(1)
    return Pictures(
        codec=codec_of(format_[16:20]),
        width=width,
        height=height,
        coded=(width, height),
        aspect=aspect,
        frame_rate=rate_of(frames, seconds),
        seconds=seconds,
    )
