"""Boxes of detectors, and which of those that overlap are kept."""

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float32]
"""n x 5 or more: left, top, right, bottom, score, and anything else."""


def kept(boxes: Boxes, overlap: float, *, nested: bool = False) -> list[int]:
    """Return the rows to keep so that no two overlap by more than `overlap`, the best score first.

    The overlap is the intersection over the union or, with `nested`, over the smaller of the two.
    """
    left, top, right, bottom, score = boxes[:, :5].T
    area = np.maximum(right - left, 0) * np.maximum(bottom - top, 0)
    rest = np.argsort(-score, kind="stable")
    chosen: list[int] = []
    while rest.size:
        best, rest = int(rest[0]), rest[1:]
        chosen.append(best)
        width = np.minimum(right[best], right[rest]) - np.maximum(left[best], left[rest])
        height = np.minimum(bottom[best], bottom[rest]) - np.maximum(top[best], top[rest])
        shared = np.maximum(width, 0) * np.maximum(height, 0)
        whole = np.minimum(area[best], area[rest]) if nested else area[best] + area[rest] - shared
        rest = rest[shared <= overlap * whole]
    return chosen
