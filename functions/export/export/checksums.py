"""CRC-32 of what is put together, without its bytes. Pure.

The CRC of two texts is that of the first, moved over the length of the second, and that of the second: moving
is a multiplication by a power of x modulo CRC-32's polynomial over GF(2) (zlib 1.3, crc32_combine).
"""

from functools import lru_cache

_POLYNOMIAL = 0xEDB88320
_ONE = 1 << 31


def _product(left: int, right: int) -> int:
    """Return the product of two polynomials, whose highest bit is that of x to the 0th."""
    product, bit = 0, _ONE
    while bit:
        if left & bit:
            product ^= right
        bit >>= 1
        right = (right >> 1) ^ _POLYNOMIAL if right & 1 else right >> 1
    return product


def _squares() -> list[int]:
    powers = [1 << 23]  # x to the 8th: one byte
    while len(powers) < 64:
        powers.append(_product(powers[-1], powers[-1]))
    return powers


_BYTES = _squares()
"""x to the power of 8 times 2 to the nth: what moves over so many bytes."""


def combined(first: int, second: int, size: int) -> int:
    """Return the CRC-32 of two texts behind one another, by theirs and the `size` of the second in bytes."""
    return _product(_moving(size), first) ^ second


@lru_cache(4096)  # headers are of few lengths
def _moving(size: int) -> int:
    """Return what moves a CRC-32 over `size` bytes."""
    moving, power = _ONE, 0
    while size:
        if size & 1:
            moving = _product(_BYTES[power], moving)
        size >>= 1
        power += 1
    return moving
