"""Writes the message that announces a photo: for a person to read, and for a filter to sort. Pure."""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NotRequired, TypedDict

from safelight.contracts import Photo, Rendition
from safelight.outcomes import outcome_of

MAX_SUBJECT = 99
"""Amazon SNS takes a subject of less than 100 characters (API reference, Publish)."""

MAX_BODY_BYTES = 200 * 1024
"""Amazon SNS takes 256 KiB for the body and the attributes together; the attributes have the rest."""

MAX_LABELS = 100
"""How many labels an attribute carries; the body names the first `_SPOKEN_LABELS`."""

_SPOKEN_LABELS = 8
_MAX_LABEL = 100
_MAX_LINE = 2000


class Label(TypedDict):
    """Something that is on a photo; `confidence` in percent."""

    name: str
    confidence: float


class Event(TypedDict):
    """What the workflow sends: an ACTIVE photo with what is known of it, or another with why it is hidden."""

    status: str
    key: str
    album: str
    filename: str
    photo: NotRequired[Photo | None]
    renditions: NotRequired[list[Rendition] | None]
    taken_at: NotRequired[str | None]
    labels: NotRequired[list[Label] | None]
    memory_id: NotRequired[str | None]
    reason: NotRequired[str | None]
    message: NotRequired[str | None]


@dataclass(frozen=True)
class Message:
    """`texts` and `lists` are the attributes to filter on, as String and as String.Array."""

    subject: str
    body: str
    texts: Mapping[str, str]
    lists: Mapping[str, Sequence[str]]


def message_of(event: Event) -> Message:
    """Return the message that announces the photo of `event`."""
    labels = [one_line(label["name"])[:_MAX_LABEL] for label in (event.get("labels") or [])[:MAX_LABELS]]
    texts = {"status": event["status"], "album": one_line(event["album"])}
    if event.get("reason"):
        texts["reason"] = one_line(str(event["reason"]))
    lead, lines = {
        "REJECTED": ("Photo rejected: ", _rejection(event)),
        "HELD": ("Photo held: ", _holding(event)),
    }.get(event["status"], ("Photo ready: ", _announcement(event, labels)))
    return Message(
        subject=subject_of(lead, event["filename"]),
        body=_cut("\n".join(lines) + "\n", MAX_BODY_BYTES),
        texts={name: value for name, value in texts.items() if value},
        lists={"labels": labels} if labels else {},
    )


def subject_of(lead: str, filename: str) -> str:
    """Return `lead` and `filename` as printable ASCII; a long name loses its middle, not its extension.

    Accents are dropped; a name in another script becomes "a photo", with its extension.
    """
    plain = unicodedata.normalize("NFKD", filename)
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    plain = " ".join("".join(c if " " <= c <= "~" else "?" for c in plain).split())
    stem, dot, extension = plain.rpartition(".")
    if not re.search(r"[A-Za-z0-9]", stem if dot else plain):
        plain = f"a photo{dot}{extension}" if re.fullmatch(r"[A-Za-z0-9]+", extension) and dot else "a photo"
    room = MAX_SUBJECT - len(lead)
    if len(plain) > room:
        tail = room // 2
        plain = f"{plain[: room - tail - 3]}...{plain[-tail:]}"
    return lead + plain


def one_line(value: str) -> str:
    """Return `value` without line breaks or other characters that SNS refuses or a reader cannot see."""
    shown = "".join(" " if c.isspace() else c if _is_shown(c) else "\N{REPLACEMENT CHARACTER}" for c in value)
    return shown[:_MAX_LINE].strip()


def _is_shown(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cs", "Cn") and character not in (
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )


def _announcement(event: Event, labels: Sequence[str]) -> list[str]:
    photo = event.get("photo")
    taken_at = event.get("taken_at")
    lines = [
        f"{one_line(event['filename'])} is in your library.",
        "",
        f"Album:  {one_line(event['album'])}",
    ]
    if photo:
        lines.append(f"Size:   {photo['width']} x {photo['height']} pixels, {_bytes(photo['bytes'])}")
    lines.append(f"Taken:  {_spoken_date(taken_at) if taken_at else 'the photo does not say'}")
    if labels:
        lines.append(f"Shows:  {', '.join(labels[:_SPOKEN_LABELS])}")
    if event.get("memory_id"):
        lines.append(f"Memory: {one_line(str(event['memory_id']))}")
    renditions = sorted(event.get("renditions") or [], key=lambda rendition: rendition["width"])
    if renditions:
        lines += ["", "See it:"]
        lines += [
            f"  {one_line(rendition['name'])} ({rendition['width']} x {rendition['height']}): "
            f"{one_line(rendition['url'])}"
            for rendition in renditions
        ]
    return lines


def _rejection(event: Event) -> list[str]:
    outcome = outcome_of("REJECTED", event.get("reason"))
    lines = [
        f"{one_line(event['filename'])} is not in your library.",
        "",
        f"Album:         {one_line(event['album'])}",
        f"What is wrong: {outcome.wrong}.",
        f"What to do:    {outcome.remedy}",
    ]
    said = _said(event.get("message"))
    if said:
        lines += ["", f"In detail:     {said}"]
    if event.get("reason"):
        lines += ["", f"(Reason {one_line(str(event['reason']))}, original at {one_line(event['key'])})"]
    return lines


def _holding(event: Event) -> list[str]:
    return [
        f"{one_line(event['filename'])} is held: it has no public URL until someone releases it.",
        "",
        f"Album:      {one_line(event['album'])}",
        f"Why:        {one_line(str(event.get('message') or 'moderation'))}",
        f"What to do: {outcome_of('HELD').remedy}",
        f"Original:   {one_line(event['key'])}",
    ]


def _said(message: str | None) -> str:
    """Return the message of an error; a Lambda's cause is JSON with the message in it."""
    if not message:
        return ""
    try:
        cause: Any = json.loads(message)
    except ValueError:
        return one_line(message)
    return one_line(
        str(cause["errorMessage"] if isinstance(cause, dict) and "errorMessage" in cause else message)
    )


def _bytes(count: int) -> str:
    """Return `count` in decimal units, as file managers and cameras show it."""
    for unit, size in (("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"


def _spoken_date(taken_at: str) -> str:
    try:
        moment = datetime.fromisoformat(taken_at)
    except ValueError:
        return one_line(taken_at)
    return f"{moment.day} {moment:%B %Y, %H:%M}"


def _cut(text: str, size: int) -> str:
    """Return the start of `text` that has at most `size` bytes, ending at a whole line where it is cut."""
    encoded = text.encode()
    if len(encoded) <= size:
        return text
    return encoded[: size - 1].decode(errors="ignore").rpartition("\n")[0] + "\n"
