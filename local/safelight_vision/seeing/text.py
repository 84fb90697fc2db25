"""Reads the text in a photo, in the forms of Amazon Textract's Blocks and Rekognition's TextDetections."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from PIL import Image, ImageOps

MODEL_VERSION = "PP-OCRv6-small/1"
"""Stands where Textract tells the version of its own model."""

MIN_SCORE = 0.65
"""Lines that the recognizer is less sure of than this (0 to 1) are left out: leaves read as letters."""

MAX_WORDS = 100
"""How many words Rekognition tells of one image."""

_MOST_ELONGATED = 24  # the detector sees 960 pixels at most, in steps of 32: a longer strip has no height

Point = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """A line of text: its corners clockwise from the top left, in pixels; `score` from 0 to 1."""

    text: str
    score: float
    corners: Sequence[Point]


class Reader(Protocol):
    """Finds the lines of text in an image, from top to bottom."""

    def read(self, image: Image.Image) -> list[Line]:
        """Return the lines of text in `image`, an upright RGB image."""


class RapidReader:
    """Reads with RapidOCR, whose models ship in its package: nothing is fetched."""

    def __init__(self) -> None:
        """Load the models, which takes about a second.

        Raises:
            OSError: the installed RapidOCR does not have its models.
        """
        import rapidocr

        folder = Path(rapidocr.__file__).parent / "models"
        self._engine = rapidocr.RapidOCR(
            params={
                "Global.use_cls": False,
                "Global.log_level": "error",
                "Global.text_score": MIN_SCORE,
                "Det.limit_type": "max",
                "Det.limit_side_len": 960,
                "Det.model_path": str(_model(folder, "det")),
                "Rec.model_path": str(_model(folder, "rec")),
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )

    def read(self, image: Image.Image) -> list[Line]:
        """Return the lines of text in `image`, an upright RGB image."""
        least = -(-max(image.size) // _MOST_ELONGATED)
        size = (max(image.width, least), max(image.height, least))
        whole = image if size == image.size else ImageOps.pad(image, size, centering=(0, 0))
        pixels = np.ascontiguousarray(np.asarray(whole)[:, :, ::-1])  # RapidOCR takes OpenCV's BGR
        found: Any = self._engine(pixels, use_det=True, use_cls=False, use_rec=True)
        if found.txts is None or found.boxes is None or found.scores is None:
            return []
        return [
            Line(text.strip(), float(score), [(float(x), float(y)) for x, y in box])
            for text, score, box in zip(found.txts, found.scores, found.boxes, strict=True)
            if text.strip() and score >= MIN_SCORE
        ]


def _model(folder: Path, task: str) -> Path:
    found = sorted(folder.glob(f"PP-OCR*_{task}_*.onnx"))
    if not found:
        raise OSError(f"RapidOCR's models are missing from {folder}. Install its pinned version again.")
    return found[0]


def blocks(lines: Sequence[Line], width: int, height: int) -> list[dict[str, Any]]:
    """Return Textract's Blocks for `lines` in an image of `width` x `height` pixels.

    The recognizer gives the corners of lines; words get their share of the line by their length.
    """
    line_blocks: list[dict[str, Any]] = []
    word_blocks: list[dict[str, Any]] = []
    for line in lines:
        words = [
            _block("WORD", _geometry(corners, width, height), text=word, score=line.score, TextType="PRINTED")
            for word, corners in _words(line)
        ]
        geometry = _geometry(line.corners, width, height)
        line_blocks.append(_block("LINE", geometry, words, text=line.text, score=line.score))
        word_blocks += words
    whole = _geometry([(0, 0), (width, 0), (width, height), (0, height)], width, height)
    return [_block("PAGE", whole, line_blocks), *line_blocks, *word_blocks]


def detections(lines: Sequence[Line], width: int, height: int) -> list[dict[str, Any]]:
    """Return Rekognition's TextDetections for `lines` in an image of `width` x `height` pixels.

    Lines come first, then words, each with the number of its line; of words there are 100 at most.
    """
    line_detections: list[dict[str, Any]] = []
    word_detections: list[dict[str, Any]] = []
    for number, line in enumerate(lines):
        line_detections.append(_detection("LINE", line.text, line.score, line.corners, width, height))
        for word, corners in _words(line):
            detection = _detection("WORD", word, line.score, corners, width, height)
            word_detections.append({**detection, "ParentId": number})
    found = [*line_detections, *word_detections[:MAX_WORDS]]
    return [{**detection, "Id": number} for number, detection in enumerate(found)]


def _detection(
    kind: str, text: str, score: float, corners: Sequence[Point], width: int, height: int
) -> dict[str, Any]:
    return {
        "DetectedText": text,
        "Type": kind,
        "Confidence": min(score, 1.0) * 100,
        "Geometry": _geometry(corners, width, height),
    }


def _block(
    kind: str,
    geometry: dict[str, Any],
    children: Sequence[dict[str, Any]] = (),
    text: str | None = None,
    score: float = 1.0,
    **more: str,
) -> dict[str, Any]:
    block: dict[str, Any] = {"BlockType": kind, "Id": str(uuid.uuid4()), "Geometry": geometry, **more}
    if text is not None:
        block |= {"Text": text, "Confidence": min(score, 1.0) * 100}
    if children:
        block["Relationships"] = [{"Type": "CHILD", "Ids": [child["Id"] for child in children]}]
    return block


def _words(line: Line) -> Iterator[tuple[str, list[Point]]]:
    """Split a line at its spaces, and its quadrilateral in proportion."""
    top_left, top_right, bottom_right, bottom_left = line.corners
    length = max(len(line.text), 1)
    start = 0
    for word in line.text.split():
        start = line.text.index(word, start)
        begin, end = start / length, (start + len(word)) / length
        yield (
            word,
            [
                _between(top_left, top_right, begin),
                _between(top_left, top_right, end),
                _between(bottom_left, bottom_right, end),
                _between(bottom_left, bottom_right, begin),
            ],
        )
        start += len(word)


def _between(first: Point, last: Point, share: float) -> Point:
    return first[0] + (last[0] - first[0]) * share, first[1] + (last[1] - first[1]) * share


def _geometry(corners: Sequence[Point], width: int, height: int) -> dict[str, Any]:
    """Return Textract's Geometry: shares of the width and the height, from 0 to 1."""
    points = [(min(max(x / width, 0.0), 1.0), min(max(y / height, 0.0), 1.0)) for x, y in corners]
    left, top = min(x for x, _ in points), min(y for _, y in points)
    return {
        "BoundingBox": {
            "Left": left,
            "Top": top,
            "Width": max(x for x, _ in points) - left,
            "Height": max(y for _, y in points) - top,
        },
        "Polygon": [{"X": x, "Y": y} for x, y in points],
    }
