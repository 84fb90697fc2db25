"""What the command prints: one row per photo, the figures of a run, and the state of a library."""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import asdict
from statistics import mean
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from safelight.record import PhotoRecord
from safelight.returning import How
from safelight.transactions import Record
from safelight_library import words
from safelight_library.duplicates import Lookalikes
from safelight_library.health import FailureClass, Finding
from safelight_library.uploads import LeftOut, Plan, is_sidecar
from safelight_local.command.terminal import Fitted, Row

if TYPE_CHECKING:
    from safelight_library.library import Library
    from safelight_library.recovery import Undelivered
    from safelight_local.command.uploads import Found

_COLOURS = {"ACTIVE": "green", "REJECTED": "yellow", "HELD": "magenta", "FAILED": "red", "PROCESSING": "blue"}
_REMOVED = "dim"
STAGES = (
    "ValidatePhoto",
    "ReadMetadata",
    "DevelopMaster",
    "RenderRenditions",
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


def photo_table(photos: Sequence[PhotoRecord], memories: Mapping[str, Record]) -> Fitted:
    """Return a table with a row per photo: what became of it, and what is known of it."""
    names = short_names(photos)
    rows = [
        (
            Text(names[photo["key"]]),
            Text(photo["status"], style=_COLOURS.get(photo["status"], _REMOVED)),
            Text(_renditions(photo)),
            Text(words.taken(photo) or ""),
            Text(words.place(photo) or ""),
            Text(words.seen(photo)),
            Text(memories.get(photo.get("memory_id", ""), {}).get("title", "")),
        )
        for photo in photos
    ]
    headings = ("Photo", "Status", "Taken", "Renditions", "Place", "Shows", "Memory")
    return Fitted(("Photo", "Status", "Renditions", "Taken", "Place", "Shows", "Memory"), rows, headings)


def short_names(photos: Sequence[PhotoRecord]) -> dict[str, str]:
    """Return the name of each photo by its key: the filename alone where all are of one album."""
    one_album = len({photo["album"] for photo in photos}) == 1
    return {photo["key"]: photo["filename"] if one_album else photo["key"] for photo in photos}


def _renditions(photo: PhotoRecord) -> str:
    renditions, film = photo.get("renditions", {}).values(), photo.get("photo", {}).get("film")
    if not renditions:
        return ""
    size = sum(each["bytes"] for each in renditions)
    size += photo["web_copy"]["bytes"] if "web_copy" in photo else 0
    minutes, seconds = divmod(round(film["duration"]), 60) if film else (0, 0)
    return f"{len(renditions)} · {_size(size)}" + (f" · {minutes}:{seconds:02}" if film else "")


def _size(count: float) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"


def unhappy(photos: Sequence[PhotoRecord]) -> Group:
    """Return a line for each photo that is not in the library, with its reason."""
    lines, names = [], short_names(photos)
    for photo in photos:
        name, message = words.reason(photo)
        if name:
            line = Text(f"{names[photo['key']]}  ", style="bold")
            line.append(name, style=_COLOURS[photo["status"]])
            line.append(f"  {message}", style="not bold")
            lines.append(line)
    return Group(*lines)


def left_out_lines(left_out: Sequence[LeftOut]) -> Group:
    """Return a line for each file that could not be added, with its reason."""
    return Group(*(Text(f"Left out {each.path}: {each.why}.", style="red") for each in left_out))


def added(
    photos: Sequence[PhotoRecord],
    seconds: float,
    plan: Plan,
    there: Sequence[PhotoRecord],
    left_out: Sequence[LeftOut],
    found: "Found",
) -> Group:
    """Return the summary of a run: what went up and became of it, what was there, and what was not added.

    there: the records of the photos that were there already.
    """
    lines = [
        Text(f"{each.path} is added as {each.key}: another photo is at {each.wanted}.")
        for each in plan.renamed
    ]
    lines += [Text(f"{each.path} takes the place of what was at {each.key}.") for each in plan.replaced]
    lines += [Text(f"Skipped {each.path}: another photo is at {each.key}.") for each in plan.skipped]
    lines += [
        Text(f"{photo['key']} was there already, but it FAILED. Bring it back with: safelight retry --failed")
        for photo in there
        if photo["status"] == "FAILED"
    ]
    known = {photo["key"] for photo in there}
    lines += [
        Text(f"{each.key} was there already, but is not in the library. Mend it with: safelight doctor")
        for each in plan.there
        if not is_sidecar(each.key) and each.key not in known
    ]
    told = [outcome_of_run(photos, seconds)] if photos else []
    if plan.there:
        told.append(f"{len(plan.there)} files were there already")
    if plan.skipped:
        told.append(f"{len(plan.skipped)} were skipped")
    if found.in_albums:
        told.append(f"twice in the Takeout, and added to their albums alone: {found.in_albums}")
    if found.in_trash:
        told.append(f"left in Google's trash: {found.in_trash}")
    if left_out:
        told.append(f"{len(left_out)} could not be added")
    summary = Text("; ".join(told) + "." if told else "There was nothing to do.", style="bold")
    return Group(*lines, left_out_lines(left_out), summary)


def added_as_json(
    photos: Sequence[PhotoRecord], plan: Plan, left_out: Sequence[LeftOut], found: "Found"
) -> dict[str, Any]:
    """Return what `added` says as plain values: records, keys and paths."""
    return {
        "photos": list(photos),
        "there": [each.key for each in plan.there],
        "renamed": [{"path": str(it.path), "wanted": it.wanted, "key": it.key} for it in plan.renamed],
        "replaced": [each.key for each in plan.replaced],
        "skipped": [str(each.path) for each in plan.skipped],
        "in_albums": found.in_albums,
        "in_trash": found.in_trash,
        "left_out": [{"path": str(each.path), "why": each.why} for each in left_out],
    }


def outcome_of_run(photos: Sequence[PhotoRecord], seconds: float) -> str:
    """Return how many photos a run made in which time, and what became of them."""
    counts = Counter(photo["status"] for photo in photos)
    outcome = ", ".join(f"{number} {status}" for status, number in sorted(counts.items()))
    rate = len(photos) / seconds * 60
    return f"{len(photos)} photos in {seconds:.1f} s, {rate:.0f} a minute: {outcome}"


def figures(photos: Sequence[PhotoRecord], seconds: float, per_photo: Sequence[Mapping[str, float]]) -> Group:
    """Return the figures of a run: photos a minute, and the mean seconds that each stage took."""
    stages = Table(box=SIMPLE_HEAD, pad_edge=False)
    stages.add_column("Stage")
    stages.add_column("Photos", justify="right")
    stages.add_column("Mean", justify="right")
    stages.add_column("Slowest", justify="right")
    for stage in STAGES:
        if times := [each[stage] for each in per_photo if stage in each]:
            stages.add_row(stage, str(len(times)), f"{mean(times):.2f} s", f"{max(times):.2f} s")
    lines = [Text(outcome_of_run(photos, seconds), style="bold")]
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


def duplicates_table(groups: Sequence[Lookalikes]) -> Fitted:
    """Return a table with a row per photo that looks like another: the one to keep, then the others."""
    rows: list[Row] = []
    for group in groups:
        for each in (group.keep, *group.spare):
            kept = each is group.keep
            photo, facts = each.photo["photo"], each.photo.get("facts")
            rows.append(
                (
                    Text("keep", style="green") if kept else Text("spare", style="yellow"),
                    Text(each.photo["key"]),
                    Text(f"{photo['width']} \N{MULTIPLICATION SIGN} {photo['height']}", justify="right"),
                    Text(_size(each.photo["original"]["bytes"]), justify="right"),
                    Text(f"{facts['sharpness']:.0f}" if facts else "", justify="right"),
                    Text("" if kept or each.distance is None else str(each.distance), justify="right"),
                    Text(each.why),
                )
            )
        rows.append(())
    headings = ("", "Photo", "Pixels", "Size", "Sharpness", "Bits apart", "Why")
    return Fitted(headings, rows, ("", "Photo", "Why", "Pixels", "Size", "Sharpness", "Bits apart"))


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


def failures(classes: Sequence[FailureClass]) -> Group:
    """Return what failed by error: what it means, what to do, and a row per photo."""
    parts: list[RenderableType] = []
    for each in classes:
        parts.append(Text(f"{each.error}: {len(each.photos)} photos", style="bold red"))
        parts.append(Text(f"{each.outcome.wrong}. {each.outcome.remedy}"))
        rows: list[Row] = []
        for photo in each.photos:
            failure = photo.get("failure")
            told = (failure["step"], failure["at"], failure["cause"]) if failure else ("", "", "")
            rows.append(tuple(map(Text, (photo["key"], *told))))
        headings = ("Photo", "Step", "Since", "Cause")
        parts.append(Fitted(headings, rows, ("Photo", "Cause", "Step", "Since")))
    parts.append(Text("Bring them back with: safelight retry --failed, or --class ERROR, or KEY..."))
    return Group(*parts)


def failures_as_json(classes: Sequence[FailureClass]) -> list[dict[str, Any]]:
    """Return what failed as plain values."""
    return [
        {
            "error": each.error,
            "wrong": each.outcome.wrong,
            "remedy": each.outcome.remedy,
            "photos": [{"key": photo["key"], **photo.get("failure", {})} for photo in each.photos],
        }
        for each in classes
    ]


_WAYS: dict[How, str] = {
    "redrive": "resumes at the step that failed, or else from the start",
    "start again": "is processed from the start",
    "gone": "is left alone: its original is gone",
}


def retried(ways: Mapping[str, How], done: Sequence[PhotoRecord], dry_run: bool) -> Group:
    """Return what became of each photo that was to be brought back; or would, in a dry run."""
    lines = [Text(f"{key} {_WAYS[way]}") for key, way in sorted(ways.items()) if dry_run or way == "gone"]
    counts = Counter(photo["status"] for photo in done)
    told = ", ".join(f"{number} {status}" for status, number in sorted(counts.items()))
    if not dry_run:
        lines.append(Text(f"{len(done)} photos were started again: {told or 'nothing to do'}", style="bold"))
    return Group(*lines)


def retried_as_json(ways: Mapping[str, How], done: Sequence[PhotoRecord]) -> list[dict[str, Any]]:
    """Return what `retried` says as plain values; `status` is null where nothing was started."""
    statuses = {photo["key"]: photo["status"] for photo in done}
    return [{"key": key, "way": way, "status": statuses.get(key)} for key, way in sorted(ways.items())]


def undelivered(messages: "Sequence[Undelivered]", sent: Container[str]) -> Fitted:
    """Return a table with a row per event that was not delivered."""
    rows = []
    for each in messages:
        target = (each.target or "unknown").rpartition(":")[2]
        state = "sent again" if each.message_id in sent else "waits"
        rows.append(tuple(map(Text, (each.about, target, each.error, state))))
    return Fitted(("Event", "For", "Why", "State"), rows, ("Event", "State", "Why", "For"))


def undelivered_as_json(messages: "Sequence[Undelivered]", sent: Container[str]) -> list[dict[str, Any]]:
    """Return the events that were not delivered as plain values."""
    return [
        {
            "message_id": each.message_id,
            "about": each.about,
            "target": each.target,
            "error": each.error,
            "body": each.body,
            "sent": each.message_id in sent,
        }
        for each in messages
    ]


def findings(found: Sequence[Finding], mended: Sequence[Finding]) -> Fitted:
    """Return a table with a row per finding."""
    rows = []
    for each in found:
        remedy = "mended" if each in mended else each.repair
        rows.append(tuple(map(Text, (each.kind, each.key, each.what, remedy))))
    return Fitted(("Finding", "Where", "What", "Remedy"), rows, ("Where", "Finding", "Remedy", "What"))


def findings_as_json(found: Sequence[Finding], mended: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return the findings as plain values."""
    return [{**asdict(each), "mended": each in mended} for each in found]
