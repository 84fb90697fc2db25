"""Titles: what a person would write on the back of a photo."""

from datetime import date, datetime

import pytest

from memories.titles import anniversary_title, name_of, title_of

LISBON, PORTO, SINTRA = (
    ("Lisbon", "Lisboa", "Portugal"),
    ("Porto", "Porto", "Portugal"),
    ("Sintra", "Lisboa", "Portugal"),
)
KYOTO, SYDNEY = ("Kyoto", "Kyoto", "Japan"), ("Sydney", "New South Wales", "Australia")


@pytest.mark.parametrize(
    ("start", "end", "title"),
    [
        ("2024-05-03T09:00", "2024-05-03T18:00", "3 May 2024"),
        ("2024-05-03T06:00", "2024-05-03T11:59", "Morning of 3 May 2024"),
        ("2024-05-03T12:00", "2024-05-03T16:00", "Afternoon of 3 May 2024"),
        ("2024-05-03T19:00", "2024-05-04T02:00", "Evening of 3 May 2024"),
        ("2024-05-03T11:00", "2024-05-04T02:00", "3 May 2024"),
        ("2019-01-01T00:15", "2019-01-01T00:15", "1 January 2019"),
        ("2024-05-03T12:00", "2024-05-05T06:00", "3\u20135 May 2024"),
        ("2024-05-04T12:00", "2024-05-05T16:00", "Weekend of 4\u20135 May 2024"),
        ("2024-04-30T12:00", "2024-05-02T12:00", "30 April \u2013 2 May 2024"),
        ("2023-12-30T12:00", "2024-01-02T12:00", "30 December 2023 \u2013 2 January 2024"),
    ],
)
def test_titles_without_a_place(start: str, end: str, title: str) -> None:
    assert title_of(datetime.fromisoformat(start), datetime.fromisoformat(end), []) == title


@pytest.mark.parametrize(
    ("start", "end", "title"),
    [
        ("2024-05-03T12:00", "2024-05-03T16:00", "Afternoon in Lisbon, 3 May 2024"),
        ("2024-05-03T09:00", "2024-05-03T18:00", "Lisbon, 3 May 2024"),
        ("2024-05-02T09:00", "2024-05-03T18:00", "Two days in Lisbon, May 2024"),
        ("2024-05-04T09:00", "2024-05-05T18:00", "Weekend in Lisbon, 4\u20135 May 2024"),
        ("2024-04-28T09:00", "2024-05-05T18:00", "Eight days in Lisbon, April\u2013May 2024"),
        ("2023-12-28T09:00", "2024-01-10T18:00", "14 days in Lisbon, December 2023 \u2013 January 2024"),
    ],
)
def test_titles_with_a_place(start: str, end: str, title: str) -> None:
    assert title_of(datetime.fromisoformat(start), datetime.fromisoformat(end), [LISBON]) == title


def test_a_trip_without_a_place() -> None:
    start, end = datetime(2024, 5, 3, 12), datetime(2024, 5, 7, 12)
    assert title_of(start, end, [], trip=True) == "Trip of five days, May 2024"


@pytest.mark.parametrize(
    ("places", "name"),
    [
        ([], ""),
        ([LISBON, LISBON, PORTO], "Lisbon"),
        ([LISBON, PORTO, LISBON, PORTO], "Lisbon and Porto"),
        ([LISBON, SINTRA, ("Cascais", "Lisboa", "Portugal"), ("Oeiras", "Lisboa", "Portugal")], "Lisboa"),
        ([LISBON, PORTO, ("Faro", "Faro", "Portugal"), ("Braga", "Braga", "Portugal")], "Portugal"),
        (
            [KYOTO, ("Osaka", "Osaka", "Japan"), SYDNEY, ("Perth", "Western Australia", "Australia")],
            "Australia and Japan",
        ),
        ([("", "", "Portugal")], "Portugal"),
    ],
)
def test_the_smallest_place_that_most_photos_have_in_common(
    places: list[tuple[str, str, str]], name: str
) -> None:
    assert name_of(places) == name


def test_anniversaries() -> None:
    today = date(2026, 5, 3)
    assert (
        anniversary_title(today, [2025], "Afternoon in Lisbon") == "One year ago today: Afternoon in Lisbon"
    )
    assert anniversary_title(today, [2019], "Lisbon") == "Seven years ago today: Lisbon"
    assert anniversary_title(today, [2023, 2019, 2024], "x") == "3 May in 2019, 2023 and 2024"
