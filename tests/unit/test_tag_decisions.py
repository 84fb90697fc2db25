import pytest

from tag.decisions import (
    MAX_LINE_CHARACTERS,
    MAX_LINES,
    MAX_TEXT_BYTES,
    Label,
    is_worth_reading,
    labels_of,
    lines_of,
)


def label(name: str, *parents: str) -> Label:
    return {"name": name, "confidence": 90.0, "parents": list(parents)}


def document(*lines: str) -> dict[str, object]:
    blocks = [{"BlockType": "LINE", "Text": line} for line in lines]
    return {"Blocks": [{"BlockType": "PAGE"}, *blocks, {"BlockType": "WORD", "Text": "word"}]}


def test_labels_keep_rekognitions_order_and_one_decimal() -> None:
    response = {
        "Labels": [
            {"Name": "Dog", "Confidence": 97.4499, "Parents": [{"Name": "Animal"}, {"Name": "Pet"}]},
            {"Name": "Grass", "Confidence": 60.06},
        ]
    }
    assert labels_of(response) == [
        {"name": "Dog", "confidence": 97.4, "parents": ["Animal", "Pet"]},
        {"name": "Grass", "confidence": 60.1, "parents": []},
    ]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([label("Menu", "Text")], True),
        ([label("Dog", "Animal"), label("Paperback", "Publication", "Book")], True),
        ([label("Dog", "Animal")], False),
        ([label("Text Message Phone", "Electronics")], False),
        ([], False),
    ],
)
def test_documents_are_told_by_a_label_or_its_parents(labels: list[Label], expected: bool) -> None:
    assert is_worth_reading(labels, "documents") is expected


def test_always_and_never_ask_no_label() -> None:
    assert is_worth_reading([], "always")
    assert not is_worth_reading([label("Menu", "Text")], "never")


def test_only_lines_are_kept_not_pages_and_words() -> None:
    assert lines_of(document("Tomato soup", "4.50")) == ["Tomato soup", "4.50"]


def test_lines_lose_what_steers_a_terminal_or_the_direction_of_text() -> None:
    assert lines_of(document("a\x1b[31mb\x00\u202ec\ud800d", " two\n\tlines ", "\u200b\x07")) == [
        "a[31mbcd",
        "two lines",
    ]


def test_lines_are_capped_in_number_and_length() -> None:
    lines = lines_of(document(*["x" * 600] + ["y"] * 200))
    assert len(lines) == MAX_LINES
    assert lines[0] == "x" * MAX_LINE_CHARACTERS


def test_text_is_capped_in_bytes_not_characters() -> None:
    lines = lines_of(document(*["é" * MAX_LINE_CHARACTERS] * MAX_LINES))
    assert len(lines) == MAX_TEXT_BYTES // (2 * MAX_LINE_CHARACTERS)
