"""What the command prints: one row per photo, the figures of a run, and the state of a library."""

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import mean
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from safelight.record import PhotoRecord
from safelight.transactions import Record
from safelight_library import words
from safelight_library.duplicates import Lookalikes

if TYPE_CHECKING:
    from safelight_library.library import Library

_COLOURS = {"ACTIVE": "green", "REJECTED": "yellow", "HELD": "magenta", "FAILED": "red", "PROCESSING": "blue"}
_REMOVED = "dim"
STAGES = (
    "ValidatePhoto",
    "DevelopMaster",
    "RenderAndRead",
    "ModeratePhoto",
    "TagPhoto",
    "GroupIntoPeople",
    "GroupIntoMemories",
    "NotifyPhoto",
)
"""The states whose time the figures tell; the others are single writes to the table."""


def print_photos(console: Console, library: "Library", photos: Sequence[PhotoRecord]) -> None:
    """Print what became of each photo, and why of those that are not in the library."""
    console.print(photo_table(photos, library.memories_of(photos)))
    console.print(unhappy(photos))


def photo_table(photos: Sequence[PhotoRecord], memories: Mapping[str, Record]) -> Table:
    """Return a table with a row per photo: what became of it, and what is known of it."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("Photo", "Status", "Renditions", "Taken", "Place", "Shows", "Memory"):
        table.add_column(heading, overflow="fold", no_wrap=heading in {"Status", "Renditions"})
    for photo in photos:
        memory = memories.get(photo.get("memory_id", ""), {})
        table.add_row(
            Text(photo["filename"]),
            Text(photo["status"], style=_COLOURS.get(photo["status"], _REMOVED)),
            _renditions(photo),
            words.taken(photo) or "",
            words.place(photo) or "",
            Text(words.seen(photo)),
            Text(memory.get("title", "")),
        )
    return table


def _renditions(photo: PhotoRecord) -> str:
    renditions = photo.get("renditions", {}).values()
    return f"{len(renditions)} · {_size(sum(each['bytes'] for each in renditions))}" if renditions else ""


def _size(count: float) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"


def unhappy(photos: Sequence[PhotoRecord]) -> Group:
    """Return a line for each photo that is not in the library, with its reason."""
    lines = []
    for photo in photos:
        name, message = words.reason(photo)
        if name:
            line = Text(f"{photo['filename']}  ", style="bold")
            line.append(name, style=_COLOURS[photo["status"]])
            line.append(f"  {message}", style="not bold")
            lines.append(line)
    return Group(*lines)


def figures(photos: Sequence[PhotoRecord], seconds: float, per_photo: Sequence[Mapping[str, float]]) -> Group:
    """Return the figures of a run: photos a minute, and the mean seconds that each stage took."""
    counts = Counter(photo["status"] for photo in photos)
    outcome = ", ".join(f"{number} {status}" for status, number in sorted(counts.items()))
    stages = Table(box=SIMPLE_HEAD, pad_edge=False)
    stages.add_column("Stage")
    stages.add_column("Photos", justify="right")
    stages.add_column("Mean", justify="right")
    stages.add_column("Slowest", justify="right")
    for stage in STAGES:
        if times := [each[stage] for each in per_photo if stage in each]:
            stages.add_row(stage, str(len(times)), f"{mean(times):.2f} s", f"{max(times):.2f} s")
    rate = len(photos) / seconds * 60
    lines = [Text(f"{len(photos)} photos in {seconds:.1f} s, {rate:.0f} a minute: {outcome}", style="bold")]
    verdicts = Counter(each["verdict"] for photo in photos if (each := _moderation(photo)))
    if verdicts:
        lines.append(
            Text("Moderation: " + ", ".join(f"{n} {verdict}" for verdict, n in sorted(verdicts.items())))
        )
    return Group(*lines, stages)


def _moderation(photo: PhotoRecord) -> dict[str, Any]:
    return dict(photo.get("tags", {}).get("moderation", {}))


def counts_by_album(photos: Sequence[PhotoRecord]) -> dict[str, Counter[str]]:
    """Return how many photos of each album have which status."""
    albums: dict[str, Counter[str]] = {}
    for photo in photos:
        albums.setdefault(photo["album"], Counter())[photo["status"]] += 1
    return albums


def library_table(photos: Sequence[PhotoRecord]) -> Table:
    """Return a table with a row per album: how many photos have which status."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("Album")
    for status, colour in _COLOURS.items():
        table.add_column(status, justify="right", style=colour)
    for album, counts in sorted(counts_by_album(photos).items()):
        table.add_row(Text(album), *(str(counts[status]) if counts[status] else "" for status in _COLOURS))
    return table


def people_table(people: Sequence[Mapping[str, Any]]) -> Table:
    """Return a table with a row per person: the id, the name, and where to see the face."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("Person", "Name", "Photos", "Cover"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "Photos" else "left")
    for person in people:
        cover = person["cover"]
        where = f"{cover['key']}, {_place_of(cover['box'])}" if cover else ""
        table.add_row(
            Text(person["person_id"]), Text(person["name"] or ""), str(person["photo_count"]), Text(where)
        )
    return table


def faces_table(faces: Sequence[Mapping[str, Any]]) -> Table:
    """Return a table with a row per face: its id, and where it is."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("Face", "Photo", "Where"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "Face")
    for face in faces:
        table.add_row(Text(face["face_id"]), Text(face["key"]), _place_of(face["box"]))
    return table


def _place_of(box: Mapping[str, float]) -> str:
    """Say where in a photo a box is, by its centre, from the left and from the top."""
    across, down = box["left"] + box["width"] / 2, box["top"] + box["height"] / 2
    return f"at {across:.0%} from the left, {down:.0%} from the top"


def duplicates_table(groups: Sequence[Lookalikes]) -> Table:
    """Return a table with a row per photo that looks like another: the one to keep, then the others."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("", "Photo", "Pixels", "Size", "Sharpness", "Bits apart", "Why"):
        numbers = heading in {"Pixels", "Size", "Sharpness", "Bits apart"}
        table.add_column(heading, overflow="fold", justify="right" if numbers else "left", no_wrap=numbers)
    for group in groups:
        for each in (group.keep, *group.spare):
            kept = each is group.keep
            photo, facts = each.photo["photo"], each.photo.get("facts", {})
            table.add_row(
                Text("keep", style="green") if kept else Text("spare", style="yellow"),
                Text(each.photo["key"]),
                f"{photo['width']} \N{MULTIPLICATION SIGN} {photo['height']}",
                _size(each.photo["original"]["bytes"]),
                f"{facts['sharpness']:.0f}" if facts else "",
                "" if kept or each.distance is None else str(each.distance),
                each.why,
            )
        table.add_section()
    return table


def duplicates_as_json(groups: Sequence[Lookalikes]) -> list[dict[str, Any]]:
    """Return the groups as plain values: each photo's key, why, and by how many bits its hash differs."""
    return [
        {
            "keep": {"key": group.keep.photo["key"], "why": group.keep.why},
            "spare": [
                {"key": each.photo["key"], "why": each.why, "distance": each.distance} for each in group.spare
            ],
        }
        for group in groups
    ]


def console(stderr: bool = False) -> Console:
    """Return a console: as wide as the terminal, and wide enough for the table where there is none."""
    probe = Console(stderr=stderr)
    return probe if probe.is_terminal else Console(stderr=stderr, width=150)
