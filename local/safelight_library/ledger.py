"""What of a photo was made by another version of Safelight than this one. Pure."""

from typing import Literal

from safelight import __version__
from safelight.record import PhotoRecord

Work = Literal["all", "metadata"]
"""What is done again of a photo: the whole, or the reading of its metadata alone."""


def stale_stages(photo: PhotoRecord, version: str = __version__) -> set[str]:
    """Return the stages that another version than `version` of Safelight has run, as the ledger says."""
    ledger = photo.get("ledger", {})
    return {stage for stage, made_by in ledger.items() if made_by.split(",")[0] != f"safelight {version}"}


def work_of(photo: PhotoRecord, stage: Work, only_stale: bool) -> Work | None:
    """Return what is to be done again of a photo, if anything: of one that is not finished, nothing is.

    `stage` is what was asked for; of what is not stale nothing is done where `only_stale` says so.
    """
    if photo["status"] not in {"ACTIVE", "HELD"} or "processed_at" not in photo:
        return None
    if not only_stale:
        return stage
    stale = stale_stages(photo)
    if stage == "metadata" or stale == {"metadata"}:
        return "metadata" if "metadata" in stale else None
    return "all" if stale else None
