"""The tag function against botocore's own stubs: requests and answers follow the service models."""

import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, cast

import boto3
import pytest
from botocore.stub import Stubber
from PIL import Image

import images
from safelight.contracts import Moderated, Rendition, Tagged
from safelight.errors import (
    AccessDenied,
    Misconfigured,
    OriginalMissing,
    RequestRefused,
    ServiceThrottled,
    ServiceUnavailable,
    Superseded,
)
from safelight.keys import photo_id
from safelight.record import Tags
from safelight.tagging import not_asked
from tag import vision
from tag.decisions import external_image_id
from tag.enlarge import enlarged
from tag.handler import handler
from tag.steps import Moderate, Tag

KEY = "été 2024/50% #1 & more.jpg"
RENDITION = f"renditions/{KEY}/medium"
STORED = vision.Sight("library", RENDITION)


def rendition(key: str, **size: int) -> Rendition:
    """Return a rendition as the render function describes it."""
    made: Rendition = {
        "name": key.rpartition("/")[2],
        "key": key,
        "url": f"https://photos.example/{key}",
        "width": 2000,
        "height": 1500,
        "bytes": 400_000,
        "media_type": "image/jpeg",
        "version": "v",
    }
    return {**made, **size}  # type: ignore[typeddict-item]


EVENT: Tag = {
    "step": "tag",
    "key": KEY,
    "execution": "arn:one",
    "renditions": [rendition(RENDITION)],
    "look_at": RENDITION,
    "moderation": None,
}
IMAGE = {"S3Object": {"Bucket": "library", "Name": RENDITION}}
LABELS_REQUEST = {"Image": IMAGE, "Features": ["GENERAL_LABELS"], "MaxLabels": 20, "MinConfidence": 60.0}
TEXT_REQUEST = {"Document": IMAGE}
TEXT_ANSWER = {"Blocks": [{"BlockType": "LINE", "Text": "Soup 4.50"}]}
INDEX_REQUEST = {
    "CollectionId": "safelight",
    "Image": IMAGE,
    "ExternalImageId": external_image_id(KEY),
    "DetectionAttributes": ["DEFAULT"],
    "QualityFilter": "AUTO",
}
COLLECTION = {"CollectionId": "safelight"}
MODERATION_REQUEST = {"Image": IMAGE, "MinConfidence": 80.0}

SETTINGS = {
    "LABELS": "on",
    "MIN_LABEL_CONFIDENCE": "60",
    "MAX_LABELS": "20",
    "IMAGE_PROPERTIES": "off",
    "FACES": "off",
    "FACE_COLLECTION": "safelight",
    "SCENE_TEXT": "off",
    "READ_TEXT": "documents",
    "MIN_MODERATION_CONFIDENCE": "80",
    "STACK": "family",
    "MONTHLY_BUDGET": "0",
    "RENDITIONS_BUCKET": "library",
    "AWS_REGION": "eu-central-1",
    "VISION_REGION": "eu-central-1",
}


def labels_answer(*names: str) -> dict[str, Any]:
    labels = [{"Name": name, "Confidence": 93.25, "Parents": [{"Name": "Thing"}]} for name in names]
    return {"Labels": labels, "LabelModelVersion": "3.0"}


def faces_answer(*ids: str) -> dict[str, Any]:
    box = {"Left": 0.1, "Top": 0.1, "Width": 0.2, "Height": 0.2}
    return {
        "FaceRecords": [
            {
                "Face": {"FaceId": uuid_of(each), "BoundingBox": box, "Confidence": 99.5},
                "FaceDetail": {"Quality": {"Sharpness": 50.0, "Brightness": 60.0}},
            }
            for each in ids
        ],
        "FaceModelVersion": "7.0",
    }


def uuid_of(letter: str) -> str:
    return f"00000000-0000-0000-0000-00000000000{letter}"


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, library_table: str) -> None:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def rekognition(monkeypatch: pytest.MonkeyPatch, _settings: None) -> Iterator[Stubber]:
    client = boto3.client("rekognition")
    monkeypatch.setattr(vision, "rekognition", lambda: client)
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


@pytest.fixture
def textract(monkeypatch: pytest.MonkeyPatch, _settings: None) -> Iterator[Stubber]:
    client = boto3.client("textract")
    monkeypatch.setattr(vision, "textract", lambda: client)
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


def tag(event: Tag = EVENT) -> Tags:
    """Tag as the workflow does, and return what the record gets."""
    return cast(Tagged, handler(event, None))["tags"]


def look(event: Moderate) -> Moderated:
    """Moderate as the workflow does."""
    return cast(Moderated, handler(event, None))


def item(id_: str) -> dict[str, Any]:
    found = boto3.client("dynamodb").get_item(TableName="library", Key={"id": {"S": id_}})
    return dict(found.get("Item", {}))


def spent() -> int:
    return int(item(f"spending/{datetime.now(UTC):%Y-%m}").get("micro_dollars", {"N": "0"})["N"])


def test_a_photo_is_labelled_by_reference_and_not_read(rekognition: Stubber, textract: Stubber) -> None:
    rekognition.add_response("detect_labels", labels_answer("Dog"), LABELS_REQUEST)
    tagged = cast(Tagged, handler(EVENT, None))
    tags = tagged["tags"]
    assert tags["labels"] == [
        {"name": "Dog", "confidence": 93.2, "parents": ["Thing"], "categories": [], "instances": []}
    ]
    assert tags["calls"] == {"DetectLabels": 1}
    assert tagged["version"] == "safelight 0.1.0, Rekognition 3.0"
    assert tags["moderation"]["verdict"] == "not evaluated"
    assert tags["faces"] == []
    assert tags["owed"] is False
    assert spent() == 0, "without a budget nothing is counted"


def test_what_the_calls_for_a_photo_cost_is_counted(
    rekognition: Stubber, textract: Stubber, capsys: pytest.CaptureFixture[str]
) -> None:
    rekognition.add_response("detect_labels", labels_answer("Menu"), LABELS_REQUEST)
    textract.add_response("detect_document_text", TEXT_ANSWER, TEXT_REQUEST)
    tag()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (counted,) = [line for line in lines if "VisionDollars" in line]
    assert (counted["service"], counted["VisionDollars"]) == ("family", [0.0025])
    assert counted["execution"] == EVENT["execution"]


@pytest.mark.parametrize("read_text", ["never", "documents"])
def test_with_every_feature_off_it_says_what_a_photo_has_that_never_came_here(
    monkeypatch: pytest.MonkeyPatch, rekognition: Stubber, textract: Stubber, read_text: str
) -> None:
    for name in ("LABELS", "IMAGE_PROPERTIES", "FACES", "SCENE_TEXT"):
        monkeypatch.setenv(name, "off")
    monkeypatch.setenv("READ_TEXT", read_text)
    assert handler(EVENT, None) == not_asked(None)


def test_a_document_is_read_too_whatever_its_key(rekognition: Stubber, textract: Stubber) -> None:
    rekognition.add_response("detect_labels", labels_answer("Menu"), LABELS_REQUEST)
    textract.add_response("detect_document_text", TEXT_ANSWER, TEXT_REQUEST)
    tags = tag()
    assert tags["calls"] == {"DetectLabels": 1, "DetectDocumentText": 1}
    assert tags["text"] == ["Soup 4.50"]


@pytest.mark.parametrize(("read_text", "reads"), [("never", False), ("always", True)])
def test_the_setting_decides_over_the_labels(
    monkeypatch: pytest.MonkeyPatch, rekognition: Stubber, textract: Stubber, read_text: str, reads: bool
) -> None:
    monkeypatch.setenv("READ_TEXT", read_text)
    rekognition.add_response("detect_labels", labels_answer("Dog" if reads else "Menu"), LABELS_REQUEST)
    if reads:
        textract.add_response("detect_document_text", TEXT_ANSWER, TEXT_REQUEST)
    assert tag()["text"] == (["Soup 4.50"] if reads else [])


def test_a_scene_is_read_and_its_lines_stay_where_it_is_no_document(
    monkeypatch: pytest.MonkeyPatch, rekognition: Stubber, textract: Stubber
) -> None:
    monkeypatch.setenv("SCENE_TEXT", "on")
    rekognition.add_response("detect_labels", labels_answer("Street"), LABELS_REQUEST)
    found = [{"Type": "LINE", "DetectedText": "EXIT"}]
    rekognition.add_response("detect_text", {"TextDetections": found}, {"Image": IMAGE})
    tags = tag()
    assert tags["text"] == ["EXIT"]
    assert tags["calls"] == {"DetectLabels": 1, "DetectText": 1}


def test_a_page_that_no_label_names_is_read_for_its_many_lines(
    monkeypatch: pytest.MonkeyPatch, rekognition: Stubber, textract: Stubber
) -> None:
    monkeypatch.setenv("SCENE_TEXT", "on")
    monkeypatch.setenv("LABELS", "off")
    found = [{"Type": "LINE", "DetectedText": f"line {number}"} for number in range(12)]
    rekognition.add_response("detect_text", {"TextDetections": found}, {"Image": IMAGE})
    textract.add_response("detect_document_text", TEXT_ANSWER, TEXT_REQUEST)
    tags = tag()
    assert tags["text"] == ["Soup 4.50"]
    assert tags["calls"] == {"DetectText": 1, "DetectDocumentText": 1}


@pytest.mark.parametrize(
    ("labels", "request_", "calls"),
    [
        (
            "on",
            LABELS_REQUEST | {"Features": ["GENERAL_LABELS", "IMAGE_PROPERTIES"]},
            {"DetectLabels": 1, "ImageProperties": 1},
        ),
        ("off", {"Image": IMAGE, "Features": ["IMAGE_PROPERTIES"]}, {"ImageProperties": 1}),
    ],
)
def test_image_properties_are_a_feature_that_is_counted_by_itself(
    monkeypatch: pytest.MonkeyPatch,
    rekognition: Stubber,
    labels: str,
    request_: dict[str, Any],
    calls: dict[str, int],
) -> None:
    monkeypatch.setenv("LABELS", labels)
    monkeypatch.setenv("IMAGE_PROPERTIES", "on")
    properties = {"Quality": {"Brightness": 50.0}, "DominantColors": []}
    rekognition.add_response("detect_labels", labels_answer() | {"ImageProperties": properties}, request_)
    tags = tag()
    assert tags["calls"] == calls
    assert tags["properties"] and tags["properties"]["brightness"] == 50.0


def test_with_every_feature_off_nothing_is_called(
    monkeypatch: pytest.MonkeyPatch, rekognition: Stubber
) -> None:
    monkeypatch.setenv("LABELS", "off")
    assert tag()["calls"] == {}


def test_an_image_of_too_many_pixels_is_skipped_with_the_reason_and_costs_nothing(
    rekognition: Stubber,
) -> None:
    tags = tag({**EVENT, "renditions": [rendition(RENDITION, width=10_001)]})
    assert tags["calls"] == {}
    assert str(tags["reason"]).startswith("too large: 10001 x 1500")


def test_the_film_of_a_live_photo_costs_nothing_since_its_still_is_looked_at(rekognition: Stubber) -> None:
    tags = tag({**EVENT, "half": True})
    assert tags["calls"] == {}
    assert str(tags["reason"]).startswith("the film of a Live Photo")


class Enlarged:
    """Equals the request's bytes of a PNG that shows `picture` in `size`."""

    def __init__(self, picture: Image.Image, size: tuple[int, int]) -> None:
        self.picture, self.size = picture, size

    def __eq__(self, other: object) -> bool:
        assert isinstance(other, bytes) and other.startswith(b"\x89PNG")
        image = Image.open(io.BytesIO(other))
        images.assert_similar(image.resize(self.picture.size), self.picture, "enlarged", most=6)
        return image.size == self.size


def store(picture: Image.Image) -> Rendition:
    """Store a rendition, and return it as the render function does."""
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="library", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    body = images.saved(picture, "JPEG", quality=95)
    s3.put_object(Bucket="library", Key=RENDITION, Body=body)
    return rendition(RENDITION, width=picture.width, height=picture.height, bytes=len(body))


@pytest.mark.parametrize("size", [(64, 40), (40, 64)])
def test_an_image_under_80_pixels_is_sent_to_every_service_enlarged(
    monkeypatch: pytest.MonkeyPatch, rekognition: Stubber, textract: Stubber, size: tuple[int, int]
) -> None:
    for name, value in {"FACES": "on", "SCENE_TEXT": "on", "READ_TEXT": "always"}.items():
        monkeypatch.setenv(name, value)
    put_photo("ACTIVE")
    small = images.picture(*size)
    given = {"Bytes": Enlarged(small, (128, 80) if size[0] > size[1] else (80, 128))}
    rekognition.add_response("detect_labels", labels_answer("Dog"), LABELS_REQUEST | {"Image": given})
    rekognition.add_response("detect_text", {"TextDetections": []}, {"Image": given})
    textract.add_response("detect_document_text", TEXT_ANSWER, {"Document": given})
    rekognition.add_response("index_faces", faces_answer("a"), INDEX_REQUEST | {"Image": given})
    tags = tag({**EVENT, "renditions": [store(small)]})
    assert tags["reason"] is None
    assert tags["calls"] == {"DetectLabels": 1, "DetectText": 1, "DetectDocumentText": 1, "IndexFaces": 1}


def test_services_of_another_region_are_sent_what_they_look_at(
    monkeypatch: pytest.MonkeyPatch, rekognition: Stubber, textract: Stubber
) -> None:
    for name, value in {"FACES": "on", "READ_TEXT": "always", "VISION_REGION": "eu-west-1"}.items():
        monkeypatch.setenv(name, value)
    put_photo("ACTIVE")
    picture = images.picture(320, 200)
    given = {"Bytes": images.saved(picture, "JPEG", quality=95)}
    rekognition.add_response("detect_labels", labels_answer("Dog"), LABELS_REQUEST | {"Image": given})
    textract.add_response("detect_document_text", TEXT_ANSWER, {"Document": given})
    rekognition.add_response("index_faces", faces_answer("a"), INDEX_REQUEST | {"Image": given})
    tags = tag({**EVENT, "renditions": [store(picture)]})
    assert tags["calls"] == {"DetectLabels": 1, "DetectDocumentText": 1, "IndexFaces": 1}

    heavy = tag({**EVENT, "renditions": [rendition(RENDITION, bytes=6 * 1024 * 1024)]})
    assert str(heavy["reason"]).startswith("too large: 6,291,456 bytes, and 5,242,880 are the most")


def test_the_same_small_image_is_always_the_same_file_to_the_services() -> None:
    body = images.saved(images.picture(64, 40), "JPEG", quality=95)
    assert enlarged(body, (128, 80)) == enlarged(body, (128, 80))


def test_a_small_image_keeps_its_transparency_and_its_profile() -> None:
    picture = images.picture(64, 40).convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    profile = images.swapped_channels_profile()
    made = Image.open(io.BytesIO(enlarged(images.saved(picture, "PNG", icc_profile=profile), (128, 80))))
    assert (made.size, made.mode, made.info["icc_profile"]) == ((128, 80), "RGBA", profile)
    images.assert_similar(made.getchannel("A").resize((64, 40)), picture.getchannel("A"), "alpha", most=2)


def test_what_is_too_large_for_textract_alone_is_labelled_and_not_read(
    monkeypatch: pytest.MonkeyPatch, rekognition: Stubber, textract: Stubber
) -> None:
    monkeypatch.setenv("READ_TEXT", "always")
    rekognition.add_response("detect_labels", labels_answer("Menu"), LABELS_REQUEST)
    heavy = rendition(RENDITION, bytes=11 * 1024 * 1024)
    assert tag({**EVENT, "renditions": [heavy]})["calls"] == {"DetectLabels": 1}


# ------------------------------------------------------------------------------------- faces


def put_photo(status: str) -> None:
    """Put a record of the photo into the table, which `arn:one` has."""
    fields = {"id": photo_id(KEY), "execution_arn": "arn:one", "status": status}
    item = {name: {"S": value} for name, value in fields.items()}
    boto3.client("dynamodb").put_item(TableName="library", Item=item)


@pytest.fixture
def only_faces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACES", "on")
    monkeypatch.setenv("LABELS", "off")
    put_photo("ACTIVE")


def kept_ids() -> set[str]:
    return set(item(f"faces/{KEY}").get("face_ids", {}).get("SS", []))


@pytest.mark.usefixtures("only_faces")
def test_faces_are_indexed_into_a_collection_that_is_made_when_it_is_missing(rekognition: Stubber) -> None:
    rekognition.add_client_error("index_faces", "ResourceNotFoundException", "no", 400)
    rekognition.add_response("create_collection", {"StatusCode": 200}, COLLECTION)
    rekognition.add_response("index_faces", faces_answer("a", "b"), INDEX_REQUEST)
    tags = tag()
    assert [face["face_id"] for face in tags["faces"]] == [uuid_of("a"), uuid_of("b")]
    assert tags["calls"] == {"IndexFaces": 1}
    assert kept_ids() == {uuid_of("a"), uuid_of("b")}


@pytest.mark.usefixtures("only_faces")
def test_a_collection_that_another_photo_has_just_made_is_used(rekognition: Stubber) -> None:
    rekognition.add_client_error("index_faces", "ResourceNotFoundException", "no", 400)
    rekognition.add_client_error("create_collection", "ResourceAlreadyExistsException", "no", 400)
    rekognition.add_response("index_faces", faces_answer("a"), INDEX_REQUEST)
    assert len(tag()["faces"]) == 1


@pytest.mark.usefixtures("only_faces")
def test_the_same_image_keeps_its_faces_and_nothing_is_deleted(rekognition: Stubber) -> None:
    for _ in range(2):
        rekognition.add_response("index_faces", faces_answer("a", "b"), INDEX_REQUEST)
        handler(EVENT, None)
    assert kept_ids() == {uuid_of("a"), uuid_of("b")}


@pytest.mark.usefixtures("only_faces")
def test_of_a_photo_that_is_removed_while_it_is_tagged_no_face_is_kept(rekognition: Stubber) -> None:
    put_photo("REMOVED")
    rekognition.add_response("index_faces", faces_answer("a", "b"), INDEX_REQUEST)
    both = [uuid_of("a"), uuid_of("b")]
    rekognition.add_response("delete_faces", {}, COLLECTION | {"FaceIds": both})
    with pytest.raises(Superseded):
        handler(EVENT, None)
    assert kept_ids() == set()


@pytest.mark.usefixtures("only_faces")
def test_another_image_of_the_photo_leaves_its_own_faces_alone(rekognition: Stubber) -> None:
    rekognition.add_response("index_faces", faces_answer("a", "b"), INDEX_REQUEST)
    handler(EVENT, None)
    rekognition.add_response("index_faces", faces_answer("b", "c"), INDEX_REQUEST)
    rekognition.add_response("delete_faces", {}, COLLECTION | {"FaceIds": [uuid_of("a")]})
    handler(EVENT, None)
    assert kept_ids() == {uuid_of("b"), uuid_of("c")}


@pytest.mark.usefixtures("only_faces")
def test_an_answer_without_faces_is_asked_again_when_there_were_some(rekognition: Stubber) -> None:
    rekognition.add_response("index_faces", faces_answer("a"), INDEX_REQUEST)
    handler(EVENT, None)
    for answer in (faces_answer(), faces_answer("b")):
        rekognition.add_response("index_faces", answer, INDEX_REQUEST)
        if not answer["FaceRecords"]:
            rekognition.add_response("delete_faces", {}, COLLECTION | {"FaceIds": [uuid_of("a")]})
    rekognition.add_response("delete_faces", {}, COLLECTION | {"FaceIds": [uuid_of("a")]})
    tags = tag()
    assert tags["calls"] == {"IndexFaces": 2}
    assert kept_ids() == {uuid_of("b")}


@pytest.mark.usefixtures("only_faces")
def test_what_fails_before_the_stale_faces_are_gone_is_mended_by_the_next_attempt(
    rekognition: Stubber,
) -> None:
    rekognition.add_response("index_faces", faces_answer("a"), INDEX_REQUEST)
    handler(EVENT, None)
    rekognition.add_response("index_faces", faces_answer("b"), INDEX_REQUEST)
    rekognition.add_client_error("delete_faces", "ThrottlingException", "no", 400)
    with pytest.raises(ServiceThrottled):
        handler(EVENT, None)
    assert kept_ids() == {uuid_of("a"), uuid_of("b")}
    rekognition.add_response("index_faces", faces_answer("b"), INDEX_REQUEST)
    rekognition.add_response("delete_faces", {}, COLLECTION | {"FaceIds": [uuid_of("a")]})
    handler(EVENT, None)
    assert kept_ids() == {uuid_of("b")}


# ------------------------------------------------------------------------------------- moderation

LOOK: Moderate = {
    "step": "moderate",
    "key": KEY,
    "execution": "arn:one",
    "renditions": [rendition(RENDITION), rendition("renditions/small")],
    "look_at": RENDITION,
    "release": False,
}


@pytest.fixture
def marks(_settings: None) -> Callable[[], list[bool]]:
    """Two renditions that are held, of a photo that `arn:one` has; returns which of them still are."""
    put_photo("PROCESSING")
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="library", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    for key in (RENDITION, "renditions/small"):
        s3.put_object(Bucket="library", Key=key, Body=b"x", Tagging="held=true")

    def held() -> list[bool]:
        found = (s3.get_object_tagging(Bucket="library", Key=key) for key in (RENDITION, "renditions/small"))
        return [{"Key": "held", "Value": "true"} in each["TagSet"] for each in found]

    return held


def test_what_passes_is_let_go(rekognition: Stubber, marks: Callable[[], list[bool]]) -> None:
    answer = {"ModerationLabels": [], "ModerationModelVersion": "7.0"}
    rekognition.add_response("detect_moderation_labels", answer, MODERATION_REQUEST)
    verdict = look(LOOK)
    assert verdict["verdict"]["verdict"] == "passed"
    assert verdict["calls"] == {"DetectModerationLabels": 1}
    assert marks() == [False, False]

    rekognition.add_response("detect_labels", labels_answer("Dog"), LABELS_REQUEST)
    tags = tag({**EVENT, "moderation": verdict})
    assert tags["calls"] == {"DetectModerationLabels": 1, "DetectLabels": 1}
    assert tags["moderation"]["model"] == "Rekognition 7.0"


def test_who_has_lost_the_photo_lets_nothing_go(
    rekognition: Stubber, marks: Callable[[], list[bool]]
) -> None:
    """The verdict of who has it counts, which may be another."""
    with pytest.raises(Superseded):
        handler({**LOOK, "execution": "arn:lost", "release": True}, None)
    assert marks() == [True, True]


@pytest.mark.parametrize("event", [EVENT, LOOK], ids=["tag", "moderate"])
def test_a_rendition_that_who_has_the_photo_has_deleted_is_no_failure(
    rekognition: Stubber, event: Moderate | Tag
) -> None:
    """A removal, or a newer upload, deletes what is no longer on the record, while it is looked at."""
    operation = "detect_labels" if event["step"] == "tag" else "detect_moderation_labels"
    for execution, error in (("arn:one", RequestRefused), ("arn:lost", Superseded)):
        put_photo("REMOVED")
        rekognition.add_client_error(operation, "InvalidS3ObjectException", "Unable to get object.", 400)
        with pytest.raises(error):
            handler({**event, "execution": execution}, None)


def test_what_is_found_is_held(rekognition: Stubber, marks: Callable[[], list[bool]]) -> None:
    answer = {"ModerationLabels": [{"Name": "Explicit", "Confidence": 91.0}], "ModerationModelVersion": "7.0"}
    rekognition.add_response("detect_moderation_labels", answer, MODERATION_REQUEST)
    verdict = look(LOOK)
    assert verdict["verdict"]["verdict"] == "held"
    assert verdict["verdict"]["labels"][0]["name"] == "Explicit"
    assert marks() == [True, True]


def test_what_cannot_be_looked_at_is_held(rekognition: Stubber, marks: Callable[[], list[bool]]) -> None:
    heavy = rendition(RENDITION, bytes=16 * 1024 * 1024)
    verdict = look({**LOOK, "renditions": [heavy]})
    assert (verdict["verdict"]["verdict"], verdict["calls"]) == ("held", {})
    assert verdict["verdict"]["reason"].startswith("too large")
    assert marks() == [True, True]


def test_a_small_image_is_moderated_like_any_other(rekognition: Stubber) -> None:
    put_photo("PROCESSING")
    small = images.picture(50, 200)
    answer = {"ModerationLabels": [], "ModerationModelVersion": "7.0"}
    request = MODERATION_REQUEST | {"Image": {"Bytes": Enlarged(small, (80, 320))}}
    rekognition.add_response("detect_moderation_labels", answer, request)
    verdict = look({**LOOK, "renditions": [store(small)]})
    assert verdict["verdict"]["verdict"] == "passed"


def test_a_small_image_that_is_gone_says_so(rekognition: Stubber) -> None:
    put_photo("PROCESSING")
    small = store(images.picture(50, 200))
    boto3.client("s3").delete_object(Bucket="library", Key=RENDITION)
    with pytest.raises(OriginalMissing, match=f"^Reading {re.escape(RENDITION)} found nothing"):
        look({**LOOK, "renditions": [small]})


def test_a_release_asks_nobody(rekognition: Stubber, marks: Callable[[], list[bool]]) -> None:
    verdict = look({**LOOK, "release": True})
    assert (verdict["verdict"]["verdict"], verdict["calls"]) == ("released", {})
    assert marks() == [False, False]


# ------------------------------------------------------------------------------------- the budget


@pytest.fixture
def budget_of_two_photos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READ_TEXT", "never")
    monkeypatch.setenv("MONTHLY_BUDGET", "0.0025")


@pytest.mark.usefixtures("budget_of_two_photos")
def test_past_the_budget_tags_are_owed(rekognition: Stubber) -> None:
    for _ in range(2):
        rekognition.add_response("detect_labels", labels_answer("Dog"), LABELS_REQUEST)
        assert tag()["owed"] is False
    tagged = cast(Tagged, handler(EVENT, None))
    tags = tagged["tags"]
    assert tags["owed"] is True
    assert "budget" in str(tags["reason"])
    assert "owed" in tagged["version"]
    assert (tags["calls"], spent()) == ({}, 2_000)


def test_what_was_set_aside_and_not_used_is_given_back(
    monkeypatch: pytest.MonkeyPatch, rekognition: Stubber
) -> None:
    monkeypatch.setenv("MONTHLY_BUDGET", "0.0025")
    rekognition.add_response("detect_labels", labels_answer("Dog"), LABELS_REQUEST)
    handler(EVENT, None)
    assert spent() == 1_000, "the photo was no document"


@pytest.mark.usefixtures("budget_of_two_photos")
def test_a_failure_gives_back_what_was_set_aside(rekognition: Stubber) -> None:
    rekognition.add_client_error("detect_labels", "ThrottlingException", "no", 400)
    with pytest.raises(ServiceThrottled):
        handler(EVENT, None)
    assert spent() == 0


@pytest.mark.usefixtures("budget_of_two_photos")
def test_moderation_counts_and_is_never_paused(
    monkeypatch: pytest.MonkeyPatch, rekognition: Stubber, marks: Callable[[], list[bool]]
) -> None:
    answer = {"ModerationLabels": [], "ModerationModelVersion": "7.0"}
    for _ in range(4):
        rekognition.add_response("detect_moderation_labels", answer, MODERATION_REQUEST)
        assert look(LOOK)["verdict"]["verdict"] == "passed"
    assert spent() == 4_000


# ------------------------------------------------------------------------------------- errors

EXPECTED: dict[str, type[Exception]] = {
    "AccessDeniedException": AccessDenied,
    "ThrottlingException": ServiceThrottled,
    "ProvisionedThroughputExceededException": ServiceThrottled,
    "LimitExceededException": ServiceThrottled,
    "InternalServerError": ServiceUnavailable,
    "ResourceNotReadyException": RequestRefused,
    "HumanLoopQuotaExceededException": RequestRefused,
    "ResourceNotFoundException": RequestRefused,
    "ServiceQuotaExceededException": RequestRefused,
    "InvalidParameterException": RequestRefused,
    "InvalidS3ObjectException": RequestRefused,
    "InvalidImageFormatException": RequestRefused,
    "ImageTooLargeException": RequestRefused,
    "UnsupportedDocumentException": RequestRefused,
    "DocumentTooLargeException": RequestRefused,
    "BadDocumentException": RequestRefused,
}
"""What each error that the API documents is to the workflow."""

OPERATIONS: dict[str, tuple[str, Callable[[], Any]]] = {
    "DetectLabels": ("rekognition", lambda: vision.detect_labels(STORED, ["GENERAL_LABELS"], 5, 50)),
    "DetectModerationLabels": (
        "rekognition",
        lambda: vision.detect_moderation_labels(STORED, 50),
    ),
    "DetectText": ("rekognition", lambda: vision.detect_text(STORED)),
    "IndexFaces": ("rekognition", lambda: vision.index_faces(STORED, "c", "x")),
    "CreateCollection": ("rekognition", lambda: vision.index_faces(STORED, "c", "x")),
    "DeleteFaces": ("rekognition", lambda: vision.delete_faces("c", [uuid_of("a")])),
    "DetectDocumentText": ("textract", lambda: vision.detect_document_text(STORED)),
}
MENDED = {
    ("IndexFaces", "ResourceNotFoundException"),
    ("DeleteFaces", "ResourceNotFoundException"),
    ("CreateCollection", "ResourceAlreadyExistsException"),
}
"""Errors that are no failure: each has a test above."""


def documented() -> list[tuple[str, str]]:
    """Return each operation with each error that botocore's model of its API has, and LimitExceeded."""
    found = []
    for operation, (service, _) in OPERATIONS.items():
        model = boto3.client(service, region_name="eu-west-1").meta.service_model.operation_model(operation)
        codes = {shape.name for shape in model.error_shapes} | {"LimitExceededException"}
        found += [(operation, code) for code in sorted(codes) if (operation, code) not in MENDED]
    return found


@pytest.mark.parametrize(("operation", "code"), documented())
def test_each_documented_error_has_its_name_in_the_workflow(
    rekognition: Stubber, textract: Stubber, operation: str, code: str
) -> None:
    service, call = OPERATIONS[operation]
    stub = {"rekognition": rekognition, "textract": textract}[service]
    if operation == "CreateCollection":
        stub.add_client_error("index_faces", "ResourceNotFoundException", "no", 400)
    method = "".join(f"_{c.lower()}" if c.isupper() else c for c in operation).lstrip("_")
    stub.add_client_error(method, code, "no", 500 if code == "InternalServerError" else 400)
    with pytest.raises(EXPECTED[code], match="no"):
        call()


def test_faces_of_a_collection_that_is_gone_need_no_deleting(rekognition: Stubber) -> None:
    rekognition.add_client_error("delete_faces", "ResourceNotFoundException", "no", 400)
    vision.delete_faces("c", [uuid_of("a")])


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("READ_TEXT", "sometimes"),
        ("LABELS", "yes"),
        ("FACES", "true"),
        ("SCENE_TEXT", "1"),
        ("IMAGE_PROPERTIES", "ON"),
        ("MAX_LABELS", "0"),
        ("MAX_LABELS", "many"),
        ("MIN_LABEL_CONFIDENCE", "101"),
        ("MIN_LABEL_CONFIDENCE", "nan"),
        ("MIN_LABEL_CONFIDENCE", ""),
        ("MIN_MODERATION_CONFIDENCE", "-1"),
        ("MONTHLY_BUDGET", "-0.01"),
        ("MONTHLY_BUDGET", "inf"),
    ],
)
def test_a_setting_out_of_range_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(Misconfigured, match=variable):
        handler(EVENT, None)
