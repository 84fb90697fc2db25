"""The tags of a photo of which nothing was asked: those of every photo begin with them. Pure."""

from typing import TYPE_CHECKING

from safelight import __version__

if TYPE_CHECKING:
    from safelight.contracts import Moderated, Tagged


def not_asked(moderation: "Moderated | None") -> "Tagged":
    """Return the tags of a photo of which nothing was asked, after what `moderation` returned, if any."""
    model = "nothing was asked"
    return {
        "tags": {
            "labels": [],
            "properties": None,
            "faces": [],
            "text": [],
            "moderation": moderation["verdict"]
            if moderation
            else {"verdict": "not evaluated", "labels": [], "model": "", "reason": "moderation is off"},
            "calls": {**moderation["calls"]} if moderation else {},
            "model": model,
            "owed": False,
            "reason": None,
        },
        "version": version_of(model),
    }


def version_of(what: str) -> str:
    """Return what a ledger says of a stage that this version of Safelight ran: `what` it did, or asked."""
    return f"safelight {__version__}, {what}"
