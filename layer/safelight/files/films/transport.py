"""Reads films in MPEG's transport streams, as camcorders write them: TS, MTS and M2TS (ITU-T H.222.0)."""

from collections.abc import Iterator
from typing import NamedTuple

from safelight.files.films import coded
from safelight.files.films.reel import Damaged, Pictures, Reel
from safelight.files.seekable import Seekable, read_at, size_of

_PACKET, _SYNC = 188, 0x47
_STAMPED = 4
"""Bytes of a time stamp that M2TS has before each packet (Blu-ray Disc, AVCHD)."""

_LOOKED_AT = 4 * 1024 * 1024
"""How much of its beginning and its end: tables come ten times a second, and times with each picture."""

_MAX_UNIT_BYTES = 512 * 1024
_CLOCK = 90_000
_WRAPS = 1 << 33

_PICTURES = {0x01: "mp2v", 0x02: "mp2v", 0x10: "mp4v", 0x1B: "avc1", 0x24: "hvc1"}
_SOUND = {0x03: "mp3", 0x04: "mp3", 0x0F: "mp4a", 0x11: "mp4a", 0x80: "lpcm", 0x81: "ac-3", 0x87: "ec-3"}
"""By the types of streams (H.222.0, table 2-34; ATSC A/53; Blu-ray Disc)."""

_PRIVATE = 0x06
_DESCRIBED = {0x6A: "ac-3", 0x7A: "ec-3"}
"""By the descriptors of private streams (ETSI EN 300 468)."""


class Framing(NamedTuple):
    """How long each packet is, and where in it its sync byte stands."""

    length: int
    sync: int


class _Packet(NamedTuple):
    pid: int
    begins: bool
    payload: bytes


def framing_of(head: bytes) -> Framing | None:
    """Return how a stream that begins with `head` is cut into packets; None where it is none."""
    for framing in (Framing(_PACKET, 0), Framing(_PACKET + _STAMPED, _STAMPED)):
        syncs = head[framing.sync :: framing.length]
        if len(syncs) > 2 and all(sync == _SYNC for sync in syncs):
            return framing
    return None


def reel_in(file: Seekable) -> Reel:
    """Return what the tables and the first pictures of the transport stream `file` say.

    Raises:
        Damaged: it can't be played.
    """
    end = size_of(file)
    head = read_at(file, 0, _LOOKED_AT)
    framing = framing_of(head[: _PACKET * 6])
    if framing is None:
        raise Damaged("its packets have lost their order")
    streams = _streams_in(head, framing)
    pictures = _pictures_of(streams)
    sound = next((name for name in streams.values() if name not in _PICTURES.values()), None)
    if pictures is None:
        return Reel(None, sound, 0.0)
    pid, codec = pictures
    found = _described(codec, _unit_start(head, framing, pid))
    if found is None:
        raise Damaged("nothing in its first 4 MB says how large its pictures are")
    tail_at = max(end - _LOOKED_AT, 0) // framing.length * framing.length
    first = next(_times(head, framing, pid), 0)
    lasts = [(time - first) % _WRAPS for time in _times(read_at(file, tail_at, end - tail_at), framing, pid)]
    ticks = max((last for last in lasts if last < _WRAPS // 2), default=0)
    seconds = ticks / _CLOCK + (1 / found.frame_rate if found.frame_rate else 0)
    return Reel(
        Pictures(
            codec=codec,
            width=found.width,
            height=found.height,
            coded=(found.width, found.height),
            aspect=found.aspect,
            frame_rate=found.frame_rate,
            transfer=found.transfer,
            seconds=seconds,
        ),
        sound,
        round(seconds, 3),
    )


def first_picture(head: bytes) -> bytes:
    """Return what the beginning `head` of a stream holds of coded pictures; nothing of what is none."""
    framing = framing_of(head[: _PACKET * 6])
    pictures = _pictures_of(_streams_in(head, framing)) if framing else None
    return _unit_start(head, framing, pictures[0]) if framing and pictures else b""


def _pictures_of(streams: dict[int, str]) -> tuple[int, str] | None:
    return next(((pid, name) for pid, name in streams.items() if name in _PICTURES.values()), None)


def _packets(data: bytes, framing: Framing) -> Iterator[_Packet]:
    """Yield the packets of `data` that have a payload; where the order is lost, it is found again."""
    at = 0
    while at + framing.length <= len(data):
        start = at + framing.sync
        if data[start] != _SYNC:
            following = data.find(b"\x47", start + 1)
            if following < 0:
                return
            at = following - framing.sync
            continue
        packet = data[start : start + _PACKET]
        at += framing.length
        adapted = packet[3] >> 4 & 3
        skipped = 4 + (1 + packet[4] if adapted == 3 else 0)
        if adapted & 1 and skipped < _PACKET:
            yield _Packet(
                int.from_bytes(packet[1:3], "big") & 0x1FFF, bool(packet[1] & 0x40), packet[skipped:]
            )


def _section(data: bytes, framing: Framing, pid: int) -> bytes:
    """Return the body of the first whole section that the packets `pid` hold (H.222.0, 2.4.4)."""
    found = b""
    for packet in _packets(data, framing):
        if packet.pid != pid or not (packet.begins or found):
            continue
        found = packet.payload[1 + packet.payload[0] :] if packet.begins else found + packet.payload
        needed = 3 + (int.from_bytes(found[1:3], "big") & 0xFFF)
        if len(found) >= max(needed, 12):
            return found[3 : needed - 4]
    return b""


def _streams_in(data: bytes, framing: Framing) -> dict[int, str]:
    """Return the codings of the first program's pictures and sound, by their numbers."""
    programs = _section(data, framing, 0)[5:]
    tables = [programs[at : at + 4] for at in range(0, len(programs) - 3, 4)]
    table = next((int.from_bytes(it[2:], "big") & 0x1FFF for it in tables if any(it[:2])), 0)
    body = _section(data, framing, table) if table else b""
    position = 9 + (int.from_bytes(body[7:9], "big") & 0xFFF)
    streams: dict[int, str] = {}
    while position + 5 <= len(body):
        kind, pid = body[position], int.from_bytes(body[position + 1 : position + 3], "big") & 0x1FFF
        length = int.from_bytes(body[position + 3 : position + 5], "big") & 0xFFF
        described = body[position + 5 : position + 5 + length]
        name = _PICTURES.get(kind) or _SOUND.get(kind)
        if kind == _PRIVATE:
            name = _private(described)
        if name:
            streams[pid] = name
        position += 5 + length
    return streams


def _private(described: bytes) -> str | None:
    position = 0
    while position + 2 <= len(described):
        tag, length = described[position], described[position + 1]
        said = described[position + 2 : position + 2 + length]
        if tag in _DESCRIBED:
            return _DESCRIBED[tag]
        if tag == 0x05:  # who registered it (H.222.0, 2.6.8)
            return {b"Opus": "opus", b"AC-3": "ac-3", b"HEVC": "hvc1"}.get(said[:4])
        position += 2 + length
    return None


def _unit_start(data: bytes, framing: Framing, pid: int) -> bytes:
    """Return the first of what the stream `pid` holds, without the headers between."""
    parts: list[bytes] = []
    length = 0
    for packet in _packets(data, framing):
        if packet.pid != pid or not (packet.begins or parts):
            continue
        payload = packet.payload
        if packet.begins and payload[:3] == b"\x00\x00\x01" and len(payload) > 9:
            payload = payload[9 + payload[8] :]
        parts.append(payload)
        length += len(payload)
        if length > _MAX_UNIT_BYTES:
            break
    return b"".join(parts)


def _times(data: bytes, framing: Framing, pid: int) -> Iterator[int]:
    """Yield when each picture of the stream `pid` is shown, in ticks (H.222.0, 2.4.3.7)."""
    for packet in _packets(data, framing):
        head = packet.payload[:14]
        begins = packet.pid == pid and packet.begins and head[:3] == b"\x00\x00\x01" and len(head) == 14
        if begins and head[7] & 0x80:
            high, middle, low = head[9] >> 1 & 7, head[10:12], head[12:14]
            yield high << 30 | int.from_bytes(middle, "big") >> 1 << 15 | int.from_bytes(low, "big") >> 1


def _described(codec: str, start: bytes) -> coded.Coded | None:
    if codec == "mp2v":
        return coded.of_mpeg(start)
    of = {"avc1": coded.of_avc, "hvc1": coded.of_hevc}.get(codec)
    found = (of(unit) for unit in start.split(b"\x00\x00\x01")[1:]) if of else iter(())
    return next((each for each in found if each), None)
