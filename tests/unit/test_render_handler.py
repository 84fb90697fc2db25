"""The render function as the workflow calls it."""

import io
import re

import boto3
import pytest
from PIL import Image

import images
from render.handler import handler
from safelight.contracts import Original, Rendition, RenditionPlan
from safelight.errors import Misconfigured, OriginalMissing, TruncatedFile

KEY = "trip/a b.jpg"
PLAN: RenditionPlan = {
    "name": "thumbnail",
    "key": "renditions/trip/a b.jpg/thumbnail.jpg",
    "width": 160,
    "height": 160,
    "quality": 85,
    "fit": "inside",
    "crop": "centre",
    "format": "jpeg",
    "progressive": False,
    "sharpen": 0.0,
    "color": "srgb",
    "background": "#ffffff",
    "metadata": "none",
    "gain_map": False,
    "facts": False,
    "placeholder": True,
}


@pytest.fixture(autouse=True)
def _settings(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for bucket in ("originals", "shelf"):
        boto3.client("s3").create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
    monkeypatch.setenv("RENDITIONS_BUCKET", "shelf")
    monkeypatch.setenv("RENDITIONS_BASE_URL", "https://library.example")
    monkeypatch.setenv("MODERATION", "off")


def original(body: bytes) -> Original:
    boto3.client("s3").put_object(Bucket="originals", Key=KEY, Body=body)
    return {"bucket": "originals", "key": KEY, "size": len(body), "version_id": None}


def rendered(source: Original, *plans: RenditionPlan) -> list[Rendition]:
    event = {"key": "a b.jpg", "execution": "arn:one", "source": source, "renditions": list(plans)}
    return handler(event, None)["renditions"]  # type: ignore[arg-type]


def stored(key: str = PLAN["key"]) -> bytes:
    body: bytes = boto3.client("s3").get_object(Bucket="shelf", Key=key)["Body"].read()
    return body


def test_it_stores_the_rendition_and_tells_where() -> None:
    (answer,) = rendered(original(images.oriented("JPEG", 6)), PLAN)
    placeholder = answer.pop("placeholder")
    assert placeholder.startswith("data:image/webp;base64,")
    version = answer.pop("version")  # type: ignore[misc]
    assert re.fullmatch(r"safelight [\d.]+, libvips [\d.]+, pyjpegli [\d.]+", version)
    assert answer == {
        "name": "thumbnail",
        "key": PLAN["key"],
        "url": "https://library.example/renditions/trip/a%20b.jpg/thumbnail.jpg",
        "width": 160,
        "height": 100,
        "bytes": len(stored()),
        "media_type": "image/jpeg",
    }
    assert boto3.client("s3").head_object(Bucket="shelf", Key=PLAN["key"])["ContentType"] == "image/jpeg"
    images.assert_similar(Image.open(io.BytesIO(stored())), images.picture(160, 100), "handler", most=6)


def test_renditions_that_are_made_together_are_those_that_are_made_alone() -> None:
    source = original(images.plain("jpeg"))
    plans: list[RenditionPlan] = [
        {
            **PLAN,
            "name": name,
            "key": f"renditions/{name}",
            "width": edge,
            "height": edge,
            "placeholder": False,
        }
        for name, edge in (("large", 640), ("small", 90))
    ]
    alone = [each for plan in plans for each in rendered(source, plan)]
    bodies = [stored(plan["key"]) for plan in plans]
    assert rendered(source, *plans) == alone
    assert [stored(plan["key"]) for plan in plans] == bodies
    assert [each["name"] for each in alone] == ["large", "small"]


@pytest.mark.parametrize(("moderation", "marks"), [("off", []), ("on", [{"Key": "held", "Value": "true"}])])
def test_with_moderation_on_a_rendition_is_born_held(
    monkeypatch: pytest.MonkeyPatch, moderation: str, marks: list[dict[str, str]]
) -> None:
    monkeypatch.setenv("MODERATION", moderation)
    rendered(original(images.plain("jpeg")), PLAN)
    found = boto3.client("s3").get_object_tagging(Bucket="shelf", Key=PLAN["key"])
    assert found["TagSet"] == marks


def test_there_is_no_placeholder_unless_the_plan_asks() -> None:
    (answer,) = rendered(original(images.plain("jpeg")), {**PLAN, "placeholder": False})
    assert "placeholder" not in answer


def test_the_facts_are_of_the_whole_photo_before_crop_and_sharpening() -> None:
    source = original(images.plain("jpeg"))
    whole: RenditionPlan = {**PLAN, "facts": True, "width": 320, "height": 320}
    square: RenditionPlan = {**whole, "fit": "cover", "width": 200, "height": 200, "sharpen": 1.0}
    answers = rendered(source, whole, square, PLAN)
    assert answers[1]["width"] == answers[1]["height"]
    facts, of_square = (answer["facts"] for answer in answers[:2])
    assert facts["perceptual_hash"] == of_square["perceptual_hash"]
    assert facts["dominant_color"] == of_square["dominant_color"]
    assert "facts" not in answers[2]


def test_a_repeated_call_writes_the_same_again() -> None:
    source, bodies = original(images.plain("jpeg")), []
    for _ in "12":
        rendered(source, PLAN)
        bodies.append(stored())
    assert bodies[0] == bodies[1]


def test_nothing_is_stored_of_a_truncated_original() -> None:
    with pytest.raises(TruncatedFile, match=r"^a b\.jpg ends"):
        rendered(original(images.plain("jpeg")[:-500]), PLAN)
    assert boto3.client("s3").list_objects_v2(Bucket="shelf")["KeyCount"] == 0


def test_an_original_that_is_gone_is_missing() -> None:
    gone: Original = {"bucket": "originals", "key": "gone.jpg", "size": 5, "version_id": None}
    with pytest.raises(OriginalMissing):
        rendered(gone, PLAN)


def test_a_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RENDITIONS_BUCKET")
    with pytest.raises(Misconfigured, match="RENDITIONS_BUCKET"):
        rendered(original(images.plain("jpeg")), PLAN)
