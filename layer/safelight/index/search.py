"""What a search means, and what it may be going to mean. Pure.

Each word must stand somewhere with a photo, begin a word there, or say when it was taken or what colour it
has; a word that nothing has is taken for the nearest that something has.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Literal

from safelight.index.colors import NAMED
from safelight.index.dates import months_said, said, whole_dates
from safelight.index.entries import color_mark
from safelight.index.schema import COLUMNS, PRIVATE
from safelight.index.words import distance, folded, is_unspaced, mistakes_allowed, tokens

MOST_WORDS = 12
"""So many words of a search are heard."""

MOST_SUGGESTIONS = 12

_NEAREST = 6
"""So many words are tried in place of a mistyped one."""

_FILLERS = frozenset(
    {
        *("a", "an", "and", "at", "by", "from", "in", "of", "on", "the", "to", "with"),
        *("photo", "photos", "picture", "pictures"),
    }
)
"""Words that say nothing where others do."""

_EACH = """
    WITH RECURSIVE each (value) AS (
        SELECT min({column}) FROM photo WHERE shown AND {column} > ''
        UNION ALL
        SELECT (SELECT min({column}) FROM photo WHERE shown AND {column} > {after}) FROM each WHERE value > ''
    )
    SELECT value FROM each WHERE value > ''
"""
"""Each value once: SQLite goes from one to the next by the index, where DISTINCT would read all of it."""

_ALBUMS = _EACH.format(column="album", after="value")
_MONTHS = _EACH.format(column="taken", after="substr(value, 1, 7) || '~'")

_LAST = "\U0010ffff"
"""It comes after every letter."""

Kind = Literal["person", "place", "album", "label", "date", "camera"]


@dataclass(frozen=True)
class Suggestion:
    """What somebody may be typing: the photos that `query`, the whole search, finds are `count`."""

    kind: Kind
    text: str
    count: int
    query: str


def expression(connection: sqlite3.Connection, text: str, *, all_columns: bool) -> str | None:
    """Return the query of FTS5 that `text` means, or None where nothing can be found.

    all_columns: whether who asks may find photos by who and where they show.
    """
    dates, rest = whole_dates(folded(text))
    groups = [_all(map(_quoted, marks)) for marks in dates]
    words = _words(rest)
    for part in said(words[:MOST_WORDS]):
        group = [_all(map(_quoted, part.marks))] if part.marks else []
        literal = [_meant(connection, word, mistyped=not part.marks) for word in part.words]
        if all(literal):
            group.append(_all(filter(None, literal)))
        if not group:
            return None
        groups.append(_any(group))
    if not groups:
        return None
    wanted = _all(groups)
    if all_columns:
        return wanted
    return f"{{{' '.join(column for column in COLUMNS if column not in PRIVATE)}}} : {wanted}"


def suggestions(connection: sqlite3.Connection, text: str) -> list[Suggestion]:
    """Return what the end of `text` may be going to say: people, places, albums, dates, labels, cameras."""
    before, _, last = text.strip().rpartition(" ")
    started = [(text.strip(), "")] + ([(last, before)] if before else [])
    found: dict[tuple[Kind, str], str] = {}
    for typed, prefix in started:
        beginning = " ".join(tokens(typed))
        if beginning:
            for kind, name in _named(connection, beginning):
                found.setdefault((kind, name), f"{prefix} {name}".strip())
    counted = (
        Suggestion(kind, name, _count(connection, query), query) for (kind, name), query in found.items()
    )
    return list(islice((each for each in counted if each.count), MOST_SUGGESTIONS))


def _named(connection: sqlite3.Connection, beginning: str) -> Iterable[tuple[Kind, str]]:
    """Yield what has a word that starts with `beginning`: a few of each kind."""
    inner = f"% {beginning}%"
    ends = (beginning, beginning + _LAST)
    for (name,) in connection.execute(
        "SELECT name FROM person WHERE (folded >= ? AND folded < ?) OR folded LIKE ? ORDER BY name LIMIT 4",
        (*ends, inner),
    ):
        yield "person", name
    for (name,) in connection.execute(
        "SELECT DISTINCT name FROM place WHERE (folded >= ? AND folded < ?) OR folded LIKE ? "
        "ORDER BY length(name), name LIMIT 4",
        (*ends, inner),
    ):
        yield "place", name
    countries = _each(connection, "SELECT DISTINCT country FROM place WHERE country > '' ORDER BY country")
    for name in [name for name in countries if _starts(" ".join(tokens(name)), beginning)][:2]:
        yield "place", name
    for _, name in months_said(beginning, [month[:7] for month in _each(connection, _MONTHS)])[:3]:
        yield "date", name
    starting = [name for name in _each(connection, _ALBUMS) if _starts(" ".join(tokens(name)), beginning)]
    for name in sorted(starting, key=lambda it: (len(it), it))[:4]:
        yield "album", name
    for kind, name in connection.execute(
        "SELECT kind, name FROM named WHERE (folded >= ? AND folded < ?) OR folded LIKE ? "
        "ORDER BY kind DESC, length(name), name LIMIT 6",
        (*ends, inner),
    ):
        yield kind, name


def _each(connection: sqlite3.Connection, query: str) -> list[str]:
    return [value for (value,) in connection.execute(query)]


def _starts(words: str, beginning: str) -> bool:
    return words.startswith(beginning) or f" {beginning}" in words


def _count(connection: sqlite3.Connection, query: str) -> int:
    wanted = expression(connection, query, all_columns=True)
    if wanted is None:
        return 0
    (count,) = connection.execute("SELECT count(*) FROM search WHERE search MATCH ?", (wanted,)).fetchone()
    return int(count)


def _words(text: str) -> list[str]:
    """Return the words of a search; a run of characters without spaces between is one."""
    words: list[str] = []
    for chunk in text.split():
        for together, run in groupby(tokens(chunk), is_unspaced):
            found = list(run)
            words += [" ".join(found)] if together else found
    return [word for word in words if word not in _FILLERS] or words


def _meant(connection: sqlite3.Connection, word: str, *, mistyped: bool) -> str | None:
    """Return the query of one word, which may be `mistyped`; None where nothing has such a word."""
    meant = [_quoted(color_mark(NAMED[word]))] if word in NAMED else []
    if " " in word or len(word) == 1:
        meant.append(_quoted(word))
    elif _begins_something(connection, word):
        meant += [_quoted(word), f"{_quoted(word)}*"]
    elif mistyped and not meant:
        meant += map(_quoted, _nearest(connection, word))
    return _any(meant) if meant else None


def _begins_something(connection: sqlite3.Connection, word: str) -> bool:
    row = connection.execute(
        "SELECT 1 FROM vocabulary WHERE term >= ? AND term < ? LIMIT 1", (word, word + _LAST)
    ).fetchone()
    return row is not None


def _nearest(connection: sqlite3.Connection, word: str) -> list[str]:
    """Return the words that `word` may be mistyped from, the nearest first.

    They have its first letter, or begin with its second, as swapped or added letters do.
    """
    most = mistakes_allowed(word)
    if not most:
        return []
    near = []
    for letter in dict.fromkeys(word[:2]):
        rows = connection.execute(
            "SELECT term FROM term WHERE term >= ? AND term < ? AND length(term) BETWEEN ? AND ?",
            (letter, letter + _LAST, len(word) - most, len(word) + most),
        )
        for (term,) in rows:
            if (apart := distance(word, term, most)) <= most:
                near.append((apart, term))
    return [term for _, term in sorted(near)[:_NEAREST]]


def _quoted(term: str) -> str:
    return f'"{term}"'


def _all(queries: Iterable[str]) -> str:
    return f"({' AND '.join(queries)})"


def _any(queries: Iterable[str]) -> str:
    return f"({' OR '.join(queries)})"
