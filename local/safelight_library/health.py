"""Says what in a library is not as it should be, and what brings it back. Pure.

Records, objects and executions go in, findings and events come out. What is younger than a while is left
alone, since its events may still be on their way.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from safelight.keys import has_record
from safelight.outcomes import Outcome, outcome_of
from safelight.record import PhotoRecord, keys_on
from safelight.reviving import is_on_record, is_unfinished
from safelight_library.uploads import Stored

Kind = Literal["stopped", "unrecorded", "original gone", "no record", "newer original", "stray rendition"]

_CLOCKS = timedelta(minutes=1)
"""How far the clocks of two services may be apart; S3 tells times in whole seconds."""


@dataclass(frozen=True)
class FailureClass:
    """The FAILED photos of one error, and what it means."""

    error: str
    outcome: Outcome
    photos: Sequence[PhotoRecord]


@dataclass(frozen=True)
class Execution:
    """What has become of an execution: its status as Step Functions names it, when, and its photo's key."""

    arn: str
    status: str
    ended_at: datetime | None
    key: str | None = None


@dataclass(frozen=True)
class Seen:
    """What lies in a library.

    records: of all photos, removed ones too. executions: those of unfinished records that exist, and those
    that failed, by their ARNs. before: what has happened since is left alone. waiting: how many uploads wait
    for their place, so that originals have no record yet. renditions: and working masters.
    """

    records: Sequence[PhotoRecord]
    originals: Sequence[Stored]
    renditions: Sequence[Stored]
    executions: Mapping[str, Execution]
    before: datetime
    waiting: int


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be: what, of which key, in a sentence, and what mends it."""

    kind: Kind
    key: str
    what: str
    repair: str


def failures(photos: Iterable[PhotoRecord]) -> list[FailureClass]:
    """Return the FAILED photos by their errors, those of the most photos first."""
    by_error: dict[str, list[PhotoRecord]] = {}
    for photo in photos:
        if photo["status"] == "FAILED":
            by_error.setdefault(error_of(photo), []).append(photo)
    ordered = sorted(by_error.items(), key=lambda each: (-len(each[1]), each[0]))
    return [
        FailureClass(error, outcome_of("FAILED", error), sorted(failed, key=lambda photo: photo["key"]))
        for error, failed in ordered
    ]


def error_of(photo: PhotoRecord) -> str:
    """Return the error that a FAILED photo failed with."""
    return photo["failure"]["error"] if "failure" in photo else "unknown"


def findings(seen: Seen) -> list[Finding]:
    """Return what is not as it should be, photos first, by their keys.

    A stray rendition is one that no record names, and that no execution can still publish: it is older than
    the claim of each photo that is unfinished or FAILED, since those may be redriven.
    """
    records = {photo["key"]: photo for photo in seen.records}
    originals = {each.key: each for each in seen.originals}
    found = [it for photo in seen.records if (it := _of_record(photo, originals.get(photo["key"]), seen))]
    known = {each.key for each in found}
    lost = {each.key: each for each in seen.executions.values() if each.key}
    for original in seen.originals:
        photo = records.get(original.key)
        if not has_record(original.key) or original.key in known:
            continue
        is_settled = original.at < seen.before and not seen.waiting
        if is_settled and (photo is None or photo["status"] == "REMOVED"):
            why = f"; its execution {lost[original.key].arn} failed" if original.key in lost else ""
            what = f"The original has no record{why}."
            found.append(Finding("no record", original.key, what, "process it"))
    return [*sorted(found, key=lambda each: each.key), *_strays(seen)]


def _of_record(photo: PhotoRecord, original: Stored | None, seen: Seen) -> Finding | None:
    key, execution = photo["key"], seen.executions.get(photo["execution_arn"])
    ended = "does not exist any more" if execution is None else f"has ended {execution.status}"
    works = execution is not None and (execution.status == "RUNNING" or _is_young(execution, seen))
    if photo["status"] == "REMOVED":
        if not is_unfinished(photo) or works or original:
            return None
        return Finding("stopped", key, f"The execution that removes it {ended}.", "remove it again")
    if works:
        return None
    if original is None:
        return Finding("original gone", key, "There is a record, and no original.", "remove it")
    if is_unfinished(photo):
        what = f"It is {photo['status']} and unfinished, and its execution {ended}."
        return Finding("stopped", key, what, "process it again")
    if execution is not None and not is_on_record(photo, execution.arn):
        what = f"It is {photo['status']}, but its execution {ended}."
        return Finding("unrecorded", key, what, "process it again")
    etag = photo["original"]["etag"] if "original" in photo else ""
    if etag and etag != original.etag and original.at < seen.before and not seen.waiting:
        return Finding("newer original", key, "Another original lies there than was processed.", "process it")
    return None


def _is_young(execution: Execution, seen: Seen) -> bool:
    return execution.ended_at is not None and execution.ended_at >= seen.before


def _strays(seen: Seen) -> list[Finding]:
    named = {key for photo in seen.records for key in keys_on(photo)}
    open_since = [
        datetime.fromisoformat(photo["claimed_at"]).astimezone(UTC) - _CLOCKS
        for photo in seen.records
        if "claimed_at" in photo and (photo["status"] == "FAILED" or is_unfinished(photo))
    ]
    before = min([seen.before, *open_since])
    return [
        Finding("stray rendition", each.key, "No record names it.", "delete it")
        for each in seen.renditions
        if each.key not in named and each.at < before
    ]
