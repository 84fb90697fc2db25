"""What each step reads, changes and returns."""

from catalog import changes, writes
from catalog.steps import ClaimStep, Event, Found, RemoveStep
from safelight.clients import dynamodb
from safelight.contracts import Claim, Removal
from safelight.errors import RecordChanged, Superseded
from safelight.record import event_again
from safelight.table import read_photo

_GONE = ("REJECTED", "REMOVED")
"""What became of a photo of which there is nothing to process again."""


def carry_out(table: str, step: Event) -> Claim | Removal | Found | None:
    """Carry out one step on the records in `table`.

    Raises:
        Superseded, RecordChanged, AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    if step["step"] == "claim":
        return _claim(table, step)
    if step["step"] == "publish":
        writes.write(table, changes.published(step))
    elif step["step"] == "hold":
        writes.write(table, changes.held(step))
    elif step["step"] == "reject":
        writes.write(table, changes.rejected(step))
    elif step["step"] == "finish":
        writes.write(table, changes.finished(step))
    elif step["step"] == "remove":
        return _remove(table, step)
    elif step["step"] == "bury":
        _bury(table, step["removal"])
    else:
        return _find(table, step["key"])
    return None


def _claim(table: str, step: ClaimStep) -> Claim:
    """Take a photo; an event without an ETag, as one may be written by hand, leaves the one that is known."""
    uploaded = step["event"]["detail"]["object"]
    etag = uploaded.get("etag", "")
    if not etag:
        known = read_photo(dynamodb(), table, uploaded["key"])
        if known and known.get("sequencer") == changes.sequence(uploaded["sequencer"]):
            etag = known["original"]["etag"]
    return changes.claim_of(writes.write(table, changes.claimed(step, etag)))


def _remove(table: str, step: RemoveStep) -> Removal:
    key = step["event"]["detail"]["object"]["key"]
    before = read_photo(dynamodb(), table, key)
    try:
        return changes.removal_of(writes.write(table, changes.removed(step, before)))
    except Superseded:
        now = read_photo(dynamodb(), table, key)
        if now and (before is None or now["execution_arn"] != before["execution_arn"]):
            raise RecordChanged(f"Another execution took {key} at the same moment. Look again.") from None
        raise


def _bury(table: str, removal: Removal) -> None:
    record = read_photo(dynamodb(), table, removal["key"])
    if record is None or record["execution_arn"] != removal["execution"]:
        raise Superseded(f"{removal['key']} was uploaded or deleted again.")
    writes.replace(table, changes.tombstone(record))


def _find(table: str, key: str) -> Found:
    photo = read_photo(dynamodb(), table, key)
    if photo is None or "sequencer" not in photo or photo["status"] in _GONE:
        return {"status": photo and photo["status"], "event": None}
    return {"status": photo["status"], "event": event_again(photo)}
