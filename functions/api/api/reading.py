"""The index as this process has it: fetched when it has changed, and kept for the next request."""

import sqlite3
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Annotated

from aws_lambda_powertools.event_handler.exceptions import BadRequestError
from aws_lambda_powertools.event_handler.openapi.params import Query

from api.settings import settings
from safelight.errors import TransientError
from safelight.index import schema
from safelight.index.lists import MOST, Filter
from safelight.index_store import fetch
from safelight.observability import logger

FRESH_SECONDS = 1.0
"""So long nobody asks S3 whether the index has changed."""

Id = Annotated[str | None, Query(max_length=1024)]
Words = Annotated[str | None, Query(max_length=500)]
Cursor = Annotated[str | None, Query(max_length=8192)]
Limit = Annotated[int, Query(ge=1, le=MOST)]
Month = Annotated[str | None, Query(pattern=r"^(\d{4}-\d{2}|undated)$")]


class _Copy:
    """A copy of the index; before there is one, an empty library."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "index.sqlite"
        schema.created(self._path).close()
        self._connection = schema.readable(self._path)
        self._etag: str | None = None
        self._asked_at = -FRESH_SECONDS

    def connection(self) -> sqlite3.Connection:
        """Return a connection to the index as it was within the last moment.

        Raises:
            AccessDenied
        """
        if time.monotonic() - self._asked_at >= FRESH_SECONDS:
            try:
                etag = fetch(settings().renditions_bucket, self._path, self._etag)
            except TransientError as error:
                logger().warning("the index may be old", error=type(error).__name__, why=str(error))
            else:
                if etag not in (None, self._etag):
                    self._connection.close()
                    self._connection = schema.readable(self._path)
                    self._etag = etag
            self._asked_at = time.monotonic()
        return self._connection


@cache
def _copy() -> _Copy:
    return _Copy(Path(tempfile.mkdtemp(prefix="index-")))


def index() -> sqlite3.Connection:
    """Return a connection to the index, to be used within this request.

    Raises:
        AccessDenied
    """
    return _copy().connection()


def chosen(
    month: str | None = None,
    album: str | None = None,
    person: str | None = None,
    memory: str | None = None,
    place: str | None = None,
    q: str | None = None,
) -> Filter:
    """Return which photos a request asks for; what is empty is not said."""
    return Filter(*(value or None for value in (month, album, person, memory, place, q)))


def no_cursor() -> BadRequestError:
    """Return the answer to a cursor that is none of the list."""
    return BadRequestError("This is no cursor of this list. Take it from the page before.")
