"""What each step reads, changes and returns."""

from dataclasses import dataclass

from catalog import changes, writes
from catalog.changes import Change
from catalog.steps import ClaimStep, Event, Found, Kept
from safelight.clients import dynamodb
from safelight.contracts import Claim, Removal
from safelight.errors import NotModerated, NotTagged, Superseded
from safelight.record import event_again, files_of, keys_on
from safelight.table import read_photo

_GONE = ("REJECTED", "REMOVED")
"""What became of a photo of which there is nothing to process again."""


@dataclass(frozen=True)
class Wanted:
    """What the stack wants of each photo: moderation before it is seen, and tags in the end."""

    verdict: bool
    tags: bool


def carry_out(table: str, step: Event, wanted: Wanted) -> Claim | Removal | Found | Kept:
    """Carry out one step on the records in `table`, but for one that comes before what is `wanted`.

    Raises:
        Superseded, NotModerated, NotTagged, AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    if step["step"] == "claim":
        return _claim(table, step)
    if step["step"] == "publish":
        if wanted.verdict and step["moderation"] is None:
            raise NotModerated(f"{step['claim']['key']} is not published before it was moderated.")
        return _keep(table, changes.published(step), step["claim"])
    if step["step"] == "hold":
        return _keep(table, changes.held(step), step["claim"])
    if step["step"] == "reject":
        return _keep(table, changes.rejected(step), step["claim"])
    if step["step"] == "finish":
        if wanted.tags and step["tagged"] is None:
            raise NotTagged(f"{step['claim']['key']} is not finished before it was tagged.")
        return _keep(table, changes.finished(step), step["claim"])
    if step["step"] == "abandon":
        return _abandon(table, step["claim"], [*step["renditions"], *files_of(step.get("web_copy"))])
    if step["step"] == "remove":
        return changes.removal_of(writes.write(table, changes.removed(step)))
    if step["step"] == "bury":
        return _bury(table, step["removal"])
    if step["step"] == "describe":
        writes.write(table, changes.described(step))
        return {"unused": []}
    return _find(table, step["key"])


def _claim(table: str, step: ClaimStep) -> Claim:
    """Take a photo; an event without an ETag, as one may be written by hand, leaves the one that is known."""
    uploaded = step["event"]["detail"]["object"]
    etag = uploaded.get("etag", "")
    if not etag:
        known = read_photo(dynamodb(), table, uploaded["key"])
        if known and known.get("sequencer") == changes.sequence(uploaded["sequencer"]):
            etag = known["original"]["etag"]
    record = writes.write(table, changes.claimed(step, etag))
    return changes.claim_of(record, writes.secret(table))


def _keep(table: str, change: Change, claim: Claim) -> Kept:
    """Write a change, after which the renditions that the record had and has no more are of no use."""
    needed = keys_on(writes.write(table, change))
    return {"unused": [key for key in claim["replaced"] if key not in needed]}


def _abandon(table: str, claim: Claim, made: list[str]) -> Kept:
    """Leave what was made to who has the photo now, if that makes the same ones of the same upload."""
    record = read_photo(dynamodb(), table, claim["key"])
    is_of_another = record is None or "original" not in record
    if record and not is_of_another:
        is_of_another = changes.version_of(record, writes.secret(table)) != claim["version"]
    return {"unused": made if is_of_another else []}


def _bury(table: str, removal: Removal) -> Kept:
    record = read_photo(dynamodb(), table, removal["key"])
    if record is None or record["execution_arn"] != removal["execution"]:
        raise Superseded(f"{removal['key']} was uploaded or deleted again.")
    writes.replace(table, changes.tombstone(record))
    return {"unused": []}


def _find(table: str, key: str) -> Found:
    photo = read_photo(dynamodb(), table, key)
    if photo is None or "sequencer" not in photo or photo["status"] in _GONE:
        return {"reading": None, "event": None}
    reading = changes.reading_of(photo)
    return {"reading": reading, "event": None if reading else event_again(photo)}
