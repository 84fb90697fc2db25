"""The web app: what is published of it, and that it needs nothing from elsewhere."""

import gzip
import re
from pathlib import PurePosixPath
from posixpath import normpath
from typing import Any

import boto3
import pytest

from contract.definitions import REPOSITORY
from safelight_library.library import Library
from safelight_local import web
from unit.stack import library_of_moto

WEB = REPOSITORY / "web"
PAGE = (WEB / "index.html").read_text()


@pytest.fixture
def library(aws: None) -> Library:
    return library_of_moto()


def there() -> dict[str, Any]:
    s3 = boto3.client("s3")
    listed = s3.list_objects_v2(Bucket="web").get("Contents", [])
    return {it["Key"]: s3.get_object(Bucket="web", Key=it["Key"]) for it in listed}


def text_of(stored: Any) -> str:
    """Return a text as a browser reads it."""
    content: bytes = stored["Body"].read()
    assert (stored["ContentEncoding"], content[:2]) == ("gzip", b"\x1f\x8b")
    return gzip.decompress(content).decode()


def test_the_page_names_files_that_are_there_and_that_browsers_keep(library: Library) -> None:
    web.publish(library)
    found = there()
    page = found["index.html"]
    assert (page["ContentType"], page["CacheControl"]) == ("text/html", "no-cache")
    named = re.findall(r'(?:href|src)="/([^"]+\.[a-z]+)"', text_of(page))
    assert len(named) == 3
    types = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
    for name in named:
        assert found[name]["ContentType"] == types[PurePosixPath(name).suffix]
        assert found[name]["CacheControl"].endswith("immutable")


def test_what_is_there_is_not_sent_again_and_an_older_app_goes(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.publish(library)
    before = there()
    monkeypatch.setattr(library.s3, "put_object", None)
    web.publish(library)
    monkeypatch.undo()
    boto3.client("s3").put_object(Bucket="web", Key="0123456789abcdef/app.js", Body=b"old")
    web.publish(library)
    assert set(there()) == set(before)


def test_what_a_page_needs_at_once_is_one_module_and_others_are_fetched_later() -> None:
    files = {name: content.decode() for name, content in web.built().items() if name.endswith(".js")}
    assert not re.search(r"^import\b", files["app.js"], re.MULTILINE)
    later = set()
    for name, content in files.items():
        for wanted in re.findall(
            r"""(?:^import [^'"\n]*|\bimport\()['"]([^'"\n]+)['"]""", content, re.MULTILINE
        ):
            later.add(normpath(PurePosixPath(name).parent / wanted))
    assert later == set(files), "each module is imported by another, and each that is imported is there"
    assert len(files["later/hls.min.js"]) > len(files["app.js"]), (
        "only who opens a film fetches what plays it"
    )
    assert {"PhotoSwipe", "leaflet"} & set(re.findall(r"PhotoSwipe|leaflet", files["app.js"])) == set()


def test_style_sheets_are_one_and_name_nothing() -> None:
    look = web.built()["look/library.css"].decode()
    assert ".pswp__img" in look
    assert ".tile" in look
    assert "@import" not in look
    assert not re.search(r"url\((?!['\"]?data:)", look)


def test_nothing_of_the_app_runs_inline_or_comes_from_elsewhere() -> None:
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", PAGE)
    for file in WEB.rglob("*"):
        if file.suffix in {".js", ".css", ".html"}:
            text = file.read_text()
            assert not re.search(r"https?://(?!www\.w3\.org/)", text), file
            assert not re.search(r"innerHTML|unsafeHTML|document\.write|\beval\(", text), file
            assert " style=" not in text, f"{file}: the content security policy refuses style attributes"
