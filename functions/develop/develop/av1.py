"""Reads what an AV1 bitstream says of its colours (AV1 Bitstream & Decoding Process Specification, 5.5)."""

from typing import NamedTuple

_SEQUENCE_HEADER = 1
_MAX_OBUS = 16
_UNSPECIFIED = 2
_SELECTED = 2
_SRGB_WITHOUT_MATRIX = 1, 13, 0


class SequenceColors(NamedTuple):
    """Whether there is luma alone; the numbers of ITU-T H.273 (2 where none are given); and the range."""

    monochrome: bool
    primaries: int
    transfer: int
    matrix: int
    full_range: bool


def colors_of(stream: bytes) -> SequenceColors | None:
    """Return the colours that the first sequence header in `stream` names, or None where there is none."""
    position = 0
    for _ in range(_MAX_OBUS):
        if position >= len(stream):
            break
        head = stream[position]
        position += 2 if head & 4 else 1
        size = len(stream) - position
        if head & 2:
            size, position = _leb128(stream, position)
        if head >> 3 & 15 == _SEQUENCE_HEADER:
            return _sequence_header(_Bits(stream[position : position + size]))
        position += size
    return None


def _leb128(data: bytes, position: int) -> tuple[int, int]:
    value = 0
    for n in range(8):
        byte = data[position + n] if position + n < len(data) else 0
        value |= (byte & 127) << 7 * n
        if not byte & 128:
            return value, position + n + 1
    return value, position + 8


class _Bits:
    """The bits of `data`, from the highest; zeros follow."""

    def __init__(self, data: bytes) -> None:
        self._data, self._position = data, 0

    def __call__(self, count: int = 1) -> int:
        value = 0
        for _ in range(count):
            byte, bit = divmod(self._position, 8)
            value = value << 1 | (self._data[byte] >> 7 - bit & 1 if byte < len(self._data) else 0)
            self._position += 1
        return value


def _sequence_header(bits: _Bits) -> SequenceColors:
    profile = bits(3)
    bits(1)  # still_picture
    reduced = bits()
    if reduced:
        bits(5)
    else:
        _operating_points(bits)
    across, down = bits(4) + 1, bits(4) + 1
    bits(across), bits(down)
    if not reduced and bits():
        bits(7)
    bits(3)
    if not reduced:
        _tools(bits)
    bits(3)
    return _color_config(bits, profile)


def _operating_points(bits: _Bits) -> None:
    decoder_model = delay_bits = 0
    if bits():
        bits(64)
        if bits():  # equal_picture_interval: a number follows in uvlc
            zeros = 0
            while zeros < 32 and not bits():
                zeros += 1
            bits(zeros)
        decoder_model = bits()
        if decoder_model:
            delay_bits = bits(5) + 1
            bits(42)
    delay = bits()
    for _ in range(bits(5) + 1):
        bits(12)
        if bits(5) > 7:
            bits()
        if decoder_model and bits():
            bits(2 * delay_bits + 1)
        if delay and bits():
            bits(4)


def _tools(bits: _Bits) -> None:
    bits(4)
    order_hint = bits()
    if order_hint:
        bits(2)
    screen_content = _SELECTED if bits() else bits()
    if screen_content and not bits():
        bits()
    if order_hint:
        bits(3)


def _color_config(bits: _Bits, profile: int) -> SequenceColors:
    deep = bits()
    if profile == 2 and deep:
        bits()
    monochrome = bool(profile != 1 and bits())
    numbers = (bits(8), bits(8), bits(8)) if bits() else (_UNSPECIFIED,) * 3
    full_range = (numbers == _SRGB_WITHOUT_MATRIX and not monochrome) or bool(bits())
    return SequenceColors(monochrome, *numbers, full_range)
