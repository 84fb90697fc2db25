"""Colours, quality, moderation and text, in the answers of the service."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from mypy_boto3_rekognition import RekognitionClient
from mypy_boto3_textract import TextractClient
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

from safelight_vision.seeing import moderation, properties

pytestmark = pytest.mark.enable_socket

Photo = Callable[[str], bytes]


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


def png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["puppy", "snow", "rotary_phone"])
def test_what_is_done_to_a_photo_shows_in_its_quality(photo: Photo, name: str) -> None:
    image = opened(photo(name))
    before = properties.quality(image)
    assert all(0 <= value <= 100 for value in before.values())
    darker = properties.quality(ImageEnhance.Brightness(image).enhance(0.5))
    assert darker["Brightness"] < before["Brightness"] - 10
    flatter = properties.quality(ImageEnhance.Contrast(image).enhance(0.5))
    assert flatter["Contrast"] < before["Contrast"] * 0.6
    softer = properties.quality(image.filter(ImageFilter.GaussianBlur(4)))
    assert softer["Sharpness"] < before["Sharpness"] - 10


def test_quality_has_known_values_for_plain_images() -> None:
    grey = properties.quality(Image.new("RGB", (100, 100), (119, 119, 119)))  # L* of sRGB 119 is 50
    assert grey["Brightness"] == pytest.approx(50, abs=0.2)
    assert (grey["Contrast"], grey["Sharpness"]) == (0, 0)
    halves = Image.new("RGB", (100, 100))
    halves.paste((255, 255, 255), (0, 0, 50, 100))
    assert properties.quality(halves)["Contrast"] == pytest.approx(100)


def test_dominant_colours_are_those_of_the_pixels() -> None:
    image = Image.new("RGB", (192, 192), (255, 0, 0))
    image.paste((0, 0, 255), (0, 0, 192, 48))
    image.paste((255, 255, 255), (0, 48, 48, 96))
    found = properties.dominant_colours(image)
    assert [(colour["CSSColor"], colour["SimplifiedColor"]) for colour in found] == [
        ("red", "red"),
        ("blue", "blue"),
        ("white", "white"),
    ]
    assert [colour["PixelPercent"] for colour in found] == pytest.approx([68.75, 25, 6.25], abs=0.1)
    assert found[0]["HexCode"] == "#ff0000"
    assert (found[1]["Red"], found[1]["Green"], found[1]["Blue"]) == (0, 0, 255)


def test_properties_come_when_they_are_asked_for(rekognition: RekognitionClient, photo: Photo) -> None:
    image = {"Bytes": photo("sea_turtle")}
    assert "ImageProperties" not in rekognition.detect_labels(Image=image)
    answer = rekognition.detect_labels(
        Image=image,
        Features=["IMAGE_PROPERTIES"],
        Settings={"ImageProperties": {"MaxDominantColors": 3}},
    )
    assert answer["Labels"] == []
    colours = answer["ImageProperties"]["DominantColors"]
    assert 0 < len(colours) <= 3
    assert colours[0]["SimplifiedColor"] in {"blue", "cyan"}
    assert sum(colour["PixelPercent"] for colour in colours) == pytest.approx(100, abs=0.1)


def test_people_have_boxes(rekognition: RekognitionClient, people: Callable[[int], bytes]) -> None:
    labels = {it["Name"]: it for it in rekognition.detect_labels(Image={"Bytes": people(5)})["Labels"]}
    boxes = [instance["BoundingBox"] for instance in labels["Person"]["Instances"]]
    assert len(boxes) >= 3
    for box in boxes:
        assert 0 <= box["Left"] <= box["Left"] + box["Width"] <= 1
        assert 0 <= box["Top"] <= box["Top"] + box["Height"] <= 1
        assert box["Height"] > 0.3
    assert labels["Person"]["Confidence"] == max(it["Confidence"] for it in labels["Person"]["Instances"])
    assert labels["Person"]["Categories"] == [{"Name": "Person Description"}]


def test_a_request_can_leave_labels_out(rekognition: RekognitionClient, photo: Photo) -> None:
    image = {"Bytes": photo("puppy")}
    everything = {it["Name"] for it in rekognition.detect_labels(Image=image)["Labels"]}
    filters = {"LabelExclusionFilters": ["Dog"], "LabelCategoryInclusionFilters": ["Animals and Pets"]}
    some = rekognition.detect_labels(Image=image, Settings={"GeneralLabels": filters})["Labels"]
    assert {it["Name"] for it in some} == everything - {"Dog"}


@pytest.mark.parametrize("name", ["puppy", "mountain", "sea_turtle"])
def test_harmless_photos_are_not_held(rekognition: RekognitionClient, photo: Photo, name: str) -> None:
    answer = rekognition.detect_moderation_labels(Image={"Bytes": photo(name)})
    assert answer["ModerationLabels"] == []
    assert "Explicit only" in answer["ModerationModelVersion"]
    (label,) = rekognition.detect_moderation_labels(Image={"Bytes": photo(name)}, MinConfidence=0)[
        "ModerationLabels"
    ]
    assert (label["Name"], label["ParentName"], label["TaxonomyLevel"]) == ("Explicit", "", 1)
    assert label["Confidence"] < 20


class Scored:
    """A network whose score is the share of red in what it is given, less that of blue."""

    def get_inputs(self) -> list["Scored"]:
        return [self]

    name = "pixels"

    def run(self, _: None, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        (pixels,) = inputs["pixels"]
        assert pixels.shape == (224, 224, 3)
        blue, _green, red = pixels.mean(axis=(0, 1)) + np.array([104, 117, 123])
        return [np.array([[0, (red - blue) / 255]])]


def test_a_score_above_the_threshold_is_explicit() -> None:
    score = moderation.score(Image.new("RGB", (640, 480), (255, 0, 51)), Scored())
    assert score == pytest.approx(0.8)
    assert moderation.describe(score, 80.1) == []
    (label,) = moderation.describe(score, 79.9)
    assert label["Confidence"] == pytest.approx(80)


def sign() -> bytes:
    image = Image.new("RGB", (900, 400), (30, 90, 160))
    draw = ImageDraw.Draw(image)
    draw.text((60, 60), "OPEN DAILY", font=ImageFont.load_default(90), fill=(255, 255, 255))
    draw.text((60, 240), "from nine to five", font=ImageFont.load_default(36), fill=(255, 255, 255))
    return png(image)


def test_text_in_a_scene_comes_as_lines_and_words(rekognition: RekognitionClient) -> None:
    found = rekognition.detect_text(Image={"Bytes": sign()})["TextDetections"]
    lines = [it for it in found if it["Type"] == "LINE"]
    words = [it for it in found if it["Type"] == "WORD"]
    assert [it["DetectedText"] for it in lines] == ["OPEN DAILY", "from nine to five"]
    assert [it["Id"] for it in found] == list(range(len(found)))
    texts = {line["Id"]: line["DetectedText"].split() for line in lines}
    for number, expected in texts.items():
        assert [word["DetectedText"] for word in words if word["ParentId"] == number] == expected
    box = lines[0]["Geometry"]["BoundingBox"]
    assert box["Left"] == pytest.approx(60 / 900, abs=0.02)
    assert len(lines[0]["Geometry"]["Polygon"]) == 4


def test_words_are_filtered_by_their_size(rekognition: RekognitionClient) -> None:
    found = rekognition.detect_text(
        Image={"Bytes": sign()}, Filters={"WordFilter": {"MinBoundingBoxHeight": 0.15}}
    )["TextDetections"]
    assert [it["DetectedText"] for it in found if it["Type"] == "WORD"] == ["OPEN", "DAILY"]


def test_a_document_is_analyzed_into_the_lines_that_are_detected(textract: TextractClient) -> None:
    analyzed = textract.analyze_document(Document={"Bytes": sign()}, FeatureTypes=["FORMS"])["Blocks"]
    detected = textract.detect_document_text(Document={"Bytes": sign()})["Blocks"]
    assert [(it["BlockType"], it.get("Text")) for it in analyzed] == [
        (it["BlockType"], it.get("Text")) for it in detected
    ]
    assert {it["BlockType"] for it in analyzed} == {"PAGE", "LINE", "WORD"}


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        ((12, 60, 110), "blue"),
        ((200, 30, 40), "red"),
        ((250, 140, 20), "orange"),
        ((110, 70, 30), "brown"),
        ((240, 220, 40), "yellow"),
        ((40, 120, 50), "green"),
        ((0, 190, 200), "cyan"),
        ((120, 40, 180), "purple"),
        ((250, 120, 200), "pink"),
        ((10, 10, 12), "black"),
        ((128, 130, 127), "gray"),
        ((245, 245, 240), "white"),
    ],
)
def test_colours_have_the_names_that_people_give_them(colour: tuple[int, int, int], name: str) -> None:
    (found,) = properties.dominant_colours(Image.new("RGB", (32, 32), colour))
    assert found["SimplifiedColor"] == name
