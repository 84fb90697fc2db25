"""Reads what coded pictures say of themselves, from their parameter sets: H.264, H.265 and MPEG-2.

After ITU-T H.264 (7.3.2.1, E.1.1), H.265 (7.3.2.2, E.2.1) and H.262 (6.2.2). Of their first parameter set all
that is read here is a few hundred bits.
"""

from fractions import Fraction
from typing import NamedTuple

from safelight.files.films.reel import Transfer, transfer_of

_AVC_SET, _HEVC_SET = 7, 33
"""Types of the network abstraction units that hold sequence parameter sets."""

_WITH_CHROMA = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135}
"""Profiles of H.264 whose sets say how chroma is sampled."""

_ASPECTS = (
    *((0, 1), (1, 1), (12, 11), (10, 11), (16, 11), (40, 33), (24, 11), (20, 11), (32, 11)),
    *((80, 33), (18, 11), (15, 11), (64, 33), (160, 99), (4, 3), (3, 2), (2, 1)),
)
_ANY_ASPECT = 255
_MPEG_ASPECTS = {2: Fraction(4, 3), 3: Fraction(16, 9), 4: Fraction(221, 100)}
_MPEG_RATES = {
    **{1: Fraction(24000, 1001), 2: Fraction(24), 3: Fraction(25), 4: Fraction(30000, 1001)},
    **{5: Fraction(30), 6: Fraction(50), 7: Fraction(60000, 1001), 8: Fraction(60)},
}
_MAX_SET_BYTES = 4096
_MAX_SIDE = 1 << 16


class Coded(NamedTuple):
    """What a parameter set says: the size in pixels, of which each is `aspect` times as wide as high."""

    width: int = 0
    height: int = 0
    aspect: Fraction = Fraction(1)
    transfer: Transfer = "sdr"
    frame_rate: float | None = None


class _Bits:
    """The bits of a parameter set, without the bytes that keep its start codes apart."""

    def __init__(self, unit: bytes) -> None:
        plain = unit[:_MAX_SET_BYTES].replace(b"\x00\x00\x03", b"\x00\x00")
        self._bits = "".join(f"{byte:08b}" for byte in plain)
        self._at = 0

    def __call__(self, count: int) -> int:
        piece = self._bits[self._at : self._at + count]
        if len(piece) < count:
            raise ValueError("a parameter set ends early")
        self._at += count
        return int(piece, 2) if piece else 0

    def unsigned(self) -> int:
        """Return the next number of Exp-Golomb's code (H.264, 9.1)."""
        one = self._bits.find("1", self._at)
        if one < 0 or one - self._at > 32:
            raise ValueError("a parameter set ends early")
        zeros = one - self._at
        self._at = one
        return self(zeros + 1) - 1

    def signed(self) -> int:
        number = self.unsigned()
        return (number + 1) // 2 if number % 2 else -(number // 2)


def of_avc(unit: bytes) -> Coded | None:
    """Return what a unit of H.264 says; None where it is no parameter set that can be read."""
    if not unit or unit[0] & 31 != _AVC_SET:
        return None
    try:
        return _avc(_Bits(unit[1:]))
    except ValueError:
        return None


def of_hevc(unit: bytes) -> Coded | None:
    """Return what a unit of H.265 says; None where it is no parameter set that can be read."""
    if not unit or unit[0] >> 1 & 63 != _HEVC_SET:
        return None
    try:
        return _hevc(_Bits(unit[2:]))
    except ValueError:
        return None


def of_avc_record(record: bytes) -> Coded | None:
    """Return what the first set in an `avcC` says (14496-15, 5.3.3.1)."""
    return of_avc(record[8 : 8 + int.from_bytes(record[6:8], "big")])


def of_hevc_record(record: bytes) -> Coded | None:
    """Return what the first set in an `hvcC` says (14496-15, 8.3.3.1)."""
    position = 23
    for _ in range(record[22] if len(record) > 22 else 0):
        count = int.from_bytes(record[position + 1 : position + 3], "big")
        position += 3
        for _ in range(count):
            length = int.from_bytes(record[position : position + 2], "big")
            if found := of_hevc(record[position + 2 : position + 2 + length]):
                return found
            position += 2 + length
            if position >= len(record):
                return None
    return None


def of_mpeg(data: bytes) -> Coded | None:
    """Return what the first sequence header of MPEG-1 or MPEG-2 in `data` says; None where there is none."""
    at = data.find(b"\x00\x00\x01\xb3")
    head = data[at + 4 : at + 8] if at >= 0 else b""
    if len(head) < 4:
        return None
    numbers = int.from_bytes(head, "big")
    width, height = numbers >> 20, numbers >> 8 & 0xFFF
    rate = _MPEG_RATES.get(numbers & 15)
    shape = _MPEG_ASPECTS.get(numbers >> 4 & 15)
    aspect = shape * height / width if shape and width and height else Fraction(1)
    return Coded(width, height, aspect, frame_rate=round(float(rate), 3) if rate else None)


def _avc(bits: _Bits) -> Coded:
    profile = bits(8)
    bits(16)
    bits.unsigned()
    chroma = 1
    if profile in _WITH_CHROMA:
        chroma = bits.unsigned()
        if chroma == 3:
            bits(1)
        bits.unsigned()
        bits.unsigned()
        bits(1)
        if bits(1):
            for number in range(8 if chroma != 3 else 12):
                if bits(1):
                    _skip_scaling(bits, 16 if number < 6 else 64)
    bits.unsigned()
    _skip_order(bits)
    bits.unsigned()
    bits(1)
    across, down = bits.unsigned() + 1, bits.unsigned() + 1
    whole_frames = bits(1)
    if not whole_frames:
        bits(1)
    bits(1)
    width, height = across * 16, down * 16 * (2 - whole_frames)
    if bits(1):
        by = 2 if chroma in (1, 2) else 1, (2 if chroma == 1 else 1) * (2 - whole_frames)
        left, right, top, bottom = (bits.unsigned() for _ in range(4))
        width, height = width - (left + right) * by[0], height - (top + bottom) * by[1]
    return _with_vui(bits, width, height, frames_per_tick=2)


def _skip_scaling(bits: _Bits, size: int) -> None:
    """Go past a scaling list (H.264, 7.3.2.1.1.1)."""
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last


def _skip_order(bits: _Bits) -> None:
    """Go past how pictures are counted (H.264, 7.3.2.1.1)."""
    kind = bits.unsigned()
    if kind == 0:
        bits.unsigned()
    elif kind == 1:
        bits(1)
        bits.unsigned()
        bits.unsigned()
        for _ in range(min(bits.unsigned(), 255)):
            bits.unsigned()


def _hevc(bits: _Bits) -> Coded:
    bits(4)
    layers = bits(3)
    bits(1)
    _skip_profile(bits, layers)
    bits.unsigned()
    chroma = bits.unsigned()
    if chroma == 3:
        bits(1)
    width, height = bits.unsigned(), bits.unsigned()
    if bits(1):
        by = 2 if chroma in (1, 2) else 1, 2 if chroma == 1 else 1
        left, right, top, bottom = (bits.unsigned() for _ in range(4))
        width, height = width - (left + right) * by[0], height - (top + bottom) * by[1]
    try:
        _skip_to_vui(bits, layers)
        return _with_vui(bits, width, height, frames_per_tick=1)
    except ValueError:
        return _sized(Coded(width, height))


def _skip_profile(bits: _Bits, layers: int) -> None:
    """Go past profile, tier and level (H.265, 7.3.3)."""
    bits(88)
    bits(8)
    present = [(bits(1), bits(1)) for _ in range(layers)]
    if layers:
        bits(2 * (8 - layers))
    for profile, level in present:
        bits(88 * profile + 8 * level)


def _skip_to_vui(bits: _Bits, layers: int) -> None:
    bits.unsigned()
    bits.unsigned()
    counted = bits.unsigned() + 4
    for _ in range(layers + 1 if bits(1) else 1):
        for _ in range(3):
            bits.unsigned()
    for _ in range(6):
        bits.unsigned()
    if bits(1) and bits(1):
        _skip_hevc_scaling(bits)
    bits(2)
    if bits(1):
        bits(8)
        bits.unsigned()
        bits.unsigned()
        bits(1)
    _skip_references(bits)
    if bits(1):
        for _ in range(min(bits.unsigned(), 32)):
            bits(counted + 1)
    bits(2)


def _skip_hevc_scaling(bits: _Bits) -> None:
    """Go past scaling list data (H.265, 7.3.4)."""
    for size in range(4):
        for _ in range(0, 6, 3 if size == 3 else 1):
            if not bits(1):
                bits.unsigned()
                continue
            if size > 1:
                bits.signed()
            for _ in range(min(64, 1 << (4 + 2 * size))):
                bits.signed()


def _skip_references(bits: _Bits) -> None:
    """Go past short-term reference picture sets (H.265, 7.3.7)."""
    before = 0
    for number in range(min(bits.unsigned(), 64)):
        if number and bits(1):
            bits(1)
            bits.unsigned()
            kept = 0
            for _ in range(before + 1):
                used = bits(1)
                kept += used or bits(1)
            before = kept
            continue
        before = min(bits.unsigned(), 16) + min(bits.unsigned(), 16)
        for _ in range(before):
            bits.unsigned()
            bits(1)


def _with_vui(bits: _Bits, width: int, height: int, frames_per_tick: int) -> Coded:
    """Read how pictures are to be shown, from the flag on that says whether anything is said of it."""
    aspect, transfer, rate = Fraction(1), 0, None
    try:
        if bits(1):
            if bits(1):
                aspect = _aspect(bits)
            if bits(1):
                bits(1)
            if bits(1):
                bits(4)
                if bits(1):
                    transfer = bits(24) >> 8 & 255
            if bits(1):
                bits.unsigned()
                bits.unsigned()
            if frames_per_tick == 2 and bits(
                1
            ):  # H.265 has it further behind, and films of it say it elsewhere
                tick, scale = bits(32), bits(32)
                rate = round(scale / tick / frames_per_tick, 3) if tick and scale else None
    except ValueError:  # what was read before stands
        pass
    return _sized(Coded(width, height, aspect, transfer_of(transfer), rate))


def _aspect(bits: _Bits) -> Fraction:
    number = bits(8)
    across, down = (
        (bits(16), bits(16))
        if number == _ANY_ASPECT
        else _ASPECTS[number]
        if number < len(_ASPECTS)
        else (1, 1)
    )
    return Fraction(across, down) if across and down else Fraction(1)


def _sized(found: Coded) -> Coded:
    """Return `found` where it is a picture at all.

    Raises:
        ValueError: it is none.
    """
    if not (0 < found.width <= _MAX_SIDE and 0 < found.height <= _MAX_SIDE):
        raise ValueError("a picture without a size")
    return found
