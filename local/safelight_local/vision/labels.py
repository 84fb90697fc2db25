"""Says what a photo shows, in the form of Amazon Rekognition's DetectLabels."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
from numpy.typing import NDArray
from PIL import Image

from safelight_local.vision.efficientnet import SIZE

MODEL_VERSION = "EfficientNet-Lite0/1"
"""Stands where Rekognition tells the version of its own model."""

DEFAULT_MIN_CONFIDENCE = 55.0
"""Rekognition's own default, in percent."""

_CENTRAL = 224 / 256
_DEFAULT_CATEGORY = "Everyday Objects"


@dataclass(frozen=True)
class Taxonomy:
    """The names of the model's classes, and what each is a kind of.

    `classes` holds, for each class of the model, its name and its parents; `parents` the parents of each
    group; `categories` the category of each group that has no parent.
    """

    classes: Sequence[Sequence[str]]
    parents: Mapping[str, Sequence[str]]
    categories: Mapping[str, str]

    def kinds(self, number: int) -> list[str]:
        """Return the name of a class and of every group above it, from the nearest to the farthest."""
        name, *parents = self.classes[number]
        return list(dict.fromkeys([name, *self._above(parents)]))

    def ancestors(self, name: str) -> list[str]:
        """Return every group above the class or group `name`, from the nearest to the farthest."""
        direct = self.parents.get(name) or self._direct.get(name, ())
        return [group for group in dict.fromkeys(self._above(direct)) if group != name]

    def category(self, name: str) -> str:
        """Return the category of the class or group `name`."""
        kinds = [name, *self.ancestors(name)]
        return next((self.categories[k] for k in kinds if k in self.categories), _DEFAULT_CATEGORY)

    @cached_property
    def _direct(self) -> dict[str, Sequence[str]]:
        return {name: parents for name, *parents in self.classes}

    def _above(self, groups: Iterable[str]) -> list[str]:
        found = list(groups)
        for group in found:  # grows while it is walked: breadth first
            found.extend(self.parents[group])
        return found


@cache
def taxonomy() -> Taxonomy:
    """Return the taxonomy in labels.json, read once."""
    content = json.loads((Path(__file__).parent / "labels.json").read_text(encoding="utf-8"))
    return Taxonomy(content["classes"], content["parents"], content["categories"])


def probabilities(image: Image.Image, model: onnxruntime.InferenceSession) -> NDArray[np.float32]:
    """Return the probability of each class: the mean over the middle of the photo and the whole of it.

    The middle is the square that the model was evaluated on; the whole, squeezed to a square, lets a
    subject at the edge of a wide photo be seen too.
    """
    width, height = image.size
    side = min(width, height) * _CENTRAL
    left, top = (width - side) / 2, (height - side) / 2
    views = [(left, top, left + side, top + side), (0.0, 0.0, float(width), float(height))]
    results = [model.run(None, {"image": _pixels(image, view)})[0][0] for view in views]
    mean: NDArray[np.float32] = np.mean(results, axis=0)
    return mean


def _pixels(image: Image.Image, box: tuple[float, float, float, float]) -> NDArray[np.float32]:
    square = image.resize((SIZE, SIZE), Image.Resampling.BICUBIC, box=box, reducing_gap=3.0)
    values = (np.asarray(square, dtype=np.float32) - 127) / 128
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None])


def describe(
    chances: Sequence[float], kinds: Taxonomy, max_labels: int | None, min_confidence: float
) -> list[dict[str, Any]]:
    """Return Rekognition's Labels for the probabilities of the classes, the most certain first.

    A group is as likely as its classes together, so that a dog is a dog where its breed is open.
    Confidences are in percent; labels below `min_confidence` are left out, and those past `max_labels`.
    """
    total: defaultdict[str, float] = defaultdict(float)
    for number, chance in enumerate(chances):
        for name in kinds.kinds(number):
            total[name] += float(chance)
    certain = [
        (name, min(chance * 100, 100.0)) for name, chance in total.items() if chance * 100 >= min_confidence
    ]
    certain.sort(key=lambda pair: (-pair[1], len(kinds.ancestors(pair[0])), pair[0]))
    return [
        {
            "Name": name,
            "Confidence": confidence,
            "Instances": [],
            "Parents": [{"Name": parent} for parent in kinds.ancestors(name)],
            "Aliases": [],
            "Categories": [{"Name": kinds.category(name)}],
        }
        for name, confidence in certain[:max_labels]
    ]
