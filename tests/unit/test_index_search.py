"""What a search finds, in which order, and what is suggested."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from safelight.index import lists, schema
from safelight.index.changes import apply
from safelight.index.colors import NAMED, color_name
from safelight.index.dates import MONTH_NAMES, marks_of, whole_dates
from safelight.index.lists import Filter
from safelight.index.search import MOST_SUGGESTIONS, expression, suggestions
from safelight.index.words import distance, folded, mistakes_allowed, tokens
from safelight.scope import Scope
from unit.index_records import labels, person, photo

LISBON = {"place": {"locality": "Lisbon", "district": "Alfama", "country": "Portugal", "country_code": "PT"}}

PHOTOS: list[dict[str, Any]] = [
    photo("Portugal/1.jpg", "2024-06-01T10:00:00", metadata=LISBON, tags=labels("Tram", "Building")),
    photo("Portugal/2.jpg", "2023-06-02T10:00:00", metadata=LISBON, people=["anna"], tags=labels("Beach")),
    photo(
        "Summer/DSC_0021.JPG",
        "2024-07-21T10:00:00",
        people=["anna"],
        tags=labels("Golden Retriever", parents=("Dog", "Animal")),
        metadata={"camera": {"make": "NIKON CORPORATION", "model": "NIKON D750"}},
    ),
    photo("Summer/sea.jpg", "2024-07-22T10:00:00", people=["bo"], tags=labels("Beach", "Sea")),
    photo(
        "Scans/receipt.jpg",
        "1985-06-01T00:00:00",
        metadata={"taken_at_precision": "month"},
        tags=labels("Document") | {"text": ["Café Central", "TOTAL 12,50 €"]},
    ),
    photo("Scans/rose.jpg", None, facts={"dominant_color": "#c01020"}, metadata={"title": "A flower"}),
    photo("Łódź/straße.jpg", "2022-02-02T10:00:00", metadata={"keywords": ["Übernachtung", "東京タワー"]}),
    photo("Beach house/plan.jpg", "2021-01-01T10:00:00"),
]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = schema.created(tmp_path / "index.sqlite")
    people = [person("anna", "Anna Schmidt", "Portugal/2.jpg"), person("bo", "Bo", "Summer/sea.jpg")]
    assert apply(connection, {record["id"]: record for record in [*PHOTOS, *people]}) == {}
    yield connection
    connection.close()


def found(index: sqlite3.Connection, q: str) -> list[str]:
    return [each.filename for each in lists.photos(index, Filter(q=q), None, None, 200).photos]


@pytest.mark.parametrize(
    ("q", "wanted"),
    [
        ("anna", {"DSC_0021.JPG", "2.jpg"}),
        ("anna beach", {"2.jpg"}),
        ("Beach Anna", {"2.jpg"}),
        ("ann", {"DSC_0021.JPG", "2.jpg"}),
        ("schmidt dog", {"DSC_0021.JPG"}),
        ("photos of anna at the beach", {"2.jpg"}),
        ("lisbon 2024", {"1.jpg"}),
        ("alfama", {"1.jpg", "2.jpg"}),
        ("portugal", {"1.jpg", "2.jpg"}),
        ("2024", {"1.jpg", "DSC_0021.JPG", "sea.jpg"}),
        ("june 2024", {"1.jpg"}),
        ("2024 june", {"1.jpg"}),
        ("June", {"1.jpg", "2.jpg", "receipt.jpg"}),
        ("juin 2024", {"1.jpg"}),
        ("1 june", {"1.jpg"}),
        ("June 1st", {"1.jpg"}),
        ("june 1, 2024", {"1.jpg"}),
        ("2024-06-01", {"1.jpg"}),
        ("2024-6-1", {"1.jpg"}),
        ("2024/06/01", {"1.jpg"}),
        ("1.6.2024", {"1.jpg"}),
        ("2024-06", {"1.jpg"}),
        ("1985-06", {"receipt.jpg"}),
        ("1985-06-01", set()),
        ("2024-06-02", set()),
        ("2024-13", set()),
        ("receipt", {"receipt.jpg"}),
        ("cafe central", {"receipt.jpg"}),
        ("TOTAL 12,50", {"receipt.jpg"}),
        ("dog", {"DSC_0021.JPG"}),
        ("golden retr", {"DSC_0021.JPG"}),
        ("DSC_0021", {"DSC_0021.JPG"}),
        ("dsc 0021 jpg", {"DSC_0021.JPG"}),
        ("nikon d750", {"DSC_0021.JPG"}),
        ("red", {"rose.jpg"}),
        ("rot flower", {"rose.jpg"}),
        ("summer", {"DSC_0021.JPG", "sea.jpg"}),
        ("lodz strasse", {"straße.jpg"}),
        ("ŁÓDŹ Straße", {"straße.jpg"}),
        ("ubernachtung", {"straße.jpg"}),
        ("東京", {"straße.jpg"}),
        ("京東", set()),
        ("タワー", {"straße.jpg"}),
        ("lisbno", {"1.jpg", "2.jpg"}),
        ("ilsbon", {"1.jpg", "2.jpg"}),
        ("lisboon 2024", {"1.jpg"}),
        ("goldne retreiver", {"DSC_0021.JPG"}),
        ("xyzzy", set()),
        ("anna xyzzy", set()),
        ('"anna', {"DSC_0021.JPG", "2.jpg"}),
        ("anna* OR NOT (bo", set()),
        ("NEAR", set()),
        ("!?", set()),
    ],
)
def test_a_search_finds(index: sqlite3.Connection, q: str, wanted: set[str]) -> None:
    assert set(found(index, q)) == wanted
    assert lists.timeline(index, Filter(q=q), None).total == len(wanted)


def test_an_empty_search_is_none(index: sqlite3.Connection) -> None:
    assert len(found(index, " ")) == len(PHOTOS)


def test_what_a_photo_shows_comes_before_where_it_lies(index: sqlite3.Connection) -> None:
    apply(
        index,
        {
            "photo/x/beach.jpg": photo("x/beach.jpg"),
            "photo/x/1.jpg": photo("x/1.jpg", metadata={"title": "Beach"}),
        },
    )
    assert found(index, "beach")[0] == "1.jpg"
    assert found(index, "beach")[-1] == "beach.jpg"


def test_of_what_fits_as_well_the_newest_is_first(index: sqlite3.Connection) -> None:
    assert found(index, "2024") == ["sea.jpg", "DSC_0021.JPG", "1.jpg"]
    assert found(index, "summer july") == ["sea.jpg", "DSC_0021.JPG"]


def test_a_search_is_paged_through(index: sqlite3.Connection) -> None:
    seen, cursor = [], None
    for _ in range(3):
        page = lists.photos(index, Filter(q="2024"), None, cursor, 1)
        seen += [each.filename for each in page.photos]
        cursor = page.next
    assert (seen, cursor) == (["sea.jpg", "DSC_0021.JPG", "1.jpg"], None)
    assert lists.photos(index, Filter(q="2024"), None, "WzEwMDAwXQ", 1) == lists.Photos([], None)
    for wrong in ("Wy0xXQ", "WyJhIiwiYiJd"):
        with pytest.raises(ValueError):
            lists.photos(index, Filter(q="2024"), None, wrong, 1)


def test_where_very_many_fit_the_newest_are_first(
    index: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found(index, "beach")[0] == "plan.jpg", "whose album has little else"
    monkeypatch.setattr(lists, "_RANKED", 2)
    seen, cursor = [], None
    for _ in range(3):
        page = lists.photos(index, Filter(q="beach"), None, cursor, 1)
        seen += [each.filename for each in page.photos]
        cursor = page.next
    assert (seen, cursor) == (["sea.jpg", "2.jpg", "plan.jpg"], None)
    assert lists.timeline(index, Filter(q="beach"), None).total == 3
    assert lists.timeline(index, Filter(q="beach", person="p"), Scope(album="Summer")).total == 0
    assert lists.timeline(index, Filter(q="beach", memory="gone"), None).total == 0
    assert lists.timeline(index, Filter(q="beach"), Scope(album="Summer")).total == 1
    assert [
        it.filename for it in lists.photos(index, Filter(q="jpg", album="Portugal"), None, None, 9).photos
    ] == [
        "1.jpg",
        "2.jpg",
    ]


def test_a_search_goes_with_the_other_filters(index: sqlite3.Connection) -> None:
    (only,) = lists.photos(index, Filter(q="anna", album="Portugal"), None, None, 9).photos
    assert only.filename == "2.jpg"
    assert (
        lists.photos(index, Filter(q="anna", month="2024-07"), None, None, 9).photos[0].filename
        == "DSC_0021.JPG"
    )


def test_who_gets_a_name_is_found_by_it_and_by_the_former_no_more(index: sqlite3.Connection) -> None:
    apply(index, {"person/anna": person("anna", "Änne", "Portugal/2.jpg")})
    assert set(found(index, "anne")) == {"DSC_0021.JPG", "2.jpg"}
    assert found(index, "schmidt") == []
    apply(index, {"person/anna": None})
    assert found(index, "anne") == []
    assert found(index, "beach 2023") == ["2.jpg"], "the other words stay"


@pytest.mark.parametrize(
    ("typed", "kind", "text", "query"),
    [
        ("an", "person", "Anna Schmidt", "Anna Schmidt"),
        ("schm", "person", "Anna Schmidt", "Anna Schmidt"),
        ("lis", "place", "Lisbon", "Lisbon"),
        ("portu", "place", "Portugal", "Portugal"),
        ("summ", "album", "Summer", "Summer"),
        ("lodz", "album", "Łódź", "Łódź"),
        ("gold", "label", "Golden Retriever", "Golden Retriever"),
        ("retr", "label", "Golden Retriever", "Golden Retriever"),
        ("d750", "camera", "NIKON D750", "NIKON D750"),
        ("jun", "date", "June 2024", "June 2024"),
        ("20", "date", "2024", "2024"),
        ("anna bea", "label", "Beach", "anna Beach"),
        ("lisbon 20", "date", "2024", "lisbon 2024"),
    ],
)
def test_what_may_be_meant_is_suggested(
    index: sqlite3.Connection, typed: str, kind: str, text: str, query: str
) -> None:
    (it,) = [each for each in suggestions(index, typed) if (each.kind, each.text) == (kind, text)]
    assert it.query == query
    assert it.count == len(found(index, query)) > 0


def test_nothing_is_suggested_that_finds_nothing(index: sqlite3.Connection) -> None:
    assert suggestions(index, "lisbon re") == []
    assert suggestions(index, "") == suggestions(index, "%") == suggestions(index, "xyzzy") == []
    assert 0 < len(suggestions(index, "b")) <= MOST_SUGGESTIONS


def test_long_searches_are_bounded(index: sqlite3.Connection) -> None:
    wanted = expression(index, "anna " * 1000, all_columns=True)
    assert wanted
    assert len(wanted) < 1000


def test_words_are_folded_as_people_type_them() -> None:
    assert folded("Ærø Łódź Straße ÎLE") == "aero lodz strasse ile"
    assert tokens("IMG_0021.JPG, l'été") == ["img", "0021", "jpg", "l", "ete"]
    assert tokens("東京 Tower") == ["東", "京", "tower"]


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("lisbon", "lisbon", 0),
        ("lisbno", "lisbon", 1),
        ("lisbn", "lisbon", 1),
        ("kitten", "sitting", 3),
        ("", "abc", 3),
    ],
)
def test_the_distance_of_two_words(one: str, other: str, apart: int) -> None:
    assert distance(one, other, 3) == distance(other, one, 3) == apart
    assert distance(one, other, 0) == (0 if apart == 0 else 1)


def test_short_words_and_numbers_are_never_mistyped() -> None:
    assert [mistakes_allowed(word) for word in ("sea", "beach", "retriever", "2024", "d750")] == [
        0,
        1,
        2,
        0,
        0,
    ]


def test_dates_have_the_marks_that_are_known_of_them() -> None:
    assert marks_of("2024-06-01T10:00:00", None) == ["y2024", "m06", "d0601"]
    assert marks_of("2024-06-01T00:00:00", "day") == ["y2024", "m06", "d0601"]
    assert marks_of("2024-06-01T00:00:00", "month") == ["y2024", "m06"]
    assert marks_of("2024-01-01T00:00:00", "year") == ["y2024"]
    assert len(MONTH_NAMES) == 12
    assert whole_dates("on 2024-06-31 and 2024-06-32") == ([("y2024", "d0631")], "on   and 2024-06-32")


@pytest.mark.parametrize(
    ("hexadecimal", "name"),
    [
        *(("#ff0000", "red"), ("#c01020", "red"), ("#ff8000", "orange"), ("#ffe000", "yellow")),
        *(("#209030", "green"), ("#00c0c0", "turquoise"), ("#1040c0", "blue"), ("#6080b0", "blue")),
        *(("#8030c0", "purple"), ("#f080b0", "pink"), ("#553523", "brown"), ("#8b5a2b", "brown")),
        *(("#808080", "grey"), ("#202020", "black"), ("#050505", "black"), ("#fafafa", "white")),
    ],
)
def test_colors_are_called_what_people_call_them(hexadecimal: str, name: str) -> None:
    assert color_name(hexadecimal) == name
    assert NAMED[name] == name


def test_every_color_has_a_name_that_is_looked_for() -> None:
    steps = [f"{value:02x}" for value in range(0, 256, 51)]
    called = {color_name(f"#{red}{green}{blue}") for red in steps for green in steps for blue in steps}
    assert called <= set(NAMED.values())
    assert all(folded(word) == word for word in NAMED)
