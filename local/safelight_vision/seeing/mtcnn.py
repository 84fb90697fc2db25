"""Finds faces and their eyes, noses and mouths with MTCNN.

"Joint Face Detection and Alignment using Multi-task Cascaded Convolutional Networks", Zhang and others,
2016: three small networks in a cascade. The first looks for faces at every place and size, the second
throws most of those away, the third tells faces from the rest and says where eyes, nose and mouth are.
The networks' layers and the cascade's steps are the paper's; thresholds and sizes are the ones that the
weights are commonly used with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from safelight_vision.seeing.boxes import Boxes, kept

LONGEST_SIDE = 1280
"""Larger photos are reduced to this many pixels; the smallest face is found at 20 of them."""

_CELL = 12
_STRIDE = 2
_SMALLEST_FACE = 20
_PYRAMID = 0.709  # the paper's, about the square root of a half
_THRESHOLDS = (0.6, 0.7, 0.97)
_BATCH = 256

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Face:
    """A face: its box and the five `points` (eyes, nose, corners of the mouth), in pixels.

    `box` is left, top, right, bottom and may reach past the photo's edges; `points` are 5 x 2, each pair
    from the viewer's left to right; `score` from 0 to 1.
    """

    box: tuple[float, float, float, float]
    points: Sequence[tuple[float, float]]
    score: float


class Detector:
    """Runs the cascade."""

    def __init__(self, sessions: Sequence[Any]) -> None:
        """Take the opened networks, in the order of the cascade."""
        self._propose, self._refine, self._decide = sessions

    def find(self, image: Image.Image) -> list[Face]:
        """Return the faces in `image`, an upright RGB image, the largest first."""
        scale = min(1.0, LONGEST_SIDE / max(image.size))
        size = (max(round(image.width * scale), 1), max(round(image.height * scale), 1))
        small = image.resize(size, Image.Resampling.BILINEAR, reducing_gap=3.0) if scale < 1 else image
        pixels = np.asarray(small)
        boxes = self._proposed(pixels)
        boxes, _ = self._passed(self._refine, pixels, boxes, 24, _THRESHOLDS[1])
        boxes, points = self._passed(self._decide, pixels, boxes, 48, _THRESHOLDS[2])
        order = kept(boxes, 0.7, nested=True)
        faces = [
            Face(tuple(boxes[n, :4] / scale), [(x, y) for x, y in points[n] / scale], float(boxes[n, 4]))
            for n in order
        ]
        return sorted(faces, key=lambda face: (face.box[0] - face.box[2]) * (face.box[3] - face.box[1]))

    def _proposed(self, pixels: NDArray[np.uint8]) -> Boxes:
        """Return square boxes where the first network sees a face, at any scale: n x 5 with the score."""
        height, width = pixels.shape[:2]
        scale = _CELL / _SMALLEST_FACE
        found = [np.empty((0, 9), np.float32)]
        while min(height, width) * scale >= _CELL:
            size = (int(width * scale + 1), int(height * scale + 1))
            reduced = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
            face, move = self._propose.run(["face", "box"], {"image": _normalized(reduced[None])})
            rows, columns = np.nonzero(face[0, 1] >= _THRESHOLDS[0])
            corner = np.stack([columns, rows], 1) * _STRIDE
            cells = np.concatenate(
                [
                    (corner + 1) / scale,
                    (corner + _CELL) / scale,
                    face[0, 1, rows, columns][:, None],
                    move[0][:, rows, columns].T,
                ],
                axis=1,
            ).astype(np.float32)
            found.append(cells[kept(cells, 0.5)])
            scale *= _PYRAMID
        cells = np.concatenate(found)
        cells = cells[kept(cells, 0.7)]
        return _squared(_moved(cells[:, :5], cells[:, 5:]))

    def _passed(
        self, network: Any, pixels: NDArray[np.uint8], boxes: Boxes, size: int, threshold: float
    ) -> tuple[Boxes, Floats]:
        """Return the boxes that `network` takes for faces, moved to fit them, and the points in each."""
        scores, moves, points = [np.empty(0, np.float32)], [np.empty((0, 4), np.float32)], []
        names = [output.name for output in network.get_outputs()]
        for start in range(0, len(boxes), _BATCH):
            crops = np.stack([_crop(pixels, box, size) for box in boxes[start : start + _BATCH]])
            answer = dict(zip(names, network.run(names, {"image": _normalized(crops)}), strict=True))
            scores.append(answer["face"][:, 1])
            moves.append(answer["box"])
            points.append(answer.get("points", np.zeros((len(crops), 10), np.float32)))
        score = np.concatenate(scores)
        passed = score >= threshold
        boxes = np.concatenate([boxes[passed, :4], score[passed, None]], axis=1)
        move = np.concatenate(moves)[passed]
        shares = np.concatenate(points)[passed] if points else np.empty((0, 10), np.float32)
        corner, sides = boxes[:, None, :2], (boxes[:, 2:4] - boxes[:, :2])[:, None]
        places = corner + shares.reshape(-1, 2, 5).transpose(0, 2, 1) * sides
        boxes = _moved(boxes, move)
        if size == 24:
            boxes = _squared(boxes[kept(boxes, 0.7)])
        return boxes, places.astype(np.float32)


def _normalized(images: NDArray[Any]) -> Floats:
    return np.ascontiguousarray((images.astype(np.float32) - 127.5).transpose(0, 3, 1, 2) / 128)


def _moved(boxes: Boxes, shares: Floats) -> Boxes:
    sides = boxes[:, 2:4] - boxes[:, :2]
    return np.concatenate([boxes[:, :4] + shares * np.tile(sides, 2), boxes[:, 4:5]], axis=1)


def _squared(boxes: Boxes) -> Boxes:
    centre = (boxes[:, :2] + boxes[:, 2:4]) / 2
    half = (boxes[:, 2:4] - boxes[:, :2]).max(axis=1, keepdims=True, initial=0) / 2
    return np.concatenate([centre - half, centre + half, boxes[:, 4:5]], axis=1)


def _crop(pixels: NDArray[Any], box: Floats, size: int) -> NDArray[Any]:
    """Return the part of the photo in `box` as a square of `size`; what lies past its edges is black."""
    left, top, right, bottom = (round(float(edge)) for edge in box[:4])
    height, width = pixels.shape[:2]
    part = pixels[max(top, 0) : min(bottom, height), max(left, 0) : min(right, width)]
    if part.size == 0:
        return np.zeros((size, size, 3), np.uint8)
    if part.shape[:2] != (bottom - top, right - left):
        part = cv2.copyMakeBorder(
            part,
            max(-top, 0),
            max(bottom - height, 0),
            max(-left, 0),
            max(right - width, 0),
            cv2.BORDER_CONSTANT,
        )
    return cv2.resize(part, (size, size), interpolation=cv2.INTER_AREA)
