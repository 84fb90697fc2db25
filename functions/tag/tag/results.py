"""What the function returns: for the photo's record, and for the states that follow."""

from collections.abc import Mapping

from safelight import __version__
from safelight.contracts import Moderated, Tagged
from safelight.record import Tags, Verdict
from tag.decisions import NOT_EVALUATED, without_looking
from tag.tagging import NOT_ASKED, Found


def moderated(verdict: Verdict, calls: Mapping[str, int]) -> Moderated:
    """Return what ModeratePhoto returns."""
    return {
        "verdict": verdict,
        "calls": dict(calls),
        "version": f"safelight {__version__}, {verdict['model'] or verdict['verdict']}",
    }


def tagged(found: Found, moderation: Moderated | None) -> Tagged:
    """Return what TagPhoto returns; `moderation` is what ModeratePhoto has returned, None where it is off."""
    off = without_looking(NOT_EVALUATED, "moderation is off")
    model = ", ".join(found.models) or found.skipped or NOT_ASKED
    tags: Tags = {
        "labels": found.labels,
        "properties": found.properties,
        "faces": found.faces,
        "text": found.text,
        "moderation": moderation["verdict"] if moderation else off,
        "calls": {**(moderation["calls"] if moderation else {}), **found.calls},
        "model": model,
        "owed": found.owed,
        "reason": found.skipped or None,
    }
    return {
        "tags": tags,
        "version": f"safelight {__version__}, {'owed: ' if found.owed else ''}{model}",
    }
