"""What the function returns: for the photo's record, and for the states that follow."""

from collections.abc import Mapping

from safelight.contracts import Moderated, Tagged
from safelight.record import Verdict
from safelight.tagging import not_asked, version_of
from tag.tagging import Found


def moderated(verdict: Verdict, calls: Mapping[str, int]) -> Moderated:
    """Return what ModeratePhoto returns."""
    return {
        "verdict": verdict,
        "calls": dict(calls),
        "version": version_of(verdict["model"] or verdict["verdict"]),
    }


def tagged(found: Found, moderation: Moderated | None) -> Tagged:
    """Return what TagPhoto returns; `moderation` is what ModeratePhoto has returned, None where it is off."""
    before = not_asked(moderation)["tags"]
    model = ", ".join(found.models) or found.skipped or before["model"]
    return {
        "tags": {
            **before,
            "labels": found.labels,
            "properties": found.properties,
            "faces": found.faces,
            "text": found.text,
            "calls": {**before["calls"], **found.calls},
            "model": model,
            "owed": found.owed,
            "reason": found.skipped or None,
        },
        "version": version_of(f"owed: {model}" if found.owed else model),
    }
