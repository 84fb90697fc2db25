"""What is decided of a photo before anyone sees it, with no call to a service."""

from collections.abc import Mapping
from typing import Any, TypedDict

HELD, PASSED, RELEASED, NOT_EVALUATED = "held", "passed", "released", "not evaluated"


class Verdict(TypedDict):
    """Whether a photo may be seen.

    `verdict` is `held`, `passed`, `released` or `not evaluated`; `labels` are those at or above the
    threshold, the surest first; `model` is what looked, and says itself where it judges a few categories
    only; `reason` is empty, or says why the photo could not be looked at.
    """

    verdict: str
    labels: list[dict[str, Any]]
    model: str
    reason: str


def verdict_of(response: Mapping[str, Any]) -> Verdict:
    """Return the verdict in Rekognition's `response`, which holds labels at or above the threshold only."""
    labels = [
        {
            "name": label["Name"],
            "parent": label.get("ParentName", ""),
            "confidence": round(float(label["Confidence"]), 1),
        }
        for label in response.get("ModerationLabels", [])
    ]
    labels.sort(key=lambda label: -float(label["confidence"]))
    model = f"Rekognition {response.get('ModerationModelVersion', '')}".strip()
    return {"verdict": HELD if labels else PASSED, "labels": labels, "model": model, "reason": ""}


def without_looking(verdict: str, reason: str) -> Verdict:
    """Return a verdict that no model has given, and why."""
    return {"verdict": verdict, "labels": [], "model": "", "reason": reason}
