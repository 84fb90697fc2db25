"""Writes the message that announces a photo: for a person to read, and for a filter to sort. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from safelight.errors import MalwareFound
from safelight.outcomes import outcome_of
from safelight.record import PhotoRecord

MAX_SUBJECT = 99
"""Amazon SNS takes a subject of less than 100 characters (API reference, Publish)."""

MAX_BODY_BYTES = 200 * 1024
"""Amazon SNS takes 256 KiB for the body and the attributes together; the attributes have the rest."""

MAX_LABELS = 100
"""How many labels an attribute carries; the body names the first `_SPOKEN_LABELS`."""

_SPOKEN_LABELS = 8
_MAX_LABEL = 100
_MAX_LINE = 2000


@dataclass(frozen=True)
class Message:
    """`texts` and `lists` are the attributes to filter on, as String and as String.Array."""

    subject: str
    body: str
    texts: Mapping[str, str]
    lists: Mapping[str, Sequence[str]]


def is_alarming(photo: PhotoRecord) -> bool:
    """Tell whether who is on call has to hear of a photo: somebody has uploaded malware."""
    return photo.get("rejection", {}).get("reason") == MalwareFound.__name__


def message_of(photo: PhotoRecord) -> Message:
    """Return the message that announces a photo: that it is ready, or why it is hidden."""
    labels = labels_of(photo)
    texts = {"status": str(photo["status"]), "album": one_line(photo["album"])}
    if rejection := photo.get("rejection"):
        texts["reason"] = one_line(rejection["reason"])
    lead, lines = {
        "REJECTED": ("Photo rejected: ", _rejection),
        "HELD": ("Photo held: ", _holding),
    }.get(photo["status"], ("Photo ready: ", _announcement))
    return Message(
        subject=subject_of(lead, photo["filename"]),
        body=cut("\n".join(lines(photo)) + "\n", MAX_BODY_BYTES),
        texts={name: value for name, value in texts.items() if value},
        lists={"labels": labels} if labels else {},
    )


def labels_of(photo: PhotoRecord) -> list[str]:
    """Return the labels of a photo that everybody may see, as filters find them."""
    found = photo.get("tags", {}).get("labels", []) if photo["status"] == "ACTIVE" else []
    return [one_line(label["name"])[:_MAX_LABEL] for label in found[:MAX_LABELS]]


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


def _announcement(photo: PhotoRecord) -> list[str]:
    lines = [
        f"{one_line(photo['filename'])} is in your library.",
        "",
        f"Album:  {one_line(photo['album'])}",
    ]
    if known := photo.get("photo"):
        lines.append(f"Size:   {known['width']} x {known['height']} pixels, {_bytes(known['bytes'])}")
    taken_at = photo.get("taken_at")
    lines.append(f"Taken:  {_spoken_date(taken_at) if taken_at else 'the photo does not say'}")
    if labels := photo.get("tags", {}).get("labels"):
        lines.append(f"Shows:  {', '.join(one_line(each['name']) for each in labels[:_SPOKEN_LABELS])}")
    if memory_id := photo.get("memory_id"):
        lines.append(f"Memory: {one_line(memory_id)}")
    if renditions := photo.get("renditions"):
        lines += ["", "See it:"]
        lines += [
            f"  {one_line(name)} ({each['width']} x {each['height']}): {one_line(each['url'])}"
            for name, each in sorted(renditions.items(), key=lambda named: named[1]["width"])
        ]
    return lines


def _rejection(photo: PhotoRecord) -> list[str]:
    rejection = photo["rejection"]
    outcome = outcome_of("REJECTED", rejection["reason"])
    return [
        f"{one_line(photo['filename'])} is not in your library.",
        "",
        f"Album:         {one_line(photo['album'])}",
        f"What is wrong: {outcome.wrong}.",
        f"What to do:    {outcome.remedy}",
        "",
        f"In detail:     {one_line(rejection['message'])}",
        "",
        f"(Reason {one_line(rejection['reason'])}, original at {one_line(photo['key'])})",
    ]


def _holding(photo: PhotoRecord) -> list[str]:
    verdict = photo["tags"]["moderation"]
    why = verdict["reason"] or ", ".join(each["name"] for each in verdict["labels"])
    return [
        f"{one_line(photo['filename'])} is held: it has no public URL until someone releases it.",
        "",
        f"Album:      {one_line(photo['album'])}",
        f"Why:        {one_line(why)}",
        f"What to do: {outcome_of('HELD').remedy}",
        f"Original:   {one_line(photo['key'])}",
    ]


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


def cut(text: str, size: int) -> str:
    """Return the start of `text` that has at most `size` bytes, ending at a whole line where it is cut."""
    encoded = text.encode()
    if len(encoded) <= size:
        return text
    return encoded[: size - 1].decode(errors="ignore").rpartition("\n")[0] + "\n"
