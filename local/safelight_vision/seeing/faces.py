"""Describes faces in Rekognition's form, and says how alike two of them are."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dlib  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from safelight_vision.seeing import properties
from safelight_vision.seeing.mtcnn import Face

MODEL_VERSION = "MTCNN-dlib-resnet/1"
"""Stands where Rekognition tells the version of its own model."""

DEFAULT_MATCH_THRESHOLD = 80.0
"""Rekognition's own, in percent."""

_LANDMARKS = ("eyeLeft", "eyeRight", "nose", "mouthLeft", "mouthRight")

Vector = NDArray[np.float32]

_SAME_DISTANCE = 0.48
_STEEPNESS = 25.0
_AT_SAME = math.log(DEFAULT_MATCH_THRESHOLD / (100 - DEFAULT_MATCH_THRESHOLD))


@dataclass(frozen=True)
class Bar:
    """The least that a face must have to be indexed: confidence, brightness and sharpness in percent.

    `side` is the shorter side of its box, in pixels.
    """

    confidence: float
    side: float
    brightness: float
    sharpness: float


BARS = {
    "NONE": Bar(0, 0, 0, 0),
    "LOW": Bar(97, 24, 5, 5),
    "MEDIUM": Bar(97.5, 40, 10, 10),
    "HIGH": Bar(99, 80, 20, 20),
    "AUTO": Bar(97.5, 40, 10, 10),
}
"""What each QualityFilter of Rekognition stands for here."""


class Recognizer:
    """Turns faces into vectors with dlib's networks: what is near belongs to one person."""

    def __init__(self, shape: Path, vectors: Path) -> None:
        """Load the networks in the files `shape` (where eyes and nose are) and `vectors`."""
        self._shape = dlib.shape_predictor(str(shape))
        self._network = dlib.face_recognition_model_v1(str(vectors))

    def vector(self, image: Image.Image, face: Face) -> Vector:
        """Return the 128 numbers that describe `face` in `image`, an upright RGB image."""
        pixels = np.asarray(image)
        left, top, right, bottom = face.box
        across, down, half = (left + right) / 2, (top + bottom) / 2, max(right - left, bottom - top) / 2
        square = (across - half, down - half, across + half, down + half)
        shape = self._shape(pixels, dlib.rectangle(*(round(edge) for edge in square)))
        return np.asarray(self._network.compute_face_descriptor(pixels, shape), np.float32)


def similarity(distance: float) -> float:
    """Return how alike two faces are, in percent, for the Euclidean distance of their vectors.

    The curve is a logistic one through 80 % at 0.48, so that Rekognition's usual threshold stands where
    clusters of dlib's vectors are best cut: one person is below 0.45, and at 0.6, the limit that dlib
    names, strangers begin to be taken for one another.
    """
    return 100 / (1 + math.exp(_STEEPNESS * (distance - _SAME_DISTANCE) - _AT_SAME))


def similarities(vector: Vector, others: Sequence[Vector]) -> list[float]:
    """Return how alike the face of `vector` is to each of `others`, in percent."""
    if not others:
        return []
    distances = np.linalg.norm(np.stack(others) - vector, axis=1)
    return [similarity(float(distance)) for distance in distances]


def detail(image: Image.Image, face: Face) -> dict[str, Any]:
    """Return Rekognition's FaceDetail with the DEFAULT attributes that are known of a face.

    Of the pose, only the roll is known; of the eyes, where they are.
    """
    left_eye, right_eye = face.points[:2]
    roll = math.degrees(math.atan2(right_eye[1] - left_eye[1], right_eye[0] - left_eye[0]))
    quality = properties.quality(image.crop(_inside(image, face)))
    return {
        "BoundingBox": bounding_box(image, face),
        "Landmarks": [
            {"Type": name, "X": float(x) / image.width, "Y": float(y) / image.height}
            for name, (x, y) in zip(_LANDMARKS, face.points, strict=True)
        ],
        "Pose": {"Roll": roll},
        "Quality": {"Brightness": quality["Brightness"], "Sharpness": quality["Sharpness"]},
        "Confidence": face.score * 100,
    }


def bounding_box(image: Image.Image, face: Face) -> dict[str, float]:
    """Return Rekognition's BoundingBox of a face: shares of the width and the height of `image`."""
    left, top, right, bottom = (float(edge) for edge in face.box)
    return {
        "Width": (right - left) / image.width,
        "Height": (bottom - top) / image.height,
        "Left": left / image.width,
        "Top": top / image.height,
    }


def shortcomings(face: Face, description: dict[str, Any], bar: Bar) -> list[str]:
    """Return Rekognition's reasons for not indexing a face: what it has less of than `bar` asks."""
    left, top, right, bottom = face.box
    has = {
        "LOW_CONFIDENCE": (description["Confidence"], bar.confidence),
        "SMALL_BOUNDING_BOX": (min(right - left, bottom - top), bar.side),
        "LOW_BRIGHTNESS": (description["Quality"]["Brightness"], bar.brightness),
        "LOW_SHARPNESS": (description["Quality"]["Sharpness"], bar.sharpness),
    }
    return [reason for reason, (value, least) in has.items() if value < least]


def _inside(image: Image.Image, face: Face) -> tuple[int, int, int, int]:
    left, top, right, bottom = face.box
    x, y = max(int(left), 0), max(int(top), 0)
    return (
        x,
        y,
        max(min(math.ceil(right), image.width), x + 1),
        max(min(math.ceil(bottom), image.height), y + 1),
    )
