"""Measures the colours and the quality of a photo, in the form of Rekognition's image properties."""

import colorsys
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor

DEFAULT_COLOURS = 10
"""How many dominant colours Rekognition tells where the request does not say."""

_SAMPLE = 96
_SHARPNESS_SIDE = 512
_BLUR = 9
_NEUTRAL = ("black", "gray", "white")
_NEUTRAL_CHROMA = 12
_HUES = {
    15: "red",
    42: "orange",
    70: "yellow",
    160: "green",
    195: "cyan",
    260: "blue",
    295: "purple",
    345: "pink",
    361: "red",
}
"""The basic colours by where their hues end, in degrees."""

_BROWN_BELOW = 0.6

Pixels = NDArray[np.uint8]


def quality(image: Image.Image) -> dict[str, float]:
    """Return how bright, sharp and rich in contrast `image` is, an RGB image, each from 0 to 100.

    Brightness is the mean lightness L* of CIELAB. Contrast is the standard deviation of luma, in shares of
    the largest that there can be. Sharpness is how much neighbouring pixels lose by a blur ("The Blur Effect:
    Perception and Estimation with a New No-Reference Perceptual Blur Metric", Crete and others, 2007), in a
    copy of at most 512 pixels a side.
    """
    reduced = image.copy()
    reduced.thumbnail((_SHARPNESS_SIDE, _SHARPNESS_SIDE), Image.Resampling.BOX)
    pixels = np.asarray(reduced)
    luma = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    return {
        "Brightness": float(_lab(pixels)[:, :, 0].mean()),
        "Sharpness": 100 * (1 - max(_blur(luma.astype(np.float32), axis) for axis in (0, 1))),
        "Contrast": min(float(luma.std()) / 127.5 * 100, 100.0),
    }


def _blur(luma: NDArray[np.float32], axis: int) -> float:
    """Return from 0 (sharp) to 1 how little the differences along `axis` change when it is blurred."""
    size = (1, _BLUR) if axis == 0 else (_BLUR, 1)
    before = np.abs(np.diff(luma, axis=axis))
    after = np.abs(np.diff(cv2.blur(luma, size), axis=axis))
    total = float(before.sum())
    return (total - float(np.maximum(before - after, 0).sum())) / total if total else 1.0


def dominant_colours(image: Image.Image, most: int = DEFAULT_COLOURS) -> list[dict[str, Any]]:
    """Return the colours that most of `image` has, an RGB image, in Rekognition's form, the largest first.

    The colours are the means of clusters of pixels (median cut, then k-means) in a copy of 96 pixels a side;
    clusters that have one CSS name are told as one, by the colour of the largest.
    """
    sample = image.resize((_SAMPLE, _SAMPLE), Image.Resampling.BOX, reducing_gap=2.0)
    clustered = sample.quantize(most, Image.Quantize.MEDIANCUT, kmeans=2)
    palette = clustered.getpalette() or []
    counts: list[Any] = clustered.getcolors() or []
    found: dict[str, dict[str, Any]] = {}
    for count, number in sorted(counts, reverse=True):
        red, green, blue = palette[3 * number : 3 * number + 3]
        name = _nearest((red, green, blue), tuple(ImageColor.colormap))
        entry = {
            "Red": red,
            "Green": green,
            "Blue": blue,
            "HexCode": f"#{red:02x}{green:02x}{blue:02x}",
            "CSSColor": name,
            "SimplifiedColor": _simplified((red, green, blue)),
            "PixelPercent": 0.0,
        }
        found.setdefault(name, entry)["PixelPercent"] += count / _SAMPLE**2 * 100
    return sorted(found.values(), key=lambda entry: -entry["PixelPercent"])


def _simplified(colour: tuple[int, int, int]) -> str:
    """Return a basic colour: black, grey or white by lightness, others by hue; dark orange is brown."""
    _, a, b = _lab(np.array([[colour]], np.uint8))[0, 0]
    if np.hypot(a, b) < _NEUTRAL_CHROMA:
        return _nearest(colour, _NEUTRAL)
    hue, _, value = colorsys.rgb_to_hsv(*(part / 255 for part in colour))
    name = next(name for end, name in _HUES.items() if hue * 360 < end)
    return "brown" if name in {"orange", "yellow"} and value < _BROWN_BELOW else name


def _nearest(colour: tuple[int, int, int], names: tuple[str, ...]) -> str:
    """Return the name whose colour looks most like `colour`, by the distance in CIELAB."""
    others = [ImageColor.getrgb(name)[:3] for name in names]
    lab = _lab(np.array([[colour, *others]], np.uint8))[0]
    return names[int(np.linalg.norm(lab[1:] - lab[0], axis=1).argmin())]


def _lab(pixels: Pixels) -> NDArray[np.float32]:
    return cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).astype(np.float32, copy=False)
