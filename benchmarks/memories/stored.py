"""Writes the records of a whole album at once, as its uploads would have left them."""

from collections.abc import Mapping

from memories.grouping import Album, memory_record, plan_of
from memories.sessions import sessions_of
from memories.summary import Entry, as_record, hours_of
from safelight.keys import album_record_id, day_record_id, member_record_id, page_record_id
from safelight.transactions import Record


def records_of(album: str, entries: Mapping[str, Entry]) -> dict[str, Record]:
    """Return the records of `album` by their ids, those of the photos themselves left out."""
    records: dict[str, Record] = {}
    days: dict[str, dict[str, Entry]] = {}
    for key, entry in entries.items():
        day = entry.at[:10]
        days.setdefault(day, {})[key] = entry
        page = records.setdefault(page_record_id(album, day, key), {"entries": {}})
        page["entries"][key] = as_record(entry)
        records[member_record_id(key)] = {"day": day, "version": 1, "left": []}
    sessions = []
    by_day: dict[str, Record] = {}
    for day, members in sorted(days.items()):
        hours = hours_of(members)
        sessions += sessions_of(hours, 1)
        by_day[day] = {"version": 1, "hours": {hour: as_record(it) for hour, it in hours.items()}}
        records[day_record_id(album, day)] = by_day[day]
    plan = plan_of(Album(album, 0, tuple(sessions)), Album(album, 0), most=len(entries))
    years = list(plan.years)
    records[album_record_id(album)] = {"version": 1, "years": years}
    records |= {record["id"]: record for record in plan.years.values()}
    for memory in plan.changed:
        record = memory_record(album, memory, by_day, 1)
        records[record["id"]] = record
    return {id_: record | {"id": id_} for id_, record in records.items()}
