"""What is decided about labels and text, with no call to a service."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict

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

_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs"})


class Label(TypedDict):
    """One thing that a photo shows; `confidence` in percent, to one decimal."""

    name: str
    confidence: float
    parents: list[str]


def labels_of(response: Mapping[str, Any]) -> list[Label]:
    """Return the labels in Rekognition's DetectLabels `response`, in its order."""
    return [
        {
            "name": label["Name"],
            "confidence": round(float(label["Confidence"]), 1),
            "parents": [parent["Name"] for parent in label.get("Parents", [])],
        }
        for label in response.get("Labels", [])
    ]


def is_worth_reading(labels: Iterable[Label], read_text: str) -> bool:
    """Tell whether the text of a photo with `labels` is to be read, by the setting `read_text`."""
    if read_text != "documents":
        return read_text == "always"
    return any(not DOCUMENT_LABELS.isdisjoint({label["name"], *label["parents"]}) for label in labels)


def lines_of(response: Mapping[str, Any]) -> list[str]:
    """Return the lines in Textract's DetectDocumentText `response`, printable and within the limits."""
    blocks: Sequence[Mapping[str, Any]] = response.get("Blocks", [])
    lines: list[str] = []
    left = MAX_TEXT_BYTES
    for block in blocks:
        line = _printable(block.get("Text", "")) if block.get("BlockType") == "LINE" else ""
        if not line:
            continue
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
