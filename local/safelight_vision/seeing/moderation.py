"""Says whether a photo is explicit, in the form of Rekognition's DetectModerationLabels.

The model gives one score. Of Rekognition's categories it can judge Explicit alone; about all others it says
nothing, and `MODEL_VERSION` says so in every answer. No labels mean that a photo is not explicit, and do
not mean that it is safe.
"""

from typing import Any

import numpy as np
from PIL import Image

EVALUATED = ("Explicit",)
"""The categories of Rekognition's that are judged. Others are not evaluated."""

MODEL_VERSION = f"OpenNSFW/1 evaluates {', '.join(EVALUATED)} only"
"""Stands where Rekognition tells the version of its own model."""

DEFAULT_MIN_CONFIDENCE = 50.0
"""Rekognition's own default, in percent."""

_MEAN_BGR = np.array([104, 117, 123], np.float32)
_RESIZED, _SIZE = 256, 224


def score(image: Image.Image, model: Any) -> float:
    """Return how likely `image`, an upright RGB image, is explicit, from 0 to 1."""
    edge = (_RESIZED - _SIZE) // 2
    resized = image.resize((_RESIZED, _RESIZED), Image.Resampling.BILINEAR, reducing_gap=3.0)
    square = resized.crop((edge, edge, edge + _SIZE, edge + _SIZE))
    pixels = np.asarray(square, np.float32)[:, :, ::-1] - _MEAN_BGR
    chances = model.run(None, {model.get_inputs()[0].name: np.ascontiguousarray(pixels[None])})[0]
    return float(chances[0, 1])


def describe(explicit: float, min_confidence: float) -> list[dict[str, Any]]:
    """Return Rekognition's ModerationLabels for a score from 0 to 1."""
    if explicit * 100 < min_confidence:
        return []
    return [{"Name": "Explicit", "ParentName": "", "TaxonomyLevel": 1, "Confidence": explicit * 100}]
