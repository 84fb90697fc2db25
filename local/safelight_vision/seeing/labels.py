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

from safelight_vision.seeing.objects import Thing
from safelight_vision.weights.efficientnet import SIZE

MODEL_VERSION = "EfficientNet-Lite0+NanoDet-g/2"
"""Stands where Rekognition tells the version of its own model."""

DEFAULT_MIN_CONFIDENCE = 55.0
"""Rekognition's own default, in percent."""

_CENTRAL = 224 / 256
_DEFAULT_CATEGORY = "Everyday Objects"
_SURE = 0.5


@dataclass(frozen=True)
class Taxonomy:
    """The names of the model's classes, and what each is a kind of.

    `classes` holds, for each class of the model, its name and its parents; `objects` the same for each kind
    of thing that has a box, and no parents where it is a class or a group; `parents` the parents of each
    group; `categories` the category of each group that has no parent.
    """

    classes: Sequence[Sequence[str]]
    objects: Sequence[Sequence[str]]
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
        return {name: parents for name, *parents in [*self.objects, *self.classes]}

    def _above(self, groups: Iterable[str]) -> list[str]:
        found = list(groups)
        for group in found:  # grows while it is walked: breadth first
            found.extend(self.parents[group])
        return found


@cache
def taxonomy() -> Taxonomy:
    """Return the taxonomy in labels.json, read once."""
    content = json.loads((Path(__file__).parent / "labels.json").read_text(encoding="utf-8"))
    return Taxonomy(content["classes"], content["objects"], content["parents"], content["categories"])


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


@dataclass(frozen=True)
class Wanted:
    """Which labels a request is for: names and categories to keep (None: all), and those to leave out."""

    labels: frozenset[str] | None = None
    categories: frozenset[str] | None = None
    not_labels: frozenset[str] = frozenset()
    not_categories: frozenset[str] = frozenset()

    def takes(self, name: str, category: str) -> bool:
        """Tell whether the label `name` of `category` is wanted; leaving out comes before keeping."""
        if name in self.not_labels or category in self.not_categories:
            return False
        if self.labels is None and self.categories is None:
            return True
        return name in (self.labels or ()) or category in (self.categories or ())


EVERY_LABEL = Wanted()
"""No filter."""


def describe(
    chances: Sequence[float],
    things: Sequence[Thing],
    kinds: Taxonomy,
    max_labels: int | None,
    min_confidence: float,
    wanted: Wanted = EVERY_LABEL,
) -> list[dict[str, Any]]:
    """Return Rekognition's Labels for the probabilities of the classes and the things with a box.

    A group is as likely as its classes together, so that a dog is a dog where its breed is open, and as
    likely as the surest thing of its kind. The most certain label comes first. Confidences are in percent;
    labels below `min_confidence` are left out, and those past `max_labels`.
    """
    total: defaultdict[str, float] = defaultdict(float)
    for number, chance in enumerate(chances):
        for name in kinds.kinds(number):
            total[name] += float(chance)
    instances: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for thing in believable(things, total, kinds):
        instances[thing.name].append(_instance(thing))
        for name in (thing.name, *kinds.ancestors(thing.name)):
            total[name] = max(total[name], thing.score)
    certain = [
        (name, min(chance * 100, 100.0))
        for name, chance in total.items()
        if chance * 100 >= min_confidence and wanted.takes(name, kinds.category(name))
    ]
    certain.sort(key=lambda pair: (-pair[1], len(kinds.ancestors(pair[0])), pair[0]))
    return [
        {
            "Name": name,
            "Confidence": confidence,
            "Instances": instances[name],
            "Parents": [{"Name": parent} for parent in kinds.ancestors(name)],
            "Aliases": [],
            "Categories": [{"Name": kinds.category(name)}],
        }
        for name, confidence in certain[:max_labels]
    ]


def believable(things: Sequence[Thing], total: Mapping[str, float], kinds: Taxonomy) -> Sequence[Thing]:
    """Return the `things` that the classes do not contradict, by the classes' `total` probabilities.

    The detector has ten animals and sees one of them in a turtle, too; where the classifier, which has
    398 of them, is sure of an animal, it knows better which.
    """
    if total.get("Animal", 0) < _SURE:
        return things
    return [
        thing
        for thing in things
        if "Animal" not in kinds.ancestors(thing.name) or total.get(thing.name, 0) >= 1 - _SURE
    ]


def _instance(thing: Thing) -> dict[str, Any]:
    left, top, right, bottom = thing.box
    return {
        "BoundingBox": {"Left": left, "Top": top, "Width": right - left, "Height": bottom - top},
        "Confidence": thing.score * 100,
    }
