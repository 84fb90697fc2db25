import json
import re
from collections import Counter

import pytest

from safelight.contracts import StoredImage
from tag import results
from tag.decisions import (
    MAX_BOXES,
    MAX_IMAGE_BYTES,
    MAX_INSTANCES,
    MAX_LINE_CHARACTERS,
    MAX_LINES,
    MAX_TEXT_BYTES,
    PAGE_LINES,
    Label,
    enlargement,
    external_image_id,
    faces_of,
    is_worth_reading,
    labels_of,
    lines_of,
    properties_of,
    scene_lines_of,
    unfit,
    verdict_of,
)
from tag.tagging import Found


def label(name: str, *parents: str) -> Label:
    return {
        "name": name,
        "confidence": 90.0,
        "parents": list(parents),
        "categories": [],
        "instances": [],
    }


def document(*lines: str) -> dict[str, object]:
    blocks = [{"BlockType": "LINE", "Text": line} for line in lines]
    return {"Blocks": [{"BlockType": "PAGE"}, *blocks, {"BlockType": "WORD", "Text": "word"}]}


def test_the_most_that_can_be_found_passes_between_states() -> None:
    """A state's payload ends at 256 KiB, and its JSON escapes what is not ASCII (Step Functions quotas)."""
    box = {"Left": 0.1234567, "Top": 0.2345678, "Width": 0.3456789, "Height": 0.4567891}
    response = {
        "Labels": [
            {
                "Name": "Playground Equipment and Area",
                "Confidence": 97.4499,
                "Parents": [{"Name": "Recreation and Hobbies"}] * 5,
                "Categories": [{"Name": "Transport and Logistics"}],
                "Instances": [{"BoundingBox": box, "Confidence": 88.88}] * 100,
            }
        ]
        * 100
    }
    quality = {"Sharpness": 99.99999, "Brightness": 99.99999}
    record = {
        "Face": {"FaceId": "d" * 36, "BoundingBox": box, "Confidence": 99.99999},
        "FaceDetail": {"Quality": quality},
    }
    labels, faces = labels_of(response), faces_of({"FaceRecords": [record] * 100})
    assert sum(len(each["instances"]) for each in labels) == MAX_BOXES
    text = lines_of(document(*["\N{CJK UNIFIED IDEOGRAPH-5199}" * 200] * 2000))
    found = Found(labels, None, faces, text, Counter({"DetectLabels": 1}), ["3.0"])
    assert len(json.dumps(results.tagged(found, None))) < 200 * 1024


def test_labels_keep_rekognitions_order_and_one_decimal() -> None:
    box = {"Left": 0.1, "Top": 0.2, "Width": 0.3, "Height": 0.4}
    response = {
        "Labels": [
            {
                "Name": "Dog",
                "Confidence": 97.4499,
                "Parents": [{"Name": "Animal"}, {"Name": "Pet"}],
                "Categories": [{"Name": "Animals and Pets"}],
                "Instances": [{"BoundingBox": box, "Confidence": 88.88}] * 30,
            },
            {"Name": "Grass", "Confidence": 60.06},
        ]
    }
    dog, grass = labels_of(response)
    assert (dog["name"], dog["confidence"], dog["parents"]) == ("Dog", 97.4, ["Animal", "Pet"])
    assert dog["categories"] == ["Animals and Pets"]
    assert dog["instances"][0] == {
        "box": {"left": 0.1, "top": 0.2, "width": 0.3, "height": 0.4},
        "confidence": 88.9,
    }
    assert len(dog["instances"]) == MAX_INSTANCES
    assert grass == {
        "name": "Grass",
        "confidence": 60.1,
        "parents": [],
        "categories": [],
        "instances": [],
    }


def image(width: int = 800, height: int = 600, size: int = 1000) -> StoredImage:
    return {"bucket": "b", "key": "k", "width": width, "height": height, "bytes": size}


@pytest.mark.parametrize(
    ("picture", "why"),
    [
        (image(80, 10_000, MAX_IMAGE_BYTES), None),
        (image(1, 1), None),
        (image(10_001, 400), "too large: 10001 x 400"),
        (image(size=MAX_IMAGE_BYTES + 1), "too large: 15,728,641 bytes"),
    ],
)
def test_what_the_services_do_not_take_is_known_before_they_are_asked(
    picture: StoredImage, why: str | None
) -> None:
    assert (unfit(picture, MAX_IMAGE_BYTES) or "").startswith(why or "")
    assert (unfit(picture, MAX_IMAGE_BYTES) is None) is (why is None)


@pytest.mark.parametrize(
    ("picture", "size"),
    [
        (image(80, 80), None),
        (image(80, 10_000), None),
        (image(79, 79), (80, 80)),
        (image(79, 400), (80, 406)),
        (image(400, 79), (406, 80)),
        (image(1, 1), (80, 80)),
        (image(64, 48), (107, 80)),
        (image(7_500, 60), (10_000, 80)),
        (image(10_000, 4), (10_000, 80)),
        (image(1, 2_000), (80, 10_000)),
    ],
)
def test_what_is_too_small_for_the_services_is_enlarged_to_the_least_that_they_take(
    picture: StoredImage, size: tuple[int, int] | None
) -> None:
    assert enlargement(picture) == size


@pytest.mark.parametrize("key", ["a.jpg", "ünï/100% + ok#?.jpg", "日本/" + "写" * 300])
def test_any_key_has_an_id_that_rekognition_takes(key: str) -> None:
    assert re.fullmatch(r"[a-zA-Z0-9_.\-:]{1,255}", external_image_id(key))
    assert external_image_id(key) != external_image_id(key + "x")


def test_faces_come_largest_first() -> None:
    def face(face_id: str, side: float) -> dict[str, object]:
        box = {"Left": 0.1, "Top": 0.1, "Width": side, "Height": side}
        return {
            "Face": {"FaceId": face_id, "BoundingBox": box, "Confidence": 99.87},
            "FaceDetail": {"Quality": {"Sharpness": 50.04, "Brightness": 70.06}},
        }

    small, large = face("small", 0.1), face("large", 0.2)
    first, second = faces_of({"FaceRecords": [small, large]})
    assert first == {
        "face_id": "large",
        "box": {"left": 0.1, "top": 0.1, "width": 0.2, "height": 0.2},
        "confidence": 99.9,
        "sharpness": 50.0,
        "brightness": 70.1,
    }
    assert second["face_id"] == "small"


def test_the_properties_of_an_image() -> None:
    quality = {"Brightness": 51.23, "Sharpness": 80.0, "Contrast": 66.66}
    colors = [{"HexCode": "#A0B1C2", "PixelPercent": 33.333}]
    assert properties_of({"ImageProperties": {"Quality": quality, "DominantColors": colors}}) == {
        "brightness": 51.2,
        "sharpness": 80.0,
        "contrast": 66.7,
        "colors": [{"hex": "#a0b1c2", "percent": 33.3}],
    }
    assert properties_of({"Labels": []}) is None


def test_a_verdict_names_what_was_found_the_surest_first() -> None:
    labels = [
        {"Name": "Weapons", "ParentName": "Violence", "Confidence": 81.0},
        {"Name": "Violence", "ParentName": "", "Confidence": 90.04},
    ]
    verdict = verdict_of({"ModerationLabels": labels, "ModerationModelVersion": "7.0"})
    assert verdict["verdict"] == "held"
    assert [label["name"] for label in verdict["labels"]] == ["Violence", "Weapons"]
    assert verdict["labels"][0] == {"name": "Violence", "parent": "", "confidence": 90.0}
    assert verdict_of({"ModerationLabels": [], "ModerationModelVersion": "7.0"}) == {
        "verdict": "passed",
        "labels": [],
        "model": "Rekognition 7.0",
        "reason": "",
    }


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
    assert is_worth_reading(labels, [], "documents") is expected


def test_a_page_is_told_by_its_lines_where_no_label_tells() -> None:
    assert is_worth_reading([label("Paper")], ["line"] * PAGE_LINES, "documents")
    assert not is_worth_reading([label("Shirt")], ["line"] * (PAGE_LINES - 1), "documents")


def test_only_the_lines_of_a_scene_are_kept() -> None:
    found = [
        {"Type": "LINE", "DetectedText": "EXIT  12"},
        {"Type": "WORD", "DetectedText": "EXIT"},
    ]
    assert scene_lines_of({"TextDetections": found}) == ["EXIT 12"]


def test_always_and_never_ask_no_label() -> None:
    assert is_worth_reading([], [], "always")
    assert not is_worth_reading([label("Menu", "Text")], ["line"] * 50, "never")


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
