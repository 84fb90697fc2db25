"""Says what the pixels of a photo tell: its colours, its sharpness, and hashes that find it again.

Everything is measured on one working copy of at most 1,024 pixels on the long edge, so that the facts of a
photo depend little on the rendition that they were taken from.
"""

import base64
from collections import Counter
from collections.abc import Iterator, Sequence
from math import cos, floor, pi
from operator import mul
from statistics import median
from typing import TYPE_CHECKING

import pyvips

if TYPE_CHECKING:
    from safelight.record import Facts

_EDGE = 1024
_STAMP_EDGE = 32
_LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in luma: ITU-R BT.601."""
_LAPLACIAN = ((0, 1, 0), (1, -4, 1), (0, 1, 0))
_NOISE = 1e-6
"""Where a mean of tones of 0 to 255 differs from 0 by less, that is the rounding of floats."""
_SHADOW, _HIGHLIGHT = 2, 253
_CELL = 0.08
"""Edge of a cell of the colour histogram, in units of Oklab: white's lightness is 1."""


def facts_of(image: pyvips.Image) -> "Facts":
    """Return the facts of `image`: upright, 8-bit sRGB in 3 bands, read more than once.

    The same pixels always give the same facts. docs/architecture.md says what each means.
    """
    copy = _inside(image, _EDGE)
    luma = copy.recomb([list(_LUMA)]).rint().cast("uchar").copy_memory()
    stamp = _inside(copy, _STAMP_EDGE)
    return {
        "thumbhash": base64.b64encode(thumbhash(stamp.width, stamp.height, _bytes(stamp))).decode(),
        "perceptual_hash": _perceptual_hash(luma),
        "dominant_color": _dominant_color(stamp),
        "sharpness": _sharpness(luma),
        "clipped_shadows": _share((copy <= _SHADOW).bandand()),
        "clipped_highlights": _share((copy >= _HIGHLIGHT).bandand()),
    }


def thumbhash(width: int, height: int, rgb: bytes) -> bytes:
    """Return the ThumbHash of opaque 8-bit sRGB pixels, `height` rows of `width` times 3 bytes.

    ThumbHash by Evan Wallace: https://evanw.github.io/thumbhash/. Luminance and two differences of
    colours are each written as a mean, a scale, and low frequencies of the cosine transform in 4 bits.
    """
    red, green, blue = ([tone / 255 for tone in rgb[band::3]] for band in range(3))
    colors = list(zip(red, green, blue, strict=True))
    longer = max(width, height)
    across, down = (max(1, _rounded(7 * edge / longer)) for edge in (width, height))
    luminance = _channel([(r + g + b) / 3 for r, g, b in colors], width, height, max(3, across), max(3, down))
    yellow_blue = _channel([(r + g) / 2 - b for r, g, b in colors], width, height, 3, 3)
    red_green = _channel([r - g for r, g, b in colors], width, height, 3, 3)
    landscape = width > height
    head = (
        _rounded(63 * luminance[0])
        | _rounded(31.5 + 31.5 * yellow_blue[0]) << 6
        | _rounded(31.5 + 31.5 * red_green[0]) << 12
        | _rounded(31 * luminance[1]) << 18
        | (down if landscape else across) << 24
        | _rounded(63 * yellow_blue[1]) << 27
        | _rounded(63 * red_green[1]) << 33
        | landscape << 39
    )
    steps = [_rounded(15 * value) for channel in (luminance, yellow_blue, red_green) for value in channel[2]]
    steps += [0] * (len(steps) % 2)
    pairs = zip(steps[::2], steps[1::2], strict=True)
    return head.to_bytes(5, "little") + bytes(low | high << 4 for low, high in pairs)


def _channel(
    values: Sequence[float], width: int, height: int, across: int, down: int
) -> tuple[float, float, list[float]]:
    """Return a channel's mean, the scale of its frequencies, and those in the triangle, as 0 to 1."""
    table = _frequencies(values, width, height, across, down)
    kept = [table[y][x] for y in range(down) for x in range(across) if x * down < across * (down - y)]
    mean, waves = kept[0], kept[1:]
    scale = max(map(abs, waves))
    return mean, scale, [0.5 + 0.5 / scale * wave if scale else 0.0 for wave in waves]


def _frequencies(
    values: Sequence[float], width: int, height: int, across: int, down: int
) -> list[list[float]]:
    """Return the `down` x `across` lowest frequencies of the cosine transform (DCT-II), as means."""
    columns = list(zip(*_by_row(values, width, across), strict=True))
    rows = [_waves(column, height, down) for column in columns]
    return [[wave / (width * height) for wave in row] for row in zip(*rows, strict=True)]


def _by_row(values: Sequence[float], width: int, count: int) -> Iterator[list[float]]:
    return (_waves(values[start : start + width], width, count) for start in range(0, len(values), width))


def _waves(line: Sequence[float], length: int, count: int) -> list[float]:
    cosines = ([cos(pi / length * wave * (at + 0.5)) for at in range(length)] for wave in range(count))
    return [sum(map(mul, line, each)) for each in cosines]


def _perceptual_hash(luma: pyvips.Image) -> str:
    """Return the 64-bit DCT hash of pHash, as 16 hexadecimal digits.

    Luma squeezed to 32 x 32; of its cosine transform the frequencies 1 to 8 both ways, without those that
    are constant in a direction; row by row, from the highest bit, 1 where one is above their median. See
    C. Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010, section 3.2.1.
    A flat image has 0 in every bit, which no other image has.
    """
    square = _bytes(luma.resize(32 / luma.width, vscale=32 / luma.height))
    table = _frequencies(square, 32, 32, 9, 9)
    waves = [wave if abs(wave) > _NOISE else 0.0 for row in table[1:] for wave in row[1:]]
    middle = median(waves)
    bits = "".join("1" if wave > middle else "0" for wave in waves)
    return f"{int(bits, 2):016x}"


def _dominant_color(stamp: pyvips.Image) -> str:
    """Return the mean of the most populous cluster of colours, as `#rrggbb`.

    The cluster is the 3 x 3 x 3 cells of a histogram in Oklab (B. Ottosson, 2020) that hold the most
    pixels: a mean of all would be a mud that the photo does not show.
    """
    values = memoryview(_bytes(stamp.colourspace("oklab"))).cast("f")
    colors = list(zip(*(values[band::3] for band in range(3)), strict=True))
    cells = [tuple(floor(value / _CELL) for value in color) for color in colors]
    counts = Counter(cells)
    peak = max(sorted(counts), key=lambda cell: sum(counts[near] for near in counts if _touch(cell, near)))
    cluster = [color for color, cell in zip(colors, cells, strict=True) if _touch(peak, cell)]
    mean = [sum(band) / len(cluster) for band in zip(*cluster, strict=True)]
    pixel = (pyvips.Image.black(1, 1, bands=3) + mean).copy(interpretation="oklab")
    return f"#{_bytes(pixel.colourspace('srgb')).hex()}"


def _touch(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(abs(a - b) <= 1 for a, b in zip(one, other, strict=True))


def _sharpness(luma: pyvips.Image) -> float:
    """Return the variance of the Laplacian of 8-bit luma."""
    kernel = pyvips.Image.new_from_list([list(row) for row in _LAPLACIAN])
    # Sums of whole numbers: those of fractions depend on the order in which libvips' threads add them up.
    statistics = luma.cast("short").conv(kernel, precision="integer").stats()
    total, squares = (statistics(column, 0)[0] / (luma.width * luma.height) for column in (2, 3))
    return float(round(squares - total**2, 2))


def _share(mask: pyvips.Image) -> float:
    """Return the fraction of pixels that a mask of 0 and 255 marks."""
    return round(float(mask.avg()) / 255, 4)


def _inside(image: pyvips.Image, edge: int) -> pyvips.Image:
    """Return `image` shrunk to `edge` pixels on the long edge, in memory; a smaller one as it is."""
    scale = edge / max(image.width, image.height)
    return (image.resize(scale) if scale < 1 else image).copy_memory()


def _bytes(image: pyvips.Image) -> bytes:
    return bytes(image.write_to_memory())


def _rounded(value: float) -> int:
    """Round halves up, as ThumbHash does."""
    return floor(value + 0.5)
