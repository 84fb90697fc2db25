"""A Live Photo: a still and the film that moves it, two files of one album that tell one identifier. Pure.

Each half is a record of its own, written by nobody but the workflow of its own file, so that the halves come
and go in any order. Whoever shows a library shows the still alone, and it moves.
"""

from collections.abc import Iterable

from safelight.listing import is_served
from safelight.record import PhotoRecord


def live_id_of(record: PhotoRecord) -> str | None:
    """Return the identifier that the halves of a Live Photo both tell; None of what is no half of one."""
    return record.get("metadata", {}).get("live_photo_id") if "photo" in record else None


def moves(record: PhotoRecord) -> bool:
    """Tell whether a record is that of a film."""
    return "photo" in record and "film" in record["photo"]


def halves_of(leaving: Iterable[PhotoRecord], among: Iterable[PhotoRecord]) -> list[PhotoRecord]:
    """Return the films `among` records of albums that go with the stills that are `leaving` the library.

    One that moves another still, too, stays.
    """
    gone = {it["key"]: it for it in leaving}
    pairs = {pair for it in gone.values() if not moves(it) and (pair := _pair_of(it))}
    beside = [it for it in among if it["key"] not in gone]
    kept = {_pair_of(it) for it in beside if not moves(it) and is_served(it)}
    return [it for it in beside if moves(it) and _pair_of(it) in pairs - kept]


def without_halves(records: Iterable[PhotoRecord]) -> list[PhotoRecord]:
    """Return records of albums without the films whose stills are served among them."""
    among = list(records)
    stills = {pair for it in among if not moves(it) and is_served(it) and (pair := _pair_of(it))}
    return [it for it in among if not (moves(it) and _pair_of(it) in stills)]


def _pair_of(record: PhotoRecord) -> tuple[str, str] | None:
    live_id = live_id_of(record)
    return (record["album"], live_id) if live_id else None
