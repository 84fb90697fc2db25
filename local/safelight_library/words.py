"""Says what a photo's record holds in words for people: one place, so that table and gallery agree."""

from datetime import datetime
from shlex import quote

from safelight.outcomes import held_for, outcome_of
from safelight.record import PhotoRecord

_SHOWN_CHARACTERS, _WORD_CHARACTERS = 24, 3


def taken(record: PhotoRecord) -> str | None:
    """Return when the photo was taken, as "3 May 2024, 10:11", by the clock of the place."""
    at = record.get("taken_at")
    if not at:
        return None
    moment = datetime.fromisoformat(at)
    return f"{moment.day} {moment:%b %Y, %H:%M}"


def place(record: PhotoRecord) -> str | None:
    """Return where the photo was taken, as "Lisbon, Portugal"; without a name as "46.41° N, 11.85° E"."""
    named = record.get("metadata", {}).get("place", {})
    names = [named.get("locality") or named.get("region"), named.get("country")]
    if any(names):
        return ", ".join(filter(None, names))
    gps = record.get("metadata", {}).get("gps", {})
    if "latitude" not in gps or "longitude" not in gps:
        return None
    latitude, longitude = gps["latitude"], gps["longitude"]
    north, east = "N" if latitude >= 0 else "S", "E" if longitude >= 0 else "W"
    return f"{abs(latitude):.2f}° {north}, {abs(longitude):.2f}° {east}"


def camera(record: PhotoRecord) -> str | None:
    """Return the camera's name, its maker named once."""
    camera = record.get("metadata", {}).get("camera", {})
    make, model = camera.get("make", ""), camera.get("model", "")
    name = model if model.lower().startswith(make.split(" ")[0].lower()) else f"{make} {model}"
    return name.strip() or None


def exposure(record: PhotoRecord) -> str | None:
    """Return the exposure as photographers write it: "1/250 s · f/8 · ISO 200 · 35 mm"."""
    values = record.get("metadata", {}).get("exposure", {})
    parts: list[str] = []
    if seconds := values.get("seconds"):
        parts.append(f"1/{round(1 / seconds)} s" if seconds < 0.4 else f"{seconds:g} s")
    if f_number := values.get("f_number"):
        parts.append(f"f/{f_number:g}")
    if iso := values.get("iso"):
        parts.append(f"ISO {iso}")
    if focal_length := values.get("focal_length_mm"):
        parts.append(f"{focal_length:g} mm")
    return " · ".join(parts) or None


def labels(record: PhotoRecord) -> list[str]:
    """Return the names of the photo's labels: the most specific first, and of those the surest."""
    found = record.get("tags", {}).get("labels", [])
    parents = {parent for label in found for parent in label["parents"]}
    return [label["name"] for label in sorted(found, key=lambda it: it["name"] in parents)]


def faces(record: PhotoRecord) -> str | None:
    """Return how many faces are on the photo, as "2 faces"."""
    count = len(record.get("tags", {}).get("faces", []))
    return f"{count} face{'' if count == 1 else 's'}" if count else None


def text(record: PhotoRecord) -> list[str]:
    """Return the lines of text that were read on the photo."""
    return list(record.get("tags", {}).get("text", []))


def seen(record: PhotoRecord) -> str:
    """Return what tagging saw on the photo, in short: three labels, the faces, and the first words read.

    Words have three characters or more: single ones are mostly read into a pattern.
    """
    parts = [*labels(record)[:3], *filter(None, [faces(record)])]
    if lines := [line for line in text(record) if len(line.strip()) >= _WORD_CHARACTERS]:
        shown = lines[0] if len(lines[0]) <= _SHOWN_CHARACTERS else lines[0][:_SHOWN_CHARACTERS] + "…"
        parts.append(f"“{shown}”")
    return ", ".join(parts)


def alike(kept: PhotoRecord, why: str) -> str:
    """Return what is said of a photo that looks the same as `kept`, and is the lesser one for `why`."""
    return f"as {kept['filename']}; this one is {why}"


def reason(record: PhotoRecord) -> tuple[str | None, str | None]:
    """Return why a photo is not in the library: the error's name, or that it is held, and what it says."""
    if rejection := record.get("rejection"):
        return rejection["reason"], rejection["message"]
    if failure := record.get("failure"):
        return failure["error"], (
            f"It failed at {failure['step']}: {failure['cause']} "
            f"{outcome_of('FAILED', failure['error']).remedy} It is {failure['execution_arn']}."
        )
    if record.get("status") == "HELD":
        why = held_for(record["tags"]["moderation"])
        return "Held", (
            f"{why}. {outcome_of('HELD').remedy} To release it: safelight release {quote(record['key'])}"
        )
    return None, None
