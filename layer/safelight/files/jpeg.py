"""Walks the markers of a JPEG file (ITU-T T.81, annex B) without decoding a pixel."""

import mmap
import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

from safelight.errors import CorruptFile, TruncatedFile, UnsupportedFormat
from safelight.files.seekable import Seekable, read_at

_MARKER = re.compile(rb"\xff\xff*([\x01-\xfe])", re.DOTALL)
r"""Any fill bytes and a marker. Not `\xff+`: a literal first byte lets the search skip, 20 times as fast."""
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_RESTARTS = frozenset(range(0xD0, 0xD8))
_AFTER_SCAN = _RESTARTS | {0xC4, 0xCC, *range(0xD9, 0xF0), 0xFE}
_BASELINE, _PROGRESSIVE = frozenset({0xC0, 0xC1}), frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_SKIPPED_BYTES = 64 * 1024
_SOI, _EOI, _SOS, _DRI, _JPEG_LS = 0xD8, 0xD9, 0xDA, 0xDD, 0xF7
EOI = bytes([0xFF, _EOI])


class Segment(NamedTuple):
    """Its marker (the byte behind 0xFF), and offset and length in bytes of its data."""

    marker: int
    start: int
    length: int


def segments(file: Seekable, base: int = 0) -> Iterator[Segment]:
    """Yield each segment before the first scan of the JPEG that starts at `base` in `file`."""
    position = base + 2
    while len(head := read_at(file, position, 4)) == 4:
        if head[0] != 0xFF or head[1] in (0x00, 0xFF):  # fill bytes, or rubbish that every decoder skips
            found = _MARKER.search(read_at(file, position, _SKIPPED_BYTES))
            if not found:
                return
            position += found.end() - 2
            continue
        if head[1] in (_EOI, _SOS):
            return
        length = struct.unpack(">H", head[2:])[0]
        yield Segment(head[1], position + 4, max(length - 2, 0))
        position += 2 + max(length, 2)


class Layout(NamedTuple):
    """Where the image of a JPEG file ends, and what is there of it.

    `scan_end` is the offset where the last scan's data end; what follows (further images of an MPO, a motion
    photo's video, padding) is not part of the image. `one_pass` is true of a Huffman coded image whose pixels
    all lie in a single scan. `ended` says whether the end marker is there, and `complete` whether the scans
    have all of every component, to the last bit. `restarts` are offsets of restart markers that have a wrong
    number, each with the byte that belongs there; none is missing.
    """

    scan_end: int
    one_pass: bool
    ended: bool
    complete: bool
    restarts: tuple[tuple[int, int], ...]


def read_layout(data: mmap.mmap, filename: str) -> Layout:
    """Return the layout of the first image of the JPEG file `data`; `filename` is for the messages.

    Raises:
        TruncatedFile: the file ends before the image's first scan.
        CorruptFile: image data are missing or damaged in the middle.
        UnsupportedFormat: it is a JPEG-LS.
    """
    position, interval, scan_end, frame, coding = 2, 0, 0, _Frame(0, 0, {}), 0
    scan: _Scan | None = None
    scans: list[_Scan] = []
    while found := _MARKER.search(data, position):
        marker = found[1][0]
        position = found.end()
        if marker in _RESTARTS:
            if scan:
                scan.restarts.append(marker)
                scan.offsets.append(position - 1)
            continue
        if marker == _JPEG_LS and not coding:
            raise UnsupportedFormat(
                f"{filename} is a JPEG-LS image, which cannot be read. Save it as PNG, which loses nothing."
            )
        if scan and marker not in _AFTER_SCAN:
            raise _damaged(filename, found.start())
        if scan:
            scan_end = found.start()
            scan.check(frame, coding, filename, scan_end)
        if marker == _EOI:
            break
        if marker in (_SOI, 0x01):
            continue
        length = int.from_bytes(data[position : position + 2], "big")
        body = data[position + 2 : position + length]
        if marker in _FRAMES and not coding:
            frame, coding = _Frame.of(body), marker
        elif marker == _DRI:
            interval = int.from_bytes(body[:2], "big")
        elif marker == _SOS:
            scan = _Scan(body, interval)
            scans.append(scan)
        position += length
    if found is None and not scan:
        raise ends_early(len(data), filename)
    if not coding or not scan:
        raise CorruptFile(
            f"{filename} is a JPEG without an image in it. Copy it again from where it came from."
        )
    return Layout(
        scan_end=scan_end if found else len(data),
        one_pass=len(scans) == 1 and coding in _BASELINE,
        ended=found is not None,
        complete=_is_complete(frame, scans, coding in _PROGRESSIVE),
        restarts=tuple(wrong for each in scans for wrong in each.wrong),
    )


def ends_early(size: int, filename: str) -> TruncatedFile:
    """Return the error of a file of `size` bytes that ends before its image does."""
    return TruncatedFile(
        f"{filename} ends after {size:,} bytes, before its image does: its end marker is missing. "
        "Copy or upload it again."
    )


class _Frame(NamedTuple):
    """The size in pixels, and how often each component is sampled, across and down, by its id."""

    width: int
    height: int
    sampling: dict[int, tuple[int, int]]

    @classmethod
    def of(cls, body: bytes) -> "_Frame":
        parts = [body[at : at + 3] for at in range(6, 6 + 3 * (body[5] if len(body) > 5 else 0), 3)]
        sampling = {part[0]: (part[1] >> 4, part[1] & 15) for part in parts if len(part) == 3}
        return cls(int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big"), sampling)

    def units(self, components: bytes) -> int:
        """Return how many units a scan of these components has; 0 where that is not known.

        The height may follow in a DNL marker. A scan of one component is of single blocks, whatever the
        sampling says (T.81, A.2.2).
        """
        known = [self.sampling.get(each, (0, 0)) for each in components]
        sampled = self.sampling and all(min(each) for each in self.sampling.values())
        if not known or not self.height or not sampled:
            return 0
        most = [max(each[axis] for each in self.sampling.values()) for axis in (0, 1)]
        mine = known[0] if len(components) == 1 else (1, 1)
        edges = [-(-edge * own // top) for edge, own, top in zip(self[:2], mine, most, strict=True)]
        if len(components) == 1:
            return -(-edges[0] // 8) * -(-edges[1] // 8)
        return -(-self.width // (8 * most[0])) * -(-self.height // (8 * most[1]))


class _Scan:
    """One scan: its components by their ids, the coefficients and bits that it brings, its restarts."""

    def __init__(self, header: bytes, interval: int) -> None:
        count = header[0] if header else 0
        self.components = header[1 : 1 + 2 * count : 2]
        first, last, bits = (*header[1 + 2 * count : 4 + 2 * count], 0, 0, 0)[:3]
        self.coefficients, self.low_bit = range(first, last + 1), bits & 15
        self.interval = interval
        self.restarts: list[int] = []
        self.offsets: list[int] = []
        self.wrong: list[tuple[int, int]] = []

    def check(self, frame: _Frame, coding: int, filename: str, at: int) -> None:
        """Restart markers count 0 to 7 in turn, one per interval: a gap in the data shows as a gap in them.

        Where they are as many as there should be, nothing is missing, and numbers alone are wrong.
        """
        stretches = -(-frame.units(self.components) // self.interval) if self.interval else 0
        right = [0xD0 + n % 8 for n in range(len(self.restarts))]
        if self.restarts != right:
            if len(self.restarts) != stretches - 1:
                raise _damaged(filename, at)
            self.wrong = [
                (offset, wanted)
                for offset, marker, wanted in zip(self.offsets, self.restarts, right, strict=True)
                if marker != wanted
            ]
        elif coding in _BASELINE and len(right) < stretches - 1:
            raise CorruptFile(
                f"{filename} has only {len(right) + 1:,} of the {stretches:,} stretches of its "
                "image data: a part of the picture is missing. Copy it again from where it came from."
            )


def _is_complete(frame: _Frame, scans: list[_Scan], progressive: bool) -> bool:
    if not progressive:
        return set(frame.sampling) <= {each for scan in scans for each in scan.components}
    reached = {(component, n): -1 for component in frame.sampling for n in range(64)}
    for scan in scans:
        for component in scan.components:
            reached |= {(component, n): scan.low_bit for n in scan.coefficients}
    return not any(reached.values())


def _damaged(filename: str, at: int) -> CorruptFile:
    return CorruptFile(
        f"{filename} is damaged inside its image data, at byte {at:,}: a part of the picture is lost. "
        "Copy it again from the camera or from a backup."
    )
