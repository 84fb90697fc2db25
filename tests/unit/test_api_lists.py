"""What the API lists and finds, to whom."""

import base64
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from api import reading
from safelight.errors import ServiceUnavailable
from safelight.keys import public_id
from unit.api_client import Client, Stack, deployed, guest_of
from unit.index_records import labels, memory, person, photo

PLACE = {"place": {"locality": "Twizel", "country": "New Zealand", "country_code": "NZ"}}
LIBRARY = [
    photo("Sea/1.jpg", "2024-06-01T10:00:00", people=["p1"], metadata=PLACE, tags=labels("Beach")),
    photo("Sea/Öland/2.jpg", "2023-06-01T10:00:00", tags=labels("Beach")),
    photo("Hills/3.jpg", None, memory_id="m1"),
    photo("Hills/held.jpg", status="HELD", renditions=None, held_renditions=["renditions/h/v/s.jpg"]),
    person("p1", "Anna", "Sea/1.jpg"),
    memory("m1", "event", ("2024-06-01T10:00:00", "2024-06-03T10:00:00"), "Hills/3.jpg"),
]
EMPTY = {"total": 0, "months": [], "photos": [], "next": None}


@dataclass(frozen=True)
class Asking:
    """The stack, and who asks."""

    stack: Stack
    owner: Client
    guest: Client


@pytest.fixture(scope="module")
def asking() -> Iterator[Asking]:
    with deployed(LIBRARY) as stack:
        owner = stack.owner()
        assert owner.ask("GET", "/api/timeline?first=9").json == EMPTY, "there is no index yet"
        stack.index()
        yield Asking(stack, owner, guest_of(owner, album="Sea"))


def names(answer: Any) -> list[str]:
    return [each["filename"] for each in answer.json["photos"]]


def test_the_timeline_and_its_photos(asking: Asking) -> None:
    assert asking.owner.ask("GET", "/api/timeline").json == {
        "total": 3,
        "months": [
            {"month": "2024-06", "count": 1},
            {"month": "2023-06", "count": 1},
            {"month": "undated", "count": 1},
        ],
        "photos": [],
        "next": None,
    }
    (found,) = asking.owner.ask("GET", "/api/photos?month=2024-06").json["photos"]
    assert found == {
        "id": public_id("Sea/1.jpg"),
        "album": "Sea",
        "filename": "1.jpg",
        "status": "ACTIVE",
        "taken_at": "2024-06-01T10:00:00",
        "width": 400,
        "height": 300,
        "thumbhash": "aGFzaA==",
        "color": "#808080",
        "moving": None,
        "images": [
            {
                "url": f"/renditions/Sea/1.jpg/v/{name}.jpg",
                "width": width,
                "height": width * 3 // 4,
                "media_type": "image/jpeg",
            }
            for name, width in (("small", 100), ("large", 400))
        ],
        "film": None,
    }
    assert names(asking.owner.ask("GET", "/api/photos?month=undated")) == ["3.jpg"]


def test_the_first_photos_come_along_with_the_timeline(asking: Asking) -> None:
    begun = asking.owner.ask("GET", "/api/timeline?first=2")
    assert (names(begun), begun.json["total"]) == (["1.jpg", "2.jpg"], 3)
    more = asking.owner.ask("GET", f"/api/photos?month=undated&cursor={begun.json['next']}")
    assert names(more) == ["3.jpg"]
    assert asking.owner.ask("GET", "/api/timeline?first=3").json["next"] is None
    assert asking.owner.ask("GET", "/api/timeline?first=201").status == 422
    assert names(asking.guest.ask("GET", "/api/timeline?first=9")) == ["1.jpg", "2.jpg"]


@pytest.mark.parametrize(("listed", "id_"), [("people", "p1"), ("places", "NZ//Twizel"), ("memories", "m1")])
def test_one_of_a_list_is_found_by_its_id(asking: Asking, listed: str, id_: str) -> None:
    (one,) = asking.owner.ask("GET", f"/api/{listed}?id={id_}").json[listed]
    assert one in asking.owner.ask("GET", f"/api/{listed}").json[listed]
    assert asking.owner.ask("GET", f"/api/{listed}?id=another").json == {listed: [], "next": None}


def test_answers_are_compressed_for_who_takes_them_so(asking: Asking) -> None:
    answer = asking.owner.ask("GET", "/api/timeline?first=3", headers={"accept-encoding": "gzip, br"})
    assert answer.headers["content-encoding"] == "gzip"
    plain = asking.owner.ask("GET", "/api/timeline?first=3")
    assert json.loads(gzip.decompress(base64.b64decode(answer.text))) == plain.json


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("album=Sea", ["1.jpg", "2.jpg"]),
        ("album=Sea/Öland", ["2.jpg"]),
        ("person=p1", ["1.jpg"]),
        ("memory=m1", ["3.jpg"]),
        ("place=NZ//Twizel", ["1.jpg"]),
        ("q=beach", ["1.jpg", "2.jpg"]),
        ("q=anna beach", ["1.jpg"]),
        ("q=&album=&month=", None),
        ("q=nothing", []),
    ],
)
def test_photos_are_filtered(asking: Asking, query: str, found: list[str] | None) -> None:
    answer = asking.owner.ask("GET", f"/api/photos?{query}")
    if found is None:
        assert answer.status == 422, "a month is a month"
    else:
        assert sorted(names(answer)) == found
        assert asking.owner.ask("GET", f"/api/timeline?{query}").json["total"] == len(found)


def test_pages_go_on_by_their_cursor(asking: Asking) -> None:
    first = asking.owner.ask("GET", "/api/photos?limit=2")
    second = asking.owner.ask("GET", f"/api/photos?limit=2&cursor={first.json['next']}")
    assert (names(first), names(second), second.json["next"]) == (["1.jpg", "2.jpg"], ["3.jpg"], None)
    for path in ("photos", "albums", "memories", "people", "places"):
        assert asking.owner.ask("GET", f"/api/{path}?cursor=x").status == 400
        assert asking.owner.ask("GET", f"/api/{path}?limit=201").status == 422
    for wrong in ("month=2024", "limit=0", "limit=many", f"q={'x' * 501}"):
        assert asking.owner.ask("GET", f"/api/photos?{wrong}").status == 422


def test_albums_memories_people_and_places(asking: Asking) -> None:
    albums = asking.owner.ask("GET", "/api/albums").json
    assert [
        (it["name"], it["count"], it["from"], it["to"], it["cover"]["filename"]) for it in albums["albums"]
    ] == [
        ("Sea", 1, "2024-06-01T10:00:00", "2024-06-01T10:00:00", "1.jpg"),
        ("Sea/Öland", 1, "2023-06-01T10:00:00", "2023-06-01T10:00:00", "2.jpg"),
        ("Hills", 1, None, None, "3.jpg"),
    ]
    (event,) = asking.owner.ask("GET", "/api/memories").json["memories"]
    assert event["cover"]["filename"] == "3.jpg"
    assert {name: event[name] for name in ("id", "kind", "title", "subtitle", "count", "from", "to")} == {
        "id": "m1",
        "kind": "event",
        "title": "Three days in Koror, August 2025",
        "subtitle": "Hills",
        "count": 2,
        "from": "2024-06-01T10:00:00",
        "to": "2024-06-03T10:00:00",
    }
    (anna,) = asking.owner.ask("GET", "/api/people").json["people"]
    assert (anna["id"], anna["name"], anna["count"]) == ("p1", "Anna", 1)
    assert anna["cover"]["photo"]["filename"] == "1.jpg"
    assert anna["cover"]["box"] == {"left": 0.1, "top": 0.2, "width": 0.3, "height": 0.4}
    assert asking.owner.ask("GET", "/api/places").json == {
        "places": [
            {
                "id": "NZ//Twizel",
                "name": "Twizel",
                "region": None,
                "country": "New Zealand",
                "count": 1,
                "latitude": None,
                "longitude": None,
            }
        ],
        "next": None,
    }
    assert asking.owner.ask("GET", "/api/search/suggestions?q=an").json == {
        "suggestions": [{"kind": "person", "text": "Anna", "count": 1, "query": "Anna"}]
    }


def test_a_guest_lists_and_finds_what_the_share_is_of(asking: Asking) -> None:
    assert names(asking.guest.ask("GET", "/api/photos")) == ["1.jpg", "2.jpg"]
    assert asking.guest.ask("GET", "/api/timeline").json["total"] == 2
    assert [it["name"] for it in asking.guest.ask("GET", "/api/albums").json["albums"]] == [
        "Sea",
        "Sea/Öland",
    ]
    assert names(asking.guest.ask("GET", "/api/photos?album=Hills")) == []
    assert sorted(names(asking.guest.ask("GET", "/api/photos?q=beach"))) == ["1.jpg", "2.jpg"]
    for hidden in ("q=anna", "q=twizel", "person=p1", "place=NZ//Twizel", "memory=m1"):
        assert names(asking.guest.ask("GET", f"/api/photos?{hidden}")) == []


def test_what_has_not_changed_is_not_sent_again(asking: Asking) -> None:
    etag = asking.owner.ask("GET", "/api/albums").headers["etag"]
    assert asking.owner.ask("GET", "/api/albums", headers={"if-none-match": etag}).status == 304


def test_a_new_index_is_read_within_a_moment(asking: Asking) -> None:
    asking.stack.put(photo("New/4.jpg", "2025-01-01T00:00:00"))
    asking.stack.index()
    assert names(asking.owner.ask("GET", "/api/photos?limit=1")) == ["4.jpg"]


def test_an_old_index_is_better_than_none(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        raise ServiceUnavailable("S3 is out of reach.")

    monkeypatch.setattr(reading, "fetch", busy)
    reading._copy()._asked_at = -reading.FRESH_SECONDS
    assert asking.owner.ask("GET", "/api/timeline").json["total"] >= 3
