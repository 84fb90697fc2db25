"""What is listed of the library, and to whom."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from safelight.index import lists, schema
from safelight.index.changes import apply, succeed, touched_since, unreadable_records
from safelight.index.lists import Filter
from safelight.keys import public_id
from safelight.listing import listed
from safelight.scope import Scope
from unit.index_records import memory, person, photo

EVERYTHING = Filter()
TWIZEL = {
    "place": {"locality": "Twizel", "region": "Canterbury", "country": "New Zealand", "country_code": "NZ"}
}


@pytest.fixture
def index(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = schema.created(tmp_path / "index.sqlite")
    yield connection
    connection.close()


def put(index: sqlite3.Connection, *records: dict[str, Any]) -> dict[str, str]:
    return apply(index, {record["id"]: record for record in records})


def keys(page: lists.Photos) -> list[str]:
    return [f"{each.album}/{each.filename}" for each in page.photos]


def every(index: sqlite3.Connection, which: Filter = EVERYTHING, scope: Scope | None = None) -> list[str]:
    """Return the keys of all photos, which are in one page, and backwards among those that are exported."""
    found = keys(lists.photos(index, which, scope, None, 200))
    if which.q is None:
        assert lists.keys(index, which, scope) == found[::-1]
    return found


def test_a_photo_is_listed_as_its_record_lists_it(index: sqlite3.Connection) -> None:
    record = photo("Sea/Öland/a.jpg")
    put(index, record)
    (found,) = lists.photos(index, Filter(), None, None, 10).photos
    assert found == listed(record)  # type: ignore[arg-type]
    assert found.id == public_id("Sea/Öland/a.jpg")
    assert [image.url for image in found.images] == [
        "/renditions/Sea/%C3%96land/a.jpg/v/small.jpg",
        "/renditions/Sea/%C3%96land/a.jpg/v/large.jpg",
    ]


def test_renditions_of_other_folders_keep_their_urls(index: sqlite3.Connection) -> None:
    record = photo("Sea/a.jpg")
    for name in ("large", "small"):
        record["renditions"][name]["key"] = f"renditions/{name}/a-v.jpg"
    put(index, record)
    (found,) = lists.photos(index, Filter(), None, None, 10).photos
    assert found == listed(record)  # type: ignore[arg-type]


def test_the_newest_is_first_and_what_has_no_date_last(index: sqlite3.Connection) -> None:
    put(
        index,
        photo("a/1.jpg", "2023-12-31T23:59:59"),
        photo("a/2.jpg", None),
        photo("a/3.jpg", "2024-06-01T10:00:00"),
        photo("a/4.jpg", "2024-06-30T10:00:00"),
    )
    assert every(index) == ["a/4.jpg", "a/3.jpg", "a/1.jpg", "a/2.jpg"]
    assert lists.timeline(index, Filter(), None) == lists.Timeline(
        4, [lists.Month("2024-06", 2), lists.Month("2023-12", 1), lists.Month("undated", 1)]
    )
    assert every(index, Filter(month="2024-06")) == ["a/4.jpg", "a/3.jpg"]
    assert every(index, Filter(month="undated")) == ["a/2.jpg"]


def test_pages_go_through_all_photos_once_though_many_are_of_one_second(index: sqlite3.Connection) -> None:
    names = [f"a/{number:03}.jpg" for number in range(25)]
    put(
        index,
        *(photo(name, "2024-06-01T10:00:00" if number % 5 else None) for number, name in enumerate(names)),
    )
    seen, cursor = [], None
    for _ in range(9):
        page = lists.photos(index, Filter(), None, cursor, 3)
        seen += keys(page)
        cursor = page.next
    assert cursor is None
    assert sorted(seen) == names
    assert seen == every(index)


def test_no_page_is_above_200(index: sqlite3.Connection) -> None:
    put(index, *(photo(f"a/{number}.jpg") for number in range(203)))
    page = lists.photos(index, Filter(), None, None, 10_000)
    assert len(page.photos) == 200
    assert len(lists.photos(index, Filter(), None, page.next, 10_000).photos) == 3
    assert len(lists.photos(index, Filter(), None, None, -5).photos) == 1


@pytest.mark.parametrize("cursor", ["x", "WyJhIl0", "eyJhIjoxfQ", "WzFd", "%", "W251bGwsbnVsbF0"])
def test_another_cursor_is_refused(index: sqlite3.Connection, cursor: str) -> None:
    put(index, photo("a/1.jpg"))
    with pytest.raises(ValueError):
        lists.photos(index, Filter(), None, cursor, 3)
    with pytest.raises(ValueError):
        lists.albums(index, None, cursor, 3)


def test_what_may_not_be_served_is_not_listed(index: sqlite3.Connection) -> None:
    put(
        index,
        photo(
            "a/held.jpg", status="HELD", renditions=None, held_renditions=["renditions/a/held.jpg/v/l.jpg"]
        ),
        photo("a/new.jpg", status="PROCESSING", renditions=None, processed_at=None),
        photo("a/again.jpg", status="PROCESSING", processed_at=None),
        photo("a/bad.jpg", status="REJECTED", renditions=None),
    )
    assert every(index) == ["a/again.jpg"], "it is seen as before while it is processed again"
    assert every(index, Filter(q="jpg")) == ["a/again.jpg"]
    assert [each.count for each in lists.albums(index, None, None, 10)[0]] == [1]
    assert lists.statuses(index) == {"HELD": 1, "PROCESSING": 2, "REJECTED": 1}


def test_an_album_has_its_sub_albums_and_no_neighbours(index: sqlite3.Connection) -> None:
    put(
        index,
        *(
            photo(key)
            for key in ("Sea/1.jpg", "Sea/Öland/2.jpg", "Sea side/3.jpg", "Sea-2/4.jpg", "Se/5.jpg")
        ),
    )
    assert sorted(every(index, Filter(album="Sea"))) == ["Sea/1.jpg", "Sea/Öland/2.jpg"]
    assert every(index, Filter(album="Sea/O\N{COMBINING DIAERESIS}land")) == ["Sea/Öland/2.jpg"]
    assert lists.timeline(index, Filter(album="Sea"), None).total == 2


def test_albums_come_with_their_newest_photo_and_their_dates(index: sqlite3.Connection) -> None:
    put(
        index,
        photo("Sea/1.jpg", "2023-01-01T00:00:00"),
        photo("Sea/2.jpg", "2024-01-01T00:00:00"),
        photo("Sea/3.jpg", None),
        photo("Hills/1.jpg", "2025-01-01T00:00:00"),
        photo("Scans/1.jpg", None),
    )
    found, following = lists.albums(index, None, None, 10)
    assert following is None
    assert [(it.name, it.count, it.cover and it.cover.filename, it.starts, it.ends) for it in found] == [
        ("Hills", 1, "1.jpg", "2025-01-01T00:00:00", "2025-01-01T00:00:00"),
        ("Sea", 3, "2.jpg", "2023-01-01T00:00:00", "2024-01-01T00:00:00"),
        ("Scans", 1, "1.jpg", None, None),
    ]
    names, cursor = [], None
    for _ in range(3):
        (album,), cursor = lists.albums(index, None, cursor, 1)
        names.append(album.name)
    assert (names, cursor) == (["Hills", "Sea", "Scans"], None)


def test_a_guest_sees_the_scope_alone(index: sqlite3.Connection) -> None:
    put(index, *(photo(key) for key in ("Sea/1.jpg", "Sea/Öland/2.jpg", "Hills/3.jpg")))
    album, some = Scope(album="Sea"), Scope(keys=frozenset({"Hills/3.jpg", "Gone/9.jpg"}))
    for scope, seen in ((album, ["Sea/1.jpg", "Sea/Öland/2.jpg"]), (some, ["Hills/3.jpg"]), (Scope(), [])):
        assert sorted(every(index, scope=scope)) == seen
        assert sorted(every(index, Filter(q="jpg"), scope)) == seen
        assert lists.timeline(index, Filter(), scope).total == len(seen)
        assert sum(each.count for each in lists.albums(index, scope, None, 10)[0]) == len(seen)
    assert every(index, Filter(album="Hills"), album) == []


def test_a_guest_is_not_told_who_and_where_that_is(index: sqlite3.Connection) -> None:
    put(
        index,
        person("p1", "Anna", "Sea/1.jpg"),
        memory("m1", "event", ("2024-06-01T10:00:00", "2024-06-01T10:00:00"), "Sea/1.jpg"),
        photo("Sea/1.jpg", people=["p1"], memory_id="m1", metadata={**TWIZEL, "title": "Anna's lake"}),
        photo("Sea/2.jpg", people=["p1"], metadata=TWIZEL),
    )
    scope = Scope(album="Sea")
    place = lists.places(index, None, 10)[0][0].id
    for which in (Filter(person="p1"), Filter(place=place), Filter(memory="m1"), Filter(q="Twizel")):
        assert every(index, which)
        assert every(index, which, scope) == []
    assert every(index, Filter(q="anna")) == ["Sea/1.jpg", "Sea/2.jpg"]
    assert every(index, Filter(q="anna"), scope) == ["Sea/1.jpg"], "the title says so, which guests may read"


def test_people_come_with_their_face_and_those_with_a_name_first(index: sqlite3.Connection) -> None:
    put(
        index,
        person("p1", None, "a/1.jpg"),
        person("p2", "Bo", "a/2.jpg"),
        person("p3", "Cy", "a/gone.jpg"),
        person("p4", "Nobody here", "a/1.jpg"),
        photo("a/1.jpg", people=["p1", "p2"]),
        photo("a/2.jpg", people=["p1", "p2", "p3"]),
        photo("a/3.jpg", people=["p1"]),
    )
    found, _ = lists.people(index, None, 10)
    assert [(it.id, it.name, it.count) for it in found] == [("p2", "Bo", 2), ("p3", "Cy", 1), ("p1", None, 3)]
    assert found[0].cover
    assert found[0].cover.photo.filename == "2.jpg"
    assert found[0].cover.box == {"left": 0.1, "top": 0.2, "width": 0.3, "height": 0.4}
    assert found[1].cover is None
    assert every(index, Filter(person="p2")) == ["a/2.jpg", "a/1.jpg"]


def test_people_who_were_merged_or_forgotten_are_nobody(index: sqlite3.Connection) -> None:
    put(
        index,
        photo("a/1.jpg", people=["p1", "p2"]),
        person("p1", "Anna", "a/1.jpg"),
        person("p2", "Bo", "a/1.jpg"),
    )
    put(index, person("p1", None, "a/1.jpg") | {"merged_into": "p9"})
    put(index, person("p2", None, "a/1.jpg") | {"forgetting": True})
    assert lists.people(index, None, 10) == ([], None)
    assert every(index, Filter(q="anna")) == []
    assert every(index, Filter(q="bo")) == []


def test_memories_of_each_kind_have_their_photos(index: sqlite3.Connection) -> None:
    put(
        index,
        memory("e", "event", ("2024-06-01T10:00:00", "2024-06-01T11:00:00"), "a/1.jpg"),
        memory("t", "trip", ("2024-06-01T10:00:00", "2024-06-02T10:00:00"), "a/2.jpg"),
        memory(
            "d",
            "on this day",
            ("2023-06-01T10:00:00", "2024-06-01T10:00:00"),
            "a/1.jpg",
            days=["2023-06-01", "2024-06-01"],
        ),
        photo("a/0.jpg", "2023-06-01T10:00:00"),
        photo("a/1.jpg", "2024-06-01T10:00:00", memory_id="e"),
        photo("a/2.jpg", "2024-06-02T10:00:00"),
        photo("b/3.jpg", "2024-06-01T10:30:00"),
    )
    assert every(index, Filter(memory="e")) == ["a/1.jpg"]
    assert every(index, Filter(memory="t")) == ["a/2.jpg", "a/1.jpg"]
    assert every(index, Filter(memory="d")) == ["a/1.jpg", "a/0.jpg"]
    assert every(index, Filter(memory="gone")) == []
    page, cursor = lists.memories(index, None, 2)
    assert [(it.id, it.cover and it.cover.filename) for it in page] == [("t", "2.jpg"), ("e", "1.jpg")]
    assert [it.id for it in lists.memories(index, cursor, 2)[0]] == ["d"]
    apply(index, {"memory/t": None})
    assert [it.id for it in lists.memories(index, None, 9)[0]] == ["e", "d"]


def test_places_are_where_their_newest_photo_is(index: sqlite3.Connection) -> None:
    at = {**TWIZEL, "gps": {"latitude": -44.2, "longitude": 170.1}}
    newer = {**TWIZEL, "gps": {"latitude": -44.3, "longitude": 170.2}}
    region = {"place": {"region": "Canterbury", "country": "New Zealand", "country_code": "NZ"}}
    put(
        index,
        photo("a/2.jpg", "2024-06-02T10:00:00", metadata=newer),
        photo("a/1.jpg", "2024-06-01T10:00:00", metadata=at),
        photo("a/3.jpg", metadata=region),
        photo("a/4.jpg"),
    )
    found, _ = lists.places(index, None, 10)
    assert [(it.name, it.region, it.country, it.count, it.latitude, it.longitude) for it in found] == [
        ("Twizel", "Canterbury", "New Zealand", 2, -44.3, 170.2),
        ("Canterbury", None, "New Zealand", 1, None, None),
    ]
    assert every(index, Filter(place=found[0].id)) == ["a/2.jpg", "a/1.jpg"]
    put(index, photo("a/3.jpg"))
    assert [it.name for it in lists.places(index, None, 10)[0]] == ["Twizel"]


def test_photos_of_a_status_come_latest_first(index: sqlite3.Connection) -> None:
    put(
        index,
        photo("a/1.jpg"),
        *(
            photo(
                f"a/{day}.jpg", status="REJECTED", renditions=None, processed_at=f"2026-01-0{day}T00:00:00Z"
            )
            for day in (2, 4, 3)
        ),
        photo(
            "a/failed.jpg",
            status="FAILED",
            processed_at=None,
            failure={
                "error": "E",
                "cause": "c",
                "step": "s",
                "execution_arn": "x",
                "at": "2026-01-02T00:00:00Z",
            },
        ),
    )
    assert lists.statuses(index) == {"ACTIVE": 1, "FAILED": 1, "REJECTED": 3}
    first, cursor = lists.keys_of_status(index, "REJECTED", None, 2)
    assert first == ["a/4.jpg", "a/3.jpg"]
    assert lists.keys_of_status(index, "REJECTED", cursor, 2) == (["a/2.jpg"], None)
    assert lists.keys_of_status(index, "FAILED", None, 2) == (["a/failed.jpg"], None)


def test_a_photo_that_changes_or_goes_leaves_nothing_behind(index: sqlite3.Connection) -> None:
    put(index, person("p1", "Anna", "a/1.jpg"))
    put(index, photo("a/1.jpg", people=["p1"], metadata={**TWIZEL, "title": "Before"}))
    put(index, photo("a/1.jpg", "2020-01-01T00:00:00", metadata={"title": "After"}))
    assert (
        every(index, Filter(q="before"))
        == every(index, Filter(q="anna"))
        == every(index, Filter(q="twizel"))
        == []
    )
    assert every(index, Filter(q="after 2020")) == ["a/1.jpg"]
    assert lists.places(index, None, 10) == lists.people(index, None, 10) == ([], None)
    for gone in (
        None,
        {"id": "photo/a/1.jpg", "status": "REMOVED", "key": "a/1.jpg", "album": "a", "filename": "1.jpg"},
    ):
        put(index, photo("a/1.jpg"))
        assert every(index) == ["a/1.jpg"]
        apply(index, {"photo/a/1.jpg": gone})
        assert every(index) == every(index, Filter(q="jpg")) == []
        assert lists.statuses(index) == {}


CHANGES = [
    ("a/1.jpg", {"metadata": TWIZEL, "people": ["p1", "p2"]}),
    ("a/2.jpg", {"metadata": TWIZEL}),
    ("b/3.jpg", {"taken_at": None}),
    ("a/1.jpg", {"taken_at": "2020-01-01T00:00:00", "people": ["p2"]}),
    ("a/2.jpg", {"status": "REJECTED"}),
    ("b/3.jpg", {"status": "HELD"}),
    ("a/2.jpg", {"people": ["p1"]}),
    ("a/1.jpg", {"status": "REMOVED"}),
]


def test_what_is_counted_as_photos_come_and_go_is_what_is_there(index: sqlite3.Connection) -> None:
    counted_anew = """
        SELECT 'status', status, count(*) FROM photo GROUP BY status
        UNION ALL SELECT 'month', substr(taken, 1, 7), count(*) FROM photo WHERE shown GROUP BY 2
        UNION ALL SELECT 'album', album, count(*) FROM photo WHERE shown GROUP BY 2
        UNION ALL SELECT 'place', place, count(*) FROM photo WHERE shown AND place IS NOT NULL GROUP BY 2
        UNION ALL SELECT 'person', person, count(*) FROM face GROUP BY 2
    """
    for key, change in CHANGES:
        put(index, photo(key, **change))
        counted = index.execute("SELECT kind, name, count FROM tally").fetchall()
        assert sorted(counted) == sorted(index.execute(counted_anew).fetchall()), (key, change)


def test_the_same_may_be_applied_again(index: sqlite3.Connection) -> None:
    records = (photo("a/1.jpg", people=["p1"], metadata=TWIZEL), person("p1", "Anna", "a/1.jpg"))
    for _ in range(3):
        put(index, *records)
        apply(index, {"photo/never.jpg": None, "person/never": None, "memory/never": None})
    assert every(index, Filter(q="anna twizel")) == ["a/1.jpg"]
    assert lists.timeline(index, Filter(q="anna"), None).total == 1


def test_a_record_that_cannot_be_read_stops_nobody(index: sqlite3.Connection) -> None:
    put(index, photo("a/1.jpg"), photo("a/2.jpg"))
    broken = {name: value for name, value in photo("a/1.jpg").items() if name != "album"}
    why = put(
        index, broken, photo("a/2.jpg", "2020-01-01T00:00:00"), photo("a/3.jpg", tags={"labels": ["Sea"]})
    )
    assert set(why) == {"photo/a/1.jpg", "photo/a/3.jpg"}
    assert why["photo/a/1.jpg"] == "KeyError: 'album'"
    assert unreadable_records(index) == why
    assert every(index) == ["a/1.jpg", "a/2.jpg"], "the one is as it was, the other as it is now"
    assert every(index, Filter(q="2020")) == ["a/2.jpg"]
    assert put(index, photo("a/1.jpg"), photo("a/3.jpg")) == unreadable_records(index) == {}
    assert put(index, photo("a/1.jpg") | {"id": "photo/a/other.jpg"}) != {}


def test_other_records_are_none_of_its_business(index: sqlite3.Connection) -> None:
    assert apply(index, {"day/2024-06-01/a": {"id": "day/2024-06-01/a"}, "secret/versions": None}) == {}
    assert touched_since(index, 0) == []


def test_it_knows_what_was_touched_since(index: sqlite3.Connection) -> None:
    put(index, photo("a/1.jpg"), photo("a/2.jpg"))
    before = schema.generation(index)
    put(index, photo("a/2.jpg"))
    apply(index, {"memory/m": None})
    assert touched_since(index, before) == ["memory/m", "photo/a/2.jpg"]
    succeed(index, 100)
    assert schema.generation(index) == 101
    succeed(index, 3)
    assert schema.generation(index) == 101
