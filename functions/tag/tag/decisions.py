"""What is decided about a photo and the services' answers, with no call to a service."""

import hashlib
import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from safelight.contracts import StoredImage
from safelight.record import Box, Face, Label, ModerationLabel, Properties, Verdict

HELD, PASSED, RELEASED = "held", "passed", "released"

DOCUMENT_LABELS = frozenset(
    {
        "Advertisement",
        "Billboard",
        "Blackboard",
        "Book",
        "Business Card",
        "Calendar",
        "Comics",
        "Credit Card",
        "Diagram",
        "Diploma",
        "Document",
        "Driving License",
        "Envelope",
        "Flyer",
        "Handwriting",
        "Id Cards",
        "Invoice",
        "Letter",
        "License",
        "Mail",
        "Menu",
        "Newspaper",
        "Page",
        "Passport",
        "Poster",
        "Publication",
        "Receipt",
        "Sign",
        "Text",
        "Ticket",
        "Web Page",
        "White Board",
        "Whiteboard",
    }
)
"""Labels of Rekognition, in its own spelling, that say a photo is worth reading."""

MAX_LINES = 100
"""How many lines of text are kept per photo."""

MAX_LINE_CHARACTERS = 512
"""How much of one line is kept."""

MAX_TEXT_BYTES = 32 * 1024
"""How much text is kept per photo, in bytes of UTF-8: a state's payload ends at 256 KiB."""

MAX_INSTANCES = 20
"""How many boxes are kept per label."""

MAX_BOXES = 200
"""How many boxes are kept of all labels of a photo, the surest labels first: see MAX_TEXT_BYTES."""

PAGE_LINES = 8
"""From how many lines on a photo is taken for a document: signs and shirts have fewer."""

MIN_SIDE, MAX_SIDE = 80, 10_000
"""Pixels a side that are looked at: Rekognition's least, and Textract's most (their quotas)."""

MAX_IMAGE_BYTES = 15 * 1024 * 1024
"""What Rekognition takes of an object in S3 (Amazon Rekognition Developer Guide, quotas)."""

MAX_SENT_BYTES = 5 * 1024 * 1024
"""What Rekognition takes inside of a request (the same)."""

MAX_DOCUMENT_BYTES = 10 * 1024 * 1024
"""What Textract takes in a synchronous call (Amazon Textract Developer Guide, quotas)."""

_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs"})


def unfit(image: StoredImage, max_bytes: int) -> str | None:
    """Return why the services cannot look at `image`, or None; what is too small is `enlargement`'s."""
    if max(image["width"], image["height"]) > MAX_SIDE:
        return f"too large: {image['width']} x {image['height']} pixels, and {MAX_SIDE:,} a side are the most"
    if image["bytes"] > max_bytes:
        return f"too large: {image['bytes']:,} bytes, and {max_bytes:,} are the most"
    return None


def enlargement(image: StoredImage) -> tuple[int, int] | None:
    """Return the size in pixels that `image` is to be enlarged to for the services, or None if they take it.

    Its shape stays, and with it the boxes of what is found, but where one side would become too long: there
    the other alone is stretched to the least that is taken.
    """
    sides = image["width"], image["height"]
    if min(sides) >= MIN_SIDE:
        return None
    width, height = (min(math.ceil(side * MIN_SIDE / min(sides)), MAX_SIDE) for side in sides)
    return width, height


def external_image_id(key: str) -> str:
    """Return the ExternalImageId of the faces of the photo at `key`.

    Rekognition takes letters, digits and a few signs, 255 at most, and keys have all of Unicode.
    """
    return hashlib.sha256(key.encode()).hexdigest()


def labels_of(response: Mapping[str, Any]) -> list[Label]:
    """Return the labels in Rekognition's DetectLabels `response`, in its order: the surest first."""
    labels: list[Label] = []
    left = MAX_BOXES
    for label in response.get("Labels", []):
        instances = label.get("Instances", [])[: min(left, MAX_INSTANCES)]
        left -= len(instances)
        labels.append(
            {
                "name": label["Name"],
                "confidence": round(float(label["Confidence"]), 1),
                "parents": [parent["Name"] for parent in label.get("Parents", [])],
                "categories": [category["Name"] for category in label.get("Categories", [])],
                "instances": [
                    {"box": _box(each["BoundingBox"]), "confidence": round(float(each["Confidence"]), 1)}
                    for each in instances
                ],
            }
        )
    return labels


def properties_of(response: Mapping[str, Any]) -> Properties | None:
    """Return the image properties in Rekognition's DetectLabels `response`, or None without them."""
    if not (found := response.get("ImageProperties")):
        return None
    quality = found.get("Quality", {})
    return {
        "brightness": round(float(quality.get("Brightness", 0)), 1),
        "sharpness": round(float(quality.get("Sharpness", 0)), 1),
        "contrast": round(float(quality.get("Contrast", 0)), 1),
        "colors": [
            {"hex": color["HexCode"].lower(), "percent": round(float(color["PixelPercent"]), 1)}
            for color in found.get("DominantColors", [])
        ],
    }


def faces_of(response: Mapping[str, Any]) -> list[Face]:
    """Return the faces in Rekognition's IndexFaces `response`, the largest first."""
    faces: list[Face] = [
        {
            "face_id": record["Face"]["FaceId"],
            "box": _box(record["Face"]["BoundingBox"]),
            "confidence": round(float(record["Face"]["Confidence"]), 1),
            "sharpness": round(float(record["FaceDetail"]["Quality"]["Sharpness"]), 1),
            "brightness": round(float(record["FaceDetail"]["Quality"]["Brightness"]), 1),
        }
        for record in response.get("FaceRecords", [])
    ]
    return sorted(faces, key=lambda face: -face["box"]["width"] * face["box"]["height"])


def _box(box: Mapping[str, float]) -> Box:
    return {
        "left": round(float(box["Left"]), 5),
        "top": round(float(box["Top"]), 5),
        "width": round(float(box["Width"]), 5),
        "height": round(float(box["Height"]), 5),
    }


def is_worth_reading(labels: Iterable[Label], scene_lines: Sequence[str], read_text: str) -> bool:
    """Tell whether Textract is to read a photo, by the setting `read_text`.

    A photo is a document if one of its `labels` says so, or if `scene_lines`, what DetectText has read, are
    as many as a page has.
    """
    if read_text != "documents":
        return read_text == "always"
    return len(scene_lines) >= PAGE_LINES or any(
        not DOCUMENT_LABELS.isdisjoint({label["name"], *label["parents"]}) for label in labels
    )


def scene_lines_of(response: Mapping[str, Any]) -> list[str]:
    """Return the lines in Rekognition's DetectText `response`, printable and within the limits."""
    found: Sequence[Mapping[str, Any]] = response.get("TextDetections", [])
    return _kept(each.get("DetectedText", "") for each in found if each.get("Type") == "LINE")


def lines_of(response: Mapping[str, Any]) -> list[str]:
    """Return the lines in Textract's DetectDocumentText `response`, printable and within the limits."""
    blocks: Sequence[Mapping[str, Any]] = response.get("Blocks", [])
    return _kept(block.get("Text", "") for block in blocks if block.get("BlockType") == "LINE")


def _kept(texts: Iterable[str]) -> list[str]:
    lines: list[str] = []
    left = MAX_TEXT_BYTES
    for line in filter(None, map(_printable, texts)):
        left -= len(line.encode())
        if left < 0 or len(lines) == MAX_LINES:
            break
        lines.append(line)
    return lines


def _printable(text: str) -> str:
    """Return `text` on one line, without characters that steer a terminal or the direction of text."""
    spaced = " ".join(text.split())
    kept = "".join(character for character in spaced if unicodedata.category(character) not in _UNPRINTABLE)
    return kept[:MAX_LINE_CHARACTERS].strip()


def verdict_of(response: Mapping[str, Any]) -> Verdict:
    """Return the verdict in Rekognition's `response`, which holds labels at or above the threshold only."""
    labels: list[ModerationLabel] = [
        {
            "name": label["Name"],
            "parent": label.get("ParentName", ""),
            "confidence": round(float(label["Confidence"]), 1),
        }
        for label in response.get("ModerationLabels", [])
    ]
    labels.sort(key=lambda label: -label["confidence"])
    model = f"Rekognition {response.get('ModerationModelVersion', '')}".strip()
    return {"verdict": HELD if labels else PASSED, "labels": labels, "model": model, "reason": ""}


def without_looking(verdict: str, reason: str) -> Verdict:
    """Return a verdict that no model has given, and why."""
    return {"verdict": verdict, "labels": [], "model": "", "reason": reason}
