"""What processing photos costs at most, by the list prices of docs/costs.md. Pure."""

from collections.abc import Mapping

from safelight.prices import cost_of

REST_MICRO_DOLLARS = 460
"""What a photo costs beside its tags: docs/costs.md, where each rendition has a function."""

_CALLS = {
    "Labels": "DetectLabels",
    "ImageProperties": "ImageProperties",
    "Faces": "IndexFaces",
    "Moderation": "DetectModerationLabels",
    "SceneText": "DetectText",
}


def dollars_of(photos: int, parameters: Mapping[str, str]) -> float:
    """Return what it costs at most to process so many photos on a stack with these `parameters`."""
    calls = {call: photos for parameter, call in _CALLS.items() if parameters[parameter] == "on"}
    if parameters["ReadText"] != "never":
        calls["DetectDocumentText"] = photos
    return (cost_of(calls) + REST_MICRO_DOLLARS * photos) / 1e6
