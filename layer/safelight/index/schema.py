"""The file: its tables, and how it is opened. Pure: paths and connections.

The words of photos lie in a table of FTS5 without their text; `word` keeps that, compressed, since FTS5
wants it again when a photo changes. `term` has the words that another may be mistyped from. What lists show
lies beside the narrow rows by which photos are found. `half` is true of a film that is not shown, since the
still of its Live Photo is; `again` has the films of which that may have changed. Indexes end with `shown`,
without which SQLite would read each row, too. `tally` counts photos as they come and go, so that no list goes
through all of them.
"""

import sqlite3
from pathlib import Path

COLUMNS = {
    "people": 10.0,
    "title": 8.0,
    "place": 7.0,
    "album": 6.0,
    "keywords": 6.0,
    "labels": 5.0,
    "description": 4.0,
    "filename": 3.0,
    "text": 2.0,
    "camera": 2.0,
    "marks": 0.0,
}
"""Where words of a photo stand, and what a hit there weighs (FTS5, bm25).

Marks are dates and colours, which fit as well on one photo as on another: then the newest is first.
"""

PRIVATE = frozenset({"people", "place"})
"""What guests do not find photos by: who was shown a photo was not told who and where that is."""

_COUNTED_FOR = """
    SELECT 'status' AS kind, PHOTO.status AS name, 1 AS counts
    UNION ALL SELECT 'month', substr(PHOTO.taken, 1, 7), PHOTO.shown
    UNION ALL SELECT 'album', PHOTO.album, PHOTO.shown
    UNION ALL SELECT 'place', PHOTO.place, PHOTO.shown AND PHOTO.place IS NOT NULL
"""
"""What a row of `photo` counts for."""

_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
CREATE TABLE photo (
    doc INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    album TEXT NOT NULL,
    status TEXT NOT NULL,
    at TEXT NOT NULL,
    shown INTEGER NOT NULL,
    taken TEXT NOT NULL,
    memory TEXT,
    place TEXT,
    latitude REAL,
    longitude REAL,
    live TEXT,
    moves INTEGER NOT NULL,
    half INTEGER NOT NULL
);
CREATE INDEX photo_by_time ON photo (taken, key, shown) WHERE shown;
CREATE INDEX photo_by_month ON photo (substr(taken, 1, 7), shown) WHERE shown;
CREATE INDEX photo_by_album ON photo (album, taken, key, shown) WHERE shown;
CREATE INDEX photo_by_memory ON photo (memory, taken, key, shown) WHERE shown AND memory IS NOT NULL;
CREATE INDEX photo_by_place ON photo (place, taken, key, shown) WHERE shown AND place IS NOT NULL;
CREATE INDEX photo_by_live ON photo (album, live) WHERE live IS NOT NULL;
CREATE INDEX photo_by_status ON photo (status, at, key) WHERE status <> 'ACTIVE';
CREATE TABLE listing (doc INTEGER PRIMARY KEY, content TEXT NOT NULL);
CREATE TABLE word (doc INTEGER PRIMARY KEY, content BLOB NOT NULL);
CREATE VIRTUAL TABLE search USING fts5 (
    COLUMNS, content = '', tokenize = 'unicode61 remove_diacritics 0', prefix = '2 3'
);
CREATE VIRTUAL TABLE vocabulary USING fts5vocab (search, row);
CREATE TABLE term (term TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE face (person TEXT, doc INTEGER, PRIMARY KEY (person, doc)) WITHOUT ROWID;
CREATE INDEX face_by_doc ON face (doc);
CREATE TABLE tally (kind TEXT, name TEXT, count INTEGER NOT NULL, PRIMARY KEY (kind, name)) WITHOUT ROWID;
CREATE TRIGGER photo_comes AFTER INSERT ON photo BEGIN
    INSERT INTO tally SELECT kind, name, 1 FROM (NEW_COUNTS) WHERE counts
    ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER photo_goes AFTER DELETE ON photo BEGIN
    UPDATE tally SET count = count - 1
    WHERE (kind, name) IN (SELECT kind, name FROM (OLD_COUNTS) WHERE counts);
    DELETE FROM tally WHERE (kind, name) IN (SELECT kind, name FROM (OLD_COUNTS)) AND count = 0;
END;
CREATE TRIGGER face_comes AFTER INSERT ON face BEGIN
    INSERT INTO tally VALUES ('person', new.person, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER face_goes AFTER DELETE ON face BEGIN
    UPDATE tally SET count = count - 1 WHERE kind = 'person' AND name = old.person;
    DELETE FROM tally WHERE kind = 'person' AND name = old.person AND count = 0;
END;
CREATE TABLE person (id TEXT PRIMARY KEY, name TEXT, folded TEXT, cover TEXT, box TEXT) WITHOUT ROWID;
CREATE TABLE memory (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    album TEXT NOT NULL,
    title TEXT NOT NULL,
    starts TEXT NOT NULL,
    ends TEXT NOT NULL,
    count INTEGER NOT NULL,
    cover TEXT NOT NULL,
    days TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX memory_by_time ON memory (starts, id);
CREATE TABLE place (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, region TEXT, country TEXT, folded TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE named (kind TEXT, name TEXT, folded TEXT NOT NULL, PRIMARY KEY (kind, name)) WITHOUT ROWID;
CREATE TABLE touched (id TEXT PRIMARY KEY, generation INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE again (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE unreadable (id TEXT PRIMARY KEY, why TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES ('generation', 0);
"""


def _schema() -> str:
    parts = {
        "COLUMNS": ", ".join(COLUMNS),
        "NEW_COUNTS": _COUNTED_FOR.replace("PHOTO", "new"),
        "OLD_COUNTS": _COUNTED_FOR.replace("PHOTO", "old"),
    }
    text = _SCHEMA
    for name, part in parts.items():
        text = text.replace(name, part)
    return text


def created(path: Path) -> sqlite3.Connection:
    """Return a connection to a new, empty file at `path`, in the place of whatever was there."""
    path.unlink(missing_ok=True)
    connection = writable(path)
    connection.executescript(_schema())
    return connection


def writable(path: Path) -> sqlite3.Connection:
    """Return a connection that changes the file at `path`, which nobody else has open.

    It is a copy: one that a crash leaves half-written is fetched anew.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(
        "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536"
    )
    return connection


def readable(path: Path) -> sqlite3.Connection:
    """Return a connection that reads the file at `path`, which nobody changes, from any thread."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True, check_same_thread=False)
    connection.executescript("PRAGMA mmap_size = 1073741824; PRAGMA query_only = ON")
    return connection


def generation(connection: sqlite3.Connection) -> int:
    """Return how often changes were applied to the file."""
    (value,) = connection.execute("SELECT value FROM meta WHERE name = 'generation'").fetchone()
    return int(value)
