"""Writes the message that announces many photos at once, of what was kept of each. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TypedDict

from notify.message import MAX_LABELS, Message, cut, labels_of, one_line
from safelight.outcomes import outcome_of
from safelight.record import PhotoRecord

MAX_BODY_BYTES = 128 * 1024
"""Amazon SNS takes 256 KiB for the body and the attributes together; albums and labels have the rest."""

_MAX_ALBUMS = 50
_MAX_ALBUM = 200
_ENDINGS = {
    "ACTIVE": ("ready", "in your library"),
    "HELD": ("held", "held: they have no public URL until someone releases them"),
    "REJECTED": ("rejected", "not in your library"),
}


class Entry(TypedDict):
    """What is said of a photo: `reason` is of a rejection, `why` in words of one that cannot be seen.

    `at` is when it was finished, by which the last word on a photo is known; UTC in ISO 8601.
    """

    key: str
    album: str
    filename: str
    status: str
    reason: str
    why: str
    labels: list[str]
    at: str


def entry_of(photo: PhotoRecord) -> Entry:
    """Return what a digest says of a photo that is finished, held or rejected."""
    reason, why = "", ""
    if photo["status"] == "REJECTED":
        reason = photo["rejection"]["reason"]
        outcome = outcome_of("REJECTED", reason)
        why = f"{outcome.wrong}. {outcome.remedy}"
    elif photo["status"] == "HELD":
        why = outcome_of("HELD").remedy
    return {
        "key": photo["key"],
        "album": one_line(photo["album"]),
        "filename": one_line(photo["filename"]),
        "status": str(photo["status"]),
        "reason": one_line(reason),
        "why": why,
        "labels": labels_of(photo),
        "at": photo["processed_at"],
    }


def digest_of(entries: Iterable[Entry]) -> Message:
    """Return one message about all `entries`; of a photo that is among them twice, the last word counts.

    What somebody has to do something about comes first. Its attributes have all values that those of the
    photos' own messages would have, so that a filter which would take one of them takes it.
    """
    last = {entry["key"]: entry for entry in sorted(entries, key=lambda it: it["at"])}
    photos = sorted(last.values(), key=lambda it: it["key"])
    found = {status: [it for it in photos if it["status"] == status] for status in _ENDINGS}
    counts = [f"{len(them):,} {_ENDINGS[status][0]}" for status, them in found.items() if them]
    lines = [line for status in reversed(_ENDINGS) for line in _told(status, found[status])]
    lists = {
        "status": [status for status, them in found.items() if them],
        "album": _first(_MAX_ALBUMS, (it["album"][:_MAX_ALBUM] for it in photos)),
        "reason": _first(_MAX_ALBUMS, (it["reason"] for it in photos)),
        "labels": _first(MAX_LABELS, (label for it in photos for label in it["labels"])),
    }
    return Message(
        subject=f"Photos: {', '.join(counts)}",
        body=cut("\n".join(lines) + "\n", MAX_BODY_BYTES),
        texts={},
        lists={name: members for name, members in lists.items() if members},
    )


def _told(status: str, photos: Sequence[Entry]) -> Iterator[str]:
    if not photos:
        return
    yield f"{len(photos):,} {'is' if len(photos) == 1 else 'are'} {_ENDINGS[status][1]}:"
    if status == "ACTIVE":
        for album, number in sorted(Counter(it["album"] for it in photos).items()):
            yield f"  {album}: {number:,}"
    else:
        for it in photos:
            yield f"  {it['filename']} ({it['album']}): {it['why']}"
    yield ""


def _first(most: int, values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, values)))[:most]
