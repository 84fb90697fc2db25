"""What each step of the workflow does."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal, TypedDict
from urllib.parse import quote

from fetch import store
from fetch.box import Box, Later, box_of
from fetch.listing import (
    BLOCK_BYTES,
    Batch,
    File,
    batches_of,
    content_hash_of,
    digests_of,
    file_of,
    key_of,
    keys_of,
)
from fetch.store import Known
from safelight.errors import AccessDenied, Misconfigured, TransientError, Unforeseen
from safelight.observability import logger

PART_BYTES = 4 * BLOCK_BYTES
"""How much of a file is read and written at once; a part begins with a block of the content hash."""

_AT_ONCE = 4
_MOST_PARTS = 10_000
_LONGEST_TOLD = 1000
_NOTHING: Batch = {"files": [], "gone": []}


@dataclass(frozen=True)
class Settings:
    """Where things are; the folder of Dropbox, `/` for all; and whether deletions count: keep or remove."""

    originals_bucket: str
    library_table: str
    undelivered_events_queue: str
    changes_queue_arn: str
    dropbox_secret: str
    dropbox_folder: str
    dropbox_deletions: str
    dropbox_batch_size: int


class List(TypedDict):
    """List what has changed, or take these files, which were left before."""

    step: Literal["list"]
    files: list[File]


class Listed(TypedDict):
    """What is to be fetched, where the listing ended, and in how many seconds Dropbox may be asked again."""

    batches: list[Batch]
    cursor: str | None
    more: bool
    wait: int
    files: list[File]


class Fetch(TypedDict):
    """Fetch a batch."""

    step: Literal["fetch"]
    batch: Batch


class Fetched(TypedDict):
    """What of a batch is left, and in how many seconds Dropbox may be asked again; nothing where it is 0."""

    batch: Batch
    wait: int


class Leave(TypedDict):
    """Leave what of a batch could not be fetched where `safelight dlq` finds it."""

    step: Literal["leave"]
    batch: Batch
    why: str


class Keep(TypedDict):
    """Remember where the listing ended."""

    step: Literal["keep"]
    cursor: str | None


Event = List | Fetch | Leave | Keep


def list_changes(settings: Settings, event: List) -> Listed:
    """Return what is to be fetched of one page of changes.

    A file that is known by its id and its content was renamed: its new path is remembered, and it is not
    fetched again.

    Raises:
        AccessDenied, Misconfigured, ServiceThrottled, ServiceUnavailable, Unforeseen
    """
    most = settings.dropbox_batch_size
    if event["files"]:
        batches = batches_of(event["files"], [], most)
        return {"batches": batches, "cursor": None, "more": True, "wait": 0, "files": []}
    try:
        cursor = store.cursor(settings.library_table)
        page = box_of(settings.dropbox_secret).changes(cursor, settings.dropbox_folder)
    except Later as later:
        return {"batches": [], "cursor": None, "more": True, "wait": later.seconds, "files": []}
    wanted = [it for it in page.files if key_of(it.path_display, settings.dropbox_folder)]
    before = store.known(settings.library_table, [it.id for it in wanted])
    files = []
    for it in wanted:
        known = before.get(it.id)
        if known is None or known["content_hash"] != it.content_hash:
            files.append(file_of(it.id, it.rev, it.size, it.name))
        elif known["path"] != it.path_lower or known["rev"] != it.rev:
            store.know(settings.library_table, {**known, "path": it.path_lower, "rev": it.rev})
    gone = page.gone if settings.dropbox_deletions == "remove" else []
    return {
        "batches": batches_of(files, gone, most),
        "cursor": page.cursor,
        "more": page.has_more,
        "wait": 0,
        "files": [],
    }


def fetch(settings: Settings, event: Fetch) -> Fetched:
    """Fetch the files of a batch, and remove those that are gone; what is there already is not fetched.

    Where one file fails the others are fetched all the same.

    Raises:
        Unforeseen: what Dropbox sent of a file is not what it told, or it refuses it.
        AccessDenied, Misconfigured, ServiceThrottled, ServiceUnavailable
    """
    box, files = box_of(settings.dropbox_secret), event["batch"]["files"]
    failed: list[File] = []
    first: Exception | None = None
    for place, file in enumerate(files):
        try:
            _fetch(settings, box, file)
        except Later as later:
            rest: Batch = {"files": [*failed, *files[place:]], "gone": event["batch"]["gone"]}
            return {"batch": rest, "wait": later.seconds}
        except (AccessDenied, Misconfigured, TransientError):
            raise
        except Exception as error:
            logger().warning("a file was not fetched", file=file["id"], error=str(error))
            failed.append(file)
            first = first or error
    for place, path in enumerate(event["batch"]["gone"]):
        try:
            _remove(settings, box, path)
        except Later as later:
            left: Batch = {"files": failed, "gone": event["batch"]["gone"][place:]}
            return {"batch": left, "wait": later.seconds}
    if first:
        raise first
    return {"batch": _NOTHING, "wait": 0}


def leave(settings: Settings, event: Leave) -> None:
    """Leave each file of a batch that is not there as an event of its own.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    files = event["batch"]["files"]
    there = store.known(settings.library_table, [file["id"] for file in files])
    for file in files:
        if file["id"] not in there or there[file["id"]]["rev"] != file["rev"]:
            told = {"detail-type": "File in Dropbox", "detail": {"object": {"key": file["name"]}}}
            _send(settings, {**told, "files": [file]}, event["why"])


def _send(settings: Settings, body: dict[str, Any], why: str) -> None:
    queue, target = settings.undelivered_events_queue, settings.changes_queue_arn
    store.send(queue, body, target, why[:_LONGEST_TOLD] or "unknown")


def keep(settings: Settings, event: Keep) -> None:
    """Remember where the listing ended, if it was one.

    Raises:
        AccessDenied, ServiceThrottled, ServiceUnavailable
    """
    if event["cursor"]:
        store.keep_cursor(settings.library_table, event["cursor"])


def _fetch(settings: Settings, box: Box, file: File) -> None:
    """Bring one file to the originals, as it is in Dropbox now."""
    about = box.about(file["id"])
    wanted = about and key_of(about.path_display, settings.dropbox_folder)
    if about is None or wanted is None:
        return
    bucket, table = settings.originals_bucket, settings.library_table
    known = store.known(table, [about.id]).get(about.id)
    keys: Sequence[str] | Any = [known["key"]] if known else keys_of(wanted)
    for key in keys:
        there = store.told(bucket, key)
        if known or not there or there["dropbox-id"] == about.id:
            break
    else:
        raise Unforeseen(f"There are too many files called {wanted}.")
    if there.get("dropbox-content-hash") != about.content_hash:
        metadata = {
            "dropbox-id": about.id,
            "dropbox-content-hash": about.content_hash,
            "dropbox-path": quote(about.path_display)[:_LONGEST_TOLD],
            "client-modified": f"{about.client_modified.isoformat()}Z",
        }
        _copy(box, about, bucket, key, metadata)
    record: Known = {
        "file": about.id,
        "path": about.path_lower,
        "rev": about.rev,
        "content_hash": about.content_hash,
        "key": key,
    }
    store.know(table, record)


def _copy(box: Box, about: Any, bucket: str, key: str, metadata: dict[str, str]) -> None:
    """Read a file by ranges, and write it, several parts at once; S3 has all of it, or nothing."""
    if about.size <= PART_BYTES:
        body = box.some_of(about.rev, 0, about.size) if about.size else b""
        _check(about, [digests_of(body)])
        store.put(bucket, key, body, metadata)
        return
    part_bytes = max(PART_BYTES, -(-about.size // _MOST_PARTS // BLOCK_BYTES) * BLOCK_BYTES)
    parts = store.Parts(bucket, key, metadata)

    def part(start: int) -> tuple[dict[str, Any], bytes]:
        body = box.some_of(about.rev, start, min(part_bytes, about.size - start))
        return parts.write(start // part_bytes + 1, body), digests_of(body)

    try:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            coming = [pool.submit(part, start) for start in range(0, about.size, part_bytes)]
            try:
                written = [each.result() for each in coming]
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        _check(about, [digests for _, digests in written])
        parts.complete([named for named, _ in written])
    except BaseException:
        parts.abandon()
        raise


def _check(about: Any, digests: Sequence[bytes]) -> None:
    if content_hash_of(digests) != about.content_hash:
        raise Unforeseen(f"What Dropbox sent of {about.id} is not what it told: it was torn on its way.")


def _remove(settings: Settings, box: Box, path: str) -> None:
    """Remove what was fetched of a path that is gone, and of what lay below; what was moved stays."""
    for known in store.below(settings.library_table, path):
        if box.about(known["file"]) is None:
            store.forget(settings.library_table, settings.originals_bucket, known)
