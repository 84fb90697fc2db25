"""What is listed: photos, months, albums, memories, people, places, and how photos fare. Pure.

Every answer but that of `keys` is bounded, and holds photos that may be served alone. `scope` is what the one
who asks may see, None for all of it. A cursor says where a page ended; who gets one gives it back as it is.
"""

import base64
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from safelight.index.entries import photo_from
from safelight.index.schema import COLUMNS
from safelight.index.search import expression
from safelight.keys import composed
from safelight.listing import Photo
from safelight.scope import Scope

MOST = 200
"""The longest page."""

UNDATED = "undated"
"""The month of photos without a date."""

_RANK = f"bm25(search, {', '.join(map(str, COLUMNS.values()))})"
_HITS = f"SELECT rowid AS hit, {_RANK} AS rank FROM search WHERE search MATCH ?"  # noqa: S608 (no input)
_NOTHING = '""'
"""The query of FTS5 that nothing meets."""

_HALVES = (
    "photo AS still JOIN photo AS film ON film.live = still.live AND film.album = still.album AND film.half "
    "WHERE still.live IS NOT NULL AND film.live IS NOT NULL AND NOT still.moves"
)
"""The Live Photos: a `still`, and a `film` that is its moving half."""

_TRIP, _ANNIVERSARY = "trip", "on this day"
_AMONG = "+doc IN (SELECT rowid FROM search WHERE search MATCH ?)"
"""Goes through photos in their order until enough are among the hits; without + SQLite would sort them."""

_RANKED = 4_000
"""Where more photos fit, the newest are first: none is better by much, and to rank them takes long."""


@dataclass(frozen=True)
class Filter:
    """Which photos: of a `month` ("2024-06", "undated"), an album with its sub-albums, and so on.

    `person`, `memory` and `place` are ids; `q` is what somebody typed. All that is given must hold.
    """

    month: str | None = None
    album: str | None = None
    person: str | None = None
    memory: str | None = None
    place: str | None = None
    q: str | None = None


@dataclass(frozen=True)
class Month:
    """How many photos a month has."""

    month: str
    count: int


@dataclass(frozen=True)
class Timeline:
    """How many photos there are, and in which months, the newest first."""

    total: int
    months: list[Month]


@dataclass(frozen=True)
class Photos:
    """A page of photos, and the cursor of the next one."""

    photos: list[Photo]
    next: str | None


@dataclass(frozen=True)
class Album:
    """An album by itself, without its sub-albums: the newest photo, and when the photos were taken."""

    name: str
    count: int
    cover: Photo | None
    starts: str | None
    ends: str | None


@dataclass(frozen=True)
class Memory:
    """A memory; `starts` and `ends` are the wall clock of its first and last photo."""

    id: str
    kind: str
    title: str
    subtitle: str
    count: int
    starts: str
    ends: str
    cover: Photo | None


@dataclass(frozen=True)
class Portrait:
    """A face that stands for somebody: `box` in fractions of the photo's width and height."""

    photo: Photo
    box: dict[str, float]


@dataclass(frozen=True)
class Person:
    """Somebody, and on how many photos."""

    id: str
    name: str | None
    count: int
    cover: Portrait | None


@dataclass(frozen=True)
class Place:
    """A town, and where in it the newest photo was taken, in degrees."""

    id: str
    name: str
    region: str | None
    country: str | None
    count: int
    latitude: float | None
    longitude: float | None


def timeline(connection: sqlite3.Connection, which: Filter, scope: Scope | None) -> Timeline:
    """Return how many photos each month has."""
    if which == Filter() and scope is None:
        query, values = "SELECT name, count FROM tally WHERE kind = 'month' ORDER BY name DESC", ()
    else:
        chosen = _chosen(connection, which, scope)
        query = (
            f"SELECT substr(taken, 1, 7) AS month, count(*) FROM {chosen.tables} WHERE {chosen.condition} "  # noqa: S608
            "GROUP BY month ORDER BY month DESC"
        )
        values = chosen.values
    rows = connection.execute(query, values)
    months = [Month(month or UNDATED, count) for month, count in rows]
    return Timeline(sum(each.count for each in months), months)


def photos(
    connection: sqlite3.Connection, which: Filter, scope: Scope | None, cursor: str | None, limit: int
) -> Photos:
    """Return a page of photos: the newest first, and those without a date last; by `q` the best first.

    Raises:
        ValueError: the cursor is none of a page of photos.
    """
    chosen = _chosen(connection, which, scope)
    found = f"SELECT doc, key, album, status, taken FROM {chosen.tables} WHERE {chosen.condition}"  # noqa: S608
    if chosen.is_ranked:
        query = f"{found} ORDER BY rank, taken DESC, key DESC"
        rows, following = _counted_page(connection, query, chosen.values, cursor, limit)
    else:
        after, position = _after(cursor, "taken, key")
        query = f"{found} AND {after} ORDER BY taken DESC, key DESC"
        rows, is_more = _page(connection, query, (*chosen.values, *position), limit)
        following = _cursor(rows[-1][4], rows[-1][1]) if is_more else None
    return Photos(_listed(connection, [row[:4] for row in rows]), following)


def keys(connection: sqlite3.Connection, which: Filter, scope: Scope | None) -> list[str]:
    """Return the keys of all photos that `which` says, the oldest first, and those without a date first."""
    chosen = _chosen(connection, which, scope)
    rows = connection.execute(
        f"SELECT key FROM {chosen.tables} WHERE {chosen.condition} ORDER BY taken, key",  # noqa: S608
        chosen.values,
    )
    return [key for (key,) in rows]


def with_halves(connection: sqlite3.Connection, keys: Sequence[str]) -> list[str]:
    """Return the keys of photos, and behind each still of a Live Photo those of its films."""
    films: dict[str, list[str]] = {}
    for still, film in connection.execute(
        f"SELECT still.key, film.key FROM {_HALVES} "  # noqa: S608 (no input)
        "AND still.key IN (SELECT value FROM json_each(?)) ORDER BY film.key",
        (json.dumps(keys),),
    ):
        films.setdefault(still, []).append(film)
    return list(dict.fromkeys(each for key in keys for each in (key, *films.get(key, ()))))


def albums(
    connection: sqlite3.Connection, scope: Scope | None, cursor: str | None, limit: int
) -> tuple[list[Album], str | None]:
    """Return a page of albums, that with the newest photo first, and the cursor of the next.

    Raises:
        ValueError: the cursor is none of a page of albums.
    """
    condition, values = _within(scope)
    after, position = _after(cursor, "ends, album")
    counted, of = "SELECT name AS album, count FROM tally WHERE kind = 'album'", "1"
    if scope is not None:
        counted = f"SELECT album, count(*) AS count FROM photo WHERE shown AND {condition} GROUP BY album"  # noqa: S608
        of = condition
    taken = f"SELECT taken FROM photo WHERE shown AND album = counted.album AND {of}"  # noqa: S608
    query = (
        "SELECT * FROM (SELECT album, count, "  # noqa: S608
        f"({taken} AND taken > '' ORDER BY taken LIMIT 1), ({taken} ORDER BY taken DESC LIMIT 1) AS ends "
        f"FROM ({counted}) AS counted) WHERE {after} ORDER BY ends DESC, album DESC"
    )
    rows, is_more = _page(connection, query, (*values * 3, *position), limit)
    return [
        Album(name, count, _newest(connection, name, scope), starts, ends or None)
        for name, count, starts, ends in rows
    ], _cursor(rows[-1][3], rows[-1][0]) if is_more else None


def _newest(connection: sqlite3.Connection, album: str, scope: Scope | None) -> Photo | None:
    condition, values = _within(scope)
    rows = connection.execute(
        f"SELECT doc, key, album, status FROM photo WHERE shown AND album = ? AND {condition} "  # noqa: S608
        "ORDER BY taken DESC, key DESC LIMIT 1",
        (album, *values),
    )
    return next(iter(_listed(connection, rows.fetchall())), None)


def memories(
    connection: sqlite3.Connection, cursor: str | None, limit: int, id_: str | None = None
) -> tuple[list[Memory], str | None]:
    """Return a page of memories, the newest first, and the cursor of the next; or the one with an id.

    Raises:
        ValueError: the cursor is none of a page of memories.
    """
    after, position = _after(cursor, "starts, id")
    only, named = _only(id_)
    query = (
        f"SELECT id, kind, title, album, count, starts, ends, cover FROM memory WHERE {after} AND {only} "  # noqa: S608
        "ORDER BY starts DESC, id DESC"
    )
    rows, is_more = _page(connection, query, (*position, *named), limit)
    following = _cursor(rows[-1][5], rows[-1][0]) if is_more else None
    return [
        Memory(memory_id, kind, title, album, count, starts, ends, photo_at(connection, cover))
        for memory_id, kind, title, album, count, starts, ends, cover in rows
    ], following


def people(
    connection: sqlite3.Connection, cursor: str | None, limit: int, id_: str | None = None
) -> tuple[list[Person], str | None]:
    """Return a page of people, and the cursor of the next; or the one with an id.

    Those with a name are first, and of these those on most photos.

    Raises:
        ValueError: the cursor is none of a page of people.
    """
    only, named = _only(id_)
    query = (
        "SELECT id, person.name, count, cover, box FROM person "  # noqa: S608
        f"JOIN tally ON tally.kind = 'person' AND tally.name = id WHERE {only} "
        "ORDER BY person.name IS NULL, count DESC, id"
    )
    rows, following = _counted_page(connection, query, named, cursor, limit)
    return [
        Person(id_, name, count, Portrait(photo, json.loads(box)) if photo else None)
        for id_, name, count, cover, box in rows
        for photo in [photo_at(connection, cover) if cover else None]
    ], following


def places(
    connection: sqlite3.Connection, cursor: str | None, limit: int, id_: str | None = None
) -> tuple[list[Place], str | None]:
    """Return a page of places, that with most photos first, and the next cursor; or the one with an id.

    Raises:
        ValueError: the cursor is none of a page of places.
    """
    only, named = _only(id_)
    query = (
        "SELECT id, place.name, region, country, count FROM place "  # noqa: S608
        f"JOIN tally ON tally.kind = 'place' AND tally.name = id WHERE {only} "
        "ORDER BY count DESC, id"
    )
    rows, following = _counted_page(connection, query, named, cursor, limit)
    newest = (
        "SELECT latitude, longitude FROM photo WHERE shown AND place IS NOT NULL AND place = ? "
        "ORDER BY taken DESC, key DESC LIMIT 1"
    )
    return [Place(*row, *connection.execute(newest, (row[0],)).fetchone()) for row in rows], following


def of_live_photo(connection: sqlite3.Connection, key: str) -> list[str]:
    """Return the keys of all halves of the Live Photo that the photo at `key` is a half of."""
    rows = connection.execute(
        "SELECT other.key FROM photo AS one JOIN photo AS other USING (album, live) "
        "WHERE one.live IS NOT NULL AND other.live IS NOT NULL AND one.key = ? ORDER BY other.key",
        (key,),
    )
    return [each for (each,) in rows]


def statuses(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how many photos have which status."""
    return dict(connection.execute("SELECT name, count FROM tally WHERE kind = 'status'"))


def keys_of_status(
    connection: sqlite3.Connection, status: str, cursor: str | None, limit: int
) -> tuple[list[str], str | None]:
    """Return the keys of photos of a status but ACTIVE, the latest first, and the cursor of the next page.

    Raises:
        ValueError: the cursor is none of a page of keys.
    """
    after, position = _after(cursor, "at, key")
    query = (
        f"SELECT at, key FROM photo WHERE status <> 'ACTIVE' AND status = ? AND {after} "  # noqa: S608
        "ORDER BY at DESC, key DESC"
    )
    rows, is_more = _page(connection, query, (status, *position), limit)
    return [key for _, key in rows], _cursor(*rows[-1]) if is_more else None


def _page(
    connection: sqlite3.Connection, query: str, values: Sequence[Any], limit: int, start: int = 0
) -> tuple[list[Any], bool]:
    """Return at most `limit` rows of a query, from the row `start` on, and whether there are more."""
    size = max(1, min(limit, MOST))
    rows = connection.execute(f"{query} LIMIT ? OFFSET ?", (*values, size + 1, start)).fetchall()
    return rows[:size], len(rows) > size


def _counted_page(
    connection: sqlite3.Connection, query: str, values: Sequence[Any], cursor: str | None, limit: int
) -> tuple[list[Any], str | None]:
    """Return a page of a query whose cursor counts rows, as what sorts them changes, and the next cursor."""
    (start,) = _position(cursor, (int,)) if cursor else (0,)
    if start < 0:
        raise ValueError("no page begins there")
    rows, is_more = _page(connection, query, values, limit, start)
    return rows, _cursor(start + len(rows)) if is_more else None


def _after(cursor: str | None, columns: str) -> tuple[str, Sequence[Any]]:
    """Return the condition of what comes after a cursor, in descending order of two columns; its values."""
    return (f"({columns}) < (?, ?)", _position(cursor, (str, str))) if cursor else ("1", ())


def _only(id_: str | None) -> tuple[str, Sequence[Any]]:
    return ("id = ?", (id_,)) if id_ is not None else ("1", ())


@dataclass(frozen=True)
class _Chosen:
    """Where photos come from, and the condition that they meet; `is_ranked` where some fit better."""

    tables: str
    condition: str
    values: tuple[Any, ...]
    is_ranked: bool


def _chosen(connection: sqlite3.Connection, which: Filter, scope: Scope | None) -> _Chosen:
    condition, values = _within(scope)
    conditions, tables, is_ranked = ["shown", condition], "photo", False
    if which.month is not None:
        month = "" if which.month == UNDATED else which.month
        conditions.append("taken >= ? AND taken < ?" if month else "taken = ''")
        values += [month, f"{month}~"] if month else []
    if which.album is not None:
        condition, of_album = _within(Scope(album=composed(which.album)))
        conditions.append(condition)
        values += of_album
    if scope is not None and (which.person or which.memory or which.place):
        conditions.append("0")  # who was shown photos was not told whom they show, and where
    if which.person is not None:
        conditions.append("doc IN (SELECT doc FROM face WHERE person = ?)")
        values.append(which.person)
    if which.place is not None:
        conditions.append("place IS NOT NULL AND place = ?")
        values.append(which.place)
    if which.memory is not None:
        condition, of_memory = _of_memory(connection, which.memory)
        conditions.append(condition)
        values += of_memory
    if which.q is not None and which.q.strip():
        wanted = expression(connection, which.q, all_columns=scope is None) or _NOTHING
        (hits,) = connection.execute("SELECT count(*) FROM search WHERE search MATCH ?", (wanted,)).fetchone()
        if hits <= _RANKED:
            tables, is_ranked = f"({_HITS}) JOIN photo ON photo.doc = hit", True
            values.insert(0, wanted)
        else:
            tables = "photo INDEXED BY photo_by_time"
            conditions.append(_AMONG)
            values.append(wanted)
    if not is_ranked and "0" in conditions:
        tables = "photo"  # of nothing SQLite wants no index
    elif not is_ranked and _is_small(connection, which, scope):
        tables = "photo INDEXED BY photo_by_album"  # else SQLite goes through all photos in their order
    return _Chosen(tables, " AND ".join(conditions), tuple(values), is_ranked)


def _is_small(connection: sqlite3.Connection, which: Filter, scope: Scope | None) -> bool:
    """Tell whether an album is asked for that is sorted faster than it is found among all photos."""
    album = composed(which.album) if which.album is not None else scope.album if scope else None
    if album is None:
        return False
    condition, values = _within(Scope(album=album))
    (count,) = connection.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM photo WHERE shown AND {condition} LIMIT ?)",  # noqa: S608
        (*values, _RANKED),
    ).fetchone()
    return int(count) < _RANKED


def _within(scope: Scope | None) -> tuple[str, list[Any]]:
    if scope is None:
        return "1", []
    if scope.album is None:
        return "key IN (SELECT value FROM json_each(?))", [json.dumps(sorted(scope.keys))]
    album, below, after = scope.album, f"{scope.album}/", f"{scope.album}0"  # "0" follows "/" in ASCII
    return "(album >= ? AND album < ? AND (album = ? OR album > ?))", [album, after, album, below]


def _of_memory(connection: sqlite3.Connection, memory_id: str) -> tuple[str, list[Any]]:
    row = connection.execute(
        "SELECT kind, album, starts, ends, days FROM memory WHERE id = ?", (memory_id,)
    ).fetchone()
    if row is None:
        return "0", []
    kind, album, starts, ends, days = row
    if kind == _TRIP:
        return "album = ? AND taken BETWEEN ? AND ?", [album, starts, ends]
    if kind == _ANNIVERSARY:
        return "album = ? AND substr(taken, 1, 10) IN (SELECT value FROM json_each(?))", [album, days]
    return "memory IS NOT NULL AND memory = ?", [memory_id]


def photo_at(connection: sqlite3.Connection, key: str) -> Photo | None:
    """Return the photo at `key`, if it is shown."""
    rows = connection.execute("SELECT doc, key, album, status FROM photo WHERE shown AND key = ?", (key,))
    return next(iter(_listed(connection, rows.fetchall())), None)


def _listed(connection: sqlite3.Connection, rows: Sequence[tuple[Any, ...]]) -> list[Photo]:
    """Return the photos of rows that begin with doc, key, album and status; a still moves by its film."""
    docs = [row[0] for row in rows]
    films = {
        still: (doc, key)
        for still, doc, key in connection.execute(
            f"SELECT still.doc, film.doc, min(film.key) FROM {_HALVES} "  # noqa: S608 (no input)
            "AND still.doc IN (SELECT value FROM json_each(?)) GROUP BY still.doc",
            (json.dumps(docs),),
        )
    }
    contents = dict(
        connection.execute(
            "SELECT doc, content FROM listing WHERE doc IN (SELECT value FROM json_each(?))",
            (json.dumps([*docs, *(doc for doc, _ in films.values())]),),
        )
    )
    listed = []
    for doc, key, album, status, *_ in rows:
        photo = photo_from(key, album, status, contents[doc])
        if doc in films:
            film_doc, film_key = films[doc]
            film = photo_from(film_key, album, status, contents[film_doc])
            photo = replace(photo, film=photo.film or film.film, moving=film.id)
        listed.append(photo)
    return listed


def _cursor(*position: str | int) -> str:
    text = json.dumps(position, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _position(cursor: str, types: tuple[type, ...]) -> list[Any]:
    """Return where the page ended that `cursor` came with.

    Raises:
        ValueError: it is no cursor of such a page.
    """
    position = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    if not isinstance(position, list) or [type(each) for each in position] != list(types):
        raise ValueError("it is another list's cursor")
    return position
