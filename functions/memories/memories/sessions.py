"""Sessions: what the photos of a day without a long pause are to grouping. Pure.

An album of 100,000 photos has some thousands of sessions, so that events, homes and trips are found in all
of an album at once. Nothing is lost by that: a pause or a jump that ends an event lies between two sessions,
never within one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from memories.summary import Summary, total
from memories.thresholds import JUMP_PAUSE
from safelight.geo import Position, centre_of
from safelight.transactions import Record


@dataclass(frozen=True)
class Session:
    """Photos of one day with no pause of `JUMP_PAUSE` among them.

    starts, ends: wall clock, ISO 8601. first, last: where the first and the last photo with a position were
    taken, and centre the middle of all of them. event, trip: the memories that it belongs to. stale: whether
    photos of it may still carry the id of another event. was: the event, trip and number of photos of each
    session that it came from, since its day was read anew.
    """

    starts: str
    ends: str
    count: int
    version: int
    first: Position | None = None
    last: Position | None = None
    centre: Position | None = None
    event: str | None = None
    trip: str | None = None
    stale: bool = False
    was: tuple[tuple[str | None, str | None, int], ...] = ()

    @property
    def day(self) -> str:
        """The calendar day, as in the ids of records."""
        return self.starts[:10]

    @cached_property
    def start(self) -> datetime:
        """When it starts."""
        return datetime.fromisoformat(self.starts)

    @cached_property
    def end(self) -> datetime:
        """When it ends."""
        return datetime.fromisoformat(self.ends)

    def holds(self, at: str) -> bool:
        """Tell whether a photo taken `at` is in it."""
        return self.starts <= at <= self.ends


def sessions_of(hours: Mapping[str, Summary], version: int) -> list[Session]:
    """Return the sessions of a day whose photos, by the hour, are summarised in `hours`."""
    groups: list[list[Summary]] = []
    for _, hour in sorted(hours.items()):
        if groups and _pause(groups[-1][-1].ends, hour.starts) < JUMP_PAUSE:
            groups[-1].append(hour)
        else:
            groups.append([hour])
    return [_session(total(group), version) for group in groups]


def _pause(earlier: str, later: str) -> timedelta:
    return datetime.fromisoformat(later) - datetime.fromisoformat(earlier)


def _session(summary: Summary, version: int) -> Session:
    return Session(
        starts=summary.starts,
        ends=summary.ends,
        count=summary.count,
        version=version,
        first=(summary.first[2], summary.first[3]) if summary.first else None,
        last=(summary.last[2], summary.last[3]) if summary.last else None,
        centre=centre_of(summary.vector) if summary.located else None,
    )


def inherit(fresh: Sequence[Session], old: Sequence[Session]) -> list[Session]:
    """Return `fresh` sessions of a day with what the day's `old` ones knew, where they overlap in time."""
    heirs = []
    for one in fresh:
        parents = [other for other in old if other.starts <= one.ends and other.ends >= one.starts]
        heirs.append(
            replace(
                one,
                stale=any(parent.stale for parent in parents),
                was=tuple((it.event, it.trip, min(it.count, one.count)) for it in parents),
            )
        )
    return heirs


def session_record(session: Session) -> Record:
    """Return `session` as plain values to store, without what is empty."""
    kept = ("starts", "ends", "count", "version", "first", "last", "centre", "event", "trip", "stale")
    return {name: value for name in kept if (value := getattr(session, name)) not in (None, False)}


def session_from(record: Record) -> Session:
    """Return the session that `session_record` stored."""
    fields: Record = {name: tuple(it) if isinstance(it, list) else it for name, it in record.items()}
    return Session(**fields)
