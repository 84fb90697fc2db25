"""What the function returns: for the states that follow, and for the photo's record."""

from collections.abc import Mapping
from typing import TypedDict

from safelight import __version__
from safelight.attributes import AttributeValue, attribute_value
from tag.decisions import Face, Label
from tag.moderation import NOT_EVALUATED, Verdict, without_looking
from tag.tagging import NOT_ASKED, Found


class Moderated(Verdict):
    """A verdict with the billed `calls`, and what stands in the record of a photo that is held."""

    calls: dict[str, int]
    attributes: AttributeValue
    version: str


class Tags(TypedDict):
    """`calls`: how often each billed operation was called. `attributes`: the record for DynamoDB."""

    labels: list[Label]
    faces: list[Face]
    text: list[str]
    calls: dict[str, int]
    owed: bool
    attributes: AttributeValue
    version: str


def moderated(verdict: Verdict, calls: Mapping[str, int]) -> Moderated:
    """Return what ModeratePhoto returns."""
    record = {"moderation": verdict, "calls": calls, "owed": False}
    return {
        **verdict,
        "calls": dict(calls),
        "attributes": attribute_value(record),
        "version": f"safelight {__version__}, {verdict['model'] or verdict['verdict']}",
    }


def tagged(found: Found, moderation: Moderated | None) -> Tags:
    """Return what TagPhoto returns; `moderation` is what ModeratePhoto has returned, None where it is off."""
    calls = {**(moderation["calls"] if moderation else {}), **found.calls}
    verdict = without_looking(NOT_EVALUATED, "moderation is off")
    if moderation:
        verdict = {
            "verdict": moderation["verdict"],
            "labels": moderation["labels"],
            "model": moderation["model"],
            "reason": moderation["reason"],
        }
    model = ", ".join(found.models) or found.skipped or NOT_ASKED
    record = {
        "labels": found.labels,
        "properties": found.properties,
        "faces": found.faces,
        "text": found.text,
        "moderation": verdict,
        "calls": calls,
        "model": model,
        "owed": found.owed,
        "reason": found.skipped or None,
    }
    return {
        "labels": found.labels,
        "faces": found.faces,
        "text": found.text,
        "calls": calls,
        "owed": found.owed,
        "attributes": attribute_value(record),
        "version": f"safelight {__version__}, {'owed: ' if found.owed else ''}{model}",
    }
