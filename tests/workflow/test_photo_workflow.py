"""The deployed workflow, from an upload to everything that it leaves behind."""

import base64
import hashlib
import io
import re
import struct
import zlib
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image

from safelight.keys import MAX_KEY_BYTES
from safelight.transactions import Record
from workflow.lab import Lab, Message
from workflow.parameters import MAX_FILE_MEGABYTES, MAX_MEGAPIXELS, is_on

RENDITIONS = {"thumbnail": 400, "small": 800, "medium": 2000, "large": 4000}


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A JPEG of 1200 x 800 pixels that is stored lying on its side, taken in Lisbon."""
    image = Image.radial_gradient("L").resize((800, 1200)).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F], exif[0x0110] = "Safelight", "Test Camera"
    exif.get_ifd(0x8769)[0x9003] = "2024:05:03 10:11:12"
    exif.get_ifd(0x8825).update({1: "N", 2: (38.0, 43.0, 12.0), 3: "W", 4: (9.0, 8.0, 24.0)})
    path = tmp_path_factory.mktemp("photos") / "photo.jpg"
    image.save(path, exif=exif, quality=80)
    return path


def rendition(lab: Lab, record: Record, name: str) -> bytes:
    answer = lab.library.s3.get_object(
        Bucket=lab.library.outputs["RenditionsBucket"], Key=record["renditions"][name]["key"]
    )
    return answer["Body"].read()


def test_an_upload_becomes_a_finished_photo(lab: Lab, photo: Path, pytestconfig: pytest.Config) -> None:
    (record,) = lab.add(("Lisbon 2024/photo.jpg", photo))

    assert record["status"] == "ACTIVE"
    assert (record["photo"]["format"], record["photo"]["width"], record["photo"]["height"]) == (
        "JPEG",
        1200,
        800,
    )
    assert set(record["renditions"]) == set(RENDITIONS)
    for name, box in RENDITIONS.items():
        stored = rendition(lab, record, name)
        described = record["renditions"][name]
        image = Image.open(io.BytesIO(stored))
        assert image.size == (described["width"], described["height"])
        assert max(image.size) <= box
        assert image.width > image.height, "it is upright"
        assert not image.getexif()
        assert described["bytes"] == len(stored)
        assert record[f"{name}_url"] == described["url"]
        assert record[f"{name}_url"].startswith(lab.library.outputs["LibraryUrl"])
        folder = re.escape(quote("/renditions/Lisbon 2024/photo.jpg/"))
        assert re.search(rf"{folder}[\w-]{{22}}/{name}\.jpg$", record[f"{name}_url"])
    assert record["placeholder"].startswith("data:image/")
    assert len(base64.b64decode(record["facts"]["thumbhash"])) >= 18
    assert re.fullmatch("[0-9a-f]{16}", record["facts"]["perceptual_hash"])
    assert re.fullmatch("#[0-9a-f]{6}", record["facts"]["dominant_color"])
    assert record["facts"]["sharpness"] > 0
    assert 0 <= record["facts"]["clipped_shadows"] + record["facts"]["clipped_highlights"] <= 1
    assert record["original"]["etag"] == hashlib.md5(photo.read_bytes()).hexdigest()
    assert record["taken_at"] == "2024-05-03T10:11:12"
    assert record["metadata"]["camera"]["model"] == "Test Camera"
    assert record["metadata"]["gps"]["latitude"] == pytest.approx(38.72)
    assert record["metadata"]["gps"]["longitude"] == pytest.approx(-9.14)
    assert {"labels", "text"} <= set(record["tags"])
    moderate = {"moderate"} if is_on(pytestconfig.getoption("--stack"), "Moderation") else set()
    assert set(record["ledger"]) == {"validate", "render", "metadata", "tag"} | moderate
    assert record["processed_at"] >= record["published_at"] >= record["claimed_at"]

    memory = lab.library.memories_of([record])[record["memory_id"]]
    assert memory["photo_count"] == 1
    assert "3 May 2024" in memory["title"]

    def heard() -> list[Message]:
        said = lab.heard("NotificationsTopic", "photo.jpg")
        return [it for it in said if it.attributes["album"]["Value"] == "Lisbon 2024"]

    (message,) = lab.until(heard, "the photo is announced")
    assert message.attributes["status"]["Value"] == "ACTIVE"
    assert not lab.heard("AlertsTopic", "Lisbon 2024")


def test_with_another_preset_a_photo_gets_its_renditions_and_no_others(lab: Lab, photo: Path) -> None:
    with lab.function_setting("ValidateFunction", "PRESET", "archive-4k"):
        (record,) = lab.add(("archive/photo.jpg", photo))
    assert record["status"] == "ACTIVE"
    assert set(record["renditions"]) == {"uhd"}
    assert {field for field in record if field.endswith("_url")} == {"uhd_url"}
    assert Image.open(io.BytesIO(rendition(lab, record, "uhd"))).size == (1200, 800)
    assert record["placeholder"].startswith("data:image/")
    assert "labels" in record["tags"]


def bomb() -> bytes:
    """Return a PNG that claims 50,000 x 50,000 pixels."""
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def png_with_damaged_pixels() -> bytes:
    """Return a PNG whose chunks are whole, but whose compressed pixels are not."""
    damaged = bytearray(zlib.compress(bytes(range(256)) * 3 * 100))
    damaged[10:200] = b"\xff" * 190
    header = struct.pack(">IIBBBBB", 160, 160, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", bytes(damaged)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def test_bad_input_is_rejected_with_its_reason_and_announced(lab: Lab, photo: Path, tmp_path: Path) -> None:
    whole = photo.read_bytes()
    cases = {
        "UnsupportedFormat": ("notes.pdf", b"%PDF-1.7\n" + b"x" * 500),
        "EmptyFile": ("nothing.jpg", b""),
        "FileTooLarge": ("huge.jpg", whole + bytes(MAX_FILE_MEGABYTES * 1_000_000)),
        "TooManyPixels": ("bomb.png", bomb()),
        "TruncatedFile": ("half.jpg", whole[: len(whole) // 2]),
        "CorruptFile": ("damaged.png", png_with_damaged_pixels()),
    }
    uploads = []
    for name, content in cases.values():
        (tmp_path / name).write_bytes(content)
        uploads.append((f"bad/{name}", tmp_path / name))

    records = lab.add(*uploads)

    for (reason, (name, _)), record in zip(cases.items(), records, strict=True):
        assert record["status"] == "REJECTED", record
        assert record["rejection"]["reason"] == reason, record["rejection"]
        assert name in record["rejection"]["message"]
        assert "thumbnail_url" not in record
        (message,) = lab.until(
            lambda name=name: lab.heard("NotificationsTopic", name), f"the rejection of {name} is announced"
        )
        assert message.attributes["status"]["Value"] == "REJECTED"
        assert message.attributes["reason"]["Value"] == reason
        assert lab.states_of(record["execution_arn"])[-1] == "NotifyPhoto"
    assert str(MAX_MEGAPIXELS) in records[3]["rejection"]["message"], "the limit is named"


def test_a_photo_without_an_original_is_rejected(lab: Lab, photo: Path) -> None:
    (record,) = lab.add(("gone/a.jpg", photo))
    event = lab.event(record)
    event["detail"]["object"]["key"] = "gone/never.jpg"

    status, states = lab.run(event)

    assert (status, states[-1]) == ("SUCCEEDED", "NotifyPhoto")
    rejected = lab.record("gone/never.jpg")
    assert rejected is not None
    assert rejected["rejection"]["reason"] == "OriginalMissing"


@pytest.mark.needs("Labels")
def test_throttling_is_mended_by_retry_alone(lab: Lab, photo: Path) -> None:
    def throttles_twice(calls_before: int) -> tuple[int, str] | None:
        return (400, "ThrottlingException") if calls_before < 2 else None

    with lab.rekognition_that(throttles_twice) as statuses:
        (record,) = lab.add(("throttled/a.jpg", photo))

    assert statuses == [400, 400, 200]
    assert record["status"] == "ACTIVE"
    assert lab.states_of(record["execution_arn"]).count("TagPhoto") == 1
    assert not lab.heard("AlertsTopic", "throttled/a.jpg")


@pytest.mark.needs("Labels")
def test_a_failure_is_recorded_announced_and_can_be_replayed(lab: Lab, photo: Path) -> None:
    with lab.rekognition_that(lambda _: (400, "AccessDeniedException")) as statuses:
        (failed,) = lab.add(("failing/a.jpg", photo))

    assert statuses == [400], "what Retry cannot mend is not tried again"
    assert failed["status"] == "FAILED"
    assert failed["failure"]["error"] == "AccessDenied"
    assert failed["failure"]["step"] == "TagPhoto"
    assert failed["failure"]["execution_arn"] == failed["execution_arn"]
    assert failed["thumbnail_url"], "what was published stays"
    (alert,) = lab.until(lambda: lab.heard("AlertsTopic", "failing/a.jpg"), "the failure is announced")
    assert "TagPhoto" in alert.subject
    assert failed["execution_arn"] in alert.text
    assert not lab.heard("NotificationsTopic", "failing/a.jpg")

    status, states = lab.run(lab.event(failed))

    assert (status, states[-1]) == ("SUCCEEDED", "NotifyPhoto")
    mended = lab.record("failing/a.jpg")
    assert mended is not None
    assert mended["status"] == "ACTIVE"
    assert "failure" not in mended


def test_a_missing_permission_fails_at_the_step_that_lacks_it(lab: Lab, photo: Path) -> None:
    with lab.without_policies("RenderFunctionRole"):
        (failed,) = lab.add(("denied/a.jpg", photo))

    assert failed["status"] == "FAILED"
    assert failed["failure"]["error"] == "AccessDenied"
    assert failed["failure"]["step"] in {"RenderRendition", "RenderRenditions"}
    lab.until(lambda: lab.heard("AlertsTopic", "denied/a.jpg"), "the failure is announced")


def test_a_claim_that_failed_is_recorded_and_can_be_made_again(lab: Lab, photo: Path) -> None:
    with lab.without_policies("CatalogFunctionRole"):
        (failed,) = lab.add(("/unclaimed/a.jpg", photo))

    assert (failed["status"], failed["failure"]["step"]) == ("FAILED", "ClaimPhoto")
    assert (failed["album"], failed["filename"]) == ("unfiled", "/unclaimed/a.jpg")
    lab.until(lambda: lab.heard("AlertsTopic", "/unclaimed/a.jpg"), "the failure is announced")

    assert lab.run(lab.event(failed))[1][-1] == "NotifyPhoto"
    mended = lab.record("/unclaimed/a.jpg")
    assert mended is not None
    assert (mended["status"], mended["album"], mended["filename"]) == ("ACTIVE", "/unclaimed", "a.jpg")
    assert "failure" not in mended


def test_an_execution_without_a_photo_fails_and_is_announced(lab: Lab) -> None:
    status, _ = lab.run({"hello": "world"})

    assert status == "FAILED"
    lab.until(lambda: lab.heard("AlertsTopic", "An execution without a photo"), "the failure is announced")


def test_an_event_is_handled_once_and_a_later_upload_wins(lab: Lab, photo: Path, tmp_path: Path) -> None:
    (first,) = lab.add(("again/a.jpg", photo))
    first_event = lab.event(first)

    assert lab.run(first_event) == ("SUCCEEDED", ["ClaimPhoto", "AlreadyHandled"])

    portrait = tmp_path / "a.jpg"
    Image.linear_gradient("L").resize((300, 500)).save(portrait)
    (second,) = lab.add(("again/a.jpg", portrait))
    assert (second["photo"]["width"], second["photo"]["height"]) == (300, 500)
    assert second["execution_arn"] != first["execution_arn"]

    assert lab.run(first_event) == ("SUCCEEDED", ["ClaimPhoto", "AlreadyHandled"]), (
        "an older event comes late"
    )
    assert lab.record("again/a.jpg") == second

    status, states = lab.run({**lab.event(second), "reprocess": True})
    assert (status, states[-1]) == ("SUCCEEDED", "NotifyPhoto")
    again = lab.record("again/a.jpg")
    assert again is not None
    assert again["renditions"] == second["renditions"], "the same photo renders to the same bytes"


def test_any_key_that_s3_accepts_is_processed(lab: Lab, photo: Path, tmp_path: Path) -> None:
    webp = tmp_path / "x.webp"
    Image.open(photo).save(webp)
    longest = "long/" + "é" * ((MAX_KEY_BYTES - 5 - 4) // 2)
    longest += "x" * (MAX_KEY_BYTES - 4 - len(longest.encode())) + ".jpg"
    assert len(longest.encode()) == MAX_KEY_BYTES
    keys = [
        "top.jpg",
        "same stem/photo.jpg",
        "same stem/photo.webp",
        "spaces and + plus/100% & more?#=.jpg",
        "%20 encoded/%E2%82%AC.jpg",
        "ünïcødé/日本の写真 📷.jpg",
        "deep/er/and/deeper/a.jpg",
        "/starts with a slash.jpg",
        longest,
    ]

    records = lab.add(*((key, webp if key.endswith(".webp") else photo) for key in keys))

    assert [record["status"] for record in records] == ["ACTIVE"] * len(keys)
    assert [record["key"] for record in records] == keys
    rendition_keys = {each["key"] for record in records for each in record["renditions"].values()}
    assert len(rendition_keys) == 4 * len(keys), "no two renditions share a key"
    for record in records:
        assert rendition(lab, record, "thumbnail")
    assert records[0]["album"] == "unfiled"
    assert records[6]["album"] == "deep/er/and/deeper"
    assert records[7]["album"] == "unfiled", "an empty folder has no name"
