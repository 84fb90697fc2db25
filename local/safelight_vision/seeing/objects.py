"""Finds people and things, each with its box, with NanoDet.

The model knows the 80 kinds of things of COCO. What it says of each cell of the photo is a probability per
kind and, for each edge of the box, how probable each distance from the cell's centre is, as in "Generalized
Focal Loss", Li and others, 2020.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from safelight_vision.seeing.boxes import kept

SIZE = 416
"""The side of the square input, in pixels."""

_MEAN_BGR = np.array([103.53, 116.28, 123.675], np.float32)
_DEVIATION_BGR = np.array([57.375, 57.12, 58.395], np.float32)
_OUTPUTS = ((8, "Identity", "Identity_3"), (16, "Identity_1", "Identity_4"), (32, "Identity_2", "Identity_5"))
_OVERLAP = 0.6
_GREY = (114, 114, 114)
_LEAST = 0.5

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Thing:
    """One thing: its name as Rekognition has it, its box (left, top, right, bottom, in shares), its score."""

    name: str
    box: tuple[float, ...]
    score: float


@cache
def names() -> list[str]:
    """Return the names of the kinds, in the model's order."""
    content: dict[str, Any] = json.loads((Path(__file__).parent / "labels.json").read_text(encoding="utf-8"))
    return [name for name, *_ in content["objects"]]


def find(image: Image.Image, model: Any) -> list[Thing]:
    """Return the things in `image`, an upright RGB image, of a score of 0.5 or more, the surest first.

    The photo keeps its shape: `model` sees it in a grey square.
    """
    longest = max(image.size)
    width, height = (max(round(side * SIZE / longest), 1) for side in image.size)
    left, top = (SIZE - width) // 2, (SIZE - height) // 2
    square = Image.new("RGB", (SIZE, SIZE), _GREY)
    square.paste(image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=3.0), (left, top))
    pixels = (np.asarray(square, np.float32)[:, :, ::-1] - _MEAN_BGR) / _DEVIATION_BGR
    wanted = [name for _, *both in _OUTPUTS for name in both]
    found = model.run(wanted, {"input_1": np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])})
    cells = np.concatenate(
        [
            _cells(stride, found[2 * level][0], found[2 * level + 1][0])
            for level, (stride, *_) in enumerate(_OUTPUTS)
        ]
    )
    cells[:, :4] = (cells[:, :4] - [left, top, left, top]) / [width, height, width, height]
    cells[:, :4] = cells[:, :4].clip(0, 1)
    things = []
    for kind in np.unique(cells[:, 5]):
        same = cells[cells[:, 5] == kind]
        things += [
            Thing(names()[int(kind)], tuple(float(edge) for edge in row[:4]), float(row[4]))
            for row in same[kept(same, _OVERLAP)]
        ]
    return sorted(things, key=lambda thing: -thing.score)


def _cells(stride: int, chances: Floats, distances: Floats) -> Floats:
    """Return n x 6 for the cells that see a thing: the box in pixels of the input, the score and the kind."""
    cells, kinds = np.nonzero(chances >= _LEAST)
    across = SIZE // stride
    centre = np.stack([cells % across, cells // across], axis=1) * stride + stride / 2
    spread = distances.reshape(len(distances), 4, -1)[cells]
    weight = np.exp(spread - spread.max(axis=2, keepdims=True))
    weight /= weight.sum(axis=2, keepdims=True)
    edges = (weight * np.arange(spread.shape[2])).sum(axis=2) * stride
    box = np.concatenate([centre - edges[:, :2], centre + edges[:, 2:]], axis=1)
    return np.concatenate([box, chances[cells, kinds][:, None], kinds[:, None]], axis=1).astype(np.float32)
