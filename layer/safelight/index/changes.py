"""Brings the file in line with changed records. Pure: a connection and records in.

Whoever applies a record has read it after the last one that the file knows: so an older state never takes the
place of a newer one, and the same may be applied any number of times.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import astuple, replace
from typing import NamedTuple, cast

from safelight.index.entries import (
    Found,
    camera_name,
    content_of,
    found_by,
    label_names,
    memory_row,
    packed,
    person_row,
    place_row,
    unpacked,
    words_of,
)
from safelight.index.schema import COLUMNS, generation
from safelight.index.words import mistakes_allowed, tokens
from safelight.people.records import name_of
from safelight.record import PhotoRecord
from safelight.transactions import Record

KINDS = ("person", "photo", "memory")
"""The records that the file follows, by what their ids start with; names come before whom they name."""

_KEPT_GENERATIONS = 5000
"""So many applications the file knows of what they touched: more than pass while a new file is made."""

_COLUMNS = ", ".join(COLUMNS)
_VALUES = ", ".join("?" * len(COLUMNS))
_INSERT_WORDS = f"INSERT INTO search (rowid, {_COLUMNS}) VALUES (?, {_VALUES})"  # noqa: S608 (no input)
_DELETE_WORDS = f"INSERT INTO search (search, rowid, {_COLUMNS}) VALUES ('delete', ?, {_VALUES})"  # noqa: S608


def is_followed(id_: str) -> bool:
    """Tell whether the file follows the record with this id."""
    return id_.partition("/")[0] in KINDS


def apply(connection: sqlite3.Connection, records: Mapping[str, Record | None]) -> dict[str, str]:
    """Bring the file in line with `records` by their ids, None for one that is gone; all of it, or nothing.

    Returns what could not be read of them, with the reason: such a record leaves the file as it was, which
    remembers it as unreadable, and whoever comes after it is applied.
    """
    unreadable: dict[str, str] = {}
    connection.execute("BEGIN")
    try:
        connection.execute("UPDATE meta SET value = value + 1 WHERE name = 'generation'")
        now = generation(connection)
        for id_ in sorted(filter(is_followed, records), key=lambda it: KINDS.index(it.partition("/")[0])):
            why = _applied(connection, id_, records[id_])
            connection.execute("REPLACE INTO touched VALUES (?, ?)", (id_, now))
            connection.execute("DELETE FROM unreadable WHERE id = ?", (id_,))
            connection.execute("DELETE FROM again WHERE id = ?", (id_,))
            if why:
                unreadable[id_] = why
                connection.execute("INSERT INTO unreadable VALUES (?, ?)", (id_, why))
        connection.execute("DELETE FROM touched WHERE generation <= ?", (now - _KEPT_GENERATIONS,))
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return unreadable


def to_apply_again(connection: sqlite3.Connection) -> list[str]:
    """Return the ids of films whose stills have come or gone: they are to be applied as they are now."""
    return [id_ for (id_,) in connection.execute("SELECT id FROM again")]


def touched_since(connection: sqlite3.Connection, since: int) -> list[str]:
    """Return the ids of what was applied after generation `since`."""
    rows = connection.execute("SELECT id FROM touched WHERE generation > ?", (since,))
    return [id_ for (id_,) in rows]


def succeed(connection: sqlite3.Connection, predecessor: int) -> None:
    """Let the file, which was made anew, come after one of the generation `predecessor`."""
    connection.execute("UPDATE meta SET value = max(value, ?) WHERE name = 'generation'", (predecessor + 1,))


def unreadable_records(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the ids of the records that could not be read, with the reason of each."""
    return dict(connection.execute("SELECT id, why FROM unreadable"))


def _applied(connection: sqlite3.Connection, id_: str, record: Record | None) -> str | None:
    kind, _, name = id_.partition("/")
    connection.execute("SAVEPOINT one")
    try:
        if kind == "photo":
            _apply_photo(connection, name, cast(PhotoRecord | None, record))
        elif kind == "person":
            _apply_person(connection, name, record)
        else:
            connection.execute("DELETE FROM memory WHERE id = ?", (name,))
            if record is not None:
                row = memory_row(record)
                connection.execute("INSERT INTO memory VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    except (LookupError, TypeError, ValueError, AttributeError, sqlite3.IntegrityError) as error:
        connection.execute("ROLLBACK TO one")
        return f"{type(error).__name__}: {error}"
    finally:
        connection.execute("RELEASE one")
    return None


def _apply_photo(connection: sqlite3.Connection, key: str, record: PhotoRecord | None) -> None:
    row = connection.execute(
        "SELECT doc, place, album, live, shown, moves FROM photo WHERE key = ?", (key,)
    ).fetchone()
    doc, before, *was = row or (None, None, None, None, False, False)
    found = None
    if doc is not None:
        _drop_words(connection, doc)
        connection.execute("DELETE FROM listing WHERE doc = ?", (doc,))
        connection.execute("DELETE FROM face WHERE doc = ?", (doc,))
        connection.execute("DELETE FROM photo WHERE doc = ?", (doc,))  # a REPLACE would not be counted
    if record is not None and record["status"] != "REMOVED":
        found = found_by(record)
        if found.key != key:
            raise ValueError(f"the record of {key} is of {found.key}")
        half = found.shown and found.moves and _has_still(connection, found)
        found = replace(found, shown=found.shown and not half, half=half)
        places = "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
        written = connection.execute(
            f"INSERT INTO photo VALUES ({places}) RETURNING doc",  # noqa: S608 (no input)
            (doc, *astuple(found)),
        )
        ((doc,),) = written.fetchall()
        if found.shown:
            _show(connection, doc, record)
        elif found.half:  # its still plays it
            connection.execute("INSERT INTO listing VALUES (?, ?)", (doc, content_of(record)))
    if before:
        _forget_place(connection, before)
    _follow_still(connection, _Still(*was), _Still.of(found))


class _Still(NamedTuple):
    """The still of a Live Photo, by which its films are shown or not."""

    album: str | None = None
    live: str | None = None
    shown: bool = False
    moves: bool = False

    @classmethod
    def of(cls, found: Found | None) -> "_Still":
        return cls(found.album, found.live, found.shown, found.moves) if found else cls()


def _has_still(connection: sqlite3.Connection, film: Found) -> bool:
    stills = "SELECT 1 FROM photo WHERE live IS NOT NULL AND album = ? AND live = ? AND shown AND NOT moves"
    return connection.execute(f"{stills} LIMIT 1", (film.album, film.live)).fetchone() is not None


def _follow_still(connection: sqlite3.Connection, was: _Still, now: _Still) -> None:
    """Note the films of a still that has come, gone, or become another's."""
    if was == now:
        return
    for still in {was, now}:
        if still.live and still.shown and not still.moves:
            connection.execute(
                "INSERT OR IGNORE INTO again SELECT 'photo/' || key FROM photo "
                "WHERE live IS NOT NULL AND album = ? AND live = ? AND moves",
                (still.album, still.live),
            )


def _show(connection: sqlite3.Connection, doc: int, record: PhotoRecord) -> None:
    metadata = record.get("metadata", {})
    people = record.get("people", [])
    connection.execute("INSERT INTO listing VALUES (?, ?)", (doc, content_of(record)))
    connection.executemany("INSERT OR IGNORE INTO face VALUES (?, ?)", [(person, doc) for person in people])
    _put_words(connection, doc, words_of(record, _names(connection, people)))
    if (place := metadata.get("place")) and (row := place_row(place))[0]:
        connection.execute("REPLACE INTO place VALUES (?, ?, ?, ?, ?)", row)
    camera = camera_name(metadata)
    named = [("label", name) for name in label_names(record)] + ([("camera", camera)] if camera else [])
    connection.executemany(
        "INSERT OR IGNORE INTO named VALUES (?, ?, ?)",
        [(kind, name, " ".join(tokens(name))) for kind, name in named],
    )


def _forget_place(connection: sqlite3.Connection, place: str) -> None:
    used = "SELECT 1 FROM tally WHERE kind = 'place' AND name = id"
    connection.execute(f"DELETE FROM place WHERE id = ? AND NOT EXISTS ({used})", (place,))  # noqa: S608 (no input)


def _apply_person(connection: sqlite3.Connection, person_id: str, record: Record | None) -> None:
    row = connection.execute("SELECT name FROM person WHERE id = ?", (person_id,)).fetchone()
    before = row[0] if row else None
    connection.execute("DELETE FROM person WHERE id = ?", (person_id,))
    name = None
    if record is not None and not record.get("merged_into") and not record.get("forgetting"):
        name = name_of(record)
        row = person_row(record["person_id"], name, record.get("cover"))
        connection.execute("INSERT INTO person VALUES (?, ?, ?, ?, ?)", row)
    if name != before:
        _rename(connection, person_id)


def _rename(connection: sqlite3.Connection, person_id: str) -> None:
    """Write the names of everybody on the photos of a person, of whom one has changed."""
    docs = connection.execute("SELECT doc FROM face WHERE person = ?", (person_id,)).fetchall()
    for (doc,) in docs:
        people = [each for (each,) in connection.execute("SELECT person FROM face WHERE doc = ?", (doc,))]
        words = _drop_words(connection, doc)
        words[0] = " ".join(word for name in _names(connection, people) for word in tokens(name))
        _put_words(connection, doc, words)


def _names(connection: sqlite3.Connection, people: Iterable[str]) -> list[str]:
    rows = (
        connection.execute("SELECT name FROM person WHERE id = ?", (each,)).fetchone()
        for each in sorted(people)
    )
    return [row[0] for row in rows if row and row[0]]


def _put_words(connection: sqlite3.Connection, doc: int, words: list[str]) -> None:
    connection.execute(_INSERT_WORDS, (doc, *words))
    connection.execute("INSERT INTO word VALUES (?, ?)", (doc, packed(words)))
    terms = {term for column in words for term in column.split() if mistakes_allowed(term)}
    connection.executemany("INSERT OR IGNORE INTO term VALUES (?)", [(term,) for term in terms])


def _drop_words(connection: sqlite3.Connection, doc: int) -> list[str]:
    row = connection.execute("DELETE FROM word WHERE doc = ? RETURNING content", (doc,)).fetchone()
    if row is None:
        return [""] * len(COLUMNS)
    words = unpacked(row[0])
    connection.execute(_DELETE_WORDS, (doc, *words))
    return words
