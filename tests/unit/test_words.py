import pytest

from safelight_library import words


def test_a_photo_is_described_as_photographers_do() -> None:
    record = {
        "taken_at": "2024-05-03T09:05:00",
        "metadata": {
            "camera": {"make": "NIKON CORPORATION", "model": "NIKON D850"},
            "exposure": {"seconds": 0.004, "f_number": 8.0, "iso": 200, "focal_length_mm": 35},
            "gps": {"latitude": -33.8568, "longitude": 151.2153},
        },
        "tags": {
            "labels": [
                {"name": "Animal", "confidence": 99, "parents": []},
                {"name": "Dog", "confidence": 97, "parents": ["Animal"]},
                {"name": "Beach", "confidence": 80, "parents": []},
            ],
            "text": ["No dogs"],
        },
    }

    assert words.taken(record) == "3 May 2024, 09:05"
    assert words.place(record) == "33.86° S, 151.22° E"
    assert words.camera(record) == "NIKON D850"
    assert words.exposure(record) == "1/250 s · f/8 · ISO 200 · 35 mm"
    assert words.labels(record) == ["Dog", "Beach", "Animal"]
    assert words.text(record) == ["No dogs"]
    assert words.reason(record) == (None, None)


@pytest.mark.parametrize(("seconds", "expected"), [(0.5, "0.5 s"), (30, "30 s"), (1 / 8000, "1/8000 s")])
def test_long_exposures_are_told_in_seconds(seconds: float, expected: str) -> None:
    assert words.exposure({"metadata": {"exposure": {"seconds": seconds}}}) == expected


def test_a_maker_that_the_model_does_not_name_is_named() -> None:
    assert (
        words.camera({"metadata": {"camera": {"make": "Apple", "model": "iPhone 15"}}}) == "Apple iPhone 15"
    )


def test_what_is_unknown_is_left_out() -> None:
    record = {"taken_at": None, "metadata": {}}
    described = (words.taken, words.place, words.camera, words.exposure)
    assert [describe(record) for describe in described] == [None] * 4
    assert words.labels(record) == words.text(record) == []


def test_the_reason_of_a_failure_names_the_step_and_the_execution_to_redrive() -> None:
    failure = {"error": "AccessDenied", "step": "TagPhoto", "cause": "Denied.", "execution_arn": "arn:x"}
    name, message = words.reason({"failure": failure})
    assert name == "AccessDenied"
    assert message is not None
    assert "TagPhoto" in message
    assert "arn:x" in message


def test_a_held_photo_says_what_was_found_and_how_it_is_released() -> None:
    labels = [{"name": "Violence", "parent": "", "confidence": 91.4}]
    held = {"key": "a b/c.jpg", "status": "HELD", "tags": {"moderation": {"labels": labels, "reason": ""}}}
    name, message = words.reason(held)
    assert name == "Held"
    assert message is not None
    assert "Violence 91 %" in message
    assert "safelight release 'a b/c.jpg'" in message


@pytest.mark.parametrize(("count", "said"), [(0, None), (1, "1 face"), (3, "3 faces")])
def test_faces_are_counted(count: int, said: str | None) -> None:
    assert words.faces({"tags": {"faces": [{}] * count}}) == said


def test_a_place_is_called_by_its_name_where_it_has_one() -> None:
    lisbon = {"locality": "Lisbon", "region": "Lisbon", "country": "Portugal", "country_code": "PT"}
    assert words.place({"metadata": {"gps": {"latitude": 38.7, "longitude": -9.1}, "place": lisbon}}) == (
        "Lisbon, Portugal"
    )
    assert words.place({"metadata": {"place": {"region": "Graubünden", "country": "Switzerland"}}}) == (
        "Graubünden, Switzerland"
    )
    assert words.place({"metadata": {"place": {"country": "Niger"}}}) == "Niger"


def test_what_was_seen_is_three_labels_the_faces_and_the_first_words_read() -> None:
    tags = {
        "labels": [
            {"name": name, "confidence": 90, "parents": []} for name in ("Bar", "Person", "Neon", "Cup")
        ],
        "faces": [{}, {}],
        "text": ["K", "OPEN ALL NIGHT AND EVERY DAY", "cash only"],
    }
    assert words.seen({"tags": tags}) == "Bar, Person, Neon, 2 faces, “OPEN ALL NIGHT AND EVERY…”"
    assert words.seen({}) == ""
