"""The parts of a bucket that are gone through side by side, and how far each is. Pure."""

from collections.abc import Sequence
from typing import TypedDict

MOST_PARTS = 32
"""Their keys together stay far below what a state may carry, 256 KiB."""


class Part(TypedDict):
    """The keys below `prefix` that come after `after`, and before `until` where that is not empty.

    `version` is the version at `after` that was seen last; empty where none was.
    """

    prefix: str
    after: str
    version: str
    until: str


class Work(TypedDict):
    """What is left of a part, and what came of it so far.

    part: None when all of it is seen. seen: how many photos lie there. sent: how many events were sent, or
    would be where `dry_run` says so; sent_bytes: of how many bytes of originals. is_full: whether so many
    wait already that no more are sent for now.
    """

    part: Part | None
    dry_run: bool
    seen: int
    sent: int
    sent_bytes: int
    is_full: bool


def parts_of(prefix: str, folders: Sequence[str]) -> list[Part]:
    """Return the parts of what lies below `prefix`, cut between its `folders`, which are in S3's order."""
    step = -(-len(folders) // MOST_PARTS)
    cuts = folders[step::step] if step else []
    return [
        {"prefix": prefix, "after": after, "version": "", "until": until}
        for after, until in zip(["", *cuts], [*cuts, ""], strict=True)
    ]


def work_on(part: Part, dry_run: bool) -> Work:
    """Return the work on a part that nobody has begun."""
    return {"part": part, "dry_run": dry_run, "seen": 0, "sent": 0, "sent_bytes": 0, "is_full": False}
