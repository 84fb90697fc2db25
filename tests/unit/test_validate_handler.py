"""The validate function as the workflow calls it."""

import hashlib
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

import images
from clamd import daemon
from contract.definitions import resources
from safelight import presets
from safelight.contracts import Original
from safelight.errors import (
    EmptyFile,
    FileTooLarge,
    MalwareFound,
    Misconfigured,
    OriginalMissing,
    ServiceUnavailable,
    TooManyPixels,
)
from validate import plan as planning
from validate.handler import Event, handler

KEY = "trip/größe 100% + x.jpg"


@pytest.fixture(autouse=True)
def _settings(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    boto3.client("s3").create_bucket(
        Bucket="originals", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    limits = {"MAX_FILE_MEGABYTES": "1", "MAX_MEGAPIXELS": "1", "MAX_FILM_MINUTES": "1"}
    scanners = {"SCANNER_SOCKET": "off", "MALWARE_PROTECTION": "off"}
    for name, value in {"PRESET": "gallery", **scanners, **limits}.items():
        monkeypatch.setenv(name, value)


def original(body: bytes) -> Original:
    boto3.client("s3").put_object(Bucket="originals", Key=KEY, Body=body)
    return {"bucket": "originals", "key": KEY, "size": len(body), "version_id": None}


def asked(data: bytes) -> Event:
    return {"original": original(data), "version": "v", "execution": "arn:one"}


def test_it_describes_the_photo_and_plans_the_gallery() -> None:
    data = images.oriented("HEIF", 6)
    answer = handler({"original": original(data), "version": "v", "execution": "arn:one"}, None)
    assert answer["photo"] == {
        "format": "HEIC",
        "media_type": "image/heic",
        "width": 320,
        "height": 200,
        "bytes": len(data),
        "crc32": f"{zlib.crc32(data):08x}",
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    assert [(r["name"], r["width"], r["height"], r["placeholder"]) for r in answer["renditions"]] == [
        ("thumbnail", 400, 400, True),
        ("small", 800, 600, False),
        ("medium", 2000, 2000, False),
        ("large", 4000, 4000, False),
    ]
    assert {r["quality"] for r in answer["renditions"]} == {85}
    folders = {plan["key"].rpartition("/")[0] for plan in answer["renditions"]}
    assert len(folders) == 1
    assert re.fullmatch(rf"renditions/{re.escape(KEY)}/[\w-]{{22}}", folders.pop())
    assert answer["tagged_rendition"] == answer["renditions"][2]["key"]
    assert answer["master"] == {"key": "masters/one", "width": 320, "height": 200, "color": "srgb"}
    assert answer["version"].startswith("safelight ") and "libvips " in answer["version"]


def test_a_small_jpeg_is_rendered_from_the_original() -> None:
    answer = handler(
        {"original": original(images.plain("jpeg")), "version": "v", "execution": "arn:one"}, None
    )
    assert answer["master"] is None


@pytest.mark.parametrize(("size", "error"), [(0, EmptyFile), (1_000_001, FileTooLarge)])
def test_a_hopeless_size_is_refused_before_anything_is_read(size: int, error: type[Exception]) -> None:
    absent: Original = {"bucket": "originals", "key": "absent.jpg", "size": size, "version_id": None}
    with pytest.raises(error, match=r"absent\.jpg"):
        handler({"original": absent, "version": "v", "execution": "arn:one"}, None)
    absent["size"] = 1_000_000
    with pytest.raises(OriginalMissing):
        handler({"original": absent, "version": "v", "execution": "arn:one"}, None)


def test_the_limit_of_pixels_comes_from_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    event: Event = {"original": original(images.bomb(1001, 1000)), "version": "v", "execution": "arn:one"}
    with pytest.raises(TooManyPixels, match=r"größe 100% \+ x\.jpg"):
        handler(event, None)
    monkeypatch.setenv("MAX_MEGAPIXELS", "2")
    assert handler(event, None)["photo"]["width"] == 1001


def test_an_unknown_preset_names_the_known_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESET", "poster")
    with pytest.raises(Misconfigured, match=r"no preset 'poster'; there is archive-4k, gallery, web\."):
        handler(asked(images.plain("jpeg")), None)


@pytest.fixture
def presets_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file of presets of the test's own."""
    file = tmp_path / "presets.toml"
    monkeypatch.setattr(presets, "load", lambda: presets.read(file))
    planning._presets.cache_clear()
    yield file
    planning._presets.cache_clear()


def test_an_album_gets_the_preset_of_its_prefix(presets_file: Path) -> None:
    shipped = Path(presets.__file__).with_name("presets.toml").read_text()
    presets_file.write_text(shipped + '"trip" = "web"\n')
    answer = handler(
        {"original": original(images.plain("jpeg")), "version": "v", "execution": "arn:one"}, None
    )
    assert {plan["key"].rpartition("/")[2] for plan in answer["renditions"]} == {
        *("square.jpg", "small.jpg", "medium.jpg", "large.jpg", "medium_webp.webp", "large_webp.webp"),
    }
    assert answer["tagged_rendition"].endswith("/large.jpg")


def test_another_version_or_another_preset_has_other_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    def keys_of(version: str) -> set[str]:
        stored = original(images.plain("jpeg"))
        answer = handler({"original": stored, "version": version, "execution": "arn:one"}, None)
        return {plan["key"] for plan in answer["renditions"]}

    first = keys_of("one")
    assert keys_of("one") == first, "a retry writes the same keys"
    assert not first & keys_of("two")
    monkeypatch.setenv("PRESET", "web")
    assert not first & keys_of("one")


def test_a_wrong_file_of_presets_is_told_under_the_name_of_an_error(presets_file: Path) -> None:
    presets_file.write_text("[presets]\n")
    with pytest.raises(Misconfigured, match=r"presets\.toml, it has no preset"):
        handler(asked(images.plain("jpeg")), None)


@pytest.mark.parametrize(
    ("function", "settings"),
    [
        ("ValidateFunction", {"PRESET", "MAX_FILE_MEGABYTES", "MAX_MEGAPIXELS", "MAX_FILM_MINUTES"}),
        ("DevelopFunction", {"RENDITIONS_BUCKET"}),
        ("RenderFunction", {"RENDITIONS_BUCKET", "RENDITIONS_BASE_URL", "MODERATION"}),
    ],
)
def test_the_template_sets_what_the_functions_read(function: str, settings: set[str]) -> None:
    properties = resources("AWS::Serverless::Function")[function]["Properties"]
    assert settings <= set(properties["Environment"]["Variables"])


def test_malware_is_refused_before_anything_looks_into_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with daemon(tmp_path, lambda data: b"stream: Eicar-Signature FOUND\0") as clamd:
        monkeypatch.setenv("SCANNER_SOCKET", clamd)
        with pytest.raises(MalwareFound, match=r"größe 100% \+ x\.jpg holds malware, Eicar-Signature"):
            handler(asked(b"no photo at all"), None)
    (tag,) = boto3.client("s3").get_object_tagging(Bucket="originals", Key=KEY)["TagSet"]
    assert (tag["Key"], tag["Value"]) == ("malware", "found")


def _verdict(verdict: str) -> None:
    tag = {"Key": "GuardDutyMalwareScanStatus", "Value": verdict}
    boto3.client("s3").put_object_tagging(Bucket="originals", Key=KEY, Tagging={"TagSet": [tag]})


def test_guardduty_looks_before_anything_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALWARE_PROTECTION", "on")
    event = asked(images.oriented("JPEG", 1))
    with pytest.raises(ServiceUnavailable, match="has not scanned größe"):
        handler(event, None)
    _verdict("UNSUPPORTED")
    with pytest.raises(Misconfigured, match=r"did not scan .*: UNSUPPORTED"):
        handler(event, None)
    _verdict("NO_THREATS_FOUND")
    assert handler(event, None)["photo"]["format"] == "JPEG"


def test_what_guardduty_found_is_shut_away_and_stays_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALWARE_PROTECTION", "on")
    event = asked(b"no photo at all")
    _verdict("THREATS_FOUND")
    for _ in range(2):
        with pytest.raises(MalwareFound, match="GuardDuty found malware in größe"):
            handler(event, None)
    tags = boto3.client("s3").get_object_tagging(Bucket="originals", Key=KEY)["TagSet"]
    assert {it["Key"]: it["Value"] for it in tags} == {
        "GuardDutyMalwareScanStatus": "THREATS_FOUND",
        "malware": "found",
    }
