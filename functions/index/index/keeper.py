"""The index in a process that keeps it: fetched, changed, and put back if nobody else has meanwhile.

What is applied was read from the table after the index was fetched, and the index takes the place of just
that one: so it never holds an older state of a record than the one before it did.
"""

import os
import sqlite3
import tempfile
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from index.settings import Settings
from safelight.clients import dynamodb
from safelight.errors import ServiceUnavailable
from safelight.index import schema
from safelight.index.changes import (
    KINDS,
    apply,
    is_followed,
    succeed,
    to_apply_again,
    touched_since,
    unreadable_records,
)
from safelight.index_store import fetch, store
from safelight.people.records import PEOPLE
from safelight.settings import from_environment
from safelight.table import list_records, read_records, scan_records

_ATTEMPTS = 10
"""So often another may be faster; the stream has few shards, and each works on one batch at a time."""

_READING = "Reading what has changed"


class Keeper:
    """Keeps the index of a stack, with a copy in `folder` while the process lives."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        """Fetch nothing yet."""
        self._table, self._bucket = settings.library_table, settings.renditions_bucket
        self._path, self._new = folder / "index.sqlite", folder / "new.sqlite"
        self._etag: str | None = None
        self._connection: sqlite3.Connection | None = None

    def follow(self, changed: Iterable[str]) -> tuple[int, dict[str, str]]:
        """Apply those of the `changed` records that are listed, as they are now; or make the first index.

        Returns how many those were, and why some of them could not be read.

        Raises:
            AccessDenied, ServiceThrottled
            ServiceUnavailable: also where others change the index all the time.
        """
        ids = sorted(filter(is_followed, changed))
        if not ids:
            return 0, {}
        for _ in range(_ATTEMPTS):
            fetched = self._fetch()
            if fetched is None:
                return self.rebuild()
            connection, etag = fetched
            unreadable = self._apply(connection, ids)
            if self._store(self._path, etag):
                return len(ids), unreadable
        raise ServiceUnavailable("Others change the index all the time.")

    def rebuild(self) -> tuple[int, dict[str, str]]:
        """Make the index anew of all records; what is applied to the old one meanwhile is applied here, too.

        Returns how many records there are, and why some of them could not be read.

        Raises:
            AccessDenied, ServiceThrottled, ServiceUnavailable
        """
        fetched = self._fetch()
        began = schema.generation(fetched[0]) if fetched else 0
        new, count = self._made()
        for _ in range(_ATTEMPTS):
            fetched = self._fetch()
            if fetched:
                self._apply(new, touched_since(fetched[0], began))
                succeed(new, schema.generation(fetched[0]))
            unreadable = unreadable_records(new)
            if self._store(self._new, fetched[1] if fetched else None):
                new.close()
                self._close()
                self._new.replace(self._path)
                return count, unreadable
        raise ServiceUnavailable("Others change the index all the time.")

    def _made(self) -> tuple[sqlite3.Connection, int]:
        """Return a new file of all records, and how many they are; people first, since photos name them."""
        new, count = schema.created(self._new), 0
        people = list_records(dynamodb(), self._table, PEOPLE, "person", "Listing people")
        apply(new, {record["id"]: record for record in people})
        for records in scan_records(
            dynamodb(), self._table, [f"{kind}/" for kind in KINDS], "Reading the library"
        ):
            apply(new, {record["id"]: record for record in records})
            count += len(records)
        self._apply(new, to_apply_again(new))
        return new, count

    def _apply(self, connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, str]:
        records = read_records(dynamodb(), self._table, ids, _READING)
        self._etag = None  # from here on the copy is no other's, until it is stored
        unreadable = apply(connection, {id_: records.get(id_) for id_ in ids})
        films = to_apply_again(connection)
        return unreadable | (self._apply(connection, films) if films else {})

    def _fetch(self) -> tuple[sqlite3.Connection, str] | None:
        """Return a connection to a copy of the index as it is now, and its ETag; None where there is none."""
        known = self._etag
        self._etag = fetch(self._bucket, self._path, known)
        if self._etag is None:
            return None
        if self._etag != known or self._connection is None:
            self._close()
            self._connection = schema.writable(self._path)
        return self._connection, self._etag

    def _store(self, path: Path, replaced: str | None) -> bool:
        self._etag = store(self._bucket, path, replaced)
        return self._etag is not None

    def _close(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None


@cache
def keeper() -> Keeper:
    """Return the keeper of this process.

    Raises:
        Misconfigured
    """
    return Keeper(from_environment(Settings, os.environ), Path(tempfile.mkdtemp(prefix="index-")))
